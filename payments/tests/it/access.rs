use common::testing::App;
use payments::routes::routes;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn every_route_needs_a_session_before_anything_else() {
    let payments = TestApp::start().await;
    let routes = routes();
    assert!(!routes.table().is_empty());
    for (method, path) in routes.table() {
        for body in [json!({}).to_string(), "{".to_owned()] {
            let request = payments.app.request(method.clone(), path).header("content-type", "application/json");
            App::send(request.body(body)).await.expect_errors(401, &[("Not authorized", None)]);
        }
    }
}
