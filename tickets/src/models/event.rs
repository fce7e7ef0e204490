//! What makes several listings one event.

use common::id::Id;
use common::listing::Details;
use sha2::{Digest, Sha256};

use super::text::folded;

/// The key of the event that a listing is for: the same for the same title, venue, city and time. A listing that says neither place
/// nor time has none; it is an event of its own.
pub fn key(title: &str, details: &Details) -> Option<Id> {
    let Details { venue, city, starts_at, .. } = details;
    if venue.is_none() && city.is_none() && starts_at.is_none() {
        return None;
    }
    let mut hash = Sha256::new();
    for text in [Some(title), venue.as_deref(), city.as_deref()] {
        // No text holds a line break after folding, so that the end of one is not the beginning of the next.
        hash.update(text.map(folded).unwrap_or_default());
        hash.update("\n");
    }
    hash.update(starts_at.map(|time| time.instant().millis().to_string()).unwrap_or_default());
    let mut key = [0; 12];
    key.copy_from_slice(&hash.finalize()[..12]);
    Some(Id::from_bytes(key))
}

#[cfg(test)]
mod tests {
    use common::listing::Details;

    use super::key;

    fn details(venue: &str, city: &str, starts_at: &str) -> Details {
        Details {
            venue: Some(venue.to_owned()),
            city: Some(city.to_owned()),
            starts_at: starts_at.parse().ok(),
            ..Details::default()
        }
    }

    #[test]
    fn listings_that_differ_in_case_accents_and_spaces_are_for_one_event() {
        let one = key("Tosca", &details("Opéra  Bastille", "Paris", "2027-06-12T20:00:00+02:00"));
        let same = key(" TOSCA", &details("opera bastille", "PARIS ", "2027-06-12T18:00:00Z"));
        assert!(one.is_some() && one == same);
    }

    #[test]
    fn listings_that_differ_in_title_place_or_time_are_for_several_events() {
        let all = [
            key("Tosca", &details("Bastille", "Paris", "2027-06-12T20:00:00Z")),
            key("Toscana", &details("Bastille", "Paris", "2027-06-12T20:00:00Z")),
            key("Tosca", &details("Garnier", "Paris", "2027-06-12T20:00:00Z")),
            key("Tosca", &details("Bastille", "Lyon", "2027-06-12T20:00:00Z")),
            key("Tosca", &details("Bastille", "Paris", "2027-06-13T20:00:00Z")),
            key("Tosca", &details("Bastille", "Paris", "")),
            key("Tosca Bastille", &details("", "Paris", "")),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[at + 1..].iter().all(|other| other != one), "{at}");
        }
    }

    #[test]
    fn a_listing_without_place_and_time_is_an_event_of_its_own() {
        assert_eq!(key("Tosca", &Details { row: Some("3".to_owned()), ..Details::default() }), None);
    }
}
