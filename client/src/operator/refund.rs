//! `GET /operator/orders/{id}/refund` and `POST /operator/orders/{id}/refund`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::OrderBody;
use common::extract::PathId;
use leptos::prelude::*;
use serde_json::json;

use super::Operator;
use super::found::order;
use crate::assets::SUBMIT_ONCE;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::language::t;
use crate::page::{Page, redirect};
use crate::visitor::Visitor;

/// `GET /operator/orders/{id}/refund`: asks whether the operator means it.
pub async fn page(Operator(operator): Operator, PathId(id): PathId) -> Result<Page, Failure> {
    let order = order(&operator, id).await?.ok_or(Failure::NotFound)?;
    Ok(question(&operator, &order, Refusal::default()))
}

/// `POST /operator/orders/{id}/refund`: gives the buyer the money back.
pub async fn submit(Operator(operator): Operator, PathId(id): PathId) -> Result<Response, Failure> {
    let call = operator.call(Method::POST, Service::Payments, &format!("/api/payments/{id}/refund")).json(&json!({}));
    match call.send().await {
        Ok(_) => Ok(redirect(&format!("/operator?id={id}"))),
        Err(failure) => {
            let refusal = failure.refusal()?;
            let order = order(&operator, id).await?.ok_or(Failure::NotFound)?;
            Ok(question(&operator, &order, refusal).into_response())
        }
    }
}

fn question(operator: &Visitor, order: &OrderBody, refusal: Refusal) -> Page {
    let language = operator.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &[]);
    let heading = t!(language, "operator-refund-heading");
    let amount = language.money(order.ticket.price);
    let busy = t!(language, "operator-refunding");
    let content = view! {
        <h1>{heading.clone()}</h1>
        <Summary messages=refusal.about_all_but(&[]) />
        <p>{t!(language, "operator-refund-about", amount = amount.clone(), title = order.ticket.title.clone())}</p>
        <form method="post" action=format!("/operator/orders/{}/refund", order.id)>
            <submit-once class="actions" busy=busy>
                <button class="danger">{t!(language, "operator-refund-amount", amount = amount)}</button>
                <a class="button quiet" href=format!("/operator?id={}", order.id)>{t!(language, "operator-back")}</a>
            </submit-once>
        </form>
    };
    operator.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE)
}
