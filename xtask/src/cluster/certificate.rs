//! A certificate for ticketing.dev on a developer's cluster. `.dev` is preloaded for HSTS: browsers speak https or nothing.

use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Map, Value};

use super::kubectl;
use super::secrets::secret;

const HOST: &str = "ticketing.dev";
const SECRET: &str = "ticketing-tls";

/// Creates the certificate's Secret if it is missing.
pub fn create_missing() -> Result<()> {
    if kubectl::get("secret", SECRET)?.is_some() {
        println!("secret {SECRET}: there already, kept");
        return Ok(());
    }
    let (certificate, key, how) = match mkcert()? {
        Some((certificate, key)) => {
            (certificate, key, "by mkcert, trusted by this machine's browsers after `mkcert -install`")
        }
        None => {
            let CertifiedKey { cert, signing_key } =
                generate_simple_self_signed([HOST.to_owned()]).context("no certificate could be made")?;
            let how = "self-signed: browsers warn (Chrome goes on after typing thisisunsafe); with mkcert on the PATH they would not";
            (cert.pem(), signing_key.serialize_pem(), how)
        }
    };
    let values: Map<String, Value> =
        [("tls.crt".to_owned(), certificate.into()), ("tls.key".to_owned(), key.into())].into_iter().collect();
    kubectl::create(&secret(SECRET, "kubernetes.io/tls", values))?;
    println!("secret {SECRET}: created, {how}");
    Ok(())
}

/// A certificate of the developer's own authority, if mkcert is there to sign it.
fn mkcert() -> Result<Option<(String, String)>> {
    let folder = tempfile::tempdir()?;
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let path = env::var_os("PATH").unwrap_or_default();
    let Some(program) = env::split_paths(&path).map(|folder| folder.join("mkcert")).find(|file| file.is_file()) else {
        return Ok(None);
    };
    let output = Command::new(program)
        .arg("-cert-file")
        .arg(&certificate)
        .arg("-key-file")
        .arg(&key)
        .arg(HOST)
        .output()
        .context("mkcert cannot be run")?;
    if !output.status.success() {
        bail!("mkcert: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let read = |file| fs::read_to_string(file).context("mkcert made no certificate");
    let pair = (read(certificate)?, read(key)?);
    ensure!(pair.0.contains("BEGIN CERTIFICATE"), "mkcert made something else than a certificate");
    Ok(Some(pair))
}
