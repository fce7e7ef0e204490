//! What is to be put back, whatever happens.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::kubectl;
use super::report::say;

/// One call of kubectl that puts something back.
struct Action {
    name: String,
    arguments: Vec<String>,
    input: String,
}

/// The changes that were made and not yet put back. Cheap to clone.
#[derive(Clone, Default)]
pub struct Undo(Arc<Mutex<Vec<Action>>>);

impl Undo {
    /// Remembers, before something is changed, how it is put back. A later plan of the same name takes an earlier one's place.
    pub fn plan(&self, name: &str, arguments: &[&str], input: &str) {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let action = Action { name: name.to_owned(), arguments, input: input.to_owned() };
        let mut actions = self.actions();
        match actions.iter_mut().find(|action| action.name == name) {
            Some(planned) => *planned = action,
            None => actions.push(action),
        }
    }

    /// It is as it was, or is to stay.
    pub fn forget(&self, name: &str) {
        self.actions().retain(|action| action.name != name);
    }

    /// All of it is to stay.
    pub fn forget_everything(&self) {
        self.actions().clear();
    }

    /// Puts everything back that is not yet, in the order in which it was planned.
    pub async fn everything(&self) {
        let actions: Vec<Action> = std::mem::take(&mut *self.actions());
        for Action { name, arguments, input } in actions {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            match kubectl::feed(&arguments, &input).await {
                Ok(_) => say(&format!("put back: {name}")),
                Err(error) => say(&format!("NOT put back: {name}: {error:#}")),
            }
        }
    }

    fn actions(&self) -> MutexGuard<'_, Vec<Action>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
