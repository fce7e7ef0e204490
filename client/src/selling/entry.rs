//! One listing of a seller's own: what it is, its state, and what can be done.

use common::api::{ListingState, OwnTicketBody, TicketBody};
use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::card::{Badge, DateBlock, Tone};
use crate::language::{Language, t};
use crate::tickets::offer::place;

/// The listing as an entry of the list. `is_back`: another listing of the same seats has taken its place.
pub fn entry(own: OwnTicketBody, is_back: bool, language: Language) -> impl IntoView {
    let actions = actions(&own, is_back, language);
    let state = state(&own, language);
    let OwnTicketBody { ticket, state: standing, taken_down, .. } = own;
    // A withdrawn listing has no page.
    let title = match standing {
        ListingState::Withdrawn => view! { <span class="title">{ticket.title}</span> }.into_any(),
        _ => view! { <a class="title" href=format!("/tickets/{}", ticket.id)>{ticket.title}</a> }.into_any(),
    };
    let reason =
        taken_down.map(|reason| view! { <p class="message">{t!(language, "sell-taken-down", reason = reason)}</p> });
    let away = ticket.details.starts_at.map(|time| language.away(time, Timestamp::now()));
    let about: Vec<String> = place(&ticket.details).into_iter().chain(away).collect();
    let about = (!about.is_empty()).then(|| view! { <p class="state">{about.join(" · ")}</p> });
    view! {
        <li id=format!("listing-{}", ticket.id)>
            <DateBlock language time=ticket.details.starts_at />
            <div class="entry">
                {title} {about}
                <p class="standing">{state}</p>
                {reason}
                <p class="links">{actions}</p>
            </div>
            <span class="price">{language.money(ticket.price)}</span>
        </li>
    }
}

/// The state in words. A time is shown as the device's by a script.
fn state(own: &OwnTicketBody, language: Language) -> AnyView {
    let (tone, words) = match own.state {
        ListingState::OnSale => (Tone::Good, t!(language, "sell-state-on-sale")),
        ListingState::Held => return held(own.held_until, language),
        ListingState::Sold => (Tone::Good, t!(language, "sell-state-sold", price = language.money(own.ticket.price))),
        ListingState::Withdrawn if own.taken_down.is_some() => (Tone::Wrong, t!(language, "sell-state-taken-down")),
        ListingState::Withdrawn => (Tone::Plain, t!(language, "sell-state-withdrawn")),
        ListingState::Over => (Tone::Plain, t!(language, "sell-state-over")),
    };
    view! { <Badge tone text=words /> }.into_any()
}

fn held(until: Option<Timestamp>, language: Language) -> AnyView {
    let Some(until) = until else {
        return view! { <Badge tone=Tone::Warn text=t!(language, "sell-state-held") /> }.into_any();
    };
    view! {
        <span class="badge warn">
            {t!(language, "sell-state-held-until")} " "
            <local-time><time datetime=until.to_string()>{language.clock(until)}</time></local-time>
        </span>
    }
    .into_any()
}

fn actions(own: &OwnTicketBody, is_back: bool, language: Language) -> AnyView {
    let TicketBody { id, has_file, .. } = own.ticket;
    let file = match (own.state, has_file) {
        (ListingState::OnSale | ListingState::Held | ListingState::Sold, false) => {
            Some(link(id, "file", t!(language, "sell-add-file")))
        }
        (ListingState::OnSale | ListingState::Held | ListingState::Sold, true) => {
            Some(link(id, "file", t!(language, "sell-file-there")))
        }
        _ => None,
    };
    match own.state {
        ListingState::OnSale => view! {
            {link(id, "edit", t!(language, "sell-edit"))}
            {file}
            {link(id, "withdraw", t!(language, "sell-withdraw"))}
        }
        .into_any(),
        ListingState::Held | ListingState::Sold => file.into_any(),
        ListingState::Withdrawn | ListingState::Over if is_back => ().into_any(),
        ListingState::Withdrawn | ListingState::Over => {
            view! { <a href=format!("/tickets/new?from={id}")>{t!(language, "sell-again")}</a> }.into_any()
        }
    }
}

fn link(id: Id, what: &str, words: String) -> impl IntoView + use<> {
    view! { <a href=format!("/tickets/{id}/{what}")>{words}</a> " " }
}
