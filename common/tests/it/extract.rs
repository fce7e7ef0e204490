use axum::Json;
use common::extract::{Fields, MAX_BODY_BYTES, PathId, Valid, ValidJson, filled};
use common::id::Id;
use common::page::{Listed, Page};
use common::respond::Created;
use common::routes::Routes;
use common::service::Service;
use common::testing::{Answer, App};
use reqwest::Method;
use serde_json::{Value, json};

struct Thing {
    name: String,
    size: i64,
}

impl Valid for Thing {
    fn read(body: &mut Fields) -> Option<Self> {
        let name = body.take("name", |value| filled(value, "Name is required").map(str::to_owned));
        let size = body.take("size", |value| value.as_i64().ok_or("Size is a number"));
        Some(Self { name: name?, size: size? })
    }
}

async fn new(ValidJson(thing): ValidJson<Thing>) -> Created<Value> {
    Created(json!({"name": thing.name, "size": thing.size}))
}

async fn show(PathId(id): PathId) -> Json<Id> {
    Json(id)
}

/// A list that has three entries.
async fn index(page: Page) -> Listed<Id> {
    let entries: Vec<Id> = (0..3).map(|_| LAST).take(page.limit).collect();
    Listed { path: "/things", page, ids: entries.clone(), entries }
}

const LAST: Id = Id::from_bytes([7; 12]);

async fn panics() -> &'static str {
    panic!("a bug that nobody outside may read about")
}

async fn start() -> App {
    let routes = Routes::new()
        .post("/things", new)
        .get("/things", index)
        .get("/things/{id}", show)
        .get("/panics", panics)
        .into_router(());
    App::start(Service::new().routes(routes)).await
}

async fn post(app: &App, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let mut request = app.request(Method::POST, "/things").body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    App::send(request).await
}

const JSON: Option<&str> = Some("application/json");

#[tokio::test]
async fn a_body_that_is_declared_as_json_is_read() {
    let app = start().await;
    for declared in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.things+json"] {
        let answer = post(&app, Some(declared), r#" {"name": " one ", "size": 1, "colour": "red"} "#).await;
        assert_eq!(answer.expect(201).body, json!({"name": "one", "size": 1}), "{declared}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_json_is_415() {
    let app = start().await;
    for declared in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("json"), Some("")] {
        let answer = post(&app, declared, r#"{"name": "one", "size": 1}"#).await;
        answer.expect_errors(415, &[("Body must be JSON (application/json)", None)]);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_400_and_says_where() {
    let app = start().await;
    let bodies: [&[u8]; 5] = [b"", b"{", b"{\"name\": }", b"\xff", &[b'['; 1000]];
    for body in bodies {
        let answer = post(&app, JSON, body.to_vec()).await.expect(400);
        let message = answer.body["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("Body is not valid JSON: "), "{message}");
        assert!(message.contains("line 1"), "{message}");
    }
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_body_is_said_at_once() {
    let app = start().await;
    let both = [("Name is required", Some("name")), ("Size is a number", Some("size"))];
    for body in ["{}", "[]", "null", r#""text""#, r#"{"name": null, "size": "1"}"#, r#"{"name": "  ", "size": []}"#] {
        post(&app, JSON, body).await.expect_errors(400, &both);
    }
    post(&app, JSON, r#"{"name": "one"}"#).await.expect_errors(400, &both[1..]);
}

#[tokio::test]
async fn a_body_of_64_kib_is_read_and_a_larger_one_is_413() {
    let app = start().await;
    let body = |bytes: usize| {
        let frame = r#"{"name": "", "size": 1}"#;
        frame.replacen("\"\"", &format!("\"{}\"", "x".repeat(bytes - frame.len())), 1)
    };
    assert_eq!(body(MAX_BODY_BYTES).len(), MAX_BODY_BYTES);
    post(&app, JSON, body(MAX_BODY_BYTES)).await.expect(201);
    let too_large = post(&app, JSON, body(MAX_BODY_BYTES + 1)).await;
    too_large.expect_errors(413, &[("Body is larger than 64 KiB", None)]);
}

#[tokio::test]
async fn an_id_in_a_path_is_24_hex_digits_or_not_found() {
    let app = start().await;
    let answer = app.get(None, "/things/65A1B2C3D4E5F60718293A4B").await.expect(200);
    assert_eq!(answer.body, "65a1b2c3d4e5f60718293a4b");
    for id in ["1", "65a1b2c3d4e5f60718293a4", "65a1b2c3d4e5f60718293a4bc", "%FF%FE", "%2e%2e", "zz"] {
        app.get(None, &format!("/things/{id}")).await.expect_errors(404, &[("Not found", None)]);
    }
}

#[tokio::test]
async fn a_page_has_1_to_200_entries_after_an_id() {
    let app = start().await;
    let limit = [("Limit must be between 1 and 200", Some("limit"))];
    for query in ["limit=0", "limit=201", "limit=-1", "limit=1.5", "limit=", "limit=all", "limit=99999999999999999999"]
    {
        app.get(None, &format!("/things?{query}")).await.expect_errors(400, &limit);
    }
    for query in ["after=", "after=1", "after=zz"] {
        let after = [("After must be an id", Some("after"))];
        app.get(None, &format!("/things?{query}")).await.expect_errors(400, &after);
    }
    app.get(None, "/things?limit=1&limit=2").await.expect_errors(400, &[("Query is malformed", None)]);
    for query in ["", "?limit=1", "?limit=200", "?colour=red", "?after=65a1b2c3d4e5f60718293a4b&limit=2"] {
        app.get(None, &format!("/things{query}")).await.expect(200);
    }
}

#[tokio::test]
async fn a_full_page_says_where_the_next_is_and_the_last_does_not() {
    let app = start().await;
    let full = app.get(None, "/things?limit=2").await.expect(200);
    assert_eq!(full.header("link"), format!("</things?limit=2&after={LAST}>; rel=\"next\""));
    assert_eq!(full.body.as_array().unwrap().len(), 2);
    assert_eq!(app.get(None, "/things?limit=4").await.expect(200).header("link"), "");
}

#[tokio::test]
async fn a_handler_that_panics_is_500_without_its_words() {
    let app = start().await;
    app.get(None, "/panics").await.expect_errors(500, &[("Something went wrong", None)]);
    app.get(None, "/things").await.expect(200);
}
