//! How much a buyer may reserve without paying.

use common::id::Id;
use common::mongo::Aggregate;
use common::testing::{Answer, App, User};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use futures::future::join_all;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};
use orders::models::order::Order;
use serde_json::json;

use crate::app::TestApp;

const TOO_MANY_OPEN: (&str, Option<&str>) =
    ("Your unpaid orders have reached the limit of 5, pay or cancel one first", None);
const TOO_MANY_UNPAID: (&str, Option<&str>) =
    ("Too many of your orders of this ticket ended unpaid, try again in 60 min", None);
const RESERVED: (&str, Option<&str>) = ("Ticket is already reserved", None);

const HOUR: i64 = 60 * 60 * 1000;

impl TestApp {
    /// The buyer has as many unpaid orders as there may be.
    async fn five_orders(&self, buyer: &User) -> Vec<Id> {
        let mut placed = Vec::new();
        for _ in 0..5 {
            placed.push(self.some_order(buyer).await);
        }
        placed
    }

    /// The answer to an order of a ticket that nobody has.
    async fn another_order(&self, buyer: &User) -> Answer {
        let ticket = self.some_ticket().await;
        self.order(buyer, ticket).await
    }

    /// The buyer orders the ticket and cancels, so many times.
    async fn order_and_cancel(&self, buyer: &User, ticket: Id, times: usize) -> Vec<Id> {
        let mut ended = Vec::new();
        for _ in 0..times {
            let order = self.order(buyer, ticket).await.expect(201).id();
            self.cancel(buyer, order).await.expect(204);
            ended.push(order);
        }
        ended
    }

    async fn db_set(&self, order: Id, field: &str, at: Timestamp) {
        let set = doc! {"$set": {field: DateTime::from_millis(at.millis())}};
        let orders = self.database().collection::<Document>(Order::COLLECTION);
        orders.update_one(doc! {"_id": ObjectId::from(order)}, set).await.unwrap();
    }

    async fn db_count_open(&self, buyer: &User) -> u64 {
        let open = doc! {"userId": buyer.id.to_string(), "status": "created"};
        self.database().collection::<Document>(Order::COLLECTION).count_documents(open).await.unwrap()
    }
}

fn retry_after(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().unwrap()
}

#[tokio::test]
async fn of_fifty_orders_of_fifty_tickets_by_one_buyer_at_the_same_time_five_succeed() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let other = orders.start_another().await;
    let mut tickets = Vec::new();
    for _ in 0..50 {
        tickets.push(orders.some_ticket().await);
    }
    let order = async |(number, ticket): (usize, &Id)| {
        let replica: &App = if number % 2 == 0 { &orders.app } else { &other };
        replica.post(Some(&buyer), "/api/orders", json!({"ticketId": ticket})).await
    };
    let answers = join_all(tickets.iter().enumerate().map(order)).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((created.len(), refused.len()), (5, 45));
    for answer in refused {
        assert!((1..=15 * 60).contains(&retry_after(&answer)), "{answer:?}");
        answer.expect_errors(429, &[TOO_MANY_OPEN]);
    }
    assert_eq!(orders.db_count_open(&buyer).await, 5);
    other.stop().await.unwrap();
}

#[tokio::test]
async fn as_many_orders_as_there_is_room_for_succeed_at_the_same_time() {
    let orders = TestApp::start_with(&[("open-orders-per-buyer", "30")]).await;
    let (buyer, mut tickets) = (User::new(), Vec::new());
    for _ in 0..30 {
        tickets.push(orders.some_ticket().await);
    }
    for answer in join_all(tickets.iter().map(|ticket| orders.order(&buyer, *ticket))).await {
        answer.expect(201);
    }
    let answer = orders.another_order(&buyer).await;
    answer.expect_errors(429, &[("Your unpaid orders have reached the limit of 30, pay or cancel one first", None)]);
}

#[tokio::test]
async fn there_is_room_again_once_an_order_was_cancelled_expired_or_paid() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let placed = orders.five_orders(&buyer).await;
    orders.cancel(&buyer, placed[0]).await.expect(204);
    orders.another_order(&buyer).await.expect(201);
    orders.close(placed[1]).await;
    orders.another_order(&buyer).await.expect(201);
    orders.pay(placed[2]).await;
    orders.another_order(&buyer).await.expect(201);
    orders.another_order(&buyer).await.expect_errors(429, &[TOO_MANY_OPEN]);
    orders.another_order(&User::new()).await.expect(201);
}

#[tokio::test]
async fn paid_orders_do_not_count() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for _ in 0..7 {
        let order = orders.some_order(&buyer).await;
        orders.pay(order).await;
    }
    orders.five_orders(&buyer).await;
    orders.another_order(&buyer).await.expect_errors(429, &[TOO_MANY_OPEN]);
}

#[tokio::test]
async fn a_buyer_at_the_limit_gets_the_own_order_of_a_ticket_again() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    for _ in 0..4 {
        orders.some_order(&buyer).await;
    }
    assert_eq!(orders.order(&buyer, ticket).await.expect(201).id(), order);
}

#[tokio::test]
async fn a_buyer_at_the_limit_is_told_what_paying_and_cancelling_do_not_change() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let (taken, own) = (orders.some_ticket().await, orders.ticket_of(buyer.id).await);
    orders.order(&User::new(), taken).await.expect(201);
    orders.five_orders(&buyer).await;
    orders.order(&buyer, taken).await.expect_errors(400, &[RESERVED]);
    orders.order(&buyer, own).await.expect_errors(400, &[("Cannot order your own ticket", None)]);
    orders.order_at(&buyer, taken, 0).await.expect_errors(400, &[RESERVED]);
}

#[tokio::test]
async fn open_orders_that_are_stored_without_a_slot_count() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let later = Timestamp::from_millis(Timestamp::now().millis() + HOUR);
    for _ in 0..3 {
        orders.db_insert_order(&buyer, later).await;
    }
    let order = orders.some_order(&buyer).await;
    orders.db_insert_order(&buyer, later).await;
    orders.another_order(&buyer).await.expect_errors(429, &[TOO_MANY_OPEN]);
    orders.cancel(&buyer, order).await.expect(204);
    orders.another_order(&buyer).await.expect(201);
    orders.another_order(&buyer).await.expect_errors(429, &[TOO_MANY_OPEN]);
}

#[tokio::test]
async fn who_has_too_many_unpaid_orders_may_try_again_when_the_first_of_them_expires() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let placed = orders.five_orders(&buyer).await;
    assert!(retry_after(&orders.another_order(&buyer).await.expect(429)) > 14 * 60);
    orders.db_set(placed[3], "expiresAt", Timestamp::from_millis(Timestamp::now().millis() + 90_000)).await;
    assert!((2..=90).contains(&retry_after(&orders.another_order(&buyer).await.expect(429))));
    // Its end is on the way.
    orders.db_set(placed[3], "expiresAt", Timestamp::from_millis(Timestamp::now().millis() - 1000)).await;
    assert_eq!(retry_after(&orders.another_order(&buyer).await.expect(429)), 1);
}

#[tokio::test]
async fn after_three_orders_of_a_ticket_that_ended_unpaid_within_an_hour_its_buyer_has_to_wait_and_nobody_else() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let ended = orders.order_and_cancel(&buyer, ticket, 2).await;
    let late = orders.order(&buyer, ticket).await.expect(201).id();
    orders.close(late).await;

    let answer = orders.order(&buyer, ticket).await;
    assert!((3500..=3600).contains(&retry_after(&answer)), "{answer:?}");
    answer.expect_errors(429, &[TOO_MANY_UNPAID]);
    orders.another_order(&buyer).await.expect(201);

    // An hour after the first of them.
    let (half, whole) = (Timestamp::now().millis() - HOUR / 2, Timestamp::now().millis() - HOUR);
    orders.db_set(ended[1], "changedAt", Timestamp::from_millis(half)).await;
    orders.order(&buyer, ticket).await.expect(429);
    orders.db_set(ended[0], "changedAt", Timestamp::from_millis(whole)).await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.cancel(&buyer, order).await.expect(204);
    let answer = orders.order(&buyer, ticket).await.expect(429);
    assert!((1700..=1800).contains(&retry_after(&answer)), "{answer:?}");
    orders.order(&User::new(), ticket).await.expect(201);
}

#[tokio::test]
async fn an_order_that_was_paid_does_not_count_as_unpaid_when_its_money_fails_or_is_given_back() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    for number in 0..4 {
        let order = orders.order(&buyer, ticket).await.expect(201).id();
        if number % 2 == 0 {
            orders.pay(order).await;
            orders.fail(order).await;
        } else {
            orders.close(order).await;
            orders.refund(order, common::money::Money::from_cents(2000)).await;
        }
    }
    orders.order_and_cancel(&buyer, ticket, 3).await;
    orders.order(&buyer, ticket).await.expect_errors(429, &[TOO_MANY_UNPAID]);
}

#[tokio::test]
async fn the_limits_read_nothing_of_a_long_history() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let documents = orders.database().collection::<Document>(Order::COLLECTION);
    let ended = |(at, status): (i64, &str)| {
        doc! {
            "userId": buyer.id.to_string(), "status": status, "version": 1, "expiresAt": DateTime::now(),
            "ticket": if status == "complete" { ObjectId::new() } else { ticket.into() },
            "changedAt": DateTime::from_millis(Timestamp::now().millis() - HOUR - at), "outbox": []
        }
    };
    documents.insert_many((0..500).flat_map(|at| [(at, "complete"), (at, "cancelled")]).map(ended)).await.unwrap();
    orders.database().run_command(doc! {"profile": 2}).await.unwrap();
    orders.order(&buyer, ticket).await.expect(201);
    orders.database().run_command(doc! {"profile": 0}).await.unwrap();
    let profile = orders.database().collection::<Document>("system.profile");
    let searched = doc! {"op": "query", "command.find": "orders", "command.filter.userId": {"$exists": true}};
    let searches: Vec<Document> = profile.find(searched).await.unwrap().try_collect().await.unwrap();
    assert_eq!(searches.len(), 2);
    for search in searches {
        assert!(search.get_i32("keysExamined").unwrap() <= 3, "{search}");
    }
}
