//! Sessions: a cookie that holds a signed token, and the extractors that say who is asking.

mod ended;
mod operators;

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{InvalidHeaderValue, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::AppendHeaders;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use base64::engine::{Engine, GeneralPurpose};
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use moka::sync::Cache;
use mongodb::Database;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use ended::{Ended, session_ended, user_deleted};
pub use operators::{Operator, Operators};

use crate::api::SessionBody;
use crate::caller::{Caller, Network};
use crate::config::SessionConfig;
use crate::cookies::cookies;
use crate::error::{ApiError, StartError};
use crate::id::Id;
use crate::limits;
use crate::timestamp::Timestamp;

/// The name of the cookie, as cookie-session names it.
const COOKIE_NAME: &str = "session";

/// The same cookie under a name that browsers take only over https and from this very host: another host of the domain cannot put
/// its own in its place. It comes beside the other, and counts first.
const HOST_COOKIE_NAME: &str = "__Host-session";

/// How long a session lasts from its `iat`, in seconds: seven days.
pub const SESSION_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Long enough for any two networks to differ.
const PSEUDONYM_LENGTH: usize = 16;

/// Cookies that are known to be signed, at most: some megabytes.
const MOST_VERIFIED: u64 = 10_000;

/// How far a token's `iat` may lie in the future, in seconds: the clocks of two machines differ.
const CLOCK_SKEW_SECONDS: i64 = 60;

/// Signs and verifies session tokens. Cheap to clone.
#[derive(Clone)]
pub struct Sessions(Arc<Keys>);

struct Keys {
    signing: EncodingKey,
    verifying: Vec<DecodingKey>,
    validation: Validation,
    /// Cookies whose signature was found to be right: a browser sends the same with every request.
    verified: Cache<Box<str>, Carried>,
    ended: Ended,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose it is, and since when.
    #[serde(flatten)]
    pub session: SessionBody,
    /// The session, by which it is ended. Tokens of the original and of earlier versions have none.
    #[serde(rename = "sid", default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Id>,
}

/// What is read of a token.
#[derive(Deserialize)]
struct Signed {
    #[serde(flatten)]
    claims: Claims,
    /// When it ends by its own account, which decoding has checked.
    exp: Option<IgnoredAny>,
}

/// The `Set-Cookie` headers of an answer.
pub type SetCookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

/// A session as a cookie carried it. As an extractor: 401 when there is none.
#[derive(Clone)]
pub struct Carried {
    /// What its token says.
    pub claims: Claims,
    /// The token, and the place of the key that has signed it, when that is not the first.
    outdated: Option<(String, usize)>,
}

/// What the cookie's value holds, in base64.
#[derive(Serialize, Deserialize)]
struct CookieBody {
    jwt: String,
}

impl Sessions {
    /// The keys of `JWT_KEY`: the first signs, all verify. A session that has ended is nobody's.
    pub fn new(config: &SessionConfig, ended: Ended) -> Self {
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
            verified: Cache::new(MOST_VERIFIED),
            ended,
        }))
    }

    /// The keys of `JWT_KEY`, and the ended sessions that this database has.
    pub async fn open(config: &SessionConfig, database: &Database) -> Result<Self, StartError> {
        Ok(Self::new(config, Ended::open(database).await?))
    }

    /// The sessions that have ended.
    pub fn ended(&self) -> &Ended {
        &self.0.ended
    }

    /// Names the key that signs, and does not tell it.
    ///
    /// # Errors
    /// When it cannot sign.
    pub fn signing_key_name(&self) -> Result<String, ApiError> {
        let jwt = encode(&Header::default(), &Map::new(), &self.0.signing).map_err(ApiError::internal)?;
        Ok(jwt.rsplit('.').next().unwrap_or_default().to_owned())
    }

    /// A name for the network of a caller that only tells whether two are the same: a hash under the key that signs.
    pub fn pseudonym(&self, network: Network) -> String {
        let hash = sign(network.to_string().as_bytes(), &self.0.signing, Algorithm::HS256).unwrap_or_default();
        hash.chars().take(PSEUDONYM_LENGTH).collect()
    }

    /// The cookies that begin a session.
    pub fn begin(&self, claims: &Claims, caller: Caller) -> Result<SetCookies, ApiError> {
        self.sign(claims, SESSION_SECONDS, caller)
    }

    /// The cookies that sign a session anew under the first key, when another has signed it: so a session outlives the key that it
    /// began with. Its claims stay as they are, and so does its end. One that began after the other key was retired is left
    /// alone: whoever signed it may have found that key.
    pub fn renew(&self, carried: &Carried, retired: Timestamp, caller: Caller) -> Result<Option<SetCookies>, ApiError> {
        let Some((jwt, key)) = &carried.outdated else { return Ok(None) };
        if carried.claims.session.iat.saturating_mul(1000) > retired.millis() {
            return Ok(None);
        }
        let claims = decode::<Map<String, Value>>(jwt, &self.0.verifying[*key], &self.0.validation)
            .map_err(ApiError::internal)?
            .claims;
        let remaining = SESSION_SECONDS.saturating_sub(age(carried.claims.session.iat)).clamp(0, SESSION_SECONDS);
        self.sign(&claims, remaining, caller).map(Some)
    }

    fn sign(&self, claims: &impl Serialize, max_age: i64, caller: Caller) -> Result<SetCookies, ApiError> {
        let jwt = encode(&Header::default(), claims, &self.0.signing).map_err(ApiError::internal)?;
        let value = STANDARD.encode(serde_json::to_vec(&CookieBody { jwt }).map_err(ApiError::internal)?);
        // Over plain http (localhost) a Secure cookie would never come back.
        let attributes = format!("Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax");
        let cookies = match caller.is_https {
            true => vec![
                format!("{COOKIE_NAME}={value}; {attributes}; Secure"),
                format!("{HOST_COOKIE_NAME}={value}; {attributes}; Secure"),
            ],
            false => vec![format!("{COOKIE_NAME}={value}; {attributes}")],
        };
        let cookies = cookies.into_iter().map(|cookie| Ok((SET_COOKIE, HeaderValue::try_from(cookie)?)));
        cookies
            .collect::<Result<_, _>>()
            .map(AppendHeaders)
            .map_err(|error: InvalidHeaderValue| ApiError::internal(error))
    }

    /// The cookies that end a session in the browser, the first in the original's form.
    pub fn clear() -> SetCookies {
        const CLEARED: [&str; 2] = [
            "session=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly",
            "__Host-session=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; secure",
        ];
        AppendHeaders(CLEARED.map(|cookie| (SET_COOKIE, HeaderValue::from_static(cookie))).to_vec())
    }

    /// Whose session the cookies carry. Anything invalid means nobody.
    pub fn current(&self, headers: &HeaderMap) -> Option<SessionBody> {
        self.carried(headers).map(|carried| carried.claims.session)
    }

    /// The session that the cookies carry, in a form that can be [renewed](Self::renew).
    pub fn carried(&self, headers: &HeaderMap) -> Option<Carried> {
        [HOST_COOKIE_NAME, COOKIE_NAME].into_iter().find_map(|wanted| {
            cookies(headers).filter(|(name, _)| *name == wanted).find_map(|(_, value)| self.verify(value))
        })
    }

    fn verify(&self, cookie: &str) -> Option<Carried> {
        let carried = self.0.verified.get(cookie).or_else(|| self.signed(cookie))?;
        let is_over = !(-CLOCK_SKEW_SECONDS..SESSION_SECONDS).contains(&age(carried.claims.session.iat))
            || self.0.ended.contains(&carried.claims);
        (!is_over).then_some(carried)
    }

    /// What a cookie says, if one of the keys has signed it. It may be over.
    fn signed(&self, cookie: &str) -> Option<Carried> {
        let CookieBody { jwt } = serde_json::from_slice(&decode_base64(cookie)?).ok()?;
        let (key, signed) = self.0.verifying.iter().enumerate().find_map(|(key, verifying)| {
            Some((key, decode::<Signed>(&jwt, verifying, &self.0.validation).ok()?.claims))
        })?;
        let carried = Carried { claims: signed.claims, outdated: (key > 0).then_some((jwt, key)) };
        // One with an end of its own has to be asked for it each time.
        if signed.exp.is_none() {
            self.0.verified.insert(cookie.into(), carried.clone());
        }
        Some(carried)
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

impl<S: Send + Sync> FromRequestParts<S> for Carried
where
    Sessions: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let carried = Sessions::from_ref(state).carried(&parts.headers).ok_or(ApiError::NotAuthorized)?;
        limits::count_account(parts, carried.claims.session.id)?;
        Ok(carried)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Carried
where
    Sessions: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(Sessions::from_ref(state).carried(&parts.headers))
    }
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
        <Carried as FromRequestParts<S>>::from_request_parts(parts, state).await.map(|it| Self(it.claims.session))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for CurrentUser
where
    Sessions: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(Sessions::from_ref(state).current(&parts.headers).map(Self))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::{Ended, Sessions, encode};
    use crate::config::SessionConfig;
    use crate::id::Id;
    use crate::timestamp::Timestamp;

    #[test]
    fn a_cookie_is_remembered_unless_its_token_has_an_end_of_its_own() {
        let config = SessionConfig { jwt_key: "a key of more than thirty-two bytes".parse().unwrap() };
        let sessions = Sessions::new(&config, Ended::default());
        let now = Timestamp::now().millis() / 1000;
        let mut claims = json!({"id": Id::generate(), "email": "ann@example.com", "iat": now});
        for is_remembered in [true, false] {
            let jwt = encode(&Default::default(), &claims, &sessions.0.signing).unwrap();
            let cookie = STANDARD.encode(json!({"jwt": jwt}).to_string());
            assert!(sessions.verify(&cookie).is_some() && sessions.verify(&cookie).is_some());
            assert_eq!(sessions.0.verified.contains_key(cookie.as_str()), is_remembered, "{claims}");
            claims["exp"] = json!(now + 600);
        }
    }
}
