use common::testing::eventually;
use reqwest::Method;

use crate::app::TestApp;

#[tokio::test]
async fn with_nothing_for_sale_the_page_says_so() {
    let app = TestApp::whole().await;
    let page = app.browser().get("/").await.expect(200);
    assert_eq!(page.text("title"), "Tickets for sale · Ticketing");
    assert_eq!(page.text("main p"), "Nothing is for sale at the moment.");
    assert_eq!(page.texts("header nav a"), ["Sell tickets", "Sign up", "Sign in"]);
}

#[tokio::test]
async fn tickets_are_listed_newest_first_until_somebody_reserves_them() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let concert = ann.sell("Concert", "12.5").await;
    ann.sell("Théâtre à l’étoile ☆", "7").await;
    let page = app.browser().get("/").await.expect(200);
    assert_eq!(page.texts(".list a"), ["Théâtre à l’étoile ☆", "Concert"]);
    assert_eq!(page.texts(".list .price"), ["$7.00", "$12.50"]);
    assert_eq!(page.attribute(".list li:last-child a", "href"), concert);
    bob.buy(&concert).await;
    eventually("the ticket leaves the list", async || (bob.get("/").await.texts(".list a").len() == 1).then_some(()))
        .await;
}

#[tokio::test]
async fn a_hostile_title_is_text_wherever_it_stands() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let title = r#"</title></a><script>alert("1")</script><!> &amp; ' <img src=x onerror=alert(1)>"#;
    let ticket = browser.sell(title, "1").await;
    for (path, selector) in [("/", ".list a"), (&ticket, "h1")] {
        let page = browser.get(path).await.expect(200);
        assert_eq!(page.text(selector), title);
        assert!(!page.has("script:not([src^='/assets/'])") && !page.has("img"), "{}", page.html);
    }
    assert_eq!(browser.get(&ticket).await.text("title"), format!("{title} · Ticketing"));
    let form = browser.get(&format!("{ticket}/edit")).await.expect(200);
    assert_eq!(form.attribute("#title", "value"), title);
    let buyer = app.browser();
    buyer.sign_up("bob").await;
    let order = buyer.get(&buyer.buy(&ticket).await).await.expect(200);
    assert_eq!(order.text("h1"), title);
    assert!(!order.has("script:not([src^='/assets/'])") && !order.has("img"), "{}", order.html);
}

#[tokio::test]
async fn while_only_accounts_are_unavailable_the_tickets_are_still_shown() {
    let mut app = TestApp::whole_with(&[], &[("auth-url", crate::app::NOWHERE)]).await;
    let browser = app.browser();
    let page = browser.send(browser.request(Method::GET, "/").header("cookie", "session=e30=")).await.expect(200);
    assert_eq!(page.text("h1"), "Tickets for sale");
    assert!(!page.has("header nav"));
    app.stop_services().await;
}
