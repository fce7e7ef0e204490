//! The pages for somebody who came too late.

use axum::http::StatusCode;
use common::api::TicketBody;
use leptos::prelude::*;

use super::offer::Offer;
use super::similar::{Missed, similar, similar_view};
use crate::icons::{Icon, Shape};
use crate::language::t;
use crate::page::Page;
use crate::visitor::Visitor;

/// There is no such ticket, or not any more.
pub async fn gone_page(visitor: &Visitor, missed: &Missed) -> Page {
    let language = visitor.language();
    let heading = t!(language, "ticket-gone-heading");
    let content = view! {
        <div class="empty">
            <Icon shape=Shape::TICKET />
            <h1>{heading.clone()}</h1>
            <p>{t!(language, "ticket-gone")}</p>
        </div>
        {similar_view(similar(visitor, missed).await, language)}
    };
    visitor.page(heading, content).status(StatusCode::NOT_FOUND)
}

/// Somebody else was faster. The ticket may come back, when that order is not paid.
pub async fn lost_page(visitor: &Visitor, ticket: &TicketBody) -> Page {
    let language = visitor.language();
    let heading = t!(language, "ticket-lost-heading");
    let content = view! {
        <div class="empty" role="alert">
            {Offer::of(ticket).banner(language)}
            <h1>{heading.clone()}</h1>
            <p>{t!(language, "ticket-lost", title = ticket.title.clone())}</p>
            <p><a href=format!("/tickets/{}", ticket.id)>{t!(language, "ticket-lost-again")}</a></p>
        </div>
        {similar_view(similar(visitor, &Missed::of(ticket)).await, language)}
    };
    visitor.page(heading, content).status(StatusCode::BAD_REQUEST)
}
