use std::time::Instant;

use tokio::sync::Mutex;

/// Where the pages of the sitemap begin, as they were read last, and when that was.
#[derive(Default)]
pub struct Beginnings(pub(super) Mutex<Option<(Instant, Vec<String>)>>);
