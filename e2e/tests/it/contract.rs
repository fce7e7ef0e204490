//! The running fleet against `contracts/openapi.json`: schemathesis makes requests out of that file, valid ones and others, and holds every
//! answer against it.

#[allow(dead_code, reason = "one list of tools for every test")]
#[path = "../../../infra/checks/tests/it/tools.rs"]
mod tools;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use common::id::Id;
use e2e::person::Person;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::platform::Platform;
use tools::SCHEMATHESIS;

/// What an answer must keep.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

/// Nobody is to be limited: an answer 429 would hide the others.
const UNLIMITED: [(&str, &str); 4] = [
    ("CREDENTIALS_PER_MINUTE", "1000000"),
    ("OPEN_ORDERS_PER_BUYER", "1000"),
    ("UNPAID_ORDERS_PER_TICKET", "1000"),
    ("LIVE_TICKETS_PER_SELLER", "0"),
];

/// Server-sent events never end: the tests of the services read them. Signing out would end the session of all that follows.
const LEFT_OUT: &str = "/live$|/signout$";

/// The settings of schemathesis: what it is to ask for, so that there are other answers than 404. What is deleted is another one each time.
fn settings(ticket: Id, order: Id) -> String {
    let known = [("tickets", "id", ticket), ("orders", "id", order), ("payments", "order_id", order)];
    let operations = known.map(|(service, parameter, id)| {
        format!(
            "[[operations]]\ninclude-path-regex = '^/api/{service}/\\{{{parameter}\\}}'\nexclude-method = 'DELETE'\n\
             parameters = {{ {parameter} = '{id}' }}\n"
        )
    });
    operations.concat()
}

fn contract() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/openapi.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Whether the platform keeps this contract, and what schemathesis says of it.
async fn check(program: &Path, platform: &Platform, contract: &Value, settings: &str, more: &[&str]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("schemathesis.toml"), settings).unwrap();
    fs::write(folder.path().join("openapi.json"), contract.to_string()).unwrap();
    let mut command = Command::new(program);
    command.args(["run", "openapi.json", "--url", &platform.fleet.url(), "--checks", CHECKS]).args(more);
    // The same requests each time.
    command.args(["--phases", "coverage,fuzzing", "--max-examples", "40", "--generation-deterministic"]);
    command.args(["--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--no-color"]);
    // One worker: Python's `ast`, which it describes its own functions with, fails now and then in two threads at the same time.
    command.args(["--output-sanitize", "false", "--workers", "1"]);
    // pip has put the packages there.
    command.envs(program.ancestors().nth(2).map(|packages| ("PYTHONPATH", packages)));
    // Not blocking: the edge runs in this process.
    let output = command.current_dir(folder.path()).stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let report = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(report).unwrap())
}

#[tokio::test]
async fn every_answer_is_as_the_contract_says_with_a_session_and_without() {
    let Some(schemathesis) = SCHEMATHESIS.find_or_skip("the answers of the fleet against its contract") else { return };
    let platform = Platform::start(&UNLIMITED).await;
    let site = platform.site();
    let (seller, buyer) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
    let ticket = buyer.offer("Concert", 20.5).await.expect(201).id();
    let order = buyer.order(seller.offer("Concert", 20.5).await.expect(201).id()).await.expect(201).id();
    let cookie = format!("Cookie: {}", buyer.http.cookie());
    for more in [&["--exclude-path-regex", "/live$"][..], &["--exclude-path-regex", LEFT_OUT, "--header", &cookie]] {
        let settings = settings(ticket, order);
        let (is_kept, report) = check(&schemathesis, &platform, &contract(), &settings, more).await;
        println!("{report}");
        assert!(is_kept);
    }
    platform.stop().await;
}

#[tokio::test]
async fn what_the_contract_does_not_say_is_found() {
    let Some(schemathesis) = SCHEMATHESIS.find_or_skip("that wrong answers of the fleet are found") else { return };
    let platform = Platform::start(&UNLIMITED).await;
    let ticket = Person::sign_up(&platform.site()).await.offer("Concert", 20.5).await.expect(201).id();
    let show = ["--include-operation-id", "tickets_show"];
    let found = async |contract: &Value, settings: &str| {
        let (is_kept, report) = check(&schemathesis, &platform, contract, settings, &show).await;
        assert!(!is_kept, "{report}");
        report
    };
    let mut without_a_status = contract();
    let responses = without_a_status.pointer_mut("/paths/~1api~1tickets~1{id}/get/responses").unwrap();
    responses.as_object_mut().unwrap().remove("404");
    let report = found(&without_a_status, "").await;
    assert!(report.contains("Undocumented status code"), "{report}");

    let mut of_another_shape = contract();
    of_another_shape["components"]["schemas"]["Id"]["pattern"] = json!("^[A-Z]+$");
    let report = found(&of_another_shape, &settings(ticket, ticket)).await;
    assert!(report.contains("Response violates schema"), "{report}");
    platform.stop().await;
}

/// The properties that a body must have; of several forms, those of the first.
fn required(contract: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => contract.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let parts = schema["allOf"].as_array().into_iter().flatten().chain(schema["oneOf"].get(0));
    let own = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned());
    own.chain(parts.flat_map(|part| required(contract, part))).collect()
}

/// Every operation with its method and its path, in which this id stands.
fn operations(contract: &Value, id: Id) -> impl Iterator<Item = (Method, String, &Value)> {
    let paths = contract["paths"].as_object().unwrap().iter();
    paths.flat_map(move |(path, operations)| {
        let path = path.replace("{id}", &id.to_string()).replace("{order_id}", &id.to_string());
        operations.as_object().unwrap().iter().map(move |(method, operation)| {
            (Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(), path.clone(), operation)
        })
    })
}

/// The types of the bodies are described by their fields, and read by hand.
#[tokio::test]
async fn a_body_of_nothing_lacks_what_the_contract_requires() {
    let (contract, platform) = (contract(), Platform::start(&UNLIMITED).await);
    let person = Person::sign_up(&platform.site()).await;
    let ticket = person.offer("Concert", 20.5).await.expect(201).id();
    let mut bodies = 0;
    for (method, path, operation) in operations(&contract, ticket) {
        let expected = required(&contract, &operation["requestBody"]["content"]["application/json"]["schema"]);
        if expected.is_empty() {
            continue;
        }
        let answer = person.http.send(person.http.request(method, &path).json(&json!({}))).await;
        // What is for operators is not there for others.
        if answer.status != 404 {
            let errors = answer.body["errors"].as_array().unwrap().iter();
            let named: BTreeSet<_> = errors.map(|error| error["field"].as_str().unwrap().to_owned()).collect();
            assert_eq!((answer.status, named), (400, expected), "{path}");
            bodies += 1;
        }
    }
    assert!(bodies > 10, "{bodies}");
    platform.stop().await;
}

#[tokio::test]
async fn without_a_session_all_that_needs_one_is_refused_and_nothing_else() {
    let (contract, platform) = (contract(), Platform::start(&UNLIMITED).await);
    let nobody = platform.site();
    for (method, path, operation) in operations(&contract, Id::generate()) {
        if operation["operationId"] == "tickets_live" {
            // It never ends.
            continue;
        }
        let status = nobody.send(nobody.request(method.clone(), &path).json(&json!({}))).await.status;
        match operation["security"] == json!([{"session": []}]) {
            // Some of it is not there for those who may not use it.
            true => assert!([401, 404].contains(&status), "{method} {path}: {status}"),
            false => assert_ne!(status, 401, "{method} {path}"),
        }
    }
    platform.stop().await;
}
