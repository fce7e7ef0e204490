use axum::body::Bytes;
use common::events::TicketUpdated;
use common::id::Id;
use common::testing::User;
use futures::future::join_all;
use http_body_util::{BodyExt, Full};
use mongodb::bson::{DateTime, Document, doc};
use serde_json::json;

use crate::app::TestApp;
use crate::files::{jpeg, pdf, pdf_of, png};

const OFFERED: (&str, Option<&str>) = ("This ticket is already offered", None);
const TOO_LARGE: (&str, Option<&str>) = ("File is larger than 2 MiB", None);
const UNKNOWN: (&str, Option<&str>) = ("File must be a PDF, PNG or JPEG", None);
const RESERVED: (&str, Option<&str>) = ("Cannot replace the file of a reserved ticket", None);
const LIMIT: usize = 2 * 1024 * 1024;

async fn ticket_of(tickets: &TestApp, seller: &User) -> Id {
    tickets.offer(seller, "Concert", 20).await.expect(201).id()
}

/// A PDF of exactly this length.
fn pdf_of_bytes(length: usize) -> Vec<u8> {
    let short = pdf_of("");
    pdf_of(&"x".repeat(length - short.len()))
}

#[tokio::test]
async fn a_seller_attaches_a_file_and_everybody_sees_that_there_is_one() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    assert!(!tickets.shows_file(id).await);
    let answer = tickets.upload(&seller, id, pdf()).await.expect(200);
    assert_eq!((&answer.body["hasFile"], &answer.body["version"]), (&json!(true), &json!(1)));
    let shown = tickets.show(id).await;
    assert_eq!(shown, answer.body);
    assert_eq!(tickets.app.get(None, "/api/tickets").await.expect(200).body, json!([shown]));
    let updated = tickets.stream.wait_for(1, |_: &TicketUpdated| true).await;
    assert_eq!((updated[0].id, updated[0].version), (id, 1));
}

#[tokio::test]
async fn a_pdf_a_png_and_a_jpeg_are_known_by_their_bytes() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for (bytes, media_type) in [(pdf(), "application/pdf"), (png(), "image/png"), (jpeg(), "image/jpeg")] {
        let id = tickets.with_file(&seller, bytes.clone()).await;
        let stored = tickets.db_ticket(id).await;
        let file = stored.get_document("file").unwrap();
        assert_eq!(file.get_str("mediaType").unwrap(), media_type);
        assert_eq!(file.get_i32("bytes").unwrap(), bytes.len() as i32);
    }
}

#[tokio::test]
async fn what_is_no_whole_pdf_png_or_jpeg_is_refused() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 8].to_vec();
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;".to_vec();
    let no_header = [b"\x89PNG\r\n\x1A\n".as_slice(), b"\0\0\0\0IEND\xAE\x42\x60\x82"].concat();
    let as_text = [b"\x89PNG\n\x1A\n".as_slice(), &png()[7..]].concat();
    for bytes in [Vec::new(), html, gif, as_text, cut(pdf()), cut(png()), cut(jpeg()), no_header, b"%PDF-1.7".to_vec()]
    {
        tickets.upload(&seller, id, bytes).await.expect_errors(415, &[UNKNOWN]);
    }
    assert!(!tickets.shows_file(id).await);
    assert_eq!(tickets.db_files().await, (0, 0));
}

#[tokio::test]
async fn a_file_has_at_most_two_mebibytes() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    tickets.upload(&seller, id, pdf_of_bytes(LIMIT + 1)).await.expect_errors(413, &[TOO_LARGE]);
    // Without a length that is announced.
    let streamed = reqwest::Body::wrap(Full::new(Bytes::from(pdf_of_bytes(LIMIT + 1))).map_frame(|frame| frame));
    tickets.upload(&seller, id, streamed).await.expect_errors(413, &[TOO_LARGE]);
    let largest = pdf_of_bytes(LIMIT);
    tickets.upload(&seller, id, largest.clone()).await.expect(200);
    assert_eq!(tickets.download(Some(&seller), id).await.expect(200).body, String::from_utf8(largest).unwrap());
}

#[tokio::test]
async fn only_the_seller_attaches_a_file() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    tickets.upload(&User::new(), id, pdf()).await.expect_errors(401, &[("Not authorized", None)]);
    // Nobody is told what is wrong with a file that is not theirs to attach.
    tickets.upload(&User::new(), id, "x").await.expect_errors(401, &[("Not authorized", None)]);
    tickets.upload(&User::new(), Id::generate(), pdf()).await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn another_file_replaces_the_one_that_is_there() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (first, second) = (pdf(), pdf());
    let id = tickets.with_file(&seller, first.clone()).await;
    tickets.upload(&seller, id, second.clone()).await.expect(200);
    assert_eq!(tickets.download(Some(&seller), id).await.body, String::from_utf8(second).unwrap());
    assert_eq!(tickets.db_files().await, (1, 0), "the first is deleted");
    tickets.with_file(&seller, first).await;
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let file = pdf();
    let id = tickets.with_file(&seller, file.clone()).await;
    let before = tickets.show(id).await;
    assert_eq!(tickets.upload(&seller, id, file.clone()).await.expect(200).body, before);
    // Also when an order has the ticket meanwhile: the first answer was lost.
    tickets.order(id).await;
    tickets.upload(&seller, id, file).await.expect(200);
    assert_eq!(tickets.db_files().await, (1, 0));
}

#[tokio::test]
async fn while_an_order_has_the_ticket_its_file_is_not_replaced_and_a_missing_one_is_added() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for with_file in [true, false] {
        let [held, sold] = [ticket_of(&tickets, &seller).await, ticket_of(&tickets, &seller).await];
        if with_file {
            tickets.upload(&seller, held, pdf()).await.expect(200);
            tickets.upload(&seller, sold, pdf()).await.expect(200);
        }
        tickets.order(held).await;
        tickets.sell(sold, &User::new()).await;
        for id in [held, sold] {
            match with_file {
                true => tickets.upload(&seller, id, pdf()).await.expect_errors(400, &[RESERVED]),
                false => drop(tickets.upload(&seller, id, pdf()).await.expect(200)),
            }
            tickets.upload(&seller, id, pdf()).await.expect_errors(400, &[RESERVED]);
        }
    }
    assert_eq!(tickets.db_files().await, (4, 0));
}

#[tokio::test]
async fn a_file_of_another_listing_is_refused_whoever_offers_it() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let file = pdf();
    let first = tickets.with_file(&seller, file.clone()).await;
    for user in [&seller, &User::new()] {
        let id = ticket_of(&tickets, user).await;
        tickets.upload(user, id, file.clone()).await.expect_errors(400, &[OFFERED]);
        assert!(!tickets.shows_file(id).await);
    }
    tickets.sell(first, &User::new()).await;
    let id = ticket_of(&tickets, &seller).await;
    tickets.upload(&seller, id, file).await.expect_errors(400, &[OFFERED]);
    assert_eq!(tickets.db_files().await, (1, 0));
}

#[tokio::test]
async fn the_file_of_a_withdrawn_listing_is_offered_again() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let file = pdf();
    let first = tickets.with_file(&seller, file.clone()).await;
    tickets.withdraw(&seller, first).await.expect(204);
    let second = tickets.with_file(&seller, file.clone()).await;
    assert!(tickets.shows_file(second).await);
    let third = ticket_of(&tickets, &seller).await;
    tickets.upload(&seller, third, file).await.expect_errors(400, &[OFFERED]);
}

#[tokio::test]
async fn who_has_bought_a_ticket_may_offer_its_file_again_and_nobody_else() {
    let (tickets, seller, buyer, next) = (TestApp::start().await, User::new(), User::new(), User::new());
    let file = pdf();
    let refused = async |user: &User| {
        let id = ticket_of(&tickets, user).await;
        tickets.upload(user, id, file.clone()).await.expect_errors(400, &[OFFERED]);
    };
    let first = tickets.with_file(&seller, file.clone()).await;
    let order = Id::generate();
    tickets.publish_of(buyer.id, order, first, crate::app::OrderEvent::Created).await;
    tickets.handled().await;
    refused(&buyer).await;
    tickets.publish_of(buyer.id, order, first, crate::app::OrderEvent::Completed).await;
    tickets.handled().await;
    refused(&next).await;

    let second = tickets.with_file(&buyer, file.clone()).await;
    for user in [&seller, &buyer, &next] {
        refused(user).await;
    }
    // Also after the buyer has withdrawn it: the file is the buyer's.
    tickets.withdraw(&buyer, second).await.expect(204);
    refused(&seller).await;
    refused(&next).await;
    let third = tickets.with_file(&buyer, file.clone()).await;
    tickets.sell(third, &next).await;
    refused(&buyer).await;
    tickets.with_file(&next, file.clone()).await;
}

#[tokio::test]
async fn of_two_listings_that_get_the_same_file_at_the_same_time_one_is_refused() {
    let tickets = TestApp::start().await;
    for _ in 0..5 {
        let (one, other, file) = (User::new(), User::new(), pdf());
        let (a, b) = (ticket_of(&tickets, &one).await, ticket_of(&tickets, &other).await);
        let (first, second) =
            tokio::join!(tickets.upload(&one, a, file.clone()), tickets.upload(&other, b, file.clone()));
        let (taken, refused) = if first.status == 200 { (first, second) } else { (second, first) };
        taken.expect(200);
        refused.expect_errors(400, &[OFFERED]);
        assert_ne!(tickets.shows_file(a).await, tickets.shows_file(b).await);
    }
    assert_eq!(tickets.db_files().await, (5, 0));
}

#[tokio::test]
async fn of_uploads_to_one_listing_at_the_same_time_one_file_is_left() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let same = pdf();
    let files: Vec<Vec<u8>> = (0..6).map(|number| if number % 2 == 0 { same.clone() } else { pdf() }).collect();
    let answers = join_all(files.iter().map(|file| tickets.upload(&seller, id, file.clone()))).await;
    assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)), "{answers:?}");
    assert!(answers.iter().any(|answer| answer.status == 200));
    assert_eq!(tickets.db_files().await, (1, 0));
    let left = tickets.download(Some(&seller), id).await.expect(200).body;
    assert!(files.iter().any(|file| left == String::from_utf8(file.clone()).unwrap()));
}

#[tokio::test]
async fn an_upload_and_a_withdrawal_at_the_same_time_leave_no_file_without_a_listing() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (mut files, mut notes) = (0, 0);
    for _ in 0..10 {
        let (id, file) = (ticket_of(&tickets, &seller).await, pdf());
        let (upload, withdrawal) =
            tokio::join!(tickets.upload(&seller, id, file.clone()), tickets.withdraw(&seller, id));
        withdrawal.expect(204);
        assert!([200, 404].contains(&upload.status), "{upload:?}");
        let has_file = tickets.db_ticket(id).await.contains_key("file");
        files += u64::from(has_file);
        // It is kept for an order that was made at the same moment, and noted, so that it goes in the end.
        notes += u64::from(has_file);
        assert_eq!(has_file, upload.status == 200);
        tickets.with_file(&seller, file).await;
        files += 1;
    }
    assert_eq!(tickets.db_files().await, (files, notes));
}

/// The process died between the claim and the reference.
#[tokio::test]
async fn a_claim_without_a_file_keeps_the_file_for_its_listing_only_for_a_while() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (file, other) = (pdf(), ticket_of(&tickets, &seller).await);
    let id = tickets.with_file(&seller, file.clone()).await;
    let forget = doc! {"$unset": {"file": ""}};
    let stored = tickets.database.collection::<Document>("tickets");
    stored.update_one(doc! {"file": {"$exists": true}}, forget).await.unwrap();
    tickets.upload(&seller, other, file.clone()).await.expect_errors(400, &[OFFERED]);
    let claims = tickets.database.collection::<Document>("claims");
    let long_ago = DateTime::from_millis(DateTime::now().timestamp_millis() - 11 * 60 * 1000);
    claims.update_one(doc! {}, doc! {"$set": {"at": long_ago}}).await.unwrap();
    tickets.upload(&seller, other, file.clone()).await.expect(200);
    tickets.upload(&seller, id, file).await.expect_errors(400, &[OFFERED]);
}
