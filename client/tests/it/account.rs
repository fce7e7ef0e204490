mod delete;
mod password;
mod sessions;
mod settings;

use common::testing::eventually;

use crate::app::TestApp;

#[tokio::test]
async fn the_account_says_who_is_signed_in_and_what_the_account_does() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let page = ann.get("/account").await.expect(200);
    assert!(page.texts("h2").contains(&"ann@example.com".to_owned()), "{}", page.html);
    assert!(
        page.html.contains("Here since ")
            && page.html.contains("Nothing on sale")
            && page.html.contains("Nothing bought yet")
    );
    let ticket = ann.sell("Concert", "20").await;
    ann.sell("Opera", "20").await;
    let order = bob.buy(&ticket).await;
    assert!(bob.get("/account").await.html.contains("1 order is to be paid"));
    bob.post(&format!("{order}/pay"), &[("token", "tok_visa")]).await.expect(303);
    let sold = async || ann.get("/account").await.html.contains("1 ticket sold for $20").then_some(());
    eventually("the ticket is sold", sold).await;
    assert!(ann.get("/account").await.html.contains("1 ticket on sale"));
    let bought = async || bob.get("/account").await.html.contains("1 ticket bought").then_some(());
    eventually("the order is complete", bought).await;
}

#[tokio::test]
async fn one_signs_out_from_the_account() {
    let app = TestApp::with_auth().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    let page = ann.get("/account").await.expect(200);
    assert_eq!(page.attribute("main form", "action"), "/auth/signout");
    ann.post("/auth/signout", &[]).await.expect(303);
    assert_eq!(ann.get("/account").await.expect(303).location(), "/auth/signin?next=/account");
}
