use common::id::Id;
use common::testing::{Answer, App, FEW_CHANGES, User, limits_changes, refuses_other_sites};
use reqwest::Method;
use serde_json::json;
use tickets::routes::routes;

use crate::app::TestApp;

/// What everybody may do, signed in or not.
const PUBLIC: [(Method, &str); 4] = [
    (Method::GET, "/api/tickets"),
    (Method::GET, "/api/tickets/events"),
    (Method::GET, "/api/tickets/events/facets"),
    (Method::GET, "/api/tickets/{id}"),
];

/// Open to everybody too, and never ends: routes/live.rs.
const ENDLESS: (Method, &str) = (Method::GET, "/api/tickets/live");

/// What is not there for who may not use it: for operators alone, and the file of a ticket that is not theirs.
const HIDDEN: [(Method, &str); 4] = [
    (Method::GET, "/api/tickets/reports"),
    (Method::DELETE, "/api/tickets/{id}/reports"),
    (Method::POST, "/api/tickets/{id}/takedown"),
    (Method::GET, "/api/tickets/{id}/file"),
];

/// What everybody may do who is signed in.
const SIGNED_IN: [(Method, &str); 1] = [(Method::POST, "/api/tickets/{id}/report")];

/// The answer to somebody who may not do this.
fn expect_refused(answer: Answer, route: &(Method, &str)) {
    match HIDDEN.contains(route) {
        true => answer.expect_errors(404, &[("Not found", None)]),
        false => answer.expect_errors(401, &[("Not authorized", None)]),
    }
}

async fn ask(tickets: &TestApp, user: Option<&User>, (method, path): &(Method, &str), id: Id) -> Answer {
    let mut request = tickets.app.request(method.clone(), &path.replace("{id}", &id.to_string()));
    if let Some(user) = user {
        request = request.header("cookie", &user.cookie);
    }
    let body = json!({"title": "Concert", "price": 20, "reason": "It is forged"}).to_string();
    App::send(request.header("content-type", "application/json").body(body)).await
}

#[tokio::test]
async fn without_a_session_only_looking_is_allowed() {
    let tickets = TestApp::start().await;
    let ticket = tickets.some_ticket().await;
    for route in routes().table().iter().filter(|route| **route != ENDLESS) {
        let answer = ask(&tickets, None, route, ticket).await;
        if PUBLIC.contains(route) {
            answer.expect(200);
        } else {
            expect_refused(answer, route);
        }
    }
}

#[tokio::test]
async fn a_session_that_was_tampered_with_is_none() {
    let tickets = TestApp::start().await;
    let ticket = tickets.some_ticket().await;
    let mut somebody = User::new();
    somebody.cookie.truncate(somebody.cookie.len() - 4);
    for route in routes().table().iter().filter(|route| !PUBLIC.contains(route) && **route != ENDLESS) {
        expect_refused(ask(&tickets, Some(&somebody), route, ticket).await, route);
    }
}

#[tokio::test]
async fn who_may_not_do_something_is_not_told_what_is_wrong_with_the_body() {
    let tickets = TestApp::start().await;
    let ticket = tickets.some_ticket().await;
    for route in routes().table().iter().filter(|route| !PUBLIC.contains(route) && **route != ENDLESS) {
        let request = tickets.app.request(route.0.clone(), &route.1.replace("{id}", &ticket.to_string()));
        expect_refused(App::send(request.body("{")).await, route);
    }
}

#[tokio::test]
async fn somebody_elses_ticket_is_seen_and_reported_and_nothing_else() {
    let tickets = TestApp::start().await;
    let (ticket, somebody_else) = (tickets.some_ticket().await, User::new());
    for route in routes().table().iter().filter(|(_, path)| path.contains("{id}")) {
        let answer = ask(&tickets, Some(&somebody_else), route, ticket).await;
        match route {
            route if PUBLIC.contains(route) => drop(answer.expect(200)),
            route if SIGNED_IN.contains(route) => drop(answer.expect(201)),
            route => expect_refused(answer, route),
        }
    }
}

#[tokio::test]
async fn nothing_is_changed_from_a_page_of_another_site() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let ticket = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    let body = json!({"title": "Theatre", "price": 30});
    refuses_other_sites(&tickets.app, &routes(), &seller, ticket, &body).await;
    assert_eq!(tickets.show(ticket).await["version"], 0);
}

#[tokio::test]
async fn too_many_changes_of_an_account_or_an_address_are_limited() {
    let tickets = TestApp::configured(&FEW_CHANGES).await;
    limits_changes(&tickets.app, "/api/tickets").await;
}
