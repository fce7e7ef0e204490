//! The settings of the client, each a variable of the environment.

use std::fmt;
use std::str::FromStr;

use clap::Parser;
use common::config::ProcessConfig;
use common::service::Configuration;

/// Renders the platform's pages from its public APIs.
#[derive(Clone, Debug, Parser)]
#[command(name = crate::NAME, version)]
pub struct Config {
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group says it")]
    pub process: ProcessConfig,
    /// The auth service.
    #[arg(long, env = "AUTH_URL", default_value = "http://auth-srv:3000")]
    pub auth_url: ServiceUrl,
    /// The tickets service.
    #[arg(long, env = "TICKETS_URL", default_value = "http://tickets-srv:3000")]
    pub tickets_url: ServiceUrl,
    /// The orders service.
    #[arg(long, env = "ORDERS_URL", default_value = "http://orders-srv:3000")]
    pub orders_url: ServiceUrl,
    /// The payments service.
    #[arg(long, env = "PAYMENTS_URL", default_value = "http://payments-srv:3000")]
    pub payments_url: ServiceUrl,
    /// Stripe's public key, given exactly when the payments service has the secret one. Without it buyers choose one of the
    /// sandbox's test cards.
    #[arg(long, env = "STRIPE_PUBLISHABLE_KEY")]
    pub stripe_publishable_key: Option<String>,
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}

/// Where a service answers: `http://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUrl(String);

impl FromStr for ServiceUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected http://host:port (services speak plain http inside the cluster)";
        let url = reqwest::Url::parse(text).map_err(|_| EXPECTED)?;
        let is_bare =
            url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if url.scheme() != "http" || !url.has_host() || !is_bare {
            return Err(EXPECTED);
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ServiceUrl;

    #[test]
    fn a_services_address_is_plain_http_without_a_path() {
        for (text, read) in
            [("http://auth-srv:3000", "http://auth-srv:3000"), ("http://127.0.0.1:80/", "http://127.0.0.1")]
        {
            assert_eq!(text.parse::<ServiceUrl>().map(|url| url.to_string()), Ok(read.to_owned()));
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
            assert!(text.parse::<ServiceUrl>().is_err(), "{text:?}");
        }
    }
}
