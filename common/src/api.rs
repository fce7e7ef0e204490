//! The JSON bodies of the public API, shared by the services that write them and the client that reads them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::Id;
use crate::listing::{Details, LocalTime};
use crate::money::Money;
use crate::timestamp::Timestamp;

/// `{"errors":[{"message":"…","field":"…"}]}`, the body of every failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// One entry for each thing at fault, never empty.
    pub errors: Vec<ErrorEntry>,
    /// With a 402: what the buyer confirms the payment by.
    #[serde(rename = "clientSecret", default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

/// One thing that was wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorEntry {
    /// A sentence for the person who sent the request.
    pub message: String,
    /// The input at fault, when it is a single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// The answer of signing up and signing in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserBody {
    /// The account.
    pub id: Id,
    /// Its address, in lower case.
    pub email: String,
}

/// A mail as the page of the local platform shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailBody {
    /// Its reason.
    pub id: String,
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// Plain text, with its links.
    pub text: String,
    /// When it would have been sent.
    pub sent_at: Timestamp,
}

/// `{"currentUser": … or null}`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentUserBody {
    /// Nobody when the session is missing, invalid or over.
    #[schema(required)]
    pub current_user: Option<SessionBody>,
}

/// Who a session belongs to: the claims of its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionBody {
    /// The account.
    pub id: Id,
    /// Its address.
    pub email: String,
    /// When the session began, in seconds since 1970.
    pub iat: i64,
    /// Whether the address was proved when the session began, or in it. Tokens of the original and of earlier versions do not say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
}

/// A session of one's own, as the list of sessions shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnSessionBody {
    /// The session.
    pub id: Id,
    /// When it began.
    pub since: Timestamp,
    /// When it was seen last, to a minute or so.
    pub last_seen: Timestamp,
    /// What the browser calls itself. Empty when it does not say.
    pub browser: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A ticket as the tickets service shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketBody {
    /// The ticket.
    pub id: Id,
    /// 1 to 200 characters.
    pub title: String,
    /// Dollars.
    pub price: Money,
    /// The seller.
    pub user_id: Id,
    /// The order that holds or has bought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<Id>,
    /// Raised by one with every change.
    pub version: i32,
    /// What else the listing says.
    #[serde(flatten)]
    pub details: Details,
    /// The key of its event, if it has a venue, a city or a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Id>,
    /// The ticket itself is attached, for its buyer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_file: bool,
}

/// A listing as its seller sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnTicketBody {
    /// The listing.
    #[serde(flatten)]
    pub ticket: TicketBody,
    /// Where it stands.
    pub state: ListingState,
    /// Until when an order that is not paid holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// Why an operator took it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_down: Option<String>,
}

/// Where a listing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ListingState {
    /// Anybody may order it.
    OnSale,
    /// An order holds it that is not paid yet.
    Held,
    /// It is paid for.
    Sold,
    /// Its seller or an operator has taken it back.
    Withdrawn,
    /// Nobody bought it before the event began.
    Over,
}

/// A listing that visitors have reported, for operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportedTicketBody {
    /// The listing, as its seller sees it.
    #[serde(flatten)]
    pub listing: OwnTicketBody,
    /// The latest reports that no operator has dismissed, newest first, at most fifty.
    pub reports: Vec<ReportBody>,
}

/// What a visitor says against a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportBody {
    /// Who says it.
    pub user_id: Id,
    /// 1 to 500 characters.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
}

/// What is on: tickets on sale with the same title, venue, city and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventBody {
    /// Its key; that of a ticket which says neither place nor time is the ticket's id.
    pub key: Id,
    /// 1 to 200 characters.
    pub title: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<String>,
    /// In which city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<LocalTime>,
    /// How many listings are on sale.
    pub tickets: u64,
    /// The least price of one seat, in dollars.
    pub from: Money,
}

/// By what the events that match a search can be narrowed down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FacetsBody {
    /// The cities with the most events, at most twenty.
    pub cities: Vec<CityFacet>,
}

/// A city and its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CityFacet {
    /// As most of its listings write it.
    pub city: String,
    /// How many events are on there.
    pub events: u64,
}

/// What an order's status can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum OrderStatus {
    /// The ticket is reserved until the order's deadline.
    #[serde(rename = "created")]
    Created,
    /// A payment is under way. Ours never stores it; the original's documents may hold it.
    #[serde(rename = "awaiting:payment")]
    AwaitingPayment,
    /// Paid for.
    #[serde(rename = "complete")]
    Complete,
    /// Cancelled by the buyer or by the deadline.
    #[serde(rename = "cancelled")]
    Cancelled,
}

impl OrderStatus {
    /// Those under which an order keeps its ticket from everybody else.
    pub const LIVE: [Self; 3] = [Self::Created, Self::AwaitingPayment, Self::Complete];

    /// As it stands in JSON and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::AwaitingPayment => "awaiting:payment",
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An order with its ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderBody {
    /// The order.
    pub id: Id,
    /// The buyer.
    pub user_id: Id,
    /// Where it stands.
    pub status: OrderStatus,
    /// When the reservation ends.
    pub expires_at: Timestamp,
    /// Raised by one with every change.
    pub version: i32,
    /// What is bought.
    pub ticket: OrderedTicketBody,
    /// What the buyer got back, in dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Money>,
    /// Why it was cancelled, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<CancelCause>,
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CancelCause {
    /// Its buyer did not want it any more.
    Buyer,
    /// It was not paid in time.
    Time,
    /// Its money was authorised and can never be captured.
    Payment,
}

/// The ticket inside an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderedTicketBody {
    /// The ticket.
    pub id: Id,
    /// Its title.
    pub title: String,
    /// What the buyer pays, in dollars.
    pub price: Money,
    /// The version of the ticket that the orders service knows.
    pub version: i32,
}

/// The answer to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentBody {
    /// The payment.
    pub id: Id,
}

/// The answer to a refund: a payment whose money goes back, or went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundBody {
    /// The payment.
    pub id: Id,
    /// What was paid for.
    pub order_id: Id,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much goes back, in dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Why the provider could not send it, in the provider's words: it is to be settled there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_failed: Option<String>,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RefundStatus {
    /// It is under way.
    Refunding,
    /// The provider has sent the money.
    Refunded,
}
