//! What is to be put back, whatever happens.

use std::sync::{Mutex, PoisonError};

use super::kubectl;
use super::report::say;

/// Calls of kubectl, each with its input, that put back what was changed.
#[derive(Default)]
pub struct Undo(Mutex<Vec<(Vec<String>, String)>>);

impl Undo {
    /// Remembers, before something is changed, the call that puts it back. It must do no harm when it is put back already.
    pub fn plan(&self, arguments: &[&str], input: &str) {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((arguments, input.to_owned()));
    }

    /// What was planned before is to stay as it is.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Puts everything back, in the order in which it was planned.
    pub async fn run(&self) {
        let planned = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (arguments, input) in planned {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            if let Err(error) = kubectl::feed(&arguments, &input).await {
                say(&format!("NOT put back: {error:#}"));
            }
        }
    }
}
