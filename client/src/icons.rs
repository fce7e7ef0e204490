//! Icons that stand in the page, in the colour and size of the text around them.

use leptos::prelude::*;

/// An icon, by what it shows. The paths are drawn as lines of 2 in a square of 24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape(&'static str);

#[allow(missing_docs, reason = "the names say it")]
#[allow(dead_code, reason = "one set for every page")]
impl Shape {
    pub const TICKET: Self = Self("M3 7h18v3a2 2 0 0 0 0 4v3H3v-3a2 2 0 0 0 0-4zM14 7v2m0 2v2m0 2v2");
    pub const SEARCH: Self = Self("M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5 12 5 5");
    pub const PLACE: Self =
        Self("M12 21s7-6.5 7-11.5a7 7 0 0 0-14 0C5 14.5 12 21 12 21zm0-14a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z");
    pub const CLOCK: Self = Self("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4v5l3 2");
    pub const CALENDAR: Self = Self("M4 6h16v14H4zm0 4h16M8 3v4m8-4v4");
    pub const SEAT: Self = Self("M7 4v9h10V4M5 10v7h14v-7M7 17v3m10-3v3");
    pub const PEOPLE: Self = Self(
        "M9 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM3 20c0-4 2-6 6-6s6 2 6 6m1-14.8a3 3 0 0 1 0 5.6m2 3.7c2 .8 3 2.5 3 5.5",
    );
    pub const PERSON: Self = Self("M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-4.5 3-6 8-6s8 1.5 8 6");
    pub const CART: Self =
        Self("M3 4h2l2.5 11h10L20 7H6m3 11.5a1 1 0 1 0 0 2 1 1 0 0 0 0-2zm7 0a1 1 0 1 0 0 2 1 1 0 0 0 0-2z");
    pub const TAG: Self = Self("M4 4h7l9 9-7 7-9-9zm4 4h.01");
    pub const PLUS: Self = Self("M12 5v14M5 12h14");
    pub const CROSS: Self = Self("M6 6l12 12M18 6 6 18");
    pub const CHECK: Self = Self("m5 13 4 4L19 7");
    pub const ARROW: Self = Self("M5 12h14m-6-6 6 6-6 6");
    pub const BACK: Self = Self("M19 12H5m6-6-6 6 6 6");
    pub const INFO: Self = Self("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 8v5m0-8.5v.01");
    pub const WARNING: Self = Self("M12 4 2.5 20h19zm0 6v4m0 3v.01");
    pub const LOCK: Self = Self("M5 11h14v9H5zm3 0V8a4 4 0 0 1 8 0v3");
    pub const FILE: Self = Self("M6 3h8l5 5v13H6zm8 0v5h5");
    pub const DOWNLOAD: Self = Self("M12 4v11m-5-5 5 5 5-5M4 20h16");
    pub const UPLOAD: Self = Self("M12 16V5M7 10l5-5 5 5M4 20h16");
    pub const PRINT: Self = Self("M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z");
    pub const EDIT: Self = Self("m4 20 1-5L16 4l4 4L9 19zm9-13 4 4");
    pub const BIN: Self = Self("M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13");
    pub const SHIELD: Self = Self("M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6zm-3 9 2 2 4-4");
    pub const MAIL: Self = Self("M3 6h18v13H3zm0 1 9 7 9-7");
    pub const FLAG: Self = Self("M5 21V4h13l-3 4.5L18 13H5");
    pub const LEAVE: Self = Self("M10 4H4v16h6m-1-8h12m-4-4 4 4-4 4");
    pub const FEED: Self = Self("M5 19v.01M5 12a7 7 0 0 1 7 7M5 5a14 14 0 0 1 14 14");
    pub const FILTER: Self = Self("M4 7h16M7 12h10m-7 5h4");
    pub const CARD: Self = Self("M3 6h18v12H3zm0 4h18M7 15h3");
}

/// The icon. It adds to words and is hidden from screen readers, so a button with nothing else needs an `aria-label`.
#[component]
pub fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=shape.0></path>
        </svg>
    }
}
