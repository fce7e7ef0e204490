//! The collection of mails: its indexes and queries.

use std::sync::Arc;
use std::time::Duration;

use common::api::MailBody;
use common::error::StartError;
use common::id::Id;
use common::mongo::{self, StoreError, Together, Turns, database_clock};
use common::timestamp::{Timestamp, as_date};
use futures::TryStreamExt;
use mongodb::bson::{DateTime, Document, RawDocumentBuf, deserialize_from_document, doc};
use mongodb::bson::{serialize_to_bson, serialize_to_raw_document_buf};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};
use serde::Deserialize;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::letter::Letter;
use super::link::{Link, Token};
use super::mail::Mail;

/// The turns of mails: a claim is the first of them, and lasts longer than [an attempt](crate::mailing).
const NEXT: Turns = Turns { field: "next", first: Duration::from_secs(60), longest: Duration::from_secs(60 * 60) };

/// Links of one mail that can be used: an attempt that seemed to fail may have sent one.
const MOST_LINKS: i32 = 4;

/// The document that says from when on orders are mailed about. It is lost together with the mails.
const RECEIPTS: &str = "receipts";

/// Mails that [`kept`](Mails::kept) lists.
const MOST_KEPT: i64 = 100;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It proves the account's address.
    Proof,
    /// It sets the account's password.
    Reset,
}

impl Purpose {
    /// The kind of its mails.
    const fn kind(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::Reset => "reset",
        }
    }
}

/// The collection `mails`. Cheap to clone.
#[derive(Clone)]
pub struct Mails {
    mails: Collection<Mail>,
    inserts: Together<RawDocumentBuf>,
    posted: Arc<Notify>,
    /// From when on orders are mailed about: since this collection began. What happened before, a new service is told as well.
    pub receipts_since: Timestamp,
    /// Whether they are shown instead of sent.
    pub are_shown: bool,
}

impl Mails {
    /// The mails of this database. Creates the indexes; a mail is removed some time after it was sent or given up.
    pub async fn open(database: &Database, are_shown: bool) -> Result<Self, StartError> {
        let mails = database.collection("mails");
        let exists = |field: &str| IndexOptions::builder().partial_filter_expression(doc! {field: {"$exists": true}});
        let due = exists(&NEXT.at()).name("due".to_owned()).build();
        let links = exists("links").name("links".to_owned()).build();
        let links_of_user = exists("links").name("links-of-user".to_owned()).build();
        let kept = exists("kept").name("kept".to_owned()).build();
        let removal = IndexOptions::builder().name("removal".to_owned()).expire_after(Duration::ZERO).build();
        let indexes = [
            IndexModel::builder().keys(doc! {NEXT.at(): 1}).options(due).build(),
            IndexModel::builder().keys(doc! {"links.hash": 1}).options(links).build(),
            IndexModel::builder().keys(doc! {"links.userId": 1}).options(links_of_user).build(),
            IndexModel::builder().keys(doc! {"sentAt": -1}).options(kept).build(),
            IndexModel::builder().keys(doc! {"removeAt": 1}).options(removal).build(),
        ];
        mongo::create_indexes(&mails, indexes).await?;
        let unavailable = |error: StoreError| StartError::Unavailable(format!("the mails cannot be read: {error}"));
        let receipts_since = begin_receipts(&mails.clone_with_type()).await.map_err(unavailable)?;
        Ok(Self {
            mails,
            inserts: Together::inserts(database.collection("mails")),
            posted: Arc::default(),
            receipts_since,
            are_shown,
        })
    }

    /// Stores a mail, which is sent soon, unless it was asked for already.
    pub async fn post(&self, mail: &Mail) -> Result<(), StoreError> {
        match self.inserts.write(serialize_to_raw_document_buf(mail)?).await {
            Ok(()) => self.posted.notify_one(),
            Err(StoreError::Duplicate) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The same, where a failure is none of what the mail is about.
    pub async fn post_or_log(&self, mail: &Mail) {
        if let Err(error) = self.post(mail).await {
            tracing::warn!(%error, kind = mail.about.kind(), "a mail was not stored, nobody sends it");
        }
    }

    /// Waits until this process has posted a mail, but no longer than this.
    pub async fn posted(&self, limit: Duration) {
        let _ = timeout(limit, self.posted.notified()).await;
    }

    /// A mail whose turn has come. It is the caller's until its next turn.
    pub async fn take(&self) -> Result<Option<Mail>, StoreError> {
        let due = doc! {NEXT.at(): {"$lte": database_clock(&self.mails).await?}};
        while let Some(taken) = NEXT.take(&self.mails, due.clone(), doc! {NEXT.at(): 1}).await? {
            match deserialize_from_document(taken) {
                Ok(mail) => return Ok(Some(mail)),
                Err(error) => tracing::error!(%error, alert = true, "a mail cannot be read, repair its document"),
            }
        }
        Ok(None)
    }

    /// Whether this is the mail that the account gets when its password is forgotten, at this time: however its address is spelled, it
    /// gets one. Other spellings are other mails, and only the account tells that they are the same.
    pub async fn is_only_reset(&self, mail: &Mail, user: Id) -> Result<bool, StoreError> {
        let turn = mail.id.rsplit('-').next().unwrap_or_default();
        let only = doc! {"_id": format!("reset-of-{user}-{turn}"), "mail": &mail.id};
        let remove_at = DateTime::from_millis(mail.remove_at.millis());
        let claim = self.mails.update_one(only, doc! {"$setOnInsert": {"removeAt": remove_at}}).upsert(true);
        match claim.await.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::Duplicate) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Stores a link before it is sent.
    pub async fn add_link(&self, mail: &Mail, link: &Link) -> Result<(), StoreError> {
        let push = doc! {"$each": [serialize_to_bson(link)?], "$slice": -MOST_LINKS};
        self.mails.update_one(doc! {"_id": &mail.id}, doc! {"$push": {"links": push}}).await?;
        Ok(())
    }

    /// The mail is done with: it was sent, there is nobody to send it to, or it never can be.
    pub async fn done(&self, mail: &Mail, how: Done) -> Result<(), StoreError> {
        let mut set = doc! {};
        match how {
            Done::Sent => set.insert("sentAt", DateTime::now()),
            Done::Kept { to, letter } => {
                set.insert("kept", doc! {"to": to, "subject": letter.subject, "text": letter.text});
                set.insert("sentAt", DateTime::now())
            }
            Done::NoRecipient => set.insert("noRecipient", true),
            Done::GivenUp(reason) => set.insert("givenUp", reason),
        };
        self.mails.update_one(doc! {"_id": &mail.id}, doc! {"$set": set, "$unset": {NEXT.field: ""}}).await?;
        Ok(())
    }

    /// The link with this token, while it is valid.
    pub async fn link(&self, purpose: Purpose, token: &Token) -> Result<Option<Link>, StoreError> {
        let found = self.mails.clone_with_type::<Linked>().find_one(valid(purpose, token)).await?;
        Ok(found.and_then(|mail| mail.into_link(token)))
    }

    /// The same, and from now on neither it nor another link of its mail is valid: of several calls, one gets it.
    pub async fn redeem(&self, purpose: Purpose, token: &Token) -> Result<Option<Link>, StoreError> {
        let used = doc! {"$unset": {"links": ""}};
        let found = self.mails.clone_with_type::<Linked>().find_one_and_update(valid(purpose, token), used).await?;
        Ok(found.and_then(|mail| mail.into_link(token)))
    }

    /// No link that sets this account's password is valid any more.
    pub async fn void_resets(&self, user: Id) -> Result<(), StoreError> {
        let of_account = doc! {"links": {"$exists": true}, "links.userId": user.to_string(), "about.kind": "reset"};
        self.mails.update_many(of_account, doc! {"$unset": {"links": ""}}).await?;
        Ok(())
    }

    /// The latest mails that were [kept](Done::Kept) instead of sent, newest first.
    pub async fn kept(&self) -> Result<Vec<MailBody>, StoreError> {
        let mails = self.mails.clone_with_type::<Kept>();
        let found = mails.find(doc! {"kept": {"$exists": true}}).sort(doc! {"sentAt": -1}).limit(MOST_KEPT).await?;
        Ok(found.map_ok(MailBody::from).try_collect().await?)
    }
}

/// The document that says since when there are receipts, made if it is missing.
async fn begin_receipts(mails: &Collection<Document>) -> Result<Timestamp, StoreError> {
    let mark = doc! {"_id": RECEIPTS};
    let begin = mails.update_one(mark.clone(), doc! {"$setOnInsert": {"since": DateTime::now()}}).upsert(true);
    match begin.await.map_err(StoreError::from) {
        // Another replica has just begun.
        Ok(_) | Err(StoreError::Duplicate) => {}
        Err(error) => return Err(error),
    }
    let begun = mails.find_one(mark).await?.ok_or(StoreError::NotFound)?;
    let since = begun.get_datetime("since").map_err(|error| StoreError::Other(error.to_string()))?;
    Ok(Timestamp::from_millis(since.timestamp_millis()))
}

/// How a mail is done with.
pub enum Done {
    /// A server has taken it.
    Sent,
    /// It is shown on a page of the local platform.
    Kept {
        /// The address.
        to: String,
        /// What it says, with its link.
        letter: Letter,
    },
    /// There is no account to send it to, or no need to.
    NoRecipient,
    /// It cannot be sent.
    GivenUp(String),
}

impl Done {
    /// What it is called in metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Kept { .. } => "kept",
            Self::NoRecipient => "no_recipient",
            Self::GivenUp(_) => "given_up",
        }
    }
}

fn valid(purpose: Purpose, token: &Token) -> Document {
    let link = doc! {"hash": token.hash(), "expiresAt": {"$gt": DateTime::now()}};
    doc! {"links.hash": token.hash(), "links": {"$elemMatch": link}, "about.kind": purpose.kind()}
}

/// What is read of a mail whose link is used.
#[derive(Deserialize)]
struct Linked {
    links: Vec<Link>,
}

impl Linked {
    fn into_link(self, token: &Token) -> Option<Link> {
        let hash = token.hash();
        self.links.into_iter().find(|link| link.hash == hash)
    }
}

/// What is read of a mail that is shown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    #[serde(rename = "_id")]
    id: String,
    kept: KeptText,
    #[serde(with = "as_date")]
    sent_at: Timestamp,
}

#[derive(Deserialize)]
struct KeptText {
    to: String,
    subject: String,
    text: String,
}

impl From<Kept> for MailBody {
    fn from(mail: Kept) -> Self {
        let KeptText { to, subject, text } = mail.kept;
        Self { id: mail.id, to, subject, text, sent_at: mail.sent_at }
    }
}
