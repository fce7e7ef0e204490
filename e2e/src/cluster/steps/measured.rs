use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::cluster::load::Figures;
use crate::cluster::platform::Platform;
use crate::cluster::report::{Verdict, print_table, row, say};
use crate::cluster::usage::Usage;

const AT_REST: Duration = Duration::from_secs(30);

/// Connections and caches are not measured.
const WARM_UP: Duration = Duration::from_secs(5);

pub async fn at_rest() -> Result<Verdict> {
    let first = Usage::read().await?;
    say(&format!("measuring for {} s", AT_REST.as_secs()));
    sleep(AT_REST).await;
    Ok(Verdict::new(Usage::read().await?.print_since(&first), []))
}

pub async fn under_load(platform: &Platform) -> Result<Verdict> {
    let load = platform.load(platform.arguments.rate).await?;
    sleep(WARM_UP).await;
    let first = Usage::read().await?;
    sleep(Duration::from_secs(platform.arguments.seconds)).await;
    Usage::read().await?.print_since(&first);
    let record = load.stop().await?;
    let all = record.all();
    let mut table = vec![row(["request"].into_iter().chain(Figures::COLUMNS))];
    for (kind, figures) in record.by_kind() {
        table.push([kind.to_owned()].into_iter().chain(figures.row()).collect());
    }
    table.push(["all".to_owned()].into_iter().chain(all.row()).collect());
    print_table(&table);
    all.unusual().iter().for_each(|line| println!("  {line}"));
    let failed = (all.failed > 0).then(|| format!("{} requests failed", all.failed));
    let violations = platform.violations(Some(&record.acknowledged)).await?;
    Ok(Verdict::new(all.to_string(), failed.into_iter().chain(violations)))
}
