use common::testing::{App, FEW_CHANGES, User, limits_changes, refuses_other_sites};
use payments::routes::routes;
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
    refuses_other_sites(&payments.app, &routes(), &order.buyer, order.id, &json!({})).await;
}

#[tokio::test]
async fn too_many_changes_of_an_account_or_an_address_are_limited() {
    let payments = TestApp::start_with(&FEW_CHANGES).await;
    limits_changes(&payments.app, "/api/payments").await;
}
