//! The settings of the client, each a variable of the environment.

use clap::Parser;
use common::config::{CallerConfig, OperatorConfig, ProcessConfig, public_url};
use common::service::Configuration;

/// Renders the platform's pages from its public APIs.
#[derive(Clone, Debug, Parser)]
#[command(name = crate::NAME, version)]
pub struct Config {
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group says it")]
    pub process: ProcessConfig,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group says it")]
    pub callers: CallerConfig,
    /// The auth service.
    #[arg(long, env = "AUTH_URL", value_parser = service_url, default_value = "http://auth-srv:3000")]
    pub auth_url: String,
    /// The tickets service.
    #[arg(long, env = "TICKETS_URL", value_parser = service_url, default_value = "http://tickets-srv:3000")]
    pub tickets_url: String,
    /// The orders service.
    #[arg(long, env = "ORDERS_URL", value_parser = service_url, default_value = "http://orders-srv:3000")]
    pub orders_url: String,
    /// The payments service.
    #[arg(long, env = "PAYMENTS_URL", value_parser = service_url, default_value = "http://payments-srv:3000")]
    pub payments_url: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group says it")]
    pub operators: OperatorConfig,
    /// Stripe's public key, given exactly when the payments service has the secret one. Without it buyers choose one of the
    /// sandbox's test cards.
    #[arg(long, env = "STRIPE_PUBLISHABLE_KEY")]
    pub stripe_publishable_key: Option<String>,
    /// Where the site is: `https://ticketing.dev`. Feeds, previews of links and the sitemap need whole addresses. Without it they are
    /// made from the `Host` and `X-Forwarded-Proto` of the request.
    #[arg(long, env = "PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// A file with the text of `/terms`, in lines as of Markdown: headings, paragraphs and lists. Without it the page says that this is
    /// a demonstration.
    #[arg(long = "terms-file", env = "TERMS_FILE", value_parser = text_file)]
    pub terms: Option<String>,
    /// A file with the text of `/privacy`, as that of `/terms`.
    #[arg(long = "privacy-file", env = "PRIVACY_FILE", value_parser = text_file)]
    pub privacy: Option<String>,
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}

/// Where a service answers: `http://host:port`, without a path.
fn service_url(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str = "expected http://host:port (services speak plain http inside the cluster)";
    let url = reqwest::Url::parse(text).map_err(|_| EXPECTED)?;
    let origin = url.origin().ascii_serialization();
    if url.scheme() == "http" && url.as_str() == format!("{origin}/") { Ok(origin) } else { Err(EXPECTED) }
}

/// The text of a file, none for an empty name.
fn text_file(path: &str) -> Result<String, String> {
    if path.is_empty() {
        return Ok(String::new());
    }
    std::fs::read_to_string(path).map_err(|error| format!("cannot read the file: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{service_url, text_file};

    #[test]
    fn a_file_that_is_not_there_is_a_setting_that_is_wrong() {
        assert!(text_file("/nowhere/terms.md").unwrap_err().starts_with("cannot read the file"));
        assert_eq!(text_file(""), Ok(String::new()));
    }

    #[test]
    fn a_services_address_is_plain_http_without_a_path() {
        for (text, read) in
            [("http://auth-srv:3000", "http://auth-srv:3000"), ("http://127.0.0.1:80/", "http://127.0.0.1")]
        {
            assert_eq!(service_url(text), Ok(read.to_owned()));
        }
        for text in [
            "",
            "auth-srv:3000",
            "https://auth-srv",
            "http://auth-srv/api",
            "http://",
            "http://a/?b",
            "ftp://a",
            "http://a@b",
        ] {
            assert!(service_url(text).is_err(), "{text:?}");
        }
    }
}
