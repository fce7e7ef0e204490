use common::events::{StateRequested, TICKET, TicketDeleted, TicketUpdated};
use common::id::Id;
use common::testing::User;
use reqwest::Method;
use serde_json::json;

use crate::app::{OrderEvent, TestApp};
use crate::files::pdf;

const NOT_FOUND: &[(&str, Option<&str>)] = &[("Not found", None)];
const RESERVED: (&str, Option<&str>) = ("Cannot withdraw a reserved ticket", None);

async fn ticket_of(tickets: &TestApp, seller: &User) -> Id {
    tickets.offer(seller, "Concert", 20).await.expect(201).id()
}

/// A ticket that was withdrawn, and its seller.
async fn withdrawn(tickets: &TestApp) -> (Id, User) {
    let seller = User::new();
    let id = ticket_of(tickets, &seller).await;
    tickets.withdraw(&seller, id).await.expect(204);
    (id, seller)
}

async fn state_of_mine(tickets: &TestApp, seller: &User) -> serde_json::Value {
    tickets.app.get(Some(seller), "/api/tickets/mine").await.expect(200).body[0]["state"].clone()
}

#[tokio::test]
async fn a_withdrawn_ticket_is_not_found_any_more() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.with_file(&seller, pdf()).await;
    tickets.withdraw(&seller, id).await.expect(204);
    let path = format!("/api/tickets/{id}");
    for user in [None, Some(&seller)] {
        tickets.app.get(user, &path).await.expect_errors(404, NOT_FOUND);
        tickets.download(user, id).await.expect_errors(404, NOT_FOUND);
    }
    tickets.edit(&seller, id, "Opera", 1).await.expect_errors(404, NOT_FOUND);
    tickets.upload(&seller, id, pdf()).await.expect_errors(404, NOT_FOUND);
    tickets.withdraw(&seller, id).await.expect_errors(404, NOT_FOUND);
    let report = tickets.app.post(Some(&User::new()), &format!("{path}/report"), json!({"reason": "x"})).await;
    report.expect_errors(404, NOT_FOUND);
    assert!(tickets.list().await.is_empty());
}

#[tokio::test]
async fn a_withdrawal_is_published_as_ticket_deleted() {
    let tickets = TestApp::start().await;
    let (id, _) = withdrawn(&tickets).await;
    let published = tickets.stream.wait_for(1, |_: &TicketDeleted| true).await;
    assert_eq!(published, [TicketDeleted { id, version: 1 }]);
}

#[tokio::test]
async fn the_state_of_a_withdrawn_ticket_is_published_again_as_ticket_deleted() {
    let tickets = TestApp::start().await;
    let (id, _) = withdrawn(&tickets).await;
    tickets.stream.wait_for(1, |_: &TicketDeleted| true).await;
    let request = StateRequested { service: "orders".to_owned(), of: TICKET.to_owned(), id: Some(id), since: None };
    tickets.stream.publish(&request).await;
    let published = tickets.stream.wait_for(2, |_: &TicketDeleted| true).await;
    assert_eq!(published[1], TicketDeleted { id, version: 1 });
    tickets.stream.publish(&StateRequested { id: None, ..request }).await;
    tickets.stream.wait_for(3, |_: &TicketDeleted| true).await;
    assert!(tickets.stream.published::<TicketUpdated>().await.is_empty());
}

#[tokio::test]
async fn somebody_elses_ticket_stays() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    tickets.withdraw(&User::new(), id).await.expect_errors(401, &[("Not authorized", None)]);
    assert_eq!(tickets.list().await, [id]);
}

#[tokio::test]
async fn an_unknown_ticket_and_a_malformed_id_are_not_found() {
    let (tickets, user) = (TestApp::start().await, User::new());
    tickets.withdraw(&user, Id::generate()).await.expect_errors(404, NOT_FOUND);
    tickets.app.delete(Some(&user), "/api/tickets/concert").await.expect_errors(404, NOT_FOUND);
    // A list is no ticket.
    tickets.app.delete(Some(&user), "/api/tickets/mine").await.expect_errors(404, NOT_FOUND);
}

#[tokio::test]
async fn a_ticket_is_not_withdrawn_while_an_order_has_it() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let order = tickets.order(id).await;
    tickets.withdraw(&seller, id).await.expect_errors(400, &[RESERVED]);
    tickets.cancel(order, id).await;
    tickets.withdraw(&seller, id).await.expect(204);

    let sold = ticket_of(&tickets, &seller).await;
    tickets.sell(sold, &User::new()).await;
    tickets.withdraw(&seller, sold).await.expect_errors(400, &[RESERVED]);
}

/// The orders service did not know of the withdrawal yet.
#[tokio::test]
async fn an_order_that_was_made_at_the_same_moment_has_the_ticket() {
    let tickets = TestApp::start().await;
    let (id, seller) = withdrawn(&tickets).await;
    let order = tickets.order(id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
    assert_eq!(state_of_mine(&tickets, &seller).await, "held");
    assert!(tickets.list().await.is_empty());
    let held = tickets.stream.wait_for(1, |_: &TicketUpdated| true).await;
    assert_eq!((held[0].version, held[0].order_id), (2, Some(order)), "newer than the withdrawal");
    tickets.withdraw(&seller, id).await.expect_errors(400, &[RESERVED]);
    tickets.edit(&seller, id, "Opera", 1).await.expect_errors(400, &[("Cannot edit a reserved ticket", None)]);

    tickets.complete(order, id).await;
    assert_eq!(state_of_mine(&tickets, &seller).await, "sold");
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
}

#[tokio::test]
async fn the_withdrawal_takes_effect_when_such_an_order_is_released() {
    let tickets = TestApp::start().await;
    let (id, seller) = withdrawn(&tickets).await;
    let order = tickets.order(id).await;
    tickets.cancel(order, id).await;
    tickets.app.get(None, &format!("/api/tickets/{id}")).await.expect_errors(404, NOT_FOUND);
    assert_eq!(state_of_mine(&tickets, &seller).await, "withdrawn");
    assert!(tickets.list().await.is_empty());
    let deleted = tickets.stream.wait_for(2, |_: &TicketDeleted| true).await;
    assert_eq!(deleted[1], TicketDeleted { id, version: 3 });
}

#[tokio::test]
async fn an_order_that_has_ended_already_leaves_a_withdrawn_ticket_withdrawn() {
    let tickets = TestApp::start().await;
    let (id, _) = withdrawn(&tickets).await;
    let order = Id::generate();
    for event in [OrderEvent::Cancelled, OrderEvent::Created] {
        tickets.publish(order, id, event).await;
        tickets.handled().await;
    }
    tickets.app.get(None, &format!("/api/tickets/{id}")).await.expect_errors(404, NOT_FOUND);
    let deleted = tickets.stream.wait_for(2, |_: &TicketDeleted| true).await;
    assert_eq!(deleted[1], TicketDeleted { id, version: 2 });
}

#[tokio::test]
async fn whether_a_withdrawal_or_an_order_comes_first_the_order_has_the_ticket() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for _ in 0..10 {
        let id = ticket_of(&tickets, &seller).await;
        let (withdrawal, order) = tokio::join!(tickets.withdraw(&seller, id), tickets.order(id));
        if withdrawal.status != 204 {
            withdrawal.expect_errors(400, &[RESERVED]);
        }
        assert_eq!(tickets.show(id).await["orderId"], json!(order));
    }
}

#[tokio::test]
async fn of_two_withdrawals_at_the_same_time_one_finds_nothing() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let (one, other) = tokio::join!(tickets.withdraw(&seller, id), tickets.withdraw(&seller, id));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404]);
    tickets.db_all_published().await;
    assert_eq!(tickets.stream.published::<TicketDeleted>().await.len(), 1);
}

#[tokio::test]
async fn the_document_stays_as_a_tombstone() {
    let tickets = TestApp::start().await;
    let (id, seller) = withdrawn(&tickets).await;
    let stored = tickets.db_ticket(id).await;
    assert!(stored.get_document("withdrawn").unwrap().get_datetime("at").is_ok());
    assert_eq!(stored.get_str("userId").unwrap(), seller.id.to_string());
    let head = tickets.app.request(Method::HEAD, &format!("/api/tickets/{id}"));
    assert_eq!(head.send().await.unwrap().status(), 404);
}
