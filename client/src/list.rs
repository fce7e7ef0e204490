//! Lists that come a page at a time, newest first.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::{HeaderMap, Method, header};
use common::id::Id;
use leptos::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::failure::{Failure, Service};
use crate::visitor::Visitor;

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

/// A page of a list.
pub struct Listed<T> {
    entries: Vec<T>,
    is_first: bool,
    /// The `after` of the next page, when there may be one.
    next: Option<Id>,
}

impl<T: DeserializeOwned> Listed<T> {
    /// Calls a service for a page of its list.
    pub async fn read(visitor: &Visitor, service: Service, path: &str, page: After) -> Result<Self, Failure> {
        let after = page.after.map(|after| format!("&after={after}")).unwrap_or_default();
        let call = visitor.call(Method::GET, service, &format!("{path}?sort=newest{after}"));
        let (headers, entries) = call.read_with_headers().await?;
        Ok(Self { entries, is_first: page.after.is_none(), next: next_after(&headers) })
    }

    /// The entries and the links to the list's other pages, or `nothing` when the list is empty. `path` is the
    /// address of the list's page; `what` names its entries: "tickets" or "orders".
    pub fn view<V: IntoView + 'static>(
        self,
        path: &'static str,
        what: &'static str,
        nothing: AnyView,
        entry: impl Fn(T) -> V,
    ) -> AnyView {
        let Self { entries, is_first, next } = self;
        let entries = match entries.len() {
            0 if is_first => nothing,
            0 => view! { <p>{format!("There are no more {what}.")}</p> }.into_any(),
            _ => view! { <ul class="list">{entries.into_iter().map(entry).collect_view()}</ul> }.into_any(),
        };
        let first = (!is_first).then(|| view! { <a href=path>{format!("Newest {what}")}</a> });
        let next = next.map(|next| {
            view! { <a rel="next" href=format!("{path}?after={next}")>{format!("More {what}")}</a> }
        });
        let pages = (first.is_some() || next.is_some())
            .then(|| view! { <nav class="paging" aria-label="Pages">{first} {next}</nav> });
        view! { {entries} {pages} }.into_any()
    }
}

/// The `after` of `Link: </api/tickets?sort=newest&limit=100&after=…>; rel="next"`.
pub fn next_after(headers: &HeaderMap) -> Option<Id> {
    let links = headers.get(header::LINK)?.to_str().ok()?.replace('"', "");
    let link = links.split(',').find(|link| link.ends_with("; rel=next"))?;
    let (target, _) = link.trim().strip_prefix('<')?.split_once('>')?;
    let (_, query) = target.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("after=")?.parse().ok())
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
            "</api/tickets?sort=newest&limit=100&after=65a1b2c3d4e5f60718293a4b>; rel=\"next\"",
            "</api/tickets?after=65a1b2c3d4e5f60718293a4b&sort=newest>; rel=next",
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
