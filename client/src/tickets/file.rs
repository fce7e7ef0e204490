//! `GET /tickets/{id}/file` and `POST /tickets/{id}/file`

use axum::extract::RawQuery;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use common::api::{ErrorEntry, TicketBody};
use common::extract::PathId;
use common::id::Id;
use leptos::prelude::*;
use serde::Deserialize;

use super::form::FILE_TYPES;
use super::read_own;
use crate::assets::{FILE_LIMIT, SUBMIT_ONCE};
use crate::card::{Notice, Tone};
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::{FileInput, FormWithFile, SentFile};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::page::{Page, redirect};
use crate::visitor::{SignedIn, Visitor};

/// What the tickets service says of a file that another listing has.
const OFFERED: &str = "This ticket is already offered";

/// What it says of a file that is too large, and this page without asking it.
const TOO_LARGE: &str = "File is larger than 2 MiB";

/// What it says of a file that is no ticket.
const UNKNOWN: &str = "File must be a PDF, PNG or JPEG";

/// The form has only the file.
#[derive(Deserialize)]
pub struct FileForm {}

/// How an upload ended.
pub enum Upload {
    /// The file is attached.
    Done,
    /// The service does not take it.
    Refused(Refusal),
    /// The service did not answer, or not as it should.
    Failed(Failure),
}

/// Attaches a file to a listing.
pub async fn upload(seller: &Visitor, id: Id, file: SentFile) -> Upload {
    let call = seller.call(Method::PUT, Service::Tickets, &format!("/api/tickets/{id}/file")).bytes(file.bytes);
    match call.send().await.map_err(Failure::refusal) {
        Ok(_) => Upload::Done,
        Err(Ok(refusal)) => Upload::Refused(about_file(refusal)),
        Err(Err(failure)) => Upload::Failed(failure),
    }
}

/// What needs no service to be refused.
pub fn refuse(file: &SentFile) -> Option<Refusal> {
    let message = match file {
        SentFile { is_too_large: true, .. } => TOO_LARGE,
        SentFile { bytes, .. } if bytes.is_empty() => "File is required",
        _ => return None,
    };
    let errors = vec![ErrorEntry { message: message.to_owned(), field: Some("file".to_owned()) }];
    Some(Refusal { status: StatusCode::BAD_REQUEST, errors, ..Refusal::default() })
}

/// Whatever the service says is about the only input.
fn about_file(mut refusal: Refusal) -> Refusal {
    for entry in &mut refusal.errors {
        entry.field = Some("file".to_owned());
    }
    refusal
}

/// The page of the file after an upload that came with a new listing.
pub fn path_after(id: Id, upload: &Upload) -> String {
    let reason = match upload {
        Upload::Done => return format!("/tickets/{id}/file"),
        Upload::Refused(refusal) => match refusal.errors.first().map(|entry| entry.message.as_str()) {
            Some(OFFERED) => "offered",
            Some(UNKNOWN) => "unknown",
            _ => "failed",
        },
        Upload::Failed(_) => "failed",
    };
    format!("/tickets/{id}/file?{reason}")
}

/// `GET /tickets/{id}/file`: the file of one's own listing, and the form that attaches it. `?offered`, `?unknown` and `?failed` say
/// why it was not attached together with the listing.
pub async fn page(SignedIn(seller): SignedIn, PathId(id): PathId, RawQuery(query): RawQuery) -> Result<Page, Failure> {
    let language = seller.language();
    let ticket = read_own(&seller, id).await?;
    let message = match query.as_deref() {
        Some("offered") => Some(language.message(OFFERED)),
        Some("unknown") => Some(language.message(UNKNOWN)),
        Some("failed") => Some(t!(language, "sell-file-failed")),
        _ => None,
    };
    let listed = message.is_some().then(|| t!(language, "sell-file-listed"));
    let errors = message.into_iter().map(|message| ErrorEntry { message, field: Some("file".to_owned()) }).collect();
    Ok(file_page(&seller, &ticket, listed, Refusal { errors, ..Refusal::default() }))
}

/// `POST /tickets/{id}/file`: attaches the file.
pub async fn submit(
    SignedIn(seller): SignedIn,
    PathId(id): PathId,
    FormWithFile { file, .. }: FormWithFile<FileForm>,
) -> Result<Response, Failure> {
    let file = file.unwrap_or(SentFile { bytes: Vec::new(), is_too_large: false });
    let refusal = match refuse(&file) {
        Some(refusal) => refusal,
        None => match upload(&seller, id, file).await {
            Upload::Done => return Ok(redirect(&format!("/tickets/{id}/file"))),
            Upload::Refused(refusal) => refusal,
            Upload::Failed(failure) => return Err(failure),
        },
    };
    let ticket = read_own(&seller, id).await?;
    Ok(file_page(&seller, &ticket, None, refusal).into_response())
}

/// `listed` says that the listing itself is there.
fn file_page(seller: &Visitor, ticket: &TicketBody, listed: Option<String>, refusal: Refusal) -> Page {
    let language = seller.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &["file"]);
    let heading = t!(language, "sell-file-heading");
    let content = view! {
        <div class="head">
            <h1>{heading.clone()}</h1>
            <p class="lead"><a href=format!("/tickets/{}", ticket.id)>{ticket.title.clone()}</a></p>
        </div>
        {listed.map(|listed| view! { <Notice tone=Tone::Good><p>{listed}</p></Notice> })}
        <Summary messages=refusal.about_all_but(&["file"]) />
        {attached(ticket, language)}
        {form(ticket, refusal, language)}
        <p><a href="/selling">{t!(language, "sell-back")}</a></p>
    };
    seller.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE).script(&FILE_LIMIT)
}

fn attached(ticket: &TicketBody, language: Language) -> AnyView {
    if !ticket.has_file {
        let words = match ticket.order_id {
            None => t!(language, "sell-file-none"),
            Some(_) => t!(language, "sell-file-awaited"),
        };
        return view! { <Notice tone=Tone::Warn><p>{words}</p></Notice> }.into_any();
    }
    view! {
        <Notice tone=Tone::Good><p>{t!(language, "sell-file-attached")}</p></Notice>
        <p>
            <a class="button quiet" href=format!("/api/tickets/{}/file", ticket.id) download="">
                <Icon shape=Shape::DOWNLOAD /> {t!(language, "sell-file-download")}
            </a>
        </p>
    }
    .into_any()
}

/// The form, unless the file is a buyer's already.
fn form(ticket: &TicketBody, refusal: Refusal, language: Language) -> AnyView {
    if ticket.has_file && ticket.order_id.is_some() {
        return view! { <p class="faint">{t!(language, "sell-file-fixed")}</p> }.into_any();
    }
    let (label, button) = match ticket.has_file {
        true => (t!(language, "sell-file-other"), t!(language, "sell-file-replace")),
        false => (t!(language, "sell-file-label"), t!(language, "sell-file-attach")),
    };
    let busy = t!(language, "sell-file-attaching");
    view! {
        <form method="post" action=format!("/tickets/{}/file", ticket.id) enctype="multipart/form-data" class="panel">
            <FileInput name="file" label=label accept=FILE_TYPES hint=Some(t!(language, "sell-file-hint")) too_large=t!(language, "sell-file-too-large") refusal />
            <submit-once busy=busy><button>{button}</button></submit-once>
        </form>
    }
    .into_any()
}
