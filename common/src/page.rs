//! Long lists a page at a time: `?limit=`, `?sort=` and `?after=<id>`, and a `Link` header to the next page.

use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::header::LINK;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use mongodb::bson::{Document, doc, oid::ObjectId};
use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::id::Id;
use crate::timestamp::Timestamp;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// At most so many entries, 1 to 200.
    #[param(required = false, minimum = 1, maximum = 200, default = 100)]
    pub limit: usize,
    /// Only entries behind this one.
    #[param(value_type = Id, required = false)]
    pub after: Option<Id>,
    /// Oldest first, as the original's lists, or newest first.
    #[param(required = false, inline)]
    pub sort: Sort,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Sort {
    /// `oldest`
    #[default]
    Oldest,
    /// `newest`
    Newest,
}

impl Page {
    /// What MongoDB sorts by: ids grow with the time of their creation.
    pub fn order(&self) -> Document {
        doc! {"_id": match self.sort { Sort::Oldest => 1, Sort::Newest => -1 }}
    }

    /// Limits a query to the entries behind the page before.
    pub fn restrict(&self, mut filter: Document) -> Document {
        if let Some(after) = self.after {
            let behind = match self.sort {
                Sort::Oldest => "$gt",
                Sort::Newest => "$lt",
            };
            filter.insert("_id", doc! {behind: ObjectId::from(after)});
        }
        filter
    }
}

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 200;

/// How many entries a page has: as many as `?limit=` says, else a hundred.
///
/// # Errors
/// 400 when it is not between 1 and 200.
pub fn parse_limit(sent: Option<&str>) -> Result<usize, ApiError> {
    let Some(text) = sent else { return Ok(DEFAULT_LIMIT) };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| ApiError::invalid("limit", "Limit must be between 1 and 200"))
}

/// The query as it was sent, before its texts are parsed.
#[derive(Deserialize)]
struct Sent {
    limit: Option<String>,
    after: Option<String>,
    sort: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(sent) = Query::<Sent>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::refused("Query is malformed"))?;
        let limit = parse_limit(sent.limit.as_deref())?;
        let after = (sent.after)
            .map(|text| text.parse().map_err(|_| ApiError::invalid("after", "After must be an id")))
            .transpose()?;
        let sort = match sent.sort.as_deref() {
            None | Some("oldest") => Sort::Oldest,
            Some("newest") => Sort::Newest,
            Some(_) => return Err(ApiError::invalid("sort", "Sort must be oldest or newest")),
        };
        Ok(Self { limit, after, sort })
    }
}

/// A page of a list: a plain array, and a link to the next page when there may be one.
pub struct Listed<T> {
    /// The path of the list, such as `/api/tickets`, with the query that chooses its entries, such as `?status=open`.
    pub path: &'static str,
    /// What was asked for.
    pub page: Page,
    /// At most `page.limit` entries.
    pub entries: Vec<T>,
    /// The ids of the entries.
    pub ids: Vec<Id>,
}

/// How much younger than an id that is listed another one may be that is inserted before it: replicas make ids by clocks of their own,
/// and those of one second stand in any order.
const LATE_INSERT: Duration = Duration::from_secs(10);

/// The header `Link` of a page of a list whose query says more than [`Page`]: the same query, behind what `after` says.
pub fn link(path: &str, query: &str, after: &str) -> String {
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
    let query: String = kept.flat_map(|pair| [pair, "&"]).collect();
    format!("<{path}?{query}after={after}>; rel=\"next\"")
}

impl Page {
    /// Behind which entry the next page begins.
    fn next_after(&self, ids: &[Id], now: Timestamp) -> Option<Id> {
        let last = ids.last().filter(|_| ids.len() == self.limit)?;
        Some(if self.sort == Sort::Oldest { last_settled(ids, now).unwrap_or(*last) } else { *last })
    }
}

/// The last entry of an oldest-first page behind which nothing can be missed. Another replica may still insert among the youngest
/// entries: the next page repeats them. A page of nothing else has none, and is not repeated, or the list would not go on.
pub fn last_settled(ids: &[Id], now: Timestamp) -> Option<Id> {
    ids.iter().rev().find(|id| id.made_at().after(LATE_INSERT) < now).copied()
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        let (path, limit) = (self.path, self.page.limit);
        let sort = match self.page.sort {
            Sort::Oldest => "",
            Sort::Newest => "&sort=newest",
        };
        let separator = if path.contains('?') { '&' } else { '?' };
        let next = (self.page.next_after(&self.ids, Timestamp::now()))
            .map(|last| [(LINK, format!("<{path}{separator}limit={limit}&after={last}{sort}>; rel=\"next\""))]);
        (next, Json(self.entries)).into_response()
    }
}
