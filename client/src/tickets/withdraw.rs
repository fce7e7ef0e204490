//! `GET /tickets/{id}/withdraw` and `POST /tickets/{id}/withdraw`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::TicketBody;
use common::extract::PathId;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::offer::Offer;
use super::read_own;
use crate::done::Done;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::language::t;
use crate::page::{Page, redirect};
use crate::visitor::{SignedIn, Visitor};

/// `GET /tickets/{id}/withdraw`: asks whether the seller means it.
pub async fn page(SignedIn(seller): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let ticket = read_own(&seller, id).await?;
    if ticket.order_id.is_some() {
        return Ok(redirect(&format!("/tickets/{id}")));
    }
    Ok(question(&seller, &ticket, Refusal::default()).into_response())
}

/// `POST /tickets/{id}/withdraw`: takes the ticket off sale.
pub async fn submit(SignedIn(seller): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let call = seller.call(Method::DELETE, Service::Tickets, &format!("/api/tickets/{id}"));
    match call.send().await {
        // One that is gone already is what the seller wants.
        Ok(_) | Err(Failure::NotFound) => Ok(seller.lead(Done::ListingWithdrawn, "/selling")),
        Err(failure) => {
            let refusal = failure.refusal()?;
            let ticket = read_own(&seller, id).await?;
            Ok(question(&seller, &ticket, refusal).into_response())
        }
    }
}

fn question(seller: &Visitor, ticket: &TicketBody, refusal: Refusal) -> Page {
    let language = seller.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &[]);
    let heading = t!(language, "sell-withdraw-heading");
    let content = view! {
        <h1>{heading.clone()}</h1>
        <Summary messages=refusal.about_all_but(&[]) />
        {Offer::of(ticket).card(language, Timestamp::now())}
        <p>{t!(language, "sell-withdraw-about")}</p>
        <form method="post" action=format!("/tickets/{}/withdraw", ticket.id) class="actions">
            <button class="danger">{t!(language, "sell-withdraw")}</button>
            <a class="button quiet" href="/selling">{t!(language, "sell-keep")}</a>
        </form>
    };
    seller.page(heading, content).outcome(outcome)
}
