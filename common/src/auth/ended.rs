//! Sessions that were ended before their time.
//!
//! A token is valid by its signature alone, so what has ended must be known wherever tokens are taken. Each service keeps it in its own
//! store, where its durable consumer puts it, and each replica keeps it in memory: it reads the store at its start, gets every
//! further end by a subscription of its own, and looks into the store every few seconds for what it missed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_nats::{Message, Subscriber};
use axum::extract::FromRef;
use futures::TryStreamExt;
use futures::stream::{SelectAll, StreamExt};
use mongodb::bson::{DateTime, doc, oid::ObjectId};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Claims, SESSION_SECONDS, Sessions};
use crate::error::StartError;
use crate::events::{Event, SessionEnded, UserDeleted};
use crate::id::{Id, as_object_id};
use crate::listener::Failure;
use crate::mongo::{self, StoreError};
use crate::nats::Broker;
use crate::timestamp::{Timestamp, as_date};

/// The collection of each service.
const COLLECTION: &str = "endedSessions";

/// How often the store is read for ends whose message was missed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often while messages may be missing: the broker is unavailable or has just come back, or the store did not answer.
const LOOK_OFTEN: Duration = Duration::from_secs(1);

/// How much earlier than the last look the next begins: what is stored is dated before it can be read, and by another clock.
const MARGIN: Duration = Duration::from_secs(60);

/// No token is valid for longer.
const LIFE: Duration = Duration::from_secs(SESSION_SECONDS.unsigned_abs());

/// What has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    /// One session.
    Session(Id),
    /// The sessions of a user that had begun before a moment.
    User(Id, Timestamp),
}

/// The ended sessions of a service. Cheap to clone.
#[derive(Clone, Default)]
pub struct Ended {
    /// None in a process that signs and knows no more.
    documents: Option<Collection<EndedDocument>>,
    known: Arc<RwLock<Known>>,
}

/// What is known in memory, each with the moment from which on nobody needs it.
#[derive(Default)]
struct Known {
    sessions: HashMap<Id, Timestamp>,
    users: HashMap<Id, (Timestamp, Timestamp)>,
}

/// An end as it is stored: by the id of a session or of a user.
#[derive(Deserialize, Serialize)]
struct EndedDocument {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    /// For a user.
    #[serde(default)]
    before: Option<DateTime>,
    #[serde(with = "as_date")]
    until: Timestamp,
}

impl Ended {
    /// Those that the service's store has.
    pub async fn open(database: &Database) -> Result<Self, StartError> {
        let documents = database.collection(COLLECTION);
        let expire = IndexOptions::builder().expire_after(Duration::ZERO).build();
        let indexes = [
            IndexModel::builder().keys(doc! {"until": 1}).options(expire).build(),
            IndexModel::builder().keys(doc! {"storedAt": 1}).build(),
        ];
        mongo::create_indexes(&documents, indexes).await?;
        let ended = Self { documents: Some(documents), known: Arc::default() };
        let unread = |error| StartError::Unavailable(format!("the ended sessions were not read: {error}"));
        ended.look(None).await.map_err(unread)?;
        Ok(ended)
    }

    /// Whether the session of this token has ended.
    pub fn contains(&self, claims: &Claims) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let began = claims.session.iat.saturating_mul(1000);
        claims.session_id.is_some_and(|id| known.sessions.contains_key(&id))
            || known.users.get(&claims.session.id).is_some_and(|(before, _)| began < before.millis())
    }

    /// A session has ended.
    ///
    /// # Errors
    /// When that was not stored.
    pub async fn end_session(&self, session: Id) -> Result<(), StoreError> {
        self.store(End::Session(session)).await
    }

    /// A user's sessions have ended whose `iat` is earlier than this.
    ///
    /// # Errors
    /// When that was not stored.
    pub async fn end_those_before(&self, user: Id, before: Timestamp) -> Result<(), StoreError> {
        self.store(End::User(user, before)).await
    }

    /// Whatever session a user has, or is given at this moment by a process that does not know yet, is over.
    ///
    /// # Errors
    /// When that was not stored.
    pub async fn end_all_of(&self, user: Id) -> Result<(), StoreError> {
        self.store(End::all_of(user)).await
    }

    /// Stores an end, and knows it from now on.
    async fn store(&self, end: End) -> Result<(), StoreError> {
        let until = Timestamp::now().after(LIFE);
        if let Some(documents) = &self.documents {
            let date = |time: Timestamp| DateTime::from_millis(time.millis());
            let (id, latest) = match end {
                End::Session(id) => (id, doc! {"until": date(until)}),
                End::User(id, before) => (id, doc! {"until": date(until), "before": date(before)}),
            };
            let update = doc! {"$max": latest, "$currentDate": {"storedAt": true}};
            let upsert = || documents.update_one(doc! {"_id": ObjectId::from(id)}, update.clone()).upsert(true);
            match upsert().await.map_err(StoreError::from) {
                // Another replica has just inserted it.
                Err(StoreError::Duplicate) => upsert().await?,
                stored => stored?,
            };
        }
        self.remember(end, until);
        Ok(())
    }

    fn remember(&self, end: End, until: Timestamp) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match end {
            End::Session(id) => {
                known.sessions.insert(id, until);
            }
            End::User(id, before) => {
                let latest = known.users.entry(id).or_insert((before, until));
                *latest = (latest.0.max(before), latest.1.max(until));
            }
        }
    }

    /// Handles further ends until `stop`, and forgets those that nobody needs.
    pub async fn follow(self, broker: Broker, stop: CancellationToken) {
        stop.run_until_cancelled(async {
            let mut interruptions = broker.interruptions();
            let mut messages = self.subscribe(&broker).await;
            let (mut looked, mut look_at) = (None, Instant::now());
            loop {
                tokio::select! {
                    Some(message) = messages.next() => self.handle(&message),
                    Ok(()) = interruptions.changed() => {
                        looked = None;
                        look_at = Instant::now();
                    }
                    () = sleep_until(look_at) => {
                        let began = Timestamp::now();
                        let result = self.look(looked).await;
                        if let Err(error) = &result {
                            tracing::warn!(%error, "the ended sessions were not read, trying again");
                        }
                        looked = result.is_ok().then_some(began);
                        let is_certain = looked.is_some() && broker.is_connected();
                        look_at = Instant::now() + if is_certain { LOOK_EVERY } else { LOOK_OFTEN };
                        self.forget(began);
                    }
                }
            }
        })
        .await;
    }

    /// The client library subscribes again whenever it has connected again.
    async fn subscribe(&self, broker: &Broker) -> SelectAll<Subscriber> {
        let mut all = SelectAll::new();
        for subject in [SessionEnded::SUBJECT, UserDeleted::SUBJECT] {
            let subscriber = loop {
                match broker.client().subscribe(subject).await {
                    Ok(subscriber) => break subscriber,
                    Err(error) => {
                        tracing::warn!(%error, subject, "not subscribed, trying again");
                        sleep(LOOK_OFTEN).await;
                    }
                }
            };
            all.push(subscriber);
        }
        all
    }

    fn handle(&self, message: &Message) {
        let end = match message.subject.as_str() {
            UserDeleted::SUBJECT => {
                serde_json::from_slice(&message.payload).map(|event: UserDeleted| Some(End::all_of(event.id)))
            }
            _ => serde_json::from_slice(&message.payload).map(|event| End::of(&event)),
        };
        match end {
            Ok(end) => end.into_iter().for_each(|end| self.remember(end, Timestamp::now().after(LIFE))),
            Err(error) => tracing::debug!(%error, subject = %message.subject, "the message is malformed"),
        }
    }

    /// Reads what was stored since then, or everything.
    async fn look(&self, since: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(documents) = &self.documents else { return Ok(()) };
        let filter = since.map_or_else(
            || doc! {},
            |since| doc! {"storedAt": {"$gte": DateTime::from_millis(since.before(MARGIN).millis())}},
        );
        let mut found = documents.find(filter).await?;
        while let Some(EndedDocument { id, before, until }) = found.try_next().await? {
            let before = before.map(|before| Timestamp::from_millis(before.timestamp_millis()));
            self.remember(before.map_or(End::Session(id), |before| End::User(id, before)), until);
        }
        Ok(())
    }

    fn forget(&self, now: Timestamp) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.sessions.retain(|_, until| *until > now);
        known.users.retain(|_, (_, until)| *until > now);
    }
}

impl End {
    /// One that says neither is of a later version, and ignored.
    fn of(event: &SessionEnded) -> Option<Self> {
        let session = event.session_id.map(Self::Session);
        session.or_else(|| event.before.map(|before| Self::User(event.user_id, before)))
    }

    fn all_of(user: Id) -> Self {
        Self::User(user, Timestamp::now().after(LIFE))
    }
}

/// `session.ended`: its token is nobody's from now on.
pub async fn session_ended<S>(state: S, event: SessionEnded) -> Result<(), Failure>
where
    Sessions: FromRef<S>,
{
    match End::of(&event) {
        Some(end) => Ok(Sessions::from_ref(&state).ended().store(end).await?),
        None => Ok(()),
    }
}

/// `user.deleted`: no token of the account is valid any more.
pub async fn user_deleted<S>(state: S, event: UserDeleted) -> Result<(), Failure>
where
    Sessions: FromRef<S>,
{
    Ok(Sessions::from_ref(&state).ended().end_all_of(event.id).await?)
}
