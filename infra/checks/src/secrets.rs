//! Which Secrets there are, as `infra/k8s/secrets.json` says.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::repository::read;

/// Names of Secrets and their keys.
pub type Keys = BTreeMap<String, Vec<String>>;

/// The Secrets of the platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Made at random by `cargo xtask cluster prepare`.
    pub generated: Keys,
    /// Made by hand, or not at all.
    pub optional: Keys,
    /// The certificate, made by `cargo xtask cluster prepare` or by cert-manager.
    pub certificate: Keys,
}

/// What the file says.
///
/// # Panics
/// When it cannot be read.
pub fn secrets() -> Secrets {
    serde_json::from_str(&read("infra/k8s/secrets.json")).expect("infra/k8s/secrets.json lists the Secrets")
}

/// Something that the Secret may hold: like the generated ones, letters and digits that begin with a letter.
pub fn sample(secret: &str, key: &str) -> String {
    format!("k{secret}{key}").chars().filter(char::is_ascii_alphanumeric).collect()
}
