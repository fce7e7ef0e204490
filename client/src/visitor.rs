//! Who asks for a page, and how much of that the services get to see.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use common::api::SessionBody;
use common::id::Id;
use tokio::sync::OnceCell;

use crate::api::SetCookies;
use crate::failure::Failure;
use crate::next::Next;
use crate::pages::trouble;
use crate::state::Client;

/// A browser and its session. Cheap to clone.
#[derive(Clone)]
pub struct Visitor(Arc<Inner>);

struct Inner {
    relayed: HeaderMap,
    here: Next,
    recognised: OnceCell<Recognised>,
}

/// What the auth service says of a session.
struct Recognised {
    session: Session,
    cookies: SetCookies,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// Nobody.
    Nobody,
    /// This account.
    SignedIn(SessionBody),
    /// The auth service is away. The others read sessions without it, so most pages go on.
    Unknown,
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Visitor {
    fn of(request: &Parts) -> Self {
        let mut relayed = HeaderMap::new();
        for name in [header::COOKIE, FORWARDED_FOR, FORWARDED_PROTO] {
            for value in request.headers.get_all(&name) {
                relayed.append(&name, value.clone());
            }
        }
        if let Some(ConnectInfo(peer)) = request.extensions.get::<ConnectInfo<SocketAddr>>()
            && let Ok(address) = HeaderValue::try_from(peer.ip().to_canonical().to_string())
        {
            relayed.entry(FORWARDED_FOR).or_insert(address);
        }
        let here = request.uri.path_and_query().map_or_else(Next::default, |path| Next::parse(path.as_str()));
        Self(Arc::new(Inner { relayed, here, recognised: OnceCell::new() }))
    }

    /// The headers for the services: the cookies, and the address and scheme that the ingress saw.
    pub fn relayed(&self) -> &HeaderMap {
        &self.0.relayed
    }

    /// The path and query that was asked for.
    pub fn here(&self) -> &Next {
        &self.0.here
    }

    /// Who is signed in, once [`Visitor::recognise`] has asked.
    pub fn session(&self) -> &Session {
        self.0.recognised.get().map_or(&Session::Unknown, |recognised| &recognised.session)
    }

    /// Whether this is the visitor's own account.
    pub fn is(&self, account: Id) -> bool {
        matches!(self.session(), Session::SignedIn(session) if session.id == account)
    }

    /// Asks the auth service whose session it is, at most once, and not at all without a session cookie.
    async fn recognise(&self, client: &Client) {
        let ask = async || {
            let without_cookies = |session| Recognised { session, cookies: SetCookies::default() };
            if !carries_session(&self.0.relayed) {
                return without_cookies(Session::Nobody);
            }
            match client.auth.current_user(self).await {
                Ok((Some(session), cookies)) => Recognised { session: Session::SignedIn(session), cookies },
                Ok((None, _)) => without_cookies(Session::Nobody),
                Err(_) => without_cookies(Session::Unknown),
            }
        };
        self.0.recognised.get_or_init(ask).await;
    }

    /// Hands the browser the cookies by which its session goes on, unless the answer itself begins or ends one.
    fn carry_on(&self, mut answer: Response) -> Response {
        let headers = answer.headers_mut();
        if let Some(recognised) = self.0.recognised.get()
            && !headers.contains_key(header::SET_COOKIE)
        {
            headers.extend(recognised.cookies.0.iter().map(|cookie| (header::SET_COOKIE, cookie.clone())));
        }
        answer
    }
}

fn carries_session(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .any(|cookie| cookie.trim().strip_prefix("session=").is_some_and(|value| !value.is_empty()))
}

/// Makes the visitor known to the handler, and the page for the handler's failure.
///
/// Forms of other sites end here. The browser sends the session with none of their posts anyway (SameSite=Lax); those
/// without a session are signing in and up, where another site could put a visitor into an account of its own.
pub async fn introduce(State(client): State<Client>, request: Request, next: middleware::Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::of(&parts);
    let is_cross_site = parts.headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site");
    let response = if parts.method == Method::POST && is_cross_site {
        Failure::CrossSite.into_response()
    } else {
        parts.extensions.insert(visitor.clone());
        next.run(Request::from_parts(parts, body)).await
    };
    let answer = match response.extensions().get::<Failure>() {
        None => response,
        Some(failure) => {
            visitor.recognise(&client).await;
            trouble::answer(&visitor, failure)
        }
    };
    visitor.carry_on(answer)
}

impl FromRequestParts<Client> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, client: &Client) -> Result<Self, Infallible> {
        let visitor = parts.extensions.get::<Self>().cloned();
        let visitor = visitor.unwrap_or_else(|| Self::of(parts));
        visitor.recognise(client).await;
        Ok(visitor)
    }
}

/// A visitor with a session; nobody is sent to the sign-in page and comes back from there.
///
/// While the auth service is away nobody can tell, and the other services decide by themselves.
pub struct SignedIn(pub Visitor);

impl FromRequestParts<Client> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, client: &Client) -> Result<Self, Failure> {
        let Ok(visitor) = Visitor::from_request_parts(parts, client).await;
        if *visitor.session() == Session::Nobody { Err(Failure::NotAuthorized) } else { Ok(Self(visitor)) }
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;
    use axum::http::header::COOKIE;
    use axum::http::{HeaderMap, HeaderValue, Uri};

    use super::{Visitor, carries_session};

    #[test]
    fn services_see_cookies_address_and_scheme_and_nothing_else_of_the_browser() {
        let mut request = Request::new(());
        *request.uri_mut() = Uri::from_static("/orders?after=1");
        for (name, value) in [
            ("cookie", "session=a; theme=dark"),
            ("cookie", "b=c"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("authorization", "Basic YTpi"),
            ("host", "ticketing.dev"),
            ("user-agent", "Browser/1"),
        ] {
            request.headers_mut().append(name, HeaderValue::from_static(value));
        }
        let visitor = Visitor::of(&request.into_parts().0);
        let seen: Vec<_> = visitor.relayed().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let cookies: [(&str, &[u8]); 2] = [("cookie", b"session=a; theme=dark"), ("cookie", b"b=c")];
        assert_eq!(seen, [cookies[0], cookies[1], ("x-forwarded-for", b"192.0.2.1"), ("x-forwarded-proto", b"https")]);
        assert_eq!(visitor.here().as_str(), "/orders?after=1");
    }

    #[test]
    fn only_a_session_cookie_is_worth_asking_about() {
        let carries = |cookies| carries_session(&HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookies))]));
        assert!(carries("session=a") && carries("theme=dark; session=a"));
        assert!(!carries("") && !carries("session=") && !carries("my-session=a") && !carries("theme=session=a"));
        assert!(!carries_session(&HeaderMap::new()));
    }
}
