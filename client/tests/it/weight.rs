use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::ACCEPT_ENCODING;

use crate::app::TestApp;

/// What the landing page may weigh, with everything that it names under `/assets/`.
const MOST_BYTES: usize = 15_000;

const ARTISTS: [&str; 12] = [
    "Velvet Harbour: Tidewater Tour",
    "Hamlet",
    "Northbank Rovers – Calder Town",
    "The Tin Cartographers",
    "Quiet Machines: Album Night",
    "Tosca",
    "Copper Birds Brass Band",
    "Hansa Möwen – Isar Löwen: Handball",
    "Nachtfahrt: Eight Hours of Techno",
    "The Cherry Orchard",
    "Moth & Lantern",
    "An Evening of Short Films",
];

const PLACES: [(&str, &str, &str); 9] = [
    ("Spreewerk Arena", "Berlin", "Europe/Berlin"),
    ("Kingfisher Theatre", "London", "Europe/London"),
    ("Millstone Ground", "Manchester", "Europe/London"),
    ("Oper am Gänsemarktplatz", "Hamburg", "Europe/Berlin"),
    ("Lakeshore Pavilion", "Chicago", "America/Chicago"),
    ("Kulturbrücke", "Leipzig", "Europe/Berlin"),
    ("Teatro del Molino", "Madrid", "Europe/Madrid"),
    ("St Oran’s Hall", "Edinburgh", "Europe/London"),
    ("The Ferry Building", "New York", "America/New_York"),
];

/// The bytes of an answer as they are transferred.
async fn transferred(app: &TestApp, path: &str) -> usize {
    let request = app.browser().request(Method::GET, path).header(ACCEPT_ENCODING, "gzip");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().len()
}

#[tokio::test]
async fn the_landing_page_with_a_hundred_tickets_is_light() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    for number in 0..100_usize {
        // Every third event has its four tickets, so that there are far more events than a page shows.
        let event = if number % 3 == 0 { number % 12 } else { number };
        let (venue, city, zone) = PLACES[event * 7 % PLACES.len()];
        let date = format!("2099-{:02}-{:02}", 1 + event % 12, 1 + event * 5 % 28);
        let (price, seats) = ((1500 + number * 731 % 9000).to_string(), (1 + number % 4).to_string());
        let price = format!("{}.{}", &price[..price.len() - 2], &price[price.len() - 2..]);
        ann.sell_with(&[
            ("title", ARTISTS[event % ARTISTS.len()]),
            ("price", &price),
            ("quantity", &seats),
            ("venue", venue),
            ("city", city),
            ("date", &date),
            ("time", ["19:30", "20:00", "15:00"][event % 3]),
            ("zone", zone),
        ])
        .await;
    }
    let page = app.browser().get("/").await.expect(200);
    assert_eq!(page.texts(".card").len(), 24);
    let quoted = page.html.split('"').filter(|part| part.starts_with("/assets/"));
    let assets: BTreeSet<&str> = quoted.map(|path| path.split('#').next().unwrap()).collect();
    assert!(assets.iter().any(|path| path.starts_with("/assets/art.")), "{assets:?}");
    let mut weights = vec![("/", transferred(&app, "/").await)];
    for path in assets {
        weights.push((path, transferred(&app, path).await));
    }
    let sum: usize = weights.iter().map(|(_, bytes)| bytes).sum();
    println!("{sum} bytes: {weights:?}");
    assert!(sum <= MOST_BYTES, "{sum} bytes: {weights:?}");
}
