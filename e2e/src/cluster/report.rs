//! What is printed: progress, tables, verdicts.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// What came of a step.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The figure that sums it up.
    pub headline: String,
    /// What must not be. Empty when all is well.
    pub failures: Vec<String>,
}

impl Verdict {
    /// All is well, unless something is added.
    pub fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), failures: Vec::new() }
    }

    /// The same with more that must not be.
    pub fn with(mut self, failures: impl IntoIterator<Item = String>) -> Self {
        self.failures.extend(failures);
        self
    }
}

/// A line of progress, with the seconds since the first one.
pub fn say(text: &str) {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    println!("[{:>6.1}] {text}", BEGAN.elapsed().as_secs_f32());
}

/// Rows under a heading: the first column to the left, a last one that is named `what` likewise, the others to the right.
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// A table with these columns.
    pub fn new(columns: &[&str]) -> Self {
        Self(vec![columns.iter().map(|column| (*column).to_owned()).collect()])
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.push(cells.into_iter().collect());
    }

    /// Prints it.
    pub fn print(&self) {
        let heading = &self.0[0];
        let width = |column: usize| self.0.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..heading.len()).map(width).collect();
        for row in &self.0 {
            let cells = row.iter().zip(&widths).zip(heading).enumerate().map(|(column, ((cell, width), name))| {
                if column == 0 || name == "what" { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            println!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
    }
}

/// `0.8 ms`, `1250 ms`
pub fn millis(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1000.0;
    if millis < 10.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
}

/// `3.2 s`
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
