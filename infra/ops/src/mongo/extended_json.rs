//! BSON as canonical extended JSON, in the documents' own order: an index on `{a, b}` is another than one on `{b, a}`.
//!
//! Reading needs nothing of ours: `serde_json` makes a BSON document of it.

use mongodb::bson::{Bson, Document};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// Serialises a value so that the standard tools, which read only the canonical form, understand it.
pub struct Canonical<'a>(pub &'a Bson);

impl Serialize for Canonical<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Bson::Int32(number) => single(serializer, "$numberInt", &number.to_string()),
            Bson::Int64(number) => single(serializer, "$numberLong", &number.to_string()),
            Bson::Double(number) => single(serializer, "$numberDouble", &double(*number)),
            Bson::DateTime(time) => {
                let milliseconds = Bson::Int64(time.timestamp_millis());
                single(serializer, "$date", &Canonical(&milliseconds))
            }
            Bson::Array(values) => {
                let mut sequence = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    sequence.serialize_element(&Canonical(value))?;
                }
                sequence.end()
            }
            Bson::Document(document) => fields(serializer, document),
            // Here the driver's own form is the canonical one.
            other => other.serialize(serializer),
        }
    }
}

fn fields<S: Serializer>(serializer: S, document: &Document) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(document.len()))?;
    for (name, value) in document {
        map.serialize_entry(name, &Canonical(value))?;
    }
    map.end()
}

fn single<S: Serializer>(serializer: S, name: &str, value: &impl Serialize) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, value)?;
    map.end()
}

fn double(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    format!("{number:?}")
}
