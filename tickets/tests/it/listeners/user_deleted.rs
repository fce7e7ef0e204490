use common::events::{TicketDeleted, UserDeleted};
use common::id::Id;
use common::testing::User;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::{OrderEvent, TestApp};

/// The account of this seller is deleted, and the service has heard of it.
async fn delete(tickets: &TestApp, seller: &User) {
    tickets.stream.publish(&UserDeleted { id: seller.id, version: 1 }).await;
    tickets.stream.wait_until_handled("tickets").await;
}

#[tokio::test]
async fn the_listings_of_a_deleted_account_are_withdrawn_and_those_of_others_stay() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let [one, two] = [(); 2].map(|()| tickets.offer(&seller, "Concert", 20));
    let ids = [one.await.expect(201).id(), two.await.expect(201).id()];
    let other = tickets.some_ticket().await;
    delete(&tickets, &seller).await;
    assert_eq!(tickets.list().await, [other]);
    let deleted = tickets.stream.wait_for::<TicketDeleted>(2, |_| true).await;
    assert!(ids.iter().all(|id| deleted.iter().any(|event| event.id == *id)), "{deleted:?}");
}

#[tokio::test]
async fn a_listing_whose_request_began_before_the_deletion_is_not_left_on_sale() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (first, rest) = (r"{", r#""title":"Concert","price":20}"#);
    let head = format!(
        "POST /api/tickets HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncookie: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        seller.cookie,
        first.len() + rest.len()
    );
    let mut request = TcpStream::connect(tickets.app.url.strip_prefix("http://").unwrap()).await.unwrap();
    request.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
    delete(&tickets, &seller).await;
    request.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    request.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(tickets.list().await.is_empty());
}

#[tokio::test]
async fn a_deletion_that_is_published_twice_changes_each_listing_once() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    delete(&tickets, &seller).await;
    delete(&tickets, &seller).await;
    let deleted = tickets.stream.wait_for::<TicketDeleted>(1, |_| true).await;
    assert_eq!(deleted, [TicketDeleted { id, version: 1 }]);
}

#[tokio::test]
async fn a_reserved_listing_leaves_when_its_order_is_released_and_is_not_on_sale_again() {
    let (tickets, seller, order) = (TestApp::start().await, User::new(), Id::generate());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    tickets.publish(order, id, OrderEvent::Created).await;
    delete(&tickets, &seller).await;
    assert_eq!(tickets.show(id).await["orderId"], order.to_string());
    tickets.publish(order, id, OrderEvent::Cancelled).await;
    tickets.stream.wait_until_handled("tickets").await;
    tickets.app.get(None, &format!("/api/tickets/{id}")).await.expect(404);
    assert!(tickets.list().await.is_empty());
}

#[tokio::test]
async fn what_is_sold_stays_sold() {
    let (tickets, seller, order) = (TestApp::start().await, User::new(), Id::generate());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    tickets.publish(order, id, OrderEvent::Created).await;
    tickets.publish(order, id, OrderEvent::Completed).await;
    tickets.stream.wait_until_handled("tickets").await;
    let sold = tickets.show(id).await;
    delete(&tickets, &seller).await;
    assert_eq!(tickets.show(id).await, sold);
}

#[tokio::test]
async fn a_session_of_a_deleted_account_offers_nothing_any_more() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    delete(&tickets, &seller).await;
    tickets.offer(&seller, "Concert", 20).await.expect_errors(401, &[("Not authorized", None)]);
}
