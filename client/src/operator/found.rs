//! An order or a listing as the operator sees it.

use axum::http::Method;
use common::api::{OrderBody, OrderStatus, TicketBody};
use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::card::{Badge, Notice, Tone};
use crate::failure::{Failure, Service};
use crate::language::{Language, t};
use crate::tickets::offer::Offer;
use crate::visitor::Visitor;

/// What has this id. Ids are unique over all services, so both are asked at once.
pub async fn found(operator: &Visitor, wanted: &str) -> Result<AnyView, Failure> {
    let language = operator.language();
    let Ok(id) = wanted.parse::<Id>() else { return Ok(nothing(language)) };
    let (ticket, order) = tokio::join!(ticket(operator, id), order(operator, id));
    match (ticket?, order?) {
        (None, None) => Ok(nothing(language)),
        (ticket, order) => {
            let ticket = ticket.map(|ticket| ticket_view(&ticket, language));
            let order = order.map(|order| order_view(&order, language));
            Ok(view! { {ticket} {order} }.into_any())
        }
    }
}

/// The listing with this id, if there is one.
pub async fn ticket(operator: &Visitor, id: Id) -> Result<Option<TicketBody>, Failure> {
    let call = operator.call(Method::GET, Service::Tickets, &format!("/api/tickets/{id}"));
    none_if_not_found(call.read().await)
}

/// The order with this id, if there is one.
pub async fn order(operator: &Visitor, id: Id) -> Result<Option<OrderBody>, Failure> {
    let call = operator.call(Method::GET, Service::Orders, &format!("/api/orders/{id}"));
    none_if_not_found(call.read().await)
}

fn none_if_not_found<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Failure::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn nothing(language: Language) -> AnyView {
    view! { <div role="status"><Notice tone=Tone::Warn><p>{t!(language, "operator-nothing")}</p></Notice></div> }
        .into_any()
}

fn ticket_view(ticket: &TicketBody, language: Language) -> AnyView {
    let id = ticket.id;
    let holder = ticket.order_id.map(|order| {
        view! {
            <div>
                <dt>{t!(language, "operator-order")}</dt>
                <dd><a href=format!("/operator?id={order}")>{order.to_string()}</a></dd>
            </div>
        }
    });
    let can_be_taken_down = ticket.order_id.is_none();
    let action = can_be_taken_down.then(|| {
        let path = format!("/operator/tickets/{id}/takedown");
        view! { <a class="button danger" href=path>{t!(language, "operator-take-down")}</a> }
    });
    view! {
        <section class="panel" id="listing">
            <h2>{t!(language, "operator-listing")}</h2>
            {Offer::of(ticket).card(language, Timestamp::now())}
            <dl class="facts">
                <div><dt>{t!(language, "operator-number")}</dt> <dd>{id.to_string()}</dd></div>
                <div><dt>{t!(language, "operator-seller")}</dt> <dd>{ticket.user_id.to_string()}</dd></div>
                {holder}
            </dl>
            <div class="actions">
                {action} <a class="button quiet" href=format!("/tickets/{id}")>{t!(language, "operator-page")}</a>
            </div>
        </section>
    }
    .into_any()
}

fn order_view(order: &OrderBody, language: Language) -> AnyView {
    let (tone, words) = status(order, language);
    let can_be_refunded = order.status == OrderStatus::Complete && order.refunded.is_none();
    let action = can_be_refunded.then(|| {
        let path = format!("/operator/orders/{}/refund", order.id);
        view! { <p><a class="button danger" href=path>{t!(language, "operator-refund")}</a></p> }
    });
    view! {
        <section class="panel" id="order">
            <h2>{t!(language, "operator-order")}</h2>
            <p><strong>{order.ticket.title.clone()}</strong> " " <Badge tone text=words /></p>
            <dl class="facts">
                <div><dt>{t!(language, "operator-number")}</dt> <dd>{order.id.to_string()}</dd></div>
                <div><dt>{t!(language, "operator-price")}</dt> <dd>{language.money(order.ticket.price)}</dd></div>
                <div><dt>{t!(language, "operator-buyer")}</dt> <dd>{order.user_id.to_string()}</dd></div>
                <div>
                    <dt>{t!(language, "operator-listing")}</dt>
                    <dd><a href=format!("/operator?id={}", order.ticket.id)>{order.ticket.id.to_string()}</a></dd>
                </div>
            </dl>
            {action}
        </section>
    }
    .into_any()
}

fn status(order: &OrderBody, language: Language) -> (Tone, String) {
    match (order.status, order.refunded) {
        (_, Some(amount)) => (Tone::Warn, t!(language, "operator-refunded", amount = language.money(amount))),
        (OrderStatus::Complete, None) => (Tone::Good, t!(language, "operator-paid")),
        (OrderStatus::Cancelled, None) => (Tone::Plain, t!(language, "operator-cancelled")),
        (OrderStatus::Created | OrderStatus::AwaitingPayment, None) => (Tone::Warn, t!(language, "operator-unpaid")),
    }
}
