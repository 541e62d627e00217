//! Short names for what the main module takes from its script: the binder's hold a hash each, and are written twice.

use std::fmt::Write;

use anyhow::{Result, ensure};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ImportSection, Module, RawSection};
use wasmparser::{Parser, Payload};

/// The module that the binder's script gives.
const GIVEN: &str = "./app_bg.js";

/// The module and its script, with short names in both.
///
/// # Errors
/// It is no module, or its script is another than the binder writes.
pub(crate) fn shorten(module: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let mut script = script.to_owned();
    let mut written = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ImportSection(section) = payload {
            let mut imports = ImportSection::new();
            for (at, import) in section.into_imports().enumerate() {
                let import = import?;
                let mut name = import.name.to_owned();
                if import.module == GIVEN {
                    name = format!("i{at}");
                    script = with_key(&script, import.name, &name)?;
                }
                imports.import(import.module, &name, RoundtripReencoder.entity_type(import.ty)?);
            }
            written.section(&imports);
        } else if let Some((id, range)) = payload.as_section() {
            let data = &module[usize::try_from(range.start)?..usize::try_from(range.end)?];
            written.section(&RawSection { id, data });
        }
    }
    Ok((written.finish(), script))
}

/// The script with another key in its object of functions; a key stands at the start of a line.
fn with_key(script: &str, from: &str, to: &str) -> Result<String> {
    let key = format!("\n        {from}: ");
    let mut parts = script.split(&key);
    let mut written = parts.next().unwrap_or_default().to_owned();
    let mut n_found = 0;
    for part in parts {
        n_found += 1;
        write!(written, "\n        {to}: {part}")?;
    }
    ensure!(n_found == 1, "the binder's script gives {from} {n_found} times");
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::with_key;

    #[test]
    fn a_key_is_renamed_where_it_is_a_key() {
        let script = "{\n        now_a1: function() { return now_a1: 1; },\n        then: 2 }";

        let renamed = with_key(script, "now_a1", "i7").expect("a key");

        assert_eq!(
            renamed,
            "{\n        i7: function() { return now_a1: 1; },\n        then: 2 }"
        );
        assert!(with_key(script, "never", "i8").is_err());
    }
}
