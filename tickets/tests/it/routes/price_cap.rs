use clap::Parser;
use common::testing::{Answer, User};
use serde_json::{Value, json};
use tickets::config::Config;

use crate::app::TestApp;

const ABOVE: (&str, Option<&str>) = ("Price is above the cap", Some("price"));
const NO_FACE_VALUE: (&str, Option<&str>) = ("Face value is required", Some("faceValue"));

async fn with_cap(percent: &str) -> (TestApp, User) {
    (TestApp::configured(&[("price-cap-percent", percent)]).await, User::new())
}

async fn offer(tickets: &TestApp, seller: &User, body: Value) -> Answer {
    tickets.app.post(Some(seller), "/api/tickets", body).await
}

#[tokio::test]
async fn all_seats_together_cost_at_most_the_cap() {
    let (tickets, seller) = with_cap("120").await;
    for (price, face_value, quantity, is_above) in [
        (json!(60), 50, json!(null), false),
        (json!(60.01), 50, json!(null), true),
        (json!(60), 50, json!(1), false),
        (json!(180), 50, json!(3), false),
        (json!(180.01), 50, json!(3), true),
        (json!(999_999.99), 999_999, json!(8), false),
    ] {
        let body = json!({"title": "Tosca", "price": price, "faceValue": face_value, "quantity": quantity});
        let answer = offer(&tickets, &seller, body).await;
        if is_above {
            answer.expect_errors(400, &[ABOVE]);
        } else {
            answer.expect(201);
        }
    }
}

#[tokio::test]
async fn with_a_cap_a_listing_says_its_face_value() {
    let (tickets, seller) = with_cap("100").await;
    for face_value in [json!(null), json!("")] {
        let body = json!({"title": "Tosca", "price": 20, "faceValue": face_value});
        offer(&tickets, &seller, body).await.expect_errors(400, &[NO_FACE_VALUE]);
    }
    offer(&tickets, &seller, json!({"title": "Tosca", "price": 20})).await.expect_errors(400, &[NO_FACE_VALUE]);
    assert!(tickets.list().await.is_empty());
}

#[tokio::test]
async fn an_edit_keeps_to_the_cap() {
    let (tickets, seller) = with_cap("100").await;
    let body = json!({"title": "Tosca", "price": 50, "faceValue": 25, "quantity": 2});
    let id = offer(&tickets, &seller, body).await.expect(201).id();
    let edit = async |body: Value| tickets.app.put(Some(&seller), &format!("/api/tickets/{id}"), body).await;
    edit(json!({"title": "Tosca", "price": 50.01})).await.expect_errors(400, &[ABOVE]);
    edit(json!({"title": "Tosca", "price": 50, "quantity": 1})).await.expect_errors(400, &[ABOVE]);
    edit(json!({"title": "Tosca", "price": 50, "faceValue": null})).await.expect_errors(400, &[NO_FACE_VALUE]);
    edit(json!({"title": "Tosca", "price": 60, "faceValue": 30})).await.expect(200);
}

#[tokio::test]
async fn without_a_cap_a_price_may_be_any_multiple_of_the_face_value() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    offer(&tickets, &seller, json!({"title": "Tosca", "price": 1000, "faceValue": 1})).await.expect(201);
}

#[test]
fn a_cap_that_is_no_percentage_is_refused_at_the_start() {
    let parse = |cap: &str| {
        let needed = [
            "tickets",
            "--mongo-uri=mongodb://x/tickets",
            "--nats-url=nats://x",
            "--jwt-key=a-key-that-has-at-least-32-bytes-",
        ];
        Config::try_parse_from(needed.into_iter().chain([format!("--price-cap-percent={cap}").as_str()]))
    };
    for cap in ["120", "1", "", " "] {
        assert!(parse(cap).is_ok(), "{cap}");
    }
    for cap in ["0", "-1", "1.5", "120%", "x", "100001"] {
        assert!(parse(cap).is_err(), "{cap}");
    }
}
