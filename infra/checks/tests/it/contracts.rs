//! What others build against, in `contracts`: made from the code, and never less than in an earlier version.

mod asyncapi;
mod breaking;
mod openapi;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::overlay::root;

fn contracts() -> PathBuf {
    root().join("contracts")
}

fn read(path: PathBuf) -> Value {
    serde_json::from_slice(&fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

/// Fails unless this file says what the code says. With `UPDATE_CONTRACTS` it is written instead.
#[track_caller]
fn assert_committed(name: &str, document: &Value) {
    let (path, text) = (contracts().join(name), format!("{document:#}\n"));
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        return fs::write(path, text).unwrap();
    }
    let is_current = fs::read_to_string(path).is_ok_and(|committed| committed == text);
    assert!(
        is_current,
        "contracts/{name} is not what the code says. UPDATE_CONTRACTS=1 cargo test -p checks contracts writes it"
    );
}

/// Fails when a `$ref` leads nowhere.
#[track_caller]
fn assert_complete(document: &Value) {
    let leads = |reference: &str| document.pointer(reference.trim_start_matches('#')).is_some();
    let broken: Vec<&str> = references(document).into_iter().filter(|reference| !leads(reference)).collect();
    assert_eq!(broken, Vec::<&str>::new());
}

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(values) => values.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
