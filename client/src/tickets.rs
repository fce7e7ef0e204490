//! Selling and buying tickets. The pages that create and edit a ticket share one form.

pub mod buy;
pub mod edit;
pub mod index;
pub mod new;
pub mod show;

use common::id::Id;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::failure::{Refusal, Summary};
use crate::forms::Field;
use crate::page::Page;
use crate::visitor::Visitor;

/// A ticket as its seller typed it. The tickets service says what is wrong with it.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TicketForm {
    title: String,
    /// Dollars, such as `12.50`.
    price: String,
}

/// The page with the form of this ticket, or of a new one.
fn form_page(seller: &Visitor, id: Option<Id>, ticket: TicketForm, refusal: Refusal) -> Page {
    let (heading, button, path) = match id {
        None => ("Sell a ticket", "Sell", "/tickets/new".to_owned()),
        Some(id) => ("Edit your ticket", "Save", format!("/tickets/{id}/edit")),
    };
    let status = refusal.status;
    let content = view! {
        <h1>{heading}</h1>
        <form method="post" action=path>
            <Summary messages=refusal.about_all_but(&["title", "price"]) />
            <Field name="title" label="Title" value=ticket.title refusal=refusal.clone() />
            <Field
                name="price"
                label="Price in US dollars"
                inputmode="decimal"
                value=ticket.price
                hint=Some("For example 12.50")
                refusal
            />
            <button>{button}</button>
        </form>
    };
    seller.page(heading, content).status(status)
}
