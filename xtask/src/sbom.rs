//! The list of all parts, in the form of CycloneDX 1.6: what runs in the server, what in the browser, the C inside some of the
//! libraries, what they were built with, and what they were tested with.
//!
//! The same tree gives the same file, byte for byte: no date, and a number made of the content.
//!
//! Source: assurance SUP-02; <https://cyclonedx.org/docs/1.6/json/>.

mod bundled;
mod check;
mod node;

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::files;
use crate::parts::{self, Facts, Part, Reach, Tree};
use crate::workspace::{step, target};

/// The reference of the whole.
const WHOLE: &str = "pli";

/// Writes the list, and says where.
///
/// # Errors
/// Cargo or a file says what is not understood, or the list lacks something.
pub(crate) fn write() -> Result<()> {
    let list = step("list of all parts", document)?;
    let path = target().join("sbom/pli.cdx.json");
    let text = serde_json::to_string_pretty(&list)?;
    files::write_if_changed(&path, text.as_bytes())?;
    println!(
        "  {}: {} parts, SHA-256 {}",
        path.display(),
        list["components"].as_array().map_or(0, Vec::len),
        files::sha256(text.as_bytes())
    );
    Ok(())
}

fn document() -> Result<Value> {
    let facts = parts::facts()?;
    let halves = [
        ("server", parts::of_server(Reach::Runs)?),
        ("browser", parts::of_browser(Reach::Runs)?),
        ("build", parts::of_server(Reach::Builds)?),
        ("build", parts::of_browser(Reach::Builds)?),
    ];
    let mut list = List::default();
    for (use_of, tree) in &halves {
        list.add(use_of, tree, &facts)?;
    }
    bundled::add(&mut list, &facts)?;
    node::add(&mut list)?;
    let version = facts
        .keys()
        .find(|part| part.name == "server")
        .map(|part| part.version.clone())
        .context("no package `server`")?;
    let list = list.into_document(&version);
    let problems = check::problems(&list);
    ensure!(problems.is_empty(), "the list of parts:\n{}", problems.join("\n"));
    Ok(list)
}

/// The list while it is made, by reference.
#[derive(Debug, Default)]
struct List {
    components: BTreeMap<String, Value>,
    needs: BTreeMap<String, Vec<String>>,
}

impl List {
    /// Adds the libraries of a half; one that is there already keeps its first use, and is said to have this one too.
    fn add(&mut self, use_of: &str, tree: &Tree, facts: &BTreeMap<Part, Facts>) -> Result<()> {
        for (part, needs) in &tree.needs {
            let reference = reference(part);
            if let Some(there) = self.components.get_mut(&reference) {
                note_use(there, use_of);
            } else {
                let facts = facts
                    .get(part)
                    .with_context(|| format!("nothing is known of {} {}", part.name, part.version))?;
                self.components
                    .insert(reference.clone(), library(part, facts, use_of));
            }
            self.need(&reference, needs.iter().map(self::reference));
        }
        if let Some(whole) = &tree.root {
            self.need(WHOLE, [self::reference(whole)].into_iter());
        }
        Ok(())
    }

    /// Says that one needs others.
    fn need(&mut self, one: &str, others: impl Iterator<Item = String>) {
        let needs = self.needs.entry(one.to_owned()).or_default();
        needs.extend(others);
        needs.sort();
        needs.dedup();
    }

    fn into_document(self, version: &str) -> Value {
        let components: Vec<Value> = self.components.into_values().collect();
        let dependencies: Vec<Value> = self
            .needs
            .into_iter()
            .map(|(one, others)| json!({ "ref": one, "dependsOn": others }))
            .collect();
        let content = json!([components, dependencies]).to_string();
        json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": format!("urn:uuid:{}", uuid(&files::sha256(content.as_bytes()))),
            "version": 1,
            "metadata": {
                "component": { "type": "application", "bom-ref": WHOLE, "name": "pli", "version": version },
                "tools": { "components": [{ "type": "application", "name": "cargo xtask sbom", "version": version }] },
            },
            "components": components,
            "dependencies": dependencies,
        })
    }
}

fn library(part: &Part, facts: &Facts, use_of: &str) -> Value {
    let Part { name, version } = part;
    let mut library = json!({
        "type": "library",
        "bom-ref": reference(part),
        "name": name,
        "version": version,
        "scope": if use_of == "build" { "excluded" } else { "required" },
        "properties": [],
    });
    note_use(&mut library, use_of);
    // What has no sum is our own, and in no registry.
    if let Some(sum) = &facts.sha256 {
        // A plus is one of the signs that an address cannot hold as it is.
        let version = version.replace('+', "%2B");
        library["purl"] = json!(format!("pkg:cargo/{name}@{version}"));
        library["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    if let Some(licence) = &facts.licence {
        library["licenses"] = json!([{ "expression": licence }]);
    }
    library
}

/// Notes what a part is used in: `server`, `browser`, `build`, `tests`.
fn note_use(component: &mut Value, use_of: &str) {
    let note = json!({ "name": "pli:used-in", "value": use_of });
    if let Some(properties) = component["properties"].as_array_mut()
        && !properties.contains(&note)
    {
        properties.push(note);
    }
}

fn reference(part: &Part) -> String {
    format!("cargo:{}@{}", part.name, part.version)
}

/// A number of the form of a UUID (version 8: made of something of one's own), from hexadecimal digits.
fn uuid(digits: &str) -> String {
    format!(
        "{}-{}-8{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..32]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The real one, of this very tree.
    #[test]
    fn every_library_of_both_halves_is_in_the_list() {
        let list = document().unwrap();
        let components = list["components"].as_array().unwrap();
        let used_in = |name: &str, use_of: &str| {
            components.iter().any(|component| {
                component["name"] == name
                    && component["properties"]
                        .to_string()
                        .contains(&format!("\"{use_of}\""))
            })
        };

        for part in parts::of_server(Reach::Runs).unwrap().needs.keys() {
            assert!(used_in(&part.name, "server"), "{part:?}");
        }
        for part in parts::of_browser(Reach::Runs).unwrap().needs.keys() {
            assert!(used_in(&part.name, "browser"), "{part:?}");
        }
        assert!(
            used_in("SQLite", "server")
                && used_in("leptos_macro", "build")
                && used_in("@playwright/test", "tests")
        );
        assert!(!used_in("rusqlite", "browser"));
    }

    #[test]
    fn the_same_tree_gives_the_same_list() {
        assert_eq!(document().unwrap().to_string(), document().unwrap().to_string());
    }

    #[test]
    fn a_number_made_of_the_content_has_the_form_of_a_uuid() {
        assert_eq!(
            uuid("00112233445566778899aabbccddeeff0011"),
            "00112233-4455-8677-8899-aabbccddeeff"
        );
    }
}
