use common::events::TicketDeleted;
use common::id::Id;
use common::testing::{Answer, User};
use serde_json::{Value, json};

use crate::app::TestApp;

pub async fn with_operator() -> (TestApp, User) {
    let operator = User::new();
    (TestApp::configured(&[("admin-ids", &operator.id.to_string())]).await, operator)
}

async fn take_down(tickets: &TestApp, user: &User, id: Id, reason: impl Into<Value>) -> Answer {
    let body = json!({"reason": reason.into()});
    tickets.app.post(Some(user), &format!("/api/tickets/{id}/takedown"), body).await
}

#[tokio::test]
async fn an_operator_withdraws_a_listing_and_its_seller_sees_why() {
    let ((tickets, operator), seller) = (with_operator().await, User::new());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    take_down(&tickets, &operator, id, " It is forged. ").await.expect(204);
    tickets.app.get(None, &format!("/api/tickets/{id}")).await.expect(404);
    assert!(tickets.list().await.is_empty());
    let mine = tickets.app.get(Some(&seller), "/api/tickets/mine").await.expect(200).body;
    assert_eq!((&mine[0]["state"], &mine[0]["takenDown"]), (&json!("withdrawn"), &json!("It is forged.")));
    assert_eq!(tickets.stream.wait_for(1, |_: &TicketDeleted| true).await, [TicketDeleted { id, version: 1 }]);
    take_down(&tickets, &operator, id, "Again").await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_listing_that_an_order_has_is_not_taken_down() {
    let (tickets, operator) = with_operator().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    let answer = take_down(&tickets, &operator, id, "It is forged").await;
    answer.expect_errors(400, &[("Cannot withdraw a reserved ticket", None)]);
    tickets.cancel(order, id).await;
    take_down(&tickets, &operator, id, "It is forged").await.expect(204);
}

#[tokio::test]
async fn for_everybody_else_there_is_nothing_to_take_down() {
    let ((tickets, _), seller) = (with_operator().await, User::new());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    for user in [&seller, &User::new()] {
        take_down(&tickets, user, id, "It is forged").await.expect_errors(404, &[("Not found", None)]);
    }
    assert_eq!(tickets.list().await, [id]);
}

#[tokio::test]
async fn a_reason_of_1_to_500_characters_is_required() {
    let (tickets, operator) = with_operator().await;
    let id = tickets.some_ticket().await;
    for reason in [json!(null), json!(""), json!("  "), json!(1)] {
        let answer = take_down(&tickets, &operator, id, reason).await;
        answer.expect_errors(400, &[("Reason is required", Some("reason"))]);
    }
    let answer = take_down(&tickets, &operator, id, "é".repeat(501)).await;
    answer.expect_errors(400, &[("Reason must be at most 500 characters", Some("reason"))]);
    take_down(&tickets, &operator, id, "é".repeat(500)).await.expect(204);
}
