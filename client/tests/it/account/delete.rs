use common::testing::eventually;

use crate::app::TestApp;

const PATH: &str = "/account/delete";

#[tokio::test]
async fn the_question_says_what_happens_and_a_wrong_password_deletes_nothing() {
    let app = TestApp::with_auth().await;
    let [ann] = app.visitors(["ann"]).await;
    let page = ann.get(PATH).await.expect(200);
    assert_eq!((page.text("h1"), page.texts("main li").len()), ("Delete your account?".to_owned(), 4));
    let page = ann.fill_in(&page, PATH, &[("password", "wrong horse")]).await.expect(400);
    assert_eq!(page.text("#password-message"), "This is not your password");
    assert!(!page.has(".notice") && !page.html.contains("wrong horse"));
    ann.get("/account").await.expect(200);
}

#[tokio::test]
async fn a_deleted_account_is_signed_out_and_its_listings_are_gone() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let answer = ann.post(PATH, &[("password", "correct horse")]).await.expect(303);
    assert_eq!(answer.location(), "/");
    let page = ann.get("/terms").await.expect(200);
    assert_eq!(page.text("#done"), "Your account is deleted.");
    assert!(!page.has("header details.menu"));
    let form = [("email", "ann@example.com"), ("password", "correct horse")];
    app.browser().post("/auth/signin", &form).await.expect(400);
    eventually("the listing is withdrawn", async || (app.browser().get(&ticket).await.status == 404).then_some(()))
        .await;
    app.browser().sign_up("ann").await;
}

#[tokio::test]
async fn an_open_order_is_named_with_the_way_to_it_and_the_account_stays() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let page = bob.get(PATH).await.expect(200);
    assert_eq!(page.attribute("main .notice a", "href"), order);
    let refused = async || {
        let page = bob.post(PATH, &[("password", "correct horse")]).await;
        (page.status == 400).then_some(page)
    };
    let page = eventually("the open order is known", refused).await;
    assert!(page.has(".refusal[role=alert]"), "{}", page.html);
    assert_eq!(page.attribute("main .notice a", "href"), order);
    bob.get("/account").await.expect(200);
    bob.post(&format!("{order}/cancel"), &[]).await.expect(303);
    let deleted = async || (bob.post(PATH, &[("password", "correct horse")]).await.status == 303).then_some(());
    eventually("the account is deleted", deleted).await;
}
