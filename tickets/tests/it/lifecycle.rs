use std::collections::BTreeSet;

use common::events::TicketCreated;
use common::id::Id;
use common::testing::{self, App, User, eventually};
use futures::future::join_all;
use tickets::config::Config;

use crate::app::{OrderEvent, TestApp};

const TICKETS: usize = 20;

async fn offer_some(tickets: &TestApp) -> BTreeSet<Id> {
    join_all((0..TICKETS).map(|_| tickets.some_ticket())).await.into_iter().collect()
}

/// The tickets of which an event stands in the stream; each must be there once.
async fn published_once(stream: &testing::Stream) -> BTreeSet<Id> {
    let events = stream.published::<TicketCreated>().await;
    let ids: BTreeSet<Id> = events.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), events.len(), "an event was published twice");
    ids
}

#[tokio::test]
async fn a_running_service_is_ready_and_says_of_what() {
    let tickets = TestApp::start().await;
    let readiness = tickets.app.readiness().await.expect(200);
    assert_eq!(readiness.body, serde_json::json!({"ready": true, "parts": {"broker": "ok", "mongo": "ok"}}));
}

#[tokio::test]
async fn an_unknown_route_or_method_is_not_found() {
    let tickets = TestApp::start().await;
    tickets.app.get(None, "/api/tickets/1/2").await.expect_errors(404, &[("Not found", None)]);
    tickets.app.delete(Some(&User::new()), "/api/tickets").await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_service_that_stops_publishes_its_last_events_first() {
    let tickets = TestApp::start().await;
    let offered = offer_some(&tickets).await;
    let tickets = tickets.stop().await;
    assert_eq!(published_once(&tickets.stream).await, offered);
}

#[tokio::test]
async fn while_the_broker_is_unavailable_sales_go_on_and_their_events_follow_when_it_is_back() {
    let tickets = TestApp::start().await;
    tickets.nats.kill().await.unwrap();
    let offered = offer_some(&tickets).await;
    assert_eq!(tickets.list().await.len(), TICKETS);
    tickets.nats.restart().await.unwrap();
    tickets.stream.wait_for(TICKETS, |_: &TicketCreated| true).await;
    tickets.db_all_published().await;
    assert_eq!(published_once(&tickets.stream).await, offered);
}

#[tokio::test]
async fn while_the_broker_is_unavailable_the_service_stays_ready_and_reports_it() {
    let tickets = TestApp::start().await;
    tickets.nats.kill().await.unwrap();
    let readiness = eventually("the broker is missed", async || {
        let readiness = tickets.app.readiness().await.expect(200);
        readiness.body["parts"]["broker"].as_str().unwrap().starts_with("unavailable").then_some(readiness)
    })
    .await;
    assert_eq!((&readiness.body["ready"], &readiness.body["parts"]["mongo"]), (&true.into(), &"ok".into()));
}

#[tokio::test]
async fn orders_are_handled_again_after_the_broker_was_unavailable() {
    let tickets = TestApp::start().await;
    let ticket = tickets.some_ticket().await;
    tickets.nats.kill().await.unwrap();
    tickets.nats.restart().await.unwrap();
    eventually("the broker answers", async || tickets.stream.broker().ready().await.ok()).await;
    let order = Id::generate();
    tickets.publish(order, ticket, OrderEvent::Created).await;
    let reserved = async || (tickets.show(ticket).await["orderId"] == order.to_string()).then_some(());
    eventually("the ticket is reserved", reserved).await;
}

#[tokio::test]
async fn the_events_of_a_process_that_died_before_it_could_publish_are_published_by_the_next() {
    let tickets = TestApp::start().await;
    tickets.nats.kill().await.unwrap();
    let offered = offer_some(&tickets).await;
    let tickets = tickets.abort();
    tickets.nats.restart().await.unwrap();
    let tickets = tickets.start_again().await;
    tickets.stream.wait_for(TICKETS, |_: &TicketCreated| true).await;
    tickets.db_all_published().await;
    assert_eq!(published_once(&tickets.stream).await, offered);
}

#[tokio::test]
async fn a_process_that_is_killed_right_after_its_answer_loses_no_event() {
    let mut tickets = TestApp::start().await;
    let mut offered = BTreeSet::new();
    for _ in 0..3 {
        offered.extend(offer_some(&tickets).await);
        tickets = tickets.abort().start_again().await;
    }
    tickets.stream.wait_for(offered.len(), |_: &TicketCreated| true).await;
    tickets.db_all_published().await;
    assert_eq!(published_once(&tickets.stream).await, offered);
}

#[tokio::test]
async fn two_instances_publish_each_event_once() {
    let tickets = TestApp::start().await;
    let other = tickets.start_another().await;
    let offered = offer_some(&tickets).await;
    tickets.db_all_published().await;
    other.stop().await.unwrap();
    assert_eq!(published_once(&tickets.stream).await, offered);
}

#[tokio::test]
async fn while_the_database_is_unavailable_the_answer_is_503_and_the_replica_stays_ready() {
    let (mongod, nats) = (testing::new_mongod().await, testing::new_nats().await);
    let uri = mongod.url_for("tickets");
    let flags = [("mongo-uri", uri.as_str()), ("nats-url", &nats.url()), ("jwt-key", testing::JWT_KEY)];
    let app = App::start(tickets::build(testing::config::<Config>(&flags)).await.unwrap()).await;
    mongod.kill().await.unwrap();
    let answer = app.get(None, "/api/tickets").await;
    assert_eq!(answer.header("retry-after"), "2");
    answer.expect_errors(503, &[("The service is unavailable, try again in a few seconds", None)]);
    let readiness = app.readiness().await.expect(200);
    assert_ne!(readiness.body["parts"]["mongo"], "ok");
}
