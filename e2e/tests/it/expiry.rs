use common::testing::eventually;
use e2e::person::{Person, id};

use crate::platform::Platform;

#[tokio::test]
async fn an_unpaid_order_gives_its_ticket_back_when_its_time_is_over() {
    let platform = Platform::start(&[("EXPIRATION_WINDOW_SECONDS", "3")]).await;
    let site = platform.site();
    let (seller, buyer, rival) =
        (Person::sign_up(&site).await, Person::sign_up(&site).await, Person::sign_up(&site).await);

    let ticket = seller.offer("Concert", 20.0).await;
    let unpaid = id(&buyer.order(&ticket).await.expect(201));
    eventually("the ticket is reserved", async || seller.holder(&ticket).await).await;
    eventually("the order ends", async || (buyer.order_status(&unpaid).await == "cancelled").then_some(())).await;
    eventually("the ticket is free", async || seller.holder(&ticket).await.is_none().then_some(())).await;
    eventually("payments has heard of it", async || (buyer.pay(&unpaid, "tok_visa").await.status == 400).then_some(()))
        .await;
    buyer.pay(&unpaid, "tok_visa").await.expect_refusal("Cannot pay for a cancelled order");

    let paid = id(&rival.order(&ticket).await.expect(201));
    rival.pay(&paid, "tok_visa").await.expect(201);
    eventually("the order is complete", async || (rival.order_status(&paid).await == "complete").then_some(())).await;
    platform.stop().await;
}
