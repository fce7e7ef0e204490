use common::testing::eventually;
use serde_json::Value;

use crate::app::TestApp;
use crate::browser::{Browser, Shown};

const TOSCA: [(&str, &str); 6] = [
    ("title", "Tosca"),
    ("venue", "Staatsoper"),
    ("city", "Berlin"),
    ("date", "2099-06-12"),
    ("time", "19:30"),
    ("zone", "Europe/Berlin"),
];

async fn sell(seller: &Browser, more: &[(&str, &str)]) -> String {
    seller.sell_with(&[&TOSCA[..], more].concat()).await
}

/// The page of the event that a ticket belongs to.
async fn event_of(browser: &Browser, ticket: &str) -> String {
    let links = browser.get(ticket).await.expect(200).links("article a");
    links.into_iter().find(|link| link.starts_with("/events/")).unwrap()
}

fn data(page: &Shown) -> Value {
    serde_json::from_str(&page.text("script[type='application/ld+json']")).unwrap()
}

#[tokio::test]
async fn an_event_shows_its_tickets_the_cheapest_seat_first_with_what_differs() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    let single =
        sell(&ann, &[("price", "50"), ("section", "B"), ("row", "3"), ("seat", "12"), ("faceValue", "40")]).await;
    let pair =
        sell(&ann, &[("price", "80"), ("quantity", "2"), ("section", "Balcony"), ("restrictions", "18 and over")])
            .await;
    let page = app.browser().get(&event_of(&ann, &single).await).await.expect(200);
    assert_eq!(page.text("h1"), "Tosca");
    assert_eq!(page.text(".line time"), "Friday, 12 June 2099, 19:30");
    assert_eq!(page.text("#tickets"), "2 offers from $40");
    assert_eq!(page.links(".offers a"), [pair, single]);
    assert_eq!(page.texts(".offers h3 a"), ["Balcony", "Section B · Row\u{a0}3 · Seat\u{a0}12"]);
    assert_eq!(page.texts(".offer-price"), ["$40 each$80 in total", "$50"]);
    assert_eq!(page.texts(".seat-facts li"), ["2 tickets together", "18 and over", "1 ticket"]);
    assert_eq!(page.texts(".offers .badge"), ["Cheapest", "25% above"]);
}

#[tokio::test]
async fn the_tickets_of_an_event_can_be_sorted() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    let four = sell(&ann, &[("price", "80"), ("quantity", "4")]).await;
    let one = sell(&ann, &[("price", "50")]).await;
    let event = event_of(&ann, &one).await;
    for (sort, order) in [
        ("", [&four, &one]),
        ("?sort=price", [&one, &four]),
        ("?sort=-price", [&four, &one]),
        ("?sort=newest", [&one, &four]),
    ] {
        let page = app.browser().get(&format!("{event}{sort}")).await.expect(200);
        assert_eq!(page.links(".offers a"), order.map(String::clone), "{sort}");
        assert_eq!(page.links(".chips [aria-current=true]"), [format!("{event}{sort}")]);
        assert_eq!(page.has("meta[name=robots]"), !sort.is_empty());
    }
    app.browser().get(&format!("{event}?sort=other")).await.expect(404);
}

#[tokio::test]
async fn many_tickets_of_an_event_come_in_pages() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    let mut last = String::new();
    for price in 10..61 {
        last = sell(&ann, &[("price", &price.to_string())]).await;
    }
    let event = event_of(&ann, &last).await;
    let first = app.browser().get(&event).await.expect(200);
    assert_eq!((first.texts(".offers > li").len(), first.text("#tickets")), (50, "51 offers from $10".to_owned()));
    let second = app.browser().get(&first.attribute(".paging a", "href")).await.expect(200);
    assert_eq!(second.links(".offers a"), [last]);
    assert_eq!(second.links(".paging a"), [event]);
    assert!(!second.has(".offers .badge"), "the first of a later page is not the cheapest");
}

#[tokio::test]
async fn a_ticket_without_place_and_date_is_an_event_of_its_own() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("A voucher", "5").await;
    let event = ticket.replace("/tickets/", "/events/");
    assert_eq!(app.browser().get(&event).await.expect(200).text("h1"), "A voucher");
    bob.buy(&ticket).await;
    let sold_out = async || Some(app.browser().get(&event).await).filter(|page| page.status == 404);
    let page = eventually("the ticket is taken", sold_out).await;
    assert_eq!(page.text("h1"), "A voucher", "its name is still known");
}

#[tokio::test]
async fn an_event_that_is_not_there_leads_to_others() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    let other = ann.sell("Concert", "20").await;
    let page = app.browser().get("/events/65a1b2c3d4e5f60718293a4b").await.expect(404);
    assert_eq!(page.text("h1"), "No tickets for this event");
    assert!(page.has("header form[role=search]"));
    assert_eq!(page.links(".similar .list a"), [other]);
    assert_eq!(app.browser().get("/events/1").await.expect(404).text("h1"), "Not found");
}

#[tokio::test]
async fn an_event_leads_to_selling_a_ticket_for_it() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    let ticket = sell(&ann, &[("price", "50")]).await;
    let event = event_of(&ann, &ticket).await;
    let page = app.browser().get(&event).await.expect(200);
    let form = ann.get(&page.attribute(".event-head a.button", "href")).await.expect(200);
    assert_eq!(form.attribute("#title", "value"), "Tosca");
    assert_eq!(form.attribute("#venue", "value"), "Staatsoper");
}

#[tokio::test]
async fn search_engines_and_previews_of_links_are_told_of_events_and_tickets() {
    let app = TestApp::whole_with(&[], &[("public-url", "https://ticketing.example")]).await;
    let [ann] = app.visitors(["ann"]).await;
    let ticket = sell(&ann, &[("price", "80"), ("quantity", "2")]).await;
    let event = event_of(&ann, &ticket).await;
    let page = app.browser().get(&event).await.expect(200);
    let about = "Tosca, Friday, 12 June 2099, 19:30, Staatsoper, Berlin. Tickets from $40, without fees.";
    assert_eq!(page.attribute("meta[name=description]", "content"), about);
    assert_eq!(page.attribute("meta[property='og:description']", "content"), about);
    assert_eq!(page.attribute("meta[property='og:title']", "content"), "Tosca");
    assert_eq!(page.attribute("meta[property='og:image']", "content"), "https://ticketing.example/preview.png");
    let url = format!("https://ticketing.example{event}");
    assert_eq!(page.attribute("link[rel=canonical]", "href"), url);
    let told = data(&page);
    assert_eq!((&told["@type"], &told["name"], &told["url"]), (&"Event".into(), &"Tosca".into(), &url.into()));
    assert_eq!(told["startDate"], "2099-06-12T19:30:00+02:00");
    assert_eq!(told["location"]["address"]["addressLocality"], "Berlin");
    assert_eq!((&told["offers"]["lowPrice"], &told["offers"]["offerCount"]), (&"40.00".into(), &1.into()));

    let told = data(&app.browser().get(&ticket).await.expect(200));
    assert_eq!((&told["offers"]["@type"], &told["offers"]["price"]), (&"Offer".into(), &"80.00".into()));
    assert_eq!(told["offers"]["availability"], "https://schema.org/InStock");
}
