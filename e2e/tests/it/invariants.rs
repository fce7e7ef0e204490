//! What the invariants find in made-up snapshots.

use std::collections::{BTreeMap, HashMap};

use common::events::{Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentCreated};
use common::timestamp::Timestamp;
use e2e::invariants::{Order, Payment, Snapshot, Ticket, least_id};
use mongodb::bson::DateTime;
use mongodb::bson::oid::ObjectId;

const TICKET: ObjectId = ObjectId::from_bytes(*b"ticket......");
const ORDER: ObjectId = ObjectId::from_bytes(*b"order.......");
const OTHER: ObjectId = ObjectId::from_bytes(*b"other order.");

/// An order of the ticket with time left.
fn order(id: ObjectId, status: &str) -> Order {
    let expires_at = DateTime::from_millis(DateTime::now().timestamp_millis() + 900_000);
    Order { id, status: status.to_owned(), ticket: TICKET, expires_at }
}

fn captured(order_id: ObjectId) -> Payment {
    Payment { order_id, status: "captured".to_owned() }
}

/// One ticket, sold to one order, and all that belongs to it.
fn sold() -> Snapshot {
    let published = |subject, orders: &[ObjectId]| (subject, orders.iter().map(|order| (*order, 1)).collect());
    Snapshot {
        since: ObjectId::from_bytes([0; 12]),
        orders: BTreeMap::from([(ORDER, order(ORDER, "complete"))]),
        tickets: BTreeMap::from([(TICKET, Ticket { id: TICKET, order_id: Some(ORDER), version: 2.0 })]),
        payments: vec![captured(ORDER)],
        replicated_tickets: HashMap::from([(TICKET, 2.0)]),
        replicated_orders: HashMap::from([(ORDER, "complete".to_owned())]),
        published: BTreeMap::from([
            published(OrderCreated::SUBJECT, &[ORDER]),
            published(OrderCancelled::SUBJECT, &[]),
            published(OrderCompleted::SUBJECT, &[ORDER]),
            published(PaymentCreated::SUBJECT, &[ORDER]),
        ]),
        ..Snapshot::default()
    }
}

fn assert_only_violation(snapshot: &Snapshot, expected: &str) {
    assert_eq!(snapshot.violations(), [expected]);
}

#[test]
fn a_sale_is_settled_and_right() {
    assert_eq!(sold().unsettled(), None);
    assert_eq!(sold().violations(), Vec::<String>::new());
}

#[test]
fn what_a_service_has_not_handled_is_not_settled() {
    let mut snapshot = sold();
    snapshot.tickets.get_mut(&TICKET).unwrap().order_id = None;
    snapshot.replicated_tickets.insert(TICKET, 1.0);
    snapshot.replicated_orders.clear();
    snapshot.payments[0].status = "capturing".to_owned();
    snapshot.unpublished = 3;
    assert_eq!(
        snapshot.unsettled().unwrap(),
        "1 payments are under way, 1 tickets are not held by the orders that reserve them, \
         1 tickets differ from their replica in orders, 1 orders differ from their replica in payments, \
         3 documents have an event waiting in their outbox"
    );
}

#[test]
fn a_ticket_that_is_sold_twice_is_a_violation() {
    let mut snapshot = sold();
    snapshot.orders.insert(OTHER, order(OTHER, "created"));
    snapshot.published.get_mut(OrderCreated::SUBJECT).unwrap().insert(OTHER, 1);
    assert_only_violation(&snapshot, &format!("ticket {TICKET} is sold twice, the second time to order {OTHER}"));
}

#[test]
fn money_that_moved_without_its_order_or_twice_is_a_violation() {
    let mut snapshot = sold();
    snapshot.payments.push(captured(OTHER));
    assert_only_violation(&snapshot, &format!("order {OTHER} is charged, and lost"));
    snapshot.payments[1] = captured(ORDER);
    assert_only_violation(&snapshot, &format!("order {ORDER} is charged twice"));
    snapshot.payments.clear();
    assert_only_violation(&snapshot, &format!("order {ORDER} is complete, and no money was taken"));
}

#[test]
fn an_event_that_is_lost_doubled_or_untrue_is_a_violation() {
    let mut snapshot = sold();
    snapshot.published.get_mut(OrderCompleted::SUBJECT).unwrap().insert(ORDER, 2);
    assert_only_violation(&snapshot, &format!("order.completed of order {ORDER} was published 2 times"));
    snapshot.published.get_mut(OrderCompleted::SUBJECT).unwrap().clear();
    assert_only_violation(&snapshot, &format!("order.completed of order {ORDER} is lost"));
    let mut snapshot = sold();
    snapshot.published.get_mut(OrderCancelled::SUBJECT).unwrap().insert(ORDER, 1);
    assert_only_violation(
        &snapshot,
        &format!("order.cancelled was published of order {ORDER}, whose document says no"),
    );
}

#[test]
fn an_order_that_expires_meanwhile_is_left_out_with_all_that_belongs_to_it() {
    let mut snapshot = sold();
    snapshot.orders.insert(OTHER, order(OTHER, "created"));
    snapshot.orders.values_mut().for_each(|order| order.expires_at = DateTime::now());
    snapshot.leave_out_expiring(Timestamp::now());
    assert!(snapshot.orders.is_empty() && snapshot.tickets.is_empty() && snapshot.payments.is_empty());
    assert_eq!(snapshot.violations(), Vec::<String>::new());
    assert_eq!(snapshot.expiring.len(), 2);
}

#[test]
fn an_id_is_covered_by_the_second_in_which_it_was_made_and_not_by_the_next() {
    let (now, id) = (Timestamp::now(), ObjectId::new());
    assert!(least_id(now) <= id && id < least_id(now.after(std::time::Duration::from_secs(2))));
}
