//! The status of a payment.

use serde::{Deserialize, Serialize};

/// Where a payment's money is. `Pending` and those that end in `-ing` are intents: stored before the provider is asked, and kept
/// until it has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentStatus {
    /// The provider's answer is not stored yet.
    Pending,
    /// The attempt is given up: its intent is to be cancelled, until it reads cancelled. Nobody stores it as authorised any more.
    Ending,
    /// The attempt holds nothing, and never will. Another card may be tried.
    Declined,
    /// The money is held on the buyer's card until the order has ended.
    Authorised,
    /// The order is complete: the money is to be taken.
    Capturing,
    /// The money was taken.
    Captured,
    /// The money can never be taken, and is not held any more: the order is to be cancelled.
    Failed,
    /// The order was cancelled: the money is to be released.
    Voiding,
    /// The money was released.
    Voided,
    /// The order was cancelled after the money was taken, or an operator gives the money of a complete order back: it is to be refunded.
    Refunding,
    /// The money was refunded.
    Refunded,
    /// A closing entry, without money: the order was not paid, and no card is charged for it any more.
    Closed,
}

use PaymentStatus::{
    Authorised, Captured, Capturing, Closed, Declined, Ending, Failed, Pending, Refunded, Refunding, Voided, Voiding,
};

impl PaymentStatus {
    /// Every status.
    pub const ALL: [Self; 12] = [
        Pending, Ending, Declined, Authorised, Capturing, Captured, Failed, Voiding, Voided, Refunding, Refunded,
        Closed,
    ];

    /// Those that hold the slot of their order, of which there is one.
    pub const SLOT: [Self; 10] =
        [Pending, Authorised, Capturing, Captured, Failed, Voiding, Voided, Refunding, Refunded, Closed];

    /// Those that do not last: they wait for the provider or for the end of the order.
    pub const UNSETTLED: [Self; 7] = [Pending, Ending, Authorised, Capturing, Failed, Voiding, Refunding];

    /// Its name in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Pending => "pending",
            Ending => "ending",
            Declined => "declined",
            Authorised => "authorised",
            Capturing => "capturing",
            Captured => "captured",
            Failed => "failed",
            Voiding => "voiding",
            Voided => "voided",
            Refunding => "refunding",
            Refunded => "refunded",
            Closed => "closed",
        }
    }
}
