//! Documents as the Node original's Mongoose models stored them.

use common::events::{OrderCompleted, PricedTicket};
use common::id::Id;
use common::money::Money;
use common::testing::User;
use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, doc};
use serde_json::json;

use crate::app::TestApp;

/// A ticket of the replica.
async fn db_insert_ticket(orders: &TestApp) -> Id {
    let id = Id::generate();
    let ticket = doc! {"_id": ObjectId::from(id), "title": "Concert", "price": 19.999, "version": 3, "__v": 0};
    orders.db_insert("tickets", ticket).await;
    id
}

/// An order whose deadline is in the year 2100.
async fn db_insert_order(orders: &TestApp, buyer: &User, ticket: Id, status: &str) -> Id {
    let id = Id::generate();
    let order = doc! {
        "_id": ObjectId::from(id), "userId": buyer.id.to_string(), "status": status, "version": 0, "__v": 0,
        "expiresAt": DateTime::from_millis(4_102_444_800_000), "ticket": ObjectId::from(ticket)
    };
    orders.db_insert("orders", order).await;
    id
}

#[tokio::test]
async fn an_order_of_the_original_is_shown_at_the_price_of_its_ticket() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = db_insert_ticket(&orders).await;
    let order = db_insert_order(&orders, &buyer, ticket, "created").await;
    let expected = json!({
        "id": order, "userId": buyer.id, "status": "created", "expiresAt": "2100-01-01T00:00:00.000Z", "version": 0,
        "ticket": {"id": ticket, "title": "Concert", "price": 20, "version": 3}
    });
    assert_eq!(orders.show(&buyer, order).await.expect(200).body, expected);
}

#[tokio::test]
async fn orders_of_the_original_are_listed_whatever_their_status() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for status in ["created", "awaiting:payment", "complete", "cancelled"] {
        let ticket = db_insert_ticket(&orders).await;
        db_insert_order(&orders, &buyer, ticket, status).await;
    }
    let list = orders.app.get(Some(&buyer), "/api/orders").await.expect(200).body;
    let statuses: Vec<_> = list.as_array().unwrap().iter().map(|order| &order["status"]).collect();
    assert_eq!(statuses, ["created", "awaiting:payment", "complete", "cancelled"]);
}

#[tokio::test]
async fn an_open_order_of_the_original_is_cancelled_and_what_we_do_not_know_stays() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for status in ["created", "awaiting:payment"] {
        let ticket = db_insert_ticket(&orders).await;
        let order = db_insert_order(&orders, &buyer, ticket, status).await;
        orders.cancel(&buyer, order).await.expect(204);
        assert_eq!(orders.status(&buyer, order).await, "cancelled", "{status}");
        assert_eq!(orders.published_ends(order).await, ["cancelled"], "{status}");
        assert_eq!(orders.db_order(order).await.get_i32("__v").unwrap(), 0);
    }
}

#[tokio::test]
async fn an_open_order_of_the_original_is_completed_at_the_price_of_its_ticket() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for status in ["created", "awaiting:payment"] {
        let ticket = db_insert_ticket(&orders).await;
        let id = db_insert_order(&orders, &buyer, ticket, status).await;
        orders.pay(id).await;
        assert_eq!(orders.status(&buyer, id).await, "complete", "{status}");
        let published = orders.stream.wait_for(1, |event: &OrderCompleted| event.id == id).await;
        let paid = PricedTicket { id: ticket, price: Money::from_cents(2000) };
        // Such an order says neither its title nor its seller.
        let (title, seller_id) = (None, None);
        let completed = OrderCompleted { id, version: 1, user_id: buyer.id, ticket: paid, title, seller_id };
        assert_eq!(published, [completed], "{status}");
    }
}

#[tokio::test]
async fn an_order_of_the_original_that_was_not_paid_in_time_is_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = db_insert_ticket(&orders).await;
    let id = Id::generate();
    let order = doc! {
        "_id": ObjectId::from(id), "userId": buyer.id.to_string(), "status": "awaiting:payment", "version": 1,
        "expiresAt": DateTime::from_millis(Timestamp::now().millis()), "ticket": ObjectId::from(ticket)
    };
    orders.db_insert("orders", order).await;
    orders.close(id).await;
    assert_eq!(orders.status(&buyer, id).await, "cancelled");
}

#[tokio::test]
async fn an_order_of_the_original_without_a_version_is_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let (ticket, id) = (db_insert_ticket(&orders).await, Id::generate());
    let order = doc! {
        "_id": ObjectId::from(id), "userId": buyer.id.to_string(), "status": "created",
        "expiresAt": DateTime::from_millis(4_102_444_800_000), "ticket": ObjectId::from(ticket)
    };
    orders.db_insert("orders", order).await;
    orders.cancel(&buyer, id).await.expect(204);
    assert_eq!(orders.show(&buyer, id).await.expect(200).body["version"], 1);
}

#[tokio::test]
async fn a_ticket_that_an_order_of_the_original_has_is_refused() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for status in ["created", "awaiting:payment", "complete"] {
        let ticket = db_insert_ticket(&orders).await;
        db_insert_order(&orders, &User::new(), ticket, status).await;
        orders.order(&buyer, ticket).await.expect_errors(400, &[("Ticket is already reserved", None)]);
    }
}

#[tokio::test]
async fn a_ticket_of_the_original_is_ordered_once_its_order_was_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = db_insert_ticket(&orders).await;
    db_insert_order(&orders, &User::new(), ticket, "cancelled").await;
    let answer = orders.order(&buyer, ticket).await.expect(201);
    assert_eq!(answer.body["ticket"], json!({"id": ticket, "title": "Concert", "price": 20, "version": 3}));
}

#[tokio::test]
async fn a_ticket_of_the_original_is_brought_up_to_date_by_its_next_event() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = db_insert_ticket(&orders).await;
    orders.edit_ticket(ticket, 4, "Opera", Money::from_cents(2500)).await;
    let answer = orders.order(&buyer, ticket).await.expect(201);
    assert_eq!(answer.body["ticket"], json!({"id": ticket, "title": "Opera", "price": 25, "version": 4}));
    assert_eq!(orders.db_ticket(ticket).await.get_i32("__v").unwrap(), 0, "what we do not know stays");
}
