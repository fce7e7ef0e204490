use common::testing::User;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn the_cities_of_what_matches_come_by_their_number_of_events() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (title, city) in
        [("Tosca", "Zürich"), ("Aida", "Zürich"), ("Aida", "zurich "), ("Tosca", "Lyon"), ("Norma", "Bern")]
    {
        tickets.offer_with(&seller, json!({"title": title, "price": 20, "city": city})).await;
    }
    tickets.offer(&seller, "Voucher", 5).await.expect(201);
    let facets = async |query: &str| {
        tickets.app.get(None, &format!("/api/tickets/events/facets?{query}")).await.expect(200).body
    };
    let [bern, lyon] = ["Bern", "Lyon"].map(|city| json!({"city": city, "events": 1}));
    let zurich = |events: u32| json!({"city": "Zürich", "events": events});
    assert_eq!(facets("").await, json!({"cities": [zurich(2), bern, lyon]}));
    assert_eq!(facets("q=tosca").await, json!({"cities": [lyon, zurich(1)]}));
    assert_eq!(
        facets("city=lyon&q=tosca").await,
        json!({"cities": [lyon, zurich(1)]}),
        "the others can still be chosen"
    );
}
