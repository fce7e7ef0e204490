use std::time::Duration;

use common::events::{ORDER, StateRequested};
use common::id::Id;
use common::testing::{Answer, User, caught_up};
use mongodb::bson::{Bson, doc};
use serde_json::json;
use tokio::time::sleep;

use crate::app::{OrderEvent, TestApp};
use crate::files::{jpeg, pdf, png};

const NOT_FOUND: &[(&str, Option<&str>)] = &[("Not found", None)];

fn text(file: &[u8]) -> String {
    String::from_utf8(file.to_vec()).unwrap()
}

/// The answer, once the service knows that it is not behind the stream.
async fn download(tickets: &TestApp, user: &User, id: Id) -> Answer {
    caught_up(async || tickets.download(Some(user), id).await).await
}

#[tokio::test]
async fn the_seller_and_the_buyer_of_a_complete_order_get_the_file() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let file = pdf();
    let id = tickets.with_file(&seller, file.clone()).await;
    tickets.sell(id, &buyer).await;
    for user in [&seller, &buyer] {
        assert_eq!(tickets.download(Some(user), id).await.expect(200).body, text(&file));
    }
}

#[tokio::test]
async fn a_file_is_an_attachment_that_no_browser_shows_or_stores() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (bytes, media_type, name) in [
        (pdf(), "application/pdf", "concert.pdf"),
        (png(), "image/png", "concert.png"),
        (jpeg(), "image/jpeg", "concert.jpg"),
    ] {
        let id = tickets.with_file(&seller, bytes.clone()).await;
        let answer = tickets.download(Some(&seller), id).await.expect(200);
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert_eq!(answer.header("content-length"), bytes.len().to_string());
    }
}

#[tokio::test]
async fn the_name_of_a_file_is_its_title_in_plain_letters() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (title, name) in [
        ("Café Müller: \"Tosca\"; ../../etc\r\n", "cafe-muller-tosca-etc.pdf".to_owned()),
        ("Konzert 2", "konzert-2.pdf".to_owned()),
        (&"x".repeat(200), format!("{}.pdf", "x".repeat(80))),
    ] {
        let id = tickets.offer(&seller, title, 20).await.expect(201).id();
        tickets.upload(&seller, id, pdf()).await.expect(200);
        let answer = tickets.download(Some(&seller), id).await.expect(200);
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    }
    let id = tickets.offer(&seller, "音楽会", 20).await.expect(201).id();
    tickets.upload(&seller, id, pdf()).await.expect(200);
    let named = format!("attachment; filename=\"ticket-{id}.pdf\"");
    assert_eq!(tickets.download(Some(&seller), id).await.header("content-disposition"), named);
}

#[tokio::test]
async fn for_everybody_else_there_is_no_file() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let [free, held, sold] = [
        tickets.with_file(&seller, pdf()).await,
        tickets.with_file(&seller, pdf()).await,
        tickets.with_file(&seller, pdf()).await,
    ];
    tickets.order(held).await;
    tickets.sell(sold, &buyer).await;
    for id in [free, held, sold, Id::generate()] {
        tickets.download(None, id).await.expect_errors(404, NOT_FOUND);
        download(&tickets, &User::new(), id).await.expect_errors(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn a_ticket_without_a_file_has_none_for_its_seller_and_its_buyer() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    tickets.sell(id, &buyer).await;
    for user in [&seller, &buyer] {
        tickets.download(Some(user), id).await.expect_errors(404, NOT_FOUND);
    }
    tickets.upload(&seller, id, pdf()).await.expect(200);
    tickets.download(Some(&buyer), id).await.expect(200);
}

#[tokio::test]
async fn the_buyer_gets_nothing_before_the_order_is_complete_or_after_it_was_cancelled() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let id = tickets.with_file(&seller, pdf()).await;
    let order = Id::generate();
    tickets.publish_of(buyer.id, order, id, OrderEvent::Created).await;
    tickets.handled().await;
    download(&tickets, &buyer, id).await.expect_errors(404, NOT_FOUND);
    for event in [OrderEvent::Completed, OrderEvent::Cancelled] {
        tickets.publish_of(buyer.id, order, id, event).await;
    }
    tickets.handled().await;
    download(&tickets, &buyer, id).await.expect_errors(404, NOT_FOUND);
}

#[tokio::test]
async fn a_completion_that_is_on_its_way_is_waited_for() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let file = pdf();
    let id = tickets.with_file(&seller, file.clone()).await;
    let order = Id::generate();
    tickets.publish_of(buyer.id, order, id, OrderEvent::Created).await;
    tickets.handled().await;
    let completed = async {
        sleep(Duration::from_millis(300)).await;
        tickets.publish_of(buyer.id, order, id, OrderEvent::Completed).await;
    };
    let (answer, ()) = tokio::join!(tickets.download(Some(&buyer), id), completed);
    assert_eq!(answer.expect(200).body, text(&file));
}

/// Asks as the buyer until the service requests the state of the order, and answers that request as orders does.
async fn answered_by_orders(tickets: &TestApp, buyer: &User, id: Id, order: Id) {
    let answer = async {
        let of_order = |request: &StateRequested| request.of == ORDER && request.id == Some(order);
        tickets.stream.wait_for(1, of_order).await;
        tickets.publish_of(buyer.id, order, id, OrderEvent::Completed).await;
    };
    let (first, ()) = tokio::join!(tickets.download(Some(buyer), id), answer);
    assert!([200, 404, 503].contains(&first.status), "{first:?}");
    tickets.handled().await;
    tickets.download(Some(buyer), id).await.expect(200);
    download(tickets, &User::new(), id).await.expect_errors(404, NOT_FOUND);
}

#[tokio::test]
async fn a_sale_of_an_earlier_version_whose_buyer_is_unknown_is_asked_for() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let id = tickets.with_file(&seller, pdf()).await;
    let order = tickets.sell(id, &buyer).await;
    tickets.db_set(id, doc! {"reservations.orders.0.buyer": Bson::Null}).await;
    answered_by_orders(&tickets, &buyer, id, order).await;
}

#[tokio::test]
async fn a_sale_of_the_original_is_asked_for() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let (id, order) = (tickets.with_file(&seller, pdf()).await, Id::generate());
    tickets.db_set(id, doc! {"orderId": order.to_string()}).await;
    answered_by_orders(&tickets, &buyer, id, order).await;
}

#[tokio::test]
async fn the_file_of_a_ticket_that_was_withdrawn_and_ordered_at_the_same_moment_is_the_buyers() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let file = pdf();
    let id = tickets.with_file(&seller, file.clone()).await;
    tickets.withdraw(&seller, id).await.expect(204);
    tickets.sell(id, &buyer).await;
    assert_eq!(tickets.download(Some(&buyer), id).await.expect(200).body, text(&file));
    assert_eq!(tickets.show(id).await["hasFile"], json!(true));
}
