//! The time that is left to pay an order.

use std::time::Duration;

use common::api::OrderBody;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::icons::{Icon, Shape};
use crate::language::{Language, t};

/// From here on the page warns. The script has the same number.
const WARN_AT: Duration = Duration::from_secs(120);

const WARNING: &str = "time-warning";

/// How long the order can be paid and until when, and a warning when that is soon.
#[component]
pub fn Countdown<'a>(language: Language, order: &'a OrderBody, left: Duration) -> impl IntoView {
    let warning = t!(language, "order-late");
    let warned = (left <= WARN_AT).then(|| warning.clone());
    view! {
        <p class="countdown">
            <Icon shape=Shape::CLOCK />
            <span>
                {t!(language, "order-time-left")} " "
                <TimeLeft language until=order.expires_at left warns=WARNING />
                <span class="faint">", " {t!(language, "order-until")} " " {clock(language, order.expires_at)}</span>
            </span>
        </p>
        <p class="late" id=WARNING role="status" data-text=warning>{warned}</p>
    }
}

/// The time left, which a script counts down by the words that the attributes hold.
#[component]
pub fn TimeLeft(
    language: Language,
    until: Timestamp,
    left: Duration,
    #[prop(optional)] warns: Option<&'static str>,
) -> impl IntoView {
    let left = whole_seconds(left);
    view! {
        <time-left
            role="timer"
            seconds=left.as_secs().to_string()
            until=until.to_string()
            warn=warns
            late=left <= WARN_AT
            last=t!(language, "time-left-seconds", seconds = "{s}")
            minutes=t!(language, "time-left-minutes", minutes = "{m}", seconds = "{s}")
            hours=t!(language, "time-left-hours", hours = "{h}", minutes = "{m}")
        >
            {language.time_left(left)}
        </time-left>
    }
}

/// The minutes left, where there is little room.
#[component]
pub fn MinutesLeft(language: Language, until: Timestamp, left: Duration) -> impl IntoView {
    let left = whole_seconds(left);
    let text = match left.as_secs() {
        seconds @ ..60 => t!(language, "time-left-seconds", seconds = seconds),
        seconds => t!(language, "time-left-only-minutes", minutes = seconds / 60),
    };
    view! {
        <time-left
            seconds=left.as_secs().to_string()
            until=until.to_string()
            late=left <= WARN_AT
            last=t!(language, "time-left-seconds", seconds = "{s}")
            minutes=t!(language, "time-left-only-minutes", minutes = "{m}")
            hours=t!(language, "time-left-hours", hours = "{h}", minutes = "{m}")
        >
            {text}
        </time-left>
    }
}

/// Rounded up, so that no time is left when it is over.
fn whole_seconds(left: Duration) -> Duration {
    Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}

/// A time of day in UTC, which a script shows as the device's own.
pub fn clock(language: Language, time: Timestamp) -> AnyView {
    view! {
        <local-time>
            <time datetime=time.to_string()>{language.clock(time)}</time>
        </local-time>
    }
    .into_any()
}
