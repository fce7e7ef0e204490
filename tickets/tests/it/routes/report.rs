use common::id::Id;
use common::testing::{Answer, User};
use futures::future::join_all;
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::app::TestApp;

pub async fn report(tickets: &TestApp, visitor: &User, id: Id, reason: impl Into<Value>) -> Answer {
    let body = json!({"reason": reason.into()});
    tickets.app.post(Some(visitor), &format!("/api/tickets/{id}/report"), body).await
}

async fn db_reports(tickets: &TestApp) -> u64 {
    tickets.database.collection::<Document>("reports").count_documents(doc! {}).await.unwrap()
}

#[tokio::test]
async fn a_visitor_reports_a_listing() {
    let (tickets, visitor) = (TestApp::start().await, User::new());
    let id = tickets.some_ticket().await;
    let before = tickets.show(id).await;
    let body = report(&tickets, &visitor, id, " It is forged. ").await.expect(201).body;
    assert_eq!((&body["userId"], &body["reason"]), (&json!(visitor.id), &json!("It is forged.")));
    assert!(body["at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(tickets.show(id).await, before, "a report changes nothing");
}

#[tokio::test]
async fn the_second_report_of_a_visitor_is_answered_with_the_first() {
    let (tickets, visitor) = (TestApp::start().await, User::new());
    let id = tickets.some_ticket().await;
    let first = report(&tickets, &visitor, id, "It is forged").await.expect(201).body;
    let second = report(&tickets, &visitor, id, "It is too dear").await.expect(201).body;
    assert_eq!(second, first);
    report(&tickets, &User::new(), id, "It is forged").await.expect(201);
    assert_eq!(db_reports(&tickets).await, 2);
}

#[tokio::test]
async fn of_ten_reports_of_a_visitor_at_the_same_time_one_is_stored() {
    let (tickets, visitor) = (TestApp::start().await, User::new());
    let id = tickets.some_ticket().await;
    let reasons: Vec<String> = (0..10).map(|number| format!("Reason {number}")).collect();
    let answers = join_all(reasons.iter().map(|reason| report(&tickets, &visitor, id, reason.as_str()))).await;
    let bodies: Vec<Value> = answers.into_iter().map(|answer| answer.expect(201).body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert_eq!(db_reports(&tickets).await, 1);
}

#[tokio::test]
async fn a_reason_of_1_to_500_characters_is_required() {
    let (tickets, visitor) = (TestApp::start().await, User::new());
    let id = tickets.some_ticket().await;
    for reason in [json!(null), json!(" "), json!([])] {
        let answer = report(&tickets, &visitor, id, reason).await;
        answer.expect_errors(400, &[("Reason is required", Some("reason"))]);
    }
    let answer = report(&tickets, &visitor, id, "é".repeat(501)).await;
    answer.expect_errors(400, &[("Reason must be at most 500 characters", Some("reason"))]);
    report(&tickets, &visitor, id, "é".repeat(500)).await.expect(201);
}

#[tokio::test]
async fn an_unknown_listing_is_not_found() {
    let tickets = TestApp::start().await;
    let answer = report(&tickets, &User::new(), Id::generate(), "It is forged").await;
    answer.expect_errors(404, &[("Not found", None)]);
}
