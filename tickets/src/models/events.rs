//! What is on: the tickets that are on sale, brought together by event.

mod cities;

use std::collections::HashMap;

use common::api::EventBody;
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::{Store, StoreError};
use futures::{TryStreamExt, future};
use mongodb::Cursor;
use mongodb::bson::{Bson, DateTime, doc, oid::ObjectId};
use mongodb::options::Hint;
use serde::Deserialize;

use super::search::{BY_EVENT, Filters, Plan, Sort};
use super::ticket::Ticket;
pub use cities::cities;

/// After so many tickets of one event the rest is counted by the database.
const MOST_READ: u64 = 1000;

/// So many are fetched at once: what is behind the last event of a page is read in vain.
const BATCH: u32 = 250;

/// Events, and the last of them when there may be more.
pub type EventsPage = (Vec<EventBody>, Option<(DateTime, Id)>);

/// What is read of a ticket to count it.
#[derive(Deserialize)]
struct Read {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    listed: ReadListed,
}

#[derive(Deserialize)]
struct ReadListed {
    sale: ReadSale,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadSale {
    #[serde(with = "as_object_id")]
    event: Id,
    begins: DateTime,
    seat_cents: i64,
}

/// The tickets of one event that match.
#[derive(Clone, Debug)]
struct Group {
    /// The oldest ticket, which says what the event is.
    first: Id,
    event: Id,
    begins: DateTime,
    tickets: u64,
    seat_cents: i64,
}

/// A page of the events that match, what begins first, and behind what the next one begins.
pub async fn events(
    store: &Store<Ticket>,
    filters: &Filters,
    after: Option<(DateTime, Id)>,
    limit: usize,
) -> Result<EventsPage, StoreError> {
    let plan = Plan::make(store, filters, Sort::StartsAt).await?;
    let mut groups: Vec<Group> = Vec::new();
    let mut from = after;
    // An event of very many tickets ends a walk, and the next one begins behind it.
    while let Some(large) = walk(store, &plan, from, limit, &mut groups).await? {
        from = Some((large.begins, large.event));
        groups.push(count_all(store, &plan, large).await?);
        if groups.len() >= limit {
            break;
        }
    }
    let next = groups.last().filter(|_| groups.len() == limit).map(|last| (last.begins, last.event));
    Ok((in_words(store, groups).await?, next))
}

/// Adds the events behind this one, until there are enough. Returns the event at which it stopped because it has very many tickets.
async fn walk(
    store: &Store<Ticket>,
    plan: &Plan,
    from: Option<(DateTime, Id)>,
    limit: usize,
    groups: &mut Vec<Group>,
) -> Result<Option<Group>, StoreError> {
    let plan = match from {
        Some((begins, event)) => {
            plan.clone().and(Sort::StartsAt.behind(&[begins.into(), ObjectId::from(event).into()]))
        }
        None => plan.clone(),
    };
    let mut tickets = read(store, &plan).await?;
    let mut open: Option<Group> = None;
    while let Some(Read { id, listed: ReadListed { sale } }) = tickets.try_next().await? {
        match &mut open {
            Some(group) if group.event == sale.event && group.begins == sale.begins => {
                group.tickets += 1;
                group.seat_cents = group.seat_cents.min(sale.seat_cents);
                if group.tickets > MOST_READ {
                    return Ok(open);
                }
            }
            _ => {
                groups.extend(open.take());
                if groups.len() >= limit {
                    return Ok(None);
                }
                let ReadSale { event, begins, seat_cents } = sale;
                open = Some(Group { first: id, event, begins, tickets: 1, seat_cents });
            }
        }
    }
    groups.extend(open);
    Ok(None)
}

async fn read(store: &Store<Ticket>, plan: &Plan) -> Result<Cursor<Read>, StoreError> {
    let tickets = store.documents().clone_with_type::<Read>();
    let projection = doc! {"_id": 1, "listed.sale.event": 1, "listed.sale.begins": 1, "listed.sale.seatCents": 1};
    let found = tickets.find(plan.filter.clone()).hint(Hint::Keys(plan.index.clone())).projection(projection);
    Ok(found.sort(Sort::StartsAt.order()).batch_size(BATCH).await?)
}

/// All tickets of an event that match, and the cheapest seat among them.
async fn count_all(store: &Store<Ticket>, plan: &Plan, group: Group) -> Result<Group, StoreError> {
    let of_event = plan.clone().and(doc! {"listed.sale.event": ObjectId::from(group.event)});
    let by_event = doc! {"listed.sale.on": 1, BY_EVENT[0]: 1, BY_EVENT[1]: 1, BY_EVENT[2]: 1};
    let count = store.documents().count_documents(of_event.filter.clone()).hint(Hint::Keys(by_event.clone()));
    let cheapest = store.documents().clone_with_type::<Read>();
    let cheapest = cheapest.find_one(of_event.filter).hint(Hint::Keys(by_event)).sort(Sort::Seat.order());
    let (tickets, cheapest) = future::try_join(count.into_future(), cheapest.into_future()).await?;
    let seat_cents = cheapest.map_or(group.seat_cents, |cheapest| cheapest.listed.sale.seat_cents);
    Ok(Group { tickets: tickets.max(1), seat_cents, ..group })
}

/// What the events are called, by one ticket of each.
async fn in_words(store: &Store<Ticket>, groups: Vec<Group>) -> Result<Vec<EventBody>, StoreError> {
    let first = tickets_by_id(store, groups.iter().map(|group| group.first)).await?;
    let event = |group: Group| {
        // One that was sold or edited in between has just gone from the list.
        let ticket = first.get(&group.first)?.clone().body();
        Some(EventBody {
            key: group.event,
            title: ticket.title,
            venue: ticket.details.venue,
            city: ticket.details.city,
            starts_at: ticket.details.starts_at,
            tickets: group.tickets,
            from: Money::from_cents(group.seat_cents),
        })
    };
    Ok(groups.into_iter().filter_map(event).collect())
}

async fn tickets_by_id(
    store: &Store<Ticket>,
    ids: impl Iterator<Item = Id>,
) -> Result<HashMap<Id, Ticket>, StoreError> {
    let ids: Vec<Bson> = ids.map(|id| ObjectId::from(id).into()).collect();
    let found = store.documents().find(doc! {"_id": {"$in": ids}}).projection(doc! {"outbox": 0, "reservations": 0});
    let tickets: Vec<Ticket> = found.await?.try_collect().await?;
    Ok(tickets.into_iter().map(|ticket| (common::mongo::Aggregate::id(&ticket), ticket)).collect())
}
