//! Sends the mails that are due, on whatever replica of the service finds them first.
//!
//! A mail is claimed until its next turn, sent, and then stored as sent. A process that dies in between leaves a mail that is sent
//! again: SMTP knows no better. The two copies have the same `Message-ID`.

mod smtp;

use std::time::Duration;

use common::error::StartError;
use common::mongo::StoreError;
use common::timestamp::Timestamp;
use futures::{StreamExt, stream};
use metrics::counter;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::smtp::{Smtp, Unsent};
use crate::config::MailConfig;
use crate::models::email::Email;
use crate::models::letter::Letter;
use crate::models::link::{Link, Token};
use crate::models::mail::{About, Mail};
use crate::models::mails::Done;
use crate::models::user::{self, User};
use crate::state::Auth;

/// How often is looked for mails that nobody in this process has posted.
const EVERY: Duration = Duration::from_secs(2);

/// Mails that are sent at the same time.
const AT_A_TIME: usize = 8;

/// How long an attempt may take: shorter than a claim.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(45);

/// How long an attempt that has begun may take once the process stops.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// How mails leave.
pub enum Way {
    /// A server takes them.
    Smtp(Smtp),
    /// They are kept, and shown at `GET /api/users/mails`.
    Mailbox,
    /// They do not: they wait, and are removed in the end.
    Nowhere,
}

impl Way {
    /// The one that the settings name.
    pub fn choose(config: &MailConfig) -> Result<Self, StartError> {
        match &config.smtp_url {
            Some(_) if config.public_url.is_empty() => {
                Err(StartError::configuration("PUBLIC_URL", "it is empty, and the links of mails begin with it"))
            }
            Some(url) => Smtp::new(url, &config.mail_from).map(Self::Smtp),
            None if config.is_local() => Ok(Self::Mailbox),
            None => Ok(Self::Nowhere),
        }
    }
}

/// The worker that sends mails.
pub struct Mailing {
    auth: Auth,
    way: Way,
    site: String,
}

impl Mailing {
    /// The worker for this way.
    pub fn new(config: &MailConfig, auth: Auth, way: Way) -> Self {
        Self { auth, way, site: config.public_url.clone() }
    }

    /// Sends what is due, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        if matches!(self.way, Way::Nowhere) {
            tracing::warn!(
                "SMTP_URL is not set: no mail is sent, so that nobody can prove an address or reset a password"
            );
            return stop.cancelled().await;
        }
        while stop.run_until_cancelled(self.auth.mails.posted(EVERY)).await.is_some() {
            let due = stream::unfold((), async |()| self.take(&stop).await.map(|mail| (mail, ())));
            due.for_each_concurrent(AT_A_TIME, async |mail| self.attempt(&mail, &stop).await).await;
        }
    }

    async fn take(&self, stop: &CancellationToken) -> Option<Mail> {
        if stop.is_cancelled() {
            return None;
        }
        self.auth.mails.take().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "mails are not sent, trying again");
            None
        })
    }

    async fn attempt(&self, mail: &Mail, stop: &CancellationToken) {
        if let Err(error) = self.send(mail, stop).await {
            tracing::warn!(%error, kind = mail.about.kind(), "a mail was not sent, trying again");
        }
    }

    async fn send(&self, mail: &Mail, stop: &CancellationToken) -> Result<(), StoreError> {
        let kind = mail.about.kind();
        if mail.until < Timestamp::now() {
            tracing::error!(kind, alert = true, "a mail was given up, it could not be sent in time");
            return self.done(mail, Done::GivenUp("not sent in time".to_owned())).await;
        }
        let Some(recipient) = self.recipient(&mail.about).await? else {
            return self.done(mail, Done::NoRecipient).await;
        };
        if matches!(mail.about, About::Reset { .. }) && !self.auth.mails.is_only_reset(mail, recipient.id).await? {
            return self.done(mail, Done::NoRecipient).await;
        }
        let token = self.new_token(mail, &recipient).await?;
        let letter = Letter::new(&mail.about, &self.site, token.as_ref());
        let sent = match &self.way {
            Way::Smtp(smtp) => hand_over(smtp.send(&mail.id, &recipient.email, &letter), stop).await,
            Way::Mailbox | Way::Nowhere => return self.done(mail, Done::Kept { to: recipient.email, letter }).await,
        };
        match sent {
            Ok(()) => self.done(mail, Done::Sent).await,
            Err(Unsent::Later(reason)) => {
                counter!("mails_total", "kind" => kind, "result" => "retried").increment(1);
                tracing::warn!(kind, reason, "a mail was not sent, trying again");
                Ok(())
            }
            Err(Unsent::Never(reason)) => {
                tracing::warn!(kind, user = %recipient.id, reason, "a mail was given up, it cannot be sent");
                self.done(mail, Done::GivenUp(reason)).await
            }
        }
    }

    async fn done(&self, mail: &Mail, how: Done) -> Result<(), StoreError> {
        counter!("mails_total", "kind" => mail.about.kind(), "result" => how.as_str()).increment(1);
        self.auth.mails.done(mail, how).await
    }

    /// The account that a mail is for, if there is one and it needs the mail. A password is reset through a proven address only.
    async fn recipient(&self, about: &About) -> Result<Option<User>, StoreError> {
        let users = &self.auth.users;
        let user = match about {
            About::Reset { email } => match Email::parse(&email.as_str().into()) {
                Ok(email) => user::with_email(users, &email).await?.filter(User::is_proven),
                Err(_) => None,
            },
            About::Proof { user_id } => users.find(*user_id).await?.filter(|user| !user.is_proven()),
            About::PasswordSet { user_id } => users.find(*user_id).await?,
            About::Purchase(receipt) | About::Sale(receipt) => users.find(receipt.user_id).await?,
        };
        Ok(user.filter(|user| !user.is_deleted()))
    }

    /// The token of the mail's link, if it has one. What is stored of it comes first: a link that was sent must be valid.
    async fn new_token(&self, mail: &Mail, recipient: &User) -> Result<Option<Token>, StoreError> {
        let Some(lifetime) = mail.about.link_lifetime() else { return Ok(None) };
        let token = Token::generate();
        let expires_at = Timestamp::now().after(lifetime);
        self.auth.mails.add_link(mail, &Link { hash: token.hash(), user_id: recipient.id, expires_at }).await?;
        Ok(Some(token))
    }
}

/// Waits for the server, but not for ever, and not for long once the process stops.
async fn hand_over(sending: impl Future<Output = Result<(), Unsent>>, stop: &CancellationToken) -> Result<(), Unsent> {
    let stopped = async {
        stop.cancelled().await;
        sleep(STOP_LIMIT).await;
    };
    tokio::select! {
        sent = timeout(ATTEMPT_LIMIT, sending) => {
            sent.unwrap_or_else(|_| Err(Unsent::Later("the server took too long".to_owned())))
        }
        () = stopped => Err(Unsent::Later("the process stops".to_owned())),
    }
}
