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

/// Why the card `tok_…` or `pm_card_…` is declined; `None` when it is good.
pub fn reason_to_decline(token: &str) -> Option<String> {
    let unknown = || Some(format!("No such token: '{token}'"));
    let Some(card) = token.strip_prefix("tok_").or_else(|| token.strip_prefix("pm_card_")) else {
        return unknown();
    };
    if GOOD.contains(&card) {
        return None;
    }
    // Some of Stripe's payment methods name the brand as well: pm_card_visa_chargeDeclined.
    let card = card.strip_prefix("visa_").unwrap_or(card);
    match DECLINED.iter().find(|(name, _)| *name == card) {
        Some((_, reason)) => Some((*reason).to_owned()),
        None => unknown(),
    }
}
