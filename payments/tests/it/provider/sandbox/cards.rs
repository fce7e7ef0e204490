use payments::provider::{Confirmation, IntentState, Sandbox};

use super::{present, sandbox};

/// Why the sandbox declines this card, if it does.
async fn reason_to_decline(sandbox: &Sandbox, token: &str) -> Option<String> {
    match present(sandbox, token).await.1 {
        Confirmation::Intent(state) => {
            assert_eq!(state, IntentState::Authorised);
            None
        }
        Confirmation::Declined(reason) => Some(reason),
    }
}

#[tokio::test]
async fn good_cards_are_taken_as_token_and_as_payment_method() {
    let (sandbox, _) = sandbox().await;
    for token in ["tok_visa", "tok_mastercard", "tok_amex", "tok_discover", "pm_card_visa", "pm_card_mastercard"] {
        assert_eq!(reason_to_decline(&sandbox, token).await, None, "{token}");
    }
}

#[tokio::test]
async fn each_bad_card_is_declined_in_its_own_words() {
    let (sandbox, _) = sandbox().await;
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
        assert_eq!(reason_to_decline(&sandbox, token).await.as_deref(), Some(reason), "{token}");
    }
}

#[tokio::test]
async fn anything_but_a_test_card_does_not_exist() {
    let (sandbox, _) = sandbox().await;
    for token in ["", "visa", "tok_", "tok_1NvPXJ2eZvKYlo2C", "pm_visa", "tok_visa_visa"] {
        assert_eq!(reason_to_decline(&sandbox, token).await, Some(format!("No such token: '{token}'")));
    }
}

#[tokio::test]
async fn two_cards_need_their_buyer() {
    let (sandbox, _) = sandbox().await;
    for card in ["threeDSecure2Required", "threeDSecureRequiredChargeDeclined"] {
        for token in [format!("tok_{card}"), format!("pm_card_{card}")] {
            let confirmation = present(&sandbox, &token).await.1;
            assert!(matches!(confirmation, Confirmation::Intent(IntentState::NeedsAction { .. })), "{token}");
        }
    }
}
