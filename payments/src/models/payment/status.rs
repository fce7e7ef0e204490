//! The status of a payment.

use serde::{Deserialize, Serialize};

/// Where a payment's money is. `Pending` and those that end in `-ing` are intents: stored before the provider is asked, and kept
/// until it has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentStatus {
    /// The provider's answer is not stored yet.
    Pending,
    /// The money is held on the buyer's card until the order has ended.
    Authorised,
    /// The provider declined. Another card may be tried.
    Declined,
    /// The order is complete: the money is to be taken.
    Capturing,
    /// The money was taken.
    Captured,
    /// The order was cancelled: the money is to be released.
    Voiding,
    /// The money was released.
    Voided,
    /// The order was cancelled after the money was taken: it is to be refunded.
    Refunding,
    /// The money was refunded.
    Refunded,
}

impl PaymentStatus {
    /// Those in which the provider holds or has money, or may: an order has at most one such payment.
    pub const LIVE: [Self; 6] =
        [Self::Pending, Self::Authorised, Self::Capturing, Self::Captured, Self::Voiding, Self::Refunding];

    /// Those that do not last: they wait for the provider or for the end of the order.
    pub const UNSETTLED: [Self; 5] = [Self::Pending, Self::Authorised, Self::Capturing, Self::Voiding, Self::Refunding];

    /// Its name in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Authorised => "authorised",
            Self::Declined => "declined",
            Self::Capturing => "capturing",
            Self::Captured => "captured",
            Self::Voiding => "voiding",
            Self::Voided => "voided",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
        }
    }
}
