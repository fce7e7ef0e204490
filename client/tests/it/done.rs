use reqwest::header::SET_COOKIE;

use crate::app::TestApp;
use crate::browser::Browser;

#[tokio::test]
async fn a_page_says_once_that_a_visitor_is_signed_out() {
    let app = TestApp::with_auth().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    ann.post("/auth/signout", &[]).await.expect(303);
    let page = ann.get("/terms").await.expect(200);
    assert_eq!(page.text("main #done[role=status]"), "You are signed out.");
    assert_eq!((page.header("cache-control"), page.header("etag")), ("no-store", ""));
    let again = ann.get("/terms").await.expect(200);
    assert!(!again.has("#done") && !again.header("etag").is_empty());
}

#[tokio::test]
async fn a_page_says_that_a_listing_was_saved_or_withdrawn() {
    let app = TestApp::whole().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    let ticket = ann.sell("Concert", "20").await;
    let form = ann.get(&format!("{ticket}/edit")).await.expect(200);
    let answer = ann.fill_in(&form, &format!("{ticket}/edit"), &[("price", "30")]).await.expect(303);
    assert_eq!(ann.get(answer.location()).await.expect(200).text("#done"), "Your changes are saved.");
    assert!(!ann.get(&ticket).await.has("#done"));
    let page = ann.post_and_follow(&format!("{ticket}/withdraw"), &[]).await.expect(200);
    assert_eq!(page.text("#done"), "The listing is withdrawn.");
}

#[tokio::test]
async fn what_was_done_waits_for_a_page_and_no_link_can_say_it() {
    let app = TestApp::with_auth().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    ann.post("/auth/signout", &[]).await.expect(303);
    for path in ["/robots.txt", "/assets/icon.svg", "/tickets/new"] {
        let answer = ann.get(path).await;
        assert!(answer.headers.get(SET_COOKIE).is_none(), "{path}");
    }
    assert!(ann.get("/nothing").await.expect(404).has("#done"));
    assert!(!app.browser().get("/terms?done=%22signed-out%22").await.has("#done"));
}

#[tokio::test]
async fn a_session_that_is_over_leads_to_the_sign_in_page_which_says_why_and_back() {
    let app = TestApp::with_auth().await;
    app.browser().sign_up("ann").await;
    let browser = Browser::with_session(&app.client, "session=bm9uZQ==; path=/");
    let answer = browser.get("/tickets/new?title=a").await.expect(303);
    assert_eq!(answer.location(), "/auth/signin?next=/tickets/new%3Ftitle%3Da");
    let page = browser.get(answer.location()).await.expect(200);
    assert!(page.text("#done").starts_with("You are not signed in any more"), "{}", page.html);
    let form = [("email", "ann@example.com"), ("password", "correct horse")];
    let answer = browser.fill_in(&page, "/auth/signin", &form).await.expect(303);
    assert_eq!(answer.location(), "/tickets/new?title=a");
    assert!(!browser.get(answer.location()).await.expect(200).has("#done"));
    let answer = app.browser().get("/tickets/new").await.expect(303);
    assert!(answer.headers.get(SET_COOKIE).is_none(), "who was never signed in is not told so");
}
