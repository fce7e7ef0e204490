//! What a listing says beside its title and price: how it is offered, and how it is edited.

use common::events::{TicketCreated, TicketUpdated};
use common::id::Id;
use common::listing::LocalTime;
use common::testing::{Answer, User};
use mongodb::bson::doc;
use serde_json::{Value, json};

use crate::app::TestApp;

const MALFORMED_START: &str = "Start must be a date and time with an offset, such as 2027-06-12T20:00:00+02:00";
const PASSED: (&str, Option<&str>) = ("Start must be in the future", Some("startsAt"));
const STARTS_AT: &str = "2999-06-12T20:00:00+02:00";

/// A listing that says everything.
fn full() -> Value {
    json!({
        "title": "Tosca", "price": 99.5, "venue": "Staatsoper", "city": "Berlin", "startsAt": STARTS_AT, "section": "Rang 2",
        "row": "3", "seat": "14 and 15", "quantity": 2, "faceValue": 49.75, "restrictions": "18 and over"
    })
}

/// The body with these fields instead of its own.
fn with(mut body: Value, fields: Value) -> Value {
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

async fn offer(tickets: &TestApp, seller: &User, details: Value) -> Answer {
    let body = with(json!({"title": "Tosca", "price": 20}), details);
    tickets.app.post(Some(seller), "/api/tickets", body).await
}

async fn edit(tickets: &TestApp, seller: &User, id: Id, details: Value) -> Answer {
    let body = with(json!({"title": "Tosca", "price": 20}), details);
    tickets.app.put(Some(seller), &format!("/api/tickets/{id}"), body).await
}

#[tokio::test]
async fn a_listing_says_all_that_its_seller_says() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let answer = offer(&tickets, &seller, full()).await.expect(201);
    let shown = tickets.show(answer.id()).await;
    assert_eq!(answer.body, shown);
    for (field, value) in full().as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
    let list = tickets.app.get(None, "/api/tickets").await.expect(200).body;
    assert_eq!(list, json!([shown]));
}

#[tokio::test]
async fn texts_are_trimmed_and_what_says_nothing_is_absent() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let fields = ["venue", "city", "startsAt", "section", "row", "seat", "quantity", "faceValue", "restrictions"];
    for nothing in [Value::Null, json!(""), json!(" \n ")] {
        let details = fields.iter().map(|field| ((*field).to_owned(), nothing.clone())).collect();
        let shown = offer(&tickets, &seller, Value::Object(details)).await.expect(201).body;
        assert!(fields.iter().all(|field| shown.get(*field).is_none()), "{shown}");
    }
    let shown = offer(&tickets, &seller, json!({"venue": " Staatsoper\t"})).await.expect(201).body;
    assert_eq!(shown["venue"], "Staatsoper");
}

#[tokio::test]
async fn a_text_that_is_too_long_or_none_is_refused_at_its_field() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (field, name, max) in [
        ("venue", "Venue", 120),
        ("city", "City", 120),
        ("section", "Section", 40),
        ("row", "Row", 40),
        ("seat", "Seat", 40),
        ("restrictions", "Restrictions", 500),
    ] {
        let longest = "é".repeat(max);
        let shown = offer(&tickets, &seller, json!({field: format!(" {longest} ")})).await.expect(201).body;
        assert_eq!(shown[field], longest);
        let too_long = format!("{name} must be at most {max} characters");
        offer(&tickets, &seller, json!({field: format!("{longest}x")}))
            .await
            .expect_errors(400, &[(&too_long, Some(field))]);
        let no_text = format!("{name} must be a text");
        offer(&tickets, &seller, json!({field: 3})).await.expect_errors(400, &[(&no_text, Some(field))]);
    }
}

#[tokio::test]
async fn a_start_needs_an_offset_and_lies_in_the_future() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for malformed in [json!("2999-06-12T20:00:00"), json!("2999-06-12"), json!("soon"), json!(32_000_000_000_000_i64)] {
        let answer = offer(&tickets, &seller, json!({"startsAt": malformed})).await;
        answer.expect_errors(400, &[(MALFORMED_START, Some("startsAt"))]);
    }
    offer(&tickets, &seller, json!({"startsAt": "2020-06-12T20:00:00+02:00"})).await.expect_errors(400, &[PASSED]);
}

#[tokio::test]
async fn a_start_is_answered_with_the_offset_that_it_came_with() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (sent, shown) in [
        (STARTS_AT, STARTS_AT),
        ("2999-06-12T18:00:00Z", "2999-06-12T18:00:00Z"),
        ("2999-06-12T20:00-05:30", "2999-06-12T20:00:00-05:30"),
    ] {
        let answer = offer(&tickets, &seller, json!({"startsAt": sent})).await.expect(201);
        assert_eq!(tickets.show(answer.id()).await["startsAt"], shown);
    }
}

#[tokio::test]
async fn one_to_eight_seats_are_sold_together() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (sent, shown) in [(json!(1), 1), (json!(8), 8), (json!("2"), 2), (json!(2.0), 2)] {
        let answer = offer(&tickets, &seller, json!({"quantity": sent})).await.expect(201);
        assert_eq!(answer.body["quantity"], shown);
    }
    for sent in [json!(0), json!(9), json!(-1), json!(1.5), json!("two"), json!([1]), json!(true), json!(1e300)] {
        let answer = offer(&tickets, &seller, json!({"quantity": sent})).await;
        answer.expect_errors(400, &[("Quantity must be between 1 and 8", Some("quantity"))]);
    }
}

#[tokio::test]
async fn a_face_value_is_an_amount_like_a_price() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let answer = offer(&tickets, &seller, json!({"faceValue": "49.50"})).await.expect(201);
    assert_eq!(answer.body["faceValue"], 49.5);
    for (sent, message) in [
        (json!(0), "Face value must be greater than 0"),
        (json!([]), "Face value must be greater than 0"),
        (json!(1.005), "Face value must have at most two decimals"),
        (json!(1_000_000), "Face value must be at most 999999.99"),
    ] {
        let answer = offer(&tickets, &seller, json!({"faceValue": sent})).await;
        answer.expect_errors(400, &[(message, Some("faceValue"))]);
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let wrong = json!({"title": "", "price": 0, "venue": 1, "startsAt": "x", "quantity": 0, "faceValue": -1});
    offer(&tickets, &seller, wrong).await.expect_errors(
        400,
        &[
            ("Title is required", Some("title")),
            ("Price must be greater than 0", Some("price")),
            ("Venue must be a text", Some("venue")),
            (MALFORMED_START, Some("startsAt")),
            ("Quantity must be between 1 and 8", Some("quantity")),
            ("Face value must be greater than 0", Some("faceValue")),
        ],
    );
}

#[tokio::test]
async fn an_edit_leaves_what_it_does_not_say_and_clears_what_it_says_is_null() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = offer(&tickets, &seller, full()).await.expect(201).id();
    edit(&tickets, &seller, id, json!({"row": "4"})).await.expect(200);
    let expected = with(full(), json!({"row": "4", "price": 20, "id": id, "userId": seller.id, "version": 1}));
    let mut shown = tickets.show(id).await;
    shown.as_object_mut().unwrap().remove("event");
    assert_eq!(shown, expected);

    let cleared = json!({
        "venue": null, "city": "", "startsAt": null, "section": null, "row": " ", "seat": null, "quantity": null,
        "faceValue": null, "restrictions": null
    });
    let answer = edit(&tickets, &seller, id, cleared).await.expect(200);
    let nothing = json!({"id": id, "title": "Tosca", "price": 20, "userId": seller.id, "version": 2});
    assert_eq!(answer.body, nothing);
    assert_eq!(tickets.show(id).await, nothing);
}

#[tokio::test]
async fn a_start_that_has_passed_may_stay_and_not_be_set() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = offer(&tickets, &seller, json!({"startsAt": STARTS_AT})).await.expect(201).id();
    edit(&tickets, &seller, id, json!({"startsAt": "2020-01-01T00:00:00Z"})).await.expect_errors(400, &[PASSED]);
    tickets.db_set(id, doc! {"startsAt": "2020-06-12T20:00:00+02:00"}).await;
    edit(&tickets, &seller, id, json!({"row": "4"})).await.expect(200);
    edit(&tickets, &seller, id, json!({"startsAt": "2020-06-12T20:00:00+02:00", "row": "5"})).await.expect(200);
    edit(&tickets, &seller, id, json!({"startsAt": "2020-06-12T20:00:01+02:00"})).await.expect_errors(400, &[PASSED]);
    edit(&tickets, &seller, id, json!({"startsAt": STARTS_AT})).await.expect(200);
}

#[tokio::test]
async fn a_malformed_edit_of_a_detail_changes_nothing() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = offer(&tickets, &seller, full()).await.expect(201).id();
    let before = tickets.show(id).await;
    let answer = edit(&tickets, &seller, id, json!({"quantity": 9, "row": "9"})).await;
    answer.expect_errors(400, &[("Quantity must be between 1 and 8", Some("quantity"))]);
    assert_eq!(tickets.show(id).await, before);
}

#[tokio::test]
async fn events_carry_the_start() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = offer(&tickets, &seller, full()).await.expect(201).id();
    edit(&tickets, &seller, id, json!({"row": "4"})).await.expect(200);
    let starts_at: Option<LocalTime> = Some(STARTS_AT.parse().unwrap());
    assert_eq!(tickets.stream.wait_for(1, |_: &TicketCreated| true).await[0].starts_at, starts_at);
    assert_eq!(tickets.stream.wait_for(1, |_: &TicketUpdated| true).await[0].starts_at, starts_at);
}
