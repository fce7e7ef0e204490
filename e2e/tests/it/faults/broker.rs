//! The broker is unavailable, loses what it had acknowledged, or drops what was not handled yet.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use common::events::STREAM;
use common::testing::eventually;
use e2e::invariants::EventLog;
use futures::StreamExt;
use infra_local::Nats;
use infra_local::fleet::Options;
use infra_local::process::Signal;
use tokio::time::{Instant, sleep_until};

use super::market::Market;
use super::proxy::{Proxy, Wire};
use crate::platform::Platform;

const WINDOW: &str = "6";
const ABSENT_FOR: Duration = Duration::from_secs(12);
const SETTLED_WITHIN: Duration = Duration::from_secs(30);
/// How old the state is to which the broker's disk is put back.
const OLD: Duration = Duration::from_secs(60);
const REPAIRED_WITHIN: Duration = Duration::from_secs(60);
/// In a stream that is smaller than what is republished, some of it may be dropped again, and is requested again every 30 s.
const REPAIRED_IN_A_SMALL_STREAM_WITHIN: Duration = Duration::from_secs(150);

#[derive(Clone, Copy, PartialEq)]
enum Absence {
    Stopped,
    Frozen,
    CutOff,
}

#[tokio::test]
async fn payments_are_taken_and_kept_while_the_broker_is_stopped() {
    sell_without_a_broker(Absence::Stopped).await;
}

#[tokio::test]
async fn payments_are_taken_and_kept_while_the_broker_is_frozen() {
    sell_without_a_broker(Absence::Frozen).await;
}

#[tokio::test]
async fn payments_are_taken_and_kept_while_the_broker_is_cut_off() {
    sell_without_a_broker(Absence::CutOff).await;
}

async fn sell_without_a_broker(absence: Absence) {
    let proxy = Proxy::start().await;
    let shape = |options: Options| {
        let options = options.with_all("EXPIRATION_WINDOW_SECONDS", WINDOW).with_all("OPEN_ORDERS_PER_BUYER", "10");
        options.with_all("NATS_URL", &format!("nats://127.0.0.1:{}", proxy.port))
    };
    let platform = Platform::begin(shape).await;
    let nats = nats(&platform);
    let to_nats = Wire::To(port(&nats.url()));
    proxy.set(to_nats);
    let platform = platform.ready().await;
    let nats = self::nats(&platform);
    let market = Market::open(&platform).await;
    let [last, later @ ..] = market.tickets::<3>().await;
    let [paid, repaid, cancelled, declined, forgotten] = market.orders().await;

    match absence {
        Absence::Stopped => nats.stop().await.unwrap(),
        Absence::Frozen => nats.signal(Signal::STOP).await,
        Absence::CutOff => proxy.set(Wire::Cut),
    }
    let back = Instant::now() + ABSENT_FOR;
    let payment = market.pay(&paid).await.id();
    assert_eq!(market.pay(&paid).await.id(), payment, "never a second charge");
    market.pay(&repaid).await;
    market.cancel(&cancelled).await;
    let refused = market.buyer.pay(declined.id, "tok_chargeDeclined").await;
    refused.expect_errors(400, &[("Your card was declined", None)]);
    for ticket in later {
        market.order(ticket).await;
    }
    if absence != Absence::Frozen {
        let unknown = market.order(last).await;
        let answer = market.buyer.pay(unknown.id, "tok_visa").await.expect(503);
        assert!(!answer.header("retry-after").is_empty(), "its event may be on its way");
    }

    sleep_until(back).await;
    for order in [&paid, &repaid, &forgotten] {
        assert_eq!(market.status(order).await, "created", "nobody decides by time alone");
    }
    match absence {
        Absence::Stopped => nats.restart().await.unwrap(),
        Absence::Frozen => nats.signal(Signal::CONT).await,
        Absence::CutOff => proxy.set(to_nats),
    }
    market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;
    for order in [&paid, &repaid] {
        assert_eq!(market.status(order).await, "complete");
    }
    platform.stop().await;
}

#[tokio::test]
async fn a_paid_order_completes_although_the_broker_loses_its_disk_before_the_deadline() {
    let platform = Platform::start(&[("EXPIRATION_WINDOW_SECONDS", "10")]).await;
    let market = Market::open(&platform).await;
    let [order] = market.orders().await;
    market.published().await;
    // So that it cannot have handled the event before it is lost.
    platform.fleet.signal("orders", Signal::STOP).unwrap();
    market.pay(&order).await;
    market.published().await;
    lose_disk(nats(&platform), None).await;
    platform.fleet.signal("orders", Signal::CONT).unwrap();

    market.ended(&platform, EventLog::of_forgetful_stream, REPAIRED_WITHIN).await;
    assert_eq!(market.status(&order).await, "complete");
    platform.stop().await;
}

#[tokio::test]
async fn all_stores_agree_after_the_broker_has_lost_its_disk() {
    forget(false).await;
}

#[tokio::test]
async fn all_stores_agree_after_the_brokers_disk_was_put_back_to_an_earlier_state() {
    forget(true).await;
}

/// The broker forgets events that nobody has handled. Afterwards nothing new is published: the orders live long.
async fn forget(from_copy: bool) {
    let platform = Platform::start(&[]).await;
    let (fleet, nats) = (&platform.fleet, nats(&platform));
    let market = Market::open(&platform).await;
    let [early, cancelled, paid, cancelled_late] = market.orders().await;
    market.cancel(&early).await;
    market.published().await;
    let copy = tempfile::tempdir().unwrap();
    if from_copy {
        nats.stop().await.unwrap();
        copy_folder(&nats.data(), copy.path());
        nats.restart().await.unwrap();
    }
    let copied = Instant::now();
    // Handled by everybody, and then forgotten by the broker alone.
    market.cancel(&cancelled).await;
    let later = market.tickets::<2>().await;
    eventually("the ticket is free", async || market.holder(cancelled.ticket).await.is_none().then_some(())).await;
    if from_copy {
        sleep_until(copied + OLD).await;
    }
    market.published().await;
    // Handled by nobody.
    for service in ["tickets", "expiration"] {
        fleet.signal(service, Signal::STOP).unwrap();
    }
    market.pay(&paid).await;
    market.becomes(&paid, "complete").await;
    market.published().await;
    fleet.signal("payments", Signal::STOP).unwrap();
    market.cancel(&cancelled_late).await;
    for ticket in later {
        market.order(ticket).await;
    }
    market.published().await;

    lose_disk(nats, from_copy.then_some(copy.path())).await;
    for service in ["tickets", "expiration", "payments"] {
        fleet.signal(service, Signal::CONT).unwrap();
    }
    let snapshot = platform.settled(&market.acknowledged, EventLog::of_forgetful_stream(), REPAIRED_WITHIN).await;
    assert_eq!(snapshot.orders.values().filter(|order| order.is_open()).count(), 2, "{:?}", snapshot.counts());
    platform.stop().await;
}

#[tokio::test]
async fn a_service_that_was_away_while_the_stream_overflowed_catches_up_by_asking() {
    const LIMIT: usize = 1 << 20;
    // More than the limit of letters in their titles alone.
    const TICKETS: usize = 1800;
    let small_stream = ("STREAM_MAX_BYTES", &*LIMIT.to_string());
    let platform = Platform::start(&[small_stream, ("LIVE_TICKETS_PER_SELLER", "0")]).await;
    let (fleet, market) = (&platform.fleet, Market::open(&platform).await);
    let [order] = market.orders().await;
    market.published().await;
    fleet.take_away("orders").await.unwrap();

    let offers = futures::stream::iter(0..TICKETS).map(async |number| {
        let title = format!("{number} {}", "\u{1F3AB}".repeat(190));
        market.seller.offer(&title, 10.0).await.expect(201);
    });
    offers.buffer_unordered(8).collect::<Vec<()>>().await;
    market.pay(&order).await;
    market.published().await;
    let stream = market.stores.jetstream.get_stream(STREAM).await.unwrap();
    let state = &stream.cached_info().state;
    assert!(state.first_sequence > 1 && state.bytes <= LIMIT as u64, "the stream overflowed: {state:?}");

    fleet.bring_back("orders").unwrap();
    market.becomes(&order, "complete").await;
    let limit = REPAIRED_IN_A_SMALL_STREAM_WITHIN;
    let snapshot = platform.settled(&market.acknowledged, EventLog::of_forgetful_stream(), limit).await;
    assert_eq!(snapshot.replicated_tickets.len(), TICKETS + 1);
    platform.stop().await;
}

fn nats(platform: &Platform) -> &Nats {
    platform.fleet.environment().nats.as_ref().unwrap()
}

fn port(url: &str) -> u16 {
    url.rsplit(':').next().unwrap().parse().unwrap()
}

/// Kills the broker and starts it without its data, or with this copy of it.
async fn lose_disk(nats: &Nats, copy: Option<&Path>) {
    nats.kill().await.unwrap();
    std::fs::remove_dir_all(nats.data()).unwrap();
    std::fs::create_dir(nats.data()).unwrap();
    if let Some(copy) = copy {
        copy_folder(copy, &nats.data());
    }
    nats.restart().await.unwrap();
}

/// Copies what is in a folder into another one.
fn copy_folder(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap();
    assert!(status.success());
}
