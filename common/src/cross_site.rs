//! Which requests a browser was made to send by a page of another site. Such a page does not see the answer, but what was done is done.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method};

use crate::caller::Caller;

/// Where a browser says that a request was made. No script can write it.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request with this method changes nothing.
pub fn only_reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a request that changes something comes from a page of another site. A browser says where the request was made, or an older
/// one at least the page's origin; whoever says neither is no browser.
pub fn is_from_another_site(method: &Method, headers: &HeaderMap, caller: Caller) -> bool {
    if only_reads(method) {
        return false;
    }
    if headers.contains_key(FETCH_SITE) {
        // A subdomain is another site than ours: it may be somebody else's.
        return headers.get_all(FETCH_SITE).iter().any(|site| site != "same-origin" && site != "none");
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    headers.get_all(ORIGIN).iter().any(|origin| !origin.to_str().is_ok_and(|origin| is_ours(origin, host, caller)))
}

/// Whether an origin is that of this host. Over http it may also be https: TLS may end at a proxy that does not say so.
fn is_ours(origin: &str, host: &str, caller: Caller) -> bool {
    let (origin, default_port) = match origin.split_once("://") {
        Some(("https", origin)) => (origin, ":443"),
        Some(("http", origin)) if !caller.is_https => (origin, ":80"),
        _ => return false,
    };
    let host = host.strip_suffix(default_port).unwrap_or(host);
    !host.is_empty() && origin.strip_suffix(default_port).unwrap_or(origin).eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

    use super::is_from_another_site;
    use crate::caller::Caller;

    fn is_refused(is_https: bool, headers: &[(&'static str, &'static str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let headers: HeaderMap = headers.collect();
        let caller = Caller { address: Ipv4Addr::LOCALHOST.into(), is_https };
        assert!(!is_from_another_site(&Method::GET, &headers, caller));
        is_from_another_site(&Method::DELETE, &headers, caller)
    }

    #[test]
    fn what_the_browser_says_of_the_request_decides() {
        for (site, refused) in
            [("same-origin", false), ("none", false), ("same-site", true), ("cross-site", true), ("", true)]
        {
            assert_eq!(is_refused(true, &[("sec-fetch-site", site)]), refused, "{site}");
        }
        let ours = [("host", "a.example"), ("origin", "https://a.example"), ("sec-fetch-site", "cross-site")];
        assert!(is_refused(true, &ours));
        let theirs = [("host", "a.example"), ("origin", "https://b.example"), ("sec-fetch-site", "same-origin")];
        assert!(!is_refused(true, &theirs));
    }

    #[test]
    fn an_older_browser_says_whose_page_it_was() {
        for (is_https, host, origin, refused) in [
            (true, "a.example", "https://a.example", false),
            (true, "A.example:443", "https://a.example", false),
            (false, "a.example", "https://a.example", false),
            (false, "localhost:3000", "http://localhost:3000", false),
            (true, "a.example", "http://a.example", true),
            (true, "a.example", "https://b.a.example", true),
            (true, "a.example", "https://a.example:8443", true),
            (false, "localhost:3000", "http://localhost:3001", true),
            (false, "localhost:80", "http://localhost:3001", true),
            (true, "a.example", "null", true),
            (true, "a.example", "", true),
            (true, "", "https://", true),
        ] {
            assert_eq!(is_refused(is_https, &[("host", host), ("origin", origin)]), refused, "{host} {origin}");
        }
    }

    #[test]
    fn who_says_neither_is_no_browser() {
        assert!(!is_refused(true, &[("host", "a.example")]) && !is_refused(false, &[]));
    }
}
