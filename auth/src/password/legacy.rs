//! The password form of the Node original: `hex(scrypt(password, salt, 64)).salt`.

use scrypt::{Params, scrypt};
use subtle::ConstantTimeEq;

/// Node's defaults: N = 16384, r = 8, p = 1.
const LOG_N: u8 = 14;
const R: u32 = 8;
const P: u32 = 1;
const HASH_BYTES: usize = 64;

/// Whether the password is the stored one; `None` when the stored text is not of this form.
pub fn verify(password: &str, stored: &str) -> Option<bool> {
    let (hash, salt) = stored.split_once('.')?;
    let expected = hex::decode(hash).ok().filter(|bytes| bytes.len() == HASH_BYTES)?;
    let mut actual = [0; HASH_BYTES];
    // The salt is the hex text itself, not the bytes it stands for.
    scrypt(password.as_bytes(), salt.as_bytes(), &Params::new(LOG_N, R, P).ok()?, &mut actual).ok()?;
    Some(expected.ct_eq(&actual).into())
}
