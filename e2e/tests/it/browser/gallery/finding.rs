//! Looking for a ticket.

use e2e::person::Person;
use serde_json::json;

use super::Gallery;
use crate::browser::device::PHONE;
use crate::browser::stage::play_with;

/// Title, venue, city, and when it begins.
const EVENTS: [(&str, &str, &str, &str); 6] = [
    ("Velvet Harbour: Tidewater Tour", "Spreewerk Arena", "Berlin", "2099-06-12T20:00:00+02:00"),
    ("Nachtfahrt: Eight Hours of Techno", "Trafohaus", "Berlin", "2099-06-13T22:00:00+02:00"),
    ("Northbank Rovers – Calder Town", "Millstone Ground", "Manchester", "2099-06-13T15:00:00+01:00"),
    ("Hamlet", "Kingfisher Theatre", "London", "2099-06-14T19:30:00+01:00"),
    ("The Tin Cartographers", "Ferry Building", "New York", "2099-06-15T20:00:00-04:00"),
    ("Tosca", "Oper am Gänsemarktplatz", "Hamburg", "2099-06-16T19:00:00+02:00"),
];

/// Offers three listings of each event; returns the key of the first.
async fn sell(seller: &Person) -> String {
    let mut key = None;
    for (number, (title, venue, city, starts_at)) in EVENTS.into_iter().enumerate() {
        for quantity in 1..=3 {
            let price = 20 + 7 * number + 30 * quantity;
            let body = json!({"title": title, "venue": venue, "city": city, "startsAt": starts_at, "quantity": quantity,
                "price": price, "section": "Balcony", "row": quantity.to_string(), "faceValue": 45});
            let ticket = seller.http.post("/api/tickets", body).await.expect(201);
            key.get_or_insert(ticket.body["event"].as_str().unwrap().to_owned());
        }
    }
    key.unwrap()
}

#[tokio::test]
async fn every_page_of_finding_looks_right() {
    play_with(&[], async |stage| {
        let gallery = Gallery::of(&["landing", "event", "failure", "terms", "privacy"]);
        let window = stage.open(PHONE).await;
        gallery.visit(&window, "/", "landing", "empty").await;
        gallery.visit(&window, "/terms", "terms", "own").await;
        gallery.visit(&window, "/privacy", "privacy", "own").await;
        let seller = Person::sign_up(&stage.site()).await;
        let key = sell(&seller).await;
        gallery.visit(&window, "/", "landing", "full").await;
        gallery.visit(&window, "/?q=hamlet&max=100", "landing", "search").await;
        gallery.visit(&window, "/?city=Berlin", "landing", "city").await;
        gallery.visit(&window, "/?q=hamlet&city=Berlin&max=10", "landing", "nothing").await;
        gallery.visit(&window, "/?min=much", "landing", "refused").await;
        gallery.visit(&window, &format!("/events/{key}"), "event", "several").await;
        gallery.visit(&window, "/events/65a1b2c3d4e5f60718293a4b", "event", "gone").await;
        let german = stage.open(PHONE.speaking("de-DE,de")).await;
        gallery.visit(&german, "/", "landing", "german").await;

        gallery.visit(&window, "/nowhere", "failure", "not-found").await;
        window.post_from_another_site("/auth/signin").await;
        window.sees("another site").await;
        gallery.show(&window, "failure", "cross-site").await;
        let ticket = seller.offer("Opera", 20.0).await.expect(201).id();
        let stranger = Person::sign_up(&stage.site()).await;
        window.sign_in(&stranger).await;
        gallery.visit(&window, &format!("/tickets/{ticket}/edit"), "failure", "not-yours").await;
        stage.platform.fleet.take_away("orders").await.unwrap();
        gallery.visit(&window, "/orders", "failure", "unavailable").await;
        gallery.end();
    })
    .await;
}
