use common::id::Id;
use common::testing::{App, User};
use reqwest::Method;
use serde_json::json;
use tickets::routes::routes;

use crate::app::TestApp;

/// What everybody may do, signed in or not.
const PUBLIC: [(Method, &str); 2] = [(Method::GET, "/api/tickets"), (Method::GET, "/api/tickets/{id}")];

async fn ask(
    tickets: &TestApp,
    user: Option<&User>,
    (method, path): &(Method, &str),
    id: Id,
) -> common::testing::Answer {
    let mut request = tickets.app.request(method.clone(), &path.replace("{id}", &id.to_string()));
    if let Some(user) = user {
        request = request.header("cookie", &user.cookie);
    }
    let body = json!({"title": "Concert", "price": 20}).to_string();
    App::send(request.header("content-type", "application/json").body(body)).await
}

#[tokio::test]
async fn without_a_session_only_looking_is_allowed() {
    let tickets = TestApp::start().await;
    let ticket = tickets.some_ticket().await;
    for route in routes().table() {
        let answer = ask(&tickets, None, route, ticket).await;
        if PUBLIC.contains(route) {
            answer.expect(200);
        } else {
            answer.expect_errors(401, &[("Not authorized", None)]);
        }
    }
}

#[tokio::test]
async fn a_session_that_was_tampered_with_is_none() {
    let tickets = TestApp::start().await;
    let ticket = tickets.some_ticket().await;
    let mut somebody = User::new();
    somebody.cookie.truncate(somebody.cookie.len() - 4);
    for route in routes().table().iter().filter(|route| !PUBLIC.contains(route)) {
        ask(&tickets, Some(&somebody), route, ticket).await.expect_errors(401, &[("Not authorized", None)]);
    }
}

#[tokio::test]
async fn who_may_not_do_something_is_not_told_what_is_wrong_with_the_body() {
    let tickets = TestApp::start().await;
    let ticket = tickets.some_ticket().await;
    for (method, path) in routes().table().iter().filter(|route| !PUBLIC.contains(route)) {
        let request = tickets.app.request(method.clone(), &path.replace("{id}", &ticket.to_string()));
        App::send(request.body("{")).await.expect_errors(401, &[("Not authorized", None)]);
    }
}

#[tokio::test]
async fn somebody_elses_ticket_is_seen_and_not_edited() {
    let tickets = TestApp::start().await;
    let (ticket, somebody_else) = (tickets.some_ticket().await, User::new());
    for route in routes().table().iter().filter(|(_, path)| path.contains("{id}")) {
        let answer = ask(&tickets, Some(&somebody_else), route, ticket).await;
        if PUBLIC.contains(route) {
            answer.expect(200);
        } else {
            answer.expect_errors(401, &[("Not authorized", None)]);
        }
    }
}
