//! Figures: what was measured, in which unit, against which limit.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Which side of the limit is good.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// A physical or comparing figure: nothing to hold it to.
    None,
    /// Must not be above.
    AtMost(f64),
    /// Must not be below.
    AtLeast(f64),
}

/// One measured value.
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    limit: Limit,
}

/// All figures of a run, in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Report(Vec<Figure>);

impl Report {
    /// Notes a figure, and shows it at once.
    pub(crate) fn add(&mut self, name: impl Into<String>, value: f64, unit: &'static str, limit: Limit) {
        let figure = Figure {
            name: name.into(),
            value,
            unit,
            limit,
        };
        println!("  {}", figure.line());
        self.0.push(figure);
    }

    /// Shows the table.
    pub(crate) fn print(&self) {
        println!("\nall figures");
        for figure in &self.0 {
            println!("  {}", figure.line());
        }
    }

    /// Writes the figures as JSON.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let figures: Vec<Value> = self.0.iter().map(Figure::to_json).collect();
        std::fs::write(path, serde_json::to_string_pretty(&figures)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Figure {
    fn line(&self) -> String {
        let limit = match self.limit {
            Limit::None => String::new(),
            Limit::AtMost(most) => format!("≤ {most:<8} {}", self.verdict()),
            Limit::AtLeast(least) => format!("≥ {least:<8} {}", self.verdict()),
        };
        let decimals = if self.value.abs() >= 100.0 { 0 } else { 3 };
        format!(
            "{:<58} {:>12.decimals$} {:<10} {limit}",
            self.name, self.value, self.unit
        )
        .trim_end()
        .to_owned()
    }

    fn verdict(&self) -> &'static str {
        let is_good = match self.limit {
            Limit::None => true,
            Limit::AtMost(most) => self.value <= most,
            Limit::AtLeast(least) => self.value >= least,
        };
        if is_good { "ok" } else { "MISSED" }
    }

    fn to_json(&self) -> Value {
        let limit = match self.limit {
            Limit::None => Value::Null,
            Limit::AtMost(most) => json!({ "at_most": most }),
            Limit::AtLeast(least) => json!({ "at_least": least }),
        };
        json!({ "name": self.name, "value": self.value, "unit": self.unit, "limit": limit, "verdict": self.verdict() })
    }
}

/// Durations of the same thing, many times.
#[derive(Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// One more.
    pub(crate) fn push(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    /// Those of another series as well.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The value below which this share of the samples lies, in milliseconds.
    pub(crate) fn percentile_ms(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a length is an index"
        )]
        let index = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0
            .get(index)
            .map_or(f64::NAN, |sample| sample.as_secs_f64() * 1e3)
    }
}
