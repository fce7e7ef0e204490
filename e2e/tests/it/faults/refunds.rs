//! An operator gives the money of complete orders back, and whatever dies then: it goes back once, the orders stay complete and say
//! so, and their tickets do not go back on sale.

use std::time::Duration;

use common::api::SessionBody;
use common::id::Id;
use common::testing::{Answer, JWT_KEY, User, eventually};
use common::timestamp::Timestamp;
use e2e::invariants::EventLog;
use infra_local::fleet::Options;
use reqwest::Method;
use serde_json::json;

use super::market::{Market, Placed};
use super::stripe::{KEY, Stripe};
use crate::platform::Platform;

const OPERATOR: Id = Id::from_bytes([0xAD; 12]);
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// The platform with an operator.
fn with_operator(options: Options) -> Options {
    let options = options.with_all("EXPIRATION_WINDOW_SECONDS", "10").with_all("JWT_KEY", JWT_KEY);
    options.with_all("ADMIN_IDS", &OPERATOR.to_string())
}

/// What the operator is answered at this path.
async fn as_operator(platform: &Platform, method: Method, path: &str) -> Answer {
    let (email, iat) = ("operator@example.com".to_owned(), Timestamp::now().millis() / 1000);
    let operator = User::with_session(&SessionBody { id: OPERATOR, email, iat, verified: true });
    let request = platform.site().request(method, path).header("cookie", operator.cookie);
    Answer::to(request.json(&json!({}))).await
}

async fn give_back(platform: &Platform, order: &Placed) -> Answer {
    as_operator(platform, Method::POST, &format!("/api/payments/{}/refund", order.id)).await
}

/// Orders that are complete, and their money is taken.
async fn complete_orders<const N: usize>(platform: &Platform, market: &Market) -> [Placed; N] {
    let orders = market.orders::<N>().await;
    for order in &orders {
        market.pay(order).await;
        market.becomes(order, "complete").await;
        let complete = async || (market.payments_knows(order).await? == "complete").then_some(());
        eventually("payments knows it", complete).await;
    }
    market.settled(platform, SETTLED_WITHIN).await;
    orders
}

/// The refund of each is asked for until it is answered, as the page of an operator would.
async fn is_given_back(platform: &Platform, market: &Market, order: &Placed) {
    let answered = async || Some(give_back(platform, order).await).filter(|answer| answer.status == 200);
    eventually("the refund is answered", answered).await;
    let says_so = async || {
        let shown = as_operator(platform, Method::GET, &format!("/api/orders/{}", order.id)).await;
        (shown.status == 200 && shown.body["refunded"] == 10).then_some(shown.body)
    };
    assert_eq!(eventually("the order says that it is refunded", says_so).await["status"], "complete");
    assert_eq!(market.holder(order.ticket).await, Some(order.id), "its ticket is not on sale again");
}

#[tokio::test]
async fn a_refund_survives_the_death_of_every_service_that_has_to_do_with_it() {
    let platform = Platform::begin(with_operator).await.ready().await;
    let market = Market::open(&platform).await;
    let orders = complete_orders::<3>(&platform, &market).await;
    market.buyer.http.post(&format!("/api/payments/{}/refund", orders[0].id), json!({})).await.expect(404);
    for (order, service) in orders.iter().zip(["payments", "orders", "tickets"]) {
        let (_, killed) = tokio::join!(give_back(&platform, order), platform.fleet.kill(service));
        killed.unwrap();
        is_given_back(&platform, &market, order).await;
    }
    let snapshot = market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;
    assert_eq!(snapshot.payments.iter().filter(|payment| payment.given_back_by.is_some()).count(), orders.len());
    platform.stop().await;
}

#[tokio::test]
async fn a_kill_after_the_provider_has_refunded_refunds_once() {
    let stripe = Stripe::start().await;
    let platform = Platform::begin(|options| {
        let options = with_operator(options).with("payments", "PAYMENT_PROVIDER", "stripe");
        options.with("payments", "STRIPE_KEY", KEY).with("payments", "STRIPE_API_BASE", &stripe.url)
    })
    .await
    .ready()
    .await;
    let market = Market::open(&platform).await;
    let [order] = complete_orders(&platform, &market).await;
    stripe.hold_back("refunds");
    tokio::join!(give_back(&platform, &order), async {
        stripe.has_held_back().await;
        platform.fleet.kill("payments").await.unwrap();
    });
    is_given_back(&platform, &market, &order).await;
    market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;
    assert_eq!(stripe.refunds(), 1);
    platform.stop().await;
}
