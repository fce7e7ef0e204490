//! `GET /orders/{id}`

use std::time::Duration;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::{OrderBody, TicketBody};
use common::extract::PathId;
use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::note::{self, PAID, REFUSED, Refused};
use super::standing::Standing;
use super::view::order_view;
use crate::assets::{CARD_FORM, LOCAL_TIME, ORDER_LIVE, PRINT_PAGE, SUBMIT_ONCE, TIME_LEFT};
use crate::failure::{Failure, Service};
use crate::page::{Page, Session};
use crate::tickets::similar::{Missed, similar};
use crate::visitor::{SignedIn, Visitor};

/// How long the tickets service may take. The page can do without what it says.
const TICKET_LIMIT: Duration = Duration::from_secs(1);

/// After how long to look whether the seller has added the missing file.
const FILE_PAUSE: Duration = Duration::from_secs(20);

/// An order and what its page says beside it.
pub struct Shown {
    /// The order, with the title and price that it was made for.
    pub order: OrderBody,
    /// Its ticket, while it is there and the tickets service answers.
    pub ticket: Option<TicketBody>,
    /// Where the order stands.
    pub standing: Standing,
    /// Other tickets, for somebody who did not get this one.
    pub similar: Vec<TicketBody>,
}

/// `GET /orders/{id}`: an order to pay, or how it ended. Only its buyer sees it here.
pub async fn page(SignedIn(buyer): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let shown = Shown::read(&buyer, id).await?;
    if !buyer.is(shown.order.user_id) && *buyer.session() != Session::Unknown {
        return Err(Failure::NotAuthorized);
    }
    let refused: Option<Refused> = note::read(&buyer, REFUSED);
    let once = refused.as_ref().map(|_| note::end(&buyer, id, REFUSED));
    let content = order_view(&buyer, &shown, &refused.unwrap_or_default());
    Ok((once, with_scripts(&buyer, &shown, content)).into_response())
}

impl Shown {
    async fn read(buyer: &Visitor, id: Id) -> Result<Self, Failure> {
        let order: OrderBody = buyer.call(Method::GET, Service::Orders, &format!("/api/orders/{id}")).read().await?;
        let paid = note::read(buyer, PAID).map(Timestamp::from_millis);
        let standing = Standing::of(&order, paid, Timestamp::now());
        let call = buyer.call(Method::GET, Service::Tickets, &format!("/api/tickets/{}", order.ticket.id));
        let ticket: Option<TicketBody> = call.timeout(TICKET_LIMIT).read().await.ok();
        let similar = match (standing, &ticket) {
            (Standing::Cancelled(_), Some(ticket)) => similar(buyer, &Missed::of(ticket)).await,
            _ => Vec::new(),
        };
        Ok(Self { order, ticket, standing, similar })
    }

    /// Whether the ticket itself can be downloaded.
    pub fn has_file(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| ticket.has_file)
    }

    /// A word for what the page shows, the same as long as it need not be made anew.
    pub fn word(&self) -> String {
        let file = if self.has_file() { "-with-file" } else { "" };
        format!("{}{file}", self.standing.word())
    }

    /// After how long the page should be looked at again.
    pub fn again(&self) -> Option<Duration> {
        match self.standing {
            Standing::Complete if !self.has_file() => Some(FILE_PAUSE),
            standing => standing.again(),
        }
    }
}

fn with_scripts(buyer: &Visitor, shown: &Shown, content: AnyView) -> Page {
    let mut page = buyer.page(super::title(buyer.language(), &shown.order), content).wide();
    for script in [&ORDER_LIVE, &TIME_LEFT, &LOCAL_TIME, &SUBMIT_ONCE, &PRINT_PAGE] {
        page = page.script(script);
    }
    if matches!(shown.standing, Standing::Payable(_)) && buyer.stripe_key().is_some() {
        page = page.script(&CARD_FORM).with_stripe();
    }
    page.refresh(shown.standing.lasts(), &note::path(shown.order.id))
}
