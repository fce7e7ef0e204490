//! Sending by SMTP. What protects a header from what is written into it is lettre's: addresses are parsed, texts are encoded.

use std::time::Duration;

use common::config::Secret;
use common::error::StartError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use reqwest::Url;
use sha2::{Digest, Sha256};

use crate::models::letter::Letter;

/// How long the server may take for one answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// The hosts to which nothing is encrypted.
const THIS_MACHINE: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Answers that refuse our login and not this mail: an operator mends it.
const LOGIN_REFUSED: [u16; 4] = [530, 534, 535, 538];

/// The server that takes outgoing mail. It keeps its connections for a minute.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// Another attempt may succeed.
    #[error("{0}")]
    Later(String),
    /// No attempt can.
    #[error("{0}")]
    Never(String),
}

impl Smtp {
    /// The server at `SMTP_URL`, for mails from `MAIL_FROM`. Nothing is asked of it yet.
    pub fn new(url: &Secret, from: &str) -> Result<Self, StartError> {
        let malformed = |problem: String| StartError::configuration("SMTP_URL", problem);
        let parsed = Url::parse(url.expose()).map_err(|error| malformed(error.to_string()))?;
        let has_tls = parsed.scheme() == "smtps" || parsed.query_pairs().any(|(name, _)| name == "tls");
        if !has_tls && !parsed.host_str().is_some_and(|host| THIS_MACHINE.contains(&host)) {
            return Err(malformed("mails hold links that give access: add ?tls=required, or use smtps://".to_owned()));
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose());
        let transport = transport.map_err(|error| malformed(error.to_string()))?.timeout(Some(ANSWER_LIMIT)).build();
        let from = from.parse().map_err(|error| StartError::configuration("MAIL_FROM", error))?;
        Ok(Self { transport, from })
    }

    /// Sends a mail. Its `Message-ID` is always the same for the same `id`, so that a reader may notice a second copy.
    pub async fn send(&self, id: &str, to: &str, letter: &Letter) -> Result<(), Unsent> {
        let message = self.message(id, to, letter).map_err(Unsent::Never)?;
        self.transport.send(message).await.map(drop).map_err(|error| unsent(&error))
    }

    fn message(&self, id: &str, to: &str, letter: &Letter) -> Result<Message, String> {
        let to: Address = to.parse().map_err(|error| format!("not an address: {error}"))?;
        let id = hex::encode(&Sha256::digest(id)[..16]);
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&letter.subject)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|error| error.to_string())
    }
}

fn unsent(error: &Error) -> Unsent {
    let Some(code) = error.status() else { return Unsent::Later(error.to_string()) };
    // Without the server's words, which often hold the address.
    let reason = format!("the server's answer is {code}");
    let is_about_mail = error.is_permanent() && !LOGIN_REFUSED.contains(&code.into());
    if is_about_mail { Unsent::Never(reason) } else { Unsent::Later(reason) }
}
