use std::time::Duration;

use common::config::Secret;
use common::id::Id;
use common::money::Money;
use common::testing::eventually;
use futures::future::join_all;
use payments::provider::{Attempt, Authorisation, Charge, Provider, ProviderError, Stripe};

use crate::app::{Ground, payment_of_the_original};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, KEY, StripeDouble};

fn client(double: &StripeDouble, key: &str) -> Stripe {
    let secret: Secret = key.parse().unwrap();
    Stripe::new(&secret, &double.url.parse().unwrap()).unwrap()
}

async fn stripe() -> (StripeDouble, Stripe) {
    let double = StripeDouble::start().await;
    let stripe = client(&double, KEY);
    (double, stripe)
}

fn attempt(token: &str) -> Attempt {
    Attempt { id: Id::generate(), order_id: Id::generate(), amount: Money::from_cents(1250), token: token.to_owned() }
}

async fn authorise(stripe: &Stripe) -> Charge {
    let attempt = attempt("tok_visa");
    match stripe.authorise(&attempt).await.unwrap() {
        Authorisation::Authorised(stripe_id) => Charge { attempt: attempt.id, stripe_id },
        declined => panic!("{declined:?}"),
    }
}

#[tokio::test]
async fn authorising_sends_what_stripe_needs_under_the_attempts_key() {
    let (double, stripe) = stripe().await;
    let attempt = attempt("tok_visa");
    assert_eq!(stripe.authorise(&attempt).await.unwrap(), Authorisation::Authorised("pi_1".to_owned()));
    let call = double.calls().remove(0);
    assert_eq!(call.path, "/v1/payment_intents");
    assert_eq!(call.headers["idempotency-key"], format!("{}-authorise", attempt.id));
    assert_eq!(call.headers["stripe-version"], "2025-09-30.clover");
    assert_eq!(call.headers["content-type"], "application/x-www-form-urlencoded");
    let expected = [
        ("amount", "1250"),
        ("currency", "usd"),
        ("capture_method", "manual"),
        ("confirm", "true"),
        ("payment_method_types[]", "card"),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][token]", "tok_visa"),
        ("metadata[order_id]", &attempt.order_id.to_string()),
        ("metadata[payment_id]", &attempt.id.to_string()),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(call.form, expected.into());
}

#[tokio::test]
async fn a_payment_method_is_sent_as_one() {
    let (double, stripe) = stripe().await;
    stripe.authorise(&attempt("pm_card_visa")).await.unwrap();
    let form = double.calls().remove(0).form;
    assert_eq!(form["payment_method"], "pm_card_visa");
    assert!(!form.contains_key("payment_method_data[type]"));
}

#[tokio::test]
async fn a_declined_card_and_an_unknown_one_are_refused_in_stripes_words() {
    let (_double, stripe) = stripe().await;
    for (token, words) in
        [("tok_chargeDeclined", "Your card was declined."), ("tok_unknown", "No such token: 'tok_unknown'")]
    {
        assert_eq!(stripe.authorise(&attempt(token)).await.unwrap(), Authorisation::Declined(words.to_owned()));
    }
}

#[tokio::test]
async fn a_card_that_needs_its_owner_is_declined_and_the_intent_cancelled() {
    let (double, stripe) = stripe().await;
    let Authorisation::Declined(words) = stripe.authorise(&attempt("tok_threeDSecureRequired")).await.unwrap() else {
        panic!("nobody can confirm it");
    };
    assert!(words.contains("Use another card"), "{words}");
    assert_eq!(double.intents(), [("canceled".to_owned(), 1250)]);
}

#[tokio::test]
async fn capture_void_and_refund_go_to_the_intent_under_keys_of_their_own() {
    let (double, stripe) = stripe().await;
    let (kept, released) = (authorise(&stripe).await, authorise(&stripe).await);
    stripe.capture(&kept).await.unwrap();
    stripe.void(&released).await.unwrap();
    stripe.refund(&kept).await.unwrap();
    let calls: Vec<(String, String)> = double.calls()[2..]
        .iter()
        .map(|call| (call.path.clone(), call.headers["idempotency-key"].to_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("/v1/payment_intents/pi_1/capture", format!("{}-capture", kept.attempt)),
        ("/v1/payment_intents/pi_2/cancel", format!("{}-void", released.attempt)),
        ("/v1/refunds", format!("{}-refund", kept.attempt)),
    ];
    assert_eq!(calls, expected.map(|(path, key)| (path.to_owned(), key)));
    assert!(double.has_refunded());
}

#[tokio::test]
async fn what_somebody_else_has_done_counts_as_done() {
    let (_double, stripe) = stripe().await;
    let (kept, released) = (authorise(&stripe).await, authorise(&stripe).await);
    // Another attempt's id is another key, as after the day for which Stripe remembers ours.
    let again = |charge: &Charge| Charge { attempt: Id::generate(), stripe_id: charge.stripe_id.clone() };
    for _ in 0..2 {
        stripe.capture(&again(&kept)).await.unwrap();
        stripe.void(&again(&released)).await.unwrap();
    }
    for _ in 0..2 {
        stripe.refund(&again(&kept)).await.unwrap();
    }
    assert!(matches!(stripe.capture(&again(&released)).await, Err(ProviderError::Failed(_))));
    assert!(matches!(stripe.void(&again(&kept)).await, Err(ProviderError::Failed(_))));
}

#[tokio::test]
async fn an_answer_500_is_looked_behind() {
    let (double, stripe) = stripe().await;
    let charge = authorise(&stripe).await;
    double.fail_next(Fault::DoneButBroken, 1);
    stripe.capture(&charge).await.unwrap();
    assert_eq!(double.intents(), [("succeeded".to_owned(), 1250)]);
}

#[tokio::test]
async fn stripe_is_away_when_it_says_so_or_cannot_be_understood() {
    let (double, stripe) = stripe().await;
    for fault in [Fault::Unavailable, Fault::TooMany, Fault::DoneButBroken, Fault::DoneButUnanswered] {
        double.fail_next(fault, 1);
        let answer = stripe.authorise(&attempt("tok_visa")).await;
        assert!(matches!(answer, Err(ProviderError::Unavailable(_))), "{fault:?}: {answer:?}");
    }
}

#[tokio::test]
async fn stripe_is_away_when_nobody_listens() {
    let (double, stripe) = stripe().await;
    drop(double);
    tokio::task::yield_now().await;
    let answer = stripe.authorise(&attempt("tok_visa")).await;
    assert!(matches!(answer, Err(ProviderError::Unavailable(_))), "{answer:?}");
}

#[tokio::test]
async fn stripe_is_away_when_it_does_not_answer_in_time() {
    let (double, stripe) = stripe().await;
    double.fail_next(Fault::Late(Duration::from_secs(60)), 1);
    let attempt = attempt("tok_visa");
    let answer = stripe.authorise(&attempt).await;
    assert!(matches!(answer, Err(ProviderError::Unavailable(_))), "{answer:?}");
    assert_eq!(stripe.authorise(&attempt).await.unwrap(), Authorisation::Authorised("pi_1".to_owned()));
}

#[tokio::test]
async fn while_the_first_call_is_under_way_the_second_waits_for_its_answer() {
    let (double, stripe) = stripe().await;
    double.fail_next(Fault::KeyInUse, 3);
    assert!(stripe.authorise(&attempt("tok_visa")).await.is_ok());
    assert_eq!(double.calls().len(), 4);
}

#[tokio::test]
async fn a_wrong_key_is_our_failure_and_is_not_repeated() {
    let double = StripeDouble::start().await;
    let stripe = client(&double, "sk_test_another_one_of_the_tests");
    let Err(ProviderError::Failed(cause)) = stripe.authorise(&attempt("tok_visa")).await else {
        panic!("it is not taken");
    };
    assert!(cause.contains("401") && !cause.contains("sk_test"), "{cause}");
}

#[tokio::test]
async fn of_twenty_payments_at_the_same_time_one_intent_is_made() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.order().await;
    double.fail_next(Fault::KeyInUse, 5);
    let answers = join_all((0..20).map(|_| payments.pay(&order, "tok_visa"))).await;
    let id = payments.db_payment(&order).await.get_object_id("_id").unwrap();
    for answer in answers {
        assert_eq!(answer.expect(201).id(), id.into());
    }
    assert_eq!(double.intents(), [("requires_capture".to_owned(), 1250)]);
}

#[tokio::test]
async fn an_order_is_paid_and_completed_with_stripe() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.order().await;
    payments.pay(&order, "tok_chargeDeclined").await.expect_errors(400, &[("Your card was declined.", None)]);
    payments.pay(&order, "tok_visa").await.expect(201);
    payments.tell(&order.completed()).await;
    eventually("it is captured", async || (double.intents() == [("succeeded".to_owned(), 1250)]).then_some(())).await;
}

#[tokio::test]
async fn a_wrong_key_is_answered_500_and_the_attempt_stands() {
    let double = StripeDouble::start().await;
    let ground = Ground::new().await;
    let payments = ground.start_with(&[("stripe-key", "sk_test_wrong"), ("stripe-api-base", &double.url)]).await;
    let order = payments.order().await;
    payments.pay(&order, "tok_visa").await.expect_errors(500, &[("Something went wrong", None)]);
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "pending");
}

#[tokio::test]
async fn a_charge_of_the_node_original_is_given_back_as_one() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = TestOrder::new();
    payments.db_insert("payments", payment_of_the_original(&order)).await;
    payments.tell(&order.created()).await;
    payments.tell(&order.cancelled()).await;
    payments.wait_for_status(&order, "refunded").await;
    assert_eq!(double.calls().pop().unwrap().form["charge"], "ch_3NvPXJ2eZvKYlo2C");
}
