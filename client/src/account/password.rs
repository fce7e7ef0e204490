//! `POST /account/settings/password`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::SessionBody;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::settings::{PATH, settings_page};
use crate::done::Done;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::{Field, Form};
use crate::language::{Language, t};
use crate::visitor::{SignedIn, set_cookies};

/// What the auth service says of a wrong password.
const INVALID: &str = "Invalid credentials";

/// The same where nobody asked for an address.
const NOT_YOURS: &str = "This is not your password";

/// The inputs, in the form's order.
const FIELDS: [&str; 2] = ["password", "newPassword"];

/// The current password and the one that takes its place.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Change {
    password: String,
    new_password: String,
}

/// `POST /account/settings/password`: changes the password. The answer of the auth service begins a new session for this device, and
/// every other one is over.
pub async fn submit(SignedIn(visitor): SignedIn, Form(change): Form<Change>) -> Result<Response, Failure> {
    match visitor.call(Method::POST, Service::Auth, "/api/users/password").json(&change).send().await {
        Ok(headers) => Ok(visitor.lead_with(set_cookies(&headers), Done::PasswordChanged, PATH)),
        Err(failure) => {
            let refusal = at_password(failure.refusal()?);
            Ok(settings_page(&visitor, refusal).await?.into_response())
        }
    }
}

/// A wrong password is said beside the input.
pub fn at_password(mut refusal: Refusal) -> Refusal {
    for entry in refusal.errors.iter_mut().filter(|entry| entry.message == INVALID) {
        entry.message = NOT_YOURS.to_owned();
        entry.field = Some("password".to_owned());
    }
    refusal
}

/// The form. Password managers read from it whose password it is.
pub fn form(account: &SessionBody, refusal: Refusal, language: Language) -> AnyView {
    let refusal = refusal.in_form(language, &FIELDS);
    let busy = t!(language, "settings-password-changing");
    view! {
        <section class="panel" id="change-password">
            <h2>{t!(language, "settings-password")}</h2>
            <p>{t!(language, "settings-password-about")}</p>
            <form method="post" action="/account/settings/password">
                <Summary messages=refusal.about_all_but(&FIELDS) />
                <input type="text" name="username" autocomplete="username" value=account.email.clone() hidden />
                <Field
                    name="password"
                    label=t!(language, "settings-password-current")
                    kind="password"
                    autocomplete="current-password"
                    refusal=refusal.clone()
                />
                <Field
                    name="newPassword"
                    label=t!(language, "settings-password-new")
                    kind="password"
                    autocomplete="new-password"
                    hint=Some(t!(language, "account-password-hint"))
                    refusal
                />
                <submit-once busy=busy><button>{t!(language, "settings-password-change")}</button></submit-once>
            </form>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use common::api::ErrorEntry;

    use super::at_password;
    use crate::failure::Refusal;

    #[test]
    fn a_wrong_password_is_said_where_it_was_typed_and_everything_else_stays() {
        let entry = |message: &str, field: Option<&str>| ErrorEntry {
            message: message.to_owned(),
            field: field.map(str::to_owned),
        };
        let errors = vec![entry("Invalid credentials", None), entry("An order is open", None)];
        let refusal = at_password(Refusal { status: StatusCode::BAD_REQUEST, errors, ..Refusal::default() });
        assert_eq!(
            refusal.errors,
            [entry("This is not your password", Some("password")), entry("An order is open", None)]
        );
    }
}
