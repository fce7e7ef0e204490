//! A listing among the others of its event: what differs between them.

use common::api::TicketBody;
use leptos::prelude::*;

use crate::card::{Badge, Tone};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::tickets::offer::compared;

/// A listing of an event.
pub struct Listing(TicketBody);

impl Listing {
    /// This ticket.
    pub fn new(ticket: TicketBody) -> Self {
        Self(ticket)
    }

    /// It as one entry of `<ul class="offers">`. All of it leads to the ticket.
    pub fn entry(self, is_cheapest: bool, language: Language) -> AnyView {
        let Self(ticket) = self;
        let details = &ticket.details;
        let (seats, one) = (details.seats(), details.price_of_one(ticket.price));
        let facts = facts(&ticket, language).into_iter().map(|(shape, text)| {
            view! { <li><Icon shape /> {text}</li> }
        });
        let facts = facts.collect_view();
        let compared = details.face_value.map(|face_value| {
            let (tone, text) = compared(language, one, face_value);
            let price = language.money(face_value);
            view! { <p class="small">{t!(language, "ticket-face-value", price = price)} " " <Badge tone text /></p> }
        });
        let cheapest = is_cheapest.then(|| view! { <Badge tone=Tone::Good text=t!(language, "event-cheapest") /> });
        let price = if seats > 1 {
            let (each, total) = (language.money(one), language.money(ticket.price));
            view! {
                <b>{each}</b> " " <small>{t!(language, "event-each")}</small>
                <span class="small faint">{t!(language, "event-total", price = total)}</span>
            }
            .into_any()
        } else {
            view! { <b>{language.money(ticket.price)}</b> }.into_any()
        };
        view! {
            <li data-ticket=ticket.id.to_string() data-version=ticket.version>
                <div class="seat">
                    <h3><a href=format!("/tickets/{}", ticket.id)>{seat(&ticket, language)}</a> " " {cheapest}</h3>
                    <ul class="seat-facts">{facts}</ul>
                    {compared}
                </div>
                <p class="offer-price">{price}</p>
            </li>
        }
        .into_any()
    }
}

/// `Section A · Row 3 · Seat 12`, else how many tickets it is.
fn seat(ticket: &TicketBody, language: Language) -> String {
    let details = &ticket.details;
    let parts = [
        details
            .section
            .clone()
            .map(|section| named(&section, t!(language, "event-section", section = section.as_str()))),
        details.row.clone().map(|row| together(t!(language, "event-row", row = row))),
        details.seat.clone().map(|seat| together(t!(language, "event-seat", seat = seat))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { t!(language, "event-any-seat") } else { parts.join(" · ") }
}

/// A text that stays in one line.
fn together(text: String) -> String {
    text.replace(' ', "\u{a0}")
}

/// A section that is a word of its own, such as "Balcony", needs no "Section" before it.
fn named(section: &str, with_word: String) -> String {
    let is_word = section.chars().filter(|letter| letter.is_alphabetic()).count() > 3;
    if is_word { section.to_owned() } else { with_word }
}

fn facts(ticket: &TicketBody, language: Language) -> Vec<(Shape, String)> {
    let details = &ticket.details;
    let seats = details.seats();
    let delivery = ticket.has_file.then(|| (Shape::DOWNLOAD, t!(language, "event-at-once")));
    let restrictions = details.restrictions.clone().map(|text| (Shape::INFO, text));
    let seats = (Shape::PEOPLE, t!(language, "event-seats", seats = seats));
    [seats].into_iter().chain(delivery).chain(restrictions).collect()
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_section_is_named_as_people_say_it() {
        for (section, shown) in
            [("A", "Section A"), ("101", "Section 101"), ("Balcony", "Balcony"), ("Block C", "Block C")]
        {
            assert_eq!(named(section, format!("Section {section}")), shown);
        }
    }
}
