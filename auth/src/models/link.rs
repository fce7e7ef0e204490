//! The links of mails: each holds a random token, of which only the hash is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::id::Id;
use common::timestamp::{Timestamp, as_date};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// What a link proves: whoever has it reads the account's mail. Never logged.
#[derive(Clone, ToSchema)]
pub struct Token(String);

impl Token {
    /// A new one, of 256 random bits.
    pub fn generate() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// The token that a request gives.
    pub fn parse(value: &Value) -> Result<Self, &'static str> {
        common::extract::filled(value, "Token is required").map(|text| Self(text.to_owned()))
    }

    /// The token itself, for the mail.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it. It is random and long: a hash without salt is enough.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(&self.0))
    }
}

/// A link that was sent, as its mail's document keeps it until it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The hash of its token.
    pub hash: String,
    /// The account that it is for.
    pub user_id: Id,
    /// From then on it is not valid.
    #[serde(with = "as_date")]
    pub expires_at: Timestamp,
}
