//! One order: to be paid, or how it ended.

use std::time::Duration;

use common::api::{OrderBody, OrderStatus};
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::fields::{Messages, Summary};
use crate::state::Cards;

/// Stripe's test tokens that the sandbox takes, and what each does.
pub const TEST_CARDS: [(&str, &str); 6] = [
    ("tok_visa", "Visa, succeeds"),
    ("tok_mastercard", "Mastercard, succeeds"),
    ("tok_amex", "American Express, succeeds"),
    ("tok_chargeDeclined", "Visa, is declined"),
    ("tok_chargeDeclinedInsufficientFunds", "Visa, has insufficient funds"),
    ("tok_chargeDeclinedExpiredCard", "Visa, has expired"),
];

/// Where an order stands, as its page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be paid for so long.
    Payable(Duration),
    /// It is paid, and the orders service is about to hear of it.
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
    /// Where an order stands now. `paid` says that its payment was taken.
    pub fn of(order: &OrderBody, paid: bool, now: Timestamp) -> Self {
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

    /// After how long the page is out of date by itself.
    pub fn stands_for(self) -> Option<Duration> {
        match self {
            // The next whole second, and one for the cancellation.
            Self::Payable(left) => Some(Duration::from_secs(left.as_secs() + 2)),
            Self::Completing => Some(Duration::from_secs(1)),
            Self::Expiring => Some(Duration::from_secs(2)),
            Self::Complete | Self::Cancelled | Self::Over => None,
        }
    }
}

/// An order.
#[component]
pub fn Order(
    order: OrderBody,
    standing: Standing,
    cards: Cards,
    /// The test card chosen before.
    #[prop(optional)]
    token: String,
    #[prop(optional)] messages: Messages,
) -> impl IntoView {
    let page = format!("/orders/{}", order.id);
    let amount = order.ticket.price;
    let standing = match standing {
        Standing::Payable(left) => {
            let fields = match cards {
                Cards::Sandbox => sandbox_fields(&token, &messages).into_any(),
                Cards::Stripe(key) => stripe_fields(&key, amount.cents(), &messages).into_any(),
            };
            view! {
                <p class="state">
                    "Time left: " <time-left seconds=left.as_secs()>{time_left(left)}</time-left> ", until "
                    <time datetime=order.expires_at.to_string()>{clock(order.expires_at)}</time>
                </p>
                <form method="post" action=format!("{page}/pay")>
                    {fields} <button>{format!("Pay {amount}")}</button>
                </form>
                <form method="post" action=format!("{page}/cancel")>
                    <button class="plain">"Cancel this order"</button>
                </form>
            }
            .into_any()
        }
        Standing::Completing => said("Your payment was taken. The order is being completed …"),
        Standing::Expiring => said("The time to pay is over. The ticket goes back on sale."),
        Standing::Complete => said("Paid. The ticket is yours."),
        Standing::Cancelled => said("This order was cancelled. You are not charged for it."),
        Standing::Over => {
            said("This order is over: it was cancelled, or not paid in time. You are not charged for it.")
        }
    };
    view! {
        <h1>{format!("Order: {}", order.ticket.title)}</h1>
        <Summary messages=messages.besides(&["token"]) />
        <p class="amount">{amount.to_string()}</p>
        {standing}
        <p>
            <a href=format!("/tickets/{}", order.ticket.id)>"The ticket"</a>
            " · "
            <a href="/orders">"My orders"</a>
        </p>
    }
}

fn said(sentence: &'static str) -> AnyView {
    view! { <p class="state" role="status">{sentence}</p> }.into_any()
}

fn sandbox_fields(chosen: &str, messages: &Messages) -> impl IntoView + use<> {
    let chosen = TEST_CARDS.iter().map(|(token, _)| *token).find(|token| *token == chosen).unwrap_or("tok_visa");
    let cards = TEST_CARDS.map(|(token, name)| {
        view! {
            <label>
                <input type="radio" name="token" value=token checked=token == chosen />
                {name}
            </label>
        }
    });
    view! {
        <p class="notice">"Test mode: no money moves"</p>
        <fieldset>
            <legend>"Test card"</legend>
            <Summary messages=messages.against("token") />
            {cards.into_iter().collect_view()}
        </fieldset>
    }
}

/// The card form fills in the token; it is Stripe's, in a frame of Stripe's, so that no card number comes near us.
fn stripe_fields(key: &str, cents: i64, messages: &Messages) -> impl IntoView + use<> {
    view! {
        <Summary messages=messages.against("token") />
        <input type="hidden" name="token" />
        <card-form key=key.to_owned() amount=cents></card-form>
        <noscript>
            <p class="notice">"Card numbers go to Stripe alone, which takes JavaScript. Please switch it on to pay."</p>
        </noscript>
    }
}

/// `14 min 32 s`
pub fn time_left(left: Duration) -> String {
    let (minutes, seconds) = (left.as_secs() / 60, left.as_secs() % 60);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {seconds} s"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
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
    use leptos::prelude::*;

    use super::{Order, Standing, clock, time_left};
    use crate::pages::fields::Messages;
    use crate::state::Cards;

    const DEADLINE: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn order(status: OrderStatus) -> OrderBody {
        let ticket = OrderedTicketBody {
            id: Id::from_bytes([1; 12]),
            title: "<script>alert('&amp;')</script>".to_owned(),
            price: Money::from_cents(1250),
            version: 0,
        };
        let (id, user_id) = (Id::from_bytes([2; 12]), Id::from_bytes([3; 12]));
        OrderBody { id, user_id, status, expires_at: DEADLINE, version: 0, ticket }
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
        assert_eq!(Standing::Payable(Duration::from_millis(2500)).stands_for(), Some(Duration::from_secs(4)));
        assert!(Standing::Completing.stands_for().is_some() && Standing::Expiring.stands_for().is_some());
        assert_eq!(Standing::Complete.stands_for(), None);
    }

    #[test]
    fn only_an_order_that_can_be_paid_has_buttons() {
        let left = Duration::from_secs(872);
        let html = |standing, cards| {
            view! { <Order order=order(OrderStatus::Created) standing cards messages=Messages::default() /> }.to_html()
        };
        let payable = html(Standing::Payable(left), Cards::Sandbox);
        assert!(payable.contains(r#"<time-left seconds="872">14 min 32 s</time-left>"#), "{payable}");
        assert!(payable.contains(r#"<time datetime="2023-11-14T22:13:20.000Z">22:13:20 UTC</time>"#), "{payable}");
        assert!(payable.contains("Test mode: no money moves") && payable.contains("Pay $12.50"), "{payable}");
        for standing in
            [Standing::Completing, Standing::Expiring, Standing::Complete, Standing::Cancelled, Standing::Over]
        {
            assert!(!html(standing, Cards::Sandbox).contains("<button"));
        }
    }

    #[test]
    fn with_a_key_the_card_goes_to_stripe_and_nothing_is_said_of_a_test() {
        let standing = Standing::Payable(Duration::from_secs(1));
        let cards = Cards::Stripe("pk_test_1".into());
        let html = view! { <Order order=order(OrderStatus::Created) standing cards /> }.to_html();
        assert!(html.contains(r#"<card-form key="pk_test_1" amount="1250">"#), "{html}");
        assert!(html.contains(r#"<input type="hidden" name="token""#) && html.contains("<noscript>"), "{html}");
        assert!(!html.contains("Test mode") && !html.contains("tok_"), "{html}");
    }

    #[test]
    fn a_title_is_text_wherever_it_stands() {
        let html =
            view! { <Order order=order(OrderStatus::Complete) standing=Standing::Complete cards=Cards::Sandbox /> };
        let html = html.to_html();
        assert!(html.contains("Order: &lt;script&gt;alert('&amp;amp;')&lt;/script&gt;"), "{html}");
    }

    #[test]
    fn the_time_left_is_said_in_its_two_largest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (872, "14 min 32 s"),
            (3599, "59 min 59 s"),
            (3600, "1 h 0 min"),
            (90_061, "25 h 1 min"),
        ] {
            assert_eq!(time_left(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_deadline_is_shown_as_a_time_of_day() {
        assert_eq!(clock(Timestamp::from_millis(1_700_000_000_123)), "22:13:20 UTC");
    }
}
