//! What visitors reported, listing by listing.

use axum::http::Method;
use common::api::{ReportBody, ReportedTicketBody};
use common::id::Id;
use leptos::prelude::*;

use crate::card::{Badge, Tone};
use crate::failure::{Failure, Service};
use crate::language::{Language, t};
use crate::list::{After, next_after};
use crate::visitor::Visitor;

/// The section of the operator's page: the listings with the latest reports first.
pub async fn section(operator: &Visitor, page: After) -> Result<AnyView, Failure> {
    let language = operator.language();
    let after = page.after.map(|after| format!("?after={after}")).unwrap_or_default();
    let call = operator.call(Method::GET, Service::Tickets, &format!("/api/tickets/reports{after}"));
    let (headers, reported) = call.read_with_headers::<Vec<ReportedTicketBody>>().await?;
    let none = reported.is_empty().then(|| view! { <p class="faint">{t!(language, "operator-no-reports")}</p> });
    let entries = reported.into_iter().map(|reported| entry(reported, language)).collect_view();
    Ok(view! {
        <section id="reports">
            <h2>{t!(language, "operator-reports")}</h2>
            {none} <ul class="list listings">{entries}</ul> {more(next_after(&headers), language)}
        </section>
    }
    .into_any())
}

fn entry(reported: ReportedTicketBody, language: Language) -> impl IntoView {
    let ReportedTicketBody { listing, reports } = reported;
    let ticket = listing.ticket;
    let id = ticket.id;
    let can_be_taken_down = ticket.order_id.is_none();
    let take_down = can_be_taken_down.then(|| {
        view! { <a href=format!("/operator/tickets/{id}/takedown")>{t!(language, "operator-take-down")}</a> }
    });
    let count = t!(language, "operator-reports-count", reports = reports.len());
    view! {
        <li>
            <div class="entry">
                <a class="title" href=format!("/operator?id={id}")>{ticket.title}</a>
                " "
                <Badge tone=Tone::Warn text=count />
                <ul class="reports">{reports.into_iter().map(|report| report_view(report, language)).collect_view()}</ul>
                <form method="post" action=format!("/operator/tickets/{id}/dismiss") class="links">
                    {take_down} <button class="plain">{t!(language, "operator-dismiss")}</button>
                </form>
            </div>
            <span class="price">{language.money(ticket.price)}</span>
        </li>
    }
}

fn report_view(report: ReportBody, language: Language) -> impl IntoView {
    view! {
        <li>
            {report.reason} " "
            <small class="faint">
                <local-time format="date">
                    <time datetime=report.at.to_string()>{language.clock(report.at)}</time>
                </local-time>
            </small>
        </li>
    }
}

fn more(next: Option<Id>, language: Language) -> Option<impl IntoView + use<>> {
    next.map(|after| {
        let path = format!("/operator?after={after}");
        view! { <p><a class="button quiet" rel="next" href=path>{t!(language, "operator-more-reports")}</a></p> }
    })
}
