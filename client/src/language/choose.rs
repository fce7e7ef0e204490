//! `POST /language`

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Language;
use crate::forms::Form;
use crate::next::Next;
use crate::page::redirect;

/// A language chosen at the foot of a page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    language: String,
    next: Next,
}

/// `POST /language`: keeps the language for a year, and shows the same page again.
pub async fn submit(Form(choice): Form<Choice>) -> Response {
    let cookie = Language::named(&choice.language).map(|language| {
        [(header::SET_COOKIE, format!("language={}; path=/; max-age=31536000; samesite=lax", language.tag()))]
    });
    (cookie, redirect(choice.next.as_str())).into_response()
}
