use common::testing::{App, User};
use payments::routes::routes;
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;

/// The provider's, which signs instead.
const SIGNED: &str = "/api/payments/webhook";

/// The operators', which is not there for others.
const OPERATORS: &str = "/api/payments/{order_id}/refund";

#[tokio::test]
async fn every_route_but_the_providers_and_the_operators_needs_a_session_before_anything_else() {
    let payments = TestApp::start().await;
    let routes = routes();
    for other in [SIGNED, OPERATORS] {
        assert!(routes.table().iter().any(|(_, path)| *path == other));
    }
    for (method, path) in routes.table().iter().filter(|(_, path)| ![SIGNED, OPERATORS].contains(path)) {
        for body in [json!({}).to_string(), "{".to_owned()] {
            let request = payments.app.request(method.clone(), path).header("content-type", "application/json");
            App::send(request.body(body)).await.expect_errors(401, &[("Not authorized", None)]);
        }
    }
}

#[tokio::test]
async fn what_is_for_operators_is_not_there_for_others() {
    let payments = TestApp::start().await;
    let order = payments.complete_order().await;
    for path in [OPERATORS.replace("{order_id}", &order.id.to_string()), OPERATORS.replace("{order_id}", "1")] {
        for user in [None, Some(&order.buyer), Some(&User::new())] {
            payments.app.post(user, &path, json!({})).await.expect_errors(404, &[("Not found", None)]);
        }
    }
    payments.wait_for_status(&order, "captured").await;
}

#[tokio::test]
async fn nothing_is_changed_from_a_page_of_another_site() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    for (method, path) in routes().table().iter().filter(|(method, _)| *method != Method::GET) {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = payments.app.request(method.clone(), &path.replace("{order_id}", &order.id.to_string()));
            let request = request.header("cookie", &order.buyer.cookie).header(name, value);
            App::send(request).await.expect_errors(403, &[("Not allowed from another site", None)]);
        }
    }
}

#[tokio::test]
async fn too_many_changes_of_an_account_or_an_address_are_limited() {
    let payments = TestApp::start_with(&[("writes-per-minute", "2"), ("address-writes-per-minute", "4")]).await;
    let change = async |user: &User, address: &str| {
        let request = payments.app.request(Method::POST, "/api/payments").header("cookie", &user.cookie);
        App::send(request.header("x-forwarded-for", address)).await.status
    };
    let (ann, bob) = (User::new(), User::new());
    for (user, address, limited) in [
        (&ann, "192.0.2.1", false),
        (&ann, "192.0.2.1", false),
        (&ann, "192.0.2.2", true),
        (&bob, "192.0.2.1", false),
        (&bob, "192.0.2.1", false),
        (&User::new(), "192.0.2.1", true),
        (&User::new(), "192.0.2.2", false),
    ] {
        assert_eq!(change(user, address).await == 429, limited);
    }
}
