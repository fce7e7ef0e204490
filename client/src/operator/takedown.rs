//! `GET /operator/tickets/{id}/takedown` and `POST /operator/tickets/{id}/takedown`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::TicketBody;
use common::extract::PathId;
use common::timestamp::Timestamp;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Operator;
use super::found::ticket;
use crate::assets::SUBMIT_ONCE;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::{Form, TextArea};
use crate::language::t;
use crate::page::{Page, redirect};
use crate::tickets::offer::Offer;
use crate::visitor::Visitor;

/// Why the listing is taken down. Its seller reads it.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Takedown {
    reason: String,
}

/// `GET /operator/tickets/{id}/takedown`: asks for the reason.
pub async fn page(Operator(operator): Operator, PathId(id): PathId) -> Result<Page, Failure> {
    let ticket = ticket(&operator, id).await?.ok_or(Failure::NotFound)?;
    Ok(takedown_page(&operator, &ticket, Takedown::default(), Refusal::default()))
}

/// `POST /operator/tickets/{id}/takedown`: withdraws the listing.
pub async fn submit(
    Operator(operator): Operator,
    PathId(id): PathId,
    Form(takedown): Form<Takedown>,
) -> Result<Response, Failure> {
    let call = operator.call(Method::POST, Service::Tickets, &format!("/api/tickets/{id}/takedown"));
    match call.json(&takedown).send().await {
        Ok(_) => Ok(redirect("/operator")),
        Err(failure) => {
            let refusal = failure.refusal()?;
            let ticket = ticket(&operator, id).await?.ok_or(Failure::NotFound)?;
            Ok(takedown_page(&operator, &ticket, takedown, refusal).into_response())
        }
    }
}

fn takedown_page(operator: &Visitor, ticket: &TicketBody, takedown: Takedown, refusal: Refusal) -> Page {
    let language = operator.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &["reason"]);
    let heading = t!(language, "operator-takedown-heading");
    let busy = t!(language, "operator-taking-down");
    let content = view! {
        <h1>{heading.clone()}</h1>
        {Offer::of(ticket).card(language, Timestamp::now())}
        <form method="post" action=format!("/operator/tickets/{}/takedown", ticket.id)>
            <Summary messages=refusal.about_all_but(&["reason"]) />
            <TextArea
                name="reason"
                label=t!(language, "operator-reason")
                value=takedown.reason
                most_characters=500
                hint=Some(t!(language, "operator-reason-hint"))
                refusal
            />
            <submit-once class="actions" busy=busy>
                <button class="danger">{t!(language, "operator-take-down")}</button>
                <a class="button quiet" href="/operator">{t!(language, "operator-back")}</a>
            </submit-once>
        </form>
    };
    operator.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE)
}
