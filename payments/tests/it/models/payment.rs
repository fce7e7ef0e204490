//! The whole machine: every state that a payment, its order and its money can be in together, whatever happens in between.

mod status;

use std::collections::{BTreeSet, HashSet, VecDeque};

use PaymentStatus::{
    Authorised, Captured, Capturing, Closed, Declined, Ending, Failed, Pending, Refunded, Refunding, Voided, Voiding,
};
use common::api::OrderStatus;
use common::id::Id;
use common::money::Money;
use common::mongo::Aggregate;
use common::timestamp::Timestamp;
use mongodb::bson::deserialize_from_document;
use payments::models::order::{KnownOrder, Order};
use payments::models::payment::{Dispute, GivenBackBy, Outcome, Payment, PaymentStatus};

use crate::app::{claim_left_behind, payment_left_behind};
use crate::order::TestOrder;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Every arrow of the diagram in the README.
const ARROWS: [(PaymentStatus, PaymentStatus); 14] = [
    (Pending, Authorised),
    (Pending, Declined),
    (Pending, Ending),
    (Pending, Closed),
    (Ending, Declined),
    (Ending, Captured),
    (Authorised, Capturing),
    (Authorised, Voiding),
    (Authorised, Failed),
    (Capturing, Captured),
    (Capturing, Failed),
    (Voiding, Voided),
    (Voiding, Refunding),
    (Captured, Refunding),
];

/// And the last one.
const REFUNDED: (PaymentStatus, PaymentStatus) = (Refunding, Refunded);

/// Where the money is, as the provider knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Funds {
    Untouched,
    Refused,
    Held,
    Taken,
    Released,
    GivenBack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Operation {
    Capture,
    Cancel,
    Refund,
}

/// Everything there is in one case.
#[derive(Clone)]
struct World {
    payment: Payment,
    order: OrderStatus,
    funds: Funds,
    /// What anybody has ever meant to ask for: such a call may reach the provider at any later time, and again.
    meant: BTreeSet<Operation>,
    published_created: u32,
    published_failed: u32,
    published_refunded: u32,
}

type Key = (PaymentStatus, bool, OrderStatus, Funds, BTreeSet<Operation>, [u32; 3]);

impl World {
    fn begin() -> Self {
        Self {
            payment: attempt_with_intent(),
            order: OrderStatus::Created,
            funds: Funds::Untouched,
            meant: BTreeSet::new(),
            published_created: 0,
            published_failed: 0,
            published_refunded: 0,
        }
    }

    fn key(&self) -> Key {
        let published = [self.published_created, self.published_failed, self.published_refunded];
        (self.payment.status(), self.payment.keeps_order(), self.order, self.funds, self.meant.clone(), published)
    }

    fn order(&self) -> Order {
        order_with(self.order, Some(Money::from_cents(1250)))
    }

    /// Every world that is one step away.
    fn next(&self) -> Vec<Self> {
        let mut next = Vec::new();
        let mut step = |change: &dyn Fn(&mut Self)| {
            let mut world = self.clone();
            change(&mut world);
            world.remember_what_is_meant();
            next.push(world);
        };
        if self.order == OrderStatus::Created {
            step(&|world| world.order = OrderStatus::Cancelled);
            // An order completes because its service has handled `payment.created`.
            if self.published_created > 0 {
                step(&|world| world.order = OrderStatus::Complete);
            }
        }
        if self.published_failed > 0 {
            step(&|world| world.order = OrderStatus::Cancelled);
        }
        step(&|world| world.payment.follow(&world.order(), NOW));
        step(&|world| world.payment.give_back(by_operator(), &world.order(), NOW));
        // The confirmation lands at any time, also when the attempt has been given up.
        if self.funds == Funds::Untouched {
            step(&|world| world.funds = Funds::Held);
            step(&|world| world.funds = Funds::Refused);
        }
        // Whoever asked gets the answer, at any time. Anybody may give up without one.
        step(&|world| world.payment.ending(None, NOW));
        match self.funds {
            Funds::Untouched => {}
            Funds::Refused => step(&|world| world.payment.declined("no", NOW)),
            Funds::Held => {
                step(&|world| world.published_created += u32::from(world.payment.authorised(NOW).is_some()));
            }
            Funds::Taken => {
                step(&|world| world.payment.captured(NOW));
                step(&|world| world.payment.taken_before(NOW));
            }
            Funds::Released => {
                step(&|world| world.payment.ended());
                step(&|world| world.payment.voided());
                step(&|world| world.published_failed += u32::from(world.payment.failed("no", NOW).is_some()));
            }
            Funds::GivenBack => {
                step(&|world| world.payment.captured(NOW));
                step(&|world| world.published_refunded += u32::from(world.payment.refunded().is_some()));
            }
        }
        for operation in &self.meant {
            step(&|world| world.provider_does(*operation));
        }
        // The provider refuses the capture for good: then the intent is cancelled.
        if self.payment.status() == Capturing {
            step(&|world| world.provider_does(Operation::Cancel));
        }
        next
    }

    fn remember_what_is_meant(&mut self) {
        match self.payment.status() {
            Capturing => self.meant.insert(Operation::Capture),
            Ending | Voiding => self.meant.insert(Operation::Cancel),
            Refunding => self.meant.insert(Operation::Refund),
            _ => false,
        };
    }

    fn provider_does(&mut self, operation: Operation) {
        self.funds = match (operation, self.funds) {
            (Operation::Capture, Funds::Held) => Funds::Taken,
            (Operation::Capture, Funds::Taken | Funds::GivenBack | Funds::Released) => self.funds,
            (Operation::Cancel, Funds::Untouched | Funds::Refused | Funds::Held) => Funds::Released,
            (Operation::Cancel, Funds::Released | Funds::Taken) => self.funds,
            (Operation::Refund, Funds::Taken) => Funds::GivenBack,
            (Operation::Refund, Funds::GivenBack) => self.funds,
            (operation, funds) => panic!("{operation:?} reaches a provider whose funds are {funds:?}"),
        };
    }

    fn check(&self) {
        let (key, status) = (self.key(), self.payment.status());
        if status == Authorised {
            assert_eq!(self.funds, Funds::Held, "a stored authorisation is backed by a hold: {key:?}");
        }
        if self.funds == Funds::Taken {
            assert_eq!(self.order, OrderStatus::Complete, "money is taken only for a complete order: {key:?}");
            assert_ne!(status, Failed, "a failed payment has taken nothing: {key:?}");
        }
        if matches!(status, Refunding | Refunded) {
            assert_eq!(self.order, OrderStatus::Complete, "only an operator gives money back here: {key:?}");
            assert!(self.payment.keeps_order() && self.payment.outcome() == Outcome::Paid, "{key:?}");
        }
        if status == Refunded {
            assert_eq!((self.funds, self.published_refunded), (Funds::GivenBack, 1), "{key:?}");
        }
        if self.funds == Funds::GivenBack {
            assert!(matches!(status, Refunding | Refunded), "nothing goes back that nobody decided: {key:?}");
        }
        if matches!(status, Declined | Voided | Failed) {
            let is_held = matches!(self.funds, Funds::Held | Funds::Taken);
            assert!(!is_held, "what is over holds nothing: {key:?}");
        }
        let published = [self.published_created, self.published_failed, self.published_refunded];
        assert!(published.iter().all(|times| *times <= 1), "each event is stored once: {key:?}");
    }
}

fn attempt_with_intent() -> Payment {
    let (id, user_id, price) = (Id::generate(), Id::generate(), Money::from_cents(1250));
    let order = KnownOrder { id, user_id, price, status: OrderStatus::Created, is_late: false };
    let mut payment = Payment::attempt(&order, 0, "tok_visa", NOW);
    payment.created("pi_1", NOW);
    payment
}

fn by_operator() -> GivenBackBy {
    GivenBackBy::Operator(Id::from_bytes([1; 12]))
}

fn order_with(status: OrderStatus, price: Option<Money>) -> Order {
    Order { id: Id::generate(), user_id: None, price, status, version: 1, left_ms: Some(60_000) }
}

fn payment_in(status: PaymentStatus) -> Payment {
    deserialize_from_document(payment_left_behind(&TestOrder::new(), status.as_str())).unwrap()
}

/// Every world that can be reached.
fn all_worlds() -> Vec<World> {
    let mut seen = HashSet::from([World::begin().key()]);
    let mut all = vec![World::begin()];
    let mut queue = VecDeque::from([World::begin()]);
    while let Some(world) = queue.pop_front() {
        for next in world.next() {
            if seen.insert(next.key()) {
                all.push(next.clone());
                queue.push_back(next);
            }
        }
    }
    all
}

#[test]
fn whatever_happens_an_authorisation_is_backed_by_a_hold_and_money_is_taken_only_for_a_complete_order() {
    let worlds = all_worlds();
    for world in &worlds {
        world.check();
    }
    let statuses: HashSet<PaymentStatus> = worlds.iter().map(|world| world.payment.status()).collect();
    let expected =
        [Pending, Ending, Declined, Authorised, Capturing, Captured, Failed, Voiding, Voided, Refunding, Refunded];
    assert_eq!(statuses, HashSet::from(expected));
}

#[test]
fn wherever_it_is_interrupted_the_money_ends_where_the_order_does() {
    for mut world in all_worlds() {
        if world.order == OrderStatus::Created {
            continue;
        }
        // What the sweep does, again and again.
        for _ in 0..6 {
            match (world.payment.status(), world.funds) {
                (Pending, Funds::Held) => drop(world.payment.authorised(NOW)),
                (Pending, Funds::Released) => world.payment.ended(),
                (Pending, _) => world.payment.ending(None, NOW),
                (Ending, _) => {
                    world.provider_does(Operation::Cancel);
                    world.payment.ended();
                }
                (Capturing, Funds::Released) => {
                    drop(world.payment.failed("no", NOW));
                    world.order = OrderStatus::Cancelled;
                }
                (Capturing, _) => {
                    world.provider_does(Operation::Capture);
                    world.payment.captured(NOW);
                }
                (Voiding, _) => {
                    world.provider_does(Operation::Cancel);
                    world.payment.voided();
                }
                (Refunding, _) => {
                    world.provider_does(Operation::Refund);
                    drop(world.payment.refunded());
                }
                (Failed, _) => world.order = OrderStatus::Cancelled,
                _ => world.payment.follow(&world.order(), NOW),
            }
        }
        let end = (world.order, world.payment.status(), world.funds);
        let is_right = matches!(
            end,
            (OrderStatus::Complete, Captured, Funds::Taken)
                | (OrderStatus::Complete, Refunded, Funds::GivenBack)
                | (OrderStatus::Cancelled, Voided | Failed | Declined, Funds::Released)
                | (OrderStatus::Cancelled, Declined, Funds::Refused)
        );
        assert!(is_right, "{end:?} from {:?}", world.key());
    }
}

type Change<'a> = &'a dyn Fn(&mut Payment);

/// Calls each guarded method with a name for it.
fn with_every_change(mut each: impl FnMut(&str, Change, &[(PaymentStatus, PaymentStatus)])) {
    let complete = order_with(OrderStatus::Complete, None);
    let cancelled = order_with(OrderStatus::Cancelled, None);
    let created = order_with(OrderStatus::Created, None);
    each("created", &|payment| payment.created("pi_2", NOW), &[]);
    each("dropped", &|payment| payment.dropped(), &[]);
    each("closed", &|payment| _ = payment.closed(), &[]);
    each("authorised", &|payment| drop(payment.authorised(NOW)), &[(Pending, Authorised)]);
    each("declined", &|payment| payment.declined("no", NOW), &[(Pending, Declined)]);
    each("ending", &|payment| payment.ending(None, NOW), &[(Pending, Ending)]);
    each("ended", &|payment| payment.ended(), &[(Pending, Declined), (Ending, Declined)]);
    each("captured by others", &|payment| drop(payment.captured_by_others(NOW)), &[(Ending, Captured)]);
    each("complete", &|payment| payment.follow(&complete, NOW), &[(Authorised, Capturing)]);
    each("cancelled", &|payment| payment.follow(&cancelled, NOW), &[(Authorised, Voiding), (Captured, Refunding)]);
    let priced = order_with(OrderStatus::Complete, Some(Money::from_cents(1250)));
    each("given back", &|payment| payment.give_back(by_operator(), &priced, NOW), &[(Captured, Refunding)]);
    each("not given back", &|payment| payment.give_back(by_operator(), &created, NOW), &[]);
    each("not over", &|payment| payment.follow(&created, NOW), &[]);
    each("captured", &|payment| payment.captured(NOW), &[(Capturing, Captured)]);
    each("failed", &|payment| drop(payment.failed("no", NOW)), &[(Capturing, Failed), (Authorised, Failed)]);
    each("voided", &|payment| payment.voided(), &[(Voiding, Voided)]);
    each("taken before", &|payment| payment.taken_before(NOW), &[(Voiding, Refunding)]);
    each("refunded", &|payment| drop(payment.refunded()), &[REFUNDED]);
}

#[test]
fn each_cause_moves_a_payment_from_its_own_state_only_and_raises_the_version_by_one() {
    with_every_change(|name, change, moves| {
        for before in PaymentStatus::ALL {
            let mut payment = payment_in(before);
            let version = payment.version();
            change(&mut payment);
            let expected = moves.iter().find(|(from, _)| *from == before).map_or(before, |(_, to)| *to);
            assert_eq!(payment.status(), expected, "{name} from {before:?}");
            // A failed payment whose order is cancelled is looked after no more.
            let is_changed = expected != before || (name, before) == ("cancelled", Failed);
            assert_eq!(payment.version() - version, i32::from(is_changed), "{name} from {before:?}");
        }
    });
}

#[test]
fn a_mere_claim_is_dropped_or_closed_and_nothing_else_before_its_intent_is_stored() {
    with_every_change(|name, change, _| {
        let mut claim: Payment = deserialize_from_document(claim_left_behind(&TestOrder::new())).unwrap();
        change(&mut claim);
        let expected = match name {
            "dropped" | "declined" => Declined,
            "closed" => Closed,
            _ => Pending,
        };
        assert_eq!(claim.status(), expected, "{name}");
    });
}

/// Small and the same everywhere, so that a seed tells everything.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn random_changes_never_leave_the_diagram_and_never_give_an_order_two_slots() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut chance = Chance(seed);
    let holds = |payment: &Payment| PaymentStatus::SLOT.contains(&payment.status());
    for _ in 0..500 {
        let mut payments: Vec<Payment> = Vec::new();
        for _ in 0..60 {
            if !payments.iter().any(holds) {
                // What the unique index lets in.
                payments.push(match chance.below(8) {
                    0 => Payment::closing_entry(Id::generate()).0,
                    _ => attempt_with_intent(),
                });
            }
            let of = chance.below(payments.len());
            let (before, chosen) = (payments[of].status(), chance.below(18));
            let mut number = 0;
            with_every_change(|name, change, _| {
                // This one move into the slot is decided by the index.
                let is_kept_out = name == "captured by others" && payments.iter().any(holds);
                if number == chosen && !is_kept_out {
                    change(&mut payments[of]);
                }
                number += 1;
            });
            let after = payments[of].status();
            let is_arrow = before == after || ARROWS.contains(&(before, after)) || (before, after) == REFUNDED;
            assert!(is_arrow, "{before:?} -> {after:?}, seed {seed}");
            assert!(payments.iter().filter(|payment| holds(payment)).count() <= 1, "two slots, seed {seed}");
            let is_due = payments[of].due_at().is_some();
            let has_work = PaymentStatus::UNSETTLED.contains(&after);
            assert!(
                is_due == has_work || (after == Failed && !is_due) || after == Captured,
                "{after:?} is due: {is_due}, seed {seed}"
            );
        }
    }
}

#[test]
fn an_order_that_is_cancelled_while_its_money_is_taken_has_it_given_back() {
    let mut payment = payment_in(Capturing);
    let cancelled = order_with(OrderStatus::Cancelled, None);
    payment.follow(&cancelled, NOW);
    assert_eq!(payment.status(), Capturing, "it may be taken already");
    payment.captured(NOW);
    payment.follow(&cancelled, NOW);
    assert_eq!(payment.refunded().unwrap().amount, Money::from_cents(1250));
}

#[test]
fn a_captured_payment_is_due_until_its_order_was_read() {
    for (status, expected) in [(OrderStatus::Complete, Captured), (OrderStatus::Cancelled, Refunding)] {
        let mut payment = payment_in(Capturing);
        payment.captured(NOW);
        assert!(payment.due_at().is_some(), "a process that dies now has not read it");
        payment.follow(&order_with(status, None), NOW);
        assert_eq!((payment.status(), payment.due_at().is_some()), (expected, expected == Refunding));
    }
}

#[test]
fn a_decline_after_the_client_secret_was_given_is_ended_at_the_provider_first() {
    let mut payment = attempt_with_intent();
    payment.secret_given(NOW);
    payment.declined("Your card was declined", NOW);
    assert_eq!((payment.status(), payment.reason()), (Ending, Some("Your card was declined")));
    payment.ended();
    assert_eq!((payment.status(), payment.reason()), (Declined, Some("Your card was declined")));
}

#[test]
fn a_payment_publishes_what_its_status_says() {
    for (status, subject) in [
        (Pending, None),
        (Ending, None),
        (Declined, None),
        (Authorised, Some("payment.created")),
        (Capturing, Some("payment.created")),
        (Captured, Some("payment.created")),
        (Failed, Some("payment.failed")),
        (Voiding, Some("payment.closed")),
        (Voided, Some("payment.closed")),
        (Refunding, Some("payment.closed")),
        (Refunded, Some("payment.refunded")),
        (Closed, Some("payment.closed")),
    ] {
        let (first, second) = (payment_in(status).state().unwrap(), payment_in(status).state().unwrap());
        assert_eq!(first.as_ref().map(|entry| entry.subject.as_str()), subject, "{status:?}");
        assert!(first.is_none() || first.unwrap().id != second.unwrap().id, "each time under a new id");
    }
}

#[test]
fn a_payment_of_a_complete_order_that_was_given_back_never_says_that_the_order_is_closed() {
    let complete = order_with(OrderStatus::Complete, None);
    let mut payment = payment_in(Captured);
    let subject = |payment: &Payment| payment.state().unwrap().unwrap().subject;
    payment.give_back(by_operator(), &complete, NOW);
    assert_eq!((payment.status(), subject(&payment)), (Refunding, "payment.created".to_owned()));
    for status in [OrderStatus::Complete, OrderStatus::Created, OrderStatus::Cancelled] {
        payment.follow(&order_with(status, None), NOW);
        assert_eq!((payment.status(), payment.keeps_order()), (Refunding, true));
    }
    assert_eq!(payment.refunded().unwrap().amount, Money::from_cents(1250));
    assert!(payment.closed_again().is_none());
    assert_eq!((payment.created_again().unwrap().order_id, payment.outcome()), (payment.order_id(), Outcome::Paid));
    assert_eq!(subject(&payment), "payment.refunded");
}

#[test]
fn money_that_the_provider_gave_back_is_followed_as_far_as_the_order_says() {
    for (status, order, ends, keeps_order) in [
        (Authorised, OrderStatus::Complete, Refunding, true),
        (Capturing, OrderStatus::Complete, Refunding, true),
        (Captured, OrderStatus::Complete, Refunding, true),
        (Captured, OrderStatus::Cancelled, Refunding, false),
        (Authorised, OrderStatus::Cancelled, Refunding, false),
        (Captured, OrderStatus::Created, Captured, false),
    ] {
        let order = order_with(order, None);
        let mut payment = payment_in(status);
        payment.found_given_back(NOW);
        payment.found_given_back(NOW);
        assert_eq!((payment.version(), payment.due_at().is_some()), (4, true), "it is changed once, and due");
        payment.follow(&order, NOW);
        payment.captured(NOW);
        payment.taken_before(NOW);
        payment.follow(&order, NOW);
        assert_eq!((payment.status(), payment.keeps_order()), (ends, keeps_order), "from {status:?}");
    }
    for status in [Pending, Ending, Declined, Failed, Voiding, Voided, Refunding, Refunded, Closed] {
        let mut payment = payment_in(status);
        payment.found_given_back(NOW);
        assert_eq!((payment.version(), payment.status()), (3, status));
    }
}

#[test]
fn a_dispute_changes_the_payment_once() {
    let mut payment = payment_in(Captured);
    let dispute = Dispute { id: "dp_1".to_owned(), reason: "fraudulent".to_owned() };
    let version = payment.version();
    payment.disputed(&dispute);
    payment.disputed(&dispute);
    assert_eq!((payment.version(), payment.status()), (version + 1, Captured));
}

#[test]
fn a_document_of_the_node_original_counts_as_captured() {
    let stored = crate::app::payment_of_the_original(&TestOrder::new());
    let mut payment: Payment = deserialize_from_document(stored).unwrap();
    assert_eq!(payment.status(), Captured);
    payment.follow(&order_with(OrderStatus::Cancelled, None), NOW);
    assert_eq!(payment.status(), Captured, "nobody knows how much it was");
    payment.follow(&order_with(OrderStatus::Cancelled, Some(Money::from_cents(999))), NOW);
    assert_eq!(payment.refunded().unwrap().amount, Money::from_cents(999));
}
