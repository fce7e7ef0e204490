//! What the answer to a form leaves for the order's page: why it was refused, that the payment was taken, or what its bank wants.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use common::api::ErrorEntry;
use common::id::Id;
use common::timestamp::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::path;
use crate::failure::Refusal;
use crate::flash::Flash;
use crate::page::redirect;
use crate::visitor::Visitor;

/// Why the last form was refused. Shown once.
pub const REFUSED: Flash = Flash { name: "order-refused", lasts: Duration::from_secs(60) };

/// When the payment was taken: the payments service has promised that the order completes, and the orders service may not know it
/// yet. It is a day because the broker between them may be down for long.
pub const PAID: Flash = Flash { name: "order-paid", lasts: Duration::from_hours(24) };

/// The payment that the buyer's bank wants confirmed. No order can be paid for longer than this by default.
pub const UNCONFIRMED: Flash = Flash { name: "order-unconfirmed", lasts: Duration::from_mins(15) };

/// A test card's token is far shorter. One of Stripe's is of no use a second time.
const MOST_TOKEN_BYTES: usize = 100;

/// Why a form was refused.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Refused {
    /// The test card that was chosen.
    pub token: String,
    /// The service's messages.
    pub errors: Vec<ErrorEntry>,
}

impl Refused {
    /// The messages as a form shows them.
    pub fn refusal(&self) -> Refusal {
        Refusal { errors: self.errors.clone(), ..Refusal::default() }
    }
}

/// A payment that waits for its buyer.
#[derive(Serialize, Deserialize)]
pub struct Unconfirmed {
    /// The card.
    pub token: String,
    /// What the bank knows the payment by.
    pub client_secret: String,
}

/// What was left for the pages of orders at the address of this request.
pub fn read<T: DeserializeOwned>(buyer: &Visitor, note: Flash) -> Option<T> {
    note.read(buyer.headers())
}

/// Takes what was left away.
pub fn end(buyer: &Visitor, id: Id, note: Flash) -> HeaderMap {
    note.end(&path(id), buyer.is_secure())
}

/// The order's page, which says why the form was refused.
pub fn refused(buyer: &Visitor, id: Id, token: &str, refusal: Refusal) -> Response {
    let token = if token.len() <= MOST_TOKEN_BYTES { token.to_owned() } else { String::new() };
    let left = Refused { token, errors: refusal.errors };
    (REFUSED.leave(&path(id), buyer.is_secure(), &left), redirect(&path(id))).into_response()
}

/// The order's page, which says that the payment was taken and the order is being completed.
pub fn taken(buyer: &Visitor, id: Id) -> Response {
    let now = Timestamp::now().millis();
    (PAID.leave(&path(id), buyer.is_secure(), &now), redirect(&path(id))).into_response()
}

/// The page on which the buyer confirms the payment.
pub fn unconfirmed(buyer: &Visitor, id: Id, token: &str, client_secret: String) -> Response {
    let left = Unconfirmed { token: token.to_owned(), client_secret };
    let confirm = format!("{}/confirm", path(id));
    (UNCONFIRMED.leave(&path(id), buyer.is_secure(), &left), redirect(&confirm)).into_response()
}
