//! `GET /orders/{id}`

use std::time::Duration;

use axum::extract::RawQuery;
use axum::http::Method;
use common::api::{OrderBody, OrderStatus};
use common::extract::PathId;
use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::cards::{sandbox_fields, stripe_fields};
use super::time_left;
use crate::assets::{CARD_FORM, TIME_LEFT};
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::page::Page;
use crate::visitor::{SignedIn, Visitor};

/// `GET /orders/{id}`: an order to pay, or how it ended. `?paid` means that its payment was just taken.
pub async fn page(SignedIn(buyer): SignedIn, PathId(id): PathId, RawQuery(query): RawQuery) -> Result<Page, Failure> {
    order_page(&buyer, id, query.as_deref() == Some("paid"), "", Refusal::default()).await
}

/// The order's page for its buyer. `token` is the test card that was chosen in the refused form.
pub async fn order_page(buyer: &Visitor, id: Id, paid: bool, token: &str, refusal: Refusal) -> Result<Page, Failure> {
    let order: OrderBody = buyer.call(Method::GET, Service::Orders, &format!("/api/orders/{id}")).read().await?;
    let standing = Standing::of(&order, paid, Timestamp::now());
    let content = order_view(&order, standing, buyer.stripe_key(), token, &refusal);
    let mut page = buyer.page(format!("Order: {}", order.ticket.title), content).status(refusal.status);
    if let Standing::Payable(_) = standing {
        page = page.script(&TIME_LEFT);
        if buyer.stripe_key().is_some() {
            page = page.script(&CARD_FORM).with_stripe();
        }
    }
    let query = if standing == Standing::Completing { "?paid" } else { "" };
    Ok(match standing.lasts() {
        Some(wait) => page.refresh(wait, &format!("/orders/{id}{query}")),
        None => page,
    })
}

/// Where an order stands, as its page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It can be paid, for this long.
    Payable(Duration),
    /// It is paid, and the orders service is about to complete it.
    Completing,
    /// Its time is over, and the orders service is about to cancel it.
    Expiring,
    /// It is paid.
    Complete,
    /// It was cancelled before its deadline.
    Cancelled,
    /// It was cancelled, by the buyer or by the deadline.
    Over,
}

impl Standing {
    /// Where an order stands now. `paid` means that its payment was taken.
    fn of(order: &OrderBody, paid: bool, now: Timestamp) -> Self {
        let left = order.expires_at.remaining(now);
        match order.status {
            OrderStatus::Complete => Self::Complete,
            OrderStatus::Cancelled if left.is_zero() => Self::Over,
            OrderStatus::Cancelled => Self::Cancelled,
            _ if paid => Self::Completing,
            _ if left.is_zero() => Self::Expiring,
            _ => Self::Payable(left),
        }
    }

    /// How long until the page is out of date; `None` when time alone does not change it.
    fn lasts(self) -> Option<Duration> {
        match self {
            // Rounded up to whole seconds, plus one second for the cancellation.
            Self::Payable(left) => Some(Duration::from_secs(left.as_secs() + 2)),
            Self::Completing => Some(Duration::from_secs(1)),
            Self::Expiring => Some(Duration::from_secs(2)),
            Self::Complete | Self::Cancelled | Self::Over => None,
        }
    }
}

fn order_view(
    order: &OrderBody,
    standing: Standing,
    stripe_key: Option<&str>,
    token: &str,
    refusal: &Refusal,
) -> AnyView {
    let path = format!("/orders/{}", order.id);
    let amount = order.ticket.price;
    let state = match standing {
        Standing::Payable(left) => {
            let fields = match stripe_key {
                None => sandbox_fields(token, refusal),
                Some(key) => stripe_fields(key, amount, refusal),
            };
            view! {
                <p class="state">
                    "Time left: " <time-left seconds=left.as_secs()>{time_left(left)}</time-left> ", until "
                    <time datetime=order.expires_at.to_string()>{clock(order.expires_at)}</time>
                </p>
                <form method="post" action=format!("{path}/pay")>
                    {fields} <button>{format!("Pay {amount}")}</button>
                </form>
                <form method="post" action=format!("{path}/cancel")>
                    <button class="plain">"Cancel this order"</button>
                </form>
            }
            .into_any()
        }
        Standing::Completing => sentence("Your payment was taken. The order is being completed …"),
        Standing::Expiring => sentence("The time to pay is over. The ticket goes back on sale."),
        Standing::Complete => sentence("Paid. The ticket is yours."),
        Standing::Cancelled => sentence("This order was cancelled. You are not charged for it."),
        Standing::Over => {
            sentence("This order is over: it was cancelled, or not paid in time. You are not charged for it.")
        }
    };
    view! {
        <h1>{format!("Order: {}", order.ticket.title)}</h1>
        <Summary messages=refusal.about_all_but(&["token"]) />
        <p class="amount">{amount.to_string()}</p>
        {state}
        <p>
            <a href=format!("/tickets/{}", order.ticket.id)>"The ticket"</a>
            " · "
            <a href="/orders">"My orders"</a>
        </p>
    }
    .into_any()
}

fn sentence(text: &'static str) -> AnyView {
    view! { <p class="state" role="status">{text}</p> }.into_any()
}

/// `10:15:32 UTC`
fn clock(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{} UTC", text.get(11..19).unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use common::api::{OrderBody, OrderStatus, OrderedTicketBody};
    use common::id::Id;
    use common::money::Money;
    use common::timestamp::Timestamp;

    use super::{Standing, clock};

    const DEADLINE: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn order(status: OrderStatus) -> OrderBody {
        let (title, price) = ("Concert".to_owned(), Money::from_cents(1250));
        let ticket = OrderedTicketBody { id: Id::from_bytes([1; 12]), title, price, version: 0 };
        let (id, user_id) = (Id::from_bytes([2; 12]), Id::from_bytes([3; 12]));
        OrderBody { id, user_id, status, expires_at: DEADLINE, version: 0, ticket, refunded: None }
    }

    #[test]
    fn an_order_stands_by_its_status_and_its_deadline() {
        let before = Timestamp::from_millis(DEADLINE.millis() - 1);
        let left = Duration::from_millis(1);
        for (status, paid, early, late) in [
            (OrderStatus::Created, false, Standing::Payable(left), Standing::Expiring),
            (OrderStatus::AwaitingPayment, false, Standing::Payable(left), Standing::Expiring),
            (OrderStatus::Created, true, Standing::Completing, Standing::Completing),
            (OrderStatus::Complete, false, Standing::Complete, Standing::Complete),
            (OrderStatus::Complete, true, Standing::Complete, Standing::Complete),
            (OrderStatus::Cancelled, false, Standing::Cancelled, Standing::Over),
            (OrderStatus::Cancelled, true, Standing::Cancelled, Standing::Over),
        ] {
            assert_eq!(Standing::of(&order(status), paid, before), early);
            assert_eq!(Standing::of(&order(status), paid, DEADLINE), late);
        }
    }

    #[test]
    fn a_page_that_time_changes_is_fetched_again_after_the_change() {
        assert_eq!(Standing::Payable(Duration::from_millis(2500)).lasts(), Some(Duration::from_secs(4)));
        assert!(Standing::Completing.lasts().is_some() && Standing::Expiring.lasts().is_some());
        assert_eq!(Standing::Complete.lasts(), None);
    }

    #[test]
    fn a_deadline_is_shown_as_a_time_of_day() {
        assert_eq!(clock(Timestamp::from_millis(1_700_000_000_123)), "22:13:20 UTC");
    }
}
