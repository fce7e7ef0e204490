//! The inputs for passwords, which are never shown.

use common::api::SessionBody;
use leptos::prelude::*;

use super::Field;
use crate::failure::Refusal;
use crate::language::{Language, t};

/// What the auth service says of a wrong password.
const INVALID: &str = "Invalid credentials";

/// The same where nobody asked for an address.
const NOT_YOURS: &str = "This is not your password";

/// The password of the account that is signed in, in the field `password`. Password managers read beside it whose it is.
#[component]
pub fn CurrentPassword<'a>(account: &'a SessionBody, label: String, refusal: Refusal) -> impl IntoView {
    view! {
        <input type="text" name="username" autocomplete="username" value=account.email.clone() hidden />
        <Field name="password" label kind="password" autocomplete="current-password" refusal />
    }
}

/// A wrong password is said beside the input for the current one.
pub fn at_current_password(mut refusal: Refusal) -> Refusal {
    for entry in refusal.errors.iter_mut().filter(|entry| entry.message == INVALID) {
        entry.message = NOT_YOURS.to_owned();
        entry.field = Some("password".to_owned());
    }
    refusal
}

/// A password to be set, in the field `newPassword`.
#[component]
pub fn NewPassword(language: Language, #[prop(optional)] focus: bool, refusal: Refusal) -> impl IntoView {
    view! {
        <Field
            name="newPassword"
            label=t!(language, "settings-password-new")
            kind="password"
            autocomplete="new-password"
            hint=Some(t!(language, "account-password-hint"))
            focus
            refusal
        />
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use common::api::ErrorEntry;

    use super::at_current_password;
    use crate::failure::Refusal;

    #[test]
    fn a_wrong_password_is_said_where_it_was_typed_and_everything_else_stays() {
        let entry = |message: &str, field: Option<&str>| ErrorEntry {
            message: message.to_owned(),
            field: field.map(str::to_owned),
        };
        let errors = vec![entry("Invalid credentials", None), entry("An order is open", None)];
        let refusal = Refusal { status: StatusCode::BAD_REQUEST, errors, ..Refusal::default() };
        assert_eq!(
            at_current_password(refusal).errors,
            [entry("This is not your password", Some("password")), entry("An order is open", None)]
        );
    }
}
