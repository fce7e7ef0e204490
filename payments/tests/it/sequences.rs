//! Sequences that broke a careless reading of the rules, each as it happened: crashes between two writes, two replicas that see
//! different moments, calls that land late, events that are lost, databases that are restored.

use std::time::Duration;

use common::error::ApiError;
use common::id::Id;
use common::mongo::Aggregate;
use common::testing::eventually;
use futures::future::join;
use mongodb::bson::{DateTime, doc};
use payments::decide::Keep;
use payments::models::payment::PaymentStatus;
use payments::models::payments::adopt;
use payments::provider::IntentState;

use crate::app::{charge_left_behind, payment_left_behind, payment_of_the_original};
use crate::idle::{Idle, SharedStores, cancelled, completed};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, Operation, StripeDouble};

const BUYER_CONFIRMS: &str = "tok_threeDSecure2Required";
const TIME_IS_OVER: &str = "The time to pay is over";
const CANCELLED: &str = "Cannot pay for a cancelled order";
const OPERATOR: Id = Id::from_bytes([7; 12]);

/// A service without its workers, whose provider is the double.
async fn idle_service(stripe: &StripeDouble) -> Idle {
    SharedStores::new().await.idle(&stripe.flags()).await
}

/// The same that does not wait long for the provider.
async fn hasty(stripe: &StripeDouble) -> Idle {
    SharedStores::new().await.idle(&[&stripe.flags()[..], &[("stripe-timeout-ms", "500")]].concat()).await
}

async fn refusal(idle: &Idle, order: &TestOrder, token: &str) -> String {
    match idle.pay(order, token).await {
        Err(ApiError::Refused(words)) => words,
        other => panic!("not refused: {other:?}"),
    }
}

/// The buyer pays with a card that is to be confirmed, and gets its secret.
async fn pay_to_confirm(idle: &Idle, order: &TestOrder) -> String {
    match idle.pay(order, BUYER_CONFIRMS).await {
        Err(ApiError::ConfirmationRequired { client_secret }) => client_secret,
        other => panic!("no confirmation wanted: {other:?}"),
    }
}

#[tokio::test]
async fn an_attempt_that_one_replica_ends_is_not_stored_as_authorised_by_another_that_saw_it_so() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    let secret = pay_to_confirm(&idle, &order).await;
    let seen = idle.newest(&order).await;
    // At the deadline one replica has looked, and then the buyer confirms, and another one looks.
    let waiting = IntentState::NeedsAction { client_secret: secret.clone() };
    idle.payments.decide_by(seen.clone(), waiting, Keep::Nothing).await.unwrap();
    assert_eq!(stripe.confirm_as_buyer(&secret, true), "requires_capture");
    let late = idle.payments.decide_by(seen, IntentState::Authorised, Keep::WithBuyer).await.unwrap();
    assert_eq!(late.payment.status(), PaymentStatus::Ending);
    idle.payments.expire(order.id).await.unwrap();
    assert_eq!(refusal(&idle, &order, BUYER_CONFIRMS).await, TIME_IS_OVER);
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["declined", "closed"]);
    assert_eq!(stripe.intents(), [("canceled".to_owned(), 1250)]);
    assert_eq!(idle.published(), ["payment.closed"]);
}

#[tokio::test]
async fn a_confirmation_that_lands_after_the_till_has_closed_holds_nothing_for_long() {
    let stripe = StripeDouble::start().await;
    let mut idle = hasty(&stripe).await;
    let order = idle.order().await;
    stripe.fail_next(Operation::Confirm, Fault::NoAnswer, 1);
    let answer = idle.pay(&order, "tok_visa").await;
    assert!(matches!(answer, Err(ApiError::Unavailable(_))), "{answer:?}");
    assert_eq!(idle.statuses(&order).await, ["ending"], "unconfirmed is no end");
    idle.payments.expire(order.id).await.unwrap();
    stripe.db_set_status("pi_1", "requires_capture");
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["declined", "closed"]);
    assert_eq!(stripe.holds(), 0);
}

#[tokio::test]
async fn a_confirmation_that_lands_after_its_intent_was_cancelled_holds_nothing() {
    let stripe = StripeDouble::start().await;
    let mut idle = hasty(&stripe).await;
    let order = idle.order().await;
    stripe.fail_next(Operation::Confirm, Fault::DoneLate(Duration::from_millis(800)), 1);
    idle.pay(&order, "tok_visa").await.unwrap_err();
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["declined"]);
    assert_eq!(stripe.intents(), [("canceled".to_owned(), 1250)]);
    idle.pay(&order, "tok_visa").await.unwrap();
    assert_eq!(stripe.holds(), 1);
}

#[tokio::test]
async fn a_request_whose_claim_was_taken_while_it_made_its_intent_confirms_nothing() {
    for is_dropped_first in [false, true] {
        let stripe = StripeDouble::start().await;
        let mut idle = idle_service(&stripe).await;
        let order = idle.order().await;
        stripe.fail_next(Operation::Create, Fault::Late(Duration::from_millis(1500)), 1);
        let closed = async {
            let asked = async || (!stripe.calls_of(Operation::Create).is_empty()).then_some(());
            eventually("the intent is made", asked).await;
            if is_dropped_first {
                idle.sweep(&order).await;
                assert_eq!(idle.statuses(&order).await, ["declined"]);
            }
            idle.payments.expire(order.id).await.unwrap();
        };
        let (refused, ()) = join(refusal(&idle, &order, "tok_visa"), closed).await;
        assert_eq!(refused, TIME_IS_OVER);
        assert!(stripe.calls_of(Operation::Confirm).is_empty(), "no card was touched");
        assert_eq!(idle.published(), ["payment.closed"]);
    }
}

#[tokio::test]
async fn a_browser_that_confirms_again_after_the_attempt_was_given_up_holds_nothing_for_long() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    let secret = pay_to_confirm(&idle, &order).await;
    assert_eq!(stripe.confirm_as_buyer(&secret, false), "requires_payment_method");
    idle.payments.decide(idle.newest(&order).await, Keep::WithBuyer).await.unwrap();
    assert_eq!(idle.statuses(&order).await, ["ending"], "whoever has the secret may confirm again");
    idle.payments.expire(order.id).await.unwrap();
    stripe.db_set_status("pi_1", "requires_capture");
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["declined", "closed"]);
    assert_eq!(stripe.intents(), [("canceled".to_owned(), 1250)]);
}

#[tokio::test]
async fn a_bank_that_takes_its_time_after_the_buyer_has_confirmed_is_waited_for() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    pay_to_confirm(&idle, &order).await;
    stripe.db_set_status("pi_1", "processing");
    idle.sweep(&order).await;
    assert_eq!(idle.statuses(&order).await, ["pending"]);
    let answer = idle.pay(&order, BUYER_CONFIRMS).await;
    assert!(matches!(answer, Err(ApiError::Unavailable(_))), "{answer:?}");
    stripe.db_set_status("pi_1", "requires_capture");
    idle.pay(&order, BUYER_CONFIRMS).await.unwrap();
    // Another card and the till do not wait for it.
    let order = idle.order().await;
    pay_to_confirm(&idle, &order).await;
    stripe.db_set_status("pi_2", "processing");
    idle.pay(&order, "tok_visa").await.unwrap();
    assert_eq!(idle.statuses(&order).await, ["ending", "authorised"]);
    stripe.db_set_status("pi_2", "requires_capture");
    idle.work().await;
    idle.sweep(&order).await;
    assert_eq!(
        (idle.statuses(&order).await, stripe.holds()),
        (vec!["declined".to_owned(), "authorised".to_owned()], 2)
    );
}

#[tokio::test]
async fn a_hold_that_has_ended_before_its_order_fails_after_an_hour() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    stripe.db_set_status("pi_1", "canceled");
    let mut payment = idle.db_payments(&order).await.remove(0);
    for (tries, status) in [(20, "authorised"), (33, "failed")] {
        payment.insert("tries", tries);
        idle.db_replace(&payment).await;
        idle.published();
        idle.sweep(&order).await;
        assert_eq!(idle.statuses(&order).await, [status]);
    }
    assert_eq!(idle.published().last().unwrap(), "payment.failed");
}

#[tokio::test]
async fn an_attempt_that_was_due_is_decided_by_the_request_that_finds_it() {
    let idle = SharedStores::new().await.idle(&[]).await;
    let order = idle.order().await;
    let mut left = payment_left_behind(&order, "pending");
    left.extend(doc! {"tries": 1, "dueAt": DateTime::from_millis(DateTime::now().timestamp_millis() + 60_000)});
    idle.database.collection("sandbox").insert_one(charge_left_behind(&left, "authorised")).await.unwrap();
    idle.database.collection("payments").insert_one(left).await.unwrap();
    idle.pay(&order, "tok_visa").await.unwrap();
}

#[tokio::test]
async fn two_charges_of_the_original_are_refunded_also_when_they_were_disputed() {
    let mut idle = SharedStores::new().await.idle(&[]).await;
    let order = idle.order().await;
    for charge in ["ch_1", "ch_2"] {
        let mut charged = payment_of_the_original(&order);
        charged.insert("stripeId", charge);
        idle.database.collection("payments").insert_one(charged).await.unwrap();
        idle.payments.disputed(charge, "dp_1", "fraudulent").await.unwrap();
    }
    idle.payments.apply(cancelled(&order, 1)).await.unwrap();
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["refunded", "refunded"]);
}

#[tokio::test]
async fn an_event_that_is_not_newer_does_what_the_first_delivery_died_before() {
    for (update, status) in
        [(cancelled as fn(&TestOrder, i32) -> _, "voided"), (|order, _| completed(order), "captured")]
    {
        let stripe = StripeDouble::start().await;
        let mut idle = idle_service(&stripe).await;
        let order = idle.order().await;
        idle.pay(&order, "tok_visa").await.unwrap();
        idle.payments.orders.apply(&update(&order, 1)).await.unwrap();
        idle.payments.apply(update(&order, 1)).await.unwrap();
        idle.work().await;
        assert_eq!(idle.statuses(&order).await, [status]);
    }
}

#[tokio::test]
async fn an_order_that_is_cancelled_while_its_card_is_confirmed_is_not_answered_201() {
    for fault in [Fault::Late(Duration::from_millis(150)), Fault::DoneLate(Duration::from_millis(150))] {
        let stripe = StripeDouble::start().await;
        let mut idle = idle_service(&stripe).await;
        let order = idle.order().await;
        stripe.fail_next(Operation::Confirm, fault, 1);
        let ended = async {
            let asked = async || (!stripe.calls_of(Operation::Confirm).is_empty()).then_some(());
            eventually("the card is confirmed", asked).await;
            idle.payments.apply(cancelled(&order, 1)).await.unwrap();
            idle.payments.end_and_close(order.id).await.unwrap();
        };
        let (refused, ()) = join(refusal(&idle, &order, "tok_visa"), ended).await;
        assert_eq!(refused, CANCELLED);
        idle.work().await;
        assert_eq!(stripe.intents(), [("canceled".to_owned(), 1250)], "{fault:?}");
    }
}

#[tokio::test]
async fn a_till_that_is_asked_again_answers_again() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = TestOrder::new();
    for _ in 0..3 {
        idle.payments.expire(order.id).await.unwrap();
        assert_eq!(idle.published(), ["payment.closed"]);
    }
    assert_eq!(idle.statuses(&order).await, ["closed"]);
}

#[tokio::test]
async fn a_capture_that_is_refused_for_good_releases_its_hold_and_says_so_until_the_order_is_cancelled() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    stripe.fail_next(Operation::Capture, Fault::Declined, 1);
    idle.payments.apply(completed(&order)).await.unwrap();
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["failed"]);
    assert_eq!(stripe.intents(), [("canceled".to_owned(), 1250)]);
    idle.published();
    for _ in 0..2 {
        idle.sweep(&order).await;
        idle.payments.expire(order.id).await.unwrap();
        assert_eq!(idle.published(), ["payment.failed", "payment.failed"]);
    }
    assert_eq!(refusal(&idle, &order, "tok_visa").await, CANCELLED);
    idle.payments.apply(cancelled(&order, 2)).await.unwrap();
    idle.published();
    idle.sweep(&order).await;
    assert!(idle.published().is_empty(), "it is known");
    assert!(!idle.db_payments(&order).await[0].contains_key("dueAt"));
}

#[tokio::test]
async fn an_intent_that_was_captured_although_the_capture_was_refused_counts_as_captured() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    stripe.db_set_status("pi_1", "succeeded");
    stripe.fail_next(Operation::Capture, Fault::Declined, 1);
    idle.payments.apply(completed(&order)).await.unwrap();
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["captured"]);
}

#[tokio::test]
async fn a_database_that_is_restored_to_before_the_attempt_makes_no_second_hold() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    idle.published();
    let payments = idle.database.collection::<mongodb::bson::Document>("payments");
    // The buyer asks again, or the operator reconciles.
    for is_reconciled in [false, true] {
        payments.delete_many(doc! {"orderId": order.id.to_string()}).await.unwrap();
        if is_reconciled {
            let found = idle.payments.provider.intents(common::timestamp::Timestamp::from_millis(0)).await.unwrap();
            let now = idle.payments.clock.now();
            assert!(adopt(&idle.payments.store, found[0].as_ref().unwrap(), now).await.unwrap());
            assert!(!adopt(&idle.payments.store, found[0].as_ref().unwrap(), now).await.unwrap(), "once");
        }
        idle.pay(&order, "tok_visa").await.unwrap();
        assert_eq!(idle.published(), ["payment.created"]);
        assert_eq!(idle.statuses(&order).await, ["authorised"]);
        assert_eq!(stripe.intents(), [("requires_capture".to_owned(), 1250)]);
    }
}

#[tokio::test]
async fn a_database_that_is_restored_to_the_stored_intent_keeps_the_promise() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    idle.published();
    let mut before = idle.db_payments(&order).await.remove(0);
    before.extend(doc! {"status": "pending", "version": 1, "token": "tok_visa", "dueAt": DateTime::from_millis(0)});
    idle.db_replace(&before).await;
    idle.sweep(&order).await;
    assert_eq!(idle.statuses(&order).await, ["authorised"]);
    assert_eq!(idle.published()[0], "payment.created");
}

#[tokio::test]
async fn a_database_that_is_restored_to_before_the_capture_charges_nothing_twice() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    let before = idle.db_payments(&order).await.remove(0);
    idle.payments.apply(completed(&order)).await.unwrap();
    idle.work().await;
    idle.db_replace(&before).await;
    idle.payments.apply(completed(&order)).await.unwrap();
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["captured"]);
    assert_eq!(stripe.intents(), [("succeeded".to_owned(), 1250)]);
    // And to before the capture of an order that was cancelled since.
    idle.db_replace(&before).await;
    idle.payments.apply(cancelled(&order, 2)).await.unwrap();
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["refunded"]);
    assert_eq!(stripe.refunds(), ["succeeded"]);
    assert_eq!(idle.newest(&order).await.version(), 5);
}

/// A complete order whose money is taken.
async fn captured_order(idle: &mut Idle) -> TestOrder {
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    idle.payments.apply(completed(&order)).await.unwrap();
    idle.work().await;
    idle.sweep(&order).await;
    assert_eq!(idle.statuses(&order).await, ["captured"]);
    idle.published();
    order
}

#[tokio::test]
async fn whatever_comes_again_after_an_operator_gave_the_money_back_it_is_neither_taken_nor_given_back_again() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = captured_order(&mut idle).await;
    let paid = idle.newest(&order).await.id();
    stripe.fail_next(Operation::Refund, Fault::Unavailable, 1);
    let refunding = idle.payments.give_back(order.id, OPERATOR).await.unwrap();
    assert_eq!((refunding.id(), refunding.status()), (paid, PaymentStatus::Refunding));
    for status in ["refunding", "refunded"] {
        idle.payments.apply(completed(&order)).await.unwrap();
        idle.payments.expire(order.id).await.unwrap();
        assert_eq!(idle.pay(&order, "tok_visa").await.unwrap().id(), paid, "it was paid");
        assert_eq!(idle.statuses(&order).await, [status]);
        idle.work().await;
        idle.sweep(&order).await;
    }
    assert_eq!(idle.payments.give_back(order.id, Id::generate()).await.unwrap().id(), paid);
    // A process that has missed it captures the intent, which is captured.
    assert_eq!(idle.payments.provider.capture("pi_1").await.unwrap(), IntentState::Captured);
    assert_eq!(
        (stripe.intents(), stripe.refunds()),
        (vec![("succeeded".to_owned(), 1250)], vec!["succeeded".to_owned()])
    );
    let published = idle.published();
    assert_eq!(published.iter().filter(|subject| *subject == "payment.closed").count(), 0);
    assert_eq!(published.last().unwrap(), "payment.refunded");
    assert!(!idle.db_payments(&order).await[0].contains_key("dueAt"), "there is nothing more to do");
    let stored = idle.db_payments(&order).await.remove(0);
    let by = stored.get_document("givenBackBy").unwrap().get_str("operator").unwrap();
    assert_eq!(by, OPERATOR.to_string(), "it is known who decided it");
}

#[tokio::test]
async fn of_two_operators_and_a_late_capture_at_the_same_time_the_money_goes_back_once() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    idle.payments.apply(completed(&order)).await.unwrap();
    idle.published();
    // The capture is under way, and has been handed over.
    let (one, other) =
        join(idle.payments.give_back(order.id, OPERATOR), idle.payments.give_back(order.id, Id::generate())).await;
    assert_eq!((one.unwrap().status(), other.unwrap().status()), (PaymentStatus::Refunded, PaymentStatus::Refunded));
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["refunded"]);
    assert_eq!((stripe.refunds().len(), idle.published().last().unwrap().as_str()), (1, "payment.refunded"));
}

#[tokio::test]
async fn what_is_not_taken_yet_is_not_given_back() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = idle.order().await;
    idle.pay(&order, "tok_visa").await.unwrap();
    let refused = async |idle: &Idle| match idle.payments.give_back(order.id, OPERATOR).await {
        Err(ApiError::Refused(words)) => words,
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(refused(&idle).await, "The money for this order is not taken yet, try again in a few seconds");
    stripe.fail_next(Operation::Capture, Fault::Unavailable, 1);
    idle.payments.orders.apply(&completed(&order)).await.unwrap();
    assert_eq!(refused(&idle).await, "The money for this order is not taken yet, try again in a few seconds");
    assert_eq!(idle.statuses(&order).await, ["capturing"]);
    idle.work().await;
    assert_eq!(idle.payments.give_back(order.id, OPERATOR).await.unwrap().status(), PaymentStatus::Refunded);
}

#[tokio::test]
async fn a_database_that_is_restored_to_before_the_refund_gives_nothing_back_twice() {
    let stripe = StripeDouble::start().await;
    let mut idle = idle_service(&stripe).await;
    let order = captured_order(&mut idle).await;
    let captured = idle.db_payments(&order).await.remove(0);
    idle.payments.give_back(order.id, OPERATOR).await.unwrap();
    idle.db_replace(&captured).await;
    idle.payments.apply(completed(&order)).await.unwrap();
    idle.payments.expire(order.id).await.unwrap();
    assert_eq!(idle.statuses(&order).await, ["captured"]);
    idle.published();
    idle.payments.give_back(order.id, OPERATOR).await.unwrap();
    assert_eq!((idle.statuses(&order).await, stripe.refunds().len()), (vec!["refunded".to_owned()], 1));
    assert_eq!(idle.published(), ["payment.refunded"]);
}

#[tokio::test]
async fn both_charges_of_an_order_that_the_original_charged_twice_are_given_back() {
    let mut idle = SharedStores::new().await.idle(&[]).await;
    let order = idle.order().await;
    for charge in ["ch_1", "ch_2"] {
        let mut charged = payment_of_the_original(&order);
        charged.insert("stripeId", charge);
        idle.database.collection("payments").insert_one(charged).await.unwrap();
    }
    idle.payments.apply(completed(&order)).await.unwrap();
    idle.payments.give_back(order.id, OPERATOR).await.unwrap();
    idle.work().await;
    assert_eq!(idle.statuses(&order).await, ["refunded", "refunded"]);
}
