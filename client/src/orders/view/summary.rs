use common::money::Money;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::language::{Language, t};
use crate::orders::shown::Shown;
use crate::tickets::offer::Offer;

/// What was ordered, and what it costs.
#[component]
pub fn Summary<'a>(language: Language, shown: &'a Shown) -> impl IntoView {
    let order = &shown.order.ticket;
    let offer = shown.ticket.as_ref().map(Offer::of);
    let seats = offer.as_ref().map_or(1, |offer| offer.details.seats());
    let banner = offer.as_ref().map(|offer| offer.banner(language));
    let about = offer.as_ref().map(|offer| {
        view! { {offer.when_and_where(language, Timestamp::now())} {offer.facts(language)} }
    });
    view! {
        <article class="offer-card">
            {banner}
            <div class="offer-card-text">
                <h2>{t!(language, "order-ticket")}</h2>
                {about}
                {prices(language, order.price, seats)}
                <p class="no-print">
                    <a href=format!("/tickets/{}", order.id)>{t!(language, "order-listing")}</a>
                </p>
            </div>
        </article>
    }
}

/// The price is all there is to pay.
fn prices(language: Language, price: Money, seats: i32) -> AnyView {
    let price = language.money(price);
    view! {
        <dl class="facts order-total">
            <div>
                <dt>{t!(language, "order-seats", seats = seats)}</dt>
                <dd>{price.clone()}</dd>
            </div>
            <div>
                <dt>{t!(language, "order-receipt-fees")}</dt>
                <dd>{t!(language, "order-no-fees")}</dd>
            </div>
            <div>
                <dt>{t!(language, "order-receipt-total")}</dt>
                <dd class="amount">{t!(language, "order-usd", amount = price)}</dd>
            </div>
        </dl>
    }
    .into_any()
}
