//! A certificate for ticketing.dev on a developer's cluster. `.dev` is preloaded for HSTS: browsers use https only.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};

use super::secrets::create_if_missing;

const HOST: &str = "ticketing.dev";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const BY_MKCERT: &str = "created by mkcert, trusted by this machine's browsers after `mkcert -install`";

const SELF_SIGNED: &str = "created self-signed: browsers show a warning (in Chrome, type thisisunsafe to go on); \
    to avoid it, install mkcert, delete this Secret and run this command again";

/// Creates the certificate's Secret if it is missing.
pub async fn create_missing() -> Result<()> {
    create_if_missing("ticketing-tls", "kubernetes.io/tls", make).await
}

/// A certificate of the developer's own authority, if mkcert is there to sign it.
fn make() -> Result<(BTreeMap<String, String>, &'static str)> {
    let folder = tempfile::tempdir()?;
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let mkcert =
        Command::new("mkcert").arg("-cert-file").arg(&certificate).arg("-key-file").arg(&key).arg(HOST).output();
    let (certificate, key, how) = match mkcert {
        Ok(output) => {
            ensure!(output.status.success(), "mkcert: {}", String::from_utf8_lossy(&output.stderr).trim());
            (fs::read_to_string(certificate)?, fs::read_to_string(key)?, BY_MKCERT)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = KeyPair::generate()?;
            (params()?.self_signed(&key)?.pem(), key.serialize_pem(), SELF_SIGNED)
        }
        Err(error) => return Err(error).context("mkcert cannot be run"),
    };
    Ok(([("tls.crt".to_owned(), certificate), ("tls.key".to_owned(), key)].into(), how))
}

/// The host's certificate for a year, from yesterday on, because clocks differ.
fn params() -> Result<CertificateParams> {
    let mut params = CertificateParams::new([HOST.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, HOST);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = (SystemTime::now() - DAY).into();
    params.not_after = params.not_before + 365 * DAY;
    Ok(params)
}

#[cfg(test)]
#[path = "../../tests/unit/certificate.rs"]
mod tests;
