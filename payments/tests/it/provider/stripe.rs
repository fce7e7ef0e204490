mod mock;
mod signature;

use std::time::{Duration, Instant};

use common::config::Secret;
use common::id::Id;
use common::money::Money;
use common::testing::eventually;
use common::timestamp::Timestamp;
use futures::future::{join, join_all};
use payments::provider::{Attempt, Confirmation, Found, Intent, IntentState, Provider, ProviderError, Refund, Stripe};

use crate::stripe_double::{Fault, KEY, Operation, StripeDouble};

/// How long the operations of these tests may take where that matters.
const SHORT: Duration = Duration::from_millis(300);

fn client(double: &StripeDouble, key: &str, limit: Duration) -> Stripe {
    let secret: Secret = key.parse().unwrap();
    Stripe::new(&secret, &double.url.parse().unwrap(), limit).unwrap()
}

async fn stripe() -> (StripeDouble, Stripe) {
    let double = StripeDouble::start().await;
    let stripe = client(&double, KEY, Duration::from_secs(5));
    (double, stripe)
}

fn attempt() -> Attempt {
    Attempt { order_id: Id::generate(), number: 0, amount: Money::from_cents(1250) }
}

/// An intent that holds money.
async fn authorise(stripe: &Stripe) -> String {
    let attempt = attempt();
    let intent = stripe.create(&attempt).await.unwrap();
    let confirmation = stripe.confirm(&intent.id, "tok_visa").await.unwrap();
    assert_eq!(confirmation, Confirmation::Intent(IntentState::Authorised));
    intent.id
}

/// An intent whose money was taken.
async fn capture(stripe: &Stripe) -> String {
    let intent = authorise(stripe).await;
    assert_eq!(stripe.capture(&intent).await.unwrap(), IntentState::Captured);
    intent
}

fn is_unavailable<T>(answer: &Result<T, ProviderError>) -> bool {
    matches!(answer, Err(ProviderError::Unavailable(_)))
}

fn is_refused<T>(answer: &Result<T, ProviderError>) -> bool {
    matches!(answer, Err(ProviderError::Refused(_)))
}

#[tokio::test]
async fn an_intent_is_created_without_a_card_under_the_attempts_key_and_holds_nothing() {
    let (double, stripe) = stripe().await;
    let attempt = Attempt { number: 3, ..attempt() };
    let intent = stripe.create(&attempt).await.unwrap();
    assert_eq!(intent, Intent { id: "pi_1".to_owned(), state: IntentState::Unconfirmed });
    let call = double.calls().remove(0);
    assert_eq!(call.path, "/v1/payment_intents");
    assert_eq!(call.headers["idempotency-key"], format!("{}-3-create", attempt.order_id));
    assert_eq!(call.headers["stripe-version"], "2025-09-30.clover");
    assert_eq!(call.headers["content-type"], "application/x-www-form-urlencoded");
    let expected = [
        ("amount", "1250"),
        ("currency", "usd"),
        ("capture_method", "manual"),
        ("payment_method_types[]", "card"),
        ("metadata[order_id]", &attempt.order_id.to_string()),
        ("metadata[attempt]", "3"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(call.form, expected.into());
}

#[tokio::test]
async fn the_same_attempt_finds_its_intent_in_the_state_of_now() {
    let (double, stripe) = stripe().await;
    let attempt = attempt();
    let intent = stripe.create(&attempt).await.unwrap();
    stripe.confirm(&intent.id, "tok_visa").await.unwrap();
    let again = stripe.create(&attempt).await.unwrap();
    assert_eq!(again, Intent { id: intent.id, state: IntentState::Authorised });
    assert_eq!(double.intents().len(), 1);
    stripe.create(&Attempt { number: 1, ..attempt }).await.unwrap();
    assert_eq!(double.intents().len(), 2);
}

#[tokio::test]
async fn twenty_creations_of_one_attempt_at_the_same_time_make_one_intent() {
    let (double, stripe) = stripe().await;
    double.fail_next(Operation::Create, Fault::Conflict, 5);
    let attempt = attempt();
    for intent in join_all((0..20).map(|_| stripe.create(&attempt))).await {
        assert_eq!(intent.unwrap().id, "pi_1");
    }
    assert_eq!(double.intents().len(), 1);
}

#[tokio::test]
async fn an_amount_that_stripe_does_not_take_is_refused() {
    let (_double, stripe) = stripe().await;
    let attempt = Attempt { amount: Money::from_cents(49), ..attempt() };
    let answer = stripe.create(&attempt).await;
    assert!(is_refused(&answer), "{answer:?}");
}

#[tokio::test]
async fn an_intent_of_another_amount_or_order_pays_for_nothing() {
    let (double, stripe) = stripe().await;
    for (field, value) in [("/amount", "1"), ("/metadata/order_id", r#""65a1b2c3d4e5f60718293a4b""#)] {
        double.fail_next(Operation::Create, Fault::DoneOtherwise(field, value), 1);
        let answer = stripe.create(&attempt()).await;
        assert!(matches!(answer, Err(ProviderError::Failed(_))), "{field}: {answer:?}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let (double, stripe) = stripe().await;
    double.fail_next(Operation::Create, Fault::DoneAtLength, 1);
    let attempt = attempt();
    assert!(is_unavailable(&stripe.create(&attempt).await));
    stripe.create(&attempt).await.unwrap();
    assert_eq!(double.intents().len(), 1);
}

#[tokio::test]
async fn a_500_that_stripe_repeats_for_a_day_stops_one_attempt_and_not_the_next() {
    let (double, stripe) = stripe().await;
    let first = attempt();
    for fault in [Fault::Broken, Fault::DoneButBroken] {
        double.fail_next(Operation::Create, fault, 1);
        for _ in 0..2 {
            assert!(is_unavailable(&stripe.create(&first).await));
        }
        double.forget_keys();
    }
    stripe.create(&Attempt { number: 1, ..first }).await.unwrap();
}

#[tokio::test]
async fn a_card_is_confirmed_as_a_token_or_as_a_payment_method_without_a_key() {
    let (double, stripe) = stripe().await;
    for (token, fields) in [
        ("tok_visa", vec![("payment_method_data[type]", "card"), ("payment_method_data[card][token]", "tok_visa")]),
        ("pm_card_visa", vec![("payment_method", "pm_card_visa")]),
    ] {
        let attempt = attempt();
        let intent = stripe.create(&attempt).await.unwrap();
        stripe.confirm(&intent.id, token).await.unwrap();
        let call = double.calls().pop().unwrap();
        assert_eq!(call.path, format!("/v1/payment_intents/{}/confirm", intent.id));
        assert!(!call.headers.contains_key("idempotency-key"));
        let expected = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(call.form, expected.collect());
    }
}

#[tokio::test]
async fn a_declined_card_and_an_unknown_one_are_refused_in_stripes_words_and_another_is_taken() {
    let (double, stripe) = stripe().await;
    let attempt = attempt();
    let intent = stripe.create(&attempt).await.unwrap().id;
    for (token, words) in
        [("tok_chargeDeclined", "Your card was declined."), ("tok_unknown", "No such token: 'tok_unknown'")]
    {
        let answer = stripe.confirm(&intent, token).await.unwrap();
        assert_eq!(answer, Confirmation::Declined(words.to_owned()));
        assert_eq!(stripe.look(&intent).await.unwrap(), IntentState::Unconfirmed);
    }
    stripe.confirm(&intent, "tok_visa").await.unwrap();
    assert_eq!(double.intents(), [("requires_capture".to_owned(), 1250)]);
}

#[tokio::test]
async fn a_card_whose_bank_wants_its_owner_is_held_once_the_buyer_has_confirmed() {
    for (token, confirms, state) in [
        ("tok_threeDSecure2Required", true, IntentState::Authorised),
        ("tok_threeDSecure2Required", false, IntentState::Unconfirmed),
        ("pm_card_threeDSecureRequiredChargeDeclined", true, IntentState::Unconfirmed),
    ] {
        let (double, stripe) = stripe().await;
        let attempt = attempt();
        let intent = stripe.create(&attempt).await.unwrap().id;
        let answer = stripe.confirm(&intent, token).await.unwrap();
        let Confirmation::Intent(IntentState::NeedsAction { client_secret }) = answer else {
            panic!("{answer:?}");
        };
        assert!(client_secret.starts_with(&format!("{intent}_secret_")));
        double.confirm_as_buyer(&client_secret, confirms);
        assert_eq!(stripe.look(&intent).await.unwrap(), state, "{token}");
    }
}

#[tokio::test]
async fn a_confirmation_that_was_done_before_counts_as_done_and_a_cancelled_intent_takes_no_card() {
    let (double, stripe) = stripe().await;
    let intent = authorise(&stripe).await;
    let again = stripe.confirm(&intent, "tok_visa").await.unwrap();
    assert_eq!(again, Confirmation::Intent(IntentState::Authorised));
    stripe.cancel(&intent).await.unwrap();
    assert!(is_refused(&stripe.confirm(&intent, "tok_visa").await));
    assert_eq!(double.holds(), 0);
}

#[tokio::test]
async fn every_status_of_an_intent_has_a_meaning() {
    let (double, stripe) = stripe().await;
    let intent = authorise(&stripe).await;
    for (status, state) in [
        ("requires_payment_method", IntentState::Unconfirmed),
        ("requires_confirmation", IntentState::Unconfirmed),
        ("processing", IntentState::Processing),
        ("requires_capture", IntentState::Authorised),
        ("succeeded", IntentState::Captured),
        ("canceled", IntentState::Cancelled),
    ] {
        double.db_set_status(&intent, status);
        assert_eq!(stripe.look(&intent).await.unwrap(), state);
    }
    double.db_set_status(&intent, "of_next_year");
    assert!(matches!(stripe.look(&intent).await, Err(ProviderError::Failed(_))));
}

#[tokio::test]
async fn cancelling_releases_what_is_held_and_tells_what_became_of_the_rest() {
    let (double, stripe) = stripe().await;
    let attempt = attempt();
    let unconfirmed = stripe.create(&attempt).await.unwrap().id;
    for intent in [unconfirmed, authorise(&stripe).await] {
        for _ in 0..2 {
            assert_eq!(stripe.cancel(&intent).await.unwrap(), IntentState::Cancelled);
        }
    }
    assert_eq!(stripe.cancel(&capture(&stripe).await).await.unwrap(), IntentState::Captured);
    let processing = authorise(&stripe).await;
    double.db_set_status(&processing, "processing");
    assert_eq!(stripe.cancel(&processing).await.unwrap(), IntentState::Processing);
}

#[tokio::test]
async fn a_capture_that_was_done_before_counts_as_done_and_a_cancelled_intent_refuses_it() {
    let (_double, stripe) = stripe().await;
    let taken = capture(&stripe).await;
    assert_eq!(stripe.capture(&taken).await.unwrap(), IntentState::Captured);
    let released = authorise(&stripe).await;
    stripe.cancel(&released).await.unwrap();
    assert!(is_refused(&stripe.capture(&released).await));
}

#[tokio::test]
async fn an_unknown_answer_is_looked_behind_at_once() {
    let (double, stripe) = stripe().await;
    for fault in [Fault::DoneButBroken, Fault::DoneButUnanswered] {
        let (taken, released) = (authorise(&stripe).await, authorise(&stripe).await);
        double.fail_next(Operation::Capture, fault, 1);
        assert_eq!(stripe.capture(&taken).await.unwrap(), IntentState::Captured, "{fault:?}");
        double.fail_next(Operation::Cancel, fault, 1);
        assert_eq!(stripe.cancel(&released).await.unwrap(), IntentState::Cancelled, "{fault:?}");
    }
}

#[tokio::test]
async fn what_the_bank_refuses_at_a_capture_is_refused() {
    let (double, stripe) = stripe().await;
    let intent = authorise(&stripe).await;
    double.fail_next(Operation::Capture, Fault::Declined, 1);
    assert!(is_refused(&stripe.capture(&intent).await));
    assert_eq!(double.holds(), 1);
}

#[tokio::test]
async fn a_refund_counts_when_stripe_says_so_and_is_made_once() {
    let (double, stripe) = stripe().await;
    let intent = capture(&stripe).await;
    double.refunds_begin("pending");
    for _ in 0..2 {
        assert_eq!(stripe.refund(&intent).await.unwrap(), Refund::Pending);
    }
    double.settle_refunds("succeeded");
    for _ in 0..2 {
        assert_eq!(stripe.refund(&intent).await.unwrap(), Refund::Succeeded);
    }
    assert_eq!(double.refunds(), ["succeeded"]);
}

#[tokio::test]
async fn of_two_refunds_at_the_same_time_both_tell_that_the_one_is_under_way() {
    let (double, stripe) = stripe().await;
    let intent = capture(&stripe).await;
    double.refunds_begin("pending");
    // One of them sees no refund yet, and asks for it when the other has.
    double.fail_next(Operation::List, Fault::Late(Duration::from_millis(500)), 1);
    let second = async {
        let asked = async || (!double.calls_of(Operation::List).is_empty()).then_some(());
        eventually("the first has looked", asked).await;
        stripe.refund(&intent).await
    };
    let (first, second) = join(stripe.refund(&intent), second).await;
    assert_eq!((first.unwrap(), second.unwrap()), (Refund::Pending, Refund::Pending));
    assert_eq!(double.refunds(), ["pending"]);
}

#[tokio::test]
async fn a_refund_that_failed_says_why_and_is_not_made_again() {
    let (double, stripe) = stripe().await;
    let intent = capture(&stripe).await;
    double.refunds_begin("failed");
    for _ in 0..2 {
        let refund = stripe.refund(&intent).await.unwrap();
        assert_eq!(refund, Refund::Failed("re_1 failed: lost_or_stolen_card".to_owned()));
    }
    assert_eq!(double.refunds(), ["failed"]);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_found() {
    let (double, stripe) = stripe().await;
    for fault in [Fault::DoneButBroken, Fault::DoneButUnanswered] {
        let intent = capture(&stripe).await;
        double.fail_next(Operation::Refund, fault, 1);
        assert!(is_unavailable(&stripe.refund(&intent).await));
        assert_eq!(stripe.refund(&intent).await.unwrap(), Refund::Succeeded);
    }
    assert_eq!(double.refunds().len(), 2);
}

#[tokio::test]
async fn what_was_never_taken_is_not_refunded() {
    let (double, stripe) = stripe().await;
    let intent = authorise(&stripe).await;
    assert!(is_refused(&stripe.refund(&intent).await));
    assert!(double.refunds().is_empty());
}

#[tokio::test]
async fn a_charge_of_the_node_original_is_refunded_as_one() {
    let (double, stripe) = stripe().await;
    for _ in 0..2 {
        assert_eq!(stripe.refund("ch_3NvPXJ2eZvKYlo2C").await.unwrap(), Refund::Succeeded);
    }
    assert_eq!(double.calls_of(Operation::Refund)[0].form["charge"], "ch_3NvPXJ2eZvKYlo2C");
    assert_eq!(double.refunds().len(), 1);
}

#[tokio::test]
async fn the_intents_of_orders_are_found_over_all_pages() {
    let (double, stripe) = stripe().await;
    let attempts: Vec<Attempt> = (0..230).map(|number| Attempt { number, ..attempt() }).collect();
    for attempt in &attempts {
        stripe.create(attempt).await.unwrap();
    }
    let hour_ago = Timestamp::from_millis(Timestamp::now().millis() - 3_600_000);
    let mut found = stripe.intents(hour_ago).await.unwrap();
    assert_eq!(found.len(), attempts.len());
    found.sort_by_key(|found| found.as_ref().unwrap().number);
    for (index, (found, attempt)) in found.into_iter().zip(&attempts).enumerate() {
        let expected = Found {
            intent: Intent { id: format!("pi_{}", index + 1), state: IntentState::Unconfirmed },
            order_id: attempt.order_id,
            number: attempt.number,
            payment_id: None,
            amount: attempt.amount,
            is_refunded: false,
        };
        assert_eq!(found.unwrap(), expected);
    }
    assert_eq!(double.calls_of(Operation::List).len(), 3);
    let in_an_hour = Timestamp::now().after(Duration::from_secs(3600));
    assert!(stripe.intents(in_an_hour).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_intent_whose_money_was_refunded_is_found_as_such() {
    let (double, stripe) = stripe().await;
    for number in 0..3 {
        let intent = stripe.create(&Attempt { number, ..attempt() }).await.unwrap().id;
        stripe.confirm(&intent, "tok_visa").await.unwrap();
        stripe.capture(&intent).await.unwrap();
    }
    stripe.refund("pi_2").await.unwrap();
    double.refunds_begin("failed");
    stripe.refund("pi_3").await.unwrap();
    let mut found = stripe.intents(Timestamp::from_millis(0)).await.unwrap();
    found.sort_by_key(|found| found.as_ref().unwrap().number);
    assert_eq!(found.iter().map(|found| found.as_ref().unwrap().is_refunded).collect::<Vec<_>>(), [false, true, false]);
}

#[tokio::test]
async fn stripe_is_unavailable_when_it_says_so_cannot_be_understood_or_does_not_answer() {
    let double = StripeDouble::start().await;
    let stripe = client(&double, KEY, SHORT);
    for fault in [
        Fault::NoAnswer,
        Fault::Broken,
        Fault::Unavailable,
        Fault::TooMany,
        Fault::DoneButUnanswered,
        Fault::DoneButBroken,
        Fault::Late(Duration::from_secs(60)),
    ] {
        double.fail_next(Operation::Create, fault, 1);
        let begun = Instant::now();
        assert!(is_unavailable(&stripe.create(&attempt()).await), "{fault:?}");
        assert!(begun.elapsed() < 10 * SHORT, "{fault:?}");
        let attempt = attempt();
        let intent = stripe.create(&attempt).await.unwrap().id;
        double.fail_next(Operation::Confirm, fault, 1);
        assert!(is_unavailable(&stripe.confirm(&intent, "tok_visa").await), "{fault:?}");
        double.fail_next(Operation::Look, fault, 1);
        assert!(is_unavailable(&stripe.look(&intent).await), "{fault:?}");
    }
}

#[tokio::test]
async fn stripe_is_unavailable_when_nobody_listens() {
    let (double, stripe) = stripe().await;
    drop(double);
    tokio::task::yield_now().await;
    assert!(is_unavailable(&stripe.create(&attempt()).await));
}

#[tokio::test]
async fn while_an_earlier_call_is_under_way_the_second_waits_for_it_until_its_time_is_over() {
    let double = StripeDouble::start().await;
    let stripe = client(&double, KEY, Duration::from_secs(2));
    let intent = authorise(&stripe).await;
    double.fail_next(Operation::Capture, Fault::Conflict, 3);
    stripe.capture(&intent).await.unwrap();
    assert_eq!(double.calls_of(Operation::Capture).len(), 4);
    double.fail_next(Operation::Create, Fault::Conflict, 1000);
    assert!(is_unavailable(&stripe.create(&attempt()).await));
}

#[tokio::test]
async fn a_wrong_key_and_another_accounts_intent_are_our_failure_and_never_a_refusal() {
    let (double, stripe) = stripe().await;
    let intent = authorise(&stripe).await;
    let wrong = client(&double, "sk_test_another_one_of_the_tests", Duration::from_secs(5));
    for answer in [wrong.look(&intent).await, wrong.capture(&intent).await, wrong.cancel(&intent).await] {
        let Err(ProviderError::Failed(cause)) = answer else { panic!("{answer:?}") };
        assert!(cause.contains("401") && !cause.contains("sk_test"), "{cause}");
    }
    double.fail_next(Operation::Look, Fault::Forbidden, 1);
    let Err(ProviderError::Failed(cause)) = stripe.look(&intent).await else { panic!("not our failure") };
    assert!(cause.contains("403") && !cause.contains("sk_test"), "{cause}");
    for answer in [stripe.look("pi_0").await, stripe.capture("pi_0").await, stripe.cancel("pi_0").await] {
        assert!(matches!(answer, Err(ProviderError::Failed(_))), "{answer:?}");
    }
    assert_eq!(double.holds(), 1);
}
