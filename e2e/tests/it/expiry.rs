use common::testing::eventually;
use e2e::person::Person;

use crate::platform::Platform;

#[tokio::test]
async fn an_unpaid_order_gives_its_ticket_back_when_its_time_is_over() {
    let platform = Platform::start(&[("EXPIRATION_WINDOW_SECONDS", "3")]).await;
    let site = platform.site();
    let (seller, buyer, rival) =
        (Person::sign_up(&site).await, Person::sign_up(&site).await, Person::sign_up(&site).await);

    let ticket = seller.offer("Concert", 20.0).await.expect(201).id();
    let unpaid = buyer.order(ticket).await.expect(201).id();
    eventually("the ticket is reserved", async || seller.holder(ticket).await).await;
    eventually("the order ends", async || buyer.sees_order(unpaid, "cancelled").await).await;
    eventually("the ticket is free", async || seller.holder(ticket).await.is_none().then_some(())).await;
    eventually("payments knows", async || (buyer.pay(unpaid, "tok_visa").await.status == 400).then_some(())).await;
    buyer.pay(unpaid, "tok_visa").await.expect_errors(400, &[("Cannot pay for a cancelled order", None)]);

    let paid = rival.order(ticket).await.expect(201).id();
    rival.pay(paid, "tok_visa").await.expect(201);
    eventually("the order is complete", async || rival.sees_order(paid, "complete").await).await;
    platform.stop().await;
}
