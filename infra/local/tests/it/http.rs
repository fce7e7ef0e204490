//! The HTTP client for what runs on this machine.

use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;

/// A client that uses no proxy, even where the environment names one, and follows no redirects.
pub fn client() -> reqwest::Result<Client> {
    // reqwest is built without a TLS implementation of its own choice; an error means that somebody chose one before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(Duration::from_secs(30)).redirect(Policy::none()).build()
}
