//! The tests of the sources, and the lines of assurance that each of them names.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;

use anyhow::{Context, Result};

use super::lines::LINES;
use crate::files::files_below;
use crate::workspace::root;

/// A test, and the ids it names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Test {
    /// Its file, from the repository's root.
    pub(super) path: String,
    /// The function's name, or the title in a browser.
    pub(super) name: String,
    /// The ids, as the lines write them: `AUTH-02`.
    pub(super) ids: BTreeSet<String>,
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.path, self.name)
    }
}

/// Every test of `app`, `server`, `xtask` and `e2e`, by file and then as they stand there.
///
/// # Errors
/// A file cannot be read.
pub(super) fn read_all() -> Result<Vec<Test>> {
    let mut tests = Vec::new();
    let mut paths = files_below(&root().join("app"))?;
    for folder in ["server", "xtask"] {
        paths.extend(files_below(&root().join(folder))?);
    }
    // What lies deeper there is not ours.
    for entry in fs::read_dir(root().join("e2e")).context("cannot list `e2e`")? {
        paths.insert(entry?.path());
    }
    for path in paths {
        let name = path.strip_prefix(root())?.to_string_lossy().into_owned();
        if path.extension().is_some_and(|end| end == "rs") || name.ends_with(".spec.ts") {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
            tests.extend(of_file(&name, &text));
        }
    }
    Ok(tests)
}

/// The tests of one file.
pub(super) fn of_file(path: &str, text: &str) -> Vec<Test> {
    let named = if path.ends_with(".spec.ts") {
        in_browser(text)
    } else {
        in_rust(text, path.contains("/tests/"))
    };
    named
        .into_iter()
        .map(|(name, ids)| Test {
            path: path.to_owned(),
            name,
            ids,
        })
        .collect()
}

/// Lines such as `test('AUTH-11: …', async`; `fresh` is a test on a new installation, `provided` on one with a provider.
fn in_browser(text: &str) -> Vec<(String, BTreeSet<String>)> {
    let titles = text.lines().filter_map(|line| {
        let line = line.trim_start();
        let rest = line
            .strip_prefix("test(")
            .or_else(|| line.strip_prefix("fresh("))
            .or_else(|| line.strip_prefix("provided("))?;
        let quote = rest.chars().next().filter(|quote| "'\"`".contains(*quote))?;
        let (title, _) = rest[1..].split_once(quote)?;
        Some((title.to_owned(), ids_in(title)))
    });
    titles.collect()
}

/// Functions under a `test` attribute; the ids in the head of a file of tests count for each of them.
fn in_rust(text: &str, is_file_of_tests: bool) -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    let (mut of_head, mut of_comment) = (BTreeSet::new(), BTreeSet::new());
    let (mut is_test, mut is_in_attribute) = (false, false);
    for line in text.lines().map(str::trim) {
        if is_in_attribute || line.starts_with("#[") {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
            is_in_attribute = !line.ends_with(']');
        } else if let Some(words) = line.strip_prefix("//!") {
            if is_file_of_tests {
                of_head.extend(ids_in(words));
            }
        } else if let Some(words) = line.strip_prefix("///") {
            of_comment.extend(ids_in(words));
        } else if !line.is_empty() && !line.starts_with("//") {
            let mut ids = std::mem::take(&mut of_comment);
            if let Some(name) = function(line).filter(|_| is_test) {
                ids.extend(of_head.iter().cloned());
                ids.extend(id_of_name(name));
                found.push((name.to_owned(), ids));
            }
            is_test = false;
        }
    }
    found
}

fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

/// The ids in a text: a family that has lines, a hyphen, a number.
pub(super) fn ids_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words
        .filter(|word| {
            word.split_once('-').is_some_and(|(family, number)| {
                !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()) && is_family(family)
            })
        })
        .map(str::to_owned)
        .collect()
}

/// The id that a name begins with: `auth_02_…`, `rel17_…`.
fn id_of_name(name: &str) -> Option<String> {
    let n_letters = name.bytes().take_while(u8::is_ascii_lowercase).count();
    let (family, rest) = name.split_at(n_letters);
    let (number, _) = rest.strip_prefix('_').unwrap_or(rest).split_once('_')?;
    let family = family.to_ascii_uppercase();
    let is_one = number.len() == 2 && number.bytes().all(|c| c.is_ascii_digit()) && is_family(&family);
    is_one.then(|| format!("{family}-{number}"))
}

fn is_family(word: &str) -> bool {
    let mut families = LINES.iter().filter_map(|line| line.id.split_once('-'));
    families.any(|(family, _)| family == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(path: &str, text: &str) -> Vec<(String, Vec<String>)> {
        let tests = of_file(path, text).into_iter();
        tests
            .map(|test| (test.name, test.ids.into_iter().collect()))
            .collect()
    }

    fn named(name: &str, ids: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), ids.iter().map(|&id| id.to_owned()).collect())
    }

    #[test]
    fn a_name_may_begin_with_an_id() {
        let text = "#[tokio::test(start_paused = true)]\nasync fn rel17_stops() {}\n\n#[test]\nfn auth_02_two() {}\n\
                    #[test]\nfn a15_a_phone_number() {}\n#[test]\nfn relays_17_messages() {}\nfn auth_03_no_test() {}\n";

        assert_eq!(
            ids("server/src/a.rs", text),
            [
                named("rel17_stops", &["REL-17"]),
                named("auth_02_two", &["AUTH-02"]),
                named("a15_a_phone_number", &[]),
                named("relays_17_messages", &[])
            ]
        );
    }

    #[test]
    fn a_comment_may_name_two() {
        let text = "/// AUTH-11, REL-11: a clock.\n#[test]\n#[expect(\n    dead_code,\n    reason = \"r\"\n)]\nfn clocks() {}\n\n\
                    /// UTF-16 and A5 are no lines.\n#[test]\nfn others(life in any_life()) {}\n";

        assert_eq!(
            ids("app/src/a.rs", text),
            [named("clocks", &["AUTH-11", "REL-11"]), named("others", &[])]
        );
    }

    #[test]
    fn a_comment_belongs_to_what_stands_under_it() {
        let text = "/// AUTH-01.\nconst A: u8 = 1;\n#[test]\nfn plain() {}\n";

        assert_eq!(ids("server/src/a.rs", text), [named("plain", &[])]);
    }

    #[test]
    fn the_head_of_a_file_counts_for_its_tests_and_for_those_alone() {
        let text = "//! REL-16: older pages.\n\n#[test]\nfn plain() {}\n";

        assert_eq!(
            ids("server/tests/recorded/main.rs", text),
            [named("plain", &["REL-16"])]
        );
        assert_eq!(ids("server/src/recorded.rs", text), [named("plain", &[])]);
    }

    #[test]
    fn a_title_may_name_several() {
        let text = "test('AUTH-06 WEB-08: a key', async () => {\n  fresh(`plain (${how})`, async () => {\ntest.slow();\n";

        assert_eq!(
            ids("e2e/a.spec.ts", text),
            [
                named("AUTH-06 WEB-08: a key", &["AUTH-06", "WEB-08"]),
                named("plain (${how})", &[])
            ]
        );
    }
}
