//! Passwords that are guessed first.

use std::collections::HashSet;
use std::sync::LazyLock;

/// In lower case, one a line. Shorter ones are refused for their length.
static GUESSABLE: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("guessable.txt").lines().collect());

/// Whether a password is among the 20,000 most common ones, or is nothing but white space. Case and the space around it make
/// no difference to who guesses it.
pub fn is_guessable(password: &str) -> bool {
    let guessed = password.trim().to_lowercase();
    guessed.is_empty() || GUESSABLE.contains(guessed.as_str())
}
