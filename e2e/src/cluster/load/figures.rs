use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::Request;
use crate::cluster::report::seconds;

/// What a number of requests add up to.
#[derive(Debug, Default)]
pub struct Figures {
    /// How many of them failed.
    pub failed: usize,
    /// When the last failure ended, from the beginning on.
    pub failing_until: Option<Duration>,
    /// How often clients saw something other than what they wanted, by what it was.
    unusual: BTreeMap<String, usize>,
    /// Latencies in order.
    took: Vec<Duration>,
}

impl Figures {
    /// Adds them up.
    pub fn of<'a>(requests: impl Iterator<Item = &'a Request>, from: Instant) -> Self {
        let mut figures = Self::default();
        for request in requests {
            figures.took.push(request.took);
            if let Some(unusual) = &request.unusual {
                *figures.unusual.entry(format!("{} {unusual}", request.what)).or_default() += 1;
            }
            if request.failed {
                figures.failed += 1;
                figures.failing_until = figures.failing_until.max(Some(request.sent + request.took - from));
            }
        }
        figures.took.sort_unstable();
        figures
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.took.len()
    }

    /// The latency that this share of the requests does not exceed.
    fn quantile(&self, share: f64) -> Duration {
        let rank = (self.took.len() as f64 * share).ceil() as usize;
        self.took.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The columns of [`Figures::row`].
    pub const COLUMNS: [&'static str; 5] = ["requests", "failed", "p50", "p99", "max"];

    /// The cells of a table.
    pub fn row(&self) -> [String; 5] {
        let [p50, p99, max] =
            [0.5, 0.99, 1.0].map(|share| format!("{:.1} ms", self.quantile(share).as_secs_f64() * 1000.0));
        [self.requests().to_string(), self.failed.to_string(), p50, p99, max]
    }

    /// What clients saw beside what they wanted, a line for each kind of it.
    pub fn unusual(&self) -> Vec<String> {
        self.unusual.iter().map(|(what, count)| format!("{what}: {count} times")).collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [requests, failed, p50, p99, max] = self.row();
        write!(f, "{failed} of {requests} requests failed, p50 {p50}, p99 {p99}, max {max}")?;
        self.failing_until.map_or(Ok(()), |until| write!(f, ", the last failure after {}", seconds(until)))
    }
}
