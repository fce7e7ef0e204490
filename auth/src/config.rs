//! Every setting of the service.

use std::num::NonZeroU32;

use clap::{ArgAction, Args, Parser};
use common::config::{ApiConfig, OptionalSecret, ProcessConfig, public_url, secret_or_none};
use common::service::Configuration;

/// Accounts and sessions of the ticketing platform.
#[derive(Clone, Debug, Parser)]
#[command(name = crate::NAME, version)]
#[allow(missing_docs, reason = "each group documents its own settings")]
pub struct Config {
    #[command(flatten)]
    pub process: ProcessConfig,
    #[command(flatten)]
    pub api: ApiConfig,
    /// How many attempts to sign up or in one IP address has within a minute, per replica.
    #[arg(long, env = "CREDENTIALS_PER_MINUTE", default_value = "100")]
    pub credentials_per_minute: NonZeroU32,
    #[command(flatten)]
    pub mail: MailConfig,
}

/// How mails are sent.
#[derive(Args, Clone, Debug)]
pub struct MailConfig {
    /// The server that takes outgoing mail: smtp://user:password@host:587?tls=required or smtps://user:password@host. Without it, or when
    /// it is empty, nothing is sent.
    #[arg(
        long,
        env = "SMTP_URL",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true,
        value_parser = secret_or_none
    )]
    pub smtp_url: OptionalSecret,
    /// Who mails come from: an address, or Name <address>. Needed with SMTP_URL.
    #[arg(long, env = "MAIL_FROM", default_value = "")]
    pub mail_from: String,
    /// Where the site is: https://ticketing.dev. The links of mails begin with it. Needed with SMTP_URL.
    #[arg(long, env = "PUBLIC_URL", default_value = "", value_parser = public_url)]
    pub public_url: String,
    /// Without SMTP_URL, show mails to everybody at GET /api/users/mails instead of sending them. Only for a platform on one machine:
    /// whoever can read a mail can set the password of its account.
    #[arg(long, env = "LOCAL_MAILBOX", default_value = "false", action = ArgAction::Set)]
    pub local_mailbox: bool,
}

impl MailConfig {
    /// Whether mails are shown instead of sent.
    pub fn is_local(&self) -> bool {
        self.local_mailbox && self.smtp_url.is_none()
    }
}

impl Configuration for Config {
    fn process(&self) -> &ProcessConfig {
        &self.process
    }
}
