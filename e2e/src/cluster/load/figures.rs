use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::{Outcome, Request};
use crate::cluster::report::{millis, seconds};

/// Requests that ended in the same way, seconds after the beginning from the first that was sent to the last that ended.
#[derive(Debug, PartialEq)]
struct Group {
    count: usize,
    first: f64,
    last: f64,
}

/// What a number of requests add up to.
#[derive(Debug)]
pub struct Figures {
    /// How many there were.
    pub requests: usize,
    /// How many of them failed.
    pub failed: usize,
    /// When the last failure ended, from the beginning on.
    pub failing_until: Option<Duration>,
    /// Visits that did not begin because too many had not ended.
    pub unsent: usize,
    /// Latencies in order.
    took: Vec<Duration>,
    unusual: BTreeMap<String, Group>,
}

impl Figures {
    /// Adds them up.
    pub fn of<'a>(requests: impl Iterator<Item = &'a Request>, from: Instant, unsent: usize) -> Self {
        let (mut took, mut failed, mut failing_until) = (Vec::new(), 0, None);
        let mut unusual: BTreeMap<String, Group> = BTreeMap::new();
        for request in requests {
            took.push(request.took);
            let (begun, ended) = (request.sent - from, request.sent + request.took - from);
            let name = match &request.outcome {
                Outcome::Answered => continue,
                Outcome::Refused(reason) => format!("{} refused ({reason})", request.kind),
                Outcome::Failed(0, reason) => format!("{} no answer ({reason})", request.kind),
                Outcome::Failed(status, reason) => format!("{} {status} ({reason})", request.kind),
            };
            if request.failed() {
                failed += 1;
                failing_until = failing_until.max(Some(ended));
            }
            let group = unusual.entry(name).or_insert(Group { count: 0, first: f64::MAX, last: 0.0 });
            group.count += 1;
            group.first = group.first.min(begun.as_secs_f64());
            group.last = group.last.max(ended.as_secs_f64());
        }
        took.sort_unstable();
        Self { requests: took.len(), failed, failing_until, unsent, took, unusual }
    }

    /// The latency that this share of the requests does not exceed.
    fn quantile(&self, share: f64) -> Duration {
        let rank = (self.took.len() as f64 * share).ceil() as usize;
        self.took.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The columns of [`Figures::row`].
    pub const COLUMNS: [&'static str; 6] = ["requests", "failed", "not sent", "p50", "p99", "max"];

    /// The cells of a table.
    pub fn row(&self) -> [String; 6] {
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| millis(self.quantile(share)));
        [self.requests.to_string(), self.failed.to_string(), self.unsent.to_string(), p50, p99, max]
    }

    /// What clients saw beside what they wanted, a line for each kind of it.
    pub fn unusual(&self) -> Vec<String> {
        let line = |(name, group): (&String, &Group)| {
            format!("{name}: {} times, from {:.1} s to {:.1} s", group.count, group.first, group.last)
        };
        self.unusual.iter().map(line).collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [requests, failed, unsent, p50, p99, max] = self.row();
        write!(
            f,
            "{failed} of {requests} requests failed, {unsent} visits not begun, p50 {p50}, p99 {p99}, max {max}"
        )?;
        self.failing_until.map_or(Ok(()), |until| write!(f, ", the last failure after {}", seconds(until)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::load::Kind;

    fn request(from: Instant, second: u64, outcome: Outcome) -> Request {
        Request {
            kind: Kind::Order,
            sent: from + Duration::from_secs(second),
            took: Duration::from_millis(second),
            outcome,
        }
    }

    #[test]
    fn latencies_are_ranked_and_failures_grouped_with_their_time() {
        let from = Instant::now();
        let mut requests: Vec<_> = (1..=100).map(|second| request(from, second, Outcome::Answered)).collect();
        requests[2].outcome = Outcome::Failed(503, "away".to_owned());
        requests[9].outcome = Outcome::Failed(503, "away".to_owned());
        requests[50].outcome = Outcome::Refused("taken".to_owned());
        let figures = Figures::of(requests.iter(), from, 3);
        assert_eq!(figures.row(), ["100", "2", "3", "50 ms", "99 ms", "100 ms"]);
        assert_eq!(
            figures.unusual(),
            [
                "POST /api/orders 503 (away): 2 times, from 3.0 s to 10.0 s",
                "POST /api/orders refused (taken): 1 times, from 51.0 s to 51.1 s"
            ]
        );
        assert_eq!(figures.failing_until, Some(Duration::from_millis(10_010)));
    }

    #[test]
    fn no_requests_have_no_latency() {
        let figures = Figures::of(std::iter::empty(), Instant::now(), 0);
        assert_eq!(figures.row(), ["0", "0", "0", "0.0 ms", "0.0 ms", "0.0 ms"]);
    }
}
