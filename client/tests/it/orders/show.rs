use std::time::Duration;

use common::testing::eventually;
use tokio::time::sleep;

use crate::app::TestApp;

#[tokio::test]
async fn an_order_says_how_long_it_can_be_paid_and_asks_for_a_test_card() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let page = bob.get(&order).await.expect(200);
    assert_eq!(page.text("[data-state]"), "Reserved for you");
    assert_eq!(page.text(".notice"), "Test mode: no money moves");
    assert_eq!(page.texts("main form button"), ["Pay $20", "Cancel this order"]);
    assert_eq!(page.attribute("input[name=token][checked]", "value"), "tok_visa");
    let left = page.text(".countdown time-left");
    assert!(left.starts_with("14 min ") || left == "15 min 0 s", "{left}");
    assert!(page.attribute(".countdown time", "datetime").ends_with('Z'));
    let refresh = page.html.split("http-equiv=\"refresh\" content=\"").nth(1).unwrap();
    let (seconds, target) = refresh.split('"').next().unwrap().split_once("; url=").unwrap();
    assert!((890..=902).contains(&seconds.parse().unwrap()), "{seconds}");
    assert_eq!(target, order);
}

#[tokio::test]
async fn an_order_whose_time_is_over_cannot_be_paid() {
    let app = TestApp::whole_with(&[("expiration-window-seconds", "1")], &[]).await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let over = async || {
        let page = bob.get(&order).await;
        (page.text("[data-state]") == "The time to pay is over").then_some(page)
    };
    let page = eventually("the time is over", over).await;
    assert!(!page.has("main form"));
    assert!(page.html.contains(&format!("content=\"2; url={order}\"")), "{}", page.html);
}

#[tokio::test]
async fn an_order_that_its_buyer_cancelled_says_so_after_its_time_too() {
    let app = TestApp::whole_with(&[("expiration-window-seconds", "1")], &[]).await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    bob.post(&format!("{order}/cancel"), &[]).await.expect(303);
    sleep(Duration::from_secs(1)).await;
    let page = bob.get(&order).await;
    assert_eq!(page.text("[data-state]"), "You cancelled this order");
    assert!(!page.has("main form") && !page.has("[http-equiv=refresh]"));
}

#[tokio::test]
async fn with_a_stripe_key_the_card_form_is_stripes_and_its_scripts_are_allowed_on_that_page_alone() {
    let app = TestApp::whole_with(&[], &[("stripe-publishable-key", "pk_test_1")]).await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let page = bob.get(&order).await.expect(200);
    assert_eq!(page.attribute("card-form", "key"), "pk_test_1");
    assert_eq!(page.attribute("card-form", "amount"), "2000");
    assert_eq!(page.attribute("input[name=token]", "type"), "hidden");
    assert!(page.has("noscript") && !page.html.contains("Test mode") && !page.html.contains("tok_"));
    assert!(page.header("content-security-policy").contains("script-src 'self' https://js.stripe.com"));
    assert!(!bob.get("/orders").await.header("content-security-policy").contains("stripe"));
}

#[tokio::test]
async fn somebody_elses_order_is_not_theirs_to_see() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    ann.get(&order).await.expect(403);
    ann.get("/orders/65a1b2c3d4e5f60718293a4b").await.expect(404);
}
