//! The C inside some of the libraries, which no list of Rust libraries names: what it is and in which version, read from its source.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde_json::json;

use super::{List, reference};
use crate::parts::{Facts, Part};

/// C that comes within a library.
struct Bundled {
    /// The library.
    within: &'static str,
    name: &'static str,
    /// Empty where it is what the library says.
    licence: &'static str,
    /// The file that tells the version, and what stands before it there.
    file: &'static str,
    before: &'static str,
    /// What the version alone does not tell.
    note: &'static str,
}

const ALL: [Bundled; 4] = [
    Bundled {
        within: "libsqlite3-sys",
        name: "SQLite",
        licence: "blessing",
        file: "sqlite3/sqlite3.h",
        before: "#define SQLITE_VERSION",
        note: "",
    },
    Bundled {
        within: "libmimalloc-sys",
        name: "mimalloc",
        licence: "MIT",
        file: "c_src/mimalloc/v3/include/mimalloc.h",
        before: "#define MI_MALLOC_VERSION",
        note: "",
    },
    Bundled {
        within: "aws-lc-sys",
        name: "AWS-LC",
        licence: "",
        file: "aws-lc/include/openssl/base.h",
        before: "#define AWSLC_VERSION_NUMBER_STRING",
        note: "",
    },
    Bundled {
        within: "libwebp-sys",
        name: "libwebp",
        licence: "BSD-3-Clause",
        file: "vendor/configure.ac",
        before: "AC_INIT([libwebp],",
        note: "with the mend of CVE-2023-4863, which 1.3.2 brought (`VP8LHuffmanTablesAllocate`); Pli only writes with it",
    },
];

/// Adds what comes within the libraries that are in the list.
pub(super) fn add(list: &mut List, facts: &BTreeMap<Part, Facts>) -> Result<()> {
    for bundled in &ALL {
        let (part, facts) = facts
            .iter()
            .find(|(part, _)| part.name == bundled.within)
            .with_context(|| format!("no library `{}` (xtask/src/sbom/bundled.rs)", bundled.within))?;
        let path = facts.folder.join(bundled.file);
        let source = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let version = version(&source, bundled.before)
            .with_context(|| format!("no version of {} in {}", bundled.name, path.display()))?;
        let purl = format!("pkg:generic/{}@{version}", bundled.name.to_lowercase());
        let mut properties = vec![
            json!({ "name": "pli:used-in", "value": "server" }),
            json!({ "name": "pli:within", "value": bundled.within }),
        ];
        if !bundled.note.is_empty() {
            properties.push(json!({ "name": "pli:note", "value": bundled.note }));
        }
        let licence = match (bundled.licence, &facts.licence) {
            ("", Some(licence)) => licence.as_str(),
            (licence, _) => licence,
        };
        let component = json!({
            "type": "library", "bom-ref": purl, "name": bundled.name, "version": version, "scope": "required",
            "purl": purl, "licenses": [{ "expression": licence }], "properties": properties,
        });
        list.components.insert(purl.clone(), component);
        list.need(&reference(part), [purl].into_iter());
    }
    Ok(())
}

/// The version in the line that begins so: what is quoted or in brackets there, else the first word. A bare number has two digits
/// for each part but the first.
fn version(source: &str, before: &str) -> Option<String> {
    let rest = source
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(before))?;
    let version = rest
        .split(|c: char| c.is_whitespace() || "\"[],()".contains(c))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    match version.parse::<u32>() {
        Ok(number) => Some(format!(
            "{}.{}.{}",
            number / 10_000,
            number / 100 % 100,
            number % 100
        )),
        Err(_) => Some(version.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_each_source_writes_it() {
        let of = |source, before| version(source, before).unwrap_or_default();

        assert_eq!(of("a\n#define V        \"3.54.1\"\n", "#define V"), "3.54.1");
        assert_eq!(of("#define V 30302   // major\n", "#define V"), "3.3.2");
        assert_eq!(of("AC_INIT([libwebp], [1.3.1],\n", "AC_INIT([libwebp],"), "1.3.1");
        assert_eq!(version("#define V x", "#define V"), None);
    }
}
