//! Every earlier version of the contracts, in `contracts/earlier`, against what the code says now. Whoever makes a new version puts a copy
//! of `contracts/*.json` there.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::{asyncapi, contracts, openapi, read};
use crate::tools::OASDIFF;

/// What the tool would take for harmless. Who reads an answer may rely on it.
const SEVERITIES: &str = "response-optional-property-removed err
response-non-success-status-removed err
response-property-enum-value-removed err
";

/// What breaks whoever was built for the earlier document, but for these deviations; nothing when the tool cannot be had.
fn breaks(earlier: &Value, later: &Value, deviations: &str) -> Option<Vec<String>> {
    let oasdiff = OASDIFF.find_or_skip("the contracts against earlier versions")?;
    let file = |text: &str| {
        let mut file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    };
    let (earlier, later) = (file(&earlier.to_string()), file(&later.to_string()));
    let (severities, deviations) = (file(SEVERITIES), file(deviations));
    let mut command = Command::new(oasdiff);
    command.args(["breaking", "--format", "json", "--flatten-allof", "--severity-levels"]).arg(severities.path());
    command.arg("--err-ignore").arg(deviations.path());
    command.args([earlier.path(), later.path()]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
    Some(found.iter().map(|it| format!("{} {} {}", it["operation"], it["path"], it["text"]).replace('"', "")).collect())
}

/// Events for a tool that compares APIs: every payload is sent and received, so that what breaks either side is found.
fn as_openapi(events: &Value) -> Value {
    let channels = events["channels"].as_object().unwrap().iter();
    let paths = channels.map(|(subject, channel)| {
        let message = channel["messages"].as_object().unwrap().keys().next().unwrap();
        let payload = json!({"application/json": {"schema": events["components"]["messages"][message]["payload"]}});
        let operation = json!({
            "requestBody": {"content": payload, "required": true},
            "responses": {"200": {"description": "handled", "content": payload}},
        });
        (format!("/{subject}"), json!({"post": operation}))
    });
    json!({
        "openapi": "3.1.0",
        "info": events["info"],
        "paths": paths.collect::<Map<_, _>>(),
        "components": {"schemas": events["components"]["schemas"]},
    })
}

/// The earlier versions that have this file.
fn earlier(name: &str) -> Vec<(PathBuf, Value)> {
    let folders = fs::read_dir(contracts().join("earlier")).unwrap().map(|folder| folder.unwrap().path().join(name));
    let versions: Vec<_> = folders.filter(|path| path.exists()).map(|path| (path.clone(), read(path))).collect();
    assert!(!versions.is_empty());
    versions
}

#[test]
fn nothing_of_an_earlier_api_is_broken() {
    let document = openapi::document();
    for (path, earlier) in earlier("openapi.json") {
        let deviations = fs::read_to_string(path.with_file_name("deviations.txt")).unwrap_or_default();
        let found = breaks(&earlier, &document, &deviations).unwrap_or_default();
        assert_eq!(found, Vec::<String>::new(), "since {}", path.display());
    }
}

#[test]
fn no_event_of_an_earlier_version_is_broken() {
    let document = asyncapi::document();
    for (path, earlier) in earlier("asyncapi.json") {
        let found = breaks(&as_openapi(&earlier), &as_openapi(&document), "").unwrap_or_default();
        assert_eq!(found, Vec::<String>::new(), "since {}", path.display());
        // Who no longer sends what others wait for breaks them; who no longer waits does not.
        let operations = earlier["operations"].as_object().unwrap().iter();
        let gone = operations.filter(|(name, it)| it["action"] == "send" && document["operations"][name].is_null());
        assert_eq!(gone.map(|(name, _)| name).collect::<Vec<_>>(), Vec::<&str>::new(), "since {}", path.display());
    }
}

/// Takes what is at this place in a document.
fn remove(document: &mut Value, parent: &str, key: &str) -> Value {
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("there is no {parent}"));
    match parent {
        Value::Array(values) => {
            let at = values.iter().position(|value| value == key).unwrap_or_else(|| panic!("no {key} in {values:?}"));
            values.remove(at)
        }
        other => other.as_object_mut().unwrap().shift_remove(key).unwrap_or_else(|| panic!("there is no {key}")),
    }
}

#[track_caller]
fn assert_found(what: &str, document: &Value, change: impl FnOnce(&mut Value)) {
    let mut changed = document.clone();
    change(&mut changed);
    assert_ne!(&changed, document, "{what}");
    if let Some(found) = breaks(document, &changed, "") {
        assert!(!found.is_empty(), "{what} is not found");
        println!("{what}: {found:?}");
    }
}

#[test]
fn each_kind_of_break_of_the_api_is_found() {
    let document = openapi::document();
    let schemas = "/components/schemas";
    assert_found("an operation removed", &document, |it| drop(remove(it, "/paths/~1api~1orders~1{id}", "delete")));
    assert_found("a path renamed", &document, |it| {
        let path = remove(it, "/paths", "/api/orders");
        it["paths"]["/api/reservations"] = path;
    });
    assert_found("a status removed", &document, |it| drop(remove(it, "/paths/~1api~1orders/post/responses", "201")));
    assert_found("a refusal removed", &document, |it| drop(remove(it, "/paths/~1api~1orders/post/responses", "404")));
    assert_found("a property of an answer removed", &document, |it| {
        remove(it, &format!("{schemas}/OrderBody/properties"), "expiresAt");
        remove(it, &format!("{schemas}/OrderBody/required"), "expiresAt");
    });
    assert_found("an optional property of an answer renamed", &document, |it| {
        let property = remove(it, &format!("{schemas}/OrderBody/properties"), "refunded");
        it["components"]["schemas"]["OrderBody"]["properties"]["givenBack"] = property;
    });
    assert_found("the type of an answer's property changed", &document, |it| {
        it["components"]["schemas"]["OrderBody"]["properties"]["version"] = json!({"type": "string"});
    });
    assert_found("a new value in an answer", &document, |it| {
        it["components"]["schemas"]["OrderStatus"]["enum"].as_array_mut().unwrap().push(json!("paid"));
    });
    assert_found("a value of an answer removed", &document, |it| {
        drop(remove(it, &format!("{schemas}/CancelCause/enum"), "time"));
    });
    assert_found("a property of a request newly required", &document, |it| {
        it["components"]["schemas"]["NewOrder"]["required"].as_array_mut().unwrap().push(json!("version"));
    });
    assert_found("a property of a request narrowed", &document, |it| {
        it["components"]["schemas"]["NewPayment"]["properties"]["token"]["maxLength"] = json!(50);
    });
    assert_found("a parameter newly required", &document, |it| {
        it["paths"]["/api/orders"]["get"]["parameters"][0]["required"] = json!(true);
    });
    assert_found("a value of a parameter removed", &document, |it| {
        let parameters = it["paths"]["/api/orders"]["get"]["parameters"].as_array_mut().unwrap();
        let sort = parameters.iter_mut().find(|parameter| parameter["name"] == "sort").unwrap();
        remove(sort, "/schema/enum", "newest");
    });
}

#[test]
fn each_kind_of_break_of_an_event_is_found() {
    let document = as_openapi(&asyncapi::document());
    let order = "/components/schemas/OrderCompleted";
    assert_found("an event removed", &document, |it| drop(remove(it, "/paths", "/order.completed")));
    assert_found("a field removed", &document, |it| {
        remove(it, &format!("{order}/properties"), "userId");
        remove(it, &format!("{order}/required"), "userId");
    });
    assert_found("an optional field removed", &document, |it| {
        drop(remove(it, &format!("{order}/properties"), "title"))
    });
    assert_found("a field that earlier messages lack required", &document, |it| {
        it["components"]["schemas"]["OrderCompleted"]["required"].as_array_mut().unwrap().push(json!("title"));
    });
    assert_found("a field that others rely on made optional", &document, |it| {
        drop(remove(it, &format!("{order}/required"), "userId"));
    });
    assert_found("another type", &document, |it| {
        it["components"]["schemas"]["OrderCompleted"]["properties"]["version"] = json!({"type": "string"});
    });
    assert_found("a value removed", &document, |it| {
        drop(remove(it, "/components/schemas/OrderStatus/enum", "complete"));
    });
}
