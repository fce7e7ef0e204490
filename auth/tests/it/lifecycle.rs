use auth::config::Config;
use common::testing::{self, App};
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn an_unknown_route_or_method_is_not_found() {
    let auth = TestApp::start().await;
    auth.app.get(None, "/api/users/nothing").await.expect_errors(404, &[("Not found", None)]);
    auth.app.get(None, "/api/users/signup").await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_makes_no_difference() {
    let auth = TestApp::start().await;
    auth.app.get(None, "/api/users/currentuser/").await.expect(200);
}

#[tokio::test]
async fn metrics_count_requests_by_route() {
    let auth = TestApp::start().await;
    auth.app.get(None, "/api/users/currentuser").await.expect(200);
    let metrics = auth.app.metrics().await;
    assert!(
        metrics.contains(r#"http_requests_total{method="GET",route="/api/users/currentuser",status="200"}"#),
        "{metrics}"
    );
}

#[tokio::test]
async fn while_the_database_is_away_the_answer_is_503_and_the_service_is_not_ready() {
    let mongod = testing::new_mongod().await;
    let uri = mongod.url_for("auth");
    let config = testing::config::<Config>(&[("mongo-uri", &uri), ("jwt-key", testing::JWT_KEY)]);
    let app = App::start(auth::build(config).await.unwrap()).await;
    mongod.kill().await.unwrap();
    let body = json!({"email": "ann@example.com", "password": "correct horse"});
    let answer = app.post(None, "/api/users/signup", body).await;
    assert_eq!(answer.header("retry-after"), "2");
    answer.expect_errors(503, &[("Service is away for a moment, try again", None)]);
    let readiness = app.readiness().await.expect(503);
    assert_eq!(readiness.body["ready"], false);
    App::send(app.request(Method::GET, "/api/users/currentuser")).await.expect(200);
}
