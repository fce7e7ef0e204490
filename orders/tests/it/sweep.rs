use std::collections::BTreeSet;

use common::events::{ExpirationComplete, ORDER, OrderCancelled, OrderCreated, StateRequested, TICKET};
use common::id::Id;
use common::mongo::{Store, Turn};
use common::testing::{User, eventually};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::{Collection, Database};
use orders::models::order::Order;
use orders::models::orders as queries;
use orders::state::Orders;
use orders::sweep::{ask_for_overdue, compare_with_tickets};

use crate::app::{Ended, TestApp, db_insert_order};

/// A time so many milliseconds ago.
fn ago(millis: i64) -> Timestamp {
    Timestamp::from_millis(Timestamp::now().millis() - millis)
}

fn db_orders(database: &Database) -> Collection<Document> {
    database.collection("orders")
}

async fn db_set(database: &Database, order: Id, fields: Document) {
    db_orders(database).update_one(doc! {"_id": ObjectId::from(order)}, doc! {"$set": fields}).await.unwrap();
}

/// An order whose deadline passed so long ago.
async fn db_overdue(orders: &Ended, millis: i64) -> Id {
    db_insert_order(&orders.database, &User::new(), Id::generate(), ago(millis)).await
}

/// The orders that payments was asked about, oldest first.
async fn asked(orders: &Ended) -> Vec<Id> {
    orders.stream.published::<ExpirationComplete>().await.into_iter().map(|event| event.order_id).collect()
}

/// How long it is until the next turn, in whole seconds rounded up, and how many there were.
fn turn(order: &Document, field: &str) -> (i64, i32) {
    let turn = order.get_document(field).unwrap();
    let at = turn.get_datetime("at").unwrap().timestamp_millis();
    let tries = turn.get("tries").unwrap();
    let tries = tries.as_i32().or_else(|| tries.as_f64().map(|tries| tries as i32)).unwrap();
    ((at - Timestamp::now().millis() + 999) / 1000, tries)
}

#[tokio::test]
async fn payments_is_asked_about_an_order_that_is_overdue_by_more_than_ten_seconds() {
    let orders = Ended::new(&[]).await;
    let order = db_overdue(&orders, 10_100).await;
    let expires_at = orders.db_order(order).await.get_datetime("expiresAt").unwrap().timestamp_millis();
    assert_eq!(ask_for_overdue(&orders.state()).await.unwrap(), 1);
    let expires_at = Some(Timestamp::from_millis(expires_at));
    let published = orders.stream.published::<ExpirationComplete>().await;
    assert_eq!(published, [ExpirationComplete { order_id: order, expires_at }]);
}

#[tokio::test]
async fn no_order_is_cancelled_by_the_sweep_so_nothing_expires_while_payments_is_unavailable() {
    let orders = Ended::new(&[]).await;
    let order = db_overdue(&orders, 86_400_000).await;
    ask_for_overdue(&orders.state()).await.unwrap();
    let stored = orders.db_order(order).await;
    assert_eq!((stored.get_str("status").unwrap(), stored.get_i32("version").unwrap()), ("created", 0));
}

#[tokio::test]
async fn what_is_within_the_grace_is_left_to_the_expiration_service() {
    let orders = Ended::new(&[]).await;
    for millis in [-60_000, 0, 1, 8_000] {
        db_overdue(&orders, millis).await;
        assert_eq!(ask_for_overdue(&orders.state()).await.unwrap(), 0, "overdue by {millis} ms");
    }
}

#[tokio::test]
async fn payments_is_not_asked_about_an_order_that_has_ended() {
    let orders = Ended::new(&[]).await;
    for status in ["complete", "cancelled"] {
        let order = db_overdue(&orders, 60_000).await;
        db_set(&orders.database, order, doc! {"status": status}).await;
        let before = orders.db_order(order).await;
        assert_eq!(ask_for_overdue(&orders.state()).await.unwrap(), 0);
        assert_eq!(orders.db_order(order).await, before);
    }
}

#[tokio::test]
async fn payments_is_asked_again_and_again_with_pauses_that_grow_to_ten_seconds() {
    let (orders, state) = {
        let orders = Ended::new(&[]).await;
        let state = orders.state();
        (orders, state)
    };
    let order = db_overdue(&orders, 60_000).await;
    for (tries, pause) in (1..).zip([2, 4, 8, 10, 10, 10]) {
        assert_eq!(ask_for_overdue(&state).await.unwrap(), 1);
        assert_eq!(turn(&orders.db_order(order).await, "ask"), (pause, tries));
        assert_eq!(ask_for_overdue(&state).await.unwrap(), 0, "its next turn has not come");
        db_set(&orders.database, order, doc! {"ask.at": DateTime::now()}).await;
    }
    assert_eq!(asked(&orders).await, [order; 6], "no message was dropped as a repeated one");
}

#[tokio::test]
async fn the_longest_overdue_comes_first_and_a_batch_ends() {
    let orders = Ended::new(&[]).await;
    let mut overdue = Vec::new();
    for number in 0..300 {
        overdue.push(db_overdue(&orders, 60_000 + number * 1000).await);
    }
    assert_eq!(ask_for_overdue(&orders.state()).await.unwrap(), 256);
    let asked: BTreeSet<Id> = asked(&orders).await.into_iter().collect();
    assert_eq!(asked, overdue[44..].iter().copied().collect());
    assert_eq!(ask_for_overdue(&orders.state()).await.unwrap(), 44);
}

#[tokio::test]
async fn replicas_that_sweep_at_the_same_time_share_the_work() {
    let orders = Ended::new(&[]).await;
    for _ in 0..50 {
        db_overdue(&orders, 60_000).await;
    }
    let [one, other] = [orders.state(), orders.state()];
    let (one, other) = tokio::join!(ask_for_overdue(&one), ask_for_overdue(&other));
    assert_eq!(one.unwrap() + other.unwrap(), 50);
    let asked = asked(&orders).await;
    assert_eq!((asked.len(), asked.into_iter().collect::<BTreeSet<Id>>().len()), (50, 50));
}

#[tokio::test]
async fn the_sweep_reads_no_order_whose_turn_has_not_come() {
    // The service creates the indexes.
    let orders = TestApp::start().await.stop().await;
    let later = DateTime::from_millis(Timestamp::now().millis() + 60_000);
    for number in 0..100 {
        let order = db_overdue(&orders, 60_000 + number).await;
        db_set(&orders.database, order, doc! {"ask": {"at": later, "tries": 9}}).await;
    }
    let [fresh, again] = [db_overdue(&orders, 30_000).await, db_overdue(&orders, 40_000).await];
    db_set(&orders.database, again, doc! {"ask": {"at": DateTime::from_millis(1), "tries": 1}}).await;
    orders.database.run_command(doc! {"profile": 2}).await.unwrap();
    assert_eq!(ask_for_overdue(&orders.state()).await.unwrap(), 2);
    orders.database.run_command(doc! {"profile": 0}).await.unwrap();
    assert_eq!(asked(&orders).await, [fresh, again]);
    let profile = orders.database.collection::<Document>("system.profile");
    let turns = profile.find(doc! {"command.findAndModify": "orders"}).await.unwrap();
    let turns: Vec<Document> = turns.try_collect().await.unwrap();
    assert_eq!(turns.len(), 4, "two turns and two ends");
    assert!(turns.iter().all(|turn| turn.get_i32("docsExamined").unwrap() <= 1), "{turns:?}");
}

#[tokio::test]
async fn a_document_that_cannot_be_read_does_not_keep_the_others_from_payments() {
    let orders = Ended::new(&[]).await;
    let unreadable = doc! {"_id": "x", "status": "created", "expiresAt": DateTime::from_millis(1)};
    db_orders(&orders.database).insert_one(unreadable).await.unwrap();
    let damaged = db_overdue(&orders, 70_000).await;
    db_set(&orders.database, damaged, doc! {"userId": 1}).await;
    let order = db_overdue(&orders, 60_000).await;
    assert_eq!(ask_for_overdue(&orders.state()).await.unwrap(), 2);
    assert_eq!(asked(&orders).await, [damaged, order]);
}

#[tokio::test]
async fn a_closing_that_was_lost_is_asked_for_again_until_the_order_has_ended() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.db_insert_order(&buyer, ago(60_000)).await;
    // Payments stored its closing entry, and `payment.closed` was lost.
    orders.stream.wait_for(2, |event: &ExpirationComplete| event.order_id == order).await;
    orders.close(order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
    let ended = orders.stop().await;
    assert_eq!(ask_for_overdue(&ended.state()).await.unwrap(), 0);
}

#[tokio::test]
async fn metrics_count_the_orders_that_are_open_well_past_their_deadline() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    orders.db_insert_order(&buyer, ago(16_000)).await;
    eventually("one is counted", async || {
        orders.app.metrics().await.contains("orders_past_deadline 1\n").then_some(())
    })
    .await;
}

/// An order as the service stores it, of a ticket that the replica shows as held by this order.
async fn db_changed(orders: &Ended, status: &str, holder: impl Fn(Id) -> Option<Id>) -> Id {
    let ticket = Id::generate();
    let order = db_insert_order(&orders.database, &User::new(), ticket, Timestamp::now()).await;
    let holder = holder(order).map(|order| order.to_string());
    let ticket = doc! {"_id": ObjectId::from(ticket), "title": "Concert", "price": 20, "version": 1, "orderId": holder};
    orders.database.collection::<Document>("tickets").insert_one(ticket).await.unwrap();
    let at = DateTime::from_millis(DateTime::now().timestamp_millis() - 1);
    db_set(&orders.database, order, doc! {"status": status, "check": {"at": at, "tries": 0}}).await;
    order
}

fn store(orders: &Orders) -> &Store<Order> {
    &orders.store
}

#[tokio::test]
async fn an_order_whose_status_has_changed_is_compared_with_its_ticket_twenty_seconds_later() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    let stored = eventually("the sweep has planned the check", async || {
        let stored = orders.db_order(order).await;
        let at = *stored.get_document("check").unwrap().get_datetime("at").unwrap();
        (at != Turn::UNPLANNED).then_some(stored)
    })
    .await;
    let (seconds, tries) = turn(&stored, "check");
    assert!((17..=20).contains(&seconds) && tries == 0, "{stored}");
}

#[tokio::test]
async fn an_order_that_agrees_with_its_ticket_is_settled() {
    let orders = Ended::new(&[]).await;
    let mut agreed = Vec::new();
    for status in ["created", "awaiting:payment", "complete"] {
        agreed.push(db_changed(&orders, status, Some).await);
    }
    agreed.push(db_changed(&orders, "cancelled", |_| None).await);
    agreed.push(db_changed(&orders, "cancelled", |_| Some(Id::generate())).await);
    assert_eq!(compare_with_tickets(&orders.state()).await.unwrap(), 5);
    for order in agreed {
        assert!(!orders.db_order(order).await.contains_key("check"));
    }
    assert!(orders.stream.published::<StateRequested>().await.is_empty());
    assert_eq!(compare_with_tickets(&orders.state()).await.unwrap(), 0);
}

#[tokio::test]
async fn an_order_that_does_not_agree_with_its_ticket_is_compared_again_with_pauses_that_grow_to_five_minutes() {
    let orders = Ended::new(&[]).await;
    let state = orders.state();
    let order = db_changed(&orders, "complete", |_| None).await;
    for (tries, pause) in (1..).zip([10, 20, 40, 80, 160, 300, 300]) {
        assert_eq!(compare_with_tickets(&state).await.unwrap(), 1);
        assert_eq!(turn(&orders.db_order(order).await, "check"), (pause, tries));
        assert_eq!(compare_with_tickets(&state).await.unwrap(), 0, "its next turn has not come");
        let at = DateTime::from_millis(DateTime::now().timestamp_millis() - 1);
        db_set(&orders.database, order, doc! {"check.at": at}).await;
    }
    assert_eq!(queries::count_unsettled(store(&state)).await.unwrap(), (0, 1));
}

/// The seller has withdrawn the ticket while the order was on its way to the tickets service.
#[tokio::test]
async fn an_order_of_a_withdrawn_ticket_is_published_until_the_ticket_shows_it_and_agrees_once_it_is_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.withdraw(ticket, 1).await;
    let due = async || {
        let at = DateTime::from_millis(DateTime::now().timestamp_millis() - 1);
        db_set(orders.database(), order, doc! {"check": {"at": at, "tries": 0}}).await;
    };
    let agree = async || {
        due().await;
        eventually("they agree", async || (!orders.db_order(order).await.contains_key("check")).then_some(())).await;
    };
    due().await;
    orders.stream.wait_for(1, |request: &StateRequested| request.id == Some(ticket)).await;
    orders.stream.wait_for(2, |event: &OrderCreated| event.id == order).await;
    orders.hold(ticket, 2, Some(order)).await;
    agree().await;
    assert_eq!(orders.status(&buyer, order).await, "created", "it can be paid");
    orders.cancel(&buyer, order).await.expect(204);
    orders.withdraw(ticket, 3).await;
    agree().await;
}

/// Tickets has not handled a single event of an order that is complete: its ticket is on sale.
#[tokio::test]
async fn a_complete_order_of_which_tickets_knows_nothing_is_published_again_until_the_ticket_shows_it() {
    let orders = Ended::new(&[]).await;
    let order = db_changed(&orders, "complete", |_| None).await;
    let ticket = Id::from(orders.db_order(order).await.get_object_id("ticket").unwrap());
    let orders = orders.start_again().await;
    let requested = orders.stream.wait_for(1, |request: &StateRequested| request.id == Some(ticket)).await;
    assert_eq!((requested[0].of.as_str(), requested[0].service.as_str()), (TICKET, orders::NAME));
    orders.stream.wait_for(1, |event: &common::events::OrderCompleted| event.id == order).await;
    orders.hold(ticket, 2, Some(order)).await;
    let at = DateTime::from_millis(DateTime::now().timestamp_millis() - 1);
    db_set(orders.database(), order, doc! {"check.at": at}).await;
    eventually("they agree", async || (!orders.db_order(order).await.contains_key("check")).then_some(())).await;
}

#[tokio::test]
async fn an_order_that_does_not_agree_is_published_in_its_present_state() {
    let orders = Ended::new(&[]).await;
    let open = db_changed(&orders, "created", |_| None).await;
    let cancelled = db_changed(&orders, "cancelled", Some).await;
    let orders = orders.start_again().await;
    orders.stream.wait_for(1, |event: &OrderCreated| event.id == open).await;
    orders.stream.wait_for(1, |event: &OrderCancelled| event.id == cancelled).await;
    eventually("both are counted", async || {
        orders.app.metrics().await.contains("orders_disagreeing 2\n").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_the_replica_lacks_is_requested() {
    let orders = Ended::new(&[]).await;
    let order = db_changed(&orders, "cancelled", |_| None).await;
    orders.database.collection::<Document>("tickets").drop().await.unwrap();
    assert_eq!(compare_with_tickets(&orders.state()).await.unwrap(), 1);
    let ticket = Id::from(orders.db_order(order).await.get_object_id("ticket").unwrap());
    let requested = orders.stream.published::<StateRequested>().await;
    assert_eq!((requested[0].of.as_str(), requested[0].id), (TICKET, Some(ticket)));
    assert_ne!(requested[0].of, ORDER);
}

#[tokio::test]
async fn replicas_that_compare_at_the_same_time_publish_a_disagreement_once() {
    let orders = Ended::new(&[]).await;
    let order = db_changed(&orders, "complete", |_| None).await;
    let [one, other] = [orders.state(), orders.state()];
    let (one, other) = tokio::join!(compare_with_tickets(&one), compare_with_tickets(&other));
    one.unwrap();
    other.unwrap();
    assert_eq!(turn(&orders.db_order(order).await, "check").1, 1);
}

#[tokio::test]
async fn an_order_that_changes_while_it_is_compared_is_compared_later() {
    let orders = Ended::new(&[]).await;
    let state = orders.state();
    let order = db_changed(&orders, "created", Some).await;
    let now = DateTime::now();
    let compared = queries::to_check(store(&state), now, 10).await.unwrap();
    assert_eq!(compared.len(), 1);
    let cancel = |order: &mut Order| Ok::<_, common::mongo::StoreError>(order.cancel().unwrap());
    state.store.change(order, cancel).await.unwrap();
    queries::store_agreed(store(&state), vec![order.into()], now).await.unwrap();
    assert!(!queries::take_disagreeing(store(&state), &compared[0], now).await.unwrap());
    assert!(orders.db_order(order).await.contains_key("check"));
}

#[tokio::test]
async fn an_order_that_cannot_be_read_does_not_keep_the_others_from_being_compared() {
    let orders = Ended::new(&[]).await;
    let damaged = db_changed(&orders, "created", |_| None).await;
    db_set(&orders.database, damaged, doc! {"userId": 1}).await;
    db_changed(&orders, "created", Some).await;
    assert_eq!(compare_with_tickets(&orders.state()).await.unwrap(), 1);
    assert_eq!(turn(&orders.db_order(damaged).await, "check"), (10, 1));
}
