use common::id::Id;
use common::testing::{Answer, User};
use serde_json::json;

use super::report::report;
use super::takedown::with_operator;
use crate::app::TestApp;

async fn dismiss(tickets: &TestApp, user: &User, ticket: Id) -> Answer {
    tickets.app.delete(Some(user), &format!("/api/tickets/{ticket}/reports")).await
}

async fn reasons(tickets: &TestApp, operator: &User) -> Vec<String> {
    let reported = tickets.app.get(Some(operator), "/api/tickets/reports").await.expect(200).body;
    let reports = reported.as_array().unwrap().iter().flat_map(|listing| listing["reports"].as_array().unwrap());
    reports.map(|report| report["reason"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_operator_dismisses_the_reports_of_a_listing() {
    let ((tickets, operator), visitor) = (with_operator().await, User::new());
    let [one, other] = [tickets.some_ticket().await, tickets.some_ticket().await];
    for ticket in [one, other] {
        report(&tickets, &visitor, ticket, format!("About {ticket}")).await.expect(201);
    }
    dismiss(&tickets, &operator, one).await.expect(204);
    assert_eq!(reasons(&tickets, &operator).await, [format!("About {other}")]);
    dismiss(&tickets, &operator, one).await.expect(204);
    assert_eq!(tickets.show(one).await["version"], json!(0), "the listing stays as it is");
}

#[tokio::test]
async fn who_has_said_it_before_does_not_bring_it_back_and_somebody_else_does() {
    let ((tickets, operator), visitor) = (with_operator().await, User::new());
    let ticket = tickets.some_ticket().await;
    report(&tickets, &visitor, ticket, "It is forged").await.expect(201);
    dismiss(&tickets, &operator, ticket).await.expect(204);
    report(&tickets, &visitor, ticket, "It is forged!").await.expect(201);
    assert!(reasons(&tickets, &operator).await.is_empty());
    report(&tickets, &User::new(), ticket, "It is stolen").await.expect(201);
    assert_eq!(reasons(&tickets, &operator).await, ["It is stolen"]);
}

#[tokio::test]
async fn an_unknown_listing_is_not_found_and_so_is_everything_for_everybody_else() {
    let (tickets, operator) = with_operator().await;
    dismiss(&tickets, &operator, Id::generate()).await.expect_errors(404, &[("Not found", None)]);
    let ticket = tickets.some_ticket().await;
    dismiss(&tickets, &User::new(), ticket).await.expect_errors(404, &[("Not found", None)]);
}
