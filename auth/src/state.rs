//! What handlers and listeners share.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use axum::http::HeaderMap;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::response::AppendHeaders;
use common::auth::{Sessions, SetCookies};
use common::caller::Caller;
use common::error::ApiError;
use common::id::Id;
use common::mongo::{Aggregate, Store, StoreError};
use common::outbox::{Outbox, Publishes};
use common::security::{self, Incident};
use common::timestamp::Timestamp;
use mongodb::Database;

use crate::attempts::Attempts;
use crate::guesses::Guesses;
use crate::models::mails::Mails;
use crate::models::order::Orders;
use crate::models::session::Session;
use crate::models::user::User;
use crate::password::Hasher;
use crate::seen::Seen;

/// What is stored.
pub struct Stores {
    /// The accounts, with their events.
    pub users: Store<User>,
    /// Their sessions, with their events.
    pub open_sessions: Store<Session>,
    /// The replica of the orders.
    pub orders: Orders,
}

impl Stores {
    /// The collections of this database.
    pub fn new(database: &Database, users: Outbox, sessions: Outbox) -> Self {
        Self {
            users: Store::new(database, users),
            open_sessions: Store::new(database, sessions),
            orders: Orders::new(database),
        }
    }
}

/// The state of the auth service. Cheap to clone: axum does so for every request.
#[derive(Clone)]
pub struct Auth(Arc<Parts>);

/// Its parts.
pub struct Parts {
    /// The accounts, with their events.
    pub users: Store<User>,
    /// Their sessions, with their events.
    pub open_sessions: Store<Session>,
    /// The replica of the orders.
    pub orders: Orders,
    /// Hashes and verifies passwords.
    pub hasher: Hasher,
    /// Signs and verifies sessions.
    pub sessions: Sessions,
    /// Until when other keys than the first have signed.
    pub others_retired: Timestamp,
    /// Which sessions were seen.
    pub seen: Seen,
    /// The rate limit.
    pub attempts: Attempts,
    /// The guesses at passwords.
    pub guesses: Guesses,
    /// What is mailed.
    pub mails: Mails,
}

impl Deref for Auth {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Auth> for Sessions {
    fn from_ref(state: &Auth) -> Self {
        state.sessions.clone()
    }
}

impl FromRef<Auth> for Attempts {
    fn from_ref(state: &Auth) -> Self {
        state.attempts.clone()
    }
}

impl Auth {
    /// The state over these stores.
    pub fn new(
        stores: Stores,
        sessions: Sessions,
        others_retired: Timestamp,
        attempts: Attempts,
        guesses: Guesses,
        mails: Mails,
    ) -> Self {
        let Stores { users, open_sessions, orders } = stores;
        let (hasher, seen) = (Hasher::new(), Seen::default());
        Self(Arc::new(Parts {
            users,
            open_sessions,
            orders,
            hasher,
            sessions,
            others_retired,
            seen,
            attempts,
            guesses,
            mails,
        }))
    }

    /// Begins a session of this account, for this caller on the browser that sent these headers: a device that is known from then on.
    ///
    /// # Errors
    /// 400 when its sessions were ended since `user` was read, 401 when it was deleted.
    pub async fn begin_session(
        &self,
        user: &User,
        caller: Caller,
        headers: &HeaderMap,
    ) -> Result<SetCookies, ApiError> {
        let browser = headers.get(USER_AGENT).and_then(|browser| browser.to_str().ok()).unwrap_or_default();
        let (session, claims) = Session::begin(user, browser);
        // While the password was compared, another may have been set: then this session would outlive those that ended. From here on
        // its `iat` is known, and whoever sets a password ends it as well.
        if self.user(user.id).await?.sessions_ended_before() != user.sessions_ended_before() {
            self.note(Incident::CredentialsRefused, Some(user.id), caller);
            return Err(ApiError::refused("Invalid credentials"));
        }
        self.open_sessions.insert(&session, ()).await?;
        let AppendHeaders(mut cookies) = self.sessions.begin(&claims, caller)?;
        cookies.push((SET_COOKIE, self.guesses.mark(headers, caller, user.id)?));
        Ok(AppendHeaders(cookies))
    }

    /// Notes in the security log what an account did, or somebody who gave a wrong password.
    pub fn note(&self, incident: Incident, account: Option<Id>, caller: Caller) {
        security::note(&self.sessions, incident, account, caller, "");
    }

    /// This process and the store know that a session has ended before its event has come back.
    pub async fn tell_ended(&self, session: &Session) -> Result<(), ApiError> {
        Ok(self.sessions.ended().end_session(session.id()).await?)
    }

    /// The same for all sessions that an account has ended.
    pub async fn tell_all_ended(&self, user: &User) -> Result<(), ApiError> {
        let ended = self.sessions.ended();
        match user.sessions_ended_before() {
            _ if user.is_deleted() => ended.end_all_of(user.id).await?,
            Some(before) => ended.end_those_before(user.id, Timestamp::from_millis(before.timestamp_millis())).await?,
            None => {}
        }
        Ok(())
    }

    /// The account of somebody who is signed in; 401 when it was deleted meanwhile.
    pub async fn user(&self, id: Id) -> Result<User, ApiError> {
        self.users.find(id).await?.filter(|user| !user.is_deleted()).ok_or(ApiError::NotAuthorized)
    }

    /// Changes an account whose password was confirmed, unless another password was set meanwhile, so that all its sessions end.
    pub async fn change_confirmed<P: Publishes>(
        &self,
        confirmed: &User,
        change: impl Fn(&mut User) -> P,
    ) -> Result<User, ApiError> {
        let decide = |user: &mut User| match user.password == confirmed.password {
            true => Ok(change(user)),
            false => Err(ApiError::from(StoreError::Conflict)),
        };
        let user = self.users.change(confirmed.id, decide).await?;
        self.tell_all_ended(&user).await?;
        Ok(user)
    }
}
