//! Passwords: argon2id for ours, and the scrypt form that the Node original stored.

mod legacy;

use std::sync::Arc;
use std::thread::available_parallelism;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use common::error::ApiError;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// What a person typed, without the space around it, as the original takes it. Never logged.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password to be set: 8 to 128 characters.
    pub fn parse_new(value: &Value) -> Result<Self, &'static str> {
        let text = value.as_str().unwrap_or_default().trim();
        if (8..=128).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("Password must be between 8 and 128 characters")
        }
    }

    /// A password to be compared.
    pub fn parse(value: &Value) -> Result<Self, &'static str> {
        common::extract::filled(value, "You must supply a password").map(|text| Self(text.to_owned()))
    }
}

/// The result of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Right,
    /// The password is right, and its hash has the original's form: replace it.
    RightButLegacy,
    /// The password is wrong.
    Wrong,
}

/// Hashes in blocking threads, as many at a time as there are cores: a hash takes 19 MiB and tens of milliseconds on purpose.
#[derive(Clone)]
pub struct Hasher(Arc<Semaphore>);

impl Hasher {
    /// A hasher for this machine's cores.
    #[allow(clippy::new_without_default, reason = "it reads the number of cores")]
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from))))
    }

    /// The hash to store, in PHC form.
    pub async fn hash(&self, password: Password) -> Result<String, ApiError> {
        self.blocking(move || argon2id(&password)).await
    }

    /// Compares a password with a stored hash. Without a hash, because there is no such account, the answer is wrong after
    /// the same time: time must not tell which addresses have an account.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<Verdict, ApiError> {
        self.blocking(move || match stored {
            None => {
                argon2id(&password)?;
                Ok(Verdict::Wrong)
            }
            Some(hash) if hash.starts_with("$argon2") => {
                let parsed = PasswordHash::new(&hash).map_err(ApiError::internal)?;
                let right = Argon2::default().verify_password(password.0.as_bytes(), &parsed).is_ok();
                Ok(if right { Verdict::Right } else { Verdict::Wrong })
            }
            Some(hash) => match legacy::verify(&password.0, &hash) {
                Some(true) => Ok(Verdict::RightButLegacy),
                Some(false) => Ok(Verdict::Wrong),
                None => Err(ApiError::internal("a stored password hash has an unknown form")),
            },
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let core = self.0.clone().acquire_owned().await.map_err(ApiError::internal)?;
        // The core stays taken until the work is done, even when the request is cancelled before.
        let work = move || {
            let _core = core;
            work()
        };
        spawn_blocking(work).await.map_err(ApiError::internal)?
    }
}

fn argon2id(password: &Password) -> Result<String, ApiError> {
    Ok(Argon2::default().hash_password(password.0.as_bytes()).map_err(ApiError::internal)?.to_string())
}
