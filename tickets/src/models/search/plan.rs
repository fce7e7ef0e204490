//! Which index a search walks.

use common::mongo::{Store, StoreError};
use common::timestamp::Timestamp;
use mongodb::IndexModel;
use mongodb::bson::{Document, doc};
use mongodb::options::{Hint, IndexOptions};

use super::{Condition, Filters, Sort};
use crate::models::ticket::Ticket;

/// The fields of an index, beside `listed.sale.on`, with which each begins.
pub type Index = &'static [&'static str];

/// Oldest and newest first.
pub const BY_AGE: Index = &["_id"];
/// Cheapest and dearest first.
pub const BY_PRICE: Index = &["listed.sale.cents", "_id"];
/// What begins first. It holds all that events are counted and filtered by, so that no document is read for that.
pub const BY_START: Index = &[
    "listed.sale.begins",
    "listed.sale.event",
    "_id",
    "listed.sale.seatCents",
    "listed.sale.cents",
    "listed.sale.city",
    "listed.sale.day",
    TEXT,
];
/// The same of one city.
pub const BY_CITY: Index = &[
    "listed.sale.city",
    "listed.sale.begins",
    "listed.sale.event",
    "_id",
    "listed.sale.seatCents",
    "listed.sale.cents",
    "listed.sale.day",
    TEXT,
];
/// The cheapest seats of one event.
pub const BY_EVENT: Index = &["listed.sale.event", "listed.sale.seatCents", "_id"];
const TEXT: &str = "listed.sale.text";
/// What has a word that begins like this.
pub const BY_WORD: Index = &["listed.sale.words"];

/// So many tickets may always be read and sorted.
const FEW: u64 = 1000;

/// So many tickets, all that match one of the filters, may be read and sorted. The walk over the index of the sort takes the longer the
/// fewer match: with one filter it is known how few, with several anything is possible.
fn most_read(conditions: &[Condition]) -> u64 {
    match conditions {
        [Condition { index: BY_WORD, .. }] => FEW,
        [_] => 3000,
        _ => 5000,
    }
}

/// The first filter that at most so many tickets match.
async fn find_narrow(
    store: &Store<Ticket>,
    conditions: &[Condition],
    walked: Index,
    most: u64,
) -> Result<Option<usize>, StoreError> {
    for (at, Condition { index, there, .. }) in conditions.iter().enumerate() {
        if *index == walked {
            continue;
        }
        let mut counted = there.clone();
        counted.insert("listed.sale.on", true);
        let count = store.documents().count_documents(counted).hint(Hint::Keys(keys(index))).limit(most + 1);
        if count.await? <= most {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// What is asked of MongoDB.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Everything that is asked for.
    pub filter: Document,
    /// The fields of the index that is walked.
    pub index: Document,
}

impl Plan {
    /// The best of two ways: when some filter alone leaves few tickets, these are read and sorted; else the index of the sort is
    /// walked, and what does not match is left out.
    pub async fn make(store: &Store<Ticket>, filters: &Filters, sort: Sort) -> Result<Self, StoreError> {
        let on_sale = Filters::on_sale(Timestamp::now());
        let (conditions, walked) = (filters.conditions(), walked(filters, sort));
        let most = most_read(&conditions);
        let narrow = match find_narrow(store, &conditions, walked, FEW).await? {
            None if most > FEW => find_narrow(store, &conditions, walked, most).await?,
            narrow => narrow,
        };
        let index = narrow.map_or(walked, |at| conditions[at].index);
        let mut all = vec![on_sale];
        for (at, condition) in conditions.into_iter().enumerate() {
            all.push(if narrow == Some(at) { condition.there } else { condition.elsewhere });
        }
        Ok(Self { filter: doc! {"$and": all}, index: keys(index) })
    }

    /// The same, behind what this describes.
    pub fn and(self, behind: Document) -> Self {
        Self { filter: doc! {"$and": [self.filter, behind]}, index: self.index }
    }
}

/// The index that gives this order without sorting.
fn walked(filters: &Filters, sort: Sort) -> Index {
    match sort {
        Sort::Oldest | Sort::Newest => BY_AGE,
        Sort::Price | Sort::PriceDown => BY_PRICE,
        Sort::StartsAt if filters.city.is_some() => BY_CITY,
        Sort::StartsAt => BY_START,
        Sort::Seat => BY_EVENT,
    }
}

fn keys(index: Index) -> Document {
    let mut keys = doc! {"listed.sale.on": 1};
    keys.extend(index.iter().map(|field| ((*field).to_owned(), 1.into())));
    keys
}

/// All of them, over what is on sale alone.
pub fn indexes() -> impl Iterator<Item = IndexModel> {
    let partial = || IndexOptions::builder().partial_filter_expression(doc! {"listed.sale.on": true});
    let named = [
        ("sale-by-age", BY_AGE),
        ("sale-by-price", BY_PRICE),
        ("sale-by-start", BY_START),
        ("sale-by-city", BY_CITY),
        ("sale-by-event", BY_EVENT),
        ("sale-by-word", BY_WORD),
    ];
    named.into_iter().map(move |(name, index)| {
        let options = partial().name(name.to_owned()).build();
        IndexModel::builder().keys(keys(index)).options(options).build()
    })
}
