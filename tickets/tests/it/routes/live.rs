use common::testing::{App, EventSource, User, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

const LIVE: &str = "/api/tickets/live";

/// What is told next: its name and the id of its ticket.
async fn next(page: &mut EventSource) -> (String, Value) {
    let told = page.next().await;
    (told.event, told.data["id"].clone())
}

fn ticket(id: impl ToString) -> (String, Value) {
    ("ticket".to_owned(), json!(id.to_string()))
}

fn gone(id: impl ToString) -> (String, Value) {
    ("gone".to_owned(), json!(id.to_string()))
}

/// Reads on until this is told. What came before the page was opened may be told as well, which changes nothing in a page.
async fn until(page: &mut EventSource, expected: (String, Value)) {
    while next(page).await != expected {}
}

/// The answer to a client that comes back after the event with this id.
async fn resume(app: &App, last_id: &str) -> EventSource {
    EventSource::open(app.request(Method::GET, LIVE).header("last-event-id", last_id)).await
}

#[tokio::test]
async fn everybody_is_told_of_a_new_ticket_as_it_is_shown_alone() {
    let tickets = TestApp::start().await;
    let mut page = tickets.app.live(None, LIVE).await;
    let offered = tickets.some_ticket().await;
    let told = page.next().await;
    assert_eq!((told.event.as_str(), told.data), ("ticket", tickets.show(offered).await));
}

#[tokio::test]
async fn a_ticket_that_is_ordered_is_gone_and_comes_back_when_the_order_is_cancelled() {
    let tickets = TestApp::start().await;
    let offered = tickets.some_ticket().await;
    let mut page = tickets.app.live(None, LIVE).await;
    let order = tickets.order(offered).await;
    until(&mut page, gone(offered)).await;
    tickets.cancel(order, offered).await;
    until(&mut page, ticket(offered)).await;
}

#[tokio::test]
async fn a_ticket_that_is_withdrawn_is_gone() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let offered = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    let mut page = tickets.app.live(None, LIVE).await;
    tickets.withdraw(&seller, offered).await.expect(204);
    until(&mut page, gone(offered)).await;
}

#[tokio::test]
async fn what_happens_at_one_replica_is_told_by_every_other() {
    let tickets = TestApp::start().await;
    let other = tickets.start_another().await;
    let mut page = other.live(None, LIVE).await;
    let offered = tickets.some_ticket().await;
    assert_eq!(next(&mut page).await, ticket(offered));
    other.stop().await.unwrap();
}

#[tokio::test]
async fn a_page_of_one_event_is_told_of_that_event_alone() {
    let tickets = TestApp::start().await;
    // A ticket that says neither place nor time is an event of its own.
    let (one, other) = (tickets.some_ticket().await, tickets.some_ticket().await);
    let mut page = tickets.app.live(None, &format!("{LIVE}?event={one}")).await;
    tickets.order(other).await;
    tickets.order(one).await;
    loop {
        let (event, id) = next(&mut page).await;
        assert_eq!(id, one.to_string());
        if event == "gone" {
            break;
        }
    }
}

#[tokio::test]
async fn a_key_that_is_malformed_is_refused_at_its_field() {
    let tickets = TestApp::start().await;
    let answer = tickets.app.get(None, &format!("{LIVE}?event=1")).await;
    answer.expect_errors(400, &[("Event must be a key", Some("event"))]);
    let twice = tickets.app.get(None, &format!("{LIVE}?event=1&event=2")).await;
    twice.expect_errors(400, &[("Query is malformed", None)]);
}

#[tokio::test]
async fn a_client_that_comes_back_is_told_what_it_has_missed() {
    let tickets = TestApp::start().await;
    let mut page = tickets.app.live(None, LIVE).await;
    let seen = tickets.some_ticket().await;
    assert_eq!(next(&mut page).await, ticket(seen));
    let last_id = page.last_id().to_owned();
    drop(page);
    let missed = tickets.some_ticket().await;
    let mut back = resume(&tickets.app, &last_id).await;
    until(&mut back, ticket(missed)).await;
}

#[tokio::test]
async fn a_client_that_comes_back_to_a_new_replica_is_told_what_it_has_missed_or_to_load_its_page_again() {
    let tickets = TestApp::start().await;
    let mut page = tickets.app.live(None, LIVE).await;
    let seen = tickets.some_ticket().await;
    assert_eq!(next(&mut page).await, ticket(seen));
    let last_id = page.last_id().to_owned();
    let missed = tickets.some_ticket().await;
    let other = tickets.start_another().await;
    let mut back = resume(&other, &last_id).await;
    // One that has not read the store yet knows nothing of what came before.
    loop {
        let told = next(&mut back).await;
        if told == ticket(missed) || told.0 == "reload" {
            break;
        }
    }
    drop(back);
    other.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_that_was_away_for_longer_than_is_remembered_loads_its_page_again() {
    let tickets = TestApp::start().await;
    for _ in 0..1001 {
        tickets.some_ticket().await;
    }
    let reloads = async || (resume(&tickets.app, "1").await.next().await.event == "reload").then_some(());
    eventually("every ticket was told", reloads).await;
}

#[tokio::test]
async fn further_connections_than_the_limit_are_asked_to_come_later() {
    let tickets = TestApp::configured(&[("live-connections", "1")]).await;
    let page = tickets.app.live(None, LIVE).await;
    tickets.app.get(None, LIVE).await.expect(503);
    drop(page);
    let is_free = async || {
        let answer = tickets.app.request(Method::GET, LIVE).send().await.unwrap();
        (answer.status() == 200).then_some(())
    };
    eventually("the place is free", is_free).await;
}

#[tokio::test]
async fn connections_end_when_the_service_stops() {
    let tickets = TestApp::start().await;
    let page = tickets.app.live(None, LIVE).await;
    let ended = tokio::spawn(page.ended());
    tickets.stop().await;
    ended.await.unwrap();
}

#[tokio::test]
async fn an_open_page_does_not_keep_its_connection_for_further_requests() {
    let tickets = TestApp::start().await;
    let answer = tickets.app.request(Method::GET, LIVE).send().await.unwrap();
    assert_eq!(answer.headers()["connection"], "close");
    assert!(answer.headers().contains_key("date") && !answer.headers().contains_key("content-length"));
}
