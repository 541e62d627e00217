//! The two style sheets, made of those in `style/` in their order, without comments and needless space: the first is what
//! every page wears; the second, what the pages of people's daily work do without, comes with the others (`chunks.js`).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The order of the cascade: values, elements, pieces, then one sheet per feature.
const FIRST: [&str; 7] = [
    "tokens",
    "base",
    "ui",
    "home",
    "contacts",
    "conversations",
    "demo",
];

/// What comes after them, on the pages that wear it.
const SECOND: [&str; 7] = [
    "accounts",
    "actions",
    "guide",
    "search",
    "attachments",
    "reports",
    "editor",
];

/// The chunks whose pages wear the first sheet alone.
pub(crate) const FIRST_ALONE: [&str; 3] = ["home", "network", "conversation"];

/// The two sheets.
pub(crate) struct Sheets {
    /// Every page wears it.
    pub(crate) first: String,
    /// All pages wear it but those of [`FIRST_ALONE`].
    pub(crate) second: String,
}

/// Joins the sheets of a folder.
///
/// # Errors
/// A sheet cannot be read, or one in the folder is not in the order.
pub(crate) fn join(folder: &Path) -> Result<Sheets> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_known = name
            .strip_suffix(".css")
            .is_none_or(|sheet| FIRST.contains(&sheet) || SECOND.contains(&sheet));
        ensure!(
            is_known,
            "`style/{name}` has no place in the order: add it to `FIRST` or `SECOND` in xtask/src/css.rs"
        );
    }
    Ok(Sheets {
        first: join_these(folder, &FIRST)?,
        second: join_these(folder, &SECOND)?,
    })
}

fn join_these(folder: &Path, sheets: &[&str]) -> Result<String> {
    let mut joined = String::new();
    for sheet in sheets {
        let path = folder.join(sheet).with_extension("css");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        joined.push_str(&shortened(&text));
    }
    Ok(joined)
}

/// Drops comments and needless space; strings are left alone. Rewrites nothing else: brotli finds the rest.
fn shortened(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut quote = None;
    while let Some(next) = rest.next() {
        if let Some(open) = quote {
            short.push(next);
            if next == '\\' {
                short.extend(rest.next());
            } else if next == open {
                quote = None;
            }
        } else if next == '/' && rest.peek() == Some(&'*') {
            rest.next();
            let mut last = ' ';
            for inside in rest.by_ref() {
                if last == '*' && inside == '/' {
                    break;
                }
                last = inside;
            }
            // A comment separates like a space.
            push_space(&mut short, ' ');
        } else if next.is_whitespace() {
            push_space(&mut short, next);
        } else {
            if next == '"' || next == '\'' {
                quote = Some(next);
            }
            short.push(next);
        }
    }
    short
}

/// Adds one space or line end, the line end winning, and none after another or at the start.
fn push_space(short: &mut String, space: char) {
    match short.chars().next_back() {
        Some(' ') if space == '\n' => {
            short.pop();
            short.push('\n');
        }
        None | Some('\n' | ' ' | '{' | ';') => {}
        Some(_) => short.push(if space == '\n' { '\n' } else { ' ' }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_leading_space_go() {
        let short =
            shortened("/* a sheet */\n.a  b {\n  color: red; /* why */\n\n  margin: 0 auto;\n}\n.c { }\n");

        assert_eq!(short, ".a b {color: red;margin: 0 auto;}\n.c {}\n");
    }

    #[test]
    fn strings_are_left_alone() {
        let short = shortened(r#".a::before { content: "/*  «  */ \"  ;  "; }"#);

        assert_eq!(short, r#".a::before {content: "/*  «  */ \"  ;  ";}"#);
    }

    #[test]
    fn a_comment_still_separates() {
        assert_eq!(shortened("a/**/b{}"), "a b{}");
    }
}
