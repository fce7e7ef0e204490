//! The links of the auth service's mails: each has a token that works once.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::failure::{Refusal, Summary};
use crate::language::t;
use crate::page::Page;
use crate::visitor::Visitor;

/// `?token=…`, and the same in the form of the page that the link leads to.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Link {
    /// What the mail has and nobody else.
    pub token: String,
}

impl Link {
    /// The token of a link. Without one, or with several, the link is not whole.
    pub fn read(query: Result<Query<Self>, QueryRejection>) -> Option<Self> {
        query.ok().map(|Query(link)| link).filter(|link| !link.token.is_empty())
    }
}

/// What is shown in place of a link's page when the link is used up, too old or not whole.
pub fn lost_page(visitor: &Visitor, about: String, button: Option<(&'static str, String)>, refusal: Refusal) -> Page {
    let language = visitor.language();
    let status = if refusal.status.is_success() { StatusCode::BAD_REQUEST } else { refusal.status };
    let refusal = refusal.in_form(language, &[]);
    let heading = t!(language, "link-lost-heading");
    let button = button.map(|(path, words)| view! { <p><a class="button" href=path>{words}</a></p> });
    let content = view! {
        <div class="narrow">
            <h1>{heading.clone()}</h1>
            <Summary messages=refusal.about_all_but(&[]) />
            <p>{about}</p>
            {button}
        </div>
    };
    visitor.page(heading, content).status(status).secret()
}
