//! Signing up, in and out.

use leptos::prelude::*;

use super::fields::{Field, Messages, Summary};
use crate::next::Next;

/// The form of the sign-up page.
#[component]
pub fn SignUp(
    /// As entered before.
    #[prop(optional)]
    email: String,
    /// Where it leads.
    next: Next,
    #[prop(optional)] messages: Messages,
) -> impl IntoView {
    view! {
        <h1>"Sign Up"</h1>
        <form method="post" action="/auth/signup">
            <Summary messages=messages.besides(&["email", "password"]) />
            <input type="hidden" name="next" value=next.to_string() />
            <Field name="email" label="E-mail address" kind="email" autocomplete="username" value=email messages=messages.against("email") />
            <Field
                name="password"
                label="Password"
                kind="password"
                autocomplete="new-password"
                hint="8 to 128 characters"
                messages=messages.against("password")
            />
            <button>"Sign Up"</button>
        </form>
        <p>"Already have an account? " <a href=next.after("/auth/signin")>"Sign in"</a></p>
    }
}

/// The form of the sign-in page.
#[component]
pub fn SignIn(
    /// As entered before.
    #[prop(optional)]
    email: String,
    /// Where it leads.
    next: Next,
    #[prop(optional)] messages: Messages,
) -> impl IntoView {
    view! {
        <h1>"Sign In"</h1>
        <form method="post" action="/auth/signin">
            <Summary messages=messages.besides(&["email", "password"]) />
            <input type="hidden" name="next" value=next.to_string() />
            <Field name="email" label="E-mail address" kind="email" autocomplete="username" value=email messages=messages.against("email") />
            <Field
                name="password"
                label="Password"
                kind="password"
                autocomplete="current-password"
                messages=messages.against("password")
            />
            <button>"Sign In"</button>
        </form>
        <p>"New here? " <a href=next.after("/auth/signup")>"Sign up"</a></p>
    }
}

/// The button that signs out. A link would do it as soon as something fetched the page ahead.
#[component]
pub fn SignOut() -> impl IntoView {
    view! {
        <h1>"Sign Out"</h1>
        <form method="post" action="/auth/signout">
            <p>"Your session on this device ends. Your tickets and orders stay."</p>
            <button>"Sign Out"</button>
        </form>
    }
}
