//! Accounts and sessions. Signing in and signing up share their form.

pub mod signin;
pub mod signout;
pub mod signup;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::Field;
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

/// A form for credentials, posted to the page's own path.
struct CredentialsForm {
    title: &'static str,
    path: &'static str,
    /// Where the auth service takes the credentials.
    api_path: &'static str,
    /// What a password manager should fill in.
    autocomplete: &'static str,
    hint: Option<&'static str>,
    /// A question, and the text and path of a link for those who need the other form.
    other: [&'static str; 3],
}

impl CredentialsForm {
    /// The page, which never shows a password.
    fn page(&self, visitor: &Visitor, email: String, next: &Next, refusal: Refusal) -> Page {
        let [question, other_text, other_path] = self.other;
        let status = refusal.status;
        let content = view! {
            <h1>{self.title}</h1>
            <form method="post" action=self.path>
                <Summary messages=refusal.about_all_but(&["email", "password"]) />
                <input type="hidden" name="next" value=next.as_str().to_owned() />
                <Field name="email" label="E-mail address" kind="email" autocomplete="username" value=email refusal=refusal.clone() />
                <Field name="password" label="Password" kind="password" autocomplete=self.autocomplete hint=self.hint refusal />
                <button>{self.title}</button>
            </form>
            <p>{question}" "<a href=next.after(other_path)>{other_text}</a></p>
        };
        visitor.page(self.title, content).status(status)
    }

    /// Begins a session with the credentials.
    async fn submit(&self, visitor: &Visitor, credentials: Credentials) -> Result<Response, Failure> {
        match visitor.call(Method::POST, Service::Auth, self.api_path).json(&credentials).send().await {
            Ok(headers) => Ok((set_cookies(&headers), redirect(credentials.next.as_str())).into_response()),
            Err(failure) => {
                let refusal = failure.refusal()?;
                Ok(self.page(visitor, credentials.email, &credentials.next, refusal).into_response())
            }
        }
    }
}
