//! Takes payments further beside the requests: at once what is handed over, and in time what was left behind.
//!
//! The document is the truth. What is handed over in memory is only the fast way: when it is lost, because the process died or
//! the queue is full, or when the provider did not confirm, the sweep finds the payment by the time it is due.

use std::time::Duration;

use common::id::Id;
use common::mongo::Aggregate;
use common::telemetry::TraceParent;
use futures::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models::payment::{Payment, PaymentStatus};
use crate::state::Payments;

/// How often payments are searched for that stand for too long.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// Payments handed over and not yet looked at. Beyond that the sweep takes over.
const QUEUE: usize = 1024;

/// Payments that one process takes further at the same time, each of the two ways.
const AT_ONCE: usize = 16;

/// A payment, and the trace under which it is taken further.
type Handed = (Id, TraceParent);

/// The way from whoever stored an intent to whoever asks the provider. Cheap to clone.
#[derive(Clone)]
pub struct Handover(mpsc::Sender<Handed>);

impl Handover {
    /// Hands a payment over if there is something to ask of the provider, without waiting.
    pub fn hand(&self, payment: &Payment) {
        use PaymentStatus::{Capturing, Refunding, Voiding};
        if matches!(payment.status(), Capturing | Voiding | Refunding) {
            let _ = self.0.try_send((payment.id(), TraceParent::current()));
        }
    }
}

/// Both ends of the way.
pub fn handover() -> (Handover, mpsc::Receiver<Handed>) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Handover(sender), receiver)
}

/// Takes payments further until `stop`, then finishes those it has begun.
pub async fn run(payments: Payments, handed: mpsc::Receiver<Handed>, stop: CancellationToken) {
    tokio::join!(take_handed(&payments, handed, &stop), take_overdue(&payments, &stop));
}

async fn take_handed(payments: &Payments, handed: mpsc::Receiver<Handed>, stop: &CancellationToken) {
    let next = |mut handed: mpsc::Receiver<Handed>| async { handed.recv().await.map(|payment| (payment, handed)) };
    stream::unfold(handed, next)
        .take_until(stop.cancelled())
        .for_each_concurrent(AT_ONCE, |(id, trace)| trace.scope(advance(payments, id)))
        .await;
}

async fn take_overdue(payments: &Payments, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        stream::unfold((), async |()| next_overdue(payments).await.map(|payment| (payment, ())))
            .take_until(stop.cancelled())
            .for_each_concurrent(AT_ONCE, |id| advance(payments, id))
            .await;
        let _ = stop.run_until_cancelled(sleep(SWEEP_EVERY)).await;
    }
}

async fn next_overdue(payments: &Payments) -> Option<Id> {
    match payments.store.next_overdue().await {
        Ok(payment) => payment.map(|payment| payment.id()),
        Err(error) => {
            tracing::warn!(%error, "payments not searched");
            None
        }
    }
}

async fn advance(payments: &Payments, id: Id) {
    if let Err(stuck) = payments.advance(id).await {
        tracing::warn!(payment = %id, %stuck, "payment stands, the sweep comes back to it");
    }
}
