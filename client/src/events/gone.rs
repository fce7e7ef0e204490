//! An event for which nothing is on sale.

use axum::http::StatusCode;
use common::api::TicketBody;
use common::id::Id;
use leptos::prelude::*;

use crate::icons::{Icon, Shape};
use crate::language::t;
use crate::page::{Head, Page};
use crate::tickets::read;
use crate::tickets::similar::{Missed, similar, similar_view};
use crate::visitor::Visitor;

/// Nothing is on sale for this event: all of it is sold or reserved, or there is no such event. The header has the search.
pub async fn gone_page(visitor: &Visitor, key: Id) -> Page {
    let language = visitor.language();
    // The key of an event of one ticket is the ticket's, which is still known while somebody holds it.
    let held: Option<TicketBody> = read(visitor, key).await.ok();
    let missed = held.as_ref().map_or_else(|| Missed { id: Some(key), ..Missed::default() }, Missed::of);
    let title = held.map_or_else(|| t!(language, "event-none-heading"), |ticket| ticket.title);
    let content = view! {
        <div class="empty">
            <Icon shape=Shape::TICKET />
            <h1>{title.clone()}</h1>
            <p>{t!(language, "event-none")}</p>
        </div>
        {similar_view(similar(visitor, &missed).await, language)}
    };
    visitor.page(title, content).status(StatusCode::NOT_FOUND).head(Head::default().hidden())
}
