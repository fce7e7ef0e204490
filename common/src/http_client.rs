//! The client for HTTP calls that a service makes.

use reqwest::ClientBuilder;

/// A builder that works in any build: TLS is rustls with ring, the one cryptography that MongoDB's and NATS's drivers bring.
///
/// It follows no redirects and asks no proxy: a service calls exactly the address it is given.
pub fn builder() -> ClientBuilder {
    // The second call finds the provider installed, which is what it wants.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy()
}
