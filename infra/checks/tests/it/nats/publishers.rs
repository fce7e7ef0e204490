//! Who publishes what, out of the code: whoever makes an event publishes it.

use std::collections::{BTreeMap, BTreeSet};

use checks::repository::{files, read};

/// The services that publish and hear events.
pub const ON_THE_STREAM: [&str; 4] = ["tickets", "orders", "payments", "expiration"];

/// The subject of every event, by the name of its struct: `TicketCreated, "ticket.created", id {`
fn subjects() -> BTreeMap<String, String> {
    let text = read("common/src/events.rs");
    let declared = text.lines().filter_map(|line| line.trim().split_once(", \""));
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric());
    let declared = declared.filter(|(name, rest)| is_name(name) && rest.ends_with('{'));
    declared.map(|(name, rest)| (name.to_owned(), rest.split('"').next().unwrap().to_owned())).collect()
}

/// The subjects of the events that a service makes.
pub fn published_by(service: &str) -> BTreeSet<String> {
    // A listener takes an event apart, which looks like making one.
    let is_source = |file: &String| {
        file.starts_with(&format!("{service}/src/")) && file.ends_with(".rs") && !file.contains("/listeners/")
    };
    let sources = files().into_iter().filter(is_source);
    let code: String = sources.map(|file| read(&file).split("#[cfg(test)]").next().unwrap().to_owned()).collect();
    let made = subjects().into_iter().filter(|(name, _)| code.contains(&format!("{name} {{")));
    made.map(|(_, subject)| subject).collect()
}

/// Every subject that has an event.
pub fn all_subjects() -> BTreeSet<String> {
    subjects().into_values().collect()
}

#[test]
fn every_event_is_made_by_one_service() {
    let made: Vec<String> = ON_THE_STREAM.into_iter().flat_map(published_by).collect();
    let once: BTreeSet<String> = made.iter().cloned().collect();
    assert_eq!(made.len(), once.len(), "made by several: {made:?}");
    assert_eq!(once, all_subjects());
    assert_eq!(once.len(), 8);
}
