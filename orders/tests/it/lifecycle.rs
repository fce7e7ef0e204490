use std::collections::BTreeSet;

use common::events::OrderCreated;
use common::id::Id;
use common::testing::{self, App, Stream, User, eventually};
use futures::future::join_all;
use orders::config::Config;

use crate::app::{TestApp, payment, ticket};

const ORDERS: usize = 20;

/// Tickets to be ordered.
async fn some_tickets(orders: &TestApp) -> Vec<Id> {
    let events: Vec<_> = (0..ORDERS).map(|_| ticket(Id::generate(), Id::generate())).collect();
    join_all(events.iter().map(|event| orders.stream.publish(event))).await;
    orders.handled().await;
    events.into_iter().map(|event| event.id).collect()
}

async fn order_all(orders: &TestApp, tickets: Vec<Id>) -> BTreeSet<Id> {
    let order = async |ticket| orders.order(&User::new(), ticket).await;
    let answers = join_all(tickets.into_iter().map(order)).await;
    answers.into_iter().map(|answer| answer.expect(201).id()).collect()
}

/// The orders of which an event stands in the stream; each must be there once.
async fn published_once(stream: &Stream) -> BTreeSet<Id> {
    let ids = published(stream).await;
    assert_eq!(ids.len(), stream.published::<OrderCreated>().await.len(), "an event was published twice");
    ids
}

/// The same after a broker came back: state that it may have lost is published again, and that is harmless.
async fn published(stream: &Stream) -> BTreeSet<Id> {
    stream.published::<OrderCreated>().await.iter().map(|event| event.id).collect()
}

#[tokio::test]
async fn a_running_service_is_ready_and_says_of_what() {
    let orders = TestApp::start().await;
    let readiness = orders.app.readiness().await.expect(200);
    assert_eq!(readiness.body, serde_json::json!({"ready": true, "parts": {"broker": "ok", "mongo": "ok"}}));
}

#[tokio::test]
async fn an_unknown_route_or_method_is_not_found() {
    let orders = TestApp::start().await;
    orders.app.get(None, "/api/orders/1/2").await.expect_errors(404, &[("Not found", None)]);
    orders.app.delete(Some(&User::new()), "/api/orders").await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_service_that_stops_publishes_its_last_events_first() {
    let orders = TestApp::start().await;
    let tickets = some_tickets(&orders).await;
    let ordered = order_all(&orders, tickets).await;
    let orders = orders.stop().await;
    assert_eq!(published_once(&orders.stream).await, ordered);
}

#[tokio::test]
async fn while_the_broker_is_unavailable_sales_go_on_and_their_events_follow_when_it_is_back() {
    let orders = TestApp::start().await;
    let tickets = some_tickets(&orders).await;
    orders.nats.kill().await.unwrap();
    let ordered = order_all(&orders, tickets).await;
    orders.nats.restart().await.unwrap();
    orders.db_all_published().await;
    assert_eq!(published(&orders.stream).await, ordered);
}

#[tokio::test]
async fn while_the_broker_is_unavailable_the_service_stays_ready_and_reports_it() {
    let orders = TestApp::start().await;
    orders.nats.kill().await.unwrap();
    let readiness = eventually("the broker is missed", async || {
        let readiness = orders.app.readiness().await.expect(200);
        readiness.body["parts"]["broker"].as_str().unwrap().starts_with("unavailable").then_some(readiness)
    })
    .await;
    assert_eq!((&readiness.body["ready"], &readiness.body["parts"]["mongo"]), (&true.into(), &"ok".into()));
}

#[tokio::test]
async fn payments_are_handled_again_after_the_broker_was_unavailable() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.nats.kill().await.unwrap();
    orders.nats.restart().await.unwrap();
    eventually("the broker answers", async || orders.stream.broker().ready().await.ok()).await;
    orders.stream.publish(&payment(order)).await;
    // The broker may have lost the ack of a message before it, for which `handled` would wait.
    eventually("the order is complete", async || (orders.status(&buyer, order).await == "complete").then_some(()))
        .await;
}

#[tokio::test]
async fn the_events_of_a_process_that_died_before_it_could_publish_are_published_by_the_next() {
    let orders = TestApp::start().await;
    let tickets = some_tickets(&orders).await;
    orders.nats.kill().await.unwrap();
    let ordered = order_all(&orders, tickets).await;
    let orders = orders.abort();
    orders.nats.restart().await.unwrap();
    let orders = orders.start_again().await;
    orders.db_all_published().await;
    assert_eq!(published(&orders.stream).await, ordered);
}

#[tokio::test]
async fn a_process_that_is_killed_right_after_its_answer_loses_no_event() {
    let mut orders = TestApp::start().await;
    let mut ordered = BTreeSet::new();
    for _ in 0..3 {
        let tickets = some_tickets(&orders).await;
        ordered.extend(order_all(&orders, tickets).await);
        orders = orders.abort().start_again().await;
    }
    orders.stream.wait_for(ordered.len(), |_: &OrderCreated| true).await;
    orders.db_all_published().await;
    assert_eq!(published_once(&orders.stream).await, ordered);
}

#[tokio::test]
async fn two_instances_publish_each_event_once() {
    let orders = TestApp::start().await;
    let other = orders.start_another().await;
    let tickets = some_tickets(&orders).await;
    let ordered = order_all(&orders, tickets).await;
    orders.db_all_published().await;
    other.stop().await.unwrap();
    assert_eq!(published_once(&orders.stream).await, ordered);
}

#[tokio::test]
async fn while_the_database_is_unavailable_the_answer_is_503_and_the_replica_stays_ready() {
    let (mongod, nats) = (testing::new_mongod().await, testing::new_nats().await);
    let uri = mongod.url_for("orders");
    let flags = [("mongo-uri", uri.as_str()), ("nats-url", &nats.url()), ("jwt-key", testing::JWT_KEY)];
    let app = App::start(orders::build(testing::config::<Config>(&flags)).await.unwrap()).await;
    mongod.kill().await.unwrap();
    let answer = app.get(Some(&User::new()), "/api/orders").await;
    assert_eq!(answer.header("retry-after"), "2");
    answer.expect_errors(503, &[("The service is unavailable, try again in a few seconds", None)]);
    let readiness = app.readiness().await.expect(200);
    assert_ne!(readiness.body["parts"]["mongo"], "ok");
}
