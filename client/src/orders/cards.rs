//! The fields of the form that pays: how a buyer names a card.

use common::money::Money;
use leptos::prelude::*;

use crate::failure::{Refusal, Summary};

/// Stripe's test tokens that the sandbox takes, and what each does.
const TEST_CARDS: [(&str, &str); 8] = [
    ("tok_visa", "Visa, succeeds"),
    ("tok_mastercard", "Mastercard, succeeds"),
    ("tok_amex", "American Express, succeeds"),
    ("tok_threeDSecure2Required", "Visa, wants your confirmation, then succeeds"),
    ("tok_threeDSecureRequiredChargeDeclined", "Visa, wants your confirmation, then is declined"),
    ("tok_chargeDeclined", "Visa, is declined"),
    ("tok_chargeDeclinedInsufficientFunds", "Visa, has insufficient funds"),
    ("tok_chargeDeclinedExpiredCard", "Visa, has expired"),
];

/// One of the test cards. `chosen` is the one that was refused before.
pub fn sandbox_fields(chosen: &str, refusal: &Refusal) -> AnyView {
    let chosen = TEST_CARDS.iter().map(|(token, _)| *token).find(|token| *token == chosen).unwrap_or("tok_visa");
    let cards = TEST_CARDS.map(|(token, name)| {
        view! {
            <label>
                <input type="radio" name="token" value=token checked=token == chosen />
                {name}
            </label>
        }
    });
    view! {
        <p class="notice">"Test mode: no money moves"</p>
        <fieldset>
            <legend>"Test card"</legend>
            <Summary messages=refusal.about("token") />
            {cards.into_iter().collect_view()}
        </fieldset>
    }
    .into_any()
}

/// A card typed into Stripe's own form, in a frame of Stripe's, so that no card number passes through our pages or services.
pub fn stripe_fields(key: &str, amount: Money, refusal: &Refusal) -> AnyView {
    view! {
        <Summary messages=refusal.about("token") />
        <input type="hidden" name="token" />
        <card-form key=key.to_owned() amount=amount.cents()></card-form>
        <noscript>
            <p class="notice">"Card numbers go to Stripe alone, which takes JavaScript. Please switch it on to pay."</p>
        </noscript>
    }
    .into_any()
}
