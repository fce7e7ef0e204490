//! The form of a ticket, new or changed.

use leptos::prelude::*;

use super::fields::{Field, Messages, Summary};
use crate::api::TicketForm;

/// Title and price.
#[component]
pub fn TicketEditor(
    heading: &'static str,
    /// Where it is posted.
    action: String,
    button: &'static str,
    /// As entered, or as it stands.
    ticket: TicketForm,
    #[prop(optional)] messages: Messages,
) -> impl IntoView {
    view! {
        <h1>{heading}</h1>
        <form method="post" action=action>
            <Summary messages=messages.besides(&["title", "price"]) />
            <Field name="title" label="Title" value=ticket.title messages=messages.against("title") />
            <Field
                name="price"
                label="Price in US dollars"
                inputmode="decimal"
                value=ticket.price
                hint="For example 12.50"
                messages=messages.against("price")
            />
            <button>{button}</button>
        </form>
    }
}
