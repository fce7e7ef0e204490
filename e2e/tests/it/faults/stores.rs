//! A service loses what it knew of others, or one of its replicas cannot reach their database.

use std::time::Duration;

use common::testing::{HttpClient, eventually, eventually_within};
use e2e::invariants::EventLog;
use infra_local::fleet::Options;
use infra_local::ports;
use infra_local::process::Program;
use mongodb::Database;

use super::market::Market;
use super::proxy::{Proxy, Wire};
use crate::platform::Platform;

const FILLED_WITHIN: Duration = Duration::from_secs(60);
const HANDLED_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_service_whose_database_is_deleted_fills_its_replica_from_the_owner() {
    let platform = Platform::start(&[]).await;
    let market = Market::open(&platform).await;
    let [paid, cancelled, open] = market.orders().await;
    market.tickets::<20>().await;
    market.pay(&paid).await;
    market.cancel(&cancelled).await;
    platform.settled(&market.acknowledged, EventLog::default(), FILLED_WITHIN).await;
    for (service, database, own) in [
        ("orders", &market.stores.orders, vec!["orders"]),
        // What the sandbox holds is the provider's.
        ("payments", &market.stores.payments, vec!["payments", "sandbox"]),
    ] {
        platform.fleet.take_away(service).await.unwrap();
        delete_all_but(database, &own).await;
        platform.fleet.bring_back(service).unwrap();
        let snapshot = platform.settled(&market.acknowledged, EventLog::of_forgetful_stream(), FILLED_WITHIN).await;
        assert_eq!(snapshot.replicated_tickets.len(), 23, "{:?}", snapshot.counts());
    }
    market.pay(&open).await;
    market.becomes(&open, "complete").await;
    platform.settled(&market.acknowledged, EventLog::of_forgetful_stream(), FILLED_WITHIN).await;
    platform.stop().await;
}

/// Deletes every collection of a database but these.
async fn delete_all_but(database: &Database, own: &[&str]) {
    for name in database.list_collection_names().await.unwrap() {
        if !own.contains(&name.as_str()) {
            database.collection::<mongodb::bson::Document>(&name).drop().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_replica_whose_connections_to_its_database_break_leaves_its_events_to_the_other() {
    handle_by_the_other(Wire::Cut).await;
}

#[tokio::test]
async fn a_replica_whose_database_does_not_answer_leaves_its_events_to_the_other() {
    handle_by_the_other(Wire::Silent).await;
}

async fn handle_by_the_other(fault: Wire) {
    let proxy = Proxy::start().await;
    let through = format!("mongodb://127.0.0.1:{}/tickets?directConnection=true", proxy.port);
    let shape =
        |options: Options| options.with("tickets", "MONGO_URI", &through).with("orders", "OPEN_ORDERS_PER_BUYER", "12");
    let platform = Platform::begin(shape).await;
    let [mongod, ..] = platform.fleet.environment().ports.servers();
    proxy.set(Wire::To(mongod));
    let platform = platform.ready().await;
    let market = Market::open(&platform).await;
    let tickets = market.tickets::<12>().await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let (program, admin) = second_tickets(&platform);
    let _second = program.log_to(log.path()).spawn().unwrap();
    let admin = HttpClient::new(&admin);
    eventually("the second replica is ready", async || (admin.get("/readyz").await.status == 200).then_some(())).await;

    proxy.set(fault);
    for ticket in tickets {
        let order = market.order(ticket).await;
        market.published().await;
        assert_eq!(market.status(&order).await, "created");
    }
    let all_held = async || {
        for ticket in tickets {
            market.holder(ticket).await?;
        }
        Some(())
    };
    eventually_within(HANDLED_WITHIN, "every ticket is held", all_held).await;
    proxy.set(Wire::To(mongod));
    platform.settled(&market.acknowledged, EventLog::default(), FILLED_WITHIN).await;
    platform.stop().await;
}

/// A second process of the tickets service, beside the fleet's, and the URL of its readiness.
fn second_tickets(platform: &Platform) -> (Program, String) {
    let environment = platform.fleet.environment();
    let first = platform.fleet.pid("tickets").unwrap();
    let path = std::fs::read_link(format!("/proc/{first}/exe")).unwrap();
    let variables = environment.variables("tickets");
    let program = variables
        .into_iter()
        .fold(Program::new("tickets", path), |program, (name, value)| program.environment(name, value));
    let [public, admin] = [(); 2].map(|()| format!("127.0.0.1:{}", ports::free().unwrap()));
    let program = program.environment("LISTEN_ADDR", public).environment("ADMIN_ADDR", &admin);
    (program.grace_period(Duration::ZERO), format!("http://{admin}"))
}
