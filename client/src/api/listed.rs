//! A page of a list, and where the next one begins.

use axum::http::{HeaderMap, header};
use common::id::Id;

/// Part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// The last entry's id, when more may follow: the `after` of the next page.
    pub next: Option<Id>,
}

/// The path of a list's page.
pub fn page_path(path: &str, after: Option<Id>) -> String {
    match after {
        Some(after) => format!("{path}?after={after}"),
        None => path.to_owned(),
    }
}

/// The `after` of `Link: </api/tickets?limit=100&after=…>; rel="next"`.
pub fn next_after(headers: &HeaderMap) -> Option<Id> {
    headers
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|links| links.split(','))
        .filter_map(|link| link.trim().strip_prefix('<')?.split_once('>'))
        .filter(|(_, parameters)| {
            parameters.replace('"', "").split(';').any(|parameter| parameter.trim() == "rel=next")
        })
        .filter_map(|(target, _)| target.split_once('?'))
        .flat_map(|(_, query)| query.split('&'))
        .find_map(|pair| pair.strip_prefix("after=")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::next_after;

    fn link(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::LINK, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_next_page_begins_where_the_link_says() {
        let id = "65a1b2c3d4e5f60718293a4b".parse().ok();
        for value in [
            "</api/tickets?limit=100&after=65a1b2c3d4e5f60718293a4b>; rel=\"next\"",
            "</api/tickets?after=65a1b2c3d4e5f60718293a4b>; rel=next",
            "</api/tickets>; rel=\"first\", </api/tickets?after=65a1b2c3d4e5f60718293a4b>; rel=\"next\"",
        ] {
            assert_eq!(next_after(&link(value)), id, "{value}");
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
