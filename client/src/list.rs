//! Lists that come a page at a time.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::{HeaderMap, header};
use common::id::Id;
use serde::Deserialize;

use crate::failure::Failure;

/// `?after=<id>`: the last entry of the page before. A malformed id is 404.
#[derive(Deserialize, FromRequestParts)]
#[from_request(via(Query), rejection(Failure))]
pub struct After {
    /// Where the page before ended.
    pub after: Option<Id>,
}

impl From<QueryRejection> for Failure {
    fn from(_: QueryRejection) -> Self {
        Self::NotFound
    }
}

/// Where a page of a list that is sorted by a value begins.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Cursor {
    /// At the beginning.
    Start,
    /// After the entry with this value and id, in the service's words.
    At(String),
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte));
        match text.rsplit('_').next().and_then(|id| id.parse::<Id>().ok()) {
            _ if text == "start" => Ok(Self::Start),
            Some(_) if is_plain => Ok(Self::At(text)),
            _ => Err("not a cursor"),
        }
    }
}

/// `?after=<cursor>` of a list that is sorted by a value. A malformed one is 404.
#[derive(Deserialize, FromRequestParts)]
#[from_request(via(Query), rejection(Failure))]
pub struct Begin {
    /// Where the page begins.
    pub after: Option<Cursor>,
}

/// The `after` of `Link: </api/tickets?sort=newest&limit=100&after=…>; rel="next"`.
pub fn next_after(headers: &HeaderMap) -> Option<Id> {
    next_cursor(headers)?.parse().ok()
}

/// The same of a list that is sorted by a value.
pub fn next_cursor(headers: &HeaderMap) -> Option<String> {
    let links = headers.get(header::LINK)?.to_str().ok()?.replace('"', "");
    let link = links.split(',').find(|link| link.ends_with("; rel=next"))?;
    let (target, _) = link.trim().strip_prefix('<')?.split_once('>')?;
    let (_, query) = target.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("after=").map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{Cursor, next_after, next_cursor};

    fn link(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::LINK, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_next_page_begins_where_the_link_says() {
        let id = "65a1b2c3d4e5f60718293a4b".parse().ok();
        for value in [
            "</api/tickets?limit=100&after=65a1b2c3d4e5f60718293a4b>; rel=\"next\"",
            "</api/tickets?sort=newest&limit=100&after=65a1b2c3d4e5f60718293a4b>; rel=\"next\"",
            "</api/tickets?after=65a1b2c3d4e5f60718293a4b&sort=newest>; rel=next",
            "</api/tickets>; rel=\"first\", </api/tickets?after=65a1b2c3d4e5f60718293a4b>; rel=\"next\"",
        ] {
            assert_eq!(next_after(&link(value)), id, "{value}");
        }
    }

    #[test]
    fn a_page_of_a_list_that_is_sorted_by_a_value_begins_after_a_value_and_an_id() {
        let cursor = "1812823200000_65a1b2c3d4e5f60718293a4b";
        let value = "</api/tickets/events?after=1812823200000_65a1b2c3d4e5f60718293a4b&limit=24>; rel=\"next\"";
        assert_eq!(next_cursor(&link(value)).as_deref(), Some(cursor));
        let parse = |text: &str| Cursor::try_from(text.to_owned());
        assert_eq!(parse(cursor), Ok(Cursor::At(cursor.to_owned())));
        assert_eq!(parse("start"), Ok(Cursor::Start));
        for text in ["", "1", "a&b=65a1b2c3d4e5f60718293a4b", "x y_65a1b2c3d4e5f60718293a4b", "1_2"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn without_a_link_to_a_next_page_the_list_ends() {
        assert_eq!(next_after(&HeaderMap::new()), None);
        for value in [
            "</api/tickets?after=65a1b2c3d4e5f60718293a4b>; rel=\"prev\"",
            "</api/tickets?after=1>; rel=\"next\"",
            "next",
        ] {
            assert_eq!(next_after(&link(value)), None, "{value}");
        }
    }
}
