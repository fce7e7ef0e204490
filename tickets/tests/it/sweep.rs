use std::collections::BTreeSet;

use common::events::{ORDER, StateRequested};
use common::id::Id;
use common::mongo::Turn;
use common::testing::eventually;
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::{Collection, Database};
use tickets::models::tickets as queries;
use tickets::sweep::ask_for_held;

use crate::app::{DEADLINE, Ended, OrderEvent, TestApp};

/// A time so many milliseconds ago.
fn ago(millis: i64) -> Timestamp {
    Timestamp::from_millis(Timestamp::now().millis() - millis)
}

/// How long it is until the next turn, in whole seconds rounded up, and how many there were.
fn turn(ticket: &Document) -> (i64, i32) {
    let ask = ticket.get_document("ask").unwrap();
    let at = ask.get_datetime("at").unwrap().timestamp_millis();
    ((at - Timestamp::now().millis() + 999) / 1000, ask.get_i32("tries").unwrap())
}

fn db_tickets(database: &Database) -> Collection<Document> {
    database.collection("tickets")
}

async fn db_ticket(tickets: &Ended, id: Id) -> Document {
    db_tickets(&tickets.database).find_one(doc! {"_id": ObjectId::from(id)}).await.unwrap().unwrap()
}

async fn db_set(tickets: &Ended, id: Id, fields: Document) {
    let tickets = db_tickets(&tickets.database);
    tickets.update_one(doc! {"_id": ObjectId::from(id)}, doc! {"$set": fields}).await.unwrap();
}

/// A ticket with these fields beside those that every ticket has.
async fn db_insert(tickets: &Ended, fields: Document) -> Id {
    let id = Id::generate();
    let mut ticket = doc! {
        "_id": ObjectId::from(id), "title": "Concert", "price": 20, "userId": Id::generate().to_string(), "version": 1
    };
    ticket.extend(fields);
    db_tickets(&tickets.database).insert_one(ticket).await.unwrap();
    id
}

/// A ticket that a live order holds, and whose turn it is.
async fn db_held(tickets: &Ended) -> (Id, Id) {
    let order = Id::generate();
    let live = doc! {"orderId": order.to_string(), "version": 0, "hold": "live"};
    let fields = doc! {
        "orderId": order.to_string(), "reservations": {"orders": [live]},
        "ask": {"at": DateTime::from_millis(1), "tries": 0}
    };
    (db_insert(tickets, fields).await, order)
}

/// The orders whose state was requested so far.
async fn requested(tickets: &Ended) -> BTreeSet<Id> {
    let requests = tickets.stream.published::<StateRequested>().await.into_iter();
    requests.filter(|request| request.of == ORDER).filter_map(|request| request.id).collect()
}

#[tokio::test]
async fn the_state_of_an_order_that_holds_its_ticket_long_after_its_deadline_is_requested() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order_until(id, ago(31_000)).await;
    let requests = tickets.stream.wait_for(1, |request: &StateRequested| request.id.is_some()).await;
    assert_eq!((requests[0].of.as_str(), requests[0].id), (ORDER, Some(order)));
    assert_eq!(requests[0].service, tickets::NAME);
    eventually("it is counted", async || {
        tickets.app.metrics().await.contains("tickets_held_past_deadline 1\n").then_some(())
    })
    .await;
    // The order's end was lost, and is published again.
    tickets.cancel(order, id).await;
    assert!(!tickets.db_ticket(id).await.contains_key("ask"));
    assert_eq!(tickets.show(id).await.get("orderId"), None);
}

#[tokio::test]
async fn the_state_is_not_requested_within_thirty_seconds_after_the_deadline() {
    let tickets = TestApp::start().await;
    for millis in [-60_000, 0, 15_000] {
        let id = tickets.some_ticket().await;
        tickets.order_until(id, ago(millis)).await;
        let (seconds, tries) = turn(&tickets.db_ticket(id).await);
        assert!((30 - millis / 1000 - 5..=30 - millis / 1000).contains(&seconds) && tries == 0, "{seconds} s");
    }
    let tickets = tickets.stop().await;
    assert_eq!(ask_for_held(&tickets.state()).await.unwrap(), 0);
}

#[tokio::test]
async fn it_is_requested_again_and_again_with_pauses_that_grow_to_five_minutes() {
    let tickets = Ended::new().await;
    let (id, order) = db_held(&tickets).await;
    for (tries, pause) in (1..).zip([10, 20, 40, 80, 160, 300, 300]) {
        assert_eq!(ask_for_held(&tickets.state()).await.unwrap(), 1);
        assert_eq!(turn(&db_ticket(&tickets, id).await), (pause, tries));
        assert_eq!(ask_for_held(&tickets.state()).await.unwrap(), 0, "its next turn has not come");
        db_set(&tickets, id, doc! {"ask.at": DateTime::from_millis(1)}).await;
    }
    assert_eq!(requested(&tickets).await, BTreeSet::from([order]));
}

#[tokio::test]
async fn nothing_is_requested_for_a_ticket_that_is_sold_or_free() {
    let tickets = TestApp::start().await;
    for event in [OrderEvent::Completed, OrderEvent::Cancelled] {
        let id = tickets.some_ticket().await;
        let order = tickets.order_until(id, DEADLINE).await;
        assert!(tickets.db_ticket(id).await.contains_key("ask"));
        tickets.publish(order, id, event).await;
        tickets.handled().await;
        assert!(!tickets.db_ticket(id).await.contains_key("ask"), "{event:?}");
    }
}

#[tokio::test]
async fn the_next_order_has_turns_of_its_own() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let first = tickets.order_until(id, ago(31_000)).await;
    eventually("it was requested", async || (turn(&tickets.db_ticket(id).await).1 > 0).then_some(())).await;
    tickets.order_until(id, DEADLINE).await;
    tickets.cancel(first, id).await;
    let stored = tickets.db_ticket(id).await;
    let ask = stored.get_document("ask").unwrap();
    assert_eq!(ask.get_datetime("at").unwrap().timestamp_millis(), DEADLINE.millis() + 30_000);
    assert_eq!(ask.get_i32("tries").unwrap(), 0);
}

#[tokio::test]
async fn replicas_that_sweep_at_the_same_time_share_the_work() {
    let tickets = Ended::new().await;
    let mut held = BTreeSet::new();
    for _ in 0..50 {
        held.insert(db_held(&tickets).await.1);
    }
    let [one, other] = [tickets.state(), tickets.state()];
    let (one, other) = tokio::join!(ask_for_held(&one), ask_for_held(&other));
    assert_eq!(one.unwrap() + other.unwrap(), 50);
    assert_eq!(requested(&tickets).await, held);
}

#[tokio::test]
async fn the_sweep_reads_no_ticket_whose_turn_has_not_come() {
    // The service creates the indexes.
    let tickets = TestApp::start().await.stop().await;
    let later = DateTime::from_millis(Timestamp::now().millis() + 60_000);
    for _ in 0..100 {
        let (id, _) = db_held(&tickets).await;
        db_set(&tickets, id, doc! {"ask.at": later}).await;
    }
    db_held(&tickets).await;
    tickets.database.run_command(doc! {"profile": 2}).await.unwrap();
    assert_eq!(ask_for_held(&tickets.state()).await.unwrap(), 1);
    tickets.database.run_command(doc! {"profile": 0}).await.unwrap();
    let profile = tickets.database.collection::<Document>("system.profile");
    let turns = profile.find(doc! {"command.findAndModify": "tickets"}).await.unwrap();
    let turns: Vec<Document> = turns.try_collect().await.unwrap();
    assert_eq!(turns.len(), 3, "one turn and two ends");
    assert!(turns.iter().all(|turn| turn.get_i32("docsExamined").unwrap() <= 1), "{turns:?}");
}

#[tokio::test]
async fn a_document_that_cannot_be_read_does_not_keep_the_others_from_being_requested() {
    let tickets = Ended::new().await;
    for holder in [Bson::from(1), Bson::from("x"), Bson::Null] {
        let (id, _) = db_held(&tickets).await;
        db_set(&tickets, id, doc! {"orderId": holder}).await;
    }
    let (id, order) = db_held(&tickets).await;
    db_set(&tickets, id, doc! {"userId": 1}).await;
    assert_eq!(ask_for_held(&tickets.state()).await.unwrap(), 1);
    assert_eq!(requested(&tickets).await, BTreeSet::from([order]));
}

#[tokio::test]
async fn a_ticket_that_the_original_reserved_is_requested_within_an_hour_and_later_once_a_day() {
    let tickets = Ended::new().await;
    let order = Id::generate();
    let id = db_insert(&tickets, doc! {"orderId": order.to_string(), "__v": 0}).await;
    queries::plan_old(&tickets.state().store).await.unwrap();
    let (seconds, tries) = turn(&db_ticket(&tickets, id).await);
    assert!((0..=3600).contains(&seconds) && tries == 0, "{seconds}");
    db_set(&tickets, id, doc! {"ask": {"at": DateTime::from_millis(1), "tries": 30}}).await;
    assert_eq!(ask_for_held(&tickets.state()).await.unwrap(), 1);
    assert_eq!(turn(&db_ticket(&tickets, id).await), (24 * 60 * 60, 30));
    assert_eq!(requested(&tickets).await, BTreeSet::from([order]));
}

#[tokio::test]
async fn only_tickets_that_an_earlier_version_left_reserved_are_planned_at_the_start() {
    let tickets = Ended::new().await;
    let order = Id::generate().to_string();
    let reservations = |hold: &str| doc! {"orders": [{"orderId": &order, "version": 0, "hold": hold}]};
    let live = db_insert(&tickets, doc! {"orderId": &order, "reservations": reservations("live")}).await;
    let sold = db_insert(&tickets, doc! {"orderId": &order, "reservations": reservations("sold")}).await;
    let free = db_insert(&tickets, doc! {"reservations": reservations("released")}).await;
    let empty = db_insert(&tickets, doc! {"orderId": Bson::Null}).await;
    let (held, _) = db_held(&tickets).await;
    let before = db_ticket(&tickets, held).await;
    queries::plan_old(&tickets.state().store).await.unwrap();
    for (id, is_planned) in [(live, true), (sold, false), (free, false), (empty, false)] {
        assert_eq!(db_ticket(&tickets, id).await.contains_key("ask"), is_planned);
    }
    assert_eq!(db_ticket(&tickets, held).await, before);
}

#[tokio::test]
async fn a_holder_without_a_known_deadline_is_requested_half_a_minute_later() {
    let tickets = Ended::new().await;
    let (id, _) = db_held(&tickets).await;
    db_set(&tickets, id, doc! {"ask.at": Turn::UNPLANNED}).await;
    assert_eq!(ask_for_held(&tickets.state()).await.unwrap(), 0);
    queries::plan_without_deadline(&tickets.state().store).await.unwrap();
    assert_eq!(turn(&db_ticket(&tickets, id).await), (30, 0));
}
