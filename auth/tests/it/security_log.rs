//! What the process says of accounts and callers to whoever looks into an incident.

use std::time::Duration;

use common::testing;
use serde_json::{Value, json};

use crate::process::Running;

#[tokio::test]
async fn the_security_log_tells_what_happened_to_which_account_and_nothing_personal() {
    let auth = Running::start(&testing::new_database().await, &[("CREDENTIALS_PER_MINUTE", "4")]).await;
    let browser = &auth.api;
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

    let said = auth.stop_within(Duration::from_secs(10)).await;
    let lines: Vec<&Value> = said.iter().filter(|line| line["target"] == "security").collect();
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
    assert_eq!(told, expected, "{said:?}");
    let origins: Vec<&str> = lines.iter().filter_map(|line| line["fields"]["origin"].as_str()).collect();
    assert!(origins.iter().all(|origin| origin.len() == 16 && *origin == origins[0]), "{origins:?}");
    let security: String = lines.iter().map(ToString::to_string).collect();
    for personal in ["ann@example.com", "correct horse", "127.0.0.1"] {
        assert!(!security.contains(personal), "{security}");
    }
}
