//! What a list of tickets or events is limited to, and how it is sorted.

mod plan;

use common::id::Id;
use common::money::Money;
use common::timestamp::Timestamp;
use mongodb::bson::{Bson, DateTime, Document, doc, oid::ObjectId};

use super::listed::UNDATED;
use plan::{BY_CITY, BY_PRICE, BY_START, BY_WORD, Index};
pub use plan::{BY_EVENT, Plan, indexes};

/// Only what is on sale, and of that only what matches everything that is set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// Each is the beginning of a word of title, venue or city. Folded.
    pub words: Vec<String>,
    /// Folded.
    pub city: Option<String>,
    /// The least and the highest price of a whole listing.
    pub prices: (Option<Money>, Option<Money>),
    /// The first and the last moment or day.
    pub time: (Option<Moment>, Option<Moment>),
    /// The key of an event.
    pub event: Option<Id>,
}

/// A bound in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An instant.
    Instant(Timestamp),
    /// A day at the place, as 20270612.
    Day(i32),
}

/// The order of a list. Where two are equal the older one comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Oldest first, as the original's list.
    #[default]
    Oldest,
    /// Newest first.
    Newest,
    /// Cheapest listing first.
    Price,
    /// Dearest listing first.
    PriceDown,
    /// What begins first; what has no date comes last. Tickets of one event stand together.
    StartsAt,
    /// Cheapest seat first, for one event.
    Seat,
}

impl Sort {
    /// The fields that are sorted by, and whether they rise.
    fn fields(self) -> (&'static [&'static str], i32) {
        match self {
            Self::Oldest => (&["_id"], 1),
            Self::Newest => (&["_id"], -1),
            Self::Price => (&["listed.sale.cents", "_id"], 1),
            Self::PriceDown => (&["listed.sale.cents", "_id"], -1),
            Self::StartsAt => (&["listed.sale.begins", "listed.sale.event", "_id"], 1),
            Self::Seat => (&["listed.sale.seatCents", "_id"], 1),
        }
    }

    /// What MongoDB sorts by.
    pub fn order(self) -> Document {
        let (fields, direction) = self.fields();
        fields.iter().map(|field| ((*field).to_owned(), Bson::from(direction))).collect()
    }

    /// What comes behind this entry. The first field bounds the index; the others decide among equals.
    pub fn behind(self, last: &[Bson]) -> Document {
        let (fields, direction) = self.fields();
        let (beyond, from) = if direction > 0 { ("$gt", "$gte") } else { ("$lt", "$lte") };
        let mut any = Vec::new();
        for at in 0..fields.len().min(last.len()) {
            let mut equal = Document::new();
            for (field, value) in fields.iter().zip(last).take(at) {
                equal.insert(*field, value.clone());
            }
            equal.insert(fields[at], doc! {beyond: last[at].clone()});
            any.push(equal);
        }
        match (fields.first(), last.first()) {
            (Some(field), Some(value)) if any.len() > 1 => {
                doc! {"$and": [{*field: {from: value.clone()}}, {"$or": any}]}
            }
            _ => any.pop().unwrap_or_default(),
        }
    }
}

/// What one filter asks for.
struct Condition {
    /// The index that serves it best.
    index: Index,
    /// What is looked up in that index.
    there: Document,
    /// The same where another index is walked. Words stand there in one text: MongoDB would look up either of two words.
    elsewhere: Document,
}

impl Condition {
    fn new(index: Index, condition: Document) -> Self {
        Self { index, there: condition.clone(), elsewhere: condition }
    }
}

impl Filters {
    /// What everything on the list is.
    pub fn on_sale(now: Timestamp) -> Document {
        doc! {"listed.sale.on": true, "listed.sale.begins": {"$gt": DateTime::from_millis(now.millis())}}
    }

    /// The condition of each filter that is set.
    fn conditions(&self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        if let Some(event) = self.event {
            conditions.push(Condition::new(BY_EVENT, doc! {"listed.sale.event": ObjectId::from(event)}));
        }
        if let Some(city) = &self.city {
            conditions.push(Condition::new(BY_CITY, doc! {"listed.sale.city": city}));
        }
        if let Some(bounds) = range(self.prices.0.map(|min| min.cents()), self.prices.1.map(|max| max.cents())) {
            conditions.push(Condition::new(BY_PRICE, doc! {"listed.sale.cents": bounds}));
        }
        let (from, to) = self.time;
        let [first, last] = [(from, -1), (to, 1)].map(|(moment, side)| moment.map(|moment| moment.bound(side)));
        if let Some(bounds) = range(first.map(|(instant, _)| instant), last.map(|(instant, _)| instant)) {
            // What has no date is on no day.
            let mut time = doc! {"$and": [{"listed.sale.begins": bounds}, {"listed.sale.begins": {"$lt": UNDATED}}]};
            if let Some(days) = range(first.and_then(|(_, day)| day), last.and_then(|(_, day)| day)) {
                time.insert("listed.sale.day", days);
            }
            conditions.push(Condition::new(BY_START, time));
        }
        for word in &self.words {
            // Bounds of one word: without `$elemMatch` two different words could satisfy one each.
            let range = doc! {"$elemMatch": {"$gte": word, "$lt": format!("{word}\u{10ffff}")}};
            let elsewhere = doc! {"listed.sale.text": {"$regex": format!(" {word}")}};
            conditions.push(Condition { index: BY_WORD, there: doc! {"listed.sale.words": range}, elsewhere });
        }
        conditions
    }
}

impl Moment {
    /// The instant that bounds it on this side, and the day. No place is further than fourteen hours from UTC.
    fn bound(self, side: i64) -> (DateTime, Option<i32>) {
        const FARTHEST_MS: i64 = 14 * 60 * 60 * 1000;
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        match self {
            Self::Instant(instant) => (DateTime::from_millis(instant.millis()), None),
            Self::Day(day) => {
                let (year, month, number) = (day / 10_000, day / 100 % 100, day % 100);
                let date = chrono::NaiveDate::from_ymd_opt(year, month.unsigned_abs(), number.unsigned_abs());
                let start = date.map_or(0, |date| date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis());
                let whole = if side > 0 { DAY_MS } else { 0 };
                (DateTime::from_millis(start + whole + side * FARTHEST_MS), Some(day))
            }
        }
    }
}

fn range<T: Into<Bson>>(least: Option<T>, most: Option<T>) -> Option<Document> {
    let bounds = [("$gte", least), ("$lte", most)].into_iter();
    let range: Document = bounds.filter_map(|(bound, value)| Some((bound.to_owned(), value?.into()))).collect();
    (!range.is_empty()).then_some(range)
}
