use reqwest::Method;

use crate::app::TestApp;

/// The smallest picture of its kind, with one byte that makes it another file.
fn png(last: u8) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89".to_vec();
    bytes.push(last);
    bytes.extend_from_slice(b"IEND\xaeB`\x82");
    bytes
}

#[tokio::test]
async fn a_seller_puts_a_ticket_on_sale_and_sees_it() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let form = browser.get("/tickets/new").await.expect(200);
    assert_eq!(form.attribute("#price", "inputmode"), "decimal");
    assert_eq!(form.attribute("#listing", "enctype"), "multipart/form-data");
    assert_eq!(form.texts("#listing [required]").len(), 2, "only title and price are required");
    let page = browser.post_and_follow("/tickets/new", &[("title", "Concert"), ("price", "12.5")]).await.expect(200);
    assert_eq!((page.text("h1"), page.text(".amount")), ("Concert".to_owned(), "$12.50".to_owned()));
}

#[tokio::test]
async fn a_listing_says_everything_that_its_seller_says() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let form = browser.get("/tickets/new").await.expect(200);
    let entered = [
        ("title", "Tosca"),
        ("price", "$1,200"),
        ("quantity", "2"),
        ("venue", "Staatsoper"),
        ("city", "Berlin"),
        ("date", "2099-06-12"),
        ("time", "19:30"),
        ("zone", "Europe/Berlin"),
        ("section", "Rang 2"),
        ("row", "3"),
        ("seat", "14–15"),
        ("faceValue", "500"),
        ("restrictions", "Limited view"),
    ];
    let listed = browser.fill_in(&form, "/tickets/new", &entered).await.expect(303);
    let page = browser.get(listed.location()).await.expect(200);
    assert_eq!(page.attribute(".ticket .line time", "datetime"), "2099-06-12T19:30:00+02:00");
    assert_eq!(page.text(".ticket .line time"), "Friday, 12 June 2099, 19:30");
    assert!(page.texts(".line").iter().any(|line| line == "Staatsoper, Berlin"), "{}", page.html);
    assert_eq!(page.texts(".facts dd"), ["2 together", "Rang 2", "3", "14–15", "Limited view"]);
    assert_eq!(page.text(".amount"), "$1,200");
    assert_eq!(page.text(".each"), "for 2 tickets, $600 each");
    assert_eq!(page.text(".face-value"), "Face value $500 20% above");
}

#[tokio::test]
async fn a_refusal_stands_beside_its_field_with_what_was_entered() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let page = browser.post("/tickets/new", &[("title", " "), ("price", "-5 $"), ("row", "3")]).await.expect(400);
    assert_eq!(page.text("#title-message"), "Title is required");
    assert_eq!(page.text("#price-message"), "Price must be greater than 0");
    assert_eq!(page.attribute("#price", "aria-describedby"), "price-message price-hint");
    assert_eq!(page.attribute("#price", "value"), "-5 $");
    assert_eq!(page.attribute("#row", "value"), "3");
    assert!(page.has("#title[autofocus]") && !page.has("#price[autofocus]"));
    browser.post("/tickets/new", &[]).await.expect(400);
}

#[tokio::test]
async fn half_a_time_is_asked_for_beside_the_half_that_is_missing() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let entered =
        |date, time| [("title", "Concert"), ("price", "20"), ("zone", "Europe/Berlin"), ("date", date), ("time", time)];
    let page = browser.post("/tickets/new", &entered("2099-06-12", "")).await.expect(400);
    assert_eq!(page.text("#time-message"), "Please say at what time, too");
    assert!(page.has("#time[autofocus]"));
    let page = browser.post("/tickets/new", &entered("", "20:00")).await.expect(400);
    assert_eq!(page.text("#date-message"), "Please say on which day, too");
    let page = browser.post("/tickets/new", &entered("2020-06-12", "20:00")).await.expect(400);
    assert_eq!(page.text("#date-message"), "Start must be in the future");
}

#[tokio::test]
async fn a_preview_shows_what_buyers_will_see_and_sells_nothing() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let entered = [
        ("title", "Concert"),
        ("price", "30"),
        ("quantity", "3"),
        ("faceValue", "10"),
        ("city", "Ulm"),
        ("preview", "yes"),
    ];
    let page = browser.post_with_file("/tickets/new", &entered, Some(("a.png", &png(0)))).await.expect(200);
    assert_eq!(page.text("aside h3"), "Concert");
    assert_eq!(
        (page.text("aside .amount"), page.text("aside .each")),
        ("$30".to_owned(), "for 3 tickets, $10 each".to_owned())
    );
    assert_eq!(page.text("aside .badge"), "At face value");
    assert_eq!(page.attribute("#title", "value"), "Concert");
    assert_eq!(page.text("#listing .more-fields > .message"), "A page cannot keep a file: please choose it again.");
    assert!(browser.get("/selling").await.has(".empty"));
    browser.post("/tickets/new", &[("preview", "yes")]).await.expect(200);
}

#[tokio::test]
async fn a_german_seller_types_a_comma_and_reads_german() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let send = |fields: &[(&str, &str)]| {
        browser.send(browser.request(Method::POST, "/tickets/new").header("accept-language", "de").form(fields))
    };
    let page = send(&[("title", ""), ("price", "12,505")]).await.expect(400);
    assert_eq!(page.text("#title-message"), "Bitte geben Sie einen Titel ein");
    let listed = send(&[("title", "Konzert"), ("price", "1.212,50")]).await.expect(303);
    let page = browser.send(browser.request(Method::GET, listed.location()).header("accept-language", "de")).await;
    assert_eq!(page.text(".amount"), "1.212,50 $");
}

#[tokio::test]
async fn the_file_is_attached_together_with_the_listing() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let entered = [("title", "Concert"), ("price", "20")];
    let listed = browser.post_with_file("/tickets/new", &entered, Some(("ticket.png", &png(1)))).await.expect(303);
    let page = browser.get(listed.location()).await.expect(200);
    assert_eq!(page.text("h1"), "Concert");
    assert!(page.html.contains("The ticket is here already"), "{}", page.html);
    // An input without a file is sent as well.
    let listed = browser.post_with_file("/tickets/new", &entered, None).await.expect(303);
    assert!(!browser.get(listed.location()).await.html.contains("The ticket is here already"));
}

#[tokio::test]
async fn a_file_that_is_refused_leads_to_the_listing_and_never_to_a_second_one() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let entered = [("title", "Concert"), ("price", "20")];
    ann.post_with_file("/tickets/new", &entered, Some(("ticket.png", &png(2)))).await.expect(303);
    for (bytes, message) in
        [(png(2), "This ticket is already offered"), (b"no ticket".to_vec(), "File must be a PDF, PNG or JPEG")]
    {
        let answer = bob.post_with_file("/tickets/new", &entered, Some(("ticket.png", &bytes))).await.expect(303);
        let page = bob.get(answer.location()).await.expect(200);
        assert_eq!(page.text("#file-message"), message);
        assert!(page.html.contains("Your ticket is on sale. Only the file is missing."), "{}", page.html);
        assert!(page.has("form[method=post][enctype='multipart/form-data'] input[type=file]"));
    }
    assert_eq!(bob.get("/selling").await.texts(".listings > li").len(), 2);
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_before_anything_is_sold_and_the_rest_stays() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let large = vec![0; 3 * 1024 * 1024];
    let entered = [("title", "Concert"), ("price", "20")];
    let page = browser.post_with_file("/tickets/new", &entered, Some(("ticket.png", &large))).await.expect(400);
    assert_eq!(page.text("#file-message"), "File is larger than 2 MiB");
    assert_eq!(page.attribute("#title", "value"), "Concert");
    assert!(browser.get("/selling").await.has(".empty"));
}

#[tokio::test]
async fn a_new_listing_begins_with_an_event_that_is_there_already() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let event = [
        ("title", "Tosca"),
        ("price", "20"),
        ("venue", "Staatsoper"),
        ("city", "Berlin"),
        ("date", "2099-06-12"),
        ("time", "19:30"),
        ("zone", "Europe/Berlin"),
    ];
    let first = ann.sell_with(&event).await;
    let found = bob.get("/tickets/new?q=tos").await.expect(200);
    assert_eq!(found.text("#find-event li a"), "Tosca");
    let form = bob.get(&found.attribute("#find-event li a", "href")).await.expect(200);
    for (id, value) in
        [("title", "Tosca"), ("venue", "Staatsoper"), ("city", "Berlin"), ("date", "2099-06-12"), ("time", "19:30")]
    {
        assert_eq!(form.attribute(&format!("#{id}"), "value"), value);
    }
    assert_eq!(form.attribute("#zone option[selected]", "value"), "+02:00");
    let listed = bob.fill_in(&form, "/tickets/new", &[("price", "30")]).await.expect(303);
    let event = async |ticket: &str| bob.get(ticket).await.attribute("a[href^='/events/']", "href");
    assert_eq!(event(listed.location()).await, event(&first).await);
    assert!(bob.get("/tickets/new?q=nothing").await.text("#find-event p").starts_with("No such event yet"));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_listing() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let form = browser.get("/tickets/new").await.expect(200);
    let entered = [("title", "Concert"), ("price", "20")];
    let (one, other) = tokio::join!(
        browser.fill_in(&form, "/tickets/new", &entered),
        browser.fill_in(&form, "/tickets/new", &entered)
    );
    assert_eq!(one.expect(303).location(), other.expect(303).location());
    assert_eq!(browser.get("/selling").await.texts(".listings > li").len(), 1);
    // Back, and something else: another listing.
    browser.fill_in(&form, "/tickets/new", &[("title", "Concert"), ("price", "30")]).await.expect(303);
    assert_eq!(browser.get("/selling").await.texts(".listings > li").len(), 2);
    let other_form = browser.get("/tickets/new").await;
    browser.fill_in(&other_form, "/tickets/new", &entered).await.expect(303);
    assert_eq!(browser.get("/selling").await.texts(".listings > li").len(), 3);
}
