use common::testing::App;
use reqwest::Method;

use crate::app::TestApp;

#[tokio::test]
async fn attempts_from_all_addresses_of_one_ipv6_network_are_limited_together() {
    let auth = TestApp::start_with(&[("credentials-per-minute", "2")]).await;
    let from = async |address: &str| {
        let request = auth.app.request(Method::POST, "/api/users/signin").header("x-forwarded-for", address);
        App::send(request.header("content-type", "application/json").body("{}")).await
    };
    from("2001:db8::1").await.expect(400);
    from("2001:db8::2").await.expect(400);
    from("2001:db8::3").await.expect(429);
    from("2001:db8:0:1::1").await.expect(400);
}
