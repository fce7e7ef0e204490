use super::listings;

#[test]
fn there_are_300_listings_of_events_to_come() {
    let listings = listings().unwrap();
    assert_eq!(listings.len(), 300);
    let begins = |listing: &serde_json::Value| listing["startsAt"].as_str().map(str::to_owned);
    let now = chrono::Utc::now();
    assert!(
        listings.iter().filter_map(begins).all(|start| start.parse::<chrono::DateTime<chrono::Utc>>().unwrap() > now)
    );
}
