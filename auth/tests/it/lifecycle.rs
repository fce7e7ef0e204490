use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use auth::config::Config;
use common::id::Id;
use common::testing::{self, App, eventually};
use infra_local::ports;
use infra_local::process::{Process, Program};
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpStream;

use crate::app::TestApp;

const PROGRAM: &str = env!("CARGO_BIN_EXE_auth");

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
    let labels = r#"{http_request_method="GET",http_route="/api/users/currentuser",url_scheme="http",http_response_status_code="200",error_type=""}"#;
    assert!(metrics.contains(&format!("http_server_request_duration_seconds_count{labels}")), "{metrics}");
}

#[tokio::test]
async fn while_the_database_is_unavailable_the_answer_is_503_and_the_replica_stays_ready() {
    let mongod = testing::new_mongod().await;
    let uri = mongod.url_for("auth");
    let nats = testing::new_nats().await;
    let flags = [("mongo-uri", uri.as_str()), ("nats-url", &nats.url()), ("jwt-key", testing::JWT_KEY)];
    let config = testing::config::<Config>(&flags);
    let app = App::start(auth::build(config).await.unwrap()).await;
    mongod.kill().await.unwrap();
    let body = json!({"email": "ann@example.com", "password": "correct horse"});
    let answer = app.post(None, "/api/users/signup", body).await;
    assert_eq!(answer.header("retry-after"), "2");
    answer.expect_errors(503, &[("The service is unavailable, try again in a few seconds", None)]);
    let readiness = app.readiness().await.expect(200);
    assert_ne!(readiness.body["parts"]["mongo"], "ok");
    App::send(app.request(Method::GET, "/api/users/currentuser")).await.expect(200);
}

/// The process over this database, run by this command; its log goes to the file.
fn spawn(command: Program, mongo_uri: &str, api: &str, log: &Path) -> Process {
    let program = command
        .environment("MONGO_URI", mongo_uri)
        // It goes on without its broker.
        .environment("NATS_URL", "nats://127.0.0.1:9")
        .environment("JWT_KEY", testing::JWT_KEY)
        .environment("LISTEN_ADDR", api)
        .environment("ADMIN_ADDR", "127.0.0.1:0");
    program.log_to(log).spawn().unwrap()
}

fn new_log() -> PathBuf {
    std::env::temp_dir().join(format!("auth-{}.log", Id::generate()))
}

#[tokio::test]
async fn asked_to_stop_while_it_waits_for_its_database_the_process_ends_at_once_with_0() {
    let log = new_log();
    let nowhere = format!("mongodb://127.0.0.1:{}/auth?directConnection=true", ports::free().unwrap());
    let mut process = spawn(Program::new("auth", PROGRAM), &nowhere, "127.0.0.1:0", &log);
    let said = || fs::read_to_string(&log).unwrap_or_default();
    eventually("it says what it waits for", async || said().contains("waiting for it").then_some(())).await;
    let ended = process.stop(Duration::from_secs(2)).await.unwrap();
    assert!(ended.is_success(), "{ended}: {}", said());
    assert!(!said().contains("panicked"), "{}", said());
    fs::remove_file(&log).unwrap();
}

#[tokio::test]
async fn asked_to_stop_while_the_broker_is_unavailable_the_process_waits_for_no_answer() {
    let (log, api) = (new_log(), format!("127.0.0.1:{}", ports::free().unwrap()));
    let mut process = spawn(Program::new("auth", PROGRAM), &testing::new_database().await, &api, &log);
    eventually("it serves", async || TcpStream::connect(&api).await.ok()).await;
    // A question to the broker waits for five seconds.
    let ended = process.stop(Duration::from_secs(4)).await.unwrap();
    assert!(ended.is_success(), "{ended}: {}", fs::read_to_string(&log).unwrap_or_default());
    fs::remove_file(&log).unwrap();
}

#[tokio::test]
async fn with_more_clients_than_file_descriptors_the_process_waits_and_then_answers() {
    let log = new_log();
    let api = format!("127.0.0.1:{}", ports::free().unwrap());
    let few = Program::new("auth", "sh").arguments(["-c", "ulimit -n 64 && exec \"$0\"", PROGRAM]);
    let mut process = spawn(few, &testing::new_database().await, &api, &log);
    let mut clients = Vec::new();
    eventually("it serves", async || TcpStream::connect(&api).await.ok()).await;
    for _ in 0..100 {
        clients.push(TcpStream::connect(&api).await.unwrap());
    }
    let said = || fs::read_to_string(&log).unwrap_or_default();
    eventually("it has no more", async || said().contains("no connection taken").then_some(())).await;
    drop(clients);
    let url = format!("http://{api}/api/users/currentuser");
    let http = common::http_client::builder().build().unwrap();
    App::send(http.get(url)).await.expect(200);
    let warnings = said().matches("no connection taken").count();
    assert!(warnings < 20, "{warnings} warnings instead of one a second");
    assert!(process.stop(Duration::from_secs(10)).await.unwrap().is_success());
    fs::remove_file(&log).unwrap();
}

#[test]
fn a_session_key_of_less_than_32_bytes_is_refused_with_64_and_named() {
    for keys in ["asdf", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef,short"] {
        let output = std::process::Command::new(PROGRAM)
            .env("MONGO_URI", "mongodb://127.0.0.1:9/auth")
            .env("NATS_URL", "nats://127.0.0.1:9")
            .env("JWT_KEY", keys)
            .output()
            .unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{message}");
        assert!(message.contains("JWT_KEY"), "{message}");
        assert!(message.contains("shorter than 32 bytes") && !message.contains(keys), "{message}");
    }
}
