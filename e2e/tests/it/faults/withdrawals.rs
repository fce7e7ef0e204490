//! A seller withdraws tickets while orders of them are on their way to the tickets service: whoever was given a 201 gets the ticket,
//! and the withdrawal takes effect once no order holds it.

use std::time::Duration;

use common::testing::eventually;
use e2e::invariants::EventLog;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};

use super::market::Market;
use crate::platform::Platform;

const SETTLED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_order_of_a_ticket_that_is_withdrawn_at_the_same_moment_is_kept_and_can_be_paid_or_cancelled() {
    let platform = Platform::start(&[]).await;
    let market = Market::open(&platform).await;
    let [paid, cancelled, free] = market.tickets().await;
    let nats = platform.fleet.environment().nats.as_ref().unwrap();
    nats.stop().await.unwrap();
    let (paid, cancelled) = (market.order(paid).await, market.order(cancelled).await);
    for ticket in [paid.ticket, cancelled.ticket, free] {
        market.seller.http.delete(&format!("/api/tickets/{ticket}")).await.expect(204);
    }
    nats.restart().await.unwrap();
    for order in [&paid, &cancelled] {
        let held = async || (market.holder(order.ticket).await? == order.id).then_some(());
        eventually("the withdrawn ticket is held", held).await;
    }
    let known = async || (market.payments_knows(&paid).await? == "created").then_some(());
    eventually("payments knows the order", known).await;

    market.pay(&paid).await;
    market.becomes(&paid, "complete").await;
    market.cancel(&cancelled).await;
    for ticket in [cancelled.ticket, free] {
        let gone =
            async || (market.buyer.http.get(&format!("/api/tickets/{ticket}")).await.status == 404).then_some(());
        eventually("the ticket is gone", gone).await;
        let refused = async || (market.buyer.order(ticket).await.status == 404).then_some(());
        eventually("nobody can order it", refused).await;
    }
    assert_eq!(market.buyer.order(paid.ticket).await.expect(201).id(), paid.id, "whoever has it gets the order again");
    market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;
    let replica = market.stores.orders.collection::<Document>("tickets");
    for ticket in [paid.ticket, cancelled.ticket, free] {
        let stored = replica.find_one(doc! {"_id": ObjectId::from(ticket)}).await.unwrap().unwrap();
        assert!(stored.get_bool("deleted").unwrap(), "{stored}");
    }
    platform.stop().await;
}
