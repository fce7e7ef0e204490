use common::testing::eventually;
use reqwest::Method;

use crate::app::{NOWHERE, TestApp};
use crate::browser::Browser;

/// Three events, one with two tickets.
async fn some_events(seller: &Browser) {
    let tosca = [
        ("title", "Tosca"),
        ("venue", "Staatsoper"),
        ("city", "Berlin"),
        ("date", "2099-06-12"),
        ("time", "19:30"),
        ("zone", "Europe/Berlin"),
    ];
    for (price, quantity) in [("80", "1"), ("90", "2")] {
        seller.sell_with(&[&tosca[..], &[("price", price), ("quantity", quantity)]].concat()).await;
    }
    let paris =
        [("city", "Paris"), ("date", "2099-05-01"), ("time", "21:00"), ("zone", "Europe/Paris"), ("price", "30")];
    seller.sell_with(&[&paris[..], &[("title", "Étoile – Noire")]].concat()).await;
    seller.sell("A voucher", "5").await;
}

async fn titles(app: &TestApp, path: &str) -> Vec<String> {
    app.browser().get(path).await.expect(200).texts(".card h3")
}

#[tokio::test]
async fn events_come_by_date_with_how_many_tickets_there_are_and_from_which_price() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    some_events(&ann).await;
    let page = app.browser().get("/").await.expect(200);
    assert_eq!(page.texts(".card h3"), ["Étoile – Noire", "Tosca", "A voucher"]);
    assert_eq!(page.texts(".card .offer b"), ["from $30", "from $45", "from $5"]);
    assert_eq!(page.texts(".card .offer span"), ["1 offer", "2 offers", "1 offer"]);
    assert_eq!(page.texts(".card .date")[1], "Fri 12 Jun 2099");
    assert!(page.links(".card a").iter().all(|link| link.starts_with("/events/")));
}

#[tokio::test]
async fn the_address_alone_says_what_is_found() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    some_events(&ann).await;
    for (path, found) in [
        ("/?q=etoile", vec!["Étoile – Noire"]),
        ("/?q=&city=BERLIN&min=&max=&from=&to=", vec!["Tosca"]),
        ("/?max=30,00", vec!["Étoile – Noire", "A voucher"]),
        ("/?min=31", vec!["Tosca"]),
        ("/?from=2099-05-02", vec!["Tosca"]),
        ("/?from=2099-05-01&to=2099-05-01", vec!["Étoile – Noire"]),
    ] {
        assert_eq!(titles(&app, path).await, found, "{path}");
    }
    let page = app.browser().get("/?q=tosca&city=Berlin&max=90").await.expect(200);
    assert_eq!(page.attribute("#q", "value"), "tosca");
    assert_eq!(page.attribute("form.find [name=city]", "value"), "Berlin");
    assert_eq!(page.attribute("#max", "value"), "90");
}

#[tokio::test]
async fn cities_and_days_are_links_and_what_is_chosen_is_marked() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    some_events(&ann).await;
    let page = app.browser().get("/?city=Paris&max=50").await.expect(200);
    assert_eq!(page.texts("[aria-label=City] a"), ["All cities", "Paris 1"]);
    assert_eq!(page.text("[aria-label=City] [aria-current=true]"), "Paris 1");
    assert_eq!(page.links("[aria-label=City] a"), ["/?max=50", "/?city=Paris&max=50"]);
    assert_eq!(page.text("[aria-label=Day] [aria-current=true]"), "Any day");
    assert!(page.links("[aria-label=Day] a").iter().all(|link| link.contains("city=Paris&max=50")));
    let all = app.browser().get("/").await.expect(200);
    assert_eq!(all.texts("[aria-label=City] a"), ["All cities", "Berlin 1", "Paris 1"]);
}

#[tokio::test]
async fn each_filter_is_a_chip_that_drops_it() {
    let app = TestApp::whole().await;
    let page = app.browser().get("/?q=Tosca&city=Berlin&max=90&to=2099-06-12").await.expect(200);
    let chips = "[aria-label='You look for'] a";
    assert_eq!(page.texts(chips), ["“Tosca”", "Berlin", "up to $90", "until 12 Jun", "Start again"]);
    assert_eq!(page.links(chips)[0], "/?city=Berlin&max=90&to=2099-06-12");
    assert_eq!(page.text("h1"), "Tickets: “Tosca”, Berlin, up to $90, until 12 Jun");
}

#[tokio::test]
async fn an_amount_that_is_none_is_refused_beside_its_field() {
    let app = TestApp::whole().await;
    let page = app.browser().get("/?min=abc&q=tosca").await.expect(400);
    assert_eq!(page.text("#min-message"), "Least price must be greater than 0");
    assert_eq!(page.attribute("#min", "value"), "abc");
    assert_eq!(page.attribute("#q", "value"), "tosca");
    assert!(page.has("details.more[open]"));
}

#[tokio::test]
async fn many_events_come_in_pages() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    for number in 0..26 {
        ann.sell(&format!("Evening {number}"), "20").await;
    }
    let first = app.browser().get("/?q=evening").await.expect(200);
    assert_eq!(first.texts(".card").len(), 24);
    assert_eq!(first.texts(".paging a"), ["More events"]);
    let second = app.browser().get(&first.attribute(".paging a", "href")).await.expect(200);
    assert_eq!(second.texts(".card").len(), 2);
    assert_eq!(second.links(".paging a"), ["/?q=evening"]);
}

#[tokio::test]
async fn an_event_without_a_ticket_that_is_free_leaves_the_page() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "12.5").await;
    assert_eq!(titles(&app, "/").await, ["Concert"]);
    bob.buy(&ticket).await;
    eventually("the event leaves the page", async || titles(&app, "/").await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_hostile_title_is_text_wherever_it_stands() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let title = r#"</title></a><script>alert("1")</script><!> &amp; ' <img src=x onerror=alert(1)>"#;
    let ticket = browser.sell(title, "1").await;
    let event = browser.get("/").await.expect(200).attribute(".card a", "href");
    let ours = |page: &crate::browser::Shown| {
        let scripts = page.texts("script:not([src]):not([type='application/ld+json'])");
        scripts.is_empty() && !page.has("img") && !page.html.contains("alert(\"1\")</script>")
    };
    for (path, selector) in [("/", ".card a"), (&event, "h1"), (&ticket, "h1")] {
        let page = browser.get(path).await.expect(200);
        assert_eq!(page.text(selector), title);
        assert!(ours(&page), "{}", page.html);
    }
    assert_eq!(browser.get(&ticket).await.text("title"), format!("{title} · Ticketing"));
    let form = browser.get(&format!("{ticket}/edit")).await.expect(200);
    assert_eq!(form.attribute("#title", "value"), title);
    let feed = browser.get("/feed.xml").await.expect(200).html;
    assert!(!feed.contains("<script>") && feed.contains("&lt;script&gt;"), "{feed}");
}

#[tokio::test]
async fn while_only_accounts_are_unavailable_the_events_are_still_shown() {
    let mut app = TestApp::whole_with(&[], &[("auth-url", NOWHERE)]).await;
    let browser = app.browser();
    let page = browser.send(browser.request(Method::GET, "/").header("cookie", "session=e30=")).await.expect(200);
    assert_eq!(page.text("h1"), "Tickets for what you want to see");
    assert!(!page.has("header nav"));
    app.stop_services().await;
}

#[tokio::test]
async fn search_engines_find_the_landing_page_and_cities_and_no_other_search() {
    let app = TestApp::whole_with(&[], &[("public-url", "https://ticketing.example")]).await;
    for (path, canonical) in [("/", "/"), ("/?city=Berlin&q=", "/?city=Berlin")] {
        let page = app.browser().get(path).await.expect(200);
        assert_eq!(page.links("link[rel=canonical]"), [format!("https://ticketing.example{canonical}")]);
        assert!(!page.has("meta[name=robots]"));
    }
    let page = app.browser().get("/?q=tosca").await.expect(200);
    assert_eq!(page.attribute("meta[name=robots]", "content"), "noindex, follow");
    assert!(!page.has("link[rel=canonical]"));
}
