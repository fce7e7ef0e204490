use std::time::Duration;

use common::error::StartError;
use common::events::PaymentCreated;
use common::testing::{self, App, eventually};
use payments::config::{Choice, Config};
use serde_json::json;

use crate::app::TestApp;
use crate::order::TestOrder;

const SECRET: &str = "sk_test_nobody_may_see_this";

fn config(flags: &[(&str, &str)]) -> Config {
    let mut all = vec![("mongo-uri", "mongodb://x/payments"), ("nats-url", "nats://x"), ("jwt-key", testing::JWT_KEY)];
    all.retain(|(name, _)| flags.iter().all(|(other, _)| other != name));
    all.extend(flags);
    testing::config(&all)
}

#[tokio::test]
async fn an_unknown_route_or_method_is_not_found() {
    let payments = TestApp::start().await;
    payments.app.get(None, "/api/payments").await.expect_errors(404, &[("Not found", None)]);
    payments.app.get(None, "/api/payments/sandbox").await.expect_errors(404, &[("Not found", None)]);
}

#[test]
fn unless_said_otherwise_there_is_the_sandbox() {
    let config = config(&[]);
    assert_eq!(config.payment_provider, Choice::Sandbox);
    assert_eq!(config.stripe_api_base.as_str(), "https://api.stripe.com/");
    assert_eq!(config.stripe_limit(), Duration::from_secs(5));
}

#[test]
fn an_empty_secret_is_none() {
    for empty in ["", " "] {
        let config = config(&[("stripe-key", empty), ("stripe-webhook-secret", empty)]);
        assert!(config.stripe_key.is_none() && config.stripe_webhook_secret.is_none());
    }
}

#[test]
fn no_secret_is_ever_shown() {
    let config = config(&[("stripe-key", SECRET), ("stripe-webhook-secret", SECRET)]);
    assert_eq!(config.stripe_key.as_ref().unwrap().expose(), SECRET);
    assert!(!format!("{config:?}").contains(SECRET));
}

/// Why the service does not start with these settings.
async fn refusal(flags: &[(&str, &str)]) -> String {
    let uri = testing::new_database().await;
    let config = config(&[&[("mongo-uri", uri.as_str())], flags].concat());
    let error = payments::build(config).await.err().unwrap();
    assert!(matches!(error, StartError::Configuration { .. }), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_key_that_cannot_be_one_ends_the_start_without_being_shown() {
    for key in ["pk_test_published", "sk_test_ä\u{1}"] {
        let error = refusal(&[("payment-provider", "stripe"), ("stripe-key", key)]).await;
        assert!(error.starts_with("STRIPE_KEY: "), "{error}");
        assert!(!error.contains(key), "{error}");
    }
}

#[tokio::test]
async fn stripe_without_its_key_ends_the_start() {
    for key in ["", " "] {
        let error = refusal(&[("payment-provider", "stripe"), ("stripe-key", key)]).await;
        assert_eq!(error, "STRIPE_KEY: PAYMENT_PROVIDER=stripe needs it");
    }
}

#[tokio::test]
async fn a_key_that_would_not_be_used_ends_the_start_so_that_no_money_is_promised_by_the_sandbox() {
    for provider in [&[][..], &[("payment-provider", "sandbox")]] {
        let error = refusal(&[provider, &[("stripe-key", SECRET)]].concat()).await;
        assert!(error.starts_with("PAYMENT_PROVIDER: STRIPE_KEY is set"), "{error}");
        assert!(!error.contains(SECRET), "{error}");
    }
}

#[tokio::test]
async fn while_the_database_is_unavailable_the_answer_is_503_and_the_replica_stays_ready() {
    let (mongod, nats) = (testing::new_mongod().await, testing::new_nats().await);
    let flags = config(&[("mongo-uri", &mongod.url_for("payments")), ("nats-url", &nats.url())]);
    let app = App::start(payments::build(flags).await.unwrap()).await;
    eventually("it is ready", async || (app.readiness().await.status == 200).then_some(())).await;
    mongod.kill().await.unwrap();
    let order = TestOrder::new();
    let body = json!({"token": "tok_visa", "orderId": order.id});
    let answer = app.post(Some(&order.buyer), "/api/payments", body).await;
    assert_eq!(answer.header("retry-after"), "2");
    answer.expect_errors(503, &[("The service is unavailable, try again in a few seconds", None)]);
    let readiness = app.readiness().await.expect(200).body;
    assert!(readiness["parts"]["mongo"].as_str().unwrap().starts_with("unavailable: "), "{readiness}");
}

#[tokio::test]
async fn while_the_broker_is_unavailable_payments_go_on_and_their_events_follow() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    payments.nats.kill().await.unwrap();
    let id = payments.pay(&order, "tok_visa").await.expect(201).id();
    payments.nats.restart().await.unwrap();
    // It may be there twice: state may be published again once the connection is back, and that is harmless.
    payments.stream.wait_for::<PaymentCreated>(1, |event| event.id == id).await;
}

#[tokio::test]
async fn a_service_that_is_told_to_stop_ends_in_good_order() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    payments.pay(&order, "tok_visa").await.expect(201);
    payments.app.stop().await.unwrap();
    let created: Vec<PaymentCreated> = payments.stream.published().await;
    assert_eq!(created.len(), 1, "the last event was published before the end");
}
