//! A session: what a token's `sid` stands for.

use std::time::Duration;

use common::api::OwnSessionBody;
use common::auth::{Claims, SESSION_SECONDS};
use common::error::StartError;
use common::events::{SESSION, SessionEnded};
use common::id::{Id, as_object_id};
use common::mongo::{Aggregate, Store, StoreError};
use common::outbox::{Entry, Publishes};
use common::timestamp::{Timestamp, as_date};
use futures::TryStreamExt;
use mongodb::IndexModel;
use mongodb::bson::{Bson, DateTime, doc, oid::ObjectId};
use mongodb::options::IndexOptions;
use serde::{Deserialize, Serialize};

use super::user::User;

/// The most sessions that are listed.
const MOST_LISTED: i64 = 100;

/// How much of what a browser calls itself is kept, in characters.
const BROWSER_LENGTH: usize = 200;

/// A document of `sessions`. It is deleted when its token has ended by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    user_id: Id,
    #[serde(with = "as_date")]
    since: Timestamp,
    #[serde(with = "as_date")]
    last_seen: Timestamp,
    browser: String,
    /// When its token ends by itself.
    #[serde(with = "as_date")]
    ends_at: Timestamp,
    /// When it was ended before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime>,
    version: i32,
}

impl Aggregate for Session {
    const COLLECTION: &'static str = "sessions";
    const KIND: &'static str = SESSION;

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn state(&self) -> Result<Option<Entry>, serde_json::Error> {
        match self.ended_at {
            Some(_) => self.ended().entry(),
            None => Ok(None),
        }
    }
}

impl Session {
    /// A session of this account, on a browser that calls itself so; and what its token says.
    pub fn begin(user: &User, browser: &str) -> (Self, Claims) {
        let body = user.session();
        let since = Timestamp::from_millis(body.iat * 1000);
        let session = Self {
            id: Id::generate(),
            user_id: user.id,
            since,
            last_seen: since,
            browser: browser.chars().take(BROWSER_LENGTH).collect(),
            ends_at: since.after(Duration::from_secs(SESSION_SECONDS.unsigned_abs())),
            ended_at: None,
            version: 0,
        };
        let claims = Claims { session: body, session_id: Some(session.id) };
        (session, claims)
    }

    /// Ends it. Nothing changes when it has ended already.
    pub fn end(&mut self) -> Option<SessionEnded> {
        if self.ended_at.is_some() {
            return None;
        }
        self.ended_at = Some(DateTime::now());
        self.version += 1;
        Some(self.ended())
    }

    /// Whose it is.
    pub fn user(&self) -> Id {
        self.user_id
    }

    /// As the list of one's own sessions shows it.
    pub fn body(self, current: Option<Id>) -> OwnSessionBody {
        OwnSessionBody {
            id: self.id,
            since: self.since,
            last_seen: self.last_seen,
            browser: self.browser,
            current: current == Some(self.id),
        }
    }

    fn ended(&self) -> SessionEnded {
        SessionEnded { user_id: self.user_id, session_id: Some(self.id), before: None }
    }
}

/// Creates the indexes of a user's sessions, and of those whose tokens have ended.
pub async fn create_indexes(sessions: &Store<Session>) -> Result<(), StartError> {
    let expire = IndexOptions::builder().expire_after(Duration::ZERO).build();
    sessions
        .create_indexes([
            IndexModel::builder().keys(doc! {"userId": 1, "_id": -1}).build(),
            IndexModel::builder().keys(doc! {"endsAt": 1}).options(expire).build(),
        ])
        .await
}

/// A user's sessions that have not ended, newest first.
pub async fn of_user(sessions: &Store<Session>, user: &User) -> Result<Vec<Session>, StoreError> {
    let mut open = doc! {"userId": user.id.to_string(), "endedAt": Bson::Null};
    if let Some(before) = user.sessions_ended_before() {
        open.insert("since", doc! {"$gte": before});
    }
    let found =
        sessions.documents().find(open).projection(doc! {"outbox": 0}).sort(doc! {"_id": -1}).limit(MOST_LISTED);
    Ok(found.await?.try_collect().await?)
}

/// Deletes a user's sessions, with what their browsers called themselves.
pub async fn delete_of(sessions: &Store<Session>, user: Id) -> Result<(), StoreError> {
    sessions.documents().delete_many(doc! {"userId": user.to_string()}).await?;
    Ok(())
}

/// Stores that these sessions were seen now.
pub async fn seen(sessions: &Store<Session>, ids: &[Id]) -> Result<(), StoreError> {
    let ids: Vec<ObjectId> = ids.iter().copied().map(ObjectId::from).collect();
    let now = doc! {"$currentDate": {"lastSeen": true}};
    sessions.documents().update_many(doc! {"_id": {"$in": ids}}, now).await?;
    Ok(())
}
