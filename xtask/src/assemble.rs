//! Puts the modules of the front end into the files that travel: one for each chunk, because compressed together they
//! weigh a third less than one by one, and come in one answer; and one for what each chunk needs only later.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::front::{CHUNK_ENDING, LINK_SCRIPT, MAIN_MODULE, REST_ENDING, SCRIPT};
use crate::names::strip;
use crate::part::{Parted, part};
use crate::profile::{Late, note_calls};
use crate::shorten::shorten;
use crate::split::Split;

/// The script around the chunks; `__CHUNKS__`, `__RESTS__`, `__SHARED__` and `__CANARY__` are filled in.
const TEMPLATE: &str = include_str!("chunks.js");

/// The main module's name among the others.
pub(crate) const MAIN: &str = "app";

/// What is made of each module.
pub(crate) enum Form {
    /// As it is, with the names of its functions: for the debugger.
    Whole,
    /// In two parts, without names.
    Parted(Late),
    /// As it is, but each function notes that it ran.
    Noting,
}

impl Form {
    fn apply(&self, name: &str, module: Vec<u8>) -> Result<Parted> {
        let whole = |first| Parted { first, rest: None };
        Ok(match self {
            Form::Whole => whole(module),
            Form::Noting => whole(note_calls(&module, name)?),
            Form::Parted(late) => {
                let parted = part(&module, |function| late.includes(function))
                    .with_context(|| format!("the module {name} cannot be parted"))?;
                Parted {
                    first: strip(&parted.first)?,
                    rest: parted.rest,
                }
            }
        })
    }
}

/// A file of modules, one after the other: their names and sizes in bytes, and the file.
#[derive(Default)]
struct Pack {
    modules: Vec<(String, usize)>,
    bytes: Vec<u8>,
}

impl Pack {
    fn add(&mut self, name: &str, module: &[u8]) {
        self.modules.push((name.to_owned(), module.len()));
        self.bytes.extend_from_slice(module);
    }
}

/// Writes the files into `folder`, where the binder has put its script and the main module; the others are in `parts`.
///
/// # Errors
/// A file is missing, or a module is none that can be parted.
pub(crate) fn assemble(form: &Form, split: &Split, parts: &Path, folder: &Path) -> Result<()> {
    let mut firsts: BTreeMap<&str, Pack> = BTreeMap::new();
    let mut rests: BTreeMap<&str, Pack> = BTreeMap::new();
    let main_path = folder.join(MAIN_MODULE);
    let main = form.apply(MAIN, read(&main_path)?)?;
    write_main(form, main.first, folder)?;
    if let Some(rest) = main.rest {
        rests.entry(MAIN).or_default().add(MAIN, &rest);
    }
    let mut known: BTreeMap<&str, Parted> = BTreeMap::new();
    for (chunk, modules) in &split.chunks {
        for name in modules {
            if !known.contains_key(name.as_str()) {
                let module = read(&parts.join(format!("{name}.wasm")))?;
                known.insert(name, form.apply(name, module)?);
            }
            let parted = &known[name.as_str()];
            firsts.entry(chunk).or_default().add(name, &parted.first);
            if let Some(rest) = &parted.rest {
                rests.entry(chunk).or_default().add(name, rest);
            }
        }
    }
    let script = link_script(split, &firsts, &rests)?;
    fs::write(folder.join(LINK_SCRIPT), script)?;
    for (packs, ending) in [(firsts, CHUNK_ENDING), (rests, REST_ENDING)] {
        for (chunk, pack) in packs {
            fs::write(folder.join(format!("{chunk}{ending}")), pack.bytes)?;
        }
    }
    Ok(())
}

fn link_script(split: &Split, firsts: &BTreeMap<&str, Pack>, rests: &BTreeMap<&str, Pack>) -> Result<String> {
    let sizes = |packs: &BTreeMap<&str, Pack>| {
        let sizes: BTreeMap<_, _> = packs
            .iter()
            .map(|(chunk, pack)| (*chunk, &pack.modules))
            .collect();
        serde_json::to_string(&sizes)
    };
    let mut script = TEMPLATE
        .replace("__CHUNKS__", &sizes(firsts)?)
        .replace("__RESTS__", &sizes(rests)?)
        .replace("__SHARED__", &split.shared)
        .replace("__CANARY__", &split.canary);
    script.extend(
        split
            .chunks
            .keys()
            .map(|chunk| format!("export const __wasm_split_load_{chunk} = loader(\"{chunk}\");\n")),
    );
    Ok(script)
}

/// The line that brings the page to life.
const START: &str =
    "\n__wbg_init({ module_or_path: new URL(\"app_bg.wasm\", import.meta.url) }).then(() => hydrate());\n";

/// Writes the main module, and its script with what the binder knows nothing of: what brings the rest, and the start.
fn write_main(form: &Form, module: Vec<u8>, folder: &Path) -> Result<()> {
    const GIVEN: &str = "\"./app_bg.js\": import0,";
    let path = folder.join(SCRIPT);
    let script = fs::read_to_string(&path)?;
    ensure!(
        script.matches(GIVEN).count() == 1 && script.contains("import * as import1 from \"./chunks.js\""),
        "the binder writes another script than it did"
    );
    let with_rest = format!("{GIVEN}\n        \"rest\": import1.restOf(\"{MAIN}\"),");
    let script = script.replace(GIVEN, &with_rest) + START;
    let (module, script) = match form {
        Form::Parted(_) => shorten(&module, &script)?,
        Form::Whole | Form::Noting => (module, script),
    };
    fs::write(folder.join(MAIN_MODULE), module)?;
    fs::write(path, script)?;
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("no {}", path.display()))
}
