use reqwest::Method;

use crate::app::TestApp;
use crate::browser::Browser;

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile/15E148 Safari/604.1";

/// A browser of this kind in which Ann is signed in.
async fn signed_in(app: &TestApp, agent: &str) -> Browser {
    let browser = app.browser();
    let form = [("email", "ann@example.com"), ("password", "correct horse")];
    let request = browser.request(Method::POST, "/auth/signin").header("user-agent", agent).form(&form);
    browser.send(request).await.expect(303);
    browser
}

#[tokio::test]
async fn every_device_is_listed_by_the_name_of_its_browser_and_this_one_is_marked() {
    let app = TestApp::with_auth().await;
    app.browser().sign_up("ann").await;
    let (desk, phone) = (signed_in(&app, FIREFOX).await, signed_in(&app, IPHONE).await);
    let page = desk.get("/account/settings").await.expect(200);
    let names = page.texts(".devices .title");
    assert_eq!(names[0], "Firefox on Windows");
    assert!(names.len() == 3 && names.contains(&"Safari on iPhone".to_owned()), "{names:?}");
    assert_eq!(page.texts(".devices li:first-child .badge"), ["This device"]);
    assert!(!page.has(".devices li:first-child form"), "one leaves this device by signing out");
    assert_eq!(page.texts(".devices form button"), ["Sign out", "Sign out"]);
    assert!(page.has(".devices li local-time[format=date] time[datetime$=Z]"));
    assert_eq!(phone.get("/account/settings").await.texts(".devices .title")[0], "Safari on iPhone");
}

#[tokio::test]
async fn one_device_is_signed_out_and_the_others_stay() {
    let app = TestApp::with_auth().await;
    let [first] = app.visitors(["ann"]).await;
    let (desk, phone) = (signed_in(&app, FIREFOX).await, signed_in(&app, IPHONE).await);
    let page = desk.get("/account/settings").await.expect(200);
    let end = page.attribute(".devices form:has([aria-label='Sign out: Safari on iPhone'])", "action");
    let page = desk.post_and_follow(&end, &[]).await.expect(200);
    assert_eq!(page.text("#done"), "The device is signed out.");
    assert!(!page.texts(".devices .title").contains(&"Safari on iPhone".to_owned()));
    phone.get("/account").await.expect(303);
    first.get("/account/settings").await.expect(200);
    let again = desk.post(&end, &[]).await.expect(303);
    assert_eq!(again.location(), "/account/settings", "one that is over already is no failure");
}

#[tokio::test]
async fn every_other_device_is_signed_out_at_once() {
    let app = TestApp::with_auth().await;
    let [first] = app.visitors(["ann"]).await;
    let (desk, phone) = (signed_in(&app, FIREFOX).await, signed_in(&app, IPHONE).await);
    let page = desk.get("/account/settings").await.expect(200);
    desk.fill_in(&page, "/account/settings/sessions", &[]).await.expect(303);
    let page = desk.get("/account/settings").await.expect(200);
    assert_eq!(page.text("#done"), "All other devices are signed out.");
    assert_eq!(page.texts(".devices .title"), ["Firefox on Windows"]);
    assert!(!page.has("form[action='/account/settings/sessions']"), "there is nothing left to end");
    for other in [&first, &phone] {
        other.get("/account").await.expect(303);
    }
}

#[tokio::test]
async fn nobody_ends_a_session_of_somebody_else() {
    let app = TestApp::with_auth().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    signed_in(&app, FIREFOX).await;
    let page = ann.get("/account/settings").await.expect(200);
    let end = page.attribute(".devices form", "action");
    bob.post(&end, &[]).await;
    assert_eq!(ann.get("/account/settings").await.texts(".devices .title").len(), 2);
}
