use common::events::{Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentCreated};

use super::*;

const TICKET: &str = "65a1b2c3d4e5f60718293a4d";
const ORDER: &str = "65a1b2c3d4e5f60718293a4b";
const OTHER: &str = "65a1b2c3d4e5f60718293a4c";

/// One ticket, sold to one order, and all that must be known of it.
fn sold() -> Books {
    let told = |subject, orders: &[&str]| (subject, orders.iter().map(|order| ((*order).to_owned(), 1)).collect());
    Books {
        since: Since::BEGINNING,
        orders: BTreeMap::from([(ORDER.to_owned(), Order::new("complete", TICKET))]),
        tickets: BTreeMap::from([(TICKET.to_owned(), Ticket { order: Some(ORDER.to_owned()), version: 2 })]),
        payments: vec![Payment { order: ORDER.to_owned(), status: "captured".to_owned() }],
        running_out: HashSet::new(),
        counts: Vec::new(),
        waiting: 0,
        heard_tickets: HashMap::from([(TICKET.to_owned(), 2)]),
        heard_orders: HashMap::from([(ORDER.to_owned(), "complete".to_owned())]),
        told: BTreeMap::from([
            told(OrderCreated::SUBJECT, &[ORDER]),
            told(OrderCancelled::SUBJECT, &[]),
            told(OrderCompleted::SUBJECT, &[ORDER]),
            told(PaymentCreated::SUBJECT, &[ORDER]),
        ]),
        parked: Vec::new(),
    }
}

fn assert_only_problem(books: &Books, expected: &str) {
    assert_eq!(books.problems(), [expected]);
}

#[test]
fn a_sale_is_settled_and_right() {
    assert_eq!(sold().unsettled(&Log::default()), None);
    assert_eq!(sold().problems(), Vec::<String>::new());
}

#[test]
fn what_somebody_has_not_heard_is_not_settled() {
    let mut books = sold();
    books.tickets.get_mut(TICKET).unwrap().order = None;
    books.heard_tickets.insert(TICKET.to_owned(), 1);
    books.heard_orders.clear();
    books.payments[0].status = "capturing".to_owned();
    books.waiting = 3;
    let open = books.unsettled(&Log::default()).unwrap();
    assert_eq!(
        open,
        "1 payments are under way, 1 tickets have not heard who holds them, 1 tickets are not in orders as they are, \
         1 orders are not in payments as they are, 3 documents have an event waiting in their outbox"
    );
}

#[test]
fn a_ticket_that_is_sold_twice_is_a_problem() {
    let mut books = sold();
    books.orders.insert(OTHER.to_owned(), Order::new("created", TICKET));
    books.told.get_mut(OrderCreated::SUBJECT).unwrap().insert(OTHER.to_owned(), 1);
    assert_only_problem(&books, &format!("ticket {TICKET} is sold twice, the second time to order {OTHER}"));
}

#[test]
fn money_that_moved_without_its_order_or_twice_is_a_problem() {
    let captured = |order: &str| Payment { order: order.to_owned(), status: "captured".to_owned() };
    let mut books = sold();
    books.payments.push(captured(OTHER));
    assert_only_problem(&books, &format!("order {OTHER} is charged, and lost"));
    books.payments[1] = captured(ORDER);
    assert_only_problem(&books, &format!("order {ORDER} is charged twice"));
    books.payments.clear();
    assert_only_problem(&books, &format!("order {ORDER} is complete, and no money was taken"));
}

#[test]
fn an_event_that_is_lost_doubled_or_untrue_is_a_problem() {
    let mut books = sold();
    books.told.get_mut(OrderCompleted::SUBJECT).unwrap().insert(ORDER.to_owned(), 2);
    assert_only_problem(&books, &format!("order.completed of order {ORDER} was told 2 times"));
    books.told.get_mut(OrderCompleted::SUBJECT).unwrap().clear();
    assert_only_problem(&books, &format!("order.completed of order {ORDER} is lost"));
    let mut books = sold();
    books.told.get_mut(OrderCancelled::SUBJECT).unwrap().insert(ORDER.to_owned(), 1);
    assert_only_problem(&books, &format!("order.cancelled was told of order {ORDER}, whose document says no"));
}

#[test]
fn an_order_whose_time_runs_out_meanwhile_is_passed_over_with_all_that_belongs_to_it() {
    let mut books = sold();
    let now = Timestamp::now();
    books.orders.insert(OTHER.to_owned(), Order::new("created", TICKET));
    books.orders.values_mut().for_each(|order| order.expires_at = now);
    books.pass_over_what_runs_out(now);
    assert!(books.orders.is_empty() && books.tickets.is_empty() && books.payments.is_empty());
    assert_eq!(books.problems(), Vec::<String>::new());
    assert_eq!(books.running_out.len(), 2);
}
