//! The parts of forms, and what the services say against what was entered.

use common::api::ErrorEntry;
use leptos::prelude::*;

use crate::failure::Refusal;

/// What a service said against a form; empty when it is shown for the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages(Vec<ErrorEntry>);

impl From<Refusal> for Messages {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.errors)
    }
}

impl Messages {
    /// Those against one input.
    pub fn against(&self, field: &str) -> Vec<String> {
        let against = |entry: &&ErrorEntry| entry.field.as_deref() == Some(field);
        self.0.iter().filter(against).map(|entry| entry.message.clone()).collect()
    }

    /// Those that stand beside none of these inputs.
    pub fn besides(&self, fields: &[&str]) -> Vec<String> {
        let besides = |entry: &&ErrorEntry| !entry.field.as_deref().is_some_and(|field| fields.contains(&field));
        self.0.iter().filter(besides).map(|entry| entry.message.clone()).collect()
    }
}

/// What is wrong with the form as a whole, above its fields.
#[component]
pub fn Summary(messages: Vec<String>) -> impl IntoView {
    (!messages.is_empty()).then(|| {
        let messages = messages.into_iter().map(|message| view! { <p>{message}</p> }).collect_view();
        view! { <div class="refusal" role="alert">{messages}</div> }
    })
}

/// A labelled input, with what is wrong with it below.
#[component]
pub fn Field(
    /// The name in the form, and the id in the page.
    name: &'static str,
    label: &'static str,
    /// What was entered before.
    #[prop(optional)]
    value: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
    /// What to enter.
    #[prop(optional)]
    hint: Option<&'static str>,
    messages: Vec<String>,
) -> impl IntoView {
    let wrong = !messages.is_empty();
    let hint_id = format!("{name}-hint");
    let message_id = format!("{name}-message");
    let described_by = match (hint.is_some(), wrong) {
        (false, false) => None,
        (true, false) => Some(hint_id.clone()),
        (false, true) => Some(message_id.clone()),
        (true, true) => Some(format!("{message_id} {hint_id}")),
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                aria-describedby=described_by
                aria-invalid=wrong.then_some("true")
                required
            />
            {wrong.then(|| view! { <p class="message" id=message_id role="alert">{messages.join(". ")}</p> })}
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
}
