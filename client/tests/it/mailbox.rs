use common::testing::eventually;

use crate::app::TestApp;

const MAILBOX: [(&str, &str); 2] = [("local-mailbox", "true"), ("public-url", "http://localhost:3000")];

#[tokio::test]
async fn where_mails_are_sent_there_is_no_mailbox() {
    let app = TestApp::with_auth().await;
    assert_eq!(app.browser().get("/mailbox").await.expect(404).text("h1"), "Not found");
}

#[tokio::test]
async fn a_new_account_finds_its_mail_and_proves_its_address_by_the_link() {
    let app = TestApp::with_auth_flags(&MAILBOX).await;
    let [ann] = app.visitors(["ann"]).await;
    let mailbox = async || {
        let page = ann.get("/mailbox").await.expect(200);
        page.has("article").then_some(page)
    };
    let page = eventually("the mail is there", mailbox).await;
    assert!(page.text("article .faint").starts_with("To ann@example.com · "), "{}", page.html);
    assert_eq!(page.header("cache-control"), "no-store");
    let link = page.links("article a").into_iter().find(|link| link.contains("/verify?")).unwrap();
    let form = ann.get(link.strip_prefix("http://localhost:3000").unwrap()).await.expect(200);
    let answer = ann.fill_in(&form, "/verify", &[]).await.expect(303);
    assert_eq!(ann.get(answer.location()).await.expect(200).text("#done"), "Your address is confirmed.");
    let page = ann.fill_in(&form, "/verify", &[]).await.expect(400);
    assert_eq!(page.text(".refusal"), "This link is not valid any more");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_the_link_of_a_mail() {
    let app = TestApp::with_auth_flags(&MAILBOX).await;
    let [ann] = app.visitors(["ann"]).await;
    let link = async |to: &str| {
        let newest = async || {
            let links = ann.get("/mailbox").await.expect(200).links("article a");
            links
                .into_iter()
                .find_map(|link| Some(link.split_once("3000")?.1.to_owned()).filter(|path| path.starts_with(to)))
        };
        eventually("the mail is there", newest).await
    };
    let form = ann.get(&link("/verify?").await).await;
    ann.fill_in(&form, "/verify", &[]).await.expect(303);
    let forgetful = app.browser();
    forgetful.post("/auth/forgot", &[("email", "ann@example.com")]).await.expect(200);
    let form = forgetful.get(&link("/reset?").await).await.expect(200);
    let page = forgetful.fill_in(&form, "/reset", &[("newPassword", "short")]).await.expect(400);
    assert_eq!(page.text("#newPassword-message"), "Password must be between 8 and 128 characters");
    let answer = forgetful.fill_in(&page, "/reset", &[("newPassword", "battery staple")]).await.expect(303);
    let page = forgetful.get(answer.location()).await.expect(200);
    assert_eq!(page.text("#done"), "Your new password is saved. Please sign in with it.");
    ann.get("/account").await.expect(303);
    let new = [("email", "ann@example.com"), ("password", "battery staple")];
    forgetful.fill_in(&page, "/auth/signin", &new).await.expect(303);
    let page = forgetful.fill_in(&form, "/reset", &[("newPassword", "another horse")]).await.expect(400);
    assert_eq!(page.attribute("main a.button", "href"), "/auth/forgot");
}
