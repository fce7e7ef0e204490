//! What an upload leaves behind that did not come to its end, and what becomes of it.

use common::id::Id;
use common::testing::User;
use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use tickets::file_sweep::settle_noted;
use tickets::models::ticket::file::File;
use tickets::models::ticket::withdrawal::WITHDRAWN_FILE_KEPT_FOR;
use tickets::models::upload::FileKind;

use crate::app::{Ended, OrderEvent, TestApp};
use crate::files::pdf;

/// Every note's turn has come.
async fn db_all_due(tickets: &TestApp) {
    let noted = tickets.database.collection::<Document>("files.noted");
    noted.update_many(doc! {}, doc! {"$set": {"turn.at": DateTime::from_millis(1)}}).await.unwrap();
}

/// The ticket was withdrawn so many days ago.
async fn db_withdrawn_days_ago(tickets: &TestApp, id: Id, days: i64) {
    let at = DateTime::from_millis(DateTime::now().timestamp_millis() - days * 24 * 60 * 60 * 1000 - 1000);
    tickets.db_set(id, doc! {"withdrawn.at": at}).await;
}

/// The service ends, the sweep runs once when every turn has come, and the service runs again.
async fn swept(tickets: TestApp) -> (TestApp, usize) {
    db_all_due(&tickets).await;
    let ended: Ended = tickets.stop().await;
    let count = settle_noted(&ended.state()).await.unwrap();
    (ended.start_again().await, count)
}

fn file_of(bytes: &[u8]) -> File {
    File {
        id: ObjectId::new(),
        sha256: Id::generate().to_string(),
        media_type: FileKind::Pdf,
        bytes: bytes.len() as i32,
    }
}

#[tokio::test]
async fn a_file_that_was_written_and_never_attached_is_deleted() {
    let tickets = TestApp::start().await;
    let (id, bytes) = (tickets.some_ticket().await, pdf());
    let ended = tickets.stop().await;
    ended.state().files.write(&file_of(&bytes), id, &bytes).await.unwrap();
    assert_eq!(settle_noted(&ended.state()).await.unwrap(), 0, "an upload may be under way");
    let (tickets, count) = swept(ended.start_again().await).await;
    assert_eq!((count, tickets.db_files().await), (1, (0, 0)));
}

#[tokio::test]
async fn a_file_that_was_written_in_part_is_deleted() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let kept = tickets.with_file(&seller, pdf()).await;
    let (id, file) = (tickets.some_ticket().await, ObjectId::new());
    let ended = tickets.stop().await;
    ended.state().files.note(file, id, std::time::Duration::ZERO).await.unwrap();
    let chunks = ended.database.collection::<Document>("files.chunks");
    chunks.insert_one(doc! {"files_id": file, "n": 0, "data": "x"}).await.unwrap();
    let (tickets, count) = swept(ended.start_again().await).await;
    assert_eq!((count, tickets.db_files().await), (1, (1, 0)));
    tickets.download(Some(&seller), kept).await.expect(200);
}

#[tokio::test]
async fn a_file_that_was_attached_before_its_note_was_removed_stays() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.with_file(&seller, pdf()).await;
    let file = tickets.db_file(id).await;
    let ended = tickets.stop().await;
    ended.state().files.note(file, id, std::time::Duration::ZERO).await.unwrap();
    let (tickets, count) = swept(ended.start_again().await).await;
    assert_eq!((count, tickets.db_files().await), (1, (1, 0)));
    tickets.download(Some(&seller), id).await.expect(200);
}

#[tokio::test]
async fn a_file_that_was_replaced_and_not_deleted_is_deleted() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, old) = (tickets.with_file(&seller, pdf()).await, pdf());
    let ended = tickets.stop().await;
    let state = ended.state();
    // As it was before the process died: both files are there, both are noted, and the ticket refers to one.
    state.files.write(&file_of(&old), id, &old).await.unwrap();
    let (tickets, _) = swept(ended.start_again().await).await;
    assert_eq!(tickets.db_files().await, (1, 0));
    tickets.download(Some(&seller), id).await.expect(200);
}

#[tokio::test]
async fn the_file_of_a_withdrawn_listing_is_deleted_a_week_later() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let (id, file) = (tickets.offer(&seller, "Concert", 20).await.expect(201).id(), pdf());
    tickets.upload(&seller, id, file.clone()).await.expect(200);
    tickets.withdraw(&seller, id).await.expect(204);
    db_withdrawn_days_ago(&tickets, id, 6).await;
    let (tickets, _) = swept(tickets).await;
    assert_eq!(tickets.db_files().await, (1, 1), "an order that was made at the same moment may hold it");
    db_withdrawn_days_ago(&tickets, id, 7).await;
    let (tickets, _) = swept(tickets).await;
    assert_eq!(tickets.db_files().await, (0, 0));
    let stored = tickets.db_ticket(id).await;
    assert!(stored.contains_key("withdrawn") && !stored.contains_key("file"), "{stored}");
    tickets.with_file(&User::new(), file).await;
}

#[tokio::test]
async fn the_file_of_a_withdrawn_listing_stays_while_an_order_holds_it_and_for_good_once_it_is_sold() {
    let (tickets, seller, buyer) = (TestApp::start().await, User::new(), User::new());
    let id = tickets.with_file(&seller, pdf()).await;
    tickets.withdraw(&seller, id).await.expect(204);
    let order = Id::generate();
    for event in [OrderEvent::Created, OrderEvent::Completed] {
        tickets.publish_of(buyer.id, order, id, event).await;
    }
    tickets.handled().await;
    db_withdrawn_days_ago(&tickets, id, 100).await;
    let (tickets, _) = swept(tickets).await;
    tickets.download(Some(&buyer), id).await.expect(200);
}

/// An order was faster than the withdrawal, after the file was noted.
#[tokio::test]
async fn a_note_of_a_withdrawal_that_came_to_nothing_leaves_the_file() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.with_file(&seller, pdf()).await;
    let file = tickets.db_file(id).await;
    tickets.order(id).await;
    let ended = tickets.stop().await;
    ended.state().files.note(file, id, WITHDRAWN_FILE_KEPT_FOR).await.unwrap();
    let (tickets, count) = swept(ended.start_again().await).await;
    assert_eq!((count, tickets.db_files().await), (1, (1, 0)));
}

#[tokio::test]
async fn a_withdrawal_that_is_refused_notes_nothing() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.with_file(&seller, pdf()).await;
    tickets.withdraw(&User::new(), id).await.expect(401);
    tickets.order(id).await;
    tickets.withdraw(&seller, id).await.expect(400);
    assert_eq!(tickets.db_files().await, (1, 0));
}

#[tokio::test]
async fn a_ticket_that_cannot_be_read_does_not_keep_the_others_from_being_swept() {
    let tickets = TestApp::start().await;
    let (broken, id, bytes) = (tickets.some_ticket().await, tickets.some_ticket().await, pdf());
    tickets.db_set(broken, doc! {"price": "x"}).await;
    let ended = tickets.stop().await;
    let state = ended.state();
    state.files.note(ObjectId::new(), broken, std::time::Duration::ZERO).await.unwrap();
    settle_noted(&state).await.unwrap_err();
    state.files.write(&file_of(&bytes), id, &bytes).await.unwrap();
    let noted = ended.database.collection::<Document>("files.noted");
    let of_id = doc! {"ticket": ObjectId::from(id)};
    noted.update_one(of_id, doc! {"$set": {"turn.at": DateTime::from_millis(1)}}).await.unwrap();
    assert_eq!(settle_noted(&state).await.unwrap(), 1);
}
