mod cards;

use common::id::Id;
use common::money::Money;
use common::testing::{new_database, open_database};
use futures::TryStreamExt;
use futures::future::join_all;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use payments::provider::{Attempt, Authorisation, Charge, Provider, Sandbox};

async fn sandbox() -> (Sandbox, Database) {
    let database = open_database(&new_database().await).await;
    (Sandbox::new(&database), database)
}

fn attempt(token: &str) -> Attempt {
    Attempt { id: Id::generate(), order_id: Id::generate(), amount: Money::from_cents(1250), token: token.to_owned() }
}

async fn authorise(sandbox: &Sandbox) -> Charge {
    let attempt = attempt("tok_visa");
    match sandbox.authorise(&attempt).await.unwrap() {
        Authorisation::Authorised(stripe_id) => Charge { attempt: attempt.id, stripe_id },
        declined => panic!("{declined:?}"),
    }
}

#[tokio::test]
async fn the_same_attempt_at_the_same_time_is_charged_once_and_gets_the_same_answer() {
    let (sandbox, database) = sandbox().await;
    let attempt = attempt("tok_visa");
    let answers = join_all((0..20).map(|_| sandbox.authorise(&attempt))).await;
    let first = answers[0].as_ref().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == first), "{answers:?}");
    let entries: Vec<Document> =
        database.collection("sandbox").find(doc! {}).await.unwrap().try_collect().await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].get_str("_id").unwrap(), format!("{}-authorise", attempt.id));
}

#[tokio::test]
async fn a_key_stands_for_one_card_and_one_amount() {
    let (sandbox, _) = sandbox().await;
    let first = attempt("tok_visa");
    sandbox.authorise(&first).await.unwrap();
    sandbox.authorise(&Attempt { token: "tok_amex".to_owned(), ..first.clone() }).await.unwrap_err();
    sandbox.authorise(&Attempt { amount: Money::from_cents(1), ..first }).await.unwrap_err();
}

#[tokio::test]
async fn what_is_done_counts_as_done_when_it_is_asked_for_again() {
    let (sandbox, _) = sandbox().await;
    let (kept, released) = (authorise(&sandbox).await, authorise(&sandbox).await);
    for _ in 0..2 {
        sandbox.capture(&kept).await.unwrap();
        sandbox.void(&released).await.unwrap();
    }
    for _ in 0..2 {
        sandbox.refund(&kept).await.unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let (sandbox, _) = sandbox().await;
    let charge = authorise(&sandbox).await;
    sandbox.refund(&charge).await.unwrap_err();
    sandbox.void(&charge).await.unwrap();
    sandbox.capture(&charge).await.unwrap_err();
    let unknown = Charge { attempt: Id::generate(), stripe_id: "sandbox_0".to_owned() };
    sandbox.capture(&unknown).await.unwrap_err();
    sandbox.void(&unknown).await.unwrap_err();
}
