//! Every fault of the provider at every call of it, with a crash before and after every store write, and both ends of the order.
//!
//! Store writes and calls of the provider alternate, so that a crash around a call is a crash between two writes. The crash is a
//! task that is dropped; another process goes on with what is stored. Money is captured if and only if the order is complete,
//! at most one hold is ever taken, none stays, and every attempt is decided.

use std::sync::Arc;
use std::time::Duration;

use common::events::{Event, PaymentCreated};
use common::id::Id;
use common::timestamp::Timestamp;
use futures::future::{BoxFuture, pending};
use futures::{FutureExt, StreamExt, stream};
use payments::models::payment::PaymentStatus;
use payments::provider::{Attempt, Confirmation, Intent, IntentState, Listed, Provider, ProviderError, Refund};
use tokio::sync::Notify;

use crate::idle::{Idle, SharedStores, cancelled, completed};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, Operation, StripeDouble};

const OPERATIONS: [Operation; 5] =
    [Operation::Create, Operation::Confirm, Operation::Capture, Operation::Cancel, Operation::Refund];

const FAULTS: [Option<Fault>; 8] = [
    None,
    Some(Fault::NoAnswer),
    Some(Fault::Broken),
    Some(Fault::Conflict),
    Some(Fault::Declined),
    // Slow, within the time limit and beyond it.
    Some(Fault::Late(Duration::from_millis(60))),
    Some(Fault::DoneLate(Duration::from_millis(700))),
    Some(Fault::DoneButUnanswered),
];

const CRASHES: [Option<Crash>; 3] = [None, Some(Crash::Before), Some(Crash::After)];

/// How long a call of the provider may take here.
const LIMIT: (&str, &str) = ("stripe-timeout-ms", "500");

/// When the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crash {
    /// After the write before the call.
    Before,
    /// Before the write after the call.
    After,
}

/// How the order ends, when it is not paid for and complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// By `payment.created`.
    Complete,
    /// The same, and then an operator gives the money back.
    GivenBack,
    /// By its buyer.
    Cancelled,
    /// By its deadline, unless it was paid.
    Expired,
}

/// One cell of the table.
#[derive(Clone, Copy, Debug)]
struct Case {
    operation: Operation,
    fault: Option<Fault>,
    crash: Option<Crash>,
    end: End,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for operation in OPERATIONS {
        let ends = match operation {
            Operation::Capture => vec![End::Complete],
            Operation::Cancel => vec![End::Cancelled],
            Operation::Refund => vec![End::Cancelled, End::GivenBack],
            _ => vec![End::Complete, End::Cancelled, End::Expired],
        };
        for end in ends {
            for fault in FAULTS {
                cases.extend(CRASHES.map(|crash| Case { operation, fault, crash, end }));
            }
        }
    }
    cases
}

/// The process dies at a call of the provider: whatever awaits the answer never gets it.
struct Dying {
    provider: Arc<dyn Provider>,
    operation: Operation,
    crash: Option<Crash>,
    dead: Arc<Notify>,
}

impl Dying {
    fn guard<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        call: BoxFuture<'a, Result<T, ProviderError>>,
    ) -> BoxFuture<'a, Result<T, ProviderError>> {
        async move {
            let crash = self.crash.filter(|_| operation == self.operation);
            if crash == Some(Crash::Before) {
                return self.die().await;
            }
            let answer = call.await;
            if crash == Some(Crash::After) {
                return self.die().await;
            }
            answer
        }
        .boxed()
    }

    async fn die<T>(&self) -> T {
        self.dead.notify_one();
        pending().await
    }
}

impl Provider for Dying {
    fn create<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Intent, ProviderError>> {
        self.guard(Operation::Create, self.provider.create(attempt))
    }

    fn confirm<'a>(&'a self, intent: &'a str, token: &'a str) -> BoxFuture<'a, Result<Confirmation, ProviderError>> {
        self.guard(Operation::Confirm, self.provider.confirm(intent, token))
    }

    fn look<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.provider.look(intent)
    }

    fn cancel<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.guard(Operation::Cancel, self.provider.cancel(intent))
    }

    fn capture<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.guard(Operation::Capture, self.provider.capture(intent))
    }

    fn refund<'a>(&'a self, stripe_id: &'a str) -> BoxFuture<'a, Result<Refund, ProviderError>> {
        self.guard(Operation::Refund, self.provider.refund(stripe_id))
    }

    fn intents<'a>(&'a self, since: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, ProviderError>> {
        self.provider.intents(since)
    }
}

/// One order, one provider, a process that may die, and one that goes on.
struct Run<'a> {
    stores: &'a SharedStores,
    case: Case,
    stripe: StripeDouble,
    dying: Idle,
    dead: Arc<Notify>,
    heir: Idle,
    order: TestOrder,
}

impl<'a> Run<'a> {
    async fn new(stores: &'a SharedStores, case: Case) -> Self {
        let stripe = StripeDouble::start().await;
        let flags = [&stripe.flags()[..], &[LIMIT]].concat();
        let heir = stores.idle(&flags).await;
        let dead = Arc::new(Notify::new());
        let dying = stores.idle_with(&flags, |provider| {
            Arc::new(Dying { provider, operation: case.operation, crash: case.crash, dead: dead.clone() })
        });
        let dying = dying.await;
        let order = heir.order().await;
        Self { stores, case, stripe, dying, dead, heir, order }
    }

    /// Everything up to the fault happens in the process that dies, everything after it in the other one.
    async fn run(mut self) {
        self.until_the_fault().await;
        self.end_the_order().await;
        self.settle_all().await;
        self.check().await;
    }

    async fn until_the_fault(&mut self) {
        let Case { operation, fault, .. } = self.case;
        let (order, dead, heir) = (self.order.clone(), self.dead.clone(), &mut self.heir);
        match operation {
            Operation::Capture | Operation::Cancel | Operation::Refund => {
                let calm = self.stores.idle(&self.stripe.flags()).await;
                calm.pay(&order, "tok_visa").await.unwrap();
            }
            _ => {}
        }
        if operation == Operation::Refund {
            heir.payments.apply(completed(&order)).await.unwrap();
            heir.work().await;
        }
        if let Some(fault) = fault {
            self.stripe.fail_next(operation, fault, 1);
        }
        let dying = &mut self.dying;
        let life = async {
            match operation {
                Operation::Capture => dying.payments.apply(completed(&order)).await.unwrap(),
                Operation::Refund if self.case.end == End::GivenBack => {
                    drop(dying.payments.give_back(order.id, Id::generate()).await);
                }
                Operation::Cancel | Operation::Refund => dying.payments.apply(cancelled(&order, 2)).await.unwrap(),
                _ => drop(dying.pay(&order, "tok_visa").await),
            }
            dying.work().await;
        };
        tokio::select! {
            () = life => {}
            () = dead.notified() => {}
        }
    }

    /// The buyer tries again until the order is paid, or it ends otherwise. Only `payment.created` completes an order.
    async fn end_the_order(&mut self) {
        if self.case.operation == Operation::Cancel || self.case.operation == Operation::Refund {
            return;
        }
        match self.case.end {
            End::GivenBack => {}
            End::Complete => {
                for _ in 0..3 {
                    if self.heir.pay(&self.order, "pm_card_mastercard").await.is_ok() {
                        break;
                    }
                    self.heir.work().await;
                    self.heir.sweep(&self.order).await;
                }
            }
            End::Cancelled => self.heir.payments.apply(cancelled(&self.order, 1)).await.unwrap(),
            End::Expired => self.heir.payments.expire(self.order.id).await.unwrap(),
        }
        self.heir.work().await;
        self.heir.sweep(&self.order).await;
    }

    /// What the sweep and the other services do, until there is nothing more to do.
    async fn settle_all(&mut self) {
        for _ in 0..10 {
            self.heir.sweep(&self.order).await;
            self.heir.work().await;
            let statuses = self.heir.statuses(&self.order).await;
            let has = |status: &str| statuses.iter().any(|stored| stored == status);
            if has("failed") {
                self.heir.payments.apply(cancelled(&self.order, 3)).await.unwrap();
            } else if has("authorised") {
                let state = common::mongo::Aggregate::state(&self.paid().await).unwrap().unwrap();
                assert_eq!(state.subject, PaymentCreated::SUBJECT);
                self.heir.payments.apply(completed(&self.order)).await.unwrap();
            } else if self.case.end == End::Expired {
                self.heir.payments.expire(self.order.id).await.unwrap();
            }
        }
    }

    async fn paid(&self) -> payments::models::payment::Payment {
        payments::models::payments::slot(&self.heir.payments.store, self.order.id).await.unwrap().unwrap()
    }

    async fn check(&self) {
        let case = self.case;
        let statuses = self.heir.statuses(&self.order).await;
        for status in PaymentStatus::UNSETTLED {
            let is_known = status == PaymentStatus::Failed;
            let undecided = statuses.iter().any(|stored| stored == status.as_str() && !is_known);
            assert!(!undecided, "{case:?} leaves {statuses:?}");
        }
        let is_complete = self.heir.payments.orders.find(self.order.id).await.unwrap().unwrap().status
            == common::api::OrderStatus::Complete;
        let captured = statuses.iter().filter(|status| *status == "captured").count();
        let keeps = is_complete && case.end != End::GivenBack;
        assert_eq!(captured, usize::from(keeps), "{case:?} ends with {statuses:?}");
        if case.end == End::GivenBack {
            assert!(is_complete && statuses == ["refunded"], "{case:?} ends with {statuses:?}");
        }
        let intents = self.stripe.intents();
        let taken = intents.iter().filter(|(status, _)| status == "succeeded").count();
        let refunded = self.stripe.refunds().iter().filter(|status| *status == "succeeded").count();
        assert_eq!(taken - refunded, captured, "{case:?} ends with {intents:?}");
        assert_eq!(self.stripe.holds(), 0, "{case:?} ends with {intents:?}");
        // An intent that nobody confirms any more holds nothing, and never will.
        let confirmed = self.stripe.calls_of(Operation::Confirm);
        for (number, (status, _)) in intents.iter().enumerate() {
            let was_confirmed = confirmed.iter().any(|call| call.path.contains(&format!("pi_{}/", number + 1)));
            let is_over = matches!(status.as_str(), "succeeded" | "canceled");
            // Declined, and nobody has its client secret.
            let was_declined = matches!(case.fault, Some(Fault::Declined)) && status == "requires_payment_method";
            assert!(is_over || !was_confirmed || was_declined, "{case:?} ends with {intents:?}");
        }
        if case.end == End::Complete && case.operation != Operation::Capture {
            assert!(is_complete, "{case:?}: a buyer who tries again pays, but there is {statuses:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_provider_does_and_whenever_a_process_dies_money_is_taken_if_and_only_if_the_order_is_complete() {
    let stores = &SharedStores::new().await;
    stream::iter(cases()).for_each_concurrent(16, |case| async move { Run::new(stores, case).await.run().await }).await;
}
