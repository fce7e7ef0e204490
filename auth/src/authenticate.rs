//! Whose password it is.

use axum::http::HeaderMap;
use common::caller::Caller;
use common::error::ApiError;
use common::id::Id;
use common::security::Incident;

use crate::guesses::Guess;
use crate::models::email::Email;
use crate::models::user::{self, User};
use crate::password::{Password, Verdict};
use crate::state::Auth;

impl Auth {
    /// The account with this address and password.
    ///
    /// # Errors
    /// 400, the same for an unknown address and a wrong password, which the security log holds; 429 after too many of them.
    pub async fn authenticate(
        &self,
        email: &Email,
        password: Password,
        caller: Caller,
        headers: &HeaderMap,
    ) -> Result<User, ApiError> {
        let user = user::with_email(&self.users, email).await?;
        let guess = self.guesses.at_address(email, user.as_ref().map(|user| user.id), headers).await?;
        let (user, replacement) = self.compare(guess, user, password, None, caller).await?;
        if let Some(hash) = replacement {
            // A failure here does not fail the sign-in: the next one can replace the hash.
            if let Err(error) = user::rehash(&self.users, &user, hash).await {
                tracing::warn!(%error, user = %user.id, "the original's password hash was not replaced, the next sign-in tries again");
            }
        }
        Ok(user)
    }

    /// The account of somebody who is signed in and gives its password once more.
    ///
    /// # Errors
    /// 400 for a wrong password, which the security log holds; 429 after too many of them; 401 when the account was deleted meanwhile.
    pub async fn confirm(
        &self,
        account: Id,
        password: Password,
        caller: Caller,
        headers: &HeaderMap,
    ) -> Result<User, ApiError> {
        let user = self.user(account).await?;
        let guess = self.guesses.of_account(account, headers).await?;
        Ok(self.compare(guess, Some(user), password, Some(account), caller).await?.0)
    }

    /// The account, if it is its password, and the hash that is to replace the original's. The guess was counted before the hash is
    /// computed, so that many at the same time are not many guesses. A wrong one is noted of the account that is signed in, if one is.
    async fn compare(
        &self,
        guess: Guess<'_>,
        user: Option<User>,
        password: Password,
        signed_in: Option<Id>,
        caller: Caller,
    ) -> Result<(User, Option<String>), ApiError> {
        let stored = user.as_ref().map(|user| user.password.clone());
        let verdict = match self.hasher.verify(password, stored).await {
            Ok(verdict) => verdict,
            Err(error) => {
                guess.take_back().await;
                return Err(error);
            }
        };
        let right = match (user, verdict) {
            (Some(user), Verdict::Right) => (user, None),
            (Some(user), Verdict::RightButLegacy(replacement)) => (user, Some(replacement)),
            _ => {
                self.note(Incident::CredentialsRefused, signed_in, caller);
                return Err(ApiError::refused("Invalid credentials"));
            }
        };
        guess.was_right().await;
        Ok(right)
    }
}
