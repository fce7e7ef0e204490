use std::process::Output;

use common::events::{PaymentClosed, PaymentCreated, PaymentRefunded};
use mongodb::bson::{Bson, Document, doc};

use crate::app::{Killed, TestApp};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, Operation, StripeDouble};

/// What the subcommand prints.
#[track_caller]
fn printed(output: &Output, success: bool) -> String {
    assert_eq!(output.status.success(), success, "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Everything that the payments database knew about the order is forgotten, as after a restore.
async fn forget(payments: &Killed, order: &TestOrder) {
    let of_order = doc! {"orderId": order.id.to_string()};
    payments.database.collection::<Bson>("payments").delete_many(of_order).await.unwrap();
}

/// The database is put back to where the order's only payment was like this.
async fn put_back(payments: &Killed, order: &TestOrder, set: Document, unset: &[&str]) {
    let unset: Document = unset.iter().map(|field| ((*field).to_owned(), Bson::from(""))).collect();
    let mut change = doc! {"$set": set};
    if !unset.is_empty() {
        change.insert("$unset", unset);
    }
    let of_order = doc! {"orderId": order.id.to_string()};
    payments.database.collection::<Bson>("payments").update_one(of_order, change).await.unwrap();
}

#[tokio::test]
async fn money_that_the_database_has_forgotten_is_adopted_and_follows_its_order() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let (held, taken, released) =
        (payments.paid_order().await, payments.paid_order().await, payments.paid_order().await);
    payments.publish(&taken.completed()).await;
    payments.wait_for_status(&taken, "captured").await;
    payments.publish(&released.cancelled()).await;
    payments.wait_for_status(&released, "voided").await;
    let payments = payments.kill().await;
    for order in [&held, &taken, &released] {
        forget(&payments, order).await;
    }
    let output = printed(&payments.reconcile().await, true);
    assert!(output.contains(&format!("pi_1 of order {}, $12.50, Authorised: adopted", held.id)), "{output}");
    assert!(output.contains(&format!("pi_2 of order {}, $12.50, Captured: adopted", taken.id)), "{output}");
    assert!(output.contains("3 intents since") && output.contains("1 over, 2 adopted"), "{output}");
    let again = printed(&payments.reconcile().await, true);
    assert!(again.contains("2 known, 1 over, 0 adopted, 0 cancelled, 0 for an operator"), "{again}");

    let payments = payments.restart().await;
    payments.wait_for_status(&taken, "captured").await;
    payments.wait_for_status(&held, "authorised").await;
    payments.stream.wait_for::<PaymentCreated>(2, |event| event.order_id == held.id).await;
    payments.pay(&held, "tok_visa").await.expect(201);
    assert_eq!(double.calls_of(Operation::Create).len(), 3);
    assert_eq!(double.calls_of(Operation::Capture).len(), 2, "asked for again, and found taken");
    let intents = double.intents();
    assert_eq!(
        intents.iter().map(|(status, _)| &**status).collect::<Vec<_>>(),
        ["requires_capture", "succeeded", "canceled"]
    );
}

/// A restore forgets that an operator gave the money back, or the whole payment. The provider does not.
#[tokio::test]
async fn money_that_went_back_is_not_taken_for_captured_after_a_restore() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let (put_back_to_captured, forgotten, kept) =
        (payments.complete_order().await, payments.complete_order().await, payments.complete_order().await);
    for order in [&put_back_to_captured, &forgotten] {
        payments.give_back(order).await.expect(200);
    }
    let payments = payments.kill().await;
    put_back(&payments, &put_back_to_captured, doc! {"status": "captured", "version": 4}, &["givenBackBy"]).await;
    forget(&payments, &forgotten).await;
    let output = printed(&payments.reconcile().await, true);
    assert!(output.contains("2 known, 0 over, 1 adopted"), "{output}");
    printed(&payments.reconcile().await, true);

    let payments = payments.restart().await;
    for order in [&put_back_to_captured, &forgotten] {
        let payment = payments.wait_for_status(order, "refunded").await;
        assert_eq!(payment.get_str("givenBackBy").unwrap(), "provider");
        payments.stream.wait_for::<PaymentRefunded>(2, |event| event.order_id == order.id).await;
        payments.give_back(order).await.expect(200);
    }
    payments.wait_for_status(&kept, "captured").await;
    assert_eq!(double.refunds(), ["succeeded", "succeeded"], "nothing goes back twice");
    assert!(payments.stream.published::<PaymentClosed>().await.is_empty());
}

#[tokio::test]
async fn an_attempt_that_was_put_back_to_before_its_intents_id_gets_it() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.paid_order().await;
    let payments = payments.kill().await;
    let claim = doc! {"status": "pending", "version": 0, "token": "tok_visa"};
    put_back(&payments, &order, claim, &["stripeId"]).await;
    let output = printed(&payments.reconcile().await, true);
    assert!(output.contains("pi_1 of order") && output.contains("1 adopted"), "{output}");
    let payments = payments.restart().await;
    payments.wait_for_status(&order, "authorised").await;
    payments.pay(&order, "tok_visa").await.expect(201);
    assert_eq!(double.intents().len(), 1);
}

#[tokio::test]
async fn an_attempt_that_the_provider_has_long_ended_is_not_in_the_way() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.order().await;
    payments.pay(&order, "tok_chargeDeclined").await.expect(400);
    let first = payments.db_payment(&order).await;
    payments.pay(&order, "tok_visa").await.expect(201);
    let payments = payments.kill().await;
    forget(&payments, &order).await;
    double.db_set_status("pi_1", "canceled");
    payments.db_insert("payments", first).await;
    put_back(&payments, &order, doc! {"status": "pending", "token": "tok_chargeDeclined"}, &["reason"]).await;
    let output = printed(&payments.reconcile().await, true);
    assert!(output.contains("pi_2 of order") && output.contains("1 adopted"), "{output}");
    let payments = payments.restart().await;
    payments.pay(&order, "tok_visa").await.expect(201);
    assert_eq!(double.holds(), 1);
}

#[tokio::test]
async fn an_intent_that_holds_nothing_and_that_nobody_remembers_is_cancelled() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.order().await;
    let answer = payments.pay(&order, "tok_threeDSecure2Required").await.expect(402);
    let payments = payments.kill().await;
    forget(&payments, &order).await;
    let output = printed(&payments.reconcile().await, true);
    assert!(output.contains("pi_1 of order") && output.contains(": cancelled, it held nothing"), "{output}");
    assert!(!output.contains("_secret_"), "{output}");
    assert_eq!(double.confirm_as_buyer(answer.body["clientSecret"].as_str().unwrap(), true), "canceled");
}

#[tokio::test]
async fn money_of_an_order_that_is_closed_here_is_for_an_operator() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.paid_order().await;
    let payments = payments.kill().await;
    put_back(&payments, &order, doc! {"status": "closed"}, &["stripeId", "number", "amount"]).await;
    let output = printed(&payments.reconcile().await, false);
    assert!(output.contains("pi_1 of order") && output.contains(": NOT ADOPTED"), "{output}");
    assert!(output.contains("1 for an operator"), "{output}");
    assert_eq!(double.holds(), 1);
}

#[tokio::test]
async fn an_intent_that_fails_is_told_and_in_nobodys_way() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let (unreadable, held) = (payments.paid_order().await, payments.paid_order().await);
    let waiting = payments.order().await;
    payments.pay(&waiting, "tok_threeDSecure2Required").await.expect(402);
    let payments = payments.kill().await;
    for order in [&unreadable, &held, &waiting] {
        forget(&payments, order).await;
    }
    double.db_set_status("pi_1", "of_next_year");
    double.fail_next(Operation::Cancel, Fault::Unavailable, 1);
    let output = printed(&payments.reconcile().await, false);
    assert!(output.contains("FAILED") && output.contains("pi_1 is of_next_year"), "{output}");
    assert!(output.contains(&format!("pi_3 of order {}, $12.50, NeedsAction: FAILED", waiting.id)), "{output}");
    assert!(output.contains("1 adopted, 0 cancelled, 0 for an operator, 2 failed"), "{output}");
    double.db_set_status("pi_1", "requires_capture");
    let again = printed(&payments.reconcile().await, true);
    assert!(again.contains("1 known, 0 over, 1 adopted, 1 cancelled"), "{again}");
}

#[tokio::test]
async fn what_is_older_than_asked_for_is_left_alone_and_nonsense_is_refused() {
    let payments = TestApp::start().await.kill().await;
    let output = printed(&payments.reconcile_with(&["--since", "1"]).await, true);
    assert!(output.starts_with("0 intents since"), "{output}");
    assert_eq!(payments.reconcile_with(&["--since", "0"]).await.status.code(), Some(64));
    assert_eq!(payments.reconcile_with(&["--help"]).await.status.code(), Some(0));
}
