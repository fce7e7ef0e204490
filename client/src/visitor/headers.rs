//! Which headers of a request are sent to the services, and which of their answers to the browser.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use common::caller::{Caller, FORWARDED_FOR, FORWARDED_PROTO};
use common::cookies::cookies;

/// The address of this site as the browser sees it. A name that is none is left out.
pub fn origin(request: &Parts, caller: Caller) -> String {
    let header = |name: HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if caller.is_https { "https" } else { "http" };
    let host = header(header::HOST).or_else(|| request.uri.authority().map(|authority| authority.as_str()));
    let is_name = |host: &&str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    format!("{scheme}://{}", host.filter(is_name).unwrap_or("localhost"))
}

/// What a service is told of the browser. To it the client is a proxy, which says whom it speaks for.
pub fn forwarded(request: &Parts, caller: Caller) -> HeaderMap {
    let mut forwarded = HeaderMap::new();
    for cookies in request.headers.get_all(header::COOKIE) {
        forwarded.append(header::COOKIE, cookies.clone());
    }
    if let Ok(address) = HeaderValue::try_from(caller.address.to_string()) {
        forwarded.insert(FORWARDED_FOR, address);
    }
    let proto = HeaderValue::from_static(if caller.is_https { "https" } else { "http" });
    forwarded.insert(FORWARDED_PROTO, proto);
    forwarded
}

/// Whether a request carries a session, which may be over.
pub fn has_session_cookie(headers: &HeaderMap) -> bool {
    cookies(headers).any(|(name, value)| ["session", "__Host-session"].contains(&name) && !value.is_empty())
}

/// Whether an answer begins, renews or ends a session.
pub fn sets_session(answer: &HeaderMap) -> bool {
    answer.get_all(header::SET_COOKIE).iter().any(|cookie| cookie.as_bytes().starts_with(b"session="))
}

/// The cookies of an answer that begin, renew or end a session, for the visitor's browser.
pub fn set_cookies(answer: &HeaderMap) -> HeaderMap {
    answer.get_all(header::SET_COOKIE).iter().map(|cookie| (header::SET_COOKIE, cookie.clone())).collect()
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;
    use axum::http::header::COOKIE;
    use axum::http::{HeaderMap, HeaderValue};
    use common::caller::Caller;

    use super::{forwarded, has_session_cookie};

    #[test]
    fn services_see_cookies_address_and_scheme_and_nothing_else_of_the_browser() {
        let caller = Caller { address: "192.0.2.1".parse().unwrap(), is_https: true };
        let mut request = Request::new(());
        for (name, value) in [
            ("cookie", "session=a; theme=dark"),
            ("cookie", "b=c"),
            ("x-forwarded-for", "6.6.6.6, 192.0.2.1"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", "evil.example"),
            ("authorization", "Basic YTpi"),
            ("host", "ticketing.dev"),
            ("user-agent", "Browser/1"),
        ] {
            request.headers_mut().append(name, HeaderValue::from_static(value));
        }
        let forwarded = forwarded(&request.into_parts().0, caller);
        let seen: Vec<_> = forwarded.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let cookies: [(&str, &[u8]); 2] = [("cookie", b"session=a; theme=dark"), ("cookie", b"b=c")];
        assert_eq!(seen, [cookies[0], cookies[1], ("x-forwarded-for", b"192.0.2.1"), ("x-forwarded-proto", b"https")]);
    }

    #[test]
    fn only_a_session_cookie_is_worth_asking_about() {
        let carries =
            |cookies| has_session_cookie(&HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookies))]));
        assert!(carries("session=a") && carries("theme=dark; session=a") && carries("__Host-session=a"));
        assert!(!carries("") && !carries("session=") && !carries("my-session=a") && !carries("theme=session=a"));
        assert!(!has_session_cookie(&HeaderMap::new()));
    }
}
