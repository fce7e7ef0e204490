//! What the process says of accounts and callers to whoever looks into an incident.

use std::fs;

use common::id::Id;
use common::testing::{self, HttpClient, eventually};
use infra_local::ports;
use infra_local::process::Program;
use serde_json::json;

#[tokio::test]
async fn the_security_log_tells_what_happened_to_which_account_and_nothing_personal() {
    let (log, nats) = (std::env::temp_dir().join(format!("auth-{}.log", Id::generate())), testing::new_nats().await);
    let api = format!("127.0.0.1:{}", ports::free().unwrap());
    let process = Program::new("auth", env!("CARGO_BIN_EXE_auth"))
        .environment("MONGO_URI", testing::new_database().await)
        .environment("NATS_URL", nats.url())
        .environment("JWT_KEY", testing::JWT_KEY)
        .environment("LISTEN_ADDR", &api)
        .environment("ADMIN_ADDR", "127.0.0.1:0")
        .environment("LOG_FORMAT", "json")
        .environment("CREDENTIALS_PER_MINUTE", "4")
        .log_to(&log)
        .spawn()
        .unwrap();
    let browser = HttpClient::new(&format!("http://{api}"));
    eventually("it serves", async || (browser.get("/api/users/currentuser").await.status == 200).then_some(())).await;
    let credentials = json!({"email": "ann@example.com", "password": "correct horse 7"});
    let id = browser.post("/api/users/signup", credentials.clone()).await.expect(201).id();
    let wrong = json!({"email": "ann@example.com", "password": "wrong horse 7"});
    browser.post("/api/users/signin", wrong).await.expect(400);
    browser.post("/api/users/signin", credentials.clone()).await.expect(200);
    let copied = browser.cookie();
    browser.post("/api/users/signout", json!({})).await.expect(200);
    let copied = browser.request(reqwest::Method::GET, "/api/users/sessions").header("cookie", copied);
    browser.send(copied).await.expect(401);
    browser.post("/api/users/signin", credentials.clone()).await.expect(200);
    browser.post("/api/users/signin", credentials).await.expect(429);

    let said = fs::read_to_string(&log).unwrap();
    let lines: Vec<serde_json::Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &serde_json::Value| line["target"] == "security")
        .collect();
    let told: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line["fields"]["incident"].as_str().unwrap(), line["fields"]["account"].as_str().unwrap()))
        .collect();
    let (id, nobody) = (id.to_string(), "");
    let expected = [
        ("SignedUp", id.as_str()),
        ("CredentialsRefused", nobody),
        ("SignedIn", &id),
        ("SessionEnded", &id),
        ("Refused", nobody),
        ("SignedIn", &id),
        ("Limited", &id),
    ];
    assert_eq!(told, expected, "{said}");
    let origins: Vec<&str> = lines.iter().filter_map(|line| line["fields"]["origin"].as_str()).collect();
    assert!(origins.iter().all(|origin| origin.len() == 16 && *origin == origins[0]), "{origins:?}");
    let security: String = said.lines().filter(|line| line.contains("\"security\"")).collect();
    for personal in ["ann@example.com", "correct horse", "127.0.0.1"] {
        assert!(!security.contains(personal), "{security}");
    }
    drop(process);
    fs::remove_file(&log).unwrap();
}
