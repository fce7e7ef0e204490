//! Every process is killed or frozen at random while people buy. Afterwards everything settles, and the invariants hold.
//!
//! `CHAOS_SECONDS=600 CHAOS_SEED=7 cargo test -p e2e --test it chaos -- --nocapture` goes on for longer and repeats the choices of
//! a seed. What happens in between is up to the machine.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::id::Id;
use common::testing::Answer;
use e2e::acknowledged::{Acknowledged, Write};
use e2e::invariants::EventLog;
use e2e::person::Person;
use futures::future::join_all;
use infra_local::fleet::SERVICES;
use infra_local::process::Signal;
use infra_local::servers::Server;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::platform::Platform;

const WINDOW: &str = "15";
const SECONDS: u64 = 60;
const BUYERS: u64 = 10;
const SERVERS: usize = 3;
const BETWEEN_FAULTS: Range<u64> = 1000..4000;
const FROZEN: Range<u64> = 500..6000;
/// Buyers choose among the newest tickets, so that several want the same one.
const IN_DEMAND: usize = 12;
const PAYMENT_TRIES: usize = 8;
const SETTLED_WITHIN: Duration = Duration::from_secs(90);

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |value| value.parse().unwrap())
}

#[tokio::test]
async fn whatever_is_killed_or_frozen_at_random_every_promise_is_kept() {
    let seed = number("CHAOS_SEED", rand::random::<u32>().into());
    let lasts = Duration::from_secs(number("CHAOS_SECONDS", SECONDS));
    eprintln!("CHAOS_SEED={seed}");
    // A few people do here what many do elsewhere.
    let platform = Platform::start(&[
        ("EXPIRATION_WINDOW_SECONDS", WINDOW),
        ("OPEN_ORDERS_PER_BUYER", "1000"),
        ("UNPAID_ORDERS_PER_TICKET", "1000"),
        ("LIVE_TICKETS_PER_SELLER", "0"),
    ])
    .await;
    let site = platform.site();
    let market = Arc::new(Market {
        seller: Person::sign_up(&site).await,
        tickets: Mutex::default(),
        acknowledged: Acknowledged::default(),
    });
    let closing = CancellationToken::new();
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        let (person, chance) = (Person::sign_up(&site).await, StdRng::seed_from_u64(seed + 1 + number));
        buyers.push(tokio::spawn(buy(market.clone(), person, chance, closing.clone())));
    }
    disturb(&platform, StdRng::seed_from_u64(seed), lasts).await;
    closing.cancel();
    join_all(buyers).await.into_iter().for_each(Result::unwrap);
    platform.fleet.wait_ready(Duration::from_secs(60)).await.unwrap();

    let snapshot = platform.ended(&market.acknowledged, EventLog::default, SETTLED_WITHIN).await;
    eprintln!("{}", snapshot.counts().join("\n"));
    assert!(snapshot.orders.values().any(|order| order.is_complete()), "somebody bought something");
    platform.stop().await;
}

/// Kills or freezes one process after another.
async fn disturb(platform: &Platform, mut chance: StdRng, lasts: Duration) {
    let fleet = &platform.fleet;
    let servers: Vec<&Server> = fleet.environment().servers().collect();
    assert_eq!(servers.len(), SERVERS);
    let end = Instant::now() + lasts;
    let mut frozen: Vec<(usize, Instant)> = Vec::new();
    let signal = async |target: usize, signal: Signal| match SERVICES.get(target) {
        Some(service) => fleet.signal(service, signal).unwrap(),
        None => servers[target - SERVICES.len()].signal(signal).await,
    };
    while Instant::now() < end {
        let target = chance.random_range(0..SERVICES.len() + SERVERS);
        if chance.random_bool(0.5) {
            signal(target, Signal::KILL).await;
        } else {
            signal(target, Signal::STOP).await;
            frozen.push((target, Instant::now() + Duration::from_millis(chance.random_range(FROZEN))));
        }
        let next = Instant::now() + Duration::from_millis(chance.random_range(BETWEEN_FAULTS));
        while Instant::now() < next {
            sleep(Duration::from_millis(50)).await;
            for (target, _) in frozen.extract_if(.., |(_, until)| *until < Instant::now()) {
                signal(target, Signal::CONT).await;
            }
        }
    }
    for (target, _) in frozen {
        signal(target, Signal::CONT).await;
    }
}

struct Market {
    seller: Person,
    tickets: Mutex<Vec<Id>>,
    acknowledged: Acknowledged,
}

/// Orders ticket after ticket, and pays, pays and cancels, cancels, or forgets.
async fn buy(market: Arc<Market>, buyer: Person, mut chance: StdRng, closing: CancellationToken) {
    while !closing.is_cancelled() {
        sleep(Duration::from_millis(chance.random_range(0..100))).await;
        if chance.random_bool(0.5) {
            let offered = market.seller.offer("Seat", 10.0).await;
            market.tickets.lock().unwrap().extend((offered.status == 201).then(|| offered.id()));
        }
        let Some(ticket) = market.choose(&mut chance) else { continue };
        let ordered = buyer.order(ticket).await;
        if ordered.status != 201 {
            continue;
        }
        let order = ordered.id();
        market.acknowledged.note(order, Write::Ordered);
        match chance.random_range(0..10) {
            0..5 => market.pay(&buyer, order, &closing).await,
            5 => {
                buyer.pay(order, "tok_chargeDeclined").await;
                market.pay(&buyer, order, &closing).await;
            }
            6 => drop(tokio::join!(market.pay(&buyer, order, &closing), market.cancel(&buyer, order))),
            7 => market.cancel(&buyer, order).await,
            _ => {}
        }
    }
}

impl Market {
    fn choose(&self, chance: &mut StdRng) -> Option<Id> {
        let tickets = self.tickets.lock().unwrap();
        let newest = &tickets[tickets.len().saturating_sub(IN_DEMAND)..];
        (!newest.is_empty()).then(|| newest[chance.random_range(0..newest.len())])
    }

    /// Tries again as long as the answer is that nobody knows.
    async fn pay(&self, buyer: &Person, order: Id, closing: &CancellationToken) {
        for _ in 0..PAYMENT_TRIES {
            let Answer { status, .. } = buyer.pay(order, "tok_visa").await;
            if status == 201 {
                return self.acknowledged.note(order, Write::Paid);
            }
            if status == 400 || closing.is_cancelled() {
                return;
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn cancel(&self, buyer: &Person, order: Id) {
        self.acknowledged.note(order, Write::Cancelling);
        if buyer.cancel(order).await.status == 204 {
            self.acknowledged.note(order, Write::Cancelled);
        }
    }
}
