//! The password form of the Node original: `hex(scrypt(password, salt, 64)).salt`.

use scrypt::{Params, scrypt};
use subtle::ConstantTimeEq;

/// Node's defaults: N = 16384, r = 8, p = 1.
const LOG_N: u8 = 14;
const R: u32 = 8;
const P: u32 = 1;
const HASH_BYTES: usize = 64;

/// A hash of the original.
pub struct LegacyHash {
    hash: [u8; HASH_BYTES],
    /// The salt is the hex text itself, not the bytes it stands for.
    salt: String,
}

impl LegacyHash {
    /// One that no password has.
    pub fn of_nobody() -> Self {
        Self { hash: [0; HASH_BYTES], salt: String::new() }
    }

    /// Reads what is stored; `None` when it is not of this form.
    pub fn parse(stored: &str) -> Option<Self> {
        let (hash, salt) = stored.split_once('.')?;
        Some(Self { hash: hex::decode(hash).ok()?.try_into().ok()?, salt: salt.to_owned() })
    }

    /// Whether this is the hash of the password. It takes 16 MiB.
    pub fn matches(&self, password: &str) -> bool {
        let mut actual = [0; HASH_BYTES];
        let hashed = Params::new(LOG_N, R, P)
            .is_ok_and(|params| scrypt(password.as_bytes(), self.salt.as_bytes(), &params, &mut actual).is_ok());
        hashed & bool::from(self.hash.ct_eq(&actual))
    }
}
