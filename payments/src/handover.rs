//! The way from the task that stored an intent to the task that asks the provider.

use common::id::Id;
use common::mongo::Aggregate;
use opentelemetry::Context;
use tokio::sync::mpsc;

use crate::models::payment::{Payment, PaymentStatus};

/// What is handed over and not yet done. Beyond that the sweep takes over.
const QUEUE: usize = 1024;

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    /// Settle this payment.
    Settle(Id),
    /// End the undecided attempt of this order, and take its slot.
    Close(Id),
}

/// A task, and the span of the request or event that it belongs to.
pub type Handed = (Task, Context);

/// The writing end. Cheap to clone.
#[derive(Clone)]
pub struct Handover(mpsc::Sender<Handed>);

impl Handover {
    /// The writing end, and the end that the sweep reads.
    pub fn new() -> (Self, mpsc::Receiver<Handed>) {
        let (sender, handed) = mpsc::channel(QUEUE);
        (Self(sender), handed)
    }

    /// Hands over a payment with an intent, without waiting.
    pub fn hand(&self, payment: &Payment) {
        use PaymentStatus::{Capturing, Ending, Refunding, Voiding};
        if matches!(payment.status(), Ending | Capturing | Voiding | Refunding) {
            self.send(Task::Settle(payment.id()));
        }
    }

    /// Hands over an order whose attempt is to be ended, without waiting. When it is lost, its event comes again.
    pub fn close(&self, order_id: Id) {
        self.send(Task::Close(order_id));
    }

    fn send(&self, task: Task) {
        let _ = self.0.try_send((task, Context::current()));
    }
}
