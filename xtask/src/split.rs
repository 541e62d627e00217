//! Takes the chunks out of the front end's module: a module for each set of chunks that shares code, a hundred small ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::Options;

use crate::front::{LINK_SCRIPT, MAIN_MODULE, SCRIPT};

/// What the splitter made.
pub(crate) struct Split {
    /// The modules of each chunk, each once and in a fixed order: the same code gives the same files.
    pub(crate) chunks: BTreeMap<String, BTreeSet<String>>,
    /// What all modules take from the main one, as a list of names in JavaScript.
    pub(crate) shared: String,
    /// In a debug build the mark of one compilation, as properties in JavaScript; else nothing.
    pub(crate) canary: String,
}

/// Writes the main module and the others into `parts`, each as `NAME.wasm`.
///
/// # Errors
/// The splitter refuses the module, or writes another script than the one this was made for.
pub(crate) fn split(module: &[u8], parts: &Path) -> Result<Split> {
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
    let link_script = fs::read_to_string(parts.join(LINK_SCRIPT))?;
    Ok(Split {
        chunks: split
            .prefetch_map
            .iter()
            .map(|(chunk, modules)| (chunk.clone(), modules.iter().cloned().collect()))
            .collect(),
        shared: shared_names(&link_script)?,
        canary: canary(&link_script)?,
    })
}

/// What the splitter's own script takes from the main module for the others.
fn shared_names(script: &str) -> Result<String> {
    let names = script
        .split_once("const { ")
        .and_then(|(_, rest)| rest.split_once("} = initSync("))
        .map(|(names, _)| names.trim().trim_end_matches(',').to_owned());
    names.context("the splitter writes another script than it did")
}

/// What the splitter's own script gives the others besides.
fn canary(script: &str) -> Result<String> {
    let canary = script
        .split_once("sharedImports = { __wasm_split: {")
        .and_then(|(_, rest)| rest.split_once("} };"))
        .map(|(canary, _)| canary.trim().to_owned());
    canary.context("the splitter writes another script than it did")
}
