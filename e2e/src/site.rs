//! The platform as its users meet it.

use std::time::Duration;

use reqwest::Client;

/// Longer than the platform takes for any answer, a 503 included.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The URL of the edge or the ingress, and the connections to it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Site {
    url: String,
    http: Client,
}

impl Site {
    /// The platform at this URL, `https://ticketing.dev` for instance. No proxy is asked.
    pub fn at(url: &str) -> Self {
        Self::build(url, false)
    }

    /// The same, behind a certificate that nobody has signed.
    pub fn with_any_certificate(url: &str) -> Self {
        Self::build(url, true)
    }

    fn build(url: &str, any_certificate: bool) -> Self {
        let client = common::http_client::builder().timeout(ANSWER_LIMIT);
        let client = client.tls_danger_accept_invalid_certs(any_certificate);
        Self { url: url.trim_end_matches('/').to_owned(), http: client.build().unwrap() }
    }

    /// The client that asks it. It follows no redirects and keeps no cookies.
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}
