//! Sessions: a cookie that holds a signed token, and the extractors that say who is asking.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use base64::engine::{Engine, GeneralPurpose};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::api::SessionBody;
use crate::config::{OperatorConfig, SessionConfig};
use crate::error::ApiError;
use crate::id::Id;
use crate::timestamp::Timestamp;

/// The name of the cookie, as cookie-session names it.
const COOKIE_NAME: &str = "session";

/// How long a session lasts from its `iat`, in seconds: seven days.
pub const SESSION_SECONDS: i64 = 7 * 24 * 60 * 60;

/// How far a token's `iat` may lie in the future, in seconds: the clocks of two machines differ.
const CLOCK_SKEW_SECONDS: i64 = 60;

/// Signs and verifies session tokens. Cheap to clone.
#[derive(Clone)]
pub struct Sessions(Arc<Keys>);

struct Keys {
    signing: EncodingKey,
    verifying: Vec<DecodingKey>,
    validation: Validation,
}

/// A session as a cookie carried it.
pub struct Carried {
    /// Whose it is, and since when.
    pub session: SessionBody,
    /// The token, and the place of the key that has signed it, when that is not the first.
    outdated: Option<(String, usize)>,
}

/// What the cookie's value holds, in base64.
#[derive(Serialize, Deserialize)]
struct CookieBody {
    jwt: String,
}

impl Sessions {
    /// The keys of `JWT_KEY`: the first signs, all verify.
    pub fn new(config: &SessionConfig) -> Self {
        let keys: Vec<&[u8]> = config
            .jwt_key
            .expose()
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .map(str::as_bytes)
            .collect();
        let mut validation = Validation::new(Algorithm::HS256);
        // The original's tokens carry no `exp`: the age of `iat` ends a session, see `verify`.
        validation.required_spec_claims.clear();
        Self(Arc::new(Keys {
            signing: EncodingKey::from_secret(keys.first().copied().unwrap_or_default()),
            verifying: keys.into_iter().map(DecodingKey::from_secret).collect(),
            validation,
        }))
    }

    /// The `Set-Cookie` value that begins a session.
    pub fn begin(&self, session: &SessionBody, headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
        self.sign(session, SESSION_SECONDS, headers)
    }

    /// The `Set-Cookie` value that signs a session anew under the first key, when another has signed it: so a session outlives
    /// the key that it began with. Its claims stay as they are, and so does its end.
    pub fn renew(&self, carried: &Carried, headers: &HeaderMap) -> Result<Option<HeaderValue>, ApiError> {
        let Some((jwt, key)) = &carried.outdated else { return Ok(None) };
        let claims = decode::<Map<String, Value>>(jwt, &self.0.verifying[*key], &self.0.validation)
            .map_err(ApiError::internal)?
            .claims;
        let remaining = SESSION_SECONDS.saturating_sub(age(carried.session.iat)).clamp(0, SESSION_SECONDS);
        self.sign(&claims, remaining, headers).map(Some)
    }

    fn sign(&self, claims: &impl Serialize, max_age: i64, headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
        let jwt = encode(&Header::default(), claims, &self.0.signing).map_err(ApiError::internal)?;
        let value = STANDARD.encode(serde_json::to_vec(&CookieBody { jwt }).map_err(ApiError::internal)?);
        // TLS ends at the ingress. Over plain http (localhost) a Secure cookie would never come back.
        let proto = headers.get("x-forwarded-proto");
        let is_https = proto.is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"));
        let secure = if is_https { "; Secure" } else { "" };
        HeaderValue::try_from(format!(
            "{COOKIE_NAME}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}"
        ))
        .map_err(ApiError::internal)
    }

    /// The `Set-Cookie` value that ends a session, in the original's form.
    pub fn end() -> HeaderValue {
        HeaderValue::from_static("session=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly")
    }

    /// Whose session the cookies carry. Anything invalid means nobody.
    pub fn current(&self, headers: &HeaderMap) -> Option<SessionBody> {
        self.carried(headers).map(|carried| carried.session)
    }

    /// The session that the cookies carry, in a form that can be [renewed](Self::renew).
    pub fn carried(&self, headers: &HeaderMap) -> Option<Carried> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(name, _)| *name == COOKIE_NAME)
            .find_map(|(_, value)| self.verify(value))
    }

    fn verify(&self, cookie: &str) -> Option<Carried> {
        let CookieBody { jwt } = serde_json::from_slice(&decode_base64(cookie)?).ok()?;
        let (key, session) = self.0.verifying.iter().enumerate().find_map(|(key, verifying)| {
            Some((key, decode::<SessionBody>(&jwt, verifying, &self.0.validation).ok()?.claims))
        })?;
        let is_over = !(-CLOCK_SKEW_SECONDS..SESSION_SECONDS).contains(&age(session.iat));
        (!is_over).then_some(Carried { session, outdated: (key > 0).then_some((jwt, key)) })
    }
}

/// In seconds, negative when it lies in the future.
fn age(issued_at: i64) -> i64 {
    (Timestamp::now().millis() / 1000).saturating_sub(issued_at)
}

/// Standard base64 as cookie-session writes it; browsers and proxies may have dropped the padding.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const ACCEPTED: [&GeneralPurpose; 3] = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE];
    ACCEPTED.iter().find_map(|engine| engine.decode(text.trim_matches('"')).ok())
}

/// Who is asking; 401 when nobody is signed in. `Option<CurrentUser>` where that is no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser(pub SessionBody);

impl<S: Send + Sync> FromRequestParts<S> for CurrentUser
where
    Sessions: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Sessions::from_ref(state).current(&parts.headers).map(Self).ok_or(ApiError::NotAuthorized)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for CurrentUser
where
    Sessions: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(Sessions::from_ref(state).current(&parts.headers).map(Self))
    }
}

/// The users who run the platform. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Operators(Arc<BTreeSet<Id>>);

impl Operators {
    /// Those of `ADMIN_IDS`.
    pub fn new(config: &OperatorConfig) -> Self {
        Self(Arc::new(config.admin_ids.0.iter().copied().collect()))
    }

    /// Whether this user is one of them.
    pub fn contains(&self, user: Id) -> bool {
        self.0.contains(&user)
    }
}

/// An operator who is signed in. For everybody else, signed in or not, there is no such resource: 404.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator(pub SessionBody);

impl<S: Send + Sync> FromRequestParts<S> for Operator
where
    Sessions: FromRef<S>,
    Operators: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let session = Sessions::from_ref(state).current(&parts.headers);
        session.filter(|session| Operators::from_ref(state).contains(session.id)).map(Self).ok_or(ApiError::NotFound)
    }
}
