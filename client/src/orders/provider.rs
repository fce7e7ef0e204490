//! Who takes the money. The payments service alone knows, so it is asked for every page that says so or asks for a card: there is no
//! second setting that could say something else.

use std::time::Duration;

use axum::http::Method;
use common::api::ProviderBody;
use leptos::prelude::*;

use crate::card::{Notice, Tone};
use crate::failure::Service;
use crate::language::{Language, t};
use crate::visitor::Visitor;

/// How long the payments service may take.
const LIMIT: Duration = Duration::from_secs(1);

/// After how long a page without a card form is loaded again.
pub const AGAIN: Duration = Duration::from_secs(5);

/// The word for the state of a page without a card form. The script of the page loads it anew when that changes, because a card form
/// needs what only the headers of its own page allow.
pub const UNAVAILABLE: &str = "unavailable";

/// Who takes the money; none while the payments service does not answer. Then there is no card form: a card must not be typed, nor a
/// test card be chosen, for somebody who may not be there.
pub async fn provider(buyer: &Visitor) -> Option<ProviderBody> {
    buyer.call(Method::GET, Service::Payments, "/api/payments/provider").timeout(LIMIT).read().await.ok()
}

/// Says that there is no card form now, and that there will be.
pub fn unavailable(language: Language) -> AnyView {
    view! {
        <Notice tone=Tone::Warn>
            <p>{t!(language, "order-provider-unavailable")}</p>
        </Notice>
    }
    .into_any()
}
