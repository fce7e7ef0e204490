use common::testing::App;
use payments::routes::routes;
use serde_json::json;

use crate::app::TestApp;

/// The provider's, which signs instead.
const SIGNED: &str = "/api/payments/webhook";

#[tokio::test]
async fn every_route_but_the_providers_needs_a_session_before_anything_else() {
    let payments = TestApp::start().await;
    let routes = routes();
    assert!(routes.table().iter().any(|(_, path)| *path == SIGNED));
    for (method, path) in routes.table().iter().filter(|(_, path)| *path != SIGNED) {
        for body in [json!({}).to_string(), "{".to_owned()] {
            let request = payments.app.request(method.clone(), path).header("content-type", "application/json");
            App::send(request.body(body)).await.expect_errors(401, &[("Not authorized", None)]);
        }
    }
}
