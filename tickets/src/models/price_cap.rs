//! How much a listing may cost, if the operator sets a limit.

use std::str::FromStr;

use common::error::ApiError;
use common::listing::Details;
use common::money::Money;

/// The most that a listing may cost, in percent of what its seats cost first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriceCap(Option<u32>);

/// The highest cap, in percent: a thousand times the face value.
const MAX_PERCENT: u32 = 100_000;

impl FromStr for PriceCap {
    type Err = String;

    /// So many percent; nothing means no limit.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        let percent = text.trim().parse().ok().filter(|percent| (1..=MAX_PERCENT).contains(percent));
        percent.map(|percent| Self(Some(percent))).ok_or_else(|| format!("it is not a number from 1 to {MAX_PERCENT}"))
    }
}

impl PriceCap {
    /// Refuses a price of all seats together that is above the cap, and one whose cap is not known.
    pub fn check(self, price: Money, details: &Details) -> Result<(), ApiError> {
        let Some(percent) = self.0 else { return Ok(()) };
        let Some(face_value) = details.face_value else {
            return Err(ApiError::invalid("faceValue", "Face value is required"));
        };
        let [price, all_seats] = [price.cents(), face_value.cents() * i64::from(details.seats())].map(i128::from);
        if price * 100 > all_seats * i128::from(percent) {
            return Err(ApiError::invalid("price", "Price is above the cap"));
        }
        Ok(())
    }
}
