//! Passwords: argon2id for ours, and the scrypt form that the Node original stored.

mod argon;
mod guessable;
mod legacy;
mod workers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, available_parallelism};
use utoipa::ToSchema;

use common::error::ApiError;
use common::extract::filled;
use metrics::counter;
use serde_json::Value;

use self::argon::{Memory, Text};
use self::legacy::LegacyHash;
pub use self::workers::{WAITING, Workers};

const TOO_COMMON: &str = "Password is too common";

/// What a person typed, every space included. Never logged.
#[derive(Clone, ToSchema)]
#[schema(format = Password)]
pub struct Password(String);

impl Password {
    /// A password to be set: 8 to 128 characters, and not among those that are guessed first.
    pub fn parse_new(value: &Value) -> Result<Self, &'static str> {
        let text = value.as_str().unwrap_or_default();
        if !(8..=128).contains(&text.chars().count()) {
            Err("Password must be between 8 and 128 characters")
        } else if guessable::is_guessable(text) {
            Err(TOO_COMMON)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The same for the account with this address: its own address is guessed first too.
    pub fn other_than(self, address: &str) -> Result<Self, &'static str> {
        let is_address = self.0.trim().to_lowercase() == address.to_lowercase();
        if is_address { Err(TOO_COMMON) } else { Ok(self) }
    }

    /// A password to be compared.
    pub fn parse(value: &Value) -> Result<Self, &'static str> {
        const MISSING: &str = "You must supply a password";
        filled(value, MISSING)?;
        value.as_str().map(|text| Self(text.to_owned())).ok_or(MISSING)
    }
}

/// The result of comparing a password with a stored hash.
pub enum Verdict {
    /// The password is right.
    Right,
    /// The password is right, and its hash has the original's form: store this one in its place.
    RightButLegacy(String),
    /// The password is wrong.
    Wrong,
}

/// How many threads compute argon2id: each keeps 19 MiB, and a process is to stay below 80 MB on a machine with any number of
/// cores. More replicas hash more at a time.
const ARGON_THREADS: usize = 2;

/// How many threads compute scrypt, with 16 MiB each.
const SCRYPT_THREADS: usize = 1;

/// Hashes in threads of its own: a hash takes megabytes and tens of milliseconds on purpose. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    argon: Workers<Memory>,
    scrypt: Workers<()>,
    /// Whether there are accounts of the original.
    has_legacy: Arc<AtomicBool>,
}

impl Hasher {
    /// Starts the threads.
    #[allow(clippy::new_without_default, reason = "it reads the number of cores")]
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            argon: Workers::start(cores.min(ARGON_THREADS), argon::memory),
            scrypt: Workers::start(SCRYPT_THREADS, || ()),
            has_legacy: Arc::default(),
        }
    }

    /// From now on every comparison takes the time that one with a hash of the original takes too.
    pub fn expect_legacy(&self) {
        self.has_legacy.store(true, Ordering::Relaxed);
    }

    /// The hash to store, in PHC form.
    pub async fn hash(&self, password: Password) -> Result<String, ApiError> {
        self.argon
            .run(move |memory| {
                count("argon2id");
                argon::hash(memory, Text::AsTyped, &password.0)
            })
            .await
    }

    /// Compares a password with a stored hash; without one, because there is no such account, it is wrong.
    ///
    /// Always computes the same hashes, one of ours and, as long as there are accounts of the original, one of its form: time must
    /// not tell which addresses have an account, nor of which kind.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<Verdict, ApiError> {
        let (ours, legacy) = match stored {
            None => (None, None),
            Some(hash) if hash.starts_with("$argon2") => (Some(hash), None),
            Some(hash) => {
                let unknown = || ApiError::internal("a stored password hash has an unknown form");
                self.expect_legacy();
                (None, Some(LegacyHash::parse(&hash).ok_or_else(unknown)?))
            }
        };
        let Password(typed) = password.clone();
        let by_argon = self.argon.run(move |memory| {
            count("argon2id");
            match ours {
                Some(hash) => argon::matches(memory, &hash, &typed).map(|right| (right, None)),
                // The original took the space away. Who signs in without it must be able to do so afterwards too.
                None => argon::hash(memory, Text::Trimmed, &typed).map(|replacement| (false, Some(replacement))),
            }
        });
        let by_scrypt = async {
            if !self.has_legacy.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let hash = legacy.unwrap_or_else(LegacyHash::of_nobody);
            let compare = move || hash.matches(Text::Trimmed.of(&password.0));
            let panicked = |_| ApiError::internal("a thread that hashes has panicked");
            // In a thread that ends. What the allocator keeps for one that goes on leaves no room for the next 16 MiB.
            let compare_once = move |(): &mut ()| thread::spawn(compare).join().map_err(panicked);
            count("scrypt");
            self.scrypt.run(compare_once).await
        };
        Ok(match tokio::try_join!(by_argon, by_scrypt)? {
            ((true, _), _) => Verdict::Right,
            ((_, Some(replacement)), true) => Verdict::RightButLegacy(replacement),
            _ => Verdict::Wrong,
        })
    }
}

fn count(form: &'static str) {
    counter!("password_hashes_total", "form" => form).increment(1);
}
