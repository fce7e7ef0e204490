//! The visitor's orders, and paying for them.

mod cards;
mod confirmation;
mod note;
mod shown;
mod standing;
mod view;

pub mod calendar;
pub mod cancel;
pub mod confirm;
pub mod countdown;
pub mod index;
pub mod open;
pub mod pay;
pub mod show;

use common::api::OrderBody;
use common::id::Id;
use leptos::prelude::*;

use crate::card::{Notice, Tone};
use crate::language::{Language, t};

/// `/orders/{id}`
fn path(id: Id) -> String {
    format!("/orders/{id}")
}

/// `Order: Concert`
fn title(language: Language, order: &OrderBody) -> String {
    t!(language, "order-title", title = order.ticket.title.clone())
}

/// Says that this is the sandbox.
fn test_mode(text: String) -> AnyView {
    view! {
        <Notice tone=Tone::Warn>
            <p>{text}</p>
        </Notice>
    }
    .into_any()
}
