use common::id::Id;
use common::testing::{User, eventually};
use serde_json::{Value, json};

use crate::app::TestApp;

const EVENTS: &str = "/api/tickets/events";

async fn events(tickets: &TestApp, query: &str) -> Vec<Value> {
    let answer = tickets.app.get(None, &format!("{EVENTS}?{query}")).await.expect(200);
    answer.body.as_array().unwrap().clone()
}

fn titles(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["title"].as_str().unwrap()).collect()
}

fn listing(title: &str, price: i32, starts_at: &str) -> Value {
    json!({"title": title, "price": price, "venue": "Bastille", "city": "Paris", "startsAt": starts_at})
}

#[tokio::test]
async fn listings_of_one_event_are_counted_and_the_cheapest_seat_says_the_price() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let first = tickets.offer_with(&seller, listing("Tosca", 50, "2099-06-12T20:00:00+02:00")).await;
    let mut pair = listing("TOSCA", 80, "2099-06-12T18:00:00Z");
    pair["quantity"] = json!(2);
    tickets.offer_with(&seller, pair).await;
    let key = tickets.show(first).await["event"].clone();
    let expected = json!({"key": key, "title": "Tosca", "venue": "Bastille", "city": "Paris",
        "startsAt": "2099-06-12T20:00:00+02:00", "tickets": 2, "from": 40});
    assert_eq!(events(&tickets, "").await, [expected]);
}

#[tokio::test]
async fn what_begins_first_comes_first_and_what_has_no_date_last_page_by_page() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    tickets.offer(&seller, "Voucher", 5).await.expect(201);
    for (title, day) in [("Third", 3), ("First", 1), ("Second", 2), ("Second", 2)] {
        tickets.offer_with(&seller, listing(title, 20, &format!("2099-06-0{day}T20:00:00Z"))).await;
    }
    let (mut all, mut next) = (Vec::new(), Some(format!("{EVENTS}?limit=1")));
    while let Some(path) = next {
        let answer = tickets.app.get(None, &path).await.expect(200);
        all.extend(titles(answer.body.as_array().unwrap()).into_iter().map(str::to_owned));
        let link = answer.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(r#">; rel="next""#));
        next = link.map(str::to_owned);
    }
    assert_eq!(all, ["First", "Second", "Third", "Voucher"]);
}

#[tokio::test]
async fn filters_narrow_the_events_down_and_only_what_matches_is_counted() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for price in [20, 40, 60] {
        tickets.offer_with(&seller, listing("Tosca", price, "2099-06-12T20:00:00Z")).await;
    }
    tickets.offer_with(&seller, json!({"title": "Aida", "price": 10, "city": "Lyon"})).await;
    for (query, expected) in [
        ("q=tosca", vec![("Tosca", 3)]),
        ("min=30", vec![("Tosca", 2)]),
        ("city=lyon", vec![("Aida", 1)]),
        ("from=2099-06-13", vec![]),
        ("to=2099-06-13", vec![("Tosca", 3)]),
        ("q=aida&city=paris", vec![]),
    ] {
        let found = events(&tickets, query).await;
        let found: Vec<_> =
            found.iter().map(|event| (event["title"].as_str().unwrap(), event["tickets"].as_i64().unwrap())).collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn a_ticket_without_place_and_time_is_an_event_under_its_own_id() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer(&seller, "Voucher", 5).await.expect(201).id();
    assert_eq!(events(&tickets, "").await, [json!({"key": id, "title": "Voucher", "tickets": 1, "from": 5})]);
}

#[tokio::test]
async fn an_event_whose_tickets_are_sold_is_not_on_any_more() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer_with(&seller, listing("Tosca", 50, "2099-06-12T20:00:00Z")).await;
    let order = tickets.order(id).await;
    eventually("it is reserved", async || events(&tickets, "").await.is_empty().then_some(())).await;
    tickets.cancel(order, id).await;
    eventually("it is back", async || (events(&tickets, "").await.len() == 1).then_some(())).await;
}

#[tokio::test]
async fn an_event_of_more_tickets_than_are_read_is_counted_all_the_same() {
    let tickets = TestApp::start().await;
    let seller = Id::generate();
    let documents = (0..1203).map(|number| {
        let id = mongodb::bson::oid::ObjectId::new();
        let price = if number == 700 { 7 } else { 20 };
        mongodb::bson::doc! {"_id": id, "title": "Tosca", "price": price, "userId": seller.to_string(), "version": 0, "city": "Paris"}
    });
    let stored = tickets.database.collection("tickets");
    stored.insert_many(documents).await.unwrap();
    tickets.offer_with(&User::new(), json!({"title": "Aida", "price": 10, "city": "Lyon"})).await;
    let counted = async || {
        let found = events(&tickets, "").await;
        let mut found: Vec<_> = found.iter().map(|event| (event["tickets"].as_i64(), event["from"].as_i64())).collect();
        found.sort_unstable();
        (found == [(Some(1), Some(10)), (Some(1203), Some(7))]).then_some(())
    };
    eventually("all are counted", counted).await;
}

#[tokio::test]
async fn another_sort_and_a_malformed_page_are_refused_at_their_field() {
    let tickets = TestApp::start().await;
    let answer = tickets.app.get(None, &format!("{EVENTS}?sort=price")).await;
    answer.expect_errors(400, &[("Sort must be startsAt", Some("sort"))]);
    let answer = tickets.app.get(None, &format!("{EVENTS}?after=1")).await;
    answer.expect_errors(400, &[("After must be what the link to the page says", Some("after"))]);
}
