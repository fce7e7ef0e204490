//! One object of an overlay, as kustomize renders it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// Labels of pods, or those that a selector wants.
pub type Labels = BTreeMap<String, String>;

/// A rendered object.
#[derive(Clone, Debug)]
pub struct Object {
    overlay: String,
    value: Value,
}

impl Object {
    /// The object, and the overlay that it is in.
    pub fn new(overlay: &str, value: Value) -> Self {
        Self { overlay: overlay.to_owned(), value }
    }

    /// The whole of it.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// `Deployment`, `Service`, …
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// What stands at a JSON pointer: null if nothing does.
    pub fn at(&self, pointer: &str) -> &Value {
        at(&self.value, pointer)
    }

    /// The text at a JSON pointer: empty if there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }

    /// The list at a JSON pointer: empty if there is none.
    pub fn list(&self, pointer: &str) -> &[Value] {
        list(&self.value, pointer)
    }
}

/// `prod: Deployment auth-depl`
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.overlay, self.kind(), self.name())
    }
}

/// What stands at a JSON pointer: null if nothing does.
pub fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// The list at a JSON pointer: empty if there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    at(value, pointer).as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A map of labels.
pub fn labels(value: &Value) -> Labels {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

/// Whether pods with these labels are selected by `matchLabels`. None are selected by nothing at all.
///
/// # Panics
/// When the selector uses `matchExpressions`, which nothing here does.
pub fn selects(selector: &Value, pod: &Labels) -> bool {
    assert!(selector["matchExpressions"].is_null(), "matchExpressions are not understood here");
    !selector.is_null() && labels(&selector["matchLabels"]).iter().all(|(name, value)| pod.get(name) == Some(value))
}
