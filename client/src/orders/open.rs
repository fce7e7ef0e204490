//! The visitor's orders that wait to be paid: the header of every page leads to them, because their time runs.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use common::api::{OrderBody, OrderStatus};
use common::id::Id;
use common::timestamp::Timestamp;

use super::path;

/// For how long nobody is asked after no answer came in time.
const PAUSE: Duration = Duration::from_secs(5);

/// The orders that a visitor has yet to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOrders {
    /// How many, at least one.
    pub count: usize,
    /// When the first of them ends.
    pub until: Timestamp,
    /// The only one.
    only: Option<Id>,
}

impl OpenOrders {
    /// The order that waits, or all of them.
    pub fn path(&self) -> String {
        self.only.map_or_else(|| "/orders".to_owned(), path)
    }

    /// Those of these orders that wait; `None` without any.
    pub fn of(orders: &[OrderBody], now: Timestamp) -> Option<Self> {
        let is_open = |order: &&OrderBody| {
            let is_unpaid = matches!(order.status, OrderStatus::Created | OrderStatus::AwaitingPayment);
            is_unpaid && !order.expires_at.remaining(now).is_zero()
        };
        let open: Vec<&OrderBody> = orders.iter().filter(is_open).collect();
        let until = open.iter().map(|order| order.expires_at).min()?;
        let only = if let [order] = open[..] { Some(order.id) } else { None };
        Some(Self { count: open.len(), until, only })
    }
}

/// Since when an orders service that does not answer is left alone, so that pages do not wait for it.
#[derive(Default)]
pub struct Breaker(AtomicI64);

impl Breaker {
    /// Whether nobody is asked now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let failed = Timestamp::from_millis(self.0.load(Ordering::Relaxed));
        failed.after(PAUSE) > now
    }

    /// No answer came in time.
    pub fn failed(&self, now: Timestamp) {
        self.0.store(now.millis(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use common::api::{OrderBody, OrderStatus, OrderedTicketBody};
    use common::id::Id;
    use common::money::Money;
    use common::timestamp::Timestamp;

    use super::{Breaker, OpenOrders};

    fn order(number: u8, status: OrderStatus, expires_at: i64) -> OrderBody {
        let (title, price) = ("Concert".to_owned(), Money::from_cents(1250));
        let ticket = OrderedTicketBody { id: Id::from_bytes([1; 12]), title, price, version: 0 };
        let (id, user_id) = (Id::from_bytes([number; 12]), Id::from_bytes([3; 12]));
        let expires_at = Timestamp::from_millis(expires_at);
        OrderBody { id, user_id, status, expires_at, version: 0, ticket, refunded: None, cancelled_by: None }
    }

    #[test]
    fn an_order_is_open_until_it_is_paid_cancelled_or_over() {
        let now = Timestamp::from_millis(1000);
        let over = [
            order(1, OrderStatus::Created, 1000),
            order(2, OrderStatus::Complete, 2000),
            order(3, OrderStatus::Cancelled, 2000),
        ];
        assert_eq!(OpenOrders::of(&over, now), None);
        let one = OpenOrders::of(&[order(4, OrderStatus::Created, 3000)], now).unwrap();
        assert_eq!((one.count, one.path()), (1, format!("/orders/{}", Id::from_bytes([4; 12]))));
    }

    #[test]
    fn several_open_orders_lead_to_the_list_and_tell_when_the_first_ends() {
        let now = Timestamp::from_millis(1000);
        let orders = [order(4, OrderStatus::Created, 3000), order(5, OrderStatus::AwaitingPayment, 2000)];
        let open = OpenOrders::of(&orders, now).unwrap();
        assert_eq!((open.count, open.until, open.path()), (2, Timestamp::from_millis(2000), "/orders".to_owned()));
    }

    #[test]
    fn a_service_that_did_not_answer_is_asked_again_after_a_pause() {
        let breaker = Breaker::default();
        let now = Timestamp::from_millis(1_700_000_000_000);
        assert!(!breaker.is_open(now));
        breaker.failed(now);
        assert!(breaker.is_open(Timestamp::from_millis(now.millis() + 4999)));
        assert!(!breaker.is_open(Timestamp::from_millis(now.millis() + 5000)));
    }
}
