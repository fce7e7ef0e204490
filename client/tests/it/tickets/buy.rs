use common::testing::eventually;
use reqwest::Method;

use crate::app::TestApp;

#[tokio::test]
async fn buying_a_ticket_leads_to_the_order() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let page = bob.get(&ticket).await.expect(200);
    let answer = bob.fill_in(&page, &format!("{ticket}/buy"), &[]).await.expect(303);
    assert!(bob.get(answer.location()).await.expect(200).text("main").contains("Concert"));
}

#[tokio::test]
async fn a_double_click_orders_once() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let (page, buy) = (bob.get(&ticket).await.expect(200), format!("{ticket}/buy"));
    let (one, other) = tokio::join!(bob.fill_in(&page, &buy, &[]), bob.fill_in(&page, &buy, &[]));
    assert_eq!(one.expect(303).location(), other.expect(303).location());
}

#[tokio::test]
async fn ones_own_ticket_is_refused_on_its_page() {
    let app = TestApp::whole().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    let ticket = ann.sell("Concert", "20").await;
    let page = ann.post(&format!("{ticket}/buy"), &[]).await.expect(400);
    assert_eq!(page.text(".refusal[role=alert]"), "Cannot order your own ticket");
    assert_eq!(page.text("h1"), "Concert");
}

#[tokio::test]
async fn who_comes_too_late_is_told_so_and_shown_others() {
    let app = TestApp::whole().await;
    let [ann, bob, eve] = app.visitors(["ann", "bob", "eve"]).await;
    let ticket = ann.sell_with(&[("title", "Tosca"), ("price", "20"), ("city", "Berlin")]).await;
    let other = ann.sell_with(&[("title", "Tosca"), ("price", "30"), ("city", "Berlin")]).await;
    let (page, buy) = (eve.get(&ticket).await.expect(200), format!("{ticket}/buy"));
    bob.buy(&ticket).await;
    let page = eve.fill_in(&page, &buy, &[]).await.expect(400);
    assert_eq!(page.text("h1"), "Somebody was faster");
    assert!(page.text("main [role=alert]").contains("Tosca has just been reserved"), "{}", page.html);
    let others = page.links(".similar .list a");
    assert!(others.contains(&other), "{others:?}");
}

#[tokio::test]
async fn a_ticket_that_was_withdrawn_meanwhile_leads_to_others_of_its_event() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell_with(&[("title", "Tosca"), ("price", "20"), ("city", "Berlin")]).await;
    let other = ann.sell_with(&[("title", "Tosca"), ("price", "30"), ("city", "Berlin")]).await;
    ann.sell("Concert", "10").await;
    let (page, buy) = (bob.get(&ticket).await.expect(200), format!("{ticket}/buy"));
    ann.post(&format!("{ticket}/withdraw"), &[]).await.expect(303);
    let answer = eventually("the ticket is withdrawn everywhere", async || {
        let answer = bob.fill_in(&page, &buy, &[]).await;
        (answer.status == 404).then_some(answer)
    })
    .await;
    assert_eq!(answer.text("h1"), "This ticket is not here any more");
    assert_eq!(answer.links(".similar .list a")[0], other);
}

#[tokio::test]
async fn a_price_that_has_changed_is_shown_before_anything_is_ordered() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let (seen, buy) = (bob.get(&ticket).await.expect(200), format!("{ticket}/buy"));
    ann.post(&format!("{ticket}/edit"), &[("title", "Concert"), ("price", "25")]).await.expect(303);
    app.orders_knows_of_the_change().await;
    let page = bob.fill_in(&seen, &buy, &[]).await.expect(409);
    assert!(page.text("[role=alert]").contains("from $20 to $25"), "{}", page.html);
    assert_eq!(page.text("aside .amount"), "$25");
    let answer = bob.fill_in(&page, &buy, &[]).await.expect(303);
    assert!(bob.get(answer.location()).await.expect(200).html.contains("$25"));
}

#[tokio::test]
async fn another_version_with_the_same_words_and_price_is_ordered_at_once() {
    let app = TestApp::whole().await;
    let [ann, bob, eve] = app.visitors(["ann", "bob", "eve"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let (seen, buy) = (bob.get(&ticket).await.expect(200), format!("{ticket}/buy"));
    let order = eve.buy(&ticket).await;
    eve.post(&format!("{order}/cancel"), &[]).await.expect(303);
    eventually("the ticket is free again", async || bob.get(&ticket).await.has("aside form").then_some(())).await;
    bob.fill_in(&seen, &buy, &[]).await.expect(303);
}

#[tokio::test]
async fn who_may_not_order_more_is_told_why_at_the_ticket() {
    let app = TestApp::whole_with(&[("open-orders-per-buyer", "1"), ("unpaid-orders-per-ticket", "1")], &[]).await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let (one, other) = (ann.sell("Concert", "20").await, ann.sell("Opera", "20").await);
    let order = bob.buy(&one).await;
    let page = bob.post(&format!("{other}/buy"), &[]).await.expect(429);
    let many_open = "Your unpaid orders have reached the limit of 1, pay or cancel one first";
    assert_eq!((page.text(".refusal[role=alert]").as_str(), page.text("h1").as_str()), (many_open, "Opera"));
    bob.post(&format!("{order}/cancel"), &[]).await.expect(303);
    let page = eventually("the ticket is free again", async || {
        let page = bob.post(&format!("{one}/buy"), &[]).await;
        (page.status == 429).then_some(page)
    })
    .await;
    let many_unpaid = "Too many of your orders of this ticket ended unpaid, try again in 60 min";
    assert_eq!((page.text(".refusal[role=alert]").as_str(), page.text("h1").as_str()), (many_unpaid, "Concert"));
}

#[tokio::test]
async fn a_visitor_who_signs_in_first_needs_one_press_more() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    // The session ended while the page was open.
    let nobody = app.browser();
    let answer = nobody.post(&format!("{ticket}/buy"), &[]).await.expect(303);
    assert_eq!(answer.location(), format!("/auth/signin?next={ticket}/buy"));
    let back = bob.send(bob.request(Method::GET, &format!("{ticket}/buy"))).await.expect(303);
    assert_eq!(back.location(), ticket);
}
