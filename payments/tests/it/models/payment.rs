//! The whole machine: every state that a payment, its order and its money can be in together, whatever happens in between.

mod status;

use std::collections::{BTreeSet, HashSet, VecDeque};

use PaymentStatus::{Authorised, Captured, Capturing, Declined, Pending, Refunded, Refunding, Voided, Voiding};
use common::api::OrderStatus;
use common::id::Id;
use common::money::Money;
use common::mongo::Aggregate;
use mongodb::bson::deserialize_from_document;
use payments::models::order::{KnownOrder, Order};
use payments::models::payment::{Payment, PaymentStatus};

use crate::app::payment_left_behind;
use crate::order::TestOrder;

/// Every status.
const ALL: [PaymentStatus; 9] =
    [Pending, Authorised, Declined, Capturing, Captured, Voiding, Voided, Refunding, Refunded];

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
    Void,
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
    published_refunded: u32,
}

type Key = (PaymentStatus, OrderStatus, Funds, BTreeSet<Operation>, u32, u32);

impl World {
    fn begin() -> Self {
        let order = KnownOrder {
            id: Id::generate(),
            user_id: Id::generate(),
            price: Money::from_cents(1250),
            status: OrderStatus::Created,
        };
        Self {
            payment: Payment::attempt(&order, "tok_visa"),
            order: OrderStatus::Created,
            funds: Funds::Untouched,
            meant: BTreeSet::new(),
            published_created: 0,
            published_refunded: 0,
        }
    }

    fn key(&self) -> Key {
        let published = (self.published_created, self.published_refunded);
        (self.payment.status(), self.order, self.funds, self.meant.clone(), published.0, published.1)
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
        step(&|world| world.payment.follow(&world.order()));
        if self.payment.status() == Pending && self.funds == Funds::Untouched {
            step(&|world| world.funds = Funds::Held);
            step(&|world| world.funds = Funds::Refused);
        }
        // Whoever asked gets the answer, at any time, and so do others who asked under the same key.
        match self.funds {
            Funds::Untouched => {}
            Funds::Refused => step(&|world| world.payment.declined("no")),
            _ => step(&|world| world.published_created += u32::from(world.payment.authorised("pi_1").is_some())),
        }
        for operation in &self.meant {
            step(&|world| world.provider_does(*operation));
        }
        match self.funds {
            Funds::Taken => step(&|world| world.payment.captured()),
            Funds::Released => step(&|world| world.payment.voided()),
            Funds::GivenBack => {
                step(&|world| world.payment.captured());
                step(&|world| world.published_refunded += u32::from(world.payment.refunded().is_some()));
            }
            _ => {}
        }
        next
    }

    fn remember_what_is_meant(&mut self) {
        match self.payment.status() {
            Capturing => self.meant.insert(Operation::Capture),
            Voiding => self.meant.insert(Operation::Void),
            Refunding => self.meant.insert(Operation::Refund),
            _ => false,
        };
    }

    fn provider_does(&mut self, operation: Operation) {
        self.funds = match (operation, self.funds) {
            (Operation::Capture, Funds::Held) => Funds::Taken,
            (Operation::Capture, Funds::Taken | Funds::GivenBack) => self.funds,
            (Operation::Void, Funds::Held) => Funds::Released,
            (Operation::Void, Funds::Released) => self.funds,
            (Operation::Refund, Funds::Taken) => Funds::GivenBack,
            (Operation::Refund, Funds::GivenBack) => self.funds,
            (operation, funds) => panic!("{operation:?} reaches a provider whose funds are {funds:?}"),
        };
    }

    fn check(&self) {
        let key = self.key();
        if self.meant.contains(&Operation::Capture) {
            assert_eq!(self.order, OrderStatus::Complete, "a capture needs a complete order: {key:?}");
            assert!(!self.meant.contains(&Operation::Void), "captured money is never voided: {key:?}");
        }
        if self.meant.contains(&Operation::Void) || self.meant.contains(&Operation::Refund) {
            assert_eq!(self.order, OrderStatus::Cancelled, "money goes back only for a cancelled order: {key:?}");
        }
        if self.funds == Funds::Taken {
            assert_eq!(self.order, OrderStatus::Complete, "money is taken only for a complete order: {key:?}");
        }
        assert!(self.published_created <= 1 && self.published_refunded <= 1, "each event is published once: {key:?}");
    }
}

fn order_with(status: OrderStatus, price: Option<Money>) -> Order {
    Order { id: Id::generate(), user_id: None, price, status, version: 1 }
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
fn whatever_happens_money_is_taken_only_for_a_complete_order_and_never_voided_after() {
    let worlds = all_worlds();
    for world in &worlds {
        world.check();
    }
    let statuses: HashSet<PaymentStatus> = worlds.iter().map(|world| world.payment.status()).collect();
    assert_eq!(statuses, HashSet::from([Pending, Authorised, Declined, Capturing, Captured, Voiding, Voided]));
}

#[test]
fn wherever_it_is_interrupted_the_money_ends_where_the_order_does() {
    for mut world in all_worlds() {
        if world.order == OrderStatus::Created {
            continue;
        }
        // What the sweep does: the three steps, again and again.
        for _ in 0..5 {
            match (world.payment.status(), world.funds) {
                (Pending, Funds::Refused) => world.payment.declined("no"),
                (Pending, _) => {
                    world.funds = Funds::Held;
                    world.payment.authorised("pi_1");
                }
                (Capturing, _) => {
                    world.provider_does(Operation::Capture);
                    world.payment.captured();
                }
                (Voiding, _) => {
                    world.provider_does(Operation::Void);
                    world.payment.voided();
                }
                _ => world.payment.follow(&world.order()),
            }
        }
        let end = (world.order, world.payment.status(), world.funds);
        let is_right = matches!(
            end,
            (OrderStatus::Complete, Captured, Funds::Taken)
                | (OrderStatus::Cancelled, Voided, Funds::Released)
                | (OrderStatus::Cancelled, Declined, Funds::Refused)
        );
        assert!(is_right, "{end:?} from {:?}", world.key());
    }
}

#[test]
fn each_cause_moves_a_payment_from_its_own_state_only_and_raises_the_version_by_one() {
    let complete = order_with(OrderStatus::Complete, None);
    let cancelled = order_with(OrderStatus::Cancelled, None);
    let created = order_with(OrderStatus::Created, None);
    type Cause<'a> = (&'a dyn Fn(&mut Payment), &'a [(PaymentStatus, PaymentStatus)]);
    let causes: [Cause; 8] = [
        (&|payment| drop(payment.authorised("pi_1")), &[(Pending, Authorised)]),
        (&|payment| payment.declined("no"), &[(Pending, Declined)]),
        (&|payment| payment.follow(&complete), &[(Authorised, Capturing)]),
        (&|payment| payment.follow(&cancelled), &[(Authorised, Voiding), (Captured, Refunding)]),
        (&|payment| payment.follow(&created), &[]),
        (&|payment| payment.captured(), &[(Capturing, Captured)]),
        (&|payment| payment.voided(), &[(Voiding, Voided)]),
        (&|payment| drop(payment.refunded()), &[(Refunding, Refunded)]),
    ];
    for (number, (cause, moves)) in causes.iter().enumerate() {
        for before in ALL {
            let mut payment = payment_in(before);
            let version = payment.version();
            cause(&mut payment);
            let expected = moves.iter().find(|(from, _)| *from == before).map_or(before, |(_, to)| *to);
            assert_eq!(payment.status(), expected, "cause {number} from {before:?}");
            let raised = payment.version() - version;
            assert_eq!(raised, i32::from(expected != before), "cause {number} from {before:?}");
        }
    }
}

#[test]
fn an_order_that_is_cancelled_while_its_money_is_taken_has_it_given_back() {
    let mut payment = payment_in(Capturing);
    let cancelled = order_with(OrderStatus::Cancelled, None);
    payment.follow(&cancelled);
    assert_eq!(payment.status(), Capturing, "it may be taken already");
    payment.captured();
    payment.follow(&cancelled);
    assert_eq!(payment.refunded().unwrap().amount, Money::from_cents(1250));
}

#[test]
fn a_document_of_the_node_original_counts_as_captured() {
    let stored = crate::app::payment_of_the_original(&TestOrder::new());
    let mut payment: Payment = deserialize_from_document(stored).unwrap();
    assert_eq!(payment.status(), Captured);
    payment.follow(&order_with(OrderStatus::Cancelled, None));
    assert_eq!(payment.status(), Captured, "nobody knows how much it was");
    payment.follow(&order_with(OrderStatus::Cancelled, Some(Money::from_cents(999))));
    assert_eq!(payment.refunded().unwrap().amount, Money::from_cents(999));
}
