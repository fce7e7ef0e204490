use serde_json::json;

use crate::app::TestApp;
use crate::stripe_double::{PUBLISHABLE_KEY, StripeDouble};

#[tokio::test]
async fn anybody_sees_that_this_is_the_sandbox() {
    let payments = TestApp::start().await;
    let answer = payments.app.get(None, "/api/payments/provider").await.expect(200);
    assert_eq!(answer.body, json!({"provider": "sandbox"}));
}

#[tokio::test]
async fn anybody_sees_stripes_publishable_key_and_no_other() {
    let payments = StripeDouble::start().await.payments_with(&[("stripe-webhook-secret", "whsec_1")]).await;
    let answer = payments.app.get(None, "/api/payments/provider").await.expect(200);
    assert_eq!(answer.body, json!({"provider": "stripe", "publishableKey": PUBLISHABLE_KEY}));
}
