//! `GET /tickets/new` and `POST /tickets/new`

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::TicketBody;
use common::id::Id;

use super::file::{self, Upload};
use super::form::{FormOf, ListingForm, form_page};
use super::proposals::{Beginning, Proposals, event};
use crate::failure::{Failure, Refusal, Service};
use crate::forms::FormWithFile;
use crate::page::redirect;
use crate::selling;
use crate::visitor::SignedIn;

/// `GET /tickets/new`: the form. `?event=` begins with an event that is there already, `?from=` with an old listing.
pub async fn page(
    SignedIn(seller): SignedIn,
    beginning: Result<Query<Beginning>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(beginning) = beginning.unwrap_or_default();
    let language = seller.language();
    let mut form = ListingForm::new(language);
    let mut had_file = false;
    if let Some(from) = beginning.from {
        let old = selling::own(&seller, from).await?;
        had_file = old.has_file;
        form = ListingForm::of(&old, language);
    }
    let mut proposals = Proposals::look(&seller, &beginning).await;
    proposals.had_file = had_file;
    if let Some(key) = proposals.chosen
        && let Some(event) = event(&seller, key).await?
    {
        form = ListingForm::of_event(event, language);
    }
    let form = form.with_key(Id::generate().to_string());
    Ok(form_page(&seller, FormOf::New(proposals), form, Refusal::default(), false).into_response())
}

/// `POST /tickets/new`: puts a ticket on sale, with its file when there is one.
///
/// When the listing is there and the file is refused, its seller is led to the listing, never back to the form that makes another.
pub async fn submit(
    SignedIn(seller): SignedIn,
    FormWithFile { fields: form, file }: FormWithFile<ListingForm>,
) -> Result<Response, Failure> {
    let language = seller.language();
    let again = |form, refusal| form_page(&seller, FormOf::New(Proposals::default()), form, refusal, file.is_some());
    if form.is_preview() {
        return Ok(again(form, Refusal::default()).into_response());
    }
    if let Some(refusal) = file.as_ref().and_then(file::refuse) {
        return Ok(again(form, refusal).into_response());
    }
    let body = form.body(language);
    let mut call = seller.call(Method::POST, Service::Tickets, "/api/tickets").json(&body);
    if let Some(key) = form.key(&body) {
        call = call.once(&key);
    }
    let ticket = match call.read::<TicketBody>().await {
        Ok(ticket) => ticket,
        Err(failure) => return Ok(again(form, failure.refusal()?).into_response()),
    };
    let Some(file) = file else { return Ok(redirect(&format!("/tickets/{}", ticket.id))) };
    Ok(match file::upload(&seller, ticket.id, file).await {
        Upload::Done => redirect(&format!("/tickets/{}", ticket.id)),
        other => redirect(&file::path_after(ticket.id, &other)),
    })
}
