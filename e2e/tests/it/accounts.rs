use std::time::Duration;

use common::testing::{HttpClient, eventually, eventually_within};
use e2e::person::{PASSWORD, Person};
use reqwest::Method;
use serde_json::json;

use crate::platform::Platform;

/// What each service answers to whoever has copied this cookie.
async fn answers(site: &HttpClient, cookie: &str) -> [u16; 3] {
    let paths = ["/api/tickets/mine", "/api/orders", "/api/users/sessions"];
    let ask = async |path| site.send(site.request(Method::GET, path).header("cookie", cookie)).await.status;
    [ask(paths[0]).await, ask(paths[1]).await, ask(paths[2]).await]
}

#[tokio::test]
async fn a_copied_cookie_is_nobodys_within_a_second_wherever_it_is_sent() {
    let platform = Platform::start(&[]).await;
    let site = platform.site();
    let person = Person::sign_up(&site).await;
    let copied = person.http.cookie();
    assert_eq!(answers(&site.new_visitor(), &copied).await, [200; 3]);
    person.http.post("/api/users/signout", json!({})).await.expect(200);
    eventually_within(Duration::from_secs(1), "it is nobody's", async || {
        (answers(&site.new_visitor(), &copied).await == [401; 3]).then_some(())
    })
    .await;
    platform.stop().await;
}

#[tokio::test]
async fn an_account_is_deleted_once_it_has_no_open_order_and_its_listings_leave_the_market() {
    let platform = Platform::start(&[]).await;
    let site = platform.site();
    let (seller, leaver) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
    let theirs = seller.offer("Concert", 20.0).await.expect(201).id();
    let own = leaver.offer("Opera", 30.0).await.expect(201).id();
    let order = leaver.order(theirs).await.expect(201).id();
    let delete = async || {
        let request = leaver.http.request(Method::DELETE, "/api/users/me");
        leaver.http.send(request.json(&json!({"password": PASSWORD}))).await
    };
    eventually("the order keeps the account", async || (delete().await.status == 400).then_some(())).await;
    leaver.cancel(order).await.expect(204);
    eventually("the account is deleted", async || (delete().await.status == 204).then_some(())).await;
    eventually("its listing is withdrawn", async || {
        (site.get(&format!("/api/tickets/{own}")).await.status == 404).then_some(())
    })
    .await;
    platform.stop().await;
}
