//! Posted forms and their inputs.

use axum::extract::FromRequest;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use leptos::prelude::*;

use crate::failure::{Failure, Refusal};

/// A posted form. `T` gives missing fields a default, so that the service can say what is missing.
#[derive(FromRequest)]
#[from_request(via(axum::extract::Form), rejection(Failure))]
pub struct Form<T>(pub T);

impl From<FormRejection> for Failure {
    fn from(rejection: FormRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Malformed }
    }
}

/// A labelled input, with what is wrong with it below.
#[component]
pub fn Field(
    /// The name in the form and in the service's refusal, and the id in the page.
    name: &'static str,
    label: &'static str,
    /// What was entered before.
    #[prop(optional)]
    value: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
    /// What to enter.
    #[prop(optional_no_strip)]
    hint: Option<&'static str>,
    refusal: Refusal,
) -> impl IntoView {
    let messages = refusal.about(name);
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
