//! Where an order stands, as its page shows it.

use std::time::Duration;

use common::api::{CancelCause, OrderBody, OrderStatus};
use common::money::Money;
use common::timestamp::Timestamp;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be paid, for this long.
    Payable(Duration),
    /// Its payment was taken so long ago, and the orders service is about to complete it.
    Completing(Duration),
    /// Its time has been over for so long, and the orders service is about to cancel it.
    Expiring(Duration),
    /// It is paid.
    Complete,
    /// It was paid, and the buyer got this back.
    Refunded(Money),
    /// It was cancelled.
    Cancelled(Cancelled),
}

/// How an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// By its buyer.
    ByBuyer,
    /// It was not paid in time.
    ByTime,
    /// Its payment went wrong after it was accepted.
    ByPayment,
    /// The orders service does not know.
    Somehow,
}

/// How long it takes until a page that will change is asked for again: longer and longer, at most this.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Standing {
    /// Where an order stands now. `paid` is when its payment was taken, as far as this browser was told.
    pub fn of(order: &OrderBody, paid: Option<Timestamp>, now: Timestamp) -> Self {
        let left = order.expires_at.remaining(now);
        match (order.status, order.refunded, paid) {
            (OrderStatus::Complete, None, _) => Self::Complete,
            (OrderStatus::Complete, Some(amount), _) => Self::Refunded(amount),
            (OrderStatus::Cancelled, ..) => Self::Cancelled(match order.cancelled_by {
                Some(CancelCause::Buyer) => Cancelled::ByBuyer,
                Some(CancelCause::Time) => Cancelled::ByTime,
                Some(CancelCause::Payment) => Cancelled::ByPayment,
                None => Cancelled::Somehow,
            }),
            (_, _, Some(paid)) => Self::Completing(now.remaining(paid)),
            _ if left.is_zero() => Self::Expiring(now.remaining(order.expires_at)),
            _ => Self::Payable(left),
        }
    }

    /// How long until the page without a script is out of date; `None` when time alone does not change it.
    pub fn lasts(self) -> Option<Duration> {
        match self {
            // Rounded up to whole seconds, plus one second for the cancellation.
            Self::Payable(left) => Some(Duration::from_secs(left.as_secs() + 2)),
            _ => self.again(),
        }
    }

    /// After how long something has probably happened that the page should show, although nobody tells it. The longer it has not
    /// happened, the longer it may take.
    pub fn again(self) -> Option<Duration> {
        match self {
            Self::Payable(left) if left < Duration::from_secs(2) => Some(Duration::from_secs(2)),
            Self::Completing(since) | Self::Expiring(since) => {
                Some(Duration::from_secs(since.as_secs() / 2).clamp(Duration::from_secs(2), LONGEST_WAIT))
            }
            Self::Payable(_) | Self::Complete | Self::Refunded(_) | Self::Cancelled(_) => None,
        }
    }

    /// A word for it, the same as long as the page need not be made anew.
    pub fn word(self) -> &'static str {
        match self {
            Self::Payable(_) => "payable",
            Self::Completing(_) => "completing",
            Self::Expiring(_) => "expiring",
            Self::Complete => "complete",
            Self::Refunded(_) => "refunded",
            Self::Cancelled(_) => "cancelled",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use common::api::{CancelCause, OrderBody, OrderStatus, OrderedTicketBody};
    use common::id::Id;
    use common::money::Money;
    use common::timestamp::Timestamp;

    use super::{Cancelled, Standing};

    const DEADLINE: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn order(status: OrderStatus) -> OrderBody {
        let (title, price) = ("Concert".to_owned(), Money::from_cents(1250));
        let ticket = OrderedTicketBody { id: Id::from_bytes([1; 12]), title, price, version: 0 };
        let (id, user_id) = (Id::from_bytes([2; 12]), Id::from_bytes([3; 12]));
        let (refunded, cancelled_by) = (None, None);
        OrderBody { id, user_id, status, expires_at: DEADLINE, version: 0, ticket, refunded, cancelled_by }
    }

    #[test]
    fn an_order_stands_by_its_status_and_its_deadline() {
        let before = Timestamp::from_millis(DEADLINE.millis() - 1);
        let (left, none) = (Duration::from_millis(1), Duration::ZERO);
        let over = Standing::Cancelled(Cancelled::Somehow);
        for (status, paid, early, late) in [
            (OrderStatus::Created, None, Standing::Payable(left), Standing::Expiring(none)),
            (OrderStatus::AwaitingPayment, None, Standing::Payable(left), Standing::Expiring(none)),
            (OrderStatus::Created, Some(before), Standing::Completing(none), Standing::Completing(left)),
            (OrderStatus::Complete, None, Standing::Complete, Standing::Complete),
            (OrderStatus::Complete, Some(before), Standing::Complete, Standing::Complete),
            (OrderStatus::Cancelled, None, over, over),
            (OrderStatus::Cancelled, Some(before), over, over),
        ] {
            assert_eq!(Standing::of(&order(status), paid, before), early);
            assert_eq!(Standing::of(&order(status), paid, DEADLINE), late);
        }
    }

    #[test]
    fn an_order_that_ended_says_how() {
        for (cause, how) in [
            (CancelCause::Buyer, Cancelled::ByBuyer),
            (CancelCause::Time, Cancelled::ByTime),
            (CancelCause::Payment, Cancelled::ByPayment),
        ] {
            let order = OrderBody { cancelled_by: Some(cause), ..order(OrderStatus::Cancelled) };
            assert_eq!(Standing::of(&order, None, DEADLINE), Standing::Cancelled(how));
        }
        let amount = Money::from_cents(1250);
        let order = OrderBody { refunded: Some(amount), ..order(OrderStatus::Complete) };
        assert_eq!(Standing::of(&order, None, DEADLINE), Standing::Refunded(amount));
    }

    #[test]
    fn a_page_that_time_changes_is_fetched_again_after_the_change_and_ever_more_rarely() {
        let seconds = Duration::from_secs;
        assert_eq!(Standing::Payable(Duration::from_millis(2500)).lasts(), Some(seconds(4)));
        assert_eq!(Standing::Payable(Duration::from_millis(2500)).again(), None);
        for (overdue, wait) in [(0, 2), (3, 2), (20, 10), (3600, 60)] {
            assert_eq!(Standing::Expiring(seconds(overdue)).again(), Some(seconds(wait)));
            assert_eq!(Standing::Completing(seconds(overdue)).lasts(), Some(seconds(wait)));
        }
        assert_eq!(Standing::Complete.lasts(), None);
    }
}
