//! Every change of a payment. A method that does not apply to the payment's present status changes nothing.
//!
//! `now` is the database's clock: it judges due times, so it sets them as well.

use std::time::Duration;

use common::api::OrderStatus;
use common::events::{PaymentClosed, PaymentCreated, PaymentFailed, PaymentRefunded};
use common::id::Id;
use common::timestamp::Timestamp;
use mongodb::bson::DateTime;

use super::PaymentStatus::{
    self, Authorised, Captured, Capturing, Closed, Declined, Ending, Failed, Pending, Refunded, Refunding, Voided,
    Voiding,
};
use super::{Dispute, GivenBackBy, Payment};
use crate::models::order::{KnownOrder, Order};
use crate::provider::{Found, IntentState};

/// How long a payment stays unsettled before it is due for the sweep: longer than a handover takes, as a rule.
pub const DUE_AFTER: Duration = Duration::from_secs(3);

/// How long a request has for each of its calls of the provider, which end within 5 s. After that the attempt is decided by
/// others.
pub const ATTEMPT_DUE_AFTER: Duration = Duration::from_secs(6);

impl Payment {
    /// A new attempt to pay for an order: a mere claim, the provider has not been asked yet.
    pub fn attempt(order: &KnownOrder, number: i32, token: &str, now: Timestamp) -> Self {
        let mut attempt = Self::new(order.id, Pending);
        attempt.number = Some(number);
        attempt.amount = Some(order.price);
        attempt.token = Some(token.to_owned());
        attempt.due(now.after(ATTEMPT_DUE_AFTER));
        attempt
    }

    /// A closing entry, for an order without a payment.
    pub fn closing_entry(order_id: Id) -> (Self, PaymentClosed) {
        (Self::new(order_id, Closed), PaymentClosed { order_id })
    }

    /// An attempt that only the provider remembers, after a restore of the database; `None` for one that holds nothing. Money
    /// that was taken is stored as authorised: what the order has become decides about it.
    pub fn adopted(found: &Found, now: Timestamp) -> Option<(Self, Option<PaymentCreated>)> {
        let status = match found.intent.state {
            IntentState::Authorised | IntentState::Captured => Authorised,
            IntentState::Unconfirmed | IntentState::NeedsAction { .. } | IntentState::Processing => Pending,
            IntentState::Cancelled => return None,
        };
        let mut adopted = Self::new(found.order_id, status);
        adopted.number = Some(found.number);
        adopted.amount = Some(found.amount);
        adopted.stripe_id = Some(found.intent.id.clone());
        // Nobody knows whether a buyer has its client secret.
        adopted.secret_given = status == Pending;
        adopted.due(now.after(DUE_AFTER));
        let created = if status == Authorised { adopted.payment_created() } else { None };
        Some((adopted, created))
    }

    fn new(order_id: Id, status: PaymentStatus) -> Self {
        Self {
            id: Id::generate(),
            order_id,
            number: None,
            original: None,
            stripe_id: None,
            version: 0,
            status,
            amount: None,
            token: None,
            secret_given: false,
            reason: None,
            dispute: None,
            given_back_by: None,
            refund_failed: None,
            due_at: None,
            tries: 0,
        }
    }

    /// A claim gets the id of its intent. From here on only the provider knows whether money is held.
    pub fn created(&mut self, intent: &str, now: Timestamp) {
        if self.lacks_intent() {
            self.stripe_id = Some(intent.to_owned());
            self.version += 1;
            self.due(now.after(ATTEMPT_DUE_AFTER));
        }
    }

    /// An attempt without an intent is dropped: pending -> declined, with no reason for the buyer.
    pub fn dropped(&mut self) {
        if self.lacks_intent() && self.step(Pending, Declined).is_some() {
            self.token = None;
        }
    }

    /// A claim becomes a closing entry: pending -> closed.
    pub fn closed(&mut self) -> Option<PaymentClosed> {
        if !self.is_claim() {
            return None;
        }
        self.step(Pending, Closed)?;
        self.token = None;
        Some(self.payment_closed())
    }

    /// The buyer is given the intent's client secret.
    pub fn secret_given(&mut self, now: Timestamp) {
        if self.status == Pending && !self.lacks_intent() && !self.secret_given {
            self.secret_given = true;
            self.version += 1;
            self.due(now.after(ATTEMPT_DUE_AFTER));
        }
    }

    /// pending -> authorised, because the provider holds the money.
    pub fn authorised(&mut self, now: Timestamp) -> Option<PaymentCreated> {
        let created = self.payment_created()?;
        self.step(Pending, Authorised)?;
        self.token = None;
        self.due(now.after(DUE_AFTER));
        Some(created)
    }

    /// pending -> declined, with the provider's reason. With its client secret the intent could be confirmed again, by another
    /// card: then it is ended.
    pub fn declined(&mut self, reason: &str, now: Timestamp) {
        if self.secret_given {
            self.ending(Some(reason), now);
        } else if self.step(Pending, Declined).is_some() {
            self.reason = Some(reason.to_owned());
            self.token = None;
        }
    }

    /// pending -> ending: whoever finds it authorised from here on does not store that.
    pub fn ending(&mut self, reason: Option<&str>, now: Timestamp) {
        if !self.lacks_intent() && self.step(Pending, Ending).is_some() {
            self.reason = reason.map(str::to_owned);
            self.token = None;
            self.due(now.after(DUE_AFTER));
        }
    }

    /// pending or ending -> declined, because the intent reads cancelled.
    pub fn ended(&mut self) {
        if !self.lacks_intent() && self.step(Ending, Declined).or_else(|| self.step(Pending, Declined)).is_some() {
            self.token = None;
        }
    }

    /// ending -> captured, because somebody else has taken the money of an intent that was to be cancelled.
    pub fn captured_by_others(&mut self, now: Timestamp) -> Option<PaymentCreated> {
        self.step(Ending, Captured)?;
        self.due(now.after(DUE_AFTER));
        self.payment_created()
    }

    /// What the order's status asks for. authorised -> capturing, because the order is complete; authorised -> voiding or
    /// captured -> refunding, because it was cancelled; captured -> refunding also because somebody gives the money of a complete
    /// order back. When the order is cancelled during a capture, the capture ends first and
    /// is refunded then. A failed payment has nothing more to do once its order is cancelled, a captured one once the order was
    /// read.
    pub fn follow(&mut self, order: &Order, now: Timestamp) {
        let followed = match (order.status, self.status) {
            (OrderStatus::Complete, Authorised) => self.step(Authorised, Capturing),
            (OrderStatus::Cancelled, Authorised) => {
                self.given_back_by = None;
                self.step(Authorised, Voiding)
            }
            // The refund's event needs the amount. An order without a price gets it with its `order.created`.
            (_, Captured) if self.is_to_go_back(order) => {
                self.given_back_by = self.given_back_by.take().filter(|_| order.status != OrderStatus::Cancelled);
                self.leave_slot_of_others();
                self.amount = self.amount.or(order.price);
                self.step(Captured, Refunding)
            }
            (OrderStatus::Cancelled, Failed) | (_, Captured) if self.due_at.is_some() => {
                self.version += 1;
                self.due_at = None;
                None
            }
            _ => None,
        };
        if followed.is_some() {
            self.due(now.after(DUE_AFTER));
        }
    }

    fn is_to_go_back(&self, order: &Order) -> bool {
        let is_to = match order.status {
            OrderStatus::Cancelled => true,
            OrderStatus::Complete => self.given_back_by.is_some(),
            OrderStatus::Created | OrderStatus::AwaitingPayment => false,
        };
        is_to && self.amount.or(order.price).is_some()
    }

    /// captured -> refunding, because somebody gives the money of this complete order back.
    pub fn give_back(&mut self, by: GivenBackBy, order: &Order, now: Timestamp) {
        if self.status == Captured && order.status == OrderStatus::Complete && self.amount.or(order.price).is_some() {
            self.given_back_by = Some(by);
            self.follow(order, now);
        }
    }

    /// The provider has given the money back, and this database has forgotten it, or never knew. What that means the order decides,
    /// once it is captured here as well.
    pub fn found_given_back(&mut self, now: Timestamp) {
        if matches!(self.status, Authorised | Capturing | Captured) && self.given_back_by.is_none() {
            self.leave_slot_of_others();
            self.given_back_by = Some(GivenBackBy::Provider);
            self.version += 1;
            self.due(now.after(DUE_AFTER));
        }
    }

    /// capturing -> captured, because the provider has taken the money. It is due once more: the order may have been cancelled
    /// meanwhile.
    pub fn captured(&mut self, now: Timestamp) {
        if self.step(Capturing, Captured).is_some() {
            self.due(now.after(DUE_AFTER));
        }
    }

    /// capturing or authorised -> failed, because the provider will never take the money, and holds it no more.
    pub fn failed(&mut self, reason: &str, now: Timestamp) -> Option<PaymentFailed> {
        self.step(Capturing, Failed).or_else(|| self.step(Authorised, Failed))?;
        self.reason = Some(reason.to_owned());
        self.due(now.after(DUE_AFTER));
        Some(self.payment_failed())
    }

    /// voiding -> voided, because the provider has released the money.
    pub fn voided(&mut self) {
        self.step(Voiding, Voided);
    }

    /// voiding -> refunding, because the money had been taken.
    pub fn taken_before(&mut self, now: Timestamp) {
        if self.step(Voiding, Refunding).is_some() {
            self.due(now.after(DUE_AFTER));
        }
    }

    /// refunding -> refunded, because the provider has refunded the money.
    pub fn refunded(&mut self) -> Option<PaymentRefunded> {
        let refunded = self.payment_refunded()?;
        self.step(Refunding, Refunded)?;
        self.refund_failed = None;
        Some(refunded)
    }

    /// The provider could not refund the money. The status stays: it is asked again, rarely, until an operator has settled it.
    pub fn refund_failed(&mut self, reason: &str) {
        if matches!(self.status, Refunding | Refunded) && self.refund_failed.as_deref() != Some(reason) {
            self.refund_failed = Some(reason.to_owned());
            self.version += 1;
        }
    }

    /// The buyer's bank asks for the money back.
    pub fn disputed(&mut self, dispute: &Dispute) {
        if self.dispute.as_ref() != Some(dispute) {
            self.leave_slot_of_others();
            self.dispute = Some(dispute.clone());
            self.version += 1;
        }
    }

    /// `payment.closed` is stored again: the order of refunded money still has no end.
    pub fn closed_again(&mut self) -> Option<PaymentClosed> {
        (self.status == Refunded && !self.keeps_order()).then(|| {
            self.version += 1;
            self.payment_closed()
        })
    }

    /// `payment.created` is stored again: the order whose money was given back, and which stays complete, has no end.
    pub fn created_again(&mut self) -> Option<PaymentCreated> {
        let created = self.payment_created().filter(|_| self.status == Refunded && self.keeps_order())?;
        self.version += 1;
        Some(created)
    }

    /// Only a document of the original is captured and has never changed.
    fn leave_slot_of_others(&mut self) {
        if self.status == Captured && self.version == 0 {
            self.original = Some(self.id);
        }
    }

    /// The one place that changes a status: from `from`, or not at all. The sweep has nothing more to do.
    fn step(&mut self, from: PaymentStatus, to: PaymentStatus) -> Option<()> {
        if self.status != from {
            return None;
        }
        self.status = to;
        self.version += 1;
        self.due_at = None;
        self.tries = 0;
        Some(())
    }

    fn due(&mut self, at: Timestamp) {
        self.due_at = Some(DateTime::from_millis(at.millis()));
    }
}
