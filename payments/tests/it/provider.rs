mod sandbox;
mod stripe;

use common::error::ApiError;
use payments::provider::{Intent, IntentState};

#[test]
fn a_client_secret_is_never_printed() {
    let client_secret = "pi_1_secret_2".to_owned();
    let state = IntentState::NeedsAction { client_secret: client_secret.clone() };
    let intent = Intent { id: "pi_1".to_owned(), state };
    assert_eq!(format!("{intent:?}"), r#"Intent { id: "pi_1", state: NeedsAction }"#);
    let answer = ApiError::ConfirmationRequired { client_secret };
    assert_eq!(format!("{answer:?} {answer}"), "confirmation required confirmation required");
}
