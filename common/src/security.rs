//! The security log: what whoever looks into an incident asks for. One line each, at the target `security`: what happened, to which
//! account, and from where. It holds no address of e-mail, no password and no token, and of a network address only a keyed hash: lines of
//! the same origin can be brought together, and nobody can tell from them who it was.

use axum::http::StatusCode;

use crate::auth::Sessions;
use crate::caller::Caller;
use crate::id::Id;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// An account was made.
    SignedUp,
    /// A session began.
    SignedIn,
    /// A password was wrong, or there is no such account.
    CredentialsRefused,
    /// A session was ended by its owner.
    SessionEnded,
    /// A password was changed, and every other session ended.
    PasswordChanged,
    /// An account was deleted.
    AccountDeleted,
    /// A request was refused: the session is over, the resource is somebody else's, or a page of another site sent it.
    Refused,
    /// A request was one too many.
    Limited,
}

impl Incident {
    /// What an answer with this status is to be noted as, if anything. Without a cookie a 401 only asks to sign in.
    pub fn of(status: StatusCode, has_cookie: bool) -> Option<Self> {
        match status {
            StatusCode::UNAUTHORIZED if has_cookie => Some(Self::Refused),
            StatusCode::FORBIDDEN => Some(Self::Refused),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::Limited),
            _ => None,
        }
    }
}

/// Writes a line about an account, if it is known, and a caller. `detail` is the route, or empty.
pub fn note(sessions: &Sessions, incident: Incident, account: Option<Id>, caller: Caller, detail: &str) {
    let account = account.map(|account| account.to_string()).unwrap_or_default();
    let origin = sessions.pseudonym(caller.network());
    tracing::info!(target: "security", ?incident, account, origin, detail);
}
