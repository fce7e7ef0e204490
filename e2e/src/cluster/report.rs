//! What is printed: progress, tables, verdicts.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// What came of a step.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The figure that sums it up.
    pub headline: String,
    /// What is not as it must be. Empty when all is well.
    pub problems: Vec<String>,
}

impl Verdict {
    /// All is well, unless there are problems.
    pub fn new(headline: impl Into<String>, problems: impl IntoIterator<Item = String>) -> Self {
        Self { headline: headline.into(), problems: problems.into_iter().collect() }
    }
}

/// A line of progress, with the seconds since the first one.
pub fn say(text: &str) {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    println!("[{:>6.1}] {text}", BEGAN.elapsed().as_secs_f32());
}

/// Prints rows under a heading: the first column to the left, a last one that is named `what` likewise, others to the right.
pub fn print_table(rows: &[Vec<String>]) {
    let Some(heading) = rows.first() else { return };
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            if column == 0 || heading[column] == "what" { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        println!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// A row of a table.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    cells.into_iter().map(str::to_owned).collect()
}

/// `3.2 s`
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
