//! `GET /tickets/{id}/report` and `POST /tickets/{id}/report`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::TicketBody;
use common::extract::PathId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::read;
use crate::assets::SUBMIT_ONCE;
use crate::card::{Notice, Tone};
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::{Form, TextArea};
use crate::language::t;
use crate::page::Page;
use crate::visitor::{SignedIn, Visitor};

/// What a visitor says against a listing.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Report {
    reason: String,
}

/// `GET /tickets/{id}/report`: the form.
pub async fn page(SignedIn(visitor): SignedIn, PathId(id): PathId) -> Result<Page, Failure> {
    let ticket = read(&visitor, id).await?;
    Ok(report_page(&visitor, &ticket, Report::default(), Refusal::default()))
}

/// `POST /tickets/{id}/report`: tells the operator.
pub async fn submit(
    SignedIn(visitor): SignedIn,
    PathId(id): PathId,
    Form(report): Form<Report>,
) -> Result<Response, Failure> {
    let ticket = read(&visitor, id).await?;
    let call = visitor.call(Method::POST, Service::Tickets, &format!("/api/tickets/{id}/report")).json(&report);
    Ok(match call.send().await {
        Ok(_) => thanks_page(&visitor, &ticket),
        Err(failure) => report_page(&visitor, &ticket, report, failure.refusal()?),
    }
    .into_response())
}

fn report_page(visitor: &Visitor, ticket: &TicketBody, report: Report, refusal: Refusal) -> Page {
    let language = visitor.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &["reason"]);
    let heading = t!(language, "ticket-report-heading");
    let busy = t!(language, "ticket-reporting");
    let content = view! {
        <div class="head">
            <h1>{heading.clone()}</h1>
            <p class="lead"><a href=format!("/tickets/{}", ticket.id)>{ticket.title.clone()}</a></p>
        </div>
        <form method="post" action=format!("/tickets/{}/report", ticket.id)>
            <Summary messages=refusal.about_all_but(&["reason"]) />
            <TextArea
                name="reason"
                label=t!(language, "ticket-report-reason")
                value=report.reason
                rows=4
                most_characters=500
                hint=Some(t!(language, "ticket-report-hint"))
                refusal
            />
            <submit-once busy=busy><button>{t!(language, "ticket-report-send")}</button></submit-once>
        </form>
    };
    visitor.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE)
}

fn thanks_page(visitor: &Visitor, ticket: &TicketBody) -> Page {
    let language = visitor.language();
    let heading = t!(language, "ticket-reported-heading");
    let thanks = t!(language, "ticket-reported", title = ticket.title.clone());
    let content = view! {
        <h1>{heading.clone()}</h1>
        <Notice tone=Tone::Good><p role="status">{thanks}</p></Notice>
        <p><a class="button" href="/">{t!(language, "ticket-all")}</a></p>
    };
    visitor.page(heading, content)
}
