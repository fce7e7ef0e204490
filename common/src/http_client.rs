//! The client for HTTP calls that a service makes.

use reqwest::ClientBuilder;

/// A builder whose TLS is rustls with ring, the crypto provider that the drivers of MongoDB and NATS already use.
///
/// It follows no redirects and asks no proxy: a service calls exactly the address it is given.
pub fn builder() -> ClientBuilder {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy()
}
