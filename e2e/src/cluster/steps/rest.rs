use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::cluster::report::{Verdict, say};
use crate::cluster::usage::{self, Reading};

const MEASURED: Duration = Duration::from_secs(30);

pub async fn run() -> Result<Verdict> {
    let first = Reading::take().await?;
    say(&format!("measuring for {} s", MEASURED.as_secs()));
    sleep(MEASURED).await;
    Ok(Verdict::new(usage::print(&first, &first.next().await?)))
}
