//! Documents in XML.

use std::borrow::Cow;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use common::fresh::etag;
use quick_xml::escape::escape;

/// An element that holds a text.
pub fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", text_of(text))
}

/// A text as it stands between tags or in an attribute. What XML cannot hold at all is left out.
pub fn text_of(text: &str) -> String {
    let is_allowed = |letter: &char| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r');
    let allowed: String =
        text.chars().filter(is_allowed).filter(|letter| !matches!(letter, '\u{fffe}' | '\u{ffff}')).collect();
    escape(Cow::from(allowed)).into_owned()
}

/// The answer with this root element.
pub fn document(media_type: &'static str, root: &str) -> Response {
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{root}\n");
    let headers = [
        (header::ETAG, etag(text.as_bytes())),
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CACHE_CONTROL, "public, max-age=60".to_owned()),
        (header::VARY, "accept-language".to_owned()),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::element;

    #[test]
    fn a_text_is_only_a_text() {
        assert_eq!(element("title", "A & B <i>\u{8}\"c\""), "<title>A &amp; B &lt;i&gt;&quot;c&quot;</title>");
    }
}
