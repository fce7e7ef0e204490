//! What went wrong, in a sentence for the operator.

use anyhow::Error;

/// The causes one after another, without what the libraries say twice.
pub fn in_words(error: &Error) -> String {
    let mut words = String::new();
    for cause in error.chain() {
        let cause = match cause.downcast_ref::<mongodb::error::Error>() {
            // As a whole it shows the server's answer in hexadecimal as well.
            Some(error) => error.kind.to_string(),
            None => cause.to_string(),
        };
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}
