//! The way from the task that stored an intent to the task that asks the provider.

use common::id::Id;
use common::mongo::Aggregate;
use common::telemetry::TraceParent;
use tokio::sync::mpsc;

use crate::models::payment::{Payment, PaymentStatus};

/// Payments that are handed over and not yet settled. Beyond that the sweep takes over.
const QUEUE: usize = 1024;

/// A payment, and the trace of the request or event that stored its intent.
pub type Handed = (Id, TraceParent);

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
        use PaymentStatus::{Capturing, Refunding, Voiding};
        if matches!(payment.status(), Capturing | Voiding | Refunding) {
            let _ = self.0.try_send((payment.id(), TraceParent::current()));
        }
    }
}
