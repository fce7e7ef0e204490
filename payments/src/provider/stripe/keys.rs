//! The two keys of one account at Stripe.

use std::fmt;

use common::config::Secret;
use common::error::StartError;

/// A secret key, and the publishable key by which the pages show Stripe's card form: of the same mode, or a card that is typed in one
/// would be charged in the other.
pub struct Keys {
    pub(super) secret: Secret,
    pub(super) publishable: String,
    mode: Mode,
}

/// Whether money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Live,
    Test,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "live",
            Self::Test => "test",
        })
    }
}

impl Mode {
    /// Of a key without its `sk_`, `rk_` or `pk_`.
    fn of(key: &str) -> Option<Self> {
        match key {
            _ if key.starts_with("live_") => Some(Self::Live),
            _ if key.starts_with("test_") => Some(Self::Test),
            _ => None,
        }
    }
}

impl Keys {
    /// The keys of one account in one mode. No error shows the secret one.
    ///
    /// # Errors
    /// When one is missing or no key of its kind, or when their modes differ.
    pub fn new(secret: Option<&Secret>, publishable: Option<&str>) -> Result<Self, StartError> {
        let about_secret = |problem: &str| StartError::configuration("STRIPE_KEY", problem);
        let secret = secret.ok_or_else(|| about_secret("PAYMENT_PROVIDER=stripe needs it"))?;
        let text = secret.expose();
        let rest = text.strip_prefix("sk_").or_else(|| text.strip_prefix("rk_"));
        let mode = rest.and_then(Mode::of).ok_or_else(|| {
            about_secret(match text.starts_with("pk_") {
                true => "it is a publishable key, the secret key is needed",
                false => "it is no secret key: expected sk_live_…, rk_live_…, sk_test_… or rk_test_…",
            })
        })?;
        let about_publishable = |problem: &str| StartError::configuration("STRIPE_PUBLISHABLE_KEY", problem);
        let publishable = publishable.ok_or_else(|| about_publishable("PAYMENT_PROVIDER=stripe needs it"))?;
        match publishable.strip_prefix("pk_").and_then(Mode::of) {
            // Not shown: somebody may have put the secret key here.
            None => Err(about_publishable("it is no publishable key: expected pk_live_… or pk_test_…")),
            Some(other) if other != mode => {
                Err(about_publishable(&format!("it is a {other} key, but STRIPE_KEY is a {mode} key")))
            }
            Some(_) => Ok(Self { secret: secret.clone(), publishable: publishable.to_owned(), mode }),
        }
    }

    /// Whether money moves with them.
    pub fn are_live(&self) -> bool {
        self.mode == Mode::Live
    }
}
