use std::collections::BTreeSet;

use common::contract::merged;
use serde_json::Value;

use super::{assert_committed, assert_complete};

/// The API of all services, as their handlers describe it.
pub fn document() -> Value {
    let documents =
        [auth::routes::openapi(), tickets::routes::openapi(), orders::routes::openapi(), payments::routes::openapi()];
    merged(documents).unwrap()
}

/// Path, method and operation.
fn operations(document: &Value) -> impl Iterator<Item = (&String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, operation)| (path, method.to_uppercase(), operation))
    })
}

#[test]
fn the_openapi_file_says_what_the_handlers_say() {
    let document = document();
    assert_complete(&document);
    assert_committed("openapi.json", &document);
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let tables = [
        auth::routes::routes().table().to_vec(),
        tickets::routes::routes().table().to_vec(),
        orders::routes::routes().table().to_vec(),
        payments::routes::routes().table().to_vec(),
    ];
    let routes: BTreeSet<_> = tables.iter().flatten().map(|(method, path)| format!("{method} {path}")).collect();
    let document = document();
    let described: BTreeSet<_> = operations(&document).map(|(path, method, _)| format!("{method} {path}")).collect();
    assert_eq!(described, routes);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    let document = document();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
        let documentation = operation["description"].as_str().unwrap();
        assert!(!documentation.is_empty() && !documentation.contains(path), "{method} {path}: {documentation}");
    }
}

#[test]
fn every_failure_has_the_same_body() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        for (status, response) in
            operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.as_str() >= "400")
        {
            let response = response["$ref"]
                .as_str()
                .map_or(response, |reference| document.pointer(reference.trim_start_matches('#')).unwrap());
            let body = &response["content"]["application/json"]["schema"]["$ref"];
            assert_eq!(body, "#/components/schemas/ErrorBody", "{method} {path}: {status}");
        }
    }
}
