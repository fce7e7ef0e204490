//! The password form of ours: argon2id as a PHC string.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::try_generate_salt;
use argon2::{Algorithm, Argon2, AssociatedData, Block, Params, ParamsBuilder, Version};
use common::error::ApiError;
use subtle::ConstantTimeEq;

/// The associated data of a hash of a password as it was typed. A hash without it is of an earlier version, which took the space
/// around a password away, as the original did.
const AS_TYPED: &[u8] = b"as typed";

/// What one computation works in: 19 MiB.
pub type Memory = Vec<Block>;

/// The allocator of Linux keeps what is freed, up to 32 MiB at a time, for the thread that freed it. What is larger goes back to the
/// system, and only what is used of it takes memory.
const BLOCKS_THAT_GO_BACK: usize = 33 * 1024;

/// The memory for the parameters that we hash with.
pub fn memory() -> Memory {
    let blocks = Params::default().block_count();
    let mut memory = Vec::with_capacity(BLOCKS_THAT_GO_BACK.max(blocks));
    memory.resize(blocks, Block::new());
    memory
}

/// What of a password is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// All of it.
    AsTyped,
    /// What is left without the space around it.
    Trimmed,
}

impl Text {
    /// This of a password.
    pub fn of(self, password: &str) -> &str {
        match self {
            Self::AsTyped => password,
            Self::Trimmed => password.trim(),
        }
    }

    fn params(self) -> Result<Params, ApiError> {
        let mut params = ParamsBuilder::new();
        if self == Self::AsTyped {
            params.data(AssociatedData::new(AS_TYPED).map_err(ApiError::internal)?);
        }
        params.build().map_err(ApiError::internal)
    }
}

/// The hash to store, with a new salt.
pub fn hash(memory: &mut Memory, text: Text, password: &str) -> Result<String, ApiError> {
    let params = text.params()?;
    let salt = try_generate_salt().map_err(ApiError::internal)?;
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    compute(memory, params.clone(), text.of(password), &salt, &mut output)?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(params).map_err(ApiError::internal)?,
        salt: Some(Salt::new(&salt).map_err(ApiError::internal)?),
        hash: Some(Output::new(&output).map_err(ApiError::internal)?),
    };
    Ok(hash.to_string())
}

/// Whether a stored hash is the password's.
pub fn matches(memory: &mut Memory, stored: &str, password: &str) -> Result<bool, ApiError> {
    let unknown = || ApiError::internal("a stored password hash has an unknown form");
    let stored = PasswordHash::new(stored).map_err(ApiError::internal)?;
    let params = Params::try_from(&stored).map_err(ApiError::internal)?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Err(unknown()) };
    if (stored.algorithm, stored.version) != (Algorithm::default().ident(), Some(Version::default().into())) {
        return Err(unknown());
    }
    let text = if params.data() == AS_TYPED { Text::AsTyped } else { Text::Trimmed };
    let mut actual = vec![0; expected.as_bytes().len()];
    compute(memory, params, text.of(password), salt, &mut actual)?;
    Ok(expected.as_bytes().ct_eq(&actual).into())
}

fn compute(
    memory: &mut Memory,
    params: Params,
    password: &str,
    salt: &[u8],
    output: &mut [u8],
) -> Result<(), ApiError> {
    Argon2::new(Algorithm::default(), Version::default(), params)
        .hash_password_into_with_memory(password.as_bytes(), salt, output, memory)
        .map_err(ApiError::internal)
}
