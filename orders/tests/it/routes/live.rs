use common::api::SessionBody;
use common::auth::Claims;
use common::events::SessionEnded;
use common::id::Id;
use common::testing::{EventSource, User, eventually};
use common::timestamp::Timestamp;
use serde_json::Value;

use crate::app::TestApp;

fn live(order: impl ToString) -> String {
    format!("/api/orders/{}/live", order.to_string())
}

/// What a page is told next that is not the state in which its order was made: that may be told twice, when the event of the order comes
/// after the page was opened.
async fn change(page: &mut EventSource) -> Value {
    loop {
        let told = page.next().await.data;
        if told["status"] != "created" {
            return told;
        }
    }
}

#[tokio::test]
async fn a_page_is_told_at_once_what_the_order_is() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    let told = orders.app.live(Some(&buyer), &live(order)).await.next().await;
    assert_eq!((told.event.as_str(), told.data), ("order", orders.show(&buyer, order).await.expect(200).body));
}

#[tokio::test]
async fn a_page_is_told_when_its_order_is_paid_at_another_replica() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let other = orders.start_another().await;
    let order = orders.some_order(&buyer).await;
    let mut page = other.live(Some(&buyer), &live(order)).await;
    assert_eq!(page.next().await.data["status"], "created");
    orders.pay(order).await;
    assert_eq!(change(&mut page).await["status"], "complete");
    drop(page);
    other.stop().await.unwrap();
}

#[tokio::test]
async fn a_page_is_told_of_its_own_order_alone() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let (one, other) = (orders.some_order(&buyer).await, orders.some_order(&buyer).await);
    let mut page = orders.app.live(Some(&buyer), &live(one)).await;
    page.next().await;
    orders.cancel(&buyer, other).await.expect(204);
    orders.cancel(&buyer, one).await.expect(204);
    let told = change(&mut page).await;
    assert_eq!(told["id"], Value::from(one.to_string()));
    assert_eq!((&told["status"], &told["cancelledBy"]), (&"cancelled".into(), &"buyer".into()));
}

#[tokio::test]
async fn somebody_elses_order_is_told_to_nobody() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.app.get(Some(&User::new()), &live(order)).await.expect(401);
    orders.app.get(Some(&buyer), &live("65a1b2c3d4e5f60718293a4b")).await.expect(404);
}

#[tokio::test]
async fn a_page_whose_session_has_ended_is_told_nothing_more() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let (id, iat) = (Id::generate(), Timestamp::now().millis() / 1000);
    let session = SessionBody { id: buyer.id, email: "ann@example.com".to_owned(), iat, verified: false };
    let other = User::with_claims(&Claims { session, session_id: Some(id) });
    let order = orders.some_order(&buyer).await;
    let mut page = orders.app.live(Some(&other), &live(order)).await;
    page.next().await;
    orders.stream.publish(&SessionEnded { user_id: buyer.id, session_id: Some(id), before: None }).await;
    let look = async || (orders.show(&other, order).await.status == 401).then_some(());
    eventually("the session has ended", look).await;
    orders.cancel(&buyer, order).await.expect(204);
    while let Some(told) = page.block().await {
        assert!(!told.contains("cancelled"), "{told}");
    }
}

#[tokio::test]
async fn connections_end_when_the_service_stops() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    let mut page = orders.app.live(Some(&buyer), &live(order)).await;
    page.next().await;
    let ended = tokio::spawn(page.ended());
    orders.stop().await;
    ended.await.unwrap();
}
