use common::events::TicketCreated;
use common::money::Money;
use common::testing::{App, User};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

const NO_TITLE: (&str, Option<&str>) = ("Title is required", Some("title"));
const LONG_TITLE: (&str, Option<&str>) = ("Title must be at most 200 characters", Some("title"));
const PRICE_NOT_POSITIVE: (&str, Option<&str>) = ("Price must be greater than 0", Some("price"));

#[tokio::test]
async fn offering_answers_with_the_ticket() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let answer = tickets.offer(&seller, "Concert", 20).await.expect(201);
    let expected = json!({"id": answer.id(), "title": "Concert", "price": 20, "userId": seller.id, "version": 0});
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn an_offered_ticket_is_stored_with_the_originals_fields() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer(&seller, "Concert", 12.5).await.expect(201).id();
    let stored = tickets.db_ticket(id).await;
    assert_eq!(stored.get_str("title").unwrap(), "Concert");
    assert_eq!(stored.get_f64("price").unwrap(), 12.5);
    assert_eq!(stored.get_str("userId").unwrap(), seller.id.to_string());
    assert_eq!(stored.get_i32("version").unwrap(), 0);
    assert!(!stored.contains_key("orderId"), "{stored}");
}

#[tokio::test]
async fn a_price_is_a_number_or_a_numeric_string_and_shown_as_a_number() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (sent, shown) in [
        (json!(20), "20"),
        (json!(20.0), "20"),
        (json!("20"), "20"),
        (json!("20.00"), "20"),
        (json!(12.5), "12.5"),
        (json!("12.50"), "12.5"),
        (json!(" 0.01 "), "0.01"),
        (json!(999_999.99), "999999.99"),
    ] {
        let answer = tickets.offer(&seller, "Concert", sent.clone()).await.expect(201);
        assert_eq!(answer.body["price"].to_string(), shown, "{sent}");
        assert_eq!(tickets.show(answer.id()).await["price"].to_string(), shown, "{sent}");
    }
}

#[tokio::test]
async fn a_price_that_is_no_positive_amount_is_refused_at_its_field() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for price in [json!(0), json!(-10), json!("-1"), json!("ten"), json!(""), Value::Null, json!([20]), json!({})] {
        tickets.offer(&seller, "Concert", price).await.expect_errors(400, &[PRICE_NOT_POSITIVE]);
    }
}

#[tokio::test]
async fn a_price_with_a_fraction_of_a_cent_is_refused_at_its_field() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for price in [json!(1.005), json!("12.345")] {
        let answer = tickets.offer(&seller, "Concert", price).await;
        answer.expect_errors(400, &[("Price must have at most two decimals", Some("price"))]);
    }
}

#[tokio::test]
async fn a_price_above_the_highest_is_refused_at_its_field() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for price in [json!(1_000_000), json!("1000000.00")] {
        let answer = tickets.offer(&seller, "Concert", price).await;
        answer.expect_errors(400, &[("Price must be at most 999999.99", Some("price"))]);
    }
}

#[tokio::test]
async fn a_title_is_trimmed() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let answer = tickets.offer(&seller, " \t Concert in G \n", 20).await.expect(201);
    assert_eq!(answer.body["title"], "Concert in G");
}

#[tokio::test]
async fn a_title_of_nothing_is_refused_at_its_field() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for title in [json!(""), json!("  \n "), Value::Null, json!(1), json!(["Concert"])] {
        let answer = tickets.app.post(Some(&seller), "/api/tickets", json!({"title": title, "price": 20})).await;
        answer.expect_errors(400, &[NO_TITLE]);
    }
}

#[tokio::test]
async fn a_title_has_at_most_200_characters_after_trimming() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    // Characters, not bytes: each of these has two.
    let longest = "é".repeat(200);
    let answer = tickets.offer(&seller, &format!("  {longest}  "), 20).await.expect(201);
    assert_eq!(answer.body["title"], longest);
    tickets.offer(&seller, &"x".repeat(201), 20).await.expect_errors(400, &[LONG_TITLE]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for body in [json!({}), json!([]), json!("text"), Value::Null, json!({"title": " ", "price": "x"})] {
        let answer = tickets.app.post(Some(&seller), "/api/tickets", body).await;
        answer.expect_errors(400, &[NO_TITLE, PRICE_NOT_POSITIVE]);
    }
}

#[tokio::test]
async fn a_refused_offer_leaves_nothing_behind() {
    let tickets = TestApp::start().await;
    tickets.offer(&User::new(), "", 20).await.expect(400);
    assert!(tickets.list().await.is_empty());
    let id = tickets.some_ticket().await;
    tickets.db_all_published().await;
    let events: Vec<TicketCreated> = tickets.stream.published().await;
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn what_only_the_service_decides_cannot_be_sent() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let order = User::new().id;
    let body = json!({
        "title": "Concert", "price": 20, "userId": order, "orderId": order, "version": 7, "id": order, "_id": order
    });
    let answer = tickets.app.post(Some(&seller), "/api/tickets", body).await.expect(201);
    assert_ne!(answer.id(), order);
    let expected = json!({"id": answer.id(), "title": "Concert", "price": 20, "userId": seller.id, "version": 0});
    assert_eq!(tickets.show(answer.id()).await, expected);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let request = || tickets.app.request(Method::POST, "/api/tickets").header("cookie", &seller.cookie);
    let not_declared = App::send(request().body("title=Concert")).await;
    not_declared.expect_errors(415, &[("Body must be JSON (application/json)", None)]);
    let malformed = App::send(request().header("content-type", "application/json").body("{")).await.expect(400);
    assert!(malformed.body["errors"][0]["message"].as_str().unwrap().starts_with("Body is not valid JSON"));
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused() {
    let tickets = TestApp::start().await;
    let answer = tickets.offer(&User::new(), &"x".repeat(70_000), 20).await;
    answer.expect_errors(413, &[("Body is larger than 64 KiB", None)]);
}

#[tokio::test]
async fn an_offer_is_told_as_ticket_created() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer(&seller, " Concert ", "12.50").await.expect(201).id();
    let published = tickets.stream.wait_for(1, |_: &TicketCreated| true).await;
    let (title, price) = ("Concert".to_owned(), Money::from_cents(1250));
    assert_eq!(published, [TicketCreated { id, version: 0, title, price, user_id: seller.id, starts_at: None }]);
}

#[tokio::test]
async fn an_event_carries_its_own_id_its_schema_and_the_trace_of_the_request() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let (tickets, seller) = (TestApp::start().await, User::new());
    let request = tickets.app.request(Method::POST, "/api/tickets").header("cookie", &seller.cookie);
    let request = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    let request = request.header("content-type", "application/json");
    App::send(request.body(r#"{"title":"Concert","price":20}"#)).await.expect(201);
    tickets.some_ticket().await;
    tickets.db_all_published().await;

    let messages = tickets.stream.messages::<TicketCreated>().await;
    let header = |message: usize, name: &str| messages[message].headers.get(name).unwrap().to_string();
    assert!(header(0, "traceparent").starts_with(&format!("00-{TRACE}-")), "{:?}", messages[0]);
    assert!(!header(1, "traceparent").contains(TRACE), "{:?}", messages[1]);
    assert_eq!(header(0, "Schema-Version"), "1");
    assert_ne!(header(0, "Nats-Msg-Id"), header(1, "Nats-Msg-Id"));
}

#[tokio::test]
async fn the_same_request_sent_twice_offers_one_ticket() {
    let (tickets, [seller, other]) = (TestApp::start().await, [User::new(), User::new()]);
    let offer = async |seller: &User, key: &str| {
        let request = tickets.app.request(Method::POST, "/api/tickets").header("cookie", &seller.cookie);
        let answer =
            request.header("idempotency-key", key).json(&json!({"title": "Concert", "price": 20})).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 201);
        answer.json::<Value>().await.unwrap()["id"].clone()
    };
    let (one, again) = tokio::join!(offer(&seller, "a"), offer(&seller, "a"));
    assert_eq!(one, again);
    assert_eq!(offer(&seller, "a").await, one);
    assert_eq!(tickets.list().await.len(), 1);
    // Another key, another seller, and no key at all.
    for id in [offer(&seller, "b").await, offer(&other, "a").await, offer(&seller, "").await, offer(&seller, "").await]
    {
        assert_ne!(id, one);
    }
    assert_eq!(tickets.list().await.len(), 5);
    assert_eq!(tickets.stream.wait_for(5, |_: &TicketCreated| true).await.len(), 5);
}
