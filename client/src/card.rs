//! What lists and pages show again and again: dates that stand out, badges of states, cards of events, notices.

use chrono::{DateTime, Datelike, Utc};
use common::api::EventBody;
use common::listing::LocalTime;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::artwork::Artwork;
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};

/// How a state is meant. Its words say which; the colour only adds to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Plain,
    /// It worked, or it is on sale.
    Good,
    /// Something is to be done or will end.
    Warn,
    /// It failed or is over.
    Wrong,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => " good",
            Self::Warn => " warn",
            Self::Wrong => " wrong",
        }
    }
}

/// A state in a word or two.
#[component]
pub fn Badge(tone: Tone, text: String) -> impl IntoView {
    view! { <span class=format!("badge{}", tone.class())>{text}</span> }
}

/// A message beside the content, with an icon. Give it `role="status"` or `role="alert"` by a wrapper when it appears by itself.
#[component]
pub fn Notice(tone: Tone, children: Children) -> impl IntoView {
    let shape = match tone {
        Tone::Plain => Shape::INFO,
        Tone::Good => Shape::CHECK,
        Tone::Warn | Tone::Wrong => Shape::WARNING,
    };
    view! {
        <div class=format!("notice{}", tone.class())>
            <Icon shape />
            <div>{children()}</div>
        </div>
    }
}

/// Weekday, day and month in a block, and the year when it is another one than now.
#[component]
pub fn DateBlock(language: Language, time: Option<LocalTime>) -> impl IntoView {
    let Some(time) = time else {
        return view! { <p class="date">{t!(language, "find-no-date")}</p> }.into_any();
    };
    let [weekday, day, month] = language.short_date(time);
    let year = time.at_place().year();
    let month = if year == Utc::now().year() { month } else { format!("{month} {year}") };
    view! {
        <time class="date" datetime=time.to_string()>
            <span>{weekday}</span>
            " "
            <b>{day}</b>
            " "
            <span>{month}</span>
        </time>
    }
    .into_any()
}

/// A day and time in UTC, which a script shows as the device's own.
#[component]
pub fn Moment(language: Language, time: Timestamp) -> impl IntoView {
    let date = DateTime::from_timestamp_millis(time.millis()).unwrap_or_default().date_naive();
    let words = t!(language, "moment", date = language.date(date), clock = language.clock(time));
    view! {
        <local-time format="date">
            <time datetime=time.to_string()>{words}</time>
        </local-time>
    }
}

/// An event as one entry of `<ul class="cards">`.
#[component]
pub fn EventCard(language: Language, event: EventBody) -> impl IntoView {
    let place = [event.venue, event.city].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let when = event.starts_at.map(|time| {
        let clock = time.at_place().format("%H:%M").to_string();
        t!(language, "find-when", clock = clock, away = language.away(time, Timestamp::now()))
    });
    view! {
        <li class="card" data-event=event.key.to_string()>
            <Artwork key=event.key />
            <DateBlock language time=event.starts_at />
            <div class="what">
                <h3>
                    <a href=format!("/events/{}", event.key)>{event.title}</a>
                </h3>
                {(!place.is_empty()).then(|| view! { <p>{place}</p> })}
                {when.map(|when| view! { <p>{when}</p> })}
                <p class="offer">
                    <span>{t!(language, "find-tickets", tickets = event.tickets)}</span>
                    <b>{t!(language, "find-from", price = language.money(event.from))}</b>
                </p>
            </div>
        </li>
    }
}
