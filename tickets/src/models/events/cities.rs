//! By which cities the events that match can be narrowed down.

use common::api::CityFacet;
use common::id::{Id, as_object_id};
use common::mongo::{Store, StoreError};
use futures::TryStreamExt;
use mongodb::bson::doc;
use mongodb::options::Hint;
use serde::Deserialize;

use super::tickets_by_id;
use crate::models::search::{Filters, Plan, Sort};
use crate::models::ticket::Ticket;

/// So many tickets, those that begin first, say which cities can be chosen.
const MOST_READ: i64 = 4000;

/// The most cities that can be chosen.
const MOST_CITIES: i64 = 20;

/// The events of one city that match.
#[derive(Deserialize)]
struct Counted {
    events: u64,
    /// One of its tickets, which says how the city is written.
    #[serde(with = "as_object_id")]
    ticket: Id,
}

/// Those with the most events first. Only what begins first is counted.
///
/// # Errors
/// When the database does not answer.
pub async fn cities(store: &Store<Ticket>, filters: &Filters) -> Result<Vec<CityFacet>, StoreError> {
    let plan = Plan::make(store, filters, Sort::StartsAt).await?;
    let event = doc! {"city": "$listed.sale.city", "event": "$listed.sale.event"};
    let counted = store.documents().aggregate([
        doc! {"$match": plan.filter},
        doc! {"$sort": Sort::StartsAt.order()},
        doc! {"$limit": MOST_READ},
        doc! {"$group": {"_id": event, "ticket": {"$min": "$_id"}}},
        doc! {"$match": {"_id.city": {"$ne": ""}}},
        doc! {"$group": {"_id": "$_id.city", "events": {"$sum": 1}, "ticket": {"$min": "$ticket"}}},
        doc! {"$sort": {"events": -1, "_id": 1}},
        doc! {"$limit": MOST_CITIES},
    ]);
    let counted: Vec<Counted> =
        counted.hint(Hint::Keys(plan.index)).with_type::<Counted>().await?.try_collect().await?;
    let named = tickets_by_id(store, counted.iter().map(|city| city.ticket)).await?;
    let facet = |Counted { events, ticket }: Counted| {
        Some(CityFacet { city: named.get(&ticket)?.clone().body().details.city?, events })
    };
    Ok(counted.into_iter().filter_map(facet).collect())
}
