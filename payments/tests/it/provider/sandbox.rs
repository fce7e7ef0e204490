mod cards;

use common::id::Id;
use common::money::Money;
use common::testing::{new_database, open_database};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use futures::future::join_all;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use payments::provider::{Attempt, Confirmation, Intent, IntentState, Provider, ProviderError, Refund, Sandbox};

async fn sandbox() -> (Sandbox, Database) {
    let database = open_database(&new_database().await).await;
    (Sandbox::new(&database), database)
}

fn attempt() -> Attempt {
    Attempt { order_id: Id::generate(), number: 0, amount: Money::from_cents(1250) }
}

/// A new intent to which this card is presented.
async fn present(sandbox: &Sandbox, token: &str) -> (String, Confirmation) {
    let attempt = attempt();
    let intent = sandbox.create(&attempt).await.unwrap().id;
    let confirmation = sandbox.confirm(&intent, token).await.unwrap();
    (intent, confirmation)
}

async fn authorise(sandbox: &Sandbox) -> String {
    present(sandbox, "tok_visa").await.0
}

/// An intent that waits for its buyer, and its secret.
async fn needs_action(sandbox: &Sandbox, token: &str) -> (String, String) {
    let (intent, confirmation) = present(sandbox, token).await;
    let Confirmation::Intent(IntentState::NeedsAction { client_secret }) = confirmation else {
        panic!("{confirmation:?}");
    };
    (intent, client_secret)
}

fn is_refused<T>(answer: &Result<T, ProviderError>) -> bool {
    matches!(answer, Err(ProviderError::Refused(_)))
}

#[tokio::test]
async fn the_same_attempt_at_the_same_time_makes_one_intent_that_holds_nothing() {
    let (sandbox, database) = sandbox().await;
    let attempt = Attempt { number: 2, ..attempt() };
    let id = format!("sandbox_{}-2", attempt.order_id);
    for intent in join_all((0..20).map(|_| sandbox.create(&attempt))).await {
        assert_eq!(intent.unwrap(), Intent { id: id.clone(), state: IntentState::Unconfirmed });
    }
    let entries: Vec<Document> =
        database.collection("sandbox").find(doc! {}).await.unwrap().try_collect().await.unwrap();
    assert_eq!(entries.len(), 1);
    sandbox.confirm(&id, "tok_visa").await.unwrap();
    assert_eq!(sandbox.create(&attempt).await.unwrap(), Intent { id, state: IntentState::Authorised });
}

#[tokio::test]
async fn an_attempt_has_one_amount() {
    let (sandbox, _) = sandbox().await;
    let first = attempt();
    sandbox.create(&first).await.unwrap();
    sandbox.create(&Attempt { amount: Money::from_cents(1), ..first }).await.unwrap_err();
}

#[tokio::test]
async fn of_cards_that_are_presented_at_the_same_time_one_is_held() {
    let (sandbox, _) = sandbox().await;
    let attempt = attempt();
    let intent = sandbox.create(&attempt).await.unwrap().id;
    let answers = join_all((0..20).map(|_| sandbox.confirm(&intent, "tok_visa"))).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap() == Confirmation::Intent(IntentState::Authorised)));
}

#[tokio::test]
async fn a_declined_card_leaves_the_intent_as_it_was() {
    let (sandbox, _) = sandbox().await;
    let (intent, confirmation) = present(&sandbox, "tok_chargeDeclined").await;
    assert_eq!(confirmation, Confirmation::Declined("Your card was declined".to_owned()));
    assert_eq!(sandbox.look(&intent).await.unwrap(), IntentState::Unconfirmed);
    sandbox.confirm(&intent, "tok_visa").await.unwrap();
    assert_eq!(sandbox.look(&intent).await.unwrap(), IntentState::Authorised);
}

#[tokio::test]
async fn the_buyer_confirms_a_card_that_needs_it() {
    let (sandbox, _) = sandbox().await;
    let (intent, secret) = needs_action(&sandbox, "tok_threeDSecure2Required").await;
    for _ in 0..2 {
        sandbox.confirm_as_buyer(&secret, true).await.unwrap();
        assert_eq!(sandbox.look(&intent).await.unwrap(), IntentState::Authorised);
    }
}

#[tokio::test]
async fn a_buyer_who_refuses_and_a_bank_that_declines_afterwards_hold_nothing() {
    for (token, confirms) in
        [("tok_threeDSecure2Required", false), ("pm_card_threeDSecureRequiredChargeDeclined", true)]
    {
        let (sandbox, _) = sandbox().await;
        let (intent, secret) = needs_action(&sandbox, token).await;
        assert!(is_refused(&sandbox.confirm_as_buyer(&secret, confirms).await));
        assert_eq!(sandbox.look(&intent).await.unwrap(), IntentState::Unconfirmed);
        assert!(is_refused(&sandbox.confirm_as_buyer(&secret, true).await), "it is asked for once");
    }
}

#[tokio::test]
async fn a_confirmation_needs_the_secret_and_an_intent_that_waits_for_it() {
    let (sandbox, _) = sandbox().await;
    let (intent, secret) = needs_action(&sandbox, "tok_threeDSecure2Required").await;
    for wrong in ["", "_secret_", &intent, &format!("{intent}_secret_00"), "sandbox_0_secret_0"] {
        assert!(is_refused(&sandbox.confirm_as_buyer(wrong, true).await), "{wrong}");
    }
    sandbox.cancel(&intent).await.unwrap();
    assert!(is_refused(&sandbox.confirm_as_buyer(&secret, true).await));
    assert_eq!(sandbox.look(&intent).await.unwrap(), IntentState::Cancelled);
}

#[tokio::test]
async fn what_is_done_counts_as_done_when_it_is_asked_for_again() {
    let (sandbox, _) = sandbox().await;
    let (kept, released) = (authorise(&sandbox).await, authorise(&sandbox).await);
    for _ in 0..2 {
        assert_eq!(sandbox.capture(&kept).await.unwrap(), IntentState::Captured);
        assert_eq!(sandbox.cancel(&released).await.unwrap(), IntentState::Cancelled);
    }
    for _ in 0..2 {
        assert_eq!(sandbox.refund(&kept).await.unwrap(), Refund::Succeeded);
        assert_eq!(sandbox.look(&kept).await.unwrap(), IntentState::Captured);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_an_unknown_intent_is_our_failure() {
    let (sandbox, _) = sandbox().await;
    let intent = authorise(&sandbox).await;
    assert!(is_refused(&sandbox.refund(&intent).await));
    sandbox.cancel(&intent).await.unwrap();
    assert!(is_refused(&sandbox.capture(&intent).await));
    assert!(is_refused(&sandbox.confirm(&intent, "tok_visa").await));
    let taken = authorise(&sandbox).await;
    sandbox.capture(&taken).await.unwrap();
    assert_eq!(sandbox.cancel(&taken).await.unwrap(), IntentState::Captured);
    for answer in
        [sandbox.look("sandbox_0").await, sandbox.capture("sandbox_0").await, sandbox.cancel("sandbox_0").await]
    {
        assert!(matches!(answer, Err(ProviderError::Failed(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_charge_of_the_node_original_counts_as_refunded() {
    let (sandbox, _) = sandbox().await;
    assert_eq!(sandbox.refund("ch_3NvPXJ2eZvKYlo2C").await.unwrap(), Refund::Succeeded);
}

#[tokio::test]
async fn entries_of_an_earlier_version_are_captured_voided_and_refunded() {
    let (sandbox, database) = sandbox().await;
    let earlier = async |state: &str| {
        let id = Id::generate();
        let entry = doc! {
            "_id": format!("{id}-authorise"), "orderId": Id::generate().to_string(), "amount": 12.5, "token": "tok_visa", "state": state,
        };
        database.collection("sandbox").insert_one(entry).await.unwrap();
        format!("sandbox_{id}")
    };
    let (kept, released, declined) =
        (earlier("authorised").await, earlier("authorised").await, earlier("declined").await);
    assert_eq!(sandbox.look(&kept).await.unwrap(), IntentState::Authorised);
    assert_eq!(sandbox.look(&declined).await.unwrap(), IntentState::Cancelled);
    assert_eq!(sandbox.capture(&kept).await.unwrap(), IntentState::Captured);
    assert_eq!(sandbox.refund(&kept).await.unwrap(), Refund::Succeeded);
    assert_eq!(sandbox.cancel(&released).await.unwrap(), IntentState::Cancelled);
    let found = sandbox.intents(Timestamp::now()).await.unwrap();
    assert!(found.iter().any(|found| found.as_ref().unwrap().intent.id == kept), "{found:?}");
}
