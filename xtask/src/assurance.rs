//! The table of assurances in `docs/assurance.md`: what is promised, and which tests show it, read from the tests.
//!
//! A test shows a line when its name begins with the line's id (`auth_02_…`, `rel17_…`), or when the comment above it, the head
//! of its file or, in a browser, its title names the id. `lines` says what the lines are, `sources` reads the tests,
//! `citations` sees to it that what the documents cite is there.

mod citations;
mod lines;
mod sources;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::files;
use crate::workspace::root;
use lines::{LINES, Line};
use sources::{Test, ids_in};

const PATH: &str = "docs/assurance.md";

/// The documents that cite tests.
const CITING: [&str; 4] = [PATH, "docs/asvs.md", "docs/limits.md", "docs/threat-model.md"];

/// Where figures are kept: how the table calls the document, and its file.
const FIGURES: [(&str, &str); 2] = [("proofs", "proofs.md"), ("performance", "performance.md")];

/// Writes the table.
///
/// # Errors
/// A test names a line that there is not, a file cannot be read or written, or a document cites what is not there.
pub(crate) fn write() -> Result<()> {
    let tests = sources::read_all()?;
    files::write_if_changed(&root().join(PATH), document(&tests)?.as_bytes())?;
    println!("  {PATH}: {}", count(&tests));
    citations::check(&tests, &CITING)
}

/// Requires that the table is what the tests say, and that the documents cite only what there is.
///
/// # Errors
/// Which command mends the table; the tests that name unknown lines; the citations that lead nowhere.
pub(crate) fn check() -> Result<()> {
    let tests = sources::read_all()?;
    let held = fs::read_to_string(root().join(PATH)).unwrap_or_default();
    ensure!(
        held == document(&tests)?,
        "`{PATH}` is not what the tests say: run `cargo xtask assurance`"
    );
    citations::check(&tests, &CITING)
}

fn document(tests: &[Test]) -> Result<String> {
    let unknown = unknown_ids(tests, &LINES);
    if !unknown.is_empty() {
        bail!(
            "lines that are not in `xtask/src/assurance/lines.rs` are named by\n{}",
            unknown.join("\n")
        );
    }
    let mut figures = Vec::new();
    for (name, file) in FIGURES {
        let path = root().join("docs").join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        figures.push((format!("[{name}]({file})"), ids_in(&text)));
    }
    Ok(format!(
        "# Assurance\n\n\
         What Pli promises, and the tests that show it. `cargo xtask assurance` writes this page from the tests.\n\
         A line is shown when a test names it; how far it is shown, the tests say, and where a figure belongs to it, the page \
         of the figure.\n\n{}.\n\n{}",
        count(tests),
        table(&LINES, tests, &figures)
    ))
}

fn count(tests: &[Test]) -> String {
    let n_shown = LINES.iter().filter(|line| is_shown(line, tests)).count();
    format!(
        "{} lines: {n_shown} shown, {} open",
        LINES.len(),
        LINES.len() - n_shown
    )
}

fn is_shown(line: &Line, tests: &[Test]) -> bool {
    !line.step.is_empty() || tests.iter().any(|test| test.ids.contains(line.id))
}

/// The rows; `figures` are links to documents and the ids that each of them has a figure for.
fn table(lines: &[Line], tests: &[Test], figures: &[(String, BTreeSet<String>)]) -> String {
    let mut table = String::from("| line | promised | shown by | last figure |\n|---|---|---|---|\n");
    for line in lines {
        let names: Vec<String> = tests
            .iter()
            .filter(|test| test.ids.contains(line.id))
            .map(|test| format!("`{}`", test.to_string().replace('|', "\\|")))
            .collect();
        let documents: Vec<&str> = figures
            .iter()
            .filter(|(_, ids)| ids.contains(line.id))
            .map(|(link, _)| link.as_str())
            .collect();
        let names = if line.step.is_empty() {
            names
        } else {
            [vec![line.step.to_owned()], names].concat()
        };
        let shown = match (names.is_empty(), line.missing) {
            (false, _) => names.join("<br>"),
            (true, "") => "open".to_owned(),
            (true, missing) => format!("open: {missing}"),
        };
        let figure = match (documents.is_empty(), names.is_empty()) {
            (false, _) => documents.join(", "),
            (true, false) => "each test run".to_owned(),
            (true, true) => "–".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {} | {} | {shown} | {figure} |", line.id, line.promise);
    }
    table
}

/// Which test names which line that there is not.
fn unknown_ids(tests: &[Test], lines: &[Line]) -> Vec<String> {
    let mut unknown = Vec::new();
    for test in tests {
        for id in &test.ids {
            if !lines.iter().any(|line| line.id == id) {
                unknown.push(format!("{test}: {id}"));
            }
        }
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_of(path: &str, text: &str) -> Vec<Test> {
        sources::of_file(path, text)
    }

    #[test]
    fn an_id_that_no_line_has_is_found() {
        let tests = test_of("server/src/a.rs", "#[test]\nfn auth_99_planted() {\n}\n");

        assert_eq!(
            unknown_ids(&tests, &LINES),
            ["server/src/a.rs::auth_99_planted: AUTH-99"]
        );
    }

    #[test]
    fn every_line_is_there_once_and_says_something() {
        let ids: BTreeSet<&str> = LINES.iter().map(|line| line.id).collect();

        assert_eq!(ids.len(), LINES.len());
        assert!(LINES.iter().all(|line| !line.promise.is_empty()
            && !format!("{}{}", line.promise, line.missing).contains(['|', '\n'])));
    }

    #[test]
    fn a_row_says_what_shows_it_and_where_its_figure_is() {
        let lines = [
            Line::shown("REL-01", "kept"),
            Line::open("AUTH-08", "checked", "not built"),
        ];
        let tests = test_of("server/tests/k.rs", "#[test]\nfn rel01_kept() {}\n");
        let figures = [("[proofs](proofs.md)".to_owned(), ids_in("kills (REL-01)"))];

        let table = table(&lines, &tests, &figures);

        assert!(
            table.contains("| REL-01 | kept | `server/tests/k.rs::rel01_kept` | [proofs](proofs.md) |\n")
        );
        assert!(table.contains("| AUTH-08 | checked | open: not built | – |\n"));
    }
}
