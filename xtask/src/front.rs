//! The browser's half: the `app` crate as WebAssembly, and the script that loads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::assemble;
use crate::form::Form;
use crate::names::defined_functions;
use crate::profile::{self, Late};
use crate::prune::prune;
use crate::workspace::{Variant, cargo, output_of, root, run, step, target};
use crate::{files, split};

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

/// The ending of the file that holds what a chunk needs only later.
pub(crate) const REST_ENDING: &str = ".rest";

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
    include_str!("assemble.rs"),
    include_str!("form.rs"),
    include_str!("front.rs"),
    include_str!("profile.rs"),
    include_str!("names.rs"),
    include_str!("part/data.rs"),
    include_str!("part/first.rs"),
    include_str!("part/mod.rs"),
    include_str!("part/plan.rs"),
    include_str!("part/rest.rs"),
    include_str!("part/whole.rs"),
    include_str!("prune.rs"),
    include_str!("shorten.rs"),
    include_str!("split.rs"),
    include_str!("chunks.js"),
    include_str!("../../app/src/browser/stream.js"),
    include_str!("../../app/src/browser/device.js"),
    include_str!("../../app/src/browser/passkeys.js"),
    include_str!("../../app/src/browser/voice.js")
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

/// Installs the source of the standard library when it is missing.
///
/// # Errors
/// As for [`require_target`].
fn require_library_source() -> Result<()> {
    let compiler = output_of(
        Command::new("rustc")
            .current_dir(root())
            .args(["--print", "sysroot"]),
    )?;
    if Path::new(compiler.trim())
        .join("lib/rustlib/src/rust/library/Cargo.lock")
        .is_file()
    {
        return Ok(());
    }
    step("install the source of the standard library", || {
        run(Command::new("rustup")
            .current_dir(root())
            .args(["component", "add", "rust-src"]))
        .context("needed: `rustup component add rust-src` (rustup: https://rustup.rs)")
    })
}

/// The module as the compiler made it. Has its own target folder: features of the two halves never mix, and neither half
/// waits for the other's lock.
fn compile(variant: Variant) -> Result<PathBuf> {
    run(&mut compiler(variant)?)?;
    let folder = target().join("front");
    Ok(folder.join(TRIPLE).join(profile_of(variant)).join("app.wasm"))
}

/// Compiles the module that people run, beside other work, and says nothing: what fails fails again where it is needed.
///
/// Linking it keeps one processor busy for minutes.
pub(crate) fn compile_ahead() {
    if let Ok(mut command) = compiler(Variant::Release) {
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

fn profile_of(variant: Variant) -> &'static str {
    match variant {
        Variant::Debug => "wasm-dev",
        Variant::Release => "wasm-release",
    }
}

fn compiler(variant: Variant) -> Result<Command> {
    let profile = profile_of(variant);
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
    if variant == Variant::Release {
        require_library_source()?;
        with_own_library(&mut command);
    }
    Ok(command)
}

/// How much the compiler puts functions into those that call them. For size alone it leaves thousands of tiny ones, and a
/// browser spends more on each than on its code: at 30 the longest stretch of work before a page is alive is a seventh
/// shorter, and the code weighs a little less (`docs/decisions/0006`).
const INLINE: &str = "-Cllvm-args=-inline-threshold=30";

/// Compiles the standard library anew, for size and with panics that end at once: the one that comes with the compiler
/// carries each panic's message and place to the browser, a tenth of the weight (`docs/decisions/0006`). This is the
/// unstable side of the compiler; a debug build does without, and shows its panics.
fn with_own_library(command: &mut Command) {
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .args([
            "-Zbuild-std=std,panic_abort",
            "-Zbuild-std-features=optimize_for_size",
        ])
        .args(["-Zpanic-immediate-abort", "--config"])
        .arg("profile.wasm-release.panic=\"immediate-abort\"")
        .arg("--config")
        .arg(format!(
            "target.{TRIPLE}.rustflags=[\"-Zlocation-detail=none\",\"{INLINE}\"]"
        ));
}

/// Splits and binds the module, unless this very module was before.
fn split_and_bind(variant: Variant, module: &Path) -> Result<PathBuf> {
    let folder = target()
        .join("front")
        .join(format!("bound-{variant:?}").to_lowercase());
    let stamp = folder.join(STAMP);
    let linked = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let (form, profile) = match variant {
        Variant::Debug => (Form::Whole, String::new()),
        Variant::Release => (Form::Parted(Late::read()?), fs::read_to_string(profile::path())?),
    };
    let source = [&linked, RECIPE.as_bytes(), profile.as_bytes()]
        .map(files::hash)
        .concat();
    if fs::read_to_string(&stamp).is_ok_and(|bound| bound == source) {
        return Ok(folder);
    }
    make(&linked, &form, &folder)?;
    fs::write(&stamp, source)?;
    Ok(folder)
}

/// The front end with modules that note which functions run, in a folder; and the functions of each module, in order.
///
/// # Errors
/// As for [`build`].
pub(crate) fn build_noting(folder: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    require_target()?;
    let module = step("front end: compile", || compile(Variant::Release))?;
    let parts = make(&fs::read(module)?, &Form::Noting, folder)?;
    let mut functions = BTreeMap::new();
    for path in files::files_below(&parts)? {
        if path.extension().is_some_and(|ending| ending == "wasm") {
            let name = path
                .file_stem()
                .context("a file without a name")?
                .to_string_lossy();
            functions.insert(name.into_owned(), defined_functions(&fs::read(&path)?)?);
        }
    }
    Ok(functions)
}

/// Writes the files of the front end into `folder`; gives the folder of its modules before they got their form.
fn make(linked: &[u8], form: &Form, folder: &Path) -> Result<PathBuf> {
    files::empty_folder(folder)?;
    let parts = folder.with_extension("parts");
    files::empty_folder(&parts)?;
    let pruned = prune(linked)?;
    let split = split::split(&pruned, &parts)?;
    bind(matches!(form, Form::Whole), &parts.join(MAIN_MODULE), folder)?;
    fs::remove_file(parts.join(MAIN_MODULE))?;
    fs::copy(
        folder.join(MAIN_MODULE),
        parts.join(assemble::MAIN).with_extension("wasm"),
    )?;
    assemble::assemble(form, &pruned, &split, &parts, folder)?;
    Ok(parts)
}

/// Writes the script around the main module.
fn bind(is_debug: bool, main: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(main)
        .out_name("app")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .keep_lld_exports(true)
        .keep_debug(is_debug)
        // By them it is known which functions come later; what travels has none.
        .remove_name_section(false)
        .demangle(false)
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
