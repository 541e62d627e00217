//! The browser's half: the `app` crate as WebAssembly, and the script that loads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::files;
use crate::prune::prune;
use crate::split;
use crate::workspace::{Variant, cargo, output_of, root, run, step, target};

/// The browser's target.
pub(crate) const TRIPLE: &str = "wasm32-unknown-unknown";

/// The front end, ready to be served from one folder: the files name each other.
pub(crate) struct Front {
    /// Every file with its name.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// The script that loads the main module.
pub(crate) const SCRIPT: &str = "app.js";

/// The main module.
pub(crate) const MAIN_MODULE: &str = "app_bg.wasm";

/// The script that loads the chunks.
pub(crate) const LINK_SCRIPT: &str = "chunks.js";

/// The ending of a chunk's file; before it stands the name that `app::chunk` gives it.
pub(crate) const CHUNK_ENDING: &str = ".chunk";

/// Compiles, splits and binds the front end.
///
/// # Errors
/// The compiler, the splitter or the binder refuses, or the target cannot be installed.
pub(crate) fn build(variant: Variant) -> Result<Front> {
    require_target()?;
    let module = step("front end: compile", || compile(variant))?;
    let folder = step("front end: split and bind", || split_and_bind(variant, &module))?;
    let mut files = BTreeMap::new();
    for path in files::files_below(&folder)? {
        let name = path.strip_prefix(&folder)?.to_string_lossy().into_owned();
        if name != STAMP {
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(Front { files })
}

/// How the folder is made: when it changes, the folder is made anew.
const RECIPE: &str = concat!(
    include_str!("front.rs"),
    include_str!("prune.rs"),
    include_str!("split.rs"),
    include_str!("chunks.js")
);

/// The hash of what the folder was made from, and how; not served.
const STAMP: &str = "source";

/// Installs the WebAssembly target when it is missing.
///
/// # Errors
/// Neither the compiler has it nor rustup can install it; says what to do.
pub(crate) fn require_target() -> Result<()> {
    let library = output_of(Command::new("rustc").current_dir(root()).args([
        "--print",
        "target-libdir",
        "--target",
        TRIPLE,
    ]))?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    step("install the WebAssembly target", || {
        run(Command::new("rustup")
            .current_dir(root())
            .args(["target", "add", TRIPLE]))
        .with_context(|| format!("needed: `rustup target add {TRIPLE}` (rustup: https://rustup.rs)"))
    })
}

/// The module as the compiler made it. Has its own target folder: features of the two halves never mix, and neither half
/// waits for the other's lock.
fn compile(variant: Variant) -> Result<PathBuf> {
    let profile = match variant {
        Variant::Debug => "wasm-dev",
        Variant::Release => "wasm-release",
    };
    let folder = target().join("front");
    let mut command = cargo();
    command
        .args([
            "build",
            "--package",
            "app",
            "--lib",
            "--no-default-features",
            "--features",
            "hydrate",
        ])
        .args(["--target", TRIPLE, "--profile", profile, "--target-dir"])
        .arg(&folder);
    run(&mut command)?;
    Ok(folder.join(TRIPLE).join(profile).join("app.wasm"))
}

/// Splits and binds the module, unless this very module was before.
fn split_and_bind(variant: Variant, module: &Path) -> Result<PathBuf> {
    let folder = target()
        .join("front")
        .join(format!("bound-{variant:?}").to_lowercase());
    let stamp = folder.join(STAMP);
    let linked = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let source = files::hash(&linked) + &files::hash(RECIPE.as_bytes());
    if fs::read_to_string(&stamp).is_ok_and(|bound| bound == source) {
        return Ok(folder);
    }
    files::empty_folder(&folder)?;
    let parts = target()
        .join("front")
        .join(format!("parts-{variant:?}").to_lowercase());
    files::empty_folder(&parts)?;
    split::split(variant, &prune(&linked)?, &parts, &folder)?;
    bind(variant, &parts.join(MAIN_MODULE), &folder)?;
    fs::write(&stamp, source)?;
    Ok(folder)
}

/// Writes the script around the main module.
fn bind(variant: Variant, main: &Path, folder: &Path) -> Result<()> {
    let is_release = variant == Variant::Release;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(main)
        .out_name("app")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .keep_lld_exports(true)
        .keep_debug(!is_release)
        .remove_name_section(is_release)
        .remove_producers_section(true);
    bindgen
        .generate(folder)
        .context("wasm-bindgen refused the module")?;
    ensure!(
        !folder.join("snippets").exists(),
        "a dependency brings its own script (snippets): look at how it is served"
    );
    Ok(())
}
