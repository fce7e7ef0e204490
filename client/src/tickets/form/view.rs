//! The page of the form.

use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::{FIELDS, ListingForm, zones};
use crate::assets::{DEVICE_ZONE, EVENT_SUGGEST, FILE_LIMIT, LIVE_PREVIEW, SUBMIT_ONCE};
use crate::failure::{Refusal, Summary};
use crate::forms::{Field, FileInput, Select, TextArea, more};
use crate::language::{Language, t};
use crate::page::Page;
use crate::tickets::offer::Offer;
use crate::tickets::proposals::Proposals;
use crate::visitor::Visitor;

/// What a file may be. The tickets service looks at its bytes.
pub const FILE_TYPES: &str = "application/pdf,image/png,image/jpeg";

/// Whose form it is.
pub enum FormOf {
    /// A listing that is to be. It may be one of an event that is there already.
    New(Proposals),
    /// A listing that is there.
    Old {
        /// Which one.
        id: Id,
        /// Its event, for the artwork.
        event: Id,
        /// Whether its file is there.
        has_file: bool,
    },
}

impl FormOf {
    fn path(&self) -> String {
        match self {
            Self::New(_) => "/tickets/new".to_owned(),
            Self::Old { id, .. } => format!("/tickets/{id}/edit"),
        }
    }
}

/// The page with this form. `lost_file` says that a file was sent, which has to be chosen again.
pub fn form_page(seller: &Visitor, of: FormOf, form: ListingForm, refusal: Refusal, lost_file: bool) -> Page {
    let language = seller.language();
    let (heading, lead) = match of {
        FormOf::New(_) => (t!(language, "sell-heading"), t!(language, "sell-lead")),
        FormOf::Old { .. } => (t!(language, "sell-edit-heading"), t!(language, "sell-edit-lead")),
    };
    let outcome = refusal.outcome();
    let refusal = form.explain(refusal, language);
    let preview = preview(&form, &of, language);
    let proposals = if let FormOf::New(proposals) = &of { Some(proposals.view(language)) } else { None };
    let content = view! {
        <div class="head">
            <h1>{heading.clone()}</h1>
            <p class="lead">{lead}</p>
        </div>
        <div class="split sell">
            {preview}
            <div>{proposals} {form_view(&of, form, &refusal, lost_file, language)}</div>
        </div>
    };
    let page = seller.page(heading, content).outcome(outcome).script(&LIVE_PREVIEW).script(&SUBMIT_ONCE).wide();
    match of {
        FormOf::New(_) => page.script(&EVENT_SUGGEST).script(&DEVICE_ZONE).script(&FILE_LIMIT),
        FormOf::Old { .. } => page.script(&EVENT_SUGGEST),
    }
}

fn form_view(of: &FormOf, form: ListingForm, refusal: &Refusal, lost_file: bool, language: Language) -> AnyView {
    let (submit, busy) = match of {
        FormOf::New(_) => (t!(language, "sell-submit"), t!(language, "sell-submitting")),
        FormOf::Old { .. } => (t!(language, "sell-save"), t!(language, "sell-saving")),
    };
    let key = form.key.clone();
    view! {
        <form id="listing" method="post" action=of.path() enctype="multipart/form-data">
            <Summary messages=refusal.about_all_but(&FIELDS) />
            <input type="hidden" name="key" value=key />
            {title_and_price(&form, refusal, language)}
            {place_and_time(&form, matches!(of, FormOf::New(_)), refusal, language)}
            {seats(&form, refusal, language)}
            {small_print(&form, refusal, language)}
            {file(of, refusal, lost_file, language)}
            <submit-once class="actions" busy=busy>
                <button>{submit}</button>
                <button class="quiet" name="preview" value="yes" formnovalidate>{t!(language, "sell-preview")}</button>
            </submit-once>
        </form>
    }
    .into_any()
}

fn title_and_price(form: &ListingForm, refusal: &Refusal, language: Language) -> AnyView {
    let quantities =
        (1..=8).map(|seats| (seats.to_string(), t!(language, "sell-quantity-option", seats = seats))).collect();
    let suggestions = t!(language, "sell-suggestions");
    view! {
        <event-suggest found=t!(language, "sell-suggestions-found") label=suggestions>
            <Field
                name="title"
                label=t!(language, "sell-title")
                value=form.title.clone()
                most_characters=200
                hint=Some(t!(language, "sell-title-hint"))
                refusal=refusal.clone()
            />
        </event-suggest>
        <div class="row">
            <Select
                name="quantity"
                label=t!(language, "sell-quantity")
                options=quantities
                value=form.quantity.clone()
                refusal=refusal.clone()
            />
            <Field
                name="price"
                label=t!(language, "sell-price")
                inputmode="decimal"
                value=form.price.clone()
                hint=Some(t!(language, "sell-price-hint"))
                refusal=refusal.clone()
            />
        </div>
    }
    .into_any()
}

fn place_and_time(form: &ListingForm, is_new: bool, refusal: &Refusal, language: Language) -> AnyView {
    let zone = view! {
        <Select
            name="zone"
            label=t!(language, "sell-zone")
            options=zones::options(language, &form.zone)
            value=form.zone.clone()
            hint=Some(t!(language, "sell-zone-hint"))
            refusal=refusal.clone()
        />
    };
    // A new form has the zone of the device, if a script may ask it and nothing is known yet.
    let is_untouched = is_new && form.date.is_empty() && form.title.is_empty();
    let zone = if is_untouched { view! { <device-zone>{zone}</device-zone> }.into_any() } else { zone.into_any() };
    let inputs = view! {
            <div class="row">
                {optional("venue", t!(language, "sell-venue"), &form.venue, 120, refusal)}
                {optional("city", t!(language, "sell-city"), &form.city, 120, refusal)}
            </div>
            <div class="row">
                <Field
                    name="date"
                    label=t!(language, "sell-date")
                    kind="date"
                    value=form.date.clone()
                    required=false
                    refusal=refusal.clone()
                />
                <Field
                    name="time"
                    label=t!(language, "sell-time")
                    kind="time"
                    value=form.time.clone()
                    required=false
                    refusal=refusal.clone()
                />
            </div>
            {zone}
    };
    more(t!(language, "sell-where-and-when"), t!(language, "sell-where-and-when-about"), true, inputs)
}

fn seats(form: &ListingForm, refusal: &Refusal, language: Language) -> AnyView {
    let fields = ["section", "row", "seat"];
    let is_open =
        [&form.section, &form.row, &form.seat].iter().any(|text| !text.is_empty()) || refusal.is_about(&fields);
    let inputs = view! {
            <div class="row">
                {optional("section", t!(language, "sell-section"), &form.section, 40, refusal)}
                {optional("row", t!(language, "sell-row"), &form.row, 40, refusal)}
                {optional("seat", t!(language, "sell-seat"), &form.seat, 40, refusal)}
            </div>
    };
    more(t!(language, "sell-seats"), t!(language, "sell-seats-about"), is_open, inputs)
}

fn small_print(form: &ListingForm, refusal: &Refusal, language: Language) -> AnyView {
    let fields = ["faceValue", "restrictions"];
    let is_open = !form.face_value.is_empty() || !form.restrictions.is_empty() || refusal.is_about(&fields);
    let inputs = view! {
            <Field
                name="faceValue"
                label=t!(language, "sell-face-value")
                inputmode="decimal"
                value=form.face_value.clone()
                hint=Some(t!(language, "sell-face-value-hint"))
                required=false
                refusal=refusal.clone()
            />
            <TextArea
                name="restrictions"
                label=t!(language, "sell-restrictions")
                value=form.restrictions.clone()
                most_characters=500
                hint=Some(t!(language, "sell-restrictions-hint"))
                required=false
                refusal=refusal.clone()
            />
    };
    more(t!(language, "sell-more"), t!(language, "sell-more-about"), is_open, inputs)
}

/// The file of a new listing. That of an old one has a page of its own.
fn file(of: &FormOf, refusal: &Refusal, lost_file: bool, language: Language) -> AnyView {
    if let FormOf::Old { id, has_file, .. } = of {
        let words = if *has_file { t!(language, "sell-file-there") } else { t!(language, "sell-file-missing") };
        return view! { <p><a href=format!("/tickets/{id}/file")>{words}</a></p> }.into_any();
    }
    let is_open = lost_file || refusal.is_about(&["file"]);
    let again = lost_file.then(|| view! { <p class="message" role="alert">{t!(language, "sell-file-again")}</p> });
    let inputs = view! {
            {again}
            <FileInput
                name="file"
                label=t!(language, "sell-file-label")
                accept=FILE_TYPES
                hint=Some(t!(language, "sell-file-hint"))
            too_large=t!(language, "sell-file-too-large")
                required=false
                refusal=refusal.clone()
            />
    };
    more(t!(language, "sell-file"), t!(language, "sell-file-about"), is_open, inputs)
}

fn optional(name: &'static str, label: String, value: &str, most_characters: u32, refusal: &Refusal) -> impl IntoView {
    view! { <Field name label value=value.to_owned() most_characters required=false refusal=refusal.clone() /> }
}

/// What buyers will see, when the seller asks for it; a script shows it while one types.
fn preview(form: &ListingForm, of: &FormOf, language: Language) -> AnyView {
    let (title, price, details) = form.draft(language);
    let event = match of {
        FormOf::New(proposals) => proposals.chosen.unwrap_or_else(|| Id::from_bytes([7; 12])),
        FormOf::Old { event, .. } => *event,
    };
    let has_file = matches!(of, FormOf::Old { has_file: true, .. });
    let shown = form.is_preview().then(|| {
        view! {
            <h2>{t!(language, "sell-preview-heading")}</h2>
            {Offer { event, title, price, details, has_file }.card(language, Timestamp::now())}
        }
    });
    let class = if form.is_preview() { "asked" } else { "" };
    view! { <aside class=class><live-preview form="listing">{shown}</live-preview></aside> }.into_any()
}
