//! Check the checker: each invariant is broken on purpose in a made-up snapshot, and is caught.

use std::collections::{BTreeMap, HashMap};

use common::events::{
    Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentClosed, PaymentCreated, PaymentFailed,
};
use common::timestamp::Timestamp;
use e2e::acknowledged::{Acknowledged, Write};
use e2e::invariants::{Charge, Order, Payment, Snapshot, Ticket, least_id};
use mongodb::bson::DateTime;
use mongodb::bson::oid::ObjectId;

const TICKET: ObjectId = ObjectId::from_bytes(*b"ticket......");
const ORDER: ObjectId = ObjectId::from_bytes(*b"order.......");
const OTHER: ObjectId = ObjectId::from_bytes(*b"other order.");

/// An order of the ticket with time left.
fn order(id: ObjectId, status: &str) -> Order {
    let expires_at = DateTime::from_millis(DateTime::now().timestamp_millis() + 900_000);
    Order { id, status: status.to_owned(), ticket: TICKET, expires_at, refunded: None }
}

fn payment(order_id: ObjectId, status: &str) -> Payment {
    Payment { order_id, status: status.to_owned(), given_back_by: None }
}

fn charge(order_id: ObjectId, state: &str) -> Charge {
    Charge { order_id, state: state.to_owned() }
}

/// One ticket, sold to one order, and all that belongs to it.
fn sold() -> Snapshot {
    let published = |subject, orders: &[ObjectId]| (subject, orders.iter().copied().collect());
    Snapshot {
        since: ObjectId::from_bytes([0; 12]),
        orders: BTreeMap::from([(ORDER, order(ORDER, "complete"))]),
        tickets: BTreeMap::from([(TICKET, Ticket { id: TICKET, order_id: Some(ORDER), version: 2.0 })]),
        payments: vec![payment(ORDER, "captured")],
        charges: vec![charge(ORDER, "captured")],
        replicated_tickets: HashMap::from([(TICKET, 2.0)]),
        replicated_orders: HashMap::from([(ORDER, "complete".to_owned())]),
        published: BTreeMap::from([
            published(OrderCreated::SUBJECT, &[ORDER]),
            published(OrderCancelled::SUBJECT, &[]),
            published(OrderCompleted::SUBJECT, &[ORDER]),
            published(PaymentCreated::SUBJECT, &[ORDER]),
            published(PaymentClosed::SUBJECT, &[]),
            published(PaymentFailed::SUBJECT, &[]),
        ]),
        ..Snapshot::default()
    }
}

/// The same with an order that was not paid in time.
fn expired() -> Snapshot {
    let mut snapshot = sold();
    snapshot.orders.insert(ORDER, order(ORDER, "cancelled"));
    snapshot.tickets.get_mut(&TICKET).unwrap().order_id = None;
    snapshot.replicated_orders.insert(ORDER, "cancelled".to_owned());
    snapshot.payments = vec![payment(ORDER, "closed")];
    snapshot.charges.clear();
    for subject in [OrderCompleted::SUBJECT, PaymentCreated::SUBJECT] {
        snapshot.published.get_mut(subject).unwrap().clear();
    }
    for subject in [OrderCancelled::SUBJECT, PaymentClosed::SUBJECT] {
        snapshot.published.get_mut(subject).unwrap().insert(ORDER);
    }
    snapshot
}

/// The same with an order whose money an operator has given back.
fn given_back() -> Snapshot {
    let mut snapshot = sold();
    snapshot.orders.get_mut(&ORDER).unwrap().refunded = Some(20.5);
    snapshot.payments = vec![Payment { given_back_by: Some("provider".into()), ..payment(ORDER, "refunded") }];
    snapshot.charges = vec![charge(ORDER, "refunded")];
    snapshot
}

fn assert_only_violation(snapshot: &Snapshot, expected: &str) {
    assert_eq!(snapshot.violations(), [expected]);
}

#[test]
fn a_sale_with_its_money_or_without_and_an_order_that_was_not_paid_are_settled_and_right() {
    for snapshot in [sold(), given_back(), expired()] {
        assert_eq!(snapshot.unsettled(), None);
        assert_eq!(snapshot.violations(), Vec::<String>::new());
    }
}

#[test]
fn what_a_service_has_not_handled_is_not_settled() {
    let mut snapshot = sold();
    snapshot.tickets.get_mut(&TICKET).unwrap().order_id = None;
    snapshot.replicated_tickets.insert(TICKET, 1.0);
    snapshot.replicated_orders.clear();
    snapshot.unpublished = 3;
    snapshot.behind = vec!["orders"];
    assert_eq!(
        snapshot.unsettled().unwrap(),
        "1 tickets are not held by the orders that reserve them, 1 tickets differ from their replica in orders, \
         1 orders differ from their replica in payments, 3 documents have an event waiting in their outbox, \
         1 services have not handled every event"
    );
}

#[test]
fn an_order_that_is_past_its_deadline_and_open_is_not_settled() {
    let mut snapshot = sold();
    let late = Order { expires_at: DateTime::from_millis(0), ..order(ORDER, "created") };
    snapshot.orders.insert(ORDER, late);
    snapshot.replicated_orders.insert(ORDER, "created".to_owned());
    assert_eq!(snapshot.unsettled().unwrap(), "1 orders are overdue");
}

#[test]
fn an_attempt_that_is_not_decided_is_not_settled() {
    for status in ["pending", "authorised", "capturing", "voiding", "refunding", "ending"] {
        let mut snapshot = sold();
        snapshot.payments.push(payment(ORDER, status));
        assert_eq!(snapshot.unsettled().unwrap(), "1 payments are under way", "{status}");
    }
}

#[test]
fn money_that_is_held_for_an_order_that_is_over_is_not_settled() {
    let mut snapshot = expired();
    snapshot.charges.push(charge(ORDER, "authorised"));
    assert_eq!(snapshot.unsettled().unwrap(), "1 charges are held by the provider for orders that are over");
}

#[test]
fn a_ticket_that_is_sold_twice_is_a_violation() {
    let mut snapshot = sold();
    snapshot.orders.insert(OTHER, order(OTHER, "created"));
    snapshot.published.get_mut(OrderCreated::SUBJECT).unwrap().insert(OTHER);
    assert_only_violation(&snapshot, &format!("ticket {TICKET} is sold twice, the second time to order {OTHER}"));
}

#[test]
fn money_that_moved_without_its_order_or_twice_is_a_violation() {
    let mut snapshot = sold();
    snapshot.payments.push(payment(OTHER, "captured"));
    assert_only_violation(&snapshot, &format!("order {OTHER} is charged, and lost"));
    snapshot.payments[1] = payment(ORDER, "captured");
    assert_only_violation(&snapshot, &format!("order {ORDER} is charged twice"));
    snapshot.payments.clear();
    assert_only_violation(&snapshot, &format!("order {ORDER} is complete, and not charged"));
    let mut snapshot = expired();
    snapshot.payments.push(payment(ORDER, "captured"));
    assert_only_violation(&snapshot, &format!("order {ORDER} is cancelled, and charged"));
}

#[test]
fn a_provider_that_took_money_twice_or_for_nothing_is_a_violation() {
    let mut snapshot = sold();
    snapshot.charges.push(charge(ORDER, "captured"));
    assert_only_violation(&snapshot, &format!("order {ORDER} is charged by the provider twice"));
    snapshot.charges = vec![charge(ORDER, "voided")];
    assert_only_violation(&snapshot, &format!("order {ORDER} is complete, and not charged by the provider"));
    let mut snapshot = expired();
    snapshot.charges.push(charge(ORDER, "captured"));
    assert_only_violation(&snapshot, &format!("order {ORDER} is cancelled, and charged by the provider"));
}

#[test]
fn a_refund_that_the_order_the_payment_or_the_provider_does_not_know_is_a_violation() {
    let mut snapshot = given_back();
    snapshot.orders.get_mut(&ORDER).unwrap().refunded = None;
    assert_only_violation(&snapshot, &format!("the money of order {ORDER} went back, and it does not say so"));
    let mut snapshot = sold();
    snapshot.orders.get_mut(&ORDER).unwrap().refunded = Some(20.5);
    assert_only_violation(&snapshot, &format!("order {ORDER} says that it is refunded, and its payment does not"));
    for state in ["captured", "voided"] {
        let mut snapshot = given_back();
        snapshot.charges = vec![charge(ORDER, state)];
        assert_only_violation(&snapshot, &format!("order {ORDER} is complete, and not charged by the provider"));
    }
    let mut snapshot = given_back();
    snapshot.payments.push(payment(ORDER, "captured"));
    assert_only_violation(&snapshot, &format!("order {ORDER} is charged twice"));
    let mut snapshot = expired();
    snapshot.payments = vec![Payment { given_back_by: Some("provider".into()), ..payment(ORDER, "refunded") }];
    assert_only_violation(&snapshot, &format!("order {ORDER} is cancelled, and charged"));
    // The order was cancelled, and its money went back: nobody gave it back besides.
    snapshot.payments = vec![payment(ORDER, "refunded")];
    snapshot.orders.get_mut(&ORDER).unwrap().refunded = Some(20.5);
    assert_eq!(snapshot.violations(), Vec::<String>::new());
}

#[test]
fn an_order_that_outlives_its_closed_or_failed_payment_is_a_violation() {
    for status in ["closed", "failed"] {
        let mut snapshot = sold();
        snapshot.payments.push(payment(ORDER, status));
        assert_only_violation(
            &snapshot,
            &format!("the payment of order {ORDER} is {status}, and the order is complete"),
        );
    }
}

#[test]
fn an_event_that_is_lost_or_untrue_is_a_violation() {
    for subject in [OrderCreated::SUBJECT, OrderCompleted::SUBJECT, PaymentCreated::SUBJECT] {
        let mut snapshot = sold();
        snapshot.published.get_mut(subject).unwrap().clear();
        assert_only_violation(&snapshot, &format!("{subject} of order {ORDER} is lost"));
        snapshot.is_forgetful = true;
        assert_eq!(snapshot.violations(), Vec::<String>::new());
    }
    for subject in [OrderCancelled::SUBJECT, PaymentClosed::SUBJECT, PaymentFailed::SUBJECT] {
        let mut snapshot = sold();
        snapshot.published.get_mut(subject).unwrap().insert(ORDER);
        assert_only_violation(&snapshot, &format!("{subject} was published of order {ORDER}, whose document says no"));
    }
}

#[test]
fn a_complete_order_may_be_cancelled_by_a_failed_payment_alone() {
    let mut snapshot = expired();
    snapshot.published.get_mut(OrderCompleted::SUBJECT).unwrap().insert(ORDER);
    assert_only_violation(
        &snapshot,
        &format!("order.completed was published of order {ORDER}, whose document says no"),
    );
    snapshot.payments[0] = payment(ORDER, "failed");
    assert_eq!(snapshot.violations(), Vec::<String>::new());
}

#[test]
fn a_message_that_the_stream_holds_twice_and_a_dead_letter_are_violations() {
    let mut snapshot = sold();
    snapshot.doubled = vec!["order.created with the message id 1".to_owned()];
    assert_only_violation(&snapshot, "the stream holds order.created with the message id 1 twice");
    let mut snapshot = sold();
    snapshot.dead_letters = vec!["order.created by payments: no".to_owned()];
    assert_only_violation(&snapshot, "a message became a dead letter: order.created by payments: no");
}

#[test]
fn an_acknowledged_write_that_is_lost_or_undone_is_a_violation() {
    let violations = |writes: &[Write], snapshot: &Snapshot| {
        let acknowledged = Acknowledged::default();
        writes.iter().for_each(|write| acknowledged.note(ORDER.into(), *write));
        acknowledged.violations(snapshot)
    };
    use Write::{Cancelled, Cancelling, Ordered, Paid};
    for (writes, snapshot) in
        [(vec![Ordered, Paid], sold()), (vec![Ordered, Cancelled], expired()), (vec![Paid, Cancelling], expired())]
    {
        assert_eq!(violations(&writes, &snapshot), Vec::<String>::new());
    }
    assert_eq!(violations(&[Cancelled], &sold()), [format!("order {ORDER} was cancelled and is complete again")]);
    assert_eq!(violations(&[Paid], &expired()), [format!("order {ORDER} was paid for and is cancelled")]);
    let mut lost = sold();
    lost.orders.clear();
    assert_eq!(violations(&[Ordered], &lost), [format!("order {ORDER} was answered with 201 and is lost")]);
    let mut failed = expired();
    failed.payments[0] = payment(ORDER, "failed");
    assert_eq!(violations(&[Paid], &failed), Vec::<String>::new());
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
