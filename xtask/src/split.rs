//! Takes the chunks out of the front end's module.
//!
//! The splitter makes a module for each set of chunks that shares code, a hundred small files. A chunk's modules go into
//! one file: compressed together they weigh a third less than one by one, and come in one answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::Options;

use crate::front::{CHUNK_ENDING, LINK_SCRIPT, MAIN_MODULE, SCRIPT};
use crate::prune::strip;
use crate::workspace::Variant;

/// The script around the chunks; `__CHUNKS__`, `__SHARED__` and `__CANARY__` are filled in.
const TEMPLATE: &str = include_str!("chunks.js");

/// Writes the main module into `parts`, the chunks and the script that loads them into `folder`.
///
/// # Errors
/// The splitter refuses the module, or writes another script than the one this was made for.
pub(crate) fn split(variant: Variant, module: &[u8], parts: &Path, folder: &Path) -> Result<()> {
    let main = parts.join(MAIN_MODULE);
    let script = format!("./{SCRIPT}");
    let link_script = format!("./{LINK_SCRIPT}");
    let mut options = Options::new(module);
    options.output_dir = parts;
    options.main_out_path = &main;
    options.main_module = &script;
    options.link_name = &link_script;
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("the module cannot be split: {error:#}"))?;

    let mut sizes: BTreeMap<&String, Vec<(&String, usize)>> = BTreeMap::new();
    for (chunk, names) in &split.prefetch_map {
        let mut whole = Vec::new();
        // Each once, in a fixed order: the same code gives the same file.
        for name in names.iter().collect::<BTreeSet<_>>() {
            let path = parts.join(format!("{name}.wasm"));
            let mut part = fs::read(&path).with_context(|| format!("no {}", path.display()))?;
            if variant == Variant::Release {
                part = strip(&part)?;
            }
            sizes.entry(chunk).or_default().push((name, part.len()));
            whole.extend_from_slice(&part);
        }
        fs::write(folder.join(format!("{chunk}{CHUNK_ENDING}")), whole)?;
    }
    let link_script = fs::read_to_string(parts.join(LINK_SCRIPT))?;
    let mut script = TEMPLATE
        .replace("__CHUNKS__", &serde_json::to_string(&sizes)?)
        .replace("__SHARED__", &shared_names(&link_script)?)
        .replace("__CANARY__", &canary(&link_script)?);
    script.extend(
        sizes
            .keys()
            .map(|chunk| format!("export const __wasm_split_load_{chunk} = loader(\"{chunk}\");\n")),
    );
    fs::write(folder.join(LINK_SCRIPT), script)?;
    Ok(())
}

/// What the splitter's own script takes from the main module for the others.
fn shared_names(script: &str) -> Result<String> {
    let names = script
        .split_once("const { ")
        .and_then(|(_, rest)| rest.split_once("} = initSync("))
        .map(|(names, _)| names.trim().trim_end_matches(',').to_owned());
    names.context("the splitter writes another script than it did")
}

/// What the splitter's own script gives the others besides: in a debug build, the mark of one compilation; else nothing.
fn canary(script: &str) -> Result<String> {
    let canary = script
        .split_once("sharedImports = { __wasm_split: {")
        .and_then(|(_, rest)| rest.split_once("} };"))
        .map(|(canary, _)| canary.trim().to_owned());
    canary.context("the splitter writes another script than it did")
}
