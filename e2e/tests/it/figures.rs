use std::time::Duration;

use e2e::cluster::load::{Figures, Request};
use tokio::time::Instant;

#[test]
fn latencies_are_ranked_and_failures_counted_with_their_time() {
    let from = Instant::now();
    let request = |second: u64| {
        let unusual = match second {
            3 | 10 => Some("503 (no)"),
            51 => Some("400 (taken)"),
            _ => None,
        };
        let (sent, took) = (from + Duration::from_secs(second), Duration::from_millis(second));
        Request {
            what: "POST /api/orders",
            sent,
            took,
            unusual: unusual.map(str::to_owned),
            failed: second == 3 || second == 10,
        }
    };
    let requests: Vec<Request> = (1..=100).map(request).collect();
    let figures = Figures::of(requests.iter(), from);
    assert_eq!(figures.row(), ["100", "2", "50.0 ms", "99.0 ms", "100.0 ms"]);
    assert_eq!(figures.unusual(), ["POST /api/orders 400 (taken): 1 times", "POST /api/orders 503 (no): 2 times"]);
    assert_eq!(figures.failing_until, Some(Duration::from_millis(10_010)));
}
