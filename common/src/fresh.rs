//! Answers that a browser or cache need not load again: a tag of what it has, and 304 while that is still the answer.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;

/// A tag of this content. It is weak, because the same content is sent compressed or not.
pub fn etag(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// What the caller has already, by the `If-None-Match` of a request that reads.
pub struct Known(Vec<HeaderValue>);

impl Known {
    /// By the tags that this request names.
    pub fn of(request: &Request) -> Self {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        Self(request.headers().get_all(IF_NONE_MATCH).iter().filter(|_| is_read).cloned().collect())
    }

    /// 304 without a body, if the caller has the content with the answer's tag.
    pub fn unchanged(&self, response: Response) -> Response {
        let tag = response.headers().get(ETAG).filter(|_| response.status() == StatusCode::OK);
        if !tag.is_some_and(|tag| self.0.iter().any(|known| names(known, tag))) {
            return response;
        }
        let (mut parts, _) = response.into_parts();
        parts.status = StatusCode::NOT_MODIFIED;
        for of_the_body in [CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE] {
            parts.headers.remove(of_the_body);
        }
        Response::from_parts(parts, Body::empty())
    }
}

/// Whether the tag is in the list of `If-None-Match`, weak or strong.
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(list), Ok(tag)) = (list.to_str(), tag.to_str()) else { return false };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|known| opaque(known) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::{etag, names};

    #[test]
    fn a_tag_is_found_in_a_list_whether_it_is_weak_or_strong() {
        let tag = etag(b"page");
        let strong = tag.trim_start_matches("W/").to_owned();
        let is_named = |list: &str| names(&HeaderValue::from_str(list).unwrap(), &HeaderValue::from_str(&tag).unwrap());
        assert!(is_named(&tag) && is_named(&strong) && is_named("*") && is_named(&format!("\"a\", {tag}, W/\"b\"")));
        assert!(!is_named("") && !is_named("\"a\"") && !is_named(&etag(b"other page")));
    }
}
