use std::time::Duration;

use common::events::{OrderCompleted, PricedTicket};
use common::id::Id;
use common::money::Money;
use common::timestamp::Timestamp;
use mongodb::bson::doc;

use crate::app::TestApp;
use crate::mails::{MAILBOX, settings};
use crate::smtp::SmtpServer;

/// An order like any other.
fn completed(buyer: Id, seller: Option<Id>, title: Option<&str>) -> OrderCompleted {
    OrderCompleted {
        id: Id::generate(),
        version: 1,
        user_id: buyer,
        ticket: PricedTicket { id: Id::generate(), price: Money::from_cents(1250) },
        title: title.map(str::to_owned),
        seller_id: seller,
    }
}

/// An order of the same that was made at this time.
fn made_at(order: OrderCompleted, at: Timestamp) -> OrderCompleted {
    let mut bytes = [7; 12];
    bytes[..4].copy_from_slice(&((at.millis() / 1000) as u32).to_be_bytes());
    OrderCompleted { id: Id::from_bytes(bytes), ..order }
}

#[tokio::test]
async fn buyer_and_seller_get_their_receipts_once_however_often_the_event_arrives() {
    let smtp = SmtpServer::start().await;
    let auth = TestApp::start_with(&settings(&smtp.url())).await;
    let _another = auth.replica().await;
    let buyer = auth.sign_up("buyer@example.com", "correct horse").await.expect(201).id();
    let seller = auth.sign_up("seller@example.com", "correct horse").await.expect(201).id();
    let order = completed(buyer, Some(seller), Some("Concert"));
    for _ in 0..3 {
        auth.stream.publish(&order).await;
    }
    auth.handled().await;
    auth.db_all_mails_done().await;
    let mail = smtp.wait_for("buyer@example.com", "You have bought: Concert").await;
    assert!(mail.text().contains("$12.50"), "{}", mail.text());
    assert!(mail.text().contains(&format!("https://ticketing.dev/orders/{}", order.id)), "{}", mail.text());
    let mail = smtp.wait_for("seller@example.com", "You have sold: Concert").await;
    assert!(mail.text().contains("$12.50") && !mail.text().contains("buyer@"), "{}", mail.text());
    for address in ["buyer@example.com", "seller@example.com"] {
        // The receipt, and the mail that proves the address.
        assert_eq!(smtp.received_by(address).len(), 2, "{address}");
    }
}

#[tokio::test]
async fn an_order_of_an_earlier_version_gives_the_buyer_a_receipt_that_says_what_is_known() {
    let auth = TestApp::start_with(&MAILBOX).await;
    let buyer = auth.sign_up("buyer@example.com", "correct horse").await.expect(201).id();
    auth.stream.publish(&completed(buyer, None, None)).await;
    let text = auth.read_mail("buyer@example.com", "You have bought a ticket").await;
    assert!(text.starts_with("You have bought a ticket for $12.50."), "{text}");
    assert_eq!(auth.db_mails(doc! {"about.kind": "sale"}).await.len(), 0);
}

#[tokio::test]
async fn a_title_cannot_write_into_the_head_of_a_mail_or_lines_of_its_own() {
    let smtp = SmtpServer::start().await;
    let auth = TestApp::start_with(&settings(&smtp.url())).await;
    let buyer = auth.sign_up("buyer@example.com", "correct horse").await.expect(201).id();
    let title = "Concert\r\nBcc: eve@example.com\r\n\r\nEve says\r\n.\r\nMAIL FROM:<eve@example.com>";
    auth.stream.publish(&completed(buyer, None, Some(title))).await;
    let mail = smtp.wait_for("buyer@example.com", "You have bought: Concert").await;
    assert_eq!(mail.headers("Bcc"), [""; 0]);
    let text = mail.text();
    assert!(text.contains("Eve says") && !text.lines().any(|line| line.starts_with("Eve says")), "{text}");
    assert_eq!(mail.header("X-RcptTo"), "buyer@example.com");
    auth.db_all_mails_done().await;
    assert_eq!(smtp.received_by("buyer@example.com").len(), 2);
}

#[tokio::test]
async fn no_receipt_is_sent_of_what_was_sold_before_there_were_receipts_or_long_ago() {
    let auth = TestApp::start_with(&MAILBOX).await;
    let buyer = auth.sign_up("buyer@example.com", "correct horse").await.expect(201).id();
    let (order, now) = (completed(buyer, None, None), Timestamp::now());
    let day = Duration::from_secs(24 * 60 * 60);
    auth.stream.publish(&made_at(order.clone(), now.before(day))).await;
    auth.handled().await;
    assert_eq!(auth.db_mails(doc! {"about.kind": "purchase"}).await.len(), 0);
    // The same when the collection is older than the memory of what was sent.
    auth.db_receipts_since(now.before(100 * day)).await;
    let auth = auth.restart().await;
    auth.stream.publish(&made_at(order.clone(), now.before(31 * day))).await;
    auth.stream.publish(&made_at(order, now.before(2 * day))).await;
    auth.handled().await;
    assert_eq!(auth.db_mails(doc! {"about.kind": "purchase"}).await.len(), 1);
}

#[tokio::test]
async fn an_order_of_somebody_who_has_no_account_here_sends_nothing() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.stream.publish(&completed(Id::generate(), Some(Id::generate()), Some("Concert"))).await;
    auth.handled().await;
    auth.db_all_mails_done().await;
    assert_eq!(auth.db_mails(doc! {"noRecipient": true}).await.len(), 2);
    assert_eq!(auth.app.get(None, "/api/users/mails").await.expect(200).body, serde_json::json!([]));
}
