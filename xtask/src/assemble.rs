//! Puts the modules of the front end into the files that travel: one for each chunk, because compressed together they
//! weigh a third less than one by one, and come in one answer; and one for what each chunk needs only later.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::form::{Form, Modules};
use crate::front::{CHUNK_ENDING, LINK_SCRIPT, MAIN_MODULE, REST_ENDING, SCRIPT};
use crate::part::Parted;
use crate::shorten::shorten;
use crate::split::Split;

/// What keeps words on the device, and the stream that the tabs share; fetched late, as it is written.
const DEVICE: &str = concat!(
    include_str!("../../app/src/browser/stream.js"),
    include_str!("../../app/src/browser/device.js")
);

/// The name that `chunks.js` fetches it by.
pub(crate) const DEVICE_SCRIPT: &str = "device.js";

/// The door to the browser's passkeys; fetched when first used, as it is written.
const PASSKEYS: &str = include_str!("../../app/src/browser/passkeys.js");

/// The name that `chunks.js` fetches it by.
pub(crate) const PASSKEYS_SCRIPT: &str = "passkeys.js";

/// The door to microphone and sound; fetched when first used, as it is written.
const VOICE: &str = include_str!("../../app/src/browser/voice.js");

/// The name that `chunks.js` fetches it by.
pub(crate) const VOICE_SCRIPT: &str = "voice.js";

/// The script around the chunks; `__HAS_RESTS__`, `__FIRST_ALONE__`, `__SHARED__` and `__CANARY__` are filled in.
const TEMPLATE: &str = include_str!("chunks.js");

/// The main module's name among the others.
pub(crate) const MAIN: &str = "app";

/// A file of modules, one after the other.
#[derive(Default)]
struct Pack {
    /// Their names and sizes in bytes.
    contents: Vec<(String, usize)>,
    modules: Vec<u8>,
}

impl Pack {
    fn add(&mut self, name: &str, module: &[u8]) {
        self.contents.push((name.to_owned(), module.len()));
        self.modules.extend_from_slice(module);
    }

    /// The file: the length of its list (four bytes, the lowest first), the list as JSON, the modules.
    fn bytes(&self) -> Result<Vec<u8>> {
        let list = serde_json::to_vec(&self.contents)?;
        let mut bytes = u32::try_from(list.len())?.to_le_bytes().to_vec();
        bytes.extend_from_slice(&list);
        bytes.extend_from_slice(&self.modules);
        Ok(bytes)
    }
}

/// Writes the files into `folder`, where the binder has put its script and the main module; the others are in `parts`.
/// `linked` is what the linker made of all of them, pruned.
///
/// # Errors
/// A file is missing, or a module is none that can be parted.
pub(crate) fn assemble(form: &Form, linked: &[u8], split: &Split, parts: &Path, folder: &Path) -> Result<()> {
    let mut modules = Modules::new();
    modules.insert(MAIN.to_owned(), read(&folder.join(MAIN_MODULE))?);
    for name in split.chunks.values().flatten() {
        modules.insert(name.clone(), read(&parts.join(format!("{name}.wasm")))?);
    }
    let parted = form.give(linked, modules)?;
    let mut firsts: BTreeMap<&str, Pack> = BTreeMap::new();
    let mut rests: BTreeMap<&str, Pack> = BTreeMap::new();
    for (chunk, modules) in &split.chunks {
        for name in modules {
            let Parted { first, rest } = &parted[name];
            firsts.entry(chunk).or_default().add(name, first);
            if let Some(rest) = rest {
                rests.entry(chunk).or_default().add(name, rest);
            }
        }
    }
    let Parted { first, rest } = &parted[MAIN];
    write_main(form, first, folder)?;
    if let Some(rest) = rest {
        rests.entry(MAIN).or_default().add(MAIN, rest);
    }
    fs::write(folder.join(LINK_SCRIPT), link_script(split, !rests.is_empty())?)?;
    fs::write(folder.join(DEVICE_SCRIPT), without_comments(DEVICE)?)?;
    fs::write(folder.join(PASSKEYS_SCRIPT), without_comments(PASSKEYS)?)?;
    fs::write(folder.join(VOICE_SCRIPT), without_comments(VOICE)?)?;
    for (packs, ending) in [(firsts, CHUNK_ENDING), (rests, REST_ENDING)] {
        for (chunk, pack) in packs {
            fs::write(folder.join(format!("{chunk}{ending}")), pack.bytes()?)?;
        }
    }
    Ok(())
}

fn link_script(split: &Split, has_rests: bool) -> Result<String> {
    let mut script = without_comments(TEMPLATE)?
        .replace("__HAS_RESTS__", if has_rests { "true" } else { "false" })
        .replace("__FIRST_ALONE__", &format!("{:?}", crate::css::FIRST_ALONE))
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

/// The script without its indentation and the lines that are comments, which weigh and say nothing to a browser.
///
/// # Errors
/// It has a string of several lines, whose indentation counts.
fn without_comments(script: &str) -> Result<String> {
    let mut short = String::with_capacity(script.len());
    for line in script.lines().map(str::trim_start) {
        ensure!(
            line.matches('`').count() % 2 == 0,
            "a string of several lines in a script: {line}"
        );
        if !line.is_empty() && !line.starts_with("//") {
            short.push_str(line);
            short.push('\n');
        }
    }
    Ok(short)
}

/// What brings the page to life: the main module's steps are made, then the page is taken over.
const START: &str = "
__wbg_init({ module_or_path: import1.fetched(\"app_bg.wasm\") }).then(() => {
    import1.mainIsHere(wasmModule);
    hydrate();
});
";

/// Writes the main module, and its script with what the binder knows nothing of: what brings the rest, and the start.
fn write_main(form: &Form, module: &[u8], folder: &Path) -> Result<()> {
    const GIVEN: &str = "\"./app_bg.js\": import0,";
    let path = folder.join(SCRIPT);
    let script = fs::read_to_string(&path)?;
    ensure!(
        script.matches(GIVEN).count() == 1 && script.contains("import * as import1 from \"./chunks.js\""),
        "the binder writes another script than it did"
    );
    let with_rest = format!("{GIVEN}\n        \"rest\": import1.rest,");
    let script = script.replace(GIVEN, &with_rest) + START;
    let (module, script) = match form {
        Form::Parted(_) => shorten(module, &script)?,
        Form::Whole | Form::Noting => (module.to_vec(), script),
    };
    fs::write(folder.join(MAIN_MODULE), module)?;
    fs::write(path, without_comments(&script)?)?;
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("no {}", path.display()))
}
