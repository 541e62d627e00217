//! The release tells what it is made of: the list of its libraries travels in the program, in the form of cargo-auditable, so that
//! `cargo audit bin` and other scanners can look up a program whose source nobody has at hand.
//!
//! `server/build.rs` puts the list, which is written here, into a section of the program of its own; after the build it is read back.
//!
//! Source: assurance SUP-02; <https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::{Value, json};

use crate::files;
use crate::parts::{self, Facts, Part, Reach};
use crate::workspace::root;

/// The section that scanners look for.
const SECTION: &str = ".dep-v0";

/// Where the server's build looks for the list.
fn path() -> PathBuf {
    root().join("target/embedded/dependencies.zlib")
}

/// Writes the list for the build that follows.
///
/// # Errors
/// Cargo refuses, or the file cannot be written.
pub(crate) fn write() -> Result<()> {
    files::write_if_changed(&path(), &packed(&list()?)?)
}

/// Requires that the program carries the list, whole.
///
/// # Errors
/// It carries none, or another one.
pub(crate) fn require_in(program: &Path) -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("  the list of libraries travels in programs for Linux alone so far");
        return Ok(());
    }
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let found =
        told_by(&bytes).with_context(|| format!("{} does not tell what it is made of", program.display()))?;
    ensure!(
        found == list()?,
        "{} tells of other libraries than those it is made of",
        program.display()
    );
    let n_libraries = found["packages"].as_array().map_or(0, Vec::len);
    println!("  {n_libraries} libraries are named in the program");
    Ok(())
}

/// The libraries of the server; those that only build it are said to.
fn list() -> Result<Value> {
    let runs: BTreeSet<Part> = parts::of_server(Reach::Runs)?.needs.into_keys().collect();
    let tree = parts::of_server(Reach::Builds)?;
    let facts = parts::facts()?;
    let order: Vec<&Part> = tree.needs.keys().collect();
    let place = |part: &Part| {
        order
            .binary_search(&part)
            .ok()
            .context("a part that is not in its tree")
    };
    let mut packages = Vec::new();
    for (part, needs) in &tree.needs {
        let mut package = json!({
            "name": part.name,
            "version": part.version,
            "source": source(facts.get(part)),
        });
        // What is usual is not said: that a library runs, that it needs none, that it is not the whole.
        if !runs.contains(part) {
            package["kind"] = json!("build");
        }
        if !needs.is_empty() {
            let mut places = needs.iter().map(place).collect::<Result<Vec<usize>>>()?;
            places.sort_unstable();
            package["dependencies"] = json!(places);
        }
        if tree.root.as_ref() == Some(part) {
            package["root"] = json!(true);
        }
        packages.push(package);
    }
    // Its first form but one: what only builds is told apart.
    Ok(json!({ "packages": packages, "format": 1 }))
}

/// What has a sum in the lock file is from the registry; `deny.toml` allows no other.
fn source(facts: Option<&Facts>) -> &'static str {
    match facts {
        Some(Facts { sha256: Some(_), .. }) => "crates.io",
        _ => "local",
    }
}

fn packed(list: &Value) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&serde_json::to_vec(list)?)?;
    Ok(encoder.finish()?)
}

/// The list that a program carries, read as a scanner reads it.
fn told_by(program: &[u8]) -> Result<Value> {
    let packed = section(program, SECTION).with_context(|| format!("no section `{SECTION}`"))?;
    let mut text = String::new();
    ZlibDecoder::new(packed).read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

/// A section of a program for Linux, by its name. Pli is built for machines of 64 bits that put the least byte first.
///
/// Source: the ELF-64 object file format, sections "ELF header" and "Sections".
fn section<'p>(program: &'p [u8], name: &str) -> Option<&'p [u8]> {
    if !program.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let number = |at: usize, n_bytes: usize| -> Option<usize> {
        let bytes = program.get(at..at.checked_add(n_bytes)?)?;
        bytes.iter().rev().try_fold(0_usize, |sum, byte| {
            sum.checked_mul(256)?.checked_add(usize::from(*byte))
        })
    };
    let (table, header_bytes) = (number(0x28, 8)?, number(0x3a, 2)?);
    let (n_sections, of_names) = (number(0x3c, 2)?, number(0x3e, 2)?);
    let header = |nth: usize| table.checked_add(nth.checked_mul(header_bytes)?);
    let content = |nth: usize| -> Option<&'p [u8]> {
        let at = header(nth)?;
        let start = number(at.checked_add(0x18)?, 8)?;
        program.get(start..start.checked_add(number(at.checked_add(0x20)?, 8)?)?)
    };
    let names = content(of_names)?;
    let is_called_so = |nth: usize| -> Option<bool> {
        let rest = names.get(number(header(nth)?, 4)?..)?;
        Some(rest.split(|byte| *byte == 0).next()? == name.as_bytes())
    };
    let found = (0..n_sections).find(|nth| is_called_so(*nth) == Some(true))?;
    content(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bones of a program for Linux: a head, the content of one section, the names, and the table of the three.
    fn program_with(name: &str, content: &[u8]) -> Vec<u8> {
        let names = format!("\0{name}\0.shstrtab\0").into_bytes();
        let (start, start_of_names) = (64, 64 + content.len());
        let table = start_of_names + names.len();
        let mut program = vec![0; 64];
        program[..6].copy_from_slice(b"\x7fELF\x02\x01");
        program[0x28..0x30].copy_from_slice(&u64::try_from(table).unwrap().to_le_bytes());
        program[0x3a..0x40].copy_from_slice(&[64, 0, 3, 0, 2, 0]);
        program.extend_from_slice(content);
        program.extend_from_slice(&names);
        let headers = [
            (0, 0, 0),
            (1, start, content.len()),
            (2 + name.len(), start_of_names, names.len()),
        ];
        for (name_at, start, n_bytes) in headers {
            let mut header = [0_u8; 64];
            header[..4].copy_from_slice(&u32::try_from(name_at).unwrap().to_le_bytes());
            header[0x18..0x20].copy_from_slice(&u64::try_from(start).unwrap().to_le_bytes());
            header[0x20..0x28].copy_from_slice(&u64::try_from(n_bytes).unwrap().to_le_bytes());
            program.extend_from_slice(&header);
        }
        program
    }

    /// One root, every number a place in the list, no circle; what builds and what runs told apart.
    #[test]
    fn the_list_for_the_program_is_in_the_form_that_scanners_read() {
        let list = list().unwrap();
        let packages = list["packages"].as_array().unwrap();
        let of = |name: &str| {
            packages
                .iter()
                .find(|package| package["name"] == name)
                .cloned()
                .unwrap_or_default()
        };

        let is_root = |package: &&Value| package["root"] == true;
        assert_eq!(packages.iter().filter(is_root).count(), 1);
        assert_eq!(
            (&of("server")["root"], &of("server")["source"]),
            (&json!(true), &json!("local"))
        );
        assert_eq!(
            (&of("rusqlite")["kind"], &of("rusqlite")["source"]),
            (&Value::Null, &json!("crates.io"))
        );
        assert_eq!(of("leptos_macro")["kind"], "build");
        let places = packages
            .iter()
            .filter_map(|package| package["dependencies"].as_array());
        for place in places.flatten() {
            let place = usize::try_from(place.as_u64().unwrap()).unwrap();
            assert!(place < packages.len());
        }
    }

    #[test]
    fn what_a_program_tells_is_what_was_put_into_it() {
        let list =
            json!({ "packages": [{ "name": "a", "version": "1.0.0", "source": "local", "root": true }] });
        let program = program_with(SECTION, &packed(&list).unwrap());

        assert_eq!(told_by(&program).unwrap(), list);
        // Cut off, or of another name: it tells nothing.
        assert!(told_by(&program[..64]).is_err());
        assert!(told_by(&program_with(".other", &packed(&list).unwrap())).is_err());
        assert!(told_by(b"#!/bin/sh\n").is_err());
    }

    #[test]
    fn a_program_without_the_list_is_noticed() {
        let ours = std::env::current_exe().unwrap();

        assert!(!cfg!(target_os = "linux") || require_in(&ours).is_err());
    }

    #[test]
    fn a_program_with_another_list_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("pli");
        let mut list = list().unwrap();
        let put = |list: &Value| fs::write(&program, program_with(SECTION, &packed(list).unwrap())).unwrap();

        put(&list);
        assert!(require_in(&program).is_ok());
        list["packages"].as_array_mut().unwrap().pop();
        put(&list);
        assert!(!cfg!(target_os = "linux") || require_in(&program).is_err());
    }
}
