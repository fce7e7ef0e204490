//! The queries of lists: filters, sort and page.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use chrono::{Datelike, NaiveDate};
use common::error::ApiError;
use common::id::Id;
use common::listing::LocalTime;
use common::money::Money;
use common::page::{last_settled, parse_limit};
use common::timestamp::Timestamp;
use mongodb::bson::{Bson, DateTime, oid::ObjectId};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use crate::models::listed::day;
use crate::models::search::{Filters, Moment, Sort};
use crate::models::text::{folded, words};
use crate::models::ticket::Ticket;

/// The longest text and the most words that are searched for.
const MAX_CHARACTERS: usize = 200;
const MAX_WORDS: usize = 8;

/// A list of tickets.
pub struct ListQuery {
    pub filters: Filters,
    pub sort: Sort,
    pub limit: usize,
    /// The values of the last entry of the page before, in the order of the sort's fields.
    pub after: Option<Vec<Bson>>,
    /// As it was sent.
    pub query: String,
}

/// A list of events, sorted by their beginning.
pub struct EventsQuery {
    pub filters: Filters,
    pub limit: usize,
    /// The last event of the page before.
    pub after: Option<(DateTime, Id)>,
    /// As it was sent.
    pub query: String,
}

/// The query as it was sent, before its texts are parsed. What is empty is not set: forms send every field.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct Sent {
    /// Words of title, venue and city, by their beginnings.
    #[param(max_length = 200)]
    q: String,
    /// All of its name; case and accents are ignored.
    city: String,
    /// The least price, in dollars.
    min: String,
    /// The highest price, in dollars.
    max: String,
    /// A day, such as `2027-06-12`, or a time with an offset: what begins then or later.
    from: String,
    /// The same: what begins then or earlier.
    to: String,
    /// The key of an event: its tickets alone.
    event: String,
    /// Of events `startsAt` alone.
    #[param(value_type = String, required = false, pattern = "^(oldest|newest|price|-price|startsAt)$")]
    sort: Option<String>,
    #[param(value_type = u32, required = false, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// What the `Link` to the page says.
    #[param(value_type = String, required = false)]
    after: Option<String>,
}

impl Sent {
    async fn read<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let sent = Query::<Self>::from_request_parts(parts, state).await;
        sent.map(|Query(sent)| sent).map_err(|_| ApiError::refused("Query is malformed"))
    }

    fn filters(&self) -> Result<Filters, ApiError> {
        let mut searched = words([self.q.as_str()]);
        if self.q.chars().count() > MAX_CHARACTERS {
            return Err(ApiError::invalid("q", "Search must be at most 200 characters"));
        }
        searched.truncate(MAX_WORDS);
        Ok(Filters {
            words: searched,
            city: Some(folded(&self.city)).filter(|city| !city.is_empty()),
            prices: (
                set(&self.min, |text| parse_amount("min", "Least price", text))?,
                set(&self.max, |text| parse_amount("max", "Highest price", text))?,
            ),
            time: (
                set(&self.from, |text| parse_moment("from", "From", text))?,
                set(&self.to, |text| parse_moment("to", "To", text))?,
            ),
            event: set(&self.event, |text| {
                text.parse().map_err(|_| ApiError::invalid("event", "Event must be a key"))
            })?,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let sent = Sent::read(parts, state).await?;
        let filters = sent.filters()?;
        let sort = match sent.sort.as_deref() {
            None if filters.event.is_some() => Sort::Seat,
            None | Some("oldest") => Sort::Oldest,
            Some("newest") => Sort::Newest,
            Some("price") => Sort::Price,
            Some("-price") => Sort::PriceDown,
            Some("startsAt") => Sort::StartsAt,
            Some(_) => return Err(ApiError::invalid("sort", "Sort must be oldest, newest, price, -price or startsAt")),
        };
        let after = sent.after.as_deref().map(|after| parse_after(sort, after)).transpose()?;
        let limit = parse_limit(sent.limit.as_deref())?;
        Ok(Self { filters, sort, limit, after, query: parts.uri.query().unwrap_or_default().to_owned() })
    }
}

impl ListQuery {
    /// The `after` of the page behind these tickets, of which this is the last.
    pub fn after_ticket(&self, ids: &[Id], last: &Ticket) -> String {
        let id = ids.last().copied().unwrap_or_else(|| Id::from_bytes([0; 12]));
        let sale = last.listed().sale;
        let value = |read: fn(&crate::models::listed::Sale) -> String| sale.as_ref().map(read).unwrap_or_default();
        match self.sort {
            Sort::Oldest => last_settled(ids, Timestamp::now()).unwrap_or(id).to_string(),
            Sort::Newest => id.to_string(),
            Sort::Price | Sort::PriceDown => format!("{}_{id}", value(|sale| sale.cents.to_string())),
            Sort::Seat => format!("{}_{id}", value(|sale| sale.seat_cents.to_string())),
            Sort::StartsAt => {
                format!("{}_{id}", value(|sale| format!("{}_{}", sale.begins.timestamp_millis(), sale.event)))
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EventsQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let sent = Sent::read(parts, state).await?;
        if sent.sort.as_deref().is_some_and(|sort| sort != "startsAt") {
            return Err(ApiError::invalid("sort", "Sort must be startsAt"));
        }
        let parse = |after: &str| {
            let (begins, event) = after.split_once('_')?;
            Some((DateTime::from_millis(begins.parse().ok()?), event.parse().ok()?))
        };
        let malformed = || ApiError::invalid("after", "After must be what the link to the page says");
        let after = sent.after.as_deref().map(|after| parse(after).ok_or_else(malformed)).transpose()?;
        let (filters, limit) = (sent.filters()?, parse_limit(sent.limit.as_deref())?);
        Ok(Self { filters, limit, after, query: parts.uri.query().unwrap_or_default().to_owned() })
    }
}

/// What is set is parsed.
fn set<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(parse).transpose()
}

fn parse_amount(field: &str, name: &str, text: &str) -> Result<Money, ApiError> {
    if text.parse() == Ok(0.0) {
        return Ok(Money::from_cents(0));
    }
    let amount = Money::parse_price(&Value::from(text));
    amount.map_err(|message| ApiError::invalid(field, &message.replacen("Price", name, 1)))
}

/// A day, such as 2027-06-12, or a time with an offset.
fn parse_moment(field: &str, name: &str, text: &str) -> Result<Moment, ApiError> {
    // Years of more digits are not written in one number with the day.
    if let Ok(date) = text.parse::<NaiveDate>()
        && (0..=9999).contains(&date.year())
    {
        return Ok(Moment::Day(day(date)));
    }
    let time: Result<LocalTime, _> = text.parse();
    let message = format!("{name} must be a date, such as 2027-06-12, or a time with an offset");
    time.map(|time| Moment::Instant(time.instant())).map_err(|_| ApiError::invalid(field, &message))
}

fn parse_after(sort: Sort, after: &str) -> Result<Vec<Bson>, ApiError> {
    let id = |text: &str| text.parse::<Id>().ok().map(|id| Bson::from(ObjectId::from(id)));
    let number = |text: &str| text.parse::<i64>().ok();
    let parts: Vec<&str> = after.split('_').collect();
    let values = match (sort, parts.as_slice()) {
        (Sort::Oldest | Sort::Newest, [last]) => [id(last)].into_iter().collect::<Option<Vec<_>>>(),
        (Sort::Price | Sort::PriceDown | Sort::Seat, [value, last]) => {
            [number(value).map(Bson::from), id(last)].into_iter().collect()
        }
        (Sort::StartsAt, [begins, event, last]) => {
            let begins = number(begins).map(|millis| Bson::from(DateTime::from_millis(millis)));
            [begins, id(event), id(last)].into_iter().collect()
        }
        _ => None,
    };
    let message = match sort {
        Sort::Oldest | Sort::Newest => "After must be an id",
        _ => "After must be what the link to the page says",
    };
    values.ok_or_else(|| ApiError::invalid("after", message))
}
