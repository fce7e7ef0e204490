//! The Secrets: created once, with random values. No manifest contains one.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use e2e::cluster::kubectl;
use rand::distr::{Alphanumeric, SampleString};
use serde::Deserialize;
use serde_json::json;

/// Long enough that nobody guesses it.
const PASSWORD_LETTERS: usize = 40;

/// MongoDB accepts at most 1024 characters in a key file.
const KEYFILE_LETTERS: usize = 512;

/// The list of all Secrets; `infra/checks` compares the manifests with it.
const LIST: &str = include_str!("../../../infra/k8s/secrets.json");

/// The part of the list that is created here.
#[derive(Deserialize)]
struct List {
    /// Names and their keys.
    generated: BTreeMap<String, Vec<String>>,
}

/// Creates the Secrets that are missing, and touches none that is there.
pub async fn create_missing() -> Result<()> {
    let List { generated } = serde_json::from_str(LIST).context("infra/k8s/secrets.json cannot be read")?;
    for (name, keys) in &generated {
        let values = || Ok((keys.iter().map(|key| (key.clone(), random(key))).collect(), "created"));
        create_if_missing(name, "Opaque", values).await?;
    }
    if kubectl::get(&["secret", "stripe-secret"]).await?.is_null() {
        println!(
            "secret stripe-secret: none, so payments start with the sandbox only (overlay dev), where no money moves"
        );
    }
    Ok(())
}

/// Creates a Secret that is not there. `make` returns its values, and a sentence that says how they were made.
pub async fn create_if_missing(
    name: &str,
    kind: &str,
    make: impl FnOnce() -> Result<(BTreeMap<String, String>, &'static str)>,
) -> Result<()> {
    if !kubectl::get(&["secret", name]).await?.is_null() {
        println!("secret {name}: there already, kept");
        return Ok(());
    }
    let (values, how) = make()?;
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": kind,
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "ticketing"}},
        "stringData": values,
    });
    kubectl::feed(&["create", "--filename=-"], &secret.to_string()).await?;
    println!("secret {name}: {how}");
    Ok(())
}

/// Letters and digits need no escaping in a URL. The first is a letter, because nats-server takes a value that begins with a
/// digit for a number.
fn random(key: &str) -> String {
    let letters = if key == "KEYFILE" { KEYFILE_LETTERS } else { PASSWORD_LETTERS };
    format!("k{}", Alphanumeric.sample_string(&mut rand::rng(), letters - 1))
}

#[cfg(test)]
#[path = "../../tests/unit/secrets.rs"]
mod tests;
