use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A ticket is offered.
    Offer,
    /// The landing page.
    Page,
    /// A ticket is looked at.
    Ticket,
    /// It is ordered.
    Order,
    /// The order is paid.
    Pay,
    /// The order is cancelled.
    Cancel,
}

impl Kind {
    /// In the order of a visit.
    pub const ALL: [Self; 6] = [Self::Offer, Self::Page, Self::Ticket, Self::Order, Self::Pay, Self::Cancel];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Offer => "POST /api/tickets",
            Self::Page => "GET /",
            Self::Ticket => "GET /api/tickets/:id",
            Self::Order => "POST /api/orders",
            Self::Pay => "POST /api/payments",
            Self::Cancel => "DELETE /api/orders/:id",
        })
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As wanted.
    Answered,
    /// Refused as the contract foresees, in these words.
    Refused(String),
    /// Any other status, and why; 0 stands for no answer at all.
    Failed(u16, String),
}

/// A request of the load.
#[derive(Clone, Debug)]
pub struct Request {
    /// What was asked for.
    pub kind: Kind,
    /// When.
    pub sent: Instant,
    /// How long until the answer, or the failure.
    pub took: Duration,
    /// What became of it.
    pub outcome: Outcome,
}

impl Request {
    /// Neither answered as wanted nor refused as foreseen.
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(..))
    }
}
