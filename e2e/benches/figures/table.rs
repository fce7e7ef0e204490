//! One table of everything that was measured, in Markdown.

use std::fmt::Write;

use crate::limits::Limit;

/// A row of the table.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// What was measured.
    pub what: String,
    /// What came out.
    pub measured: String,
    /// So many a second, of what has a limit.
    pub rate: Option<f64>,
    /// The limits underneath, before and after.
    pub under: Vec<(Limit, f64, f64)>,
    /// What is wanted.
    pub goal: &'static str,
    /// The same with full stores.
    pub full: Option<f64>,
}

impl Line {
    /// `31 % of an empty handler (62,000/s to 64,000/s)`
    fn shares(&self) -> String {
        let share = |(limit, before, after): &(Limit, f64, f64)| {
            let percent = self.rate.unwrap_or_default() / ((before + after) / 2.0) * 100.0;
            let (least, most) = (grouped(before.min(*after)), grouped(before.max(*after)));
            format!("{percent:.0} % of {} ({least} to {most}/s)", limit.name())
        };
        self.under.iter().map(share).collect::<Vec<_>>().join(", ")
    }
}

/// The rows, with the columns aligned for a terminal.
pub fn markdown(lines: &[Line]) -> String {
    let has_full = lines.iter().any(|line| line.full.is_some());
    let mut rows = vec![["what", "measured", "share of the limit underneath", "goal"].map(str::to_owned).to_vec()];
    if has_full {
        rows[0].push("with full stores".to_owned());
    }
    rows.push(vec!["---".to_owned(); rows[0].len()]);
    for line in lines {
        let mut row = vec![line.what.clone(), line.measured.clone(), line.shares(), line.goal.to_owned()];
        if has_full {
            let ratio =
                |full: f64| format!("{}/s, {:.2} times as fast", grouped(full), full / line.rate.unwrap_or(full));
            row.push(line.full.map(ratio).unwrap_or_default());
        }
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    rows.iter().fold(String::new(), |mut text, row| {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "| {cell:<width$} ");
        }
        text + "|\n"
    })
}

/// `12,345`; one decimal below a hundred.
pub fn grouped(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}
