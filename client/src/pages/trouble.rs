//! The pages of what went wrong.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use super::fields::{Messages, Summary};
use crate::failure::{Failure, Part};
use crate::page::sign_in_first;
use crate::visitor::{Session, Visitor};

/// The page for a failure. Who needs a session and has none is led to the sign-in page instead.
pub fn answer(visitor: &Visitor, failure: &Failure) -> Response {
    let (title, text, messages) = match failure {
        Failure::NotAuthorized => match visitor.session() {
            Session::SignedIn(session) => {
                let text = format!("You are signed in as {}, and this belongs to another account.", session.email);
                ("Not yours".to_owned(), text, Messages::default())
            }
            Session::Nobody | Session::Unknown => return sign_in_first(visitor.here()),
        },
        Failure::Refused(refusal) => ("That did not work".to_owned(), String::new(), refusal.clone().into()),
        Failure::NotFound => said("Not found", "There is no such page. Perhaps the address is misspelt."),
        Failure::Malformed => said("That did not work", "The form could not be read. Please go back and try again."),
        Failure::TooLarge => {
            said("That did not work", "The form holds more than 64 KiB. Please go back and shorten it.")
        }
        Failure::CrossSite => {
            said("That did not work", "The form was posted by another site. Please use the one on this site.")
        }
        Failure::Away { part, .. } => (
            format!("{part} are away for a moment"),
            match part {
                Part::Payments => {
                    "Please try again in a few seconds. You are never charged twice for an order.".to_owned()
                }
                _ => "Please try again in a few seconds.".to_owned(),
            },
            Messages::default(),
        ),
    };
    // Every form's address answers GET with the page that it stands on.
    let again = matches!(failure, Failure::Away { .. }).then(|| visitor.here().to_string());
    let content = view! { <Trouble title=title.clone() text messages again /> };
    let mut response = visitor.page(title, content).status(failure.status()).into_response();
    if let Failure::Away { retry_after_seconds, .. } = failure {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
    }
    response
}

fn said(title: &str, text: &str) -> (String, String, Messages) {
    (title.to_owned(), text.to_owned(), Messages::default())
}

#[component]
fn Trouble(title: String, text: String, messages: Messages, again: Option<String>) -> impl IntoView {
    view! {
        <h1>{title}</h1>
        <Summary messages=messages.besides(&[]) />
        {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
        {again.map(|path| view! { <p><a href=path>"Try again"</a></p> })}
        <p><a href="/">"Tickets for sale"</a></p>
    }
}
