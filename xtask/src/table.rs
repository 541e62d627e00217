//! The table of figures in `docs/performance.md`, written by the benchmarks themselves.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::root;

/// Between these lines the document belongs to the benchmarks.
const BEGIN: &str = "<!-- figures: begin -->";
const END: &str = "<!-- figures: end -->";

/// Puts the figures of a run into the document.
///
/// # Errors
/// The document cannot be read or written, or has lost its marks.
pub(crate) fn write(all: &Value) -> Result<()> {
    let path = root().join("docs/performance.md");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let changed =
        with_table(&text, &table(all)).context("docs/performance.md has lost the marks of its table")?;
    fs::write(&path, changed).with_context(|| format!("cannot write {}", path.display()))?;
    println!("  {}", path.display());
    Ok(())
}

/// The document with another table between the marks.
fn with_table(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

fn table(all: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let machine = &all["machine"];
    let mut table = format!(
        "Machine: {}, {} cores, {} of memory.\n\n| what | figure | limit | |\n|---|---|---|---|\n",
        text(&machine["processor"]),
        machine["cores"],
        text(&machine["memory"]),
    );
    for figure in all["server"].as_array().into_iter().flatten() {
        let value = figure["value"].as_f64().unwrap_or(f64::NAN);
        let limit = match (
            figure["limit"]["at_most"].as_f64(),
            figure["limit"]["at_least"].as_f64(),
        ) {
            (Some(most), _) => format!("≤ {}", shown(most)),
            (_, Some(least)) => format!("≥ {}", shown(least)),
            _ => String::new(),
        };
        let verdict = if limit.is_empty() {
            String::new()
        } else {
            text(&figure["verdict"])
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| {} | {} {} | {limit} | {verdict} |",
            text(&figure["name"]),
            shown(value),
            text(&figure["unit"]),
        );
    }
    for kind in ["lighthouse", "slow", "guard"] {
        for (page, figures) in all["browser"][kind].as_object().into_iter().flatten() {
            for (name, value) in figures.as_object().into_iter().flatten() {
                let value = value.as_f64().unwrap_or(f64::NAN);
                let _ = writeln!(table, "| {kind}, {page}: {name} | {} | | |", shown(value));
            }
        }
    }
    table
}

/// Three digits that count.
fn shown(value: f64) -> String {
    let decimals = match value.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_takes_the_place_of_the_last_one() {
        let text = format!("# Figures\n{BEGIN}\nold\n{END}\nmore\n");

        let changed = with_table(&text, "| new |\n");

        assert_eq!(
            changed,
            Some(format!("# Figures\n{BEGIN}\n| new |\n{END}\nmore\n"))
        );
        assert_eq!(with_table("no marks", ""), None);
    }

    #[test]
    fn a_figure_stands_beside_its_limit() {
        let all = json!({
            "machine": { "processor": "P", "cores": 2, "memory": "24 GB" },
            "server": [{ "name": "n", "value": 0.731, "unit": "ms", "limit": { "at_most": 2.0 }, "verdict": "ok" }],
            "browser": {},
        });

        let table = table(&all);

        assert!(table.contains("| n | 0.731 ms | ≤ 2.000 | ok |"), "{table}");
    }
}
