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

/// Cards that are declined, and in which words.
const DECLINED: [(&str, &str); 5] = [
    ("chargeDeclined", "Your card was declined"),
    ("chargeDeclinedInsufficientFunds", "Your card has insufficient funds"),
    ("chargeDeclinedExpiredCard", "Your card has expired"),
    ("chargeDeclinedIncorrectCvc", "Your card's security code is incorrect"),
    ("chargeDeclinedProcessingError", "An error occurred while processing your card. Try again in a little bit."),
];

/// What the bank says against the card `tok_…` or `pm_card_…`; nothing when it is good.
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

#[cfg(test)]
mod tests {
    use super::reason_to_decline;

    #[test]
    fn good_cards_are_taken_as_token_and_as_payment_method() {
        for token in ["tok_visa", "tok_mastercard", "tok_amex", "tok_discover", "pm_card_visa", "pm_card_mastercard"] {
            assert_eq!(reason_to_decline(token), None, "{token}");
        }
    }

    #[test]
    fn each_bad_card_is_declined_in_its_own_words() {
        for (token, reason) in [
            ("tok_chargeDeclined", "Your card was declined"),
            ("pm_card_chargeDeclined", "Your card was declined"),
            ("pm_card_visa_chargeDeclined", "Your card was declined"),
            ("tok_chargeDeclinedInsufficientFunds", "Your card has insufficient funds"),
            ("tok_chargeDeclinedExpiredCard", "Your card has expired"),
            ("tok_chargeDeclinedIncorrectCvc", "Your card's security code is incorrect"),
            (
                "tok_chargeDeclinedProcessingError",
                "An error occurred while processing your card. Try again in a little bit.",
            ),
        ] {
            assert_eq!(reason_to_decline(token).as_deref(), Some(reason), "{token}");
        }
    }

    #[test]
    fn what_is_no_test_card_does_not_exist() {
        for token in ["", "visa", "tok_", "tok_1NvPXJ2eZvKYlo2C", "pm_visa", "tok_visa_visa"] {
            assert_eq!(reason_to_decline(token), Some(format!("No such token: '{token}'")));
        }
    }
}
