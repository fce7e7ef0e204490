//! A payment: its document and what it means. The changes of its status are in [`changes`].

mod changes;
mod status;

use common::api::{PaymentBody, RefundBody, RefundStatus};
use common::events::{PAYMENT, PaymentClosed, PaymentCreated, PaymentFailed, PaymentRefunded};
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::Aggregate;
use common::outbox::{Entry, Publishes};
use common::timestamp::Timestamp;
use mongodb::bson::DateTime;
use serde::{Deserialize, Serialize};

use crate::provider::{Attempt, Found};

pub use changes::{ATTEMPT_DUE_AFTER, DUE_AFTER};
pub use status::PaymentStatus;
use status::PaymentStatus::{
    Authorised, Captured, Capturing, Closed, Declined, Ending, Failed, Pending, Refunded, Refunding, Voided, Voiding,
};

/// With the pauses of the sweep this is about an hour after the last change.
const LOOKED_AT_FROM_TRY: i32 = 32;

/// A document of `payments`, the original's `orderId` and `stripeId` and our fields beside them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    order_id: Id,
    /// Which attempt of the order it is, from 0. A closing entry has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<i32>,
    /// Its own id, in a document of an earlier version whose order may have others: the original charged some orders twice, and
    /// each of these charges is refunded; and an order could be paid for again after its payment was voided. They do not share a slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original: Option<Id>,
    /// The provider's id of the intent, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stripe_id: Option<String>,
    #[serde(default)]
    version: i32,
    /// Documents of the original have none: they were charged at once.
    #[serde(default = "captured")]
    status: PaymentStatus,
    /// Dollars. Documents of the original have none: it is their order's price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// The card, until the provider has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// Whether a buyer has the intent's client secret, with which any browser can confirm it, again and with other cards.
    #[serde(default, skip_serializing_if = "is_false")]
    secret_given: bool,
    /// The provider's words when it declined or refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The buyer's bank asks for the money back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dispute: Option<Dispute>,
    /// Who gives the money back although the order is complete, and stays so. None when it goes back because the order was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_back_by: Option<GivenBackBy>,
    /// Why the provider could not refund it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund_failed: Option<String>,
    /// When the sweep has something to do, by the database's clock; none when it has nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<DateTime>,
    /// How often the sweep has tried to settle it since its last change.
    #[serde(default)]
    tries: i32,
}

/// A dispute of captured money. An operator answers it at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The provider's id of the dispute.
    pub id: String,
    /// The bank's reason.
    pub reason: String,
}

/// Who gives the money of a complete order back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GivenBackBy {
    /// An operator, here.
    Operator(Id),
    /// Somebody else, at the provider; or an operator, whose decision this database has forgotten.
    Provider,
}

fn captured() -> PaymentStatus {
    Captured
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What a payment means to the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider's answer is not known.
    Undecided,
    /// The money is held or taken, or an operator has given it back.
    Paid,
    /// Nothing is held: another card may be tried.
    Declined,
    /// The order was or will be cancelled: the money is released or refunded.
    TakenBack,
    /// The order can not be paid for any more.
    Closed,
}

impl Aggregate for Payment {
    const COLLECTION: &'static str = "payments";
    const KIND: &'static str = PAYMENT;

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn state(&self) -> Result<Option<Entry>, serde_json::Error> {
        match self.status {
            Authorised | Capturing | Captured => self.payment_created().entry(),
            Failed => self.payment_failed().entry(),
            Refunding if self.keeps_order() => self.payment_created().entry(),
            Voiding | Voided | Refunding | Closed => self.payment_closed().entry(),
            Refunded => self.payment_refunded().entry(),
            Pending | Ending | Declined => Ok(None),
        }
    }
}

impl Payment {
    fn payment_created(&self) -> Option<PaymentCreated> {
        let stripe_id = self.stripe_id.clone()?;
        Some(PaymentCreated { id: self.id, order_id: self.order_id, stripe_id })
    }

    fn payment_failed(&self) -> PaymentFailed {
        PaymentFailed { id: self.id, order_id: self.order_id, reason: self.reason.clone().unwrap_or_default() }
    }

    fn payment_closed(&self) -> PaymentClosed {
        PaymentClosed { order_id: self.order_id }
    }

    fn payment_refunded(&self) -> Option<PaymentRefunded> {
        let (stripe_id, amount) = (self.stripe_id.clone()?, self.amount?);
        Some(PaymentRefunded { id: self.id, order_id: self.order_id, stripe_id, amount })
    }

    /// Whether the money goes back, or went back, and its order is complete all the same.
    pub fn keeps_order(&self) -> bool {
        self.is_given_back() && self.given_back_by.is_some()
    }

    /// Whether the money goes back, or went back, after it was taken.
    pub fn is_given_back(&self) -> bool {
        matches!(self.status, Refunding | Refunded)
    }

    /// Its status.
    pub fn status(&self) -> PaymentStatus {
        self.status
    }

    /// The order that is paid for.
    pub fn order_id(&self) -> Id {
        self.order_id
    }

    /// The provider's id of the intent, or of the original's charge.
    pub fn stripe_id(&self) -> Option<&str> {
        self.stripe_id.as_deref()
    }

    /// Whether it is an undecided attempt with this card.
    pub fn is_attempt_with(&self, token: &str) -> bool {
        self.token.as_deref() == Some(token)
    }

    /// Whether it is a mere claim of the order: the provider may have an intent for it, but nothing was or will be confirmed.
    /// An earlier version numbered no attempts, and confirmed them at once.
    pub fn is_claim(&self) -> bool {
        self.lacks_intent() && self.number.is_some()
    }

    /// Whether it is an attempt without the id of its intent.
    pub fn lacks_intent(&self) -> bool {
        self.status == Pending && self.stripe_id.is_none()
    }

    /// Whether it is the attempt of this intent, whose id it lacks.
    pub fn is_claim_of(&self, found: &Found) -> bool {
        let is_named = found.payment_id.is_some_and(|id| id == self.id) || self.number == Some(found.number);
        self.lacks_intent() && self.order_id == found.order_id && is_named
    }

    /// Whether it may wait for the buyer to confirm in a browser.
    pub fn is_with_buyer(&self) -> bool {
        self.secret_given
    }

    /// Whether a request may be working on it: it does not wait for the buyer, and was never due.
    pub fn is_in_flight(&self) -> bool {
        !self.secret_given && self.tries == 0
    }

    /// Whether the money has been held for about an hour, and the order has no end.
    pub fn is_long_held(&self) -> bool {
        self.status == Authorised && self.tries >= LOOKED_AT_FROM_TRY
    }

    /// What the provider is asked for.
    pub fn to_attempt(&self) -> Option<Attempt> {
        Some(Attempt { order_id: self.order_id, number: self.number?, amount: self.amount? })
    }

    /// Why the card was declined.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// When it is due for the sweep.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.due_at.map(|due| Timestamp::from_millis(due.timestamp_millis()))
    }

    /// What it means to the buyer.
    pub fn outcome(&self) -> Outcome {
        match self.status {
            Pending => Outcome::Undecided,
            Ending | Declined => Outcome::Declined,
            Authorised | Capturing | Captured => Outcome::Paid,
            Refunding | Refunded if self.keeps_order() => Outcome::Paid,
            Failed | Voiding | Voided | Refunding | Refunded => Outcome::TakenBack,
            Closed => Outcome::Closed,
        }
    }

    /// The answer to the buyer.
    pub fn body(&self) -> PaymentBody {
        PaymentBody { id: self.id }
    }

    /// The answer to the operator, once the money goes back.
    pub fn refund_body(&self) -> Option<RefundBody> {
        let status = match self.status {
            Refunding => RefundStatus::Refunding,
            Refunded => RefundStatus::Refunded,
            _ => return None,
        };
        let (id, order_id, refund_failed) = (self.id, self.order_id, self.refund_failed.clone());
        Some(RefundBody { id, order_id, status, amount: self.amount, refund_failed })
    }
}
