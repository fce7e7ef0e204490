//! How many listings a seller may have at a time.

use common::id::Id;
use common::testing::{App, User};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};
use reqwest::Method;
use serde_json::json;

use crate::app::{OrderEvent, TestApp};

const FULL: (&str, Option<&str>) = ("Your listings have reached the limit of 3, withdraw one first", None);

const PASSED: &str = "2020-06-12T20:00:00+02:00";
const STARTS_AT: &str = "2999-06-12T20:00:00+02:00";

/// Three live listings are all that there may be, and the seller has them.
async fn full() -> (TestApp, User, Vec<Id>) {
    let (tickets, seller) = (TestApp::configured(&[("live-tickets-per-seller", "3")]).await, User::new());
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(tickets.offer(&seller, "Concert", 20).await.expect(201).id());
    }
    tickets.offer(&seller, "Concert", 20).await.expect_errors(400, &[FULL]);
    (tickets, seller, ids)
}

#[tokio::test]
async fn a_seller_with_as_many_listings_as_there_may_be_has_room_again_once_one_was_withdrawn_taken_down_or_sold() {
    let (tickets, seller, ids) = full().await;
    tickets.offer(&User::new(), "Concert", 20).await.expect(201);
    tickets.withdraw(&seller, ids[0]).await.expect(204);
    tickets.offer(&seller, "Concert", 20).await.expect(201);
    tickets.sell(ids[1], &User::new()).await;
    tickets.offer(&seller, "Concert", 20).await.expect(201);
    tickets.offer(&seller, "Concert", 20).await.expect_errors(400, &[FULL]);
}

#[tokio::test]
async fn a_listing_that_is_reserved_counts_until_it_is_sold() {
    let (tickets, seller, ids) = full().await;
    let order = tickets.order(ids[0]).await;
    tickets.offer(&seller, "Concert", 20).await.expect_errors(400, &[FULL]);
    tickets.publish(order, ids[0], OrderEvent::Completed).await;
    tickets.handled().await;
    tickets.offer(&seller, "Concert", 20).await.expect(201);
}

#[tokio::test]
async fn a_listing_that_is_over_does_not_count_until_another_date_puts_it_back() {
    let (tickets, seller, ids) = full().await;
    let begins = DateTime::from_millis(1_591_984_800_000);
    tickets.db_set(ids[0], doc! {"startsAt": PASSED, "listed.sale.begins": begins}).await;
    let put_back = async |user: &User| {
        let body = json!({"title": "Concert", "price": 20, "startsAt": STARTS_AT});
        tickets.app.put(Some(user), &format!("/api/tickets/{}", ids[0]), body).await
    };
    let instead = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    put_back(&User::new()).await.expect(401);
    put_back(&seller).await.expect_errors(400, &[FULL]);
    // What leaves it over, and what is on sale anyway, is edited as ever.
    tickets.edit(&seller, ids[0], "Opera", 20).await.expect(200);
    tickets.edit(&seller, instead, "Opera", 20).await.expect(200);
    tickets.withdraw(&seller, instead).await.expect(204);
    put_back(&seller).await.expect(200);
    tickets.offer(&seller, "Concert", 20).await.expect_errors(400, &[FULL]);
}

#[tokio::test]
async fn a_request_that_is_sent_again_at_the_limit_is_answered_with_its_ticket() {
    let tickets = TestApp::configured(&[("live-tickets-per-seller", "1")]).await;
    let seller = User::new();
    let offer = async |key: &str| {
        let request = tickets.app.request(Method::POST, "/api/tickets").header("cookie", &seller.cookie);
        App::send(request.header("idempotency-key", key).json(&json!({"title": "Concert", "price": 20}))).await
    };
    let first = offer("a").await.expect(201).id();
    assert_eq!(offer("a").await.expect(201).id(), first);
    offer("b").await.expect(400);
}

#[tokio::test]
async fn with_no_limit_a_seller_offers_as_much_as_they_like() {
    let tickets = TestApp::configured(&[("live-tickets-per-seller", "0")]).await;
    let seller = User::new();
    for _ in 0..4 {
        tickets.offer(&seller, "Concert", 20).await.expect(201);
    }
}

#[tokio::test]
async fn counting_reads_nothing_of_what_was_sold_or_withdrawn() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let old = |number: i32| {
        let mut old = doc! {
            "_id": ObjectId::new(), "title": "Concert", "price": 20, "userId": seller.id.to_string(), "version": 2,
            "listed": {"of": 2}
        };
        if number % 2 == 0 {
            old.insert("orderId", Id::generate().to_string());
            old.insert("reservations", doc! {"orders": []});
        } else {
            old.insert("withdrawn", doc! {"at": DateTime::now()});
        }
        old
    };
    let documents = tickets.database.collection::<Document>("tickets");
    documents.insert_many((0..1200).map(old)).await.unwrap();
    tickets.offer(&seller, "Concert", 20).await.expect(201);
    tickets.database.run_command(doc! {"profile": 2}).await.unwrap();
    tickets.offer(&seller, "Concert", 20).await.expect(201);
    tickets.database.run_command(doc! {"profile": 0}).await.unwrap();
    let counts = tickets.database.collection::<Document>("system.profile");
    let mut counts = counts.find(doc! {"command.aggregate": "tickets"}).await.unwrap();
    let mut seen = 0;
    while counts.advance().await.unwrap() {
        let count = counts.deserialize_current().unwrap();
        let examined = ["keysExamined", "docsExamined"].map(|field| count.get_i32(field).unwrap());
        assert!(examined[0] <= 2 && examined[1] == 0, "{count}");
        seen += 1;
    }
    assert_eq!(seen, 2);
}
