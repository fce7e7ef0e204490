use axum::response::IntoResponse;
use common::id::Id;
use common::page::{Listed, Page, Sort};
use mongodb::bson::oid::ObjectId;

/// The id that the next page begins behind, for a full page of these ids.
fn next_after(ids: &[Id], sort: Sort) -> String {
    let page = Page { limit: ids.len(), after: None, sort };
    let listed = Listed { path: "/list", page, entries: vec![(); ids.len()], ids: ids.to_vec() };
    let answer = listed.into_response();
    let link = answer.headers().get("link").unwrap().to_str().unwrap();
    link.split("after=").nth(1).unwrap()[..24].to_owned()
}

fn old(number: u8) -> Id {
    ObjectId::from_parts(1_000_000, [0; 5], [0, 0, number]).into()
}

#[test]
fn a_page_of_old_entries_is_followed_by_what_is_behind_its_last() {
    assert_eq!(next_after(&[old(1), old(2)], Sort::Oldest), old(2).to_string());
    assert_eq!(next_after(&[old(2), old(1)], Sort::Newest), old(1).to_string());
}

#[test]
fn young_entries_come_again_on_the_next_page_because_another_replica_may_still_insert_among_them() {
    assert_eq!(next_after(&[old(1), Id::generate(), Id::generate()], Sort::Oldest), old(1).to_string());
}

#[test]
fn a_page_of_young_entries_alone_does_not_come_again() {
    let ids = [Id::generate(), Id::generate()];
    assert_eq!(next_after(&ids, Sort::Oldest), ids[1].to_string());
}
