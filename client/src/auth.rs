//! Accounts and sessions. Signing in and signing up share their form.

pub mod forgot;
pub mod reset;
pub mod signin;
pub mod signout;
pub mod signup;
pub mod verify;

mod link;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::assets::SUBMIT_ONCE;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::Field;
use crate::language::t;
use crate::next::Next;
use crate::page::{Page, redirect};
use crate::visitor::{Visitor, set_cookies};

/// What a visitor enters to sign in or up.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Credentials {
    email: String,
    password: String,
    #[serde(skip_serializing)]
    next: Next,
}

/// A form for credentials, posted to the page's own path. The texts are in the visitor's language.
struct CredentialsForm {
    title: String,
    lead: String,
    busy: String,
    path: &'static str,
    /// Where the auth service takes the credentials.
    api_path: &'static str,
    /// What a password manager should fill in.
    autocomplete: &'static str,
    hint: Option<String>,
    /// The text and path of a link for those who cannot fill in the form.
    help: Option<(String, &'static str)>,
    /// A question, and the text and path of a link for those who need the other form.
    other: (String, String, &'static str),
}

impl CredentialsForm {
    /// The page, which never shows a password.
    fn page(self, visitor: &Visitor, email: String, next: &Next, refusal: Refusal) -> Page {
        let outcome = refusal.outcome();
        let refusal = refusal.in_form(visitor.language(), &["email", "password"]);
        let help = self.help.map(|(text, path)| view! { <p><a href=path>{text}</a></p> });
        let (question, other_text, other_path) = self.other;
        let messages = refusal.about_all_but(&["email", "password"]);
        // Nothing is entered yet, or only the password has to be entered again.
        let (is_first_look, is_again) =
            (email.is_empty(), !email.is_empty() && !refusal.is_about(&["email", "password"]));
        let content = view! {
            <div class="narrow">
                <div class="head">
                    <h1>{self.title.clone()}</h1>
                    <p class="lead">{self.lead}</p>
                </div>
                <form method="post" action=self.path class="panel">
                    <Summary messages />
                    <input type="hidden" name="next" value=next.as_str().to_owned() />
                    <Field
                        name="email"
                        label=t!(visitor.language(), "account-email")
                        kind="email"
                        autocomplete="username"
                        value=email
                        focus=is_first_look
                        refusal=refusal.clone()
                    />
                    <Field
                        name="password"
                        label=t!(visitor.language(), "account-password")
                        kind="password"
                        autocomplete=self.autocomplete
                        hint=self.hint
                        focus=is_again
                        refusal
                    />
                    <submit-once busy=self.busy>
                        <button class="big">{self.title.clone()}</button>
                    </submit-once>
                </form>
                {help}
                <p>{question} " " <a href=next.after(other_path)>{other_text}</a></p>
            </div>
        };
        visitor.page(self.title, content).outcome(outcome).script(&SUBMIT_ONCE)
    }

    /// Begins a session with the credentials.
    async fn submit(self, visitor: &Visitor, credentials: Credentials) -> Result<Response, Failure> {
        match visitor.call(Method::POST, Service::Auth, self.api_path).json(&credentials).send().await {
            Ok(headers) => Ok((set_cookies(&headers), redirect(credentials.next.as_str())).into_response()),
            Err(failure) => {
                let refusal = failure.refusal()?;
                Ok(self.page(visitor, credentials.email, &credentials.next, refusal).into_response())
            }
        }
    }
}
