//! A payment: its document and the changes of its status.

mod status;

use std::time::Duration;

use common::api::{OrderStatus, PaymentBody};
use common::events::{PAYMENT, PaymentCreated, PaymentRefunded};
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::Aggregate;
use common::outbox::Entry;
use common::timestamp::{Timestamp, as_date};
use serde::{Deserialize, Serialize};

use super::order::{KnownOrder, Order};
use crate::provider::{Attempt, Charge};

pub use status::PaymentStatus;
use status::PaymentStatus::{Authorised, Captured, Capturing, Declined, Pending, Refunded, Refunding, Voided, Voiding};

/// How long a payment stays unsettled before it is due for the sweep: longer than a request or a handover takes, as a rule.
pub const DUE_AFTER: Duration = Duration::from_secs(3);

/// A document of `payments`, the original's `orderId` and `stripeId` and our fields beside them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    order_id: Id,
    /// The provider's id, once it has authorised.
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
    /// The provider's words when it declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When it is due for the sweep, while it is unsettled.
    #[serde(default = "long_ago", with = "as_date")]
    due_at: Timestamp,
    /// How often the sweep has tried to settle it since its last change.
    #[serde(default)]
    tries: i32,
}

fn captured() -> PaymentStatus {
    Captured
}

fn long_ago() -> Timestamp {
    Timestamp::from_millis(0)
}

/// What a payment means to the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// The provider's answer is not known.
    Undecided,
    /// The money is held or taken.
    Paid,
    /// The provider declined, with this reason.
    Declined(&'a str),
    /// The order was cancelled: the money is released or refunded.
    TakenBack,
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
        Ok(None)
    }
}

impl Payment {
    /// A new attempt to pay for an order. The provider has not been asked yet.
    pub fn attempt(order: &KnownOrder, token: &str) -> Self {
        Self {
            id: Id::generate(),
            order_id: order.id,
            stripe_id: None,
            version: 0,
            status: Pending,
            amount: Some(order.price),
            token: Some(token.to_owned()),
            reason: None,
            due_at: Timestamp::now().after(DUE_AFTER),
            tries: 0,
        }
    }

    /// pending -> authorised, because the provider holds the money under this id.
    pub fn authorised(&mut self, stripe_id: &str) -> Option<PaymentCreated> {
        self.step(Pending, Authorised)?;
        self.stripe_id = Some(stripe_id.to_owned());
        self.token = None;
        Some(PaymentCreated { id: self.id, order_id: self.order_id, stripe_id: stripe_id.to_owned() })
    }

    /// pending -> declined, with the provider's reason.
    pub fn declined(&mut self, reason: &str) {
        if self.step(Pending, Declined).is_some() {
            self.reason = Some(reason.to_owned());
            self.token = None;
        }
    }

    /// authorised -> capturing, because the order is complete; authorised -> voiding or captured -> refunding, because it was
    /// cancelled. When the order is cancelled during a capture, the capture ends first and is refunded then.
    pub fn follow(&mut self, order: &Order) {
        match (order.status, self.status) {
            (OrderStatus::Complete, Authorised) => {
                self.step(Authorised, Capturing);
            }
            (OrderStatus::Cancelled, Authorised) => {
                self.step(Authorised, Voiding);
            }
            // The refund's event needs the amount. An order without a price gets it with its `order.created`.
            (OrderStatus::Cancelled, Captured) if self.amount.or(order.price).is_some() => {
                self.step(Captured, Refunding);
                self.amount = self.amount.or(order.price);
            }
            _ => {}
        }
    }

    /// capturing -> captured, because the provider has taken the money.
    pub fn captured(&mut self) {
        self.step(Capturing, Captured);
    }

    /// voiding -> voided, because the provider has released the money.
    pub fn voided(&mut self) {
        self.step(Voiding, Voided);
    }

    /// refunding -> refunded, because the provider has refunded the money.
    pub fn refunded(&mut self) -> Option<PaymentRefunded> {
        let (stripe_id, amount) = (self.stripe_id.clone()?, self.amount?);
        self.step(Refunding, Refunded)?;
        Some(PaymentRefunded { id: self.id, order_id: self.order_id, stripe_id, amount })
    }

    /// The one place that changes a status: from `from`, or not at all.
    fn step(&mut self, from: PaymentStatus, to: PaymentStatus) -> Option<()> {
        if self.status != from {
            return None;
        }
        self.status = to;
        self.version += 1;
        self.due_at = Timestamp::now().after(DUE_AFTER);
        self.tries = 0;
        Some(())
    }

    /// Its status.
    pub fn status(&self) -> PaymentStatus {
        self.status
    }

    /// The order that is paid for.
    pub fn order_id(&self) -> Id {
        self.order_id
    }

    /// Whether this is an undecided attempt with this card.
    pub fn is_attempt_with(&self, token: &str) -> bool {
        self.token.as_deref() == Some(token)
    }

    /// What the provider is asked for while the payment is pending.
    pub fn to_authorise(&self) -> Option<Attempt> {
        let (amount, token) = (self.amount?, self.token.clone()?);
        (self.status == Pending).then_some(Attempt { id: self.id, order_id: self.order_id, amount, token })
    }

    /// The money that the provider holds or has taken.
    pub fn charge(&self) -> Option<Charge> {
        Some(Charge { attempt: self.id, stripe_id: self.stripe_id.clone()? })
    }

    /// What it means to the buyer.
    pub fn outcome(&self) -> Outcome<'_> {
        match self.status {
            Pending => Outcome::Undecided,
            Authorised | Capturing | Captured => Outcome::Paid,
            Declined => Outcome::Declined(self.reason.as_deref().unwrap_or("Your card was declined")),
            Voiding | Voided | Refunding | Refunded => Outcome::TakenBack,
        }
    }

    /// The answer to the buyer.
    pub fn body(&self) -> PaymentBody {
        PaymentBody { id: self.id }
    }
}
