//! The site: every file that the server gives out unchanged, under a name that holds its hash, with compressed forms.
//!
//! The server embeds the folder of a release build and reads that of a debug build from the disk. `site.json` tells it the
//! names; `pkg/shell.json` tells the service worker what to keep.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use crate::files::{self, files_below, hash, write_if_changed};
use crate::front::Front;
use crate::workspace::{Variant, root, step};
use crate::{assemble, css, front};

/// The page kept for when there is no network.
const OFFLINE_PAGE: &str = "/hors-ligne";

/// The word in `public/sw.js` that stands for the build's id: each build brings its own worker.
const BUILD_WORD: &str = "__PLI_BUILD__";

/// A file of the front end and what it weighs, in bytes.
pub(crate) struct Weighed {
    /// The name below `/pkg/`.
    pub(crate) name: String,
    /// As it is.
    pub(crate) size_bytes: usize,
    /// As it travels; the same as `size_bytes` in a debug build, which is not compressed.
    pub(crate) packed_bytes: usize,
    /// Which pages need it before they are alive.
    pub(crate) need: Need,
}

/// Which pages need a file before they are alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// All.
    Every,
    /// Those of this chunk.
    Chunk(String),
    /// All but those of these chunks.
    AllBut(&'static [&'static str]),
    /// None: it comes when the page shows it, or right after the page is alive.
    None,
}

/// Builds the front end and lays out its site.
///
/// # Errors
/// A step fails; a file cannot be read or written.
pub(crate) fn build(variant: Variant) -> Result<Vec<Weighed>> {
    let front = front::build(variant)?;
    step("site: name, compress, lay out", || lay_out(variant, front))
}

fn lay_out(variant: Variant, front: Front) -> Result<Vec<Weighed>> {
    let public = root().join("public");
    let icons = fs::read(public.join("icons.svg")).context("cannot read public/icons.svg")?;
    let style = css::join(&root().join("style"))?;

    // The files of the code name each other, so one hash stands for all: that of their folder.
    let code = hash_of_all(&front.files);
    let in_folder = |name: &str| format!("{code}/{name}");
    let mut layer = Layer::new(variant);
    for (name, bytes) in &front.files {
        layer.add(&in_folder(name), bytes, need(name))?;
    }
    let style_name = named("app", style.first.as_bytes(), "css");
    layer.add(&style_name, style.first.as_bytes(), Need::Every)?;
    let second_style_name = named("second", style.second.as_bytes(), "css");
    layer.add(
        &second_style_name,
        style.second.as_bytes(),
        Need::AllBut(&css::FIRST_ALONE),
    )?;
    let icons_name = named("icons", &icons, "svg");
    layer.add(&icons_name, &icons, Need::None)?;

    let names: Vec<String> = front
        .files
        .keys()
        .map(|name| in_folder(name))
        .chain([style_name.clone(), second_style_name.clone(), icons_name])
        .collect();
    let build = build_id(&names, &public)?;
    let shell = names
        .iter()
        .map(|name| format!("/pkg/{name}"))
        .chain([OFFLINE_PAGE.to_owned()]);
    let shell = json!({ "build": build, "files": shell.collect::<Vec<_>>() });
    layer.write("pkg/shell.json", shell.to_string().as_bytes())?;
    for path in files_below(&public)? {
        let name = Path::new("public").join(path.strip_prefix(&public)?);
        let bytes = fs::read(&path)?;
        let is_worker = name == Path::new("public/sw.js");
        let bytes = if is_worker {
            String::from_utf8(bytes)?.replace(BUILD_WORD, &build).into_bytes()
        } else {
            bytes
        };
        layer.write(name, &bytes)?;
    }
    // Last: a server that is being built watches this file.
    let site = json!({
        "build": build,
        "script": in_folder(front::SCRIPT),
        "link_script": in_folder(front::LINK_SCRIPT),
        "wasm": in_folder(front::MAIN_MODULE),
        "style": style_name,
        "second_style": second_style_name,
        "first_style_alone": css::FIRST_ALONE,
        "code": code,
    });
    layer.write("site.json", site.to_string().as_bytes())?;
    layer.finish()
}

/// Scripts that come when they are first used.
const LATE_SCRIPTS: [&str; 3] = [
    assemble::DEVICE_SCRIPT,
    assemble::PASSKEYS_SCRIPT,
    assemble::VOICE_SCRIPT,
];

/// Which pages need a file of the code.
fn need(name: &str) -> Need {
    match name.strip_suffix(front::CHUNK_ENDING) {
        Some(chunk) => Need::Chunk(chunk.to_owned()),
        None if name.ends_with(front::REST_ENDING) => Need::None,
        None if LATE_SCRIPTS.contains(&name) => Need::None,
        None => Need::Every,
    }
}

fn hash_of_all(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut all = Vec::new();
    for (name, bytes) in files {
        all.extend_from_slice(name.as_bytes());
        all.extend_from_slice(hash(bytes).as_bytes());
    }
    hash(&all)
}

fn named(stem: &str, bytes: &[u8], ending: &str) -> String {
    format!("{stem}.{}.{ending}", hash(bytes))
}

/// Changes whenever a file of the site does.
fn build_id(names: &[String], public: &Path) -> Result<String> {
    let mut all = Vec::new();
    for name in names {
        all.extend_from_slice(name.as_bytes());
    }
    for path in files_below(public)? {
        all.extend_from_slice(path.strip_prefix(public)?.to_string_lossy().as_bytes());
        all.extend_from_slice(hash(&fs::read(&path)?).as_bytes());
    }
    Ok(hash(&all))
}

/// A site being written: files that are there already stay untouched, files of earlier builds go.
struct Layer {
    variant: Variant,
    written: BTreeSet<std::path::PathBuf>,
    weighed: Vec<Weighed>,
}

impl Layer {
    fn new(variant: Variant) -> Self {
        Self {
            variant,
            written: BTreeSet::new(),
            weighed: Vec::new(),
        }
    }

    /// Writes a hashed file and, for a release, its compressed forms.
    fn add(&mut self, name: &str, bytes: &[u8], need: Need) -> Result<()> {
        self.write(Path::new("pkg").join(name), bytes)?;
        let mut packed_bytes = bytes.len();
        if self.variant == Variant::Release {
            packed_bytes = self.pack(&format!("pkg/{name}.br"), || files::brotli(bytes))?;
            self.pack(&format!("pkg/{name}.gz"), || files::gzip(bytes))?;
        }
        self.weighed.push(Weighed {
            name: name.to_owned(),
            size_bytes: bytes.len(),
            packed_bytes,
            need,
        });
        Ok(())
    }

    /// Writes a compressed form, unless an earlier build did: the name holds the hash, so the content is the same.
    fn pack(&mut self, name: &str, packed: impl FnOnce() -> Result<Vec<u8>>) -> Result<usize> {
        let path = self.variant.site().join(name);
        let bytes = match fs::read(&path) {
            Ok(held) => held,
            Err(_) => packed()?,
        };
        self.write(name, &bytes)?;
        Ok(bytes.len())
    }

    fn write(&mut self, name: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
        let path = self.variant.site().join(name);
        write_if_changed(&path, bytes)?;
        self.written.insert(path);
        Ok(())
    }

    /// Removes what earlier builds left.
    fn finish(self) -> Result<Vec<Weighed>> {
        for path in files_below(&self.variant.site())?.difference(&self.written) {
            fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(self.weighed)
    }
}
