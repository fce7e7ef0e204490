use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use common::api::OrderStatus;
use common::events::{OrderCreated, PricedTicket, StateRequested, TicketUpdated};
use common::id::Id;
use common::money::Money;
use common::testing::{App, User, caught_up};
use common::timestamp::Timestamp;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, ticket, updated};

const NO_TICKET: (&str, Option<&str>) = ("Ticket ID must be provided", Some("ticketId"));
const RESERVED: (&str, Option<&str>) = ("Ticket is already reserved", None);
const CHANGED: (&str, Option<&str>) = ("The ticket has changed", None);
const BEGUN: (&str, Option<&str>) = ("The event has begun", None);
const UNKNOWN: (&str, Option<&str>) = ("Not found", None);
const NO_VERSION: (&str, Option<&str>) = ("Version must be a whole number", Some("version"));

/// The event of a ticket whose event begins so many seconds from now.
fn begins_in(id: Id, version: i32, seconds: i64) -> TicketUpdated {
    let starts_at = Timestamp::from_millis(Timestamp::now().millis() + seconds * 1000).to_string();
    TicketUpdated { starts_at: Some(starts_at.parse().unwrap()), ..updated(id, version) }
}

fn expires_at(body: &Value) -> Timestamp {
    serde_json::from_value(body["expiresAt"].clone()).unwrap()
}

#[tokio::test]
async fn ordering_answers_with_the_order_and_its_ticket() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let answer = orders.order(&buyer, ticket).await.expect(201);
    let expected = json!({
        "id": answer.id(), "userId": buyer.id, "status": "created", "expiresAt": answer.body["expiresAt"], "version": 0,
        "ticket": {"id": ticket, "title": "Concert", "price": 20, "version": 0}
    });
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn an_order_is_stored_with_the_originals_fields() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let answer = orders.order(&buyer, ticket).await.expect(201);
    let stored = orders.db_order(answer.id()).await;
    assert_eq!(stored.get_str("userId").unwrap(), buyer.id.to_string());
    assert_eq!(stored.get_str("status").unwrap(), "created");
    assert_eq!(stored.get_datetime("expiresAt").unwrap().timestamp_millis(), expires_at(&answer.body).millis());
    assert_eq!(stored.get_object_id("ticket").unwrap(), ticket.into());
    assert_eq!(stored.get_i32("version").unwrap(), 0);
}

#[tokio::test]
async fn an_order_lives_for_fifteen_minutes() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    let before = Timestamp::now();
    let answer = orders.order(&User::new(), ticket).await.expect(201);
    let made = expires_at(&answer.body).millis() - 15 * 60 * 1000;
    assert!((before.millis()..=Timestamp::now().millis()).contains(&made), "{}", answer.body);
}

#[tokio::test]
async fn an_order_lives_for_the_window_that_is_set() {
    let orders = TestApp::start_with_window("60").await;
    let ticket = orders.some_ticket().await;
    let before = Timestamp::now();
    let answer = orders.order(&User::new(), ticket).await.expect(201);
    let made = expires_at(&answer.body).millis() - 60 * 1000;
    assert!((before.millis()..=Timestamp::now().millis()).contains(&made), "{}", answer.body);
}

#[tokio::test]
async fn an_order_is_told_as_order_created_with_the_price_the_buyer_saw() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let price = Money::from_cents(1250);
    orders.edit_ticket(ticket, 1, "Concert", price).await;
    let answer = orders.order(&buyer, ticket).await.expect(201);
    assert_eq!(answer.body["ticket"]["price"], json!(12.5));
    let published = orders.stream.wait_for(1, |_: &OrderCreated| true).await;
    let expected = OrderCreated {
        id: answer.id(),
        version: 0,
        status: OrderStatus::Created,
        user_id: buyer.id,
        expires_at: expires_at(&answer.body),
        ticket: PricedTicket { id: ticket, price },
    };
    assert_eq!(published, [expected]);
}

#[tokio::test]
async fn an_event_carries_its_own_id_its_schema_and_the_trace_of_the_request() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let request = orders.app.request(Method::POST, "/api/orders").header("cookie", &buyer.cookie);
    let request = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    let request = request.header("content-type", "application/json");
    App::send(request.body(json!({"ticketId": ticket}).to_string())).await.expect(201);
    orders.some_order(&buyer).await;
    orders.db_all_published().await;

    let messages = orders.stream.messages::<OrderCreated>().await;
    let header = |message: usize, name: &str| messages[message].headers.get(name).unwrap().to_string();
    assert!(header(0, "traceparent").starts_with(&format!("00-{TRACE}-")), "{:?}", messages[0]);
    assert!(!header(1, "traceparent").contains(TRACE), "{:?}", messages[1]);
    assert_eq!(header(0, "Schema-Version"), "1");
    assert_ne!(header(0, "Nats-Msg-Id"), header(1, "Nats-Msg-Id"));
}

#[tokio::test]
async fn without_a_ticket_the_order_is_refused_at_its_field() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let post = async |body: Value| orders.app.post(Some(&buyer), "/api/orders", body).await;
    for id in [json!(""), json!("1"), json!("65a1b2c3d4e5f60718293a4"), json!(1), Value::Null, json!([Id::generate()])]
    {
        post(json!({"ticketId": id})).await.expect_errors(400, &[NO_TICKET]);
    }
    for body in [json!({}), json!([]), json!("text"), Value::Null] {
        post(body).await.expect_errors(400, &[NO_TICKET]);
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let request = orders.app.request(Method::POST, "/api/orders").header("cookie", &buyer.cookie);
    let answer = App::send(request.body("ticketId=1")).await;
    answer.expect_errors(415, &[("Body must be JSON (application/json)", None)]);
}

#[tokio::test]
async fn ones_own_ticket_cannot_be_ordered() {
    let (orders, seller) = (TestApp::start().await, User::new());
    let ticket = orders.ticket_of(seller.id).await;
    orders.order(&seller, ticket).await.expect_errors(400, &[("Cannot order your own ticket", None)]);
    orders.order(&User::new(), ticket).await.expect(201);
}

#[tokio::test]
async fn a_ticket_whose_event_does_not_come_in_time_is_not_found() {
    let orders = TestApp::start().await;
    let answer = caught_up(async || orders.order(&User::new(), Id::generate()).await).await;
    answer.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn the_state_of_an_unknown_ticket_is_requested_meanwhile() {
    let orders = TestApp::start().await;
    let event = ticket(Id::generate(), Id::generate());
    let owner = async {
        orders.stream.wait_for(1, |request: &StateRequested| request.id == Some(event.id)).await;
        orders.stream.publish(&event).await;
    };
    let buyer = User::new();
    let (answer, ()) = tokio::join!(orders.order(&buyer, event.id), owner);
    answer.expect(201);
}

#[tokio::test]
async fn while_the_broker_is_unavailable_an_unknown_ticket_is_503_and_not_404() {
    let orders = TestApp::start().await;
    orders.nats.kill().await.unwrap();
    let answer = orders.order(&User::new(), Id::generate()).await.expect(503);
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn a_ticket_whose_event_is_on_its_way_is_waited_for() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let event = ticket(Id::generate(), Id::generate());
    let (answer, ()) = tokio::join!(orders.order(&buyer, event.id), orders.stream.publish(&event));
    assert_eq!(answer.expect(201).body["ticket"]["id"], json!(event.id));
}

#[tokio::test]
async fn a_ticket_that_another_order_has_is_refused() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    orders.order(&buyer, ticket).await.expect(201);
    orders.order(&User::new(), ticket).await.expect_errors(400, &[RESERVED]);
}

#[tokio::test]
async fn a_repeated_request_is_answered_with_the_buyers_own_order() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let first = orders.order(&buyer, ticket).await.expect(201);
    assert_eq!(orders.order(&buyer, ticket).await.expect(201).body, first.body);
    orders.pay(first.id()).await;
    let again = orders.order(&buyer, ticket).await.expect(201).body;
    assert_eq!((&again["id"], &again["status"]), (&first.body["id"], &json!("complete")));
    orders.db_all_published().await;
    assert_eq!(orders.stream.published::<OrderCreated>().await.len(), 1);
}

#[tokio::test]
async fn twenty_requests_of_one_buyer_at_the_same_time_make_one_order() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let answers = join_all((0..20).map(|_| orders.order(&buyer, ticket))).await;
    let ids: BTreeSet<Id> = answers.into_iter().map(|answer| answer.expect(201).id()).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn a_sold_ticket_is_refused() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.pay(order).await;
    orders.order(&User::new(), ticket).await.expect_errors(400, &[RESERVED]);
}

#[tokio::test]
async fn a_ticket_that_was_given_back_can_be_ordered_again() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    for _ in 0..3 {
        let order = orders.order(&buyer, ticket).await.expect(201).id();
        orders.cancel(&buyer, order).await.expect(204);
    }
    orders.order(&User::new(), ticket).await.expect(201);
}

#[tokio::test]
async fn of_two_hundred_orders_of_one_ticket_at_the_same_time_one_succeeds() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    let buyers: Vec<User> = (0..200).map(|_| User::new()).collect();
    let answers = join_all(buyers.iter().map(|buyer| orders.order(buyer, ticket))).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((created.len(), refused.len()), (1, 199));
    for answer in refused {
        answer.expect_errors(400, &[RESERVED]);
    }
    orders.db_all_published().await;
    let published: Vec<OrderCreated> = orders.stream.published().await;
    assert_eq!(published.iter().map(|event| event.id).collect::<Vec<_>>(), [created[0].id()]);
}

#[tokio::test]
async fn a_ticket_that_is_as_the_buyer_saw_it_is_ordered() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.edit_ticket(ticket, 3, "Concert", Money::from_cents(1250)).await;
    let answer = orders.order_at(&User::new(), ticket, 3).await.expect(201);
    assert_eq!((&answer.body["ticket"]["version"], &answer.body["ticket"]["price"]), (&json!(3), &json!(12.5)));
}

#[tokio::test]
async fn a_ticket_that_has_changed_since_the_buyer_saw_it_is_not_ordered() {
    let orders = TestApp::start().await;
    let [edited, held_meanwhile] = [orders.some_ticket().await, orders.some_ticket().await];
    orders.edit_ticket(edited, 1, "Concert", Money::from_cents(9900)).await;
    orders.hold(held_meanwhile, 1, Some(Id::generate())).await;
    orders.hold(held_meanwhile, 2, None).await;
    for (ticket, version) in [(edited, 1), (held_meanwhile, 2)] {
        let buyer = User::new();
        orders.order_at(&buyer, ticket, 0).await.expect_errors(409, &[CHANGED]);
        assert_eq!(orders.app.get(Some(&buyer), "/api/orders").await.expect(200).body, json!([]));
        orders.order_at(&buyer, ticket, version).await.expect(201);
    }
}

#[tokio::test]
async fn a_version_that_is_on_its_way_is_waited_for_and_its_state_is_requested_meanwhile() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    let owner = async {
        orders.stream.wait_for(1, |request: &StateRequested| request.id == Some(ticket)).await;
        orders.stream.publish(&updated(ticket, 2)).await;
    };
    let buyer = User::new();
    let (answer, ()) = tokio::join!(orders.order_at(&buyer, ticket, 2), owner);
    assert_eq!(answer.expect(201).body["ticket"]["version"], 2);
}

#[tokio::test]
async fn a_version_that_does_not_come_in_time_is_not_the_tickets() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    let began = Instant::now();
    let answer = caught_up(async || orders.order_at(&User::new(), ticket, 1).await).await;
    answer.expect_errors(409, &[CHANGED]);
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn while_the_broker_is_unavailable_a_version_that_is_not_known_yet_is_503_and_not_409() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.nats.kill().await.unwrap();
    orders.order_at(&User::new(), ticket, 1).await.expect(503);
    orders.order_at(&User::new(), ticket, 0).await.expect(201);
}

#[tokio::test]
async fn a_version_that_is_none_is_refused_at_its_field() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let post = async |body: Value| orders.app.post(Some(&buyer), "/api/orders", body).await;
    for version in [json!("0"), json!(-1), json!(0.5), json!(2_147_483_648_i64), json!([])] {
        post(json!({"ticketId": ticket, "version": version})).await.expect_errors(400, &[NO_VERSION]);
    }
    post(json!({"version": "1"})).await.expect_errors(400, &[NO_TICKET, NO_VERSION]);
    post(json!({"ticketId": ticket, "version": null})).await.expect(201);
}

#[tokio::test]
async fn a_ticket_is_not_ordered_any_more_once_its_event_has_begun() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.update(begins_in(ticket, 1, 0)).await;
    orders.order(&User::new(), ticket).await.expect_errors(400, &[BEGUN]);
    orders.update(begins_in(ticket, 2, 3600)).await;
    let order = orders.order(&User::new(), ticket).await.expect(201);
    assert_eq!(order.body["ticket"]["version"], 2);
}

#[tokio::test]
async fn a_ticket_whose_date_was_taken_back_is_ordered() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.update(begins_in(ticket, 1, 0)).await;
    orders.update(updated(ticket, 2)).await;
    orders.order(&User::new(), ticket).await.expect(201);
}

#[tokio::test]
async fn a_withdrawn_ticket_is_not_found_at_once() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.withdraw(ticket, 1).await;
    let began = Instant::now();
    orders.order(&User::new(), ticket).await.expect_errors(404, &[UNKNOWN]);
    orders.order_at(&User::new(), ticket, 7).await.expect_errors(404, &[UNKNOWN]);
    assert!(began.elapsed() < Duration::from_secs(2), "nothing is to be waited for");
}

/// What can be said against a request, the one that is said first coming last.
#[tokio::test]
async fn of_several_refusals_the_one_that_nothing_can_change_is_said() {
    let (orders, seller) = (TestApp::start().await, User::new());
    let ticket = orders.ticket_of(seller.id).await;
    let holder = User::new();
    let order = orders.order(&holder, ticket).await.expect(201).id();
    let refused = async |status: u16, errors: &[(&str, Option<&str>)]| {
        orders.order_at(&User::new(), ticket, 0).await.expect_errors(status, errors);
        // Whoever has it is answered with the order, whatever they saw of the ticket.
        assert_eq!(orders.order_at(&holder, ticket, 0).await.expect(201).id(), order);
        assert_eq!(orders.order(&holder, ticket).await.expect(201).id(), order);
    };
    orders.hold(ticket, 1, Some(order)).await;
    refused(400, &[RESERVED]).await;
    orders.update(begins_in(ticket, 2, 0)).await;
    refused(400, &[BEGUN]).await;
    orders.withdraw(ticket, 3).await;
    refused(404, &[UNKNOWN]).await;
}

#[tokio::test]
async fn ones_own_changed_ticket_cannot_be_ordered_either() {
    let (orders, seller) = (TestApp::start().await, User::new());
    let ticket = orders.ticket_of(seller.id).await;
    orders.update(TicketUpdated { user_id: seller.id, ..begins_in(ticket, 1, 0) }).await;
    orders.order_at(&seller, ticket, 0).await.expect_errors(400, &[("Cannot order your own ticket", None)]);
}
