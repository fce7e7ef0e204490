use crate::platform::Platform;

#[tokio::test]
async fn a_ticket_is_sold_once_and_paid_once() {
    let platform = Platform::start(&[]).await;
    e2e::story::sale(&platform.site()).await;
    platform.stop().await;
}
