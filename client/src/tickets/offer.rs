//! What buyers see of a listing: on its page, in the preview of the form, and where something is asked about it.

use common::api::TicketBody;
use common::id::Id;
use common::listing::Details;
use common::money::Money;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::artwork::Artwork;
use crate::card::{Badge, DateBlock, Tone};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};

/// A listing, or what is there of one.
pub struct Offer {
    /// Decides the artwork.
    pub event: Id,
    pub title: String,
    pub price: Option<Money>,
    pub details: Details,
    pub has_file: bool,
}

impl Offer {
    /// A listing that is there.
    pub fn of(ticket: &TicketBody) -> Self {
        Self {
            event: ticket.event.unwrap_or(ticket.id),
            title: ticket.title.clone(),
            price: Some(ticket.price),
            details: ticket.details.clone(),
            has_file: ticket.has_file,
        }
    }

    /// The artwork with the date on it.
    pub fn banner(&self, language: Language) -> AnyView {
        view! {
            <div class="banner">
                <Artwork key=self.event />
                <DateBlock language time=self.details.starts_at />
            </div>
        }
        .into_any()
    }

    /// When and where the event is, a line each.
    pub fn when_and_where(&self, language: Language, now: Timestamp) -> AnyView {
        let when = self.details.starts_at.map(|time| {
            view! {
                <p class="line">
                    <Icon shape=Shape::CLOCK />
                    <span>
                        <time datetime=time.to_string()>{language.date_and_clock(time)}</time>
                        " "
                        <small class="faint">{t!(language, "ticket-local-time", away = language.away(time, now))}</small>
                    </span>
                </p>
            }
        });
        let place = place(&self.details).map(|place| {
            view! { <p class="line"><Icon shape=Shape::PLACE /> <span>{place}</span></p> }
        });
        view! { {when} {place} }.into_any()
    }

    /// What else it says: seats, restrictions.
    pub fn facts(&self, language: Language) -> AnyView {
        let details = &self.details;
        let seats = details.seats();
        let facts = [
            (t!(language, "ticket-tickets"), (seats > 1).then(|| t!(language, "ticket-together", seats = seats))),
            (t!(language, "ticket-section"), details.section.clone()),
            (t!(language, "ticket-row"), details.row.clone()),
            (t!(language, "ticket-seat"), details.seat.clone()),
            (t!(language, "ticket-restrictions"), details.restrictions.clone()),
        ];
        let facts: Vec<_> = facts
            .into_iter()
            .filter_map(|(name, fact)| fact.map(|fact| view! { <div><dt>{name}</dt> <dd>{fact}</dd></div> }))
            .collect();
        (!facts.is_empty()).then(|| view! { <dl class="facts">{facts}</dl> }).into_any()
    }

    /// The price of all seats and of one, and how it compares to the face value.
    pub fn prices(&self, language: Language) -> AnyView {
        let Some(price) = self.price else {
            return view! { <p class="amount faint">{t!(language, "ticket-no-price")}</p> }.into_any();
        };
        let (seats, one) = (self.details.seats(), self.details.price_of_one(price));
        let each = (seats > 1).then(|| {
            view! { <p class="each">{t!(language, "ticket-each", seats = seats, price = language.money(one))}</p> }
        });
        let face_value = self.details.face_value.map(|face_value| {
            let (tone, words) = compared(language, one, face_value);
            view! {
                <p class="face-value">
                    {t!(language, "ticket-face-value", price = language.money(face_value))} " " <Badge tone text=words />
                </p>
            }
        });
        view! { <p class="amount">{language.money(price)}</p> {each} {face_value} }.into_any()
    }

    /// How the ticket comes to its buyer.
    pub fn delivery(&self, language: Language) -> AnyView {
        let (shape, words) = match self.has_file {
            true => (Shape::DOWNLOAD, t!(language, "ticket-delivered-at-once")),
            false => (Shape::CLOCK, t!(language, "ticket-delivered-later")),
        };
        view! { <p class="line small"><Icon shape /> <span>{words}</span></p> }.into_any()
    }

    /// All of it in one card.
    pub fn card(&self, language: Language, now: Timestamp) -> AnyView {
        let title = match self.title.as_str() {
            "" => view! { <h3 class="faint">{t!(language, "ticket-no-title")}</h3> }.into_any(),
            title => view! { <h3>{title.to_owned()}</h3> }.into_any(),
        };
        view! {
            <article class="offer-card">
                {self.banner(language)}
                <div class="offer-card-text">
                    {title} {self.when_and_where(language, now)} {self.facts(language)} {self.prices(language)}
                    {self.delivery(language)}
                </div>
            </article>
        }
        .into_any()
    }
}

/// `Philharmonie, Berlin`
pub fn place(details: &Details) -> Option<String> {
    let parts: Vec<&str> = [&details.venue, &details.city].into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `Tosca, Saturday, 12 June 2027, 20:00, Staatsoper, Berlin`
pub fn about(title: &str, details: &Details, language: Language) -> String {
    let when = details.starts_at.map(|time| language.date_and_clock(time));
    [title.to_owned()].into_iter().chain(when).chain(place(details)).collect::<Vec<_>>().join(", ")
}

/// What one seat costs beside what it cost first.
pub fn compared(language: Language, one: Money, face_value: Money) -> (Tone, String) {
    match percent_above(one, face_value) {
        0 => (Tone::Good, t!(language, "ticket-at-face-value")),
        below @ ..0 => (Tone::Good, t!(language, "ticket-below-face-value", percent = -below)),
        above => (Tone::Plain, t!(language, "ticket-above-face-value", percent = above)),
    }
}

/// Rounded to whole percents, and never to none: a difference is not hidden.
fn percent_above(one: Money, face_value: Money) -> i64 {
    let (difference, face_value) = (one.cents() - face_value.cents(), face_value.cents().max(1));
    let percent = (difference.abs() * 100 + face_value / 2) / face_value;
    percent.max(1) * difference.signum()
}

#[cfg(test)]
mod tests {
    use common::listing::Details;
    use common::money::Money;

    use super::{percent_above, place};

    #[test]
    fn a_price_is_compared_to_the_face_value_and_no_difference_is_hidden() {
        for (one, face_value, percent) in [
            (10_000, 10_000, 0),
            (11_000, 10_000, 10),
            (9000, 10_000, -10),
            (10_001, 10_000, 1),
            (9999, 10_000, -1),
            (1, 3, -67),
            (24, 28, -14),
        ] {
            let (one, face_value) = (Money::from_cents(one), Money::from_cents(face_value));
            assert_eq!(percent_above(one, face_value), percent);
        }
    }

    #[test]
    fn a_place_is_what_is_known_of_it() {
        let details = |venue: Option<&str>, city: Option<&str>| Details {
            venue: venue.map(str::to_owned),
            city: city.map(str::to_owned),
            ..Details::default()
        };
        assert_eq!(place(&details(Some("Philharmonie"), Some("Berlin"))).as_deref(), Some("Philharmonie, Berlin"));
        assert_eq!(place(&details(None, Some("Berlin"))).as_deref(), Some("Berlin"));
        assert_eq!(place(&details(None, None)), None);
    }
}
