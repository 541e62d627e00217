//! What the documents cite between backticks, `path` or `path::test`, is there.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::sources::Test;
use crate::workspace::root;

/// Folders of the repository that documents speak of.
const FOLDERS: [&str; 8] = [
    "app", "docs", "e2e", "public", "server", "style", "xtask", ".github",
];

/// How the names of files end that documents speak of.
const ENDS: [&str; 9] = [
    ".css", ".js", ".json", ".lock", ".md", ".rs", ".sql", ".toml", ".ts",
];

/// Requires that whatever these documents cite is there.
///
/// # Errors
/// The citations that lead nowhere, or a document that cannot be read.
pub(super) fn check(tests: &[Test], documents: &[&str]) -> Result<()> {
    let mut lost = Vec::new();
    for document in documents {
        let text =
            fs::read_to_string(root().join(document)).with_context(|| format!("cannot read `{document}`"))?;
        let there = |path: &str| root().join(path).exists();
        lost.extend(
            lost_in(&text, tests, there)
                .into_iter()
                .map(|cited| format!("{document}: `{cited}`")),
        );
    }
    ensure!(
        lost.is_empty(),
        "documents cite what is not there:\n{}",
        lost.join("\n")
    );
    Ok(())
}

/// The citations of a text that lead nowhere.
fn lost_in<'a>(text: &'a str, tests: &[Test], there: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted
        .filter(|cited| {
            let (path, name) = match cited.split_once("::") {
                Some((path, name)) => (path, Some(name)),
                None => (*cited, None),
            };
            is_path(path)
                && match name {
                    None => !there(path),
                    Some(name) => !tests.iter().any(|test| test.path == path && test.name == name),
                }
        })
        .collect()
}

/// Whether a text names a file or folder of ours: not an address, not a type of content, not a bare name of a type.
fn is_path(text: &str) -> bool {
    let is_word = !text.contains(char::is_whitespace) && !text.contains('*') && !text.starts_with('/');
    let is_below = text
        .split_once('/')
        .is_some_and(|(folder, _)| FOLDERS.contains(&folder));
    is_word && (is_below || ENDS.iter().any(|end| text.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::super::sources;
    use super::*;

    #[test]
    fn what_is_not_there_is_found_and_what_is_no_path_is_left_alone() {
        let tests = sources::of_file("server/tests/a.rs", "#[test]\nfn kept() {}\n");
        let text = "`server/tests/a.rs`, `server/tests/a.rs::kept`, `server/tests/a.rs::lost`, `gone.md`,\n\
                    `docs/gone`, `path::name`, `application/json`, `/livez`, `//another.example/?lang=fr`, `Writer`";

        assert_eq!(
            lost_in(text, &tests, |path| path == "server/tests/a.rs"),
            ["server/tests/a.rs::lost", "gone.md", "docs/gone"]
        );
    }
}
