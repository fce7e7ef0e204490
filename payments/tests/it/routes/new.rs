use std::time::Duration;

use common::events::PaymentCreated;
use common::testing::{App, User, caught_up, eventually};
use common::timestamp::Timestamp;
use futures::future::{join, join_all};
use mongodb::bson::Document;
use payments::models::payment::PaymentStatus;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{
    Environment, TestApp, charge_left_behind, claim_left_behind, payment_left_behind, payment_of_the_original,
};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, Operation, StripeDouble};

const CANCELLED: (&str, Option<&str>) = ("Cannot pay for a cancelled order", None);
const TIME_IS_OVER: (&str, Option<&str>) = ("The time to pay is over", None);
const BUYER_CONFIRMS: &str = "tok_threeDSecure2Required";
const TOKEN_REQUIRED: (&str, Option<&str>) = ("Token is required", Some("token"));
const ORDER_ID_REQUIRED: (&str, Option<&str>) = ("OrderId is required", Some("orderId"));

#[tokio::test]
async fn paying_authorises_the_price_and_publishes_it() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    let answer = payments.pay(&order, "tok_visa").await.expect(201);
    let id = answer.id();
    assert_eq!(answer.body, json!({"id": id}));
    let stored = payments.db_payment(&order).await;
    let stripe_id = stored.get_str("stripeId").unwrap();
    assert_eq!(stored.get_str("status").unwrap(), "authorised");
    assert_eq!(stored.get_f64("amount").unwrap(), 12.5);
    assert!(!stored.contains_key("token"), "the card is forgotten: {stored}");
    let created = payments.stream.wait_for::<PaymentCreated>(1, |event| event.order_id == order.id).await;
    assert_eq!(created, [PaymentCreated { id, order_id: order.id, stripe_id: stripe_id.to_owned() }]);
    assert_eq!(payments.db_charge(&order).await, "authorised");
}

#[tokio::test]
async fn an_attempt_whose_status_is_not_known_here_keeps_every_card_from_being_charged() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    payments.db_insert("payments", payment_left_behind(&order, "of a later version")).await;
    payments.pay(&order, "tok_visa").await.expect(500);
    assert_eq!((payments.db_payments(&order).await.len(), payments.db_sandbox(&order).await.len()), (1, 0));
}

#[tokio::test]
async fn everything_that_is_missing_is_said_at_once() {
    let payments = TestApp::start().await;
    let user = User::new();
    for body in [json!({}), json!({"token": "", "orderId": " "}), json!({"token": 1, "orderId": []}), json!([])] {
        let answer = payments.app.post(Some(&user), "/api/payments", body).await;
        answer.expect_errors(400, &[TOKEN_REQUIRED, ORDER_ID_REQUIRED]);
    }
}

#[tokio::test]
async fn each_missing_input_is_refused_at_its_field() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    let post = async |body: Value| payments.app.post(Some(&order.buyer), "/api/payments", body).await;
    post(json!({"orderId": order.id})).await.expect_errors(400, &[TOKEN_REQUIRED]);
    post(json!({"token": "tok_visa"})).await.expect_errors(400, &[ORDER_ID_REQUIRED]);
}

#[tokio::test]
async fn without_a_session_nothing_is_paid() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    let body = json!({"token": "tok_visa", "orderId": order.id});
    payments.app.post(None, "/api/payments", body).await.expect_errors(401, &[("Not authorized", None)]);
    assert!(payments.db_payments(&order).await.is_empty());
}

#[tokio::test]
async fn somebody_elses_order_cannot_be_paid_for() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    let mut attempted = order.clone();
    attempted.buyer = User::new();
    payments.pay(&attempted, "tok_visa").await.expect_errors(401, &[("Not authorized", None)]);
    assert!(payments.db_payments(&order).await.is_empty());
}

#[tokio::test]
async fn an_unknown_order_is_not_found() {
    let payments = TestApp::start().await;
    let answer = caught_up(async || payments.pay(&TestOrder::new(), "tok_visa").await).await;
    answer.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_malformed_order_id_is_not_found() {
    let payments = TestApp::start().await;
    let body = json!({"token": "tok_visa", "orderId": "my order"});
    let answer = payments.app.post(Some(&User::new()), "/api/payments", body).await;
    answer.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_buyer_who_is_faster_than_the_stream_waits_for_the_order() {
    let payments = TestApp::start().await;
    let order = TestOrder::new();
    let late = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        payments.stream.publish(&order.created()).await;
    };
    let (answer, ()) = join(payments.pay(&order, "tok_visa"), late).await;
    answer.expect(201);
}

#[tokio::test]
async fn an_order_whose_end_came_before_its_beginning_is_not_found() {
    let payments = TestApp::start().await;
    let order = TestOrder::new();
    payments.publish(&order.cancelled()).await;
    let answer = caught_up(async || payments.pay(&order, "tok_visa").await).await;
    answer.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_cancelled_order_cannot_be_paid_for() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    payments.publish(&order.cancelled()).await;
    payments.pay(&order, "tok_visa").await.expect_errors(400, &[CANCELLED]);
    assert!(payments.db_sandbox(&order).await.is_empty(), "nobody was asked for money");
}

#[tokio::test]
async fn a_declined_card_is_refused_in_the_providers_words_and_another_may_be_tried() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    for (token, message) in [
        ("tok_chargeDeclined", "Your card was declined"),
        ("tok_chargeDeclinedInsufficientFunds", "Your card has insufficient funds"),
        ("pm_card_chargeDeclinedExpiredCard", "Your card has expired"),
        ("tok_none", "No such token: 'tok_none'"),
    ] {
        payments.pay(&order, token).await.expect_errors(400, &[(message, None)]);
    }
    payments.pay(&order, "pm_card_mastercard").await.expect(201);
    let stored = payments.db_payments(&order).await;
    let statuses: Vec<&str> = stored.iter().map(|payment| payment.get_str("status").unwrap()).collect();
    assert_eq!(statuses, ["declined", "declined", "declined", "declined", "authorised"]);
    let created = payments.stream.wait_for::<PaymentCreated>(1, |event| event.order_id == order.id).await;
    assert_eq!(created.len(), 1);
}

#[tokio::test]
async fn an_order_that_is_paid_is_answered_the_same_again_whatever_the_card() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    let id = payments.pay(&order, "tok_visa").await.expect(201).id();
    assert_eq!(payments.pay(&order, "tok_visa").await.expect(201).id(), id);
    assert_eq!(payments.pay(&order, "tok_chargeDeclined").await.expect(201).id(), id);
    payments.publish(&order.completed()).await;
    payments.wait_for_status(&order, "captured").await;
    assert_eq!(payments.pay(&order, "tok_amex").await.expect(201).id(), id);
    assert_eq!(payments.db_charge(&order).await, "captured");
}

#[tokio::test]
async fn of_twenty_payments_at_the_same_time_one_charges_and_all_get_its_answer() {
    let payments = TestApp::start().await;
    let replica = payments.replica().await;
    let order = payments.order().await;
    let body = json!({"token": "tok_visa", "orderId": order.id});
    let instances = [&payments.app, &replica];
    let pay = |number: usize| instances[number % 2].post(Some(&order.buyer), "/api/payments", body.clone());
    let answers = join_all((0..20).map(pay)).await;
    let id = payments.db_payment(&order).await.get_object_id("_id").unwrap();
    for answer in answers {
        assert_eq!(answer.expect(201).id(), id.into());
    }
    assert_eq!(payments.db_charge(&order).await, "authorised");
    let created = payments.stream.wait_for::<PaymentCreated>(1, |event| event.order_id == order.id).await;
    assert_eq!(created.len(), 1);
}

#[tokio::test]
async fn of_twenty_payments_with_a_bad_card_at_the_same_time_each_gets_the_reason() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    for answer in join_all((0..20).map(|_| payments.pay(&order, "tok_chargeDeclined"))).await {
        answer.expect_errors(400, &[("Your card was declined", None)]);
    }
}

#[tokio::test]
async fn who_joins_an_attempt_with_a_bad_card_pays_with_the_good_one() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    environment.db_insert("orders", order.replica("created")).await;
    let payments = environment.start().await;
    for _ in 0..5 {
        let (bad, good) = join(payments.pay(&order, "tok_chargeDeclined"), payments.pay(&order, "tok_visa")).await;
        good.expect(201);
        assert!(matches!(bad.status, 201 | 400), "paid by the other or declined: {bad:?}");
    }
    let charged = payments.db_sandbox(&order).await;
    let authorised = charged.iter().filter(|charge| charge.get_str("state").ok() == Some("authorised")).count();
    assert_eq!(authorised, 1, "{charged:?}");
}

/// What a process left behind that died in the middle of an attempt. Its call has ended for certain.
async fn inherit(order: &TestOrder, attempt: Document, charge: Option<&str>) -> TestApp {
    let environment = Environment::new().await;
    environment.db_insert("orders", order.replica("created")).await;
    if let Some(state) = charge {
        environment.db_insert("sandbox", charge_left_behind(&attempt, state)).await;
    }
    environment.db_insert("payments", attempt).await;
    environment.start().await
}

#[tokio::test]
async fn an_attempt_that_somebody_left_in_the_middle_does_not_keep_another_card_waiting() {
    for (attempt, charge) in [(claim_left_behind as fn(&TestOrder) -> Document, None), (pending, Some("unconfirmed"))] {
        let order = TestOrder::new();
        let payments = inherit(&order, attempt(&order), charge).await;
        let id = payments.pay(&order, "tok_mastercard").await.expect(201).id();
        let stored = payments.db_payments(&order).await;
        assert_eq!(stored.len(), 2);
        assert_eq!(stored[1].get_object_id("_id").unwrap(), id.into());
        eventually("the first one is decided", async || {
            let stored = payments.db_payments(&order).await;
            (stored[0].get_str("status").unwrap() == "declined").then_some(())
        })
        .await;
        let held = payments.db_sandbox(&order).await;
        let held = held.iter().filter(|charge| charge.get_str("state").unwrap() == "authorised").count();
        assert_eq!(held, 1);
    }
}

fn pending(order: &TestOrder) -> Document {
    payment_left_behind(order, "pending")
}

#[tokio::test]
async fn an_attempt_whose_answer_was_lost_pays_for_the_order_whatever_card_is_tried_next() {
    let order = TestOrder::new();
    let attempt = pending(&order);
    let payments = inherit(&order, attempt.clone(), Some("authorised")).await;
    let answer = payments.pay(&order, "tok_mastercard").await.expect(201);
    assert_eq!(answer.id(), attempt.get_object_id("_id").unwrap().into());
    assert_eq!(payments.db_charge(&order).await, "authorised");
}

#[tokio::test]
async fn a_payment_that_races_with_the_cancellation_leaves_no_money_behind() {
    let payments = TestApp::start().await;
    for _ in 0..10 {
        let order = payments.order().await;
        let (answer, ()) = join(payments.pay(&order, "tok_visa"), payments.stream.publish(&order.cancelled())).await;
        assert!(matches!(answer.status, 201 | 400), "{answer:?}");
        payments.stream.wait_until_handled(payments::NAME).await;
        eventually("nothing is held", async || {
            let payments_ended = payments
                .db_payments(&order)
                .await
                .into_iter()
                .all(|payment| matches!(payment.get_str("status").unwrap(), "voided" | "closed" | "declined"));
            let held = payments.db_sandbox(&order).await;
            let held = held.iter().any(|charge| charge.get_str("state").unwrap() == "authorised");
            (payments_ended && !held).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_order_that_is_cancelled_while_the_provider_thinks_is_not_paid() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    stripe.fail_next(Operation::Confirm, Fault::DoneLate(Duration::from_millis(500)), 1);
    let cancelled = async {
        let asked = async || (!stripe.calls_of(Operation::Confirm).is_empty()).then_some(());
        eventually("the provider is asked", asked).await;
        payments.publish(&order.cancelled()).await;
    };
    let (answer, ()) = join(payments.pay(&order, "tok_visa"), cancelled).await;
    answer.expect_errors(400, &[CANCELLED]);
    eventually("nothing is held", async || (stripe.intents() == [("canceled".to_owned(), 1250)]).then_some(())).await;
}

#[tokio::test]
async fn an_order_whose_time_is_over_cannot_be_paid_for() {
    let payments = TestApp::start().await;
    let order = TestOrder::late();
    payments.publish(&order.created()).await;
    payments.pay(&order, "tok_visa").await.expect_errors(400, &[TIME_IS_OVER]);
    assert!(payments.db_payments(&order).await.is_empty());
    assert!(payments.db_sandbox(&order).await.is_empty(), "no card was touched");
}

#[tokio::test]
async fn an_order_that_was_paid_in_time_is_answered_the_same_again_after_it() {
    let payments = TestApp::start().await;
    let order = TestOrder::expiring_in(Duration::from_secs(2));
    payments.publish(&order.created()).await;
    let id = payments.pay(&order, "tok_visa").await.expect(201).id();
    eventually("the time is over", async || (Timestamp::now() > order.expires_at).then_some(())).await;
    assert_eq!(payments.pay(&order, "tok_visa").await.expect(201).id(), id);
}

#[tokio::test]
async fn a_card_that_is_to_be_confirmed_is_answered_402_and_paid_when_the_same_is_sent_again() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    let answer = payments.pay(&order, BUYER_CONFIRMS).await;
    let secret = answer.body["clientSecret"].as_str().unwrap().to_owned();
    assert_eq!(answer.expect(402).body["errors"][0]["message"], "Your bank wants you to confirm this payment");
    assert!(payments.db_payment(&order).await.get_bool("secretGiven").unwrap());
    let again = payments.pay(&order, BUYER_CONFIRMS).await;
    assert_eq!(again.body["clientSecret"], *secret, "it still waits for the buyer");
    stripe.confirm_as_buyer(&secret, true);
    payments.pay(&order, BUYER_CONFIRMS).await.expect(201);
    assert_eq!(stripe.intents(), [("requires_capture".to_owned(), 1250)]);
}

#[tokio::test]
async fn a_confirmation_that_failed_is_a_declined_card_and_the_next_attempt_is_a_new_one() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    let answer = payments.pay(&order, BUYER_CONFIRMS).await.expect(402);
    stripe.confirm_as_buyer(answer.body["clientSecret"].as_str().unwrap(), false);
    let refused = payments.pay(&order, BUYER_CONFIRMS).await;
    refused.expect_errors(400, &[("Your bank did not confirm this payment", None)]);
    payments.pay(&order, BUYER_CONFIRMS).await.expect(402);
}

#[tokio::test]
async fn another_card_does_not_wait_for_the_buyer_to_confirm_the_first() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    payments.pay(&order, BUYER_CONFIRMS).await.expect(402);
    payments.pay(&order, "tok_visa").await.expect(201);
    let expected = ["canceled", "requires_capture"].map(|status| (status.to_owned(), 1250));
    eventually("the first is ended", async || (stripe.intents() == expected).then_some(())).await;
}

#[tokio::test]
async fn what_the_provider_answers_500_to_is_a_new_attempt_the_next_time() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    for operation in [Operation::Create, Operation::Confirm] {
        stripe.fail_next(operation, Fault::Broken, 1);
        payments.pay(&order, "tok_visa").await.expect(503);
    }
    payments.pay(&order, "tok_visa").await.expect(201);
    eventually("one hold is left", async || (stripe.holds() == 1).then_some(())).await;
}

#[tokio::test]
async fn an_order_that_the_node_original_charged_for_is_paid() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    let mut replica = order.replica("created");
    replica.insert("version", 0.0);
    let charged = payment_of_the_original(&order);
    environment.db_insert("orders", replica).await;
    environment.db_insert("payments", charged.clone()).await;
    let payments = environment.start().await;
    let answer = payments.pay(&order, "tok_visa").await.expect(201);
    assert_eq!(answer.id(), charged.get_object_id("_id").unwrap().into());
    assert!(payments.db_sandbox(&order).await.is_empty());
    let mut stored = payments.db_payment(&order).await;
    // When it changed last nobody knows.
    stored.remove("changedAt");
    assert_eq!(stored, charged, "it is left as it stands");
}

#[tokio::test]
async fn a_complete_order_whose_payment_was_lost_is_not_charged_again() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    environment.db_insert("orders", order.replica("complete")).await;
    let payments = environment.start().await;
    payments.pay(&order, "tok_visa").await.expect_errors(400, &[("Order is already paid", None)]);
    assert!(payments.db_sandbox(&order).await.is_empty());
}

#[tokio::test]
async fn the_database_gives_an_order_one_slot() {
    let payments = TestApp::start().await;
    let collection = payments.database.collection::<Document>("payments");
    for holder in PaymentStatus::SLOT {
        let order = TestOrder::new();
        let left = |status: PaymentStatus| {
            let mut payment = payment_left_behind(&order, status.as_str());
            payment.remove("dueAt");
            payment
        };
        collection.insert_one(left(PaymentStatus::Declined)).await.unwrap();
        collection.insert_one(left(PaymentStatus::Ending)).await.unwrap();
        collection.insert_one(left(holder)).await.unwrap();
        for second in PaymentStatus::SLOT {
            collection.insert_one(left(second)).await.unwrap_err();
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_json_is_refused() {
    let payments = TestApp::start().await;
    let request = payments.app.request(Method::POST, "/api/payments").header("cookie", User::new().cookie);
    let answer = App::send(request.body("token=tok_visa")).await;
    answer.expect_errors(415, &[("Body must be JSON (application/json)", None)]);
}

#[tokio::test]
async fn a_token_that_no_provider_makes_is_refused_at_its_field() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    let refused = [("Token must be at most 255 characters", Some("token"))];
    payments.pay(&order, &"t".repeat(256)).await.expect_errors(400, &refused);
    assert_eq!(payments.db_payments(&order).await.len(), 0);
}

#[tokio::test]
async fn after_five_declined_cards_an_order_takes_no_further_one() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    for _ in 0..5 {
        payments.pay(&order, "tok_chargeDeclined").await.expect_errors(400, &[("Your card was declined", None)]);
    }
    let answer = payments.pay(&order, "tok_visa").await;
    assert!((1..=901).contains(&answer.header("retry-after").parse().unwrap()), "{:?}", answer.headers);
    answer.expect_errors(429, &[("Too many cards were declined for this order", None)]);
    let other = payments.order().await;
    payments.pay(&other, "tok_visa").await.expect(201);
}

#[tokio::test]
async fn of_many_cards_that_are_tried_at_once_five_reach_the_provider() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    let tokens: Vec<String> = (0..12).map(|number| format!("tok_no_such_card_{number}")).collect();
    join_all(tokens.iter().map(|token| payments.pay(&order, token))).await;
    // Some may have had to wait for too long.
    for token in &tokens {
        payments.pay(&order, token).await;
    }
    assert_eq!(payments.db_sandbox(&order).await.len(), 5);
}
