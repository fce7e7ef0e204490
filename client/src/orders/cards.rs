//! The fields of the form that pays: how a buyer names a card.

use common::money::Money;
use leptos::prelude::*;

use super::test_mode;
use crate::language::{Language, t};

/// Stripe's test tokens that the sandbox takes, and what each does.
fn test_cards(language: Language) -> [(&'static str, String); 8] {
    [
        ("tok_visa", t!(language, "order-card-visa")),
        ("tok_mastercard", t!(language, "order-card-mastercard")),
        ("tok_amex", t!(language, "order-card-amex")),
        ("tok_threeDSecure2Required", t!(language, "order-card-confirmed")),
        ("tok_threeDSecureRequiredChargeDeclined", t!(language, "order-card-confirmed-declined")),
        ("tok_chargeDeclined", t!(language, "order-card-declined")),
        ("tok_chargeDeclinedInsufficientFunds", t!(language, "order-card-insufficient")),
        ("tok_chargeDeclinedExpiredCard", t!(language, "order-card-expired")),
    ]
}

/// One of the test cards. `chosen` is the one that was refused before, for these reasons.
pub fn sandbox_fields(language: Language, chosen: &str, reasons: &[String]) -> AnyView {
    let cards = test_cards(language);
    let refused = (!reasons.is_empty()).then_some("true");
    let chosen = cards.iter().map(|(token, _)| *token).find(|token| *token == chosen).unwrap_or("tok_visa");
    let cards = cards.map(|(token, name)| {
        let is_chosen = token == chosen;
        view! {
            <label>
                <input
                    type="radio"
                    name="token"
                    value=token
                    checked=is_chosen
                    autofocus=is_chosen && refused.is_some()
                    aria-describedby=refused.map(|_| REASONS)
                />
                {name}
            </label>
        }
    });
    view! {
        {test_mode(t!(language, "order-test-mode"))}
        <fieldset>
            <legend>{t!(language, "order-test-card")}</legend>
            {reasons_view(reasons)}
            {cards.into_iter().collect_view()}
        </fieldset>
    }
    .into_any()
}

/// A card typed into Stripe's own form, in a frame of Stripe's, so that no card number passes through our pages or services.
pub fn stripe_fields(language: Language, key: &str, amount: Money, reasons: &[String]) -> AnyView {
    view! {
        {reasons_view(reasons)}
        <input type="hidden" name="token" />
        <card-form
            key=key.to_owned()
            amount=amount.cents()
            lang=language.tag()
            unreachable=t!(language, "order-stripe-unreachable")
        ></card-form>
        <noscript>
            <p class="notice">{t!(language, "order-stripe-needs-script")}</p>
        </noscript>
    }
    .into_any()
}

const REASONS: &str = "card-refused";

/// Why the card was refused, beside the choice of the next one.
fn reasons_view(reasons: &[String]) -> AnyView {
    (!reasons.is_empty())
        .then(|| view! { <p class="message" id=REASONS role="alert">{reasons.join(". ")}</p> })
        .into_any()
}
