//! Paying for an order: one attempt at a time, and each in the order claim, intent, intent's id, confirmation. So that whatever
//! is interrupted or unanswered is decided by asking for the intent.

use std::time::Duration;

use common::api::OrderStatus;
use common::error::ApiError;
use common::id::Id;
use common::mongo::{Aggregate, StoreError};
use common::retry::wait_for_within;
use tokio::time::sleep;

use crate::decide::{Decision, Keep};
use crate::models::order::KnownOrder;
use crate::models::payment::{Outcome, Payment, PaymentStatus};
use crate::models::payments::{self, Tried};
use crate::provider::{Confirmation, IntentState};
use crate::state::Payments;
use crate::till::SEEN_AFTER;

/// How long paying may take. With the wait for an order's event it stays below the time limit of a request.
pub const PAY_LIMIT: Duration = Duration::from_secs(11);

const CANCELLED: &str = "Cannot pay for a cancelled order";
const TIME_IS_OVER: &str = "The time to pay is over";
/// So many cards may be declined for one order: who tries stolen cards tries many.
const MOST_DECLINED_CARDS: usize = 5;

const TOO_MANY_CARDS: &str = "Too many cards were declined for this order";
const ALREADY_PAID: &str = "Order is already paid";

/// The attempt that speaks for the card of a request.
#[derive(Clone, Copy)]
enum Card {
    /// The request's own attempt.
    Tried(Id),
    /// Another request's attempt with the same card.
    Joined(Id),
}

impl Payments {
    /// The payment of an order as it was read just now: the stored one, else by this card. However often it is called, an order is paid
    /// once.
    ///
    /// # Errors
    /// 400 when the card is declined, or when the order cannot be paid for (any more); 402 when the buyer has to confirm; 429 when too
    /// many cards were declined; 503 when the provider did not decide, or not in time.
    pub async fn pay(&self, order: KnownOrder, token: &str) -> Result<Payment, ApiError> {
        let order_id = order.id;
        let late = |_| ApiError::Unavailable(format!("order {order_id} not paid within {PAY_LIMIT:?}"));
        tokio::time::timeout(PAY_LIMIT, self.pay_in_turns(order, token)).await.map_err(late)?
    }

    async fn pay_in_turns(&self, mut order: KnownOrder, token: &str) -> Result<Payment, ApiError> {
        let mut card = None;
        loop {
            if order.status == OrderStatus::Cancelled {
                return Err(ApiError::refused(CANCELLED));
            }
            let tried = payments::tried(&self.store, order.id).await?;
            let mut slot = if tried.is_slot_taken { payments::slot(&self.store, order.id).await? } else { None };
            if slot.is_none() {
                card = self.try_card(&order, token, card, tried).await?;
                slot = match self.paid_by(card) {
                    // As a majority has it: the decision may be another's.
                    None => payments::slot(&self.store, order.id).await?,
                    paid => paid,
                };
            }
            if let Some(payment) = slot
                && let Some(paid) = self.answer(payment, token, &mut card).await?
            {
                return Ok(paid);
            }
            order = self.orders.find_known(order.id).await?.ok_or(ApiError::NotFound)?;
        }
    }

    /// The payment by the request's own attempt, if it was this process that stored it.
    fn paid_by(&self, card: Option<Card>) -> Option<Payment> {
        let Some(Card::Tried(id)) = card else { return None };
        self.store.written(id).filter(|payment| payment.outcome() == Outcome::Paid)
    }

    /// What the payment that holds the slot means to this request; `None` when it has changed meanwhile.
    async fn answer(
        &self,
        payment: Payment,
        token: &str,
        card: &mut Option<Card>,
    ) -> Result<Option<Payment>, ApiError> {
        match payment.outcome() {
            Outcome::Paid => {
                // The order is read again after the payment was stored: a cancellation from here on finds it.
                let payment = self.follow_order(payment).await?;
                self.handover.hand(&payment);
                Ok(Some(payment).filter(|payment| payment.outcome() == Outcome::Paid))
            }
            Outcome::TakenBack => Err(ApiError::refused(CANCELLED)),
            Outcome::Closed => {
                let order = self.orders.find(payment.order_id()).await?;
                let is_cancelled = order.is_some_and(|order| order.status == OrderStatus::Cancelled);
                Err(ApiError::refused(if is_cancelled { CANCELLED } else { TIME_IS_OVER }))
            }
            Outcome::Undecided => {
                if card.is_none() && payment.is_attempt_with(token) {
                    *card = Some(Card::Joined(payment.id()));
                }
                self.wait_or_decide(payment, token).await?;
                // A majority has the decision a moment later, as a rule.
                sleep(SEEN_AFTER).await;
                Ok(None)
            }
            Outcome::Declined => Err(ApiError::internal(format_args!("{} holds no slot", payment.id()))),
        }
    }

    /// The slot is empty: what became of the card that was tried, else an attempt with it.
    async fn try_card(
        &self,
        order: &KnownOrder,
        token: &str,
        card: Option<Card>,
        tried: Tried,
    ) -> Result<Option<Card>, ApiError> {
        if let Some(Card::Tried(id) | Card::Joined(id)) = card
            && let Some(reason) = self.store.find(id).await?.as_ref().and_then(Payment::reason)
        {
            return Err(ApiError::refused(reason));
        }
        if let Some(Card::Tried(id)) = card {
            return Err(ApiError::Unavailable(format!("attempt {id} was not decided in time")));
        }
        match order.status {
            // A complete order was paid here. If that payment is lost (a restored database), nobody is charged again.
            OrderStatus::Complete => return Err(ApiError::refused(ALREADY_PAID)),
            _ if order.is_late => return Err(ApiError::refused(TIME_IS_OVER)),
            _ => {}
        }
        // It may be declined before ours is stored, and would not be counted. One that begins from here on takes our number.
        if tried.is_slot_taken {
            return Ok(self.wait_for_another(order.id, token, card).await?);
        }
        if tried.declined_cards >= MOST_DECLINED_CARDS {
            let left = self.time_left(order.id, None).await?;
            return Err(ApiError::limited(TOO_MANY_CARDS, left));
        }
        let claim = Payment::attempt(order, tried.next_number, token, self.clock.now());
        match self.store.insert(&claim, ()).await {
            // Somebody else has the slot or the number.
            Err(StoreError::Duplicate) => return Ok(self.wait_for_another(order.id, token, card).await?),
            inserted => inserted?,
        }
        let is_used_up = self.attempt(claim.clone(), token).await?;
        Ok(if is_used_up { card } else { Some(Card::Tried(claim.id())) })
    }

    /// Another request's attempt was stored a moment ago: a majority has it soon, and it may be over by then. When it is with the same card,
    /// it speaks for this request as well.
    async fn wait_for_another(&self, order: Id, token: &str, card: Option<Card>) -> Result<Option<Card>, StoreError> {
        let another = payments::undecided(&self.store, order).await?;
        let joined = another.filter(|attempt| attempt.is_attempt_with(token)).map(|attempt| Card::Joined(attempt.id()));
        sleep(SEEN_AFTER).await;
        Ok(card.or(joined))
    }

    /// From the claim to the decision. True when the provider remembers the attempt as cancelled, from before a restore of the
    /// database: the next number is to be tried.
    async fn attempt(&self, claim: Payment, token: &str) -> Result<bool, ApiError> {
        let id = claim.id();
        let attempt = claim.to_attempt().ok_or_else(|| ApiError::internal(format_args!("{id} is no attempt")))?;
        let intent = match self.provider.create(&attempt).await {
            Ok(intent) => intent,
            // It holds nothing, and nobody confirms it.
            Err(error) => {
                self.change(id, |payment, _| payment.dropped()).await?;
                return Err(error.into());
            }
        };
        let payment = self.change(id, |payment, now| payment.created(&intent.id, now)).await?;
        if payment.status() != PaymentStatus::Pending || payment.stripe_id() != Some(&*intent.id) {
            // The claim was taken meanwhile: nothing is confirmed.
            return Ok(false);
        }
        let decision = match intent.state {
            IntentState::Unconfirmed => match self.provider.confirm(&intent.id, token).await {
                Ok(Confirmation::Declined(reason)) => {
                    self.change(id, |payment, now| payment.declined(&reason, now)).await?;
                    return Ok(false);
                }
                // The bank decides later, or the attempt is due.
                Ok(Confirmation::Intent(IntentState::Processing)) => return Ok(false),
                Ok(Confirmation::Intent(state)) => self.decide_by(payment, state, Keep::WithBuyer).await?,
                Err(error) => {
                    tracing::warn!(payment = %id, %error, "confirmation without an answer, asking for the intent");
                    self.decide(payment, Keep::WithBuyer).await?
                }
            },
            IntentState::Processing => return Ok(false),
            IntentState::Cancelled => {
                self.decide_by(payment, IntentState::Cancelled, Keep::Nothing).await?;
                return Ok(true);
            }
            state => self.decide_by(payment, state, Keep::WithBuyer).await?,
        };
        self.ask_buyer(decision).await?;
        Ok(false)
    }

    /// The attempt of another request, or of an earlier one of this buyer. It is waited for until its call must have ended; then,
    /// or when it waits for the buyer, the provider is asked. It stays only when the buyer is to confirm this very card.
    async fn wait_or_decide(&self, payment: Payment, token: &str) -> Result<(), ApiError> {
        let left = payment.due_at().map(|due| due.remaining(self.clock.now())).unwrap_or_default();
        if payment.is_in_flight() && !left.is_zero() {
            let look = || async {
                let stored = self.store.find(payment.id()).await?;
                Ok::<_, StoreError>(stored.filter(|stored| stored.version() != payment.version()))
            };
            return Ok(wait_for_within(left, look).await.map(drop)?);
        }
        let keep = if payment.is_attempt_with(token) { Keep::WithBuyer } else { Keep::Nothing };
        let decision = self.decide(payment, keep).await?;
        if decision.client_secret.is_none() && decision.payment.status() == PaymentStatus::Pending {
            return Err(ApiError::Unavailable(format!("attempt {} is not decided yet", decision.payment.id())));
        }
        self.ask_buyer(decision).await
    }

    /// The buyer gets the client secret, once it is stored that they have it: from then on any browser can confirm.
    async fn ask_buyer(&self, decision: Decision) -> Result<(), ApiError> {
        let Decision { payment, client_secret: Some(client_secret) } = decision else {
            return Ok(());
        };
        let stored = self.change(payment.id(), |payment, now| payment.secret_given(now)).await?;
        match stored.status() {
            PaymentStatus::Pending => Err(ApiError::ConfirmationRequired { client_secret }),
            _ => Ok(()),
        }
    }
}
