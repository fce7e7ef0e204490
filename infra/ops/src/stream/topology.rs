//! The file of streams and consumers, and what it means that a configuration is as the file wants it.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::settings::Usage;

/// A configuration in JetStream's own field names; durations are nanoseconds.
pub type Config = Map<String, Value>;

/// Streams and consumers that are wanted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// The streams.
    #[serde(default)]
    pub streams: Vec<Config>,
    /// The durable consumers.
    #[serde(default)]
    pub consumers: Vec<Consumer>,
}

/// A durable consumer that is wanted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    /// The stream's name.
    pub stream: String,
    /// The consumer's configuration, its `durable_name` included.
    pub config: Config,
}

impl Topology {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read or understood, or something in it has no name.
    pub fn read(path: &Path) -> Result<Self, Usage> {
        let wrong = |problem: String| Usage(format!("--topology {}: {problem}", path.display()));
        let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let topology: Self = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        if topology.streams.iter().any(|stream| !is_name(name_of(stream, "name"))) {
            return Err(wrong("a stream has no `name`, or one that cannot be".to_owned()));
        }
        let consumers = topology.consumers.iter();
        if consumers.clone().any(|it| !is_name(it.durable()) || !is_name(&it.stream)) {
            return Err(wrong("a consumer has no `durable_name`, or one that cannot be".to_owned()));
        }
        Ok(topology)
    }
}

impl Consumer {
    /// Its name.
    pub fn durable(&self) -> &str {
        name_of(&self.config, "durable_name")
    }
}

/// A name in a configuration, empty when it is missing.
pub fn name_of<'a>(config: &'a Config, field: &str) -> &'a str {
    config.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A name becomes part of a subject, so it must not have a dot, a wildcard or white space.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| matches!(c, '.' | '*' | '>' | '/' | '\\') || c.is_whitespace())
}

/// The fields in which the actual configuration is not as the wanted one says. What it does not say may be anything.
pub fn differences(wanted: &Config, actual: &Value) -> Vec<String> {
    let is_different = |(field, value): &(&String, &Value)| !is_as_wanted(value, &actual[field.as_str()]);
    wanted.iter().filter(is_different).map(|(field, _)| field.clone()).collect()
}

fn is_as_wanted(wanted: &Value, actual: &Value) -> bool {
    match (wanted, actual) {
        // The broker adds entries of its own to `metadata`.
        (Value::Object(wanted), Value::Object(_)) => differences(wanted, actual).is_empty(),
        _ => wanted == actual || (is_unset(wanted) && is_unset(actual)),
    }
}

/// The broker leaves out what is off, and writes -1 for a limit of 0, which is none.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(on) => !on,
        Value::Number(number) => matches!(number.as_i64(), Some(0 | -1)),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// The actual configuration with what is wanted in place of what is there. What the wanted one does not say stays.
pub fn merged(wanted: &Config, actual: &Value) -> Value {
    let mut config = actual.as_object().cloned().unwrap_or_default();
    // A consumer may have one or the other.
    for (field, other) in [("filter_subject", "filter_subjects"), ("filter_subjects", "filter_subject")] {
        if wanted.contains_key(field) {
            config.remove(other);
        }
    }
    for (field, value) in wanted {
        let value = match (value, config.get(field)) {
            (Value::Object(fields), Some(actual @ Value::Object(_))) => merged(fields, actual),
            _ => value.clone(),
        };
        config.insert(field.clone(), value);
    }
    Value::Object(config)
}
