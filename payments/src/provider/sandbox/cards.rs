//! The test cards that the sandbox takes, under the names that Stripe gives them.

/// Cards that are good.
const GOOD: [&str; 11] = [
    "visa",
    "visa_debit",
    "mastercard",
    "mastercard_debit",
    "mastercard_prepaid",
    "amex",
    "discover",
    "diners",
    "jcb",
    "unionpay",
    "us",
];

/// Cards that are declined, each with its reason.
const DECLINED: [(&str, &str); 5] = [
    ("chargeDeclined", "Your card was declined"),
    ("chargeDeclinedInsufficientFunds", "Your card has insufficient funds"),
    ("chargeDeclinedExpiredCard", "Your card has expired"),
    ("chargeDeclinedIncorrectCvc", "Your card's security code is incorrect"),
    ("chargeDeclinedProcessingError", "An error occurred while processing your card. Try again in a little bit."),
];

/// The bank wants the buyer to confirm (4000 0000 0000 3220).
const CONFIRMED: &str = "threeDSecure2Required";

/// The bank wants the buyer to confirm, and declines afterwards (4000 0084 0000 1629).
const CONFIRMED_AND_DECLINED: &str = "threeDSecureRequiredChargeDeclined";

/// What a card leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The money is held.
    Authorised,
    /// The buyer has to confirm.
    NeedsAction,
    /// Declined, with the reason.
    Declined(String),
}

/// What the card `tok_…` or `pm_card_…` leads to when it is presented.
pub fn present(token: &str) -> Decision {
    let unknown = || Decision::Declined(format!("No such token: '{token}'"));
    let Some(card) = name(token) else {
        return unknown();
    };
    if GOOD.contains(&card) {
        return Decision::Authorised;
    }
    if card == CONFIRMED || card == CONFIRMED_AND_DECLINED {
        return Decision::NeedsAction;
    }
    // Some of Stripe's payment methods name the brand as well: pm_card_visa_chargeDeclined.
    let card = card.strip_prefix("visa_").unwrap_or(card);
    match DECLINED.iter().find(|(name, _)| *name == card) {
        Some((_, reason)) => Decision::Declined((*reason).to_owned()),
        None => unknown(),
    }
}

/// What the bank decides when the buyer has confirmed.
pub fn confirmed(token: &str) -> Decision {
    match name(token) {
        Some(CONFIRMED) => Decision::Authorised,
        _ => Decision::Declined("Your card was declined".to_owned()),
    }
}

fn name(token: &str) -> Option<&str> {
    token.strip_prefix("tok_").or_else(|| token.strip_prefix("pm_card_"))
}
