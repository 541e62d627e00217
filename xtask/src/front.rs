//! The browser's half: the `app` crate as WebAssembly, and the script that loads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::files;
use crate::workspace::{Variant, cargo, output_of, root, run, step, target};

/// The browser's target.
pub(crate) const TRIPLE: &str = "wasm32-unknown-unknown";

/// What the compiler and the binder made; names are not hashed yet.
pub(crate) struct Front {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// The script around it, without the line that starts it.
    pub(crate) script: String,
}

/// Compiles and binds the front end.
///
/// # Errors
/// The compiler or the binder refuses, or the target cannot be installed.
pub(crate) fn build(variant: Variant) -> Result<Front> {
    require_target()?;
    let module = step("front end: compile", || compile(variant))?;
    let bound = step("front end: bind", || bind(variant, &module))?;
    Ok(Front {
        wasm: fs::read(bound.join("app_bg.wasm")).context("cannot read the bound module")?,
        script: fs::read_to_string(bound.join("app.js")).context("cannot read the bound script")?,
    })
}

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

/// Binds the module, unless this very module was bound before.
fn bind(variant: Variant, module: &Path) -> Result<PathBuf> {
    let folder = target()
        .join("front")
        .join(format!("bound-{variant:?}").to_lowercase());
    let stamp = folder.join("source");
    let source = files::hash(&fs::read(module).with_context(|| format!("cannot read {}", module.display()))?);
    if fs::read_to_string(&stamp).is_ok_and(|bound| bound == source) {
        return Ok(folder);
    }
    files::empty_folder(&folder)?;
    let is_release = variant == Variant::Release;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("app")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .keep_debug(!is_release)
        .remove_name_section(is_release)
        .remove_producers_section(true);
    bindgen
        .generate(&folder)
        .context("wasm-bindgen refused the module")?;
    ensure!(
        !folder.join("snippets").exists(),
        "a dependency brings its own script (snippets): its name is not hashed, so it would be cached wrongly"
    );
    fs::write(&stamp, source)?;
    Ok(folder)
}
