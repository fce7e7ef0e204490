//! Documents as the Node original's Mongoose models stored them.

use common::events::TicketUpdated;
use common::id::Id;
use common::money::Money;
use common::testing::{User, eventually};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, Document, doc};
use serde_json::json;

use crate::app::{OrderEvent, TestApp};

/// A ticket of this seller for whom it may concern.
fn ticket(seller: &User, price: impl Into<Bson>) -> (Id, Document) {
    let id = Id::generate();
    let ticket = doc! {
        "_id": ObjectId::from(id), "title": "Concert", "price": price.into(), "userId": seller.id.to_string(),
        "version": 0, "__v": 0
    };
    (id, ticket)
}

#[tokio::test]
async fn a_ticket_of_the_original_is_listed_and_shown() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, stored) = ticket(&seller, 20);
    tickets.db_insert(stored).await;
    let expected = json!({"id": id, "title": "Concert", "price": 20, "userId": seller.id, "version": 0});
    assert_eq!(tickets.show(id).await, expected);
    let list = async || tickets.app.get(None, "/api/tickets").await.expect(200).body;
    eventually("it is listed", async || (list().await == json!([expected])).then_some(())).await;
}

#[tokio::test]
async fn a_price_of_the_original_is_shown_in_whole_cents() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (stored, shown) in [
        (Bson::from(20), json!(20)),
        (Bson::from(20.0), json!(20)),
        (Bson::from(20_i64), json!(20)),
        (Bson::from(12.5), json!(12.5)),
        (Bson::from(19.999), json!(20)),
        (Bson::from(0.1 + 0.2), json!(0.3)),
        (Bson::from(1234.5678), json!(1234.57)),
    ] {
        let (id, document) = ticket(&seller, stored.clone());
        tickets.db_insert(document).await;
        assert_eq!(tickets.show(id).await["price"], shown, "{stored}");
    }
}

#[tokio::test]
async fn a_ticket_of_the_original_is_edited_and_what_we_do_not_know_stays() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, mut stored) = ticket(&seller, 19.999);
    stored.insert("row", "A");
    tickets.db_insert(stored).await;
    tickets.edit(&seller, id, "Opera", 25).await.expect(200);
    let stored = tickets.db_ticket(id).await;
    assert_eq!((stored.get_str("title").unwrap(), stored.get_i32("price").unwrap()), ("Opera", 25));
    assert_eq!((stored.get_i32("version").unwrap(), stored.get_i32("__v").unwrap()), (1, 0));
    assert_eq!(stored.get_str("row").unwrap(), "A");
}

#[tokio::test]
async fn a_ticket_without_a_version_is_edited() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, mut stored) = ticket(&seller, 20);
    stored.remove("version");
    tickets.db_insert(stored).await;
    assert_eq!(tickets.edit(&seller, id, "Opera", 25).await.expect(200).body["version"], 1);
}

#[tokio::test]
async fn an_edit_of_a_ticket_of_the_original_is_published() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, stored) = ticket(&seller, 20);
    tickets.db_insert(stored).await;
    tickets.edit(&seller, id, "Opera", 25).await.expect(200);
    let published = tickets.stream.wait_for(1, |_: &TicketUpdated| true).await;
    let (title, price) = ("Opera".to_owned(), Money::from_cents(2500));
    assert_eq!(
        published,
        [TicketUpdated { id, version: 1, title, price, user_id: seller.id, order_id: None, starts_at: None }]
    );
}

/// A ticket that the original reserved for an order, stored.
async fn db_reserved(tickets: &TestApp, seller: &User) -> (Id, Id) {
    let (id, mut stored) = ticket(seller, 20);
    let order = Id::generate();
    stored.extend(doc! {"orderId": order.to_string(), "version": 1});
    tickets.db_insert(stored).await;
    (id, order)
}

#[tokio::test]
async fn a_ticket_that_the_original_reserved_is_not_listed_and_shows_its_order() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, order) = db_reserved(&tickets, &seller).await;
    assert!(tickets.list().await.is_empty());
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
    tickets.edit(&seller, id, "Opera", 1).await.expect_errors(400, &[("Cannot edit a reserved ticket", None)]);
}

#[tokio::test]
async fn a_ticket_that_the_original_reserved_is_released_by_its_order() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, order) = db_reserved(&tickets, &seller).await;
    tickets.cancel(order, id).await;
    assert_eq!(tickets.list().await, [id]);
    assert!(!tickets.db_ticket(id).await.contains_key("orderId"));
}

#[tokio::test]
async fn a_ticket_that_the_original_reserved_is_not_released_by_another_order() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, order) = db_reserved(&tickets, &seller).await;
    tickets.cancel(Id::generate(), id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
}

#[tokio::test]
async fn a_ticket_that_the_original_reserved_is_sold_by_its_order() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, order) = db_reserved(&tickets, &seller).await;
    // The original published the order long ago; its events may be delivered once more.
    for event in [OrderEvent::Created, OrderEvent::Completed, OrderEvent::Created] {
        tickets.publish(order, id, event).await;
        tickets.handled().await;
    }
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
    tickets.cancel(Id::generate(), id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
}

#[tokio::test]
async fn a_ticket_with_an_empty_order_is_for_sale() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, mut stored) = ticket(&seller, 20);
    stored.insert("orderId", Bson::Null);
    tickets.db_insert(stored).await;
    eventually("it is listed", async || (tickets.list().await == [id]).then_some(())).await;
    tickets.edit(&seller, id, "Opera", 25).await.expect(200);
}
