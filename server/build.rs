//! Tells the server where its site is: a release carries `target/site` inside, a debug build reads `target/site-debug`
//! from the disk. A release also carries the list of its libraries. All of them are made by `cargo xtask`.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script learns everything from its environment"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let is_release = std::env::var("PROFILE")? == "release";
    let name = if is_release { "site" } else { "site-debug" };
    let made = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../target");
    let site = made.join(name);
    // The folder may still be empty, but must have its true path: files outside of it are refused.
    std::fs::create_dir_all(&site)?;
    let site = site.canonicalize()?;
    println!("cargo::rustc-env=SITE_FOLDER={}", site.display());
    println!("cargo::rerun-if-changed=build.rs");
    if is_release {
        // Its content changes whenever a file of the site does. They are inside the program, which is then built anew.
        println!("cargo::rerun-if-changed={}", site.join("site.json").display());
        embed_libraries(&made.join("embedded"))?;
    }
    Ok(())
}

/// Puts the list of libraries (`xtask/src/embedded.rs`) into a section of the program, where cargo-auditable puts it and scanners
/// look for it. By the assembler, because a program without `unsafe` of its own cannot name a section.
fn embed_libraries(folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let Ok(list) = std::fs::read(folder.join("dependencies.zlib")) else {
        return Ok(());
    };
    if std::env::var("CARGO_CFG_TARGET_OS")? != "linux" {
        return Ok(());
    }
    // The last line says that nothing here wants an executable stack.
    let mut source =
        String::from(".section .dep-v0,\"\"\n.globl AUDITABLE_VERSION_INFO\nAUDITABLE_VERSION_INFO:\n");
    for byte in &list {
        writeln!(source, ".byte {byte}")?;
    }
    source.push_str(".section .note.GNU-stack,\"\",%progbits\n");
    let path = Path::new(&std::env::var("OUT_DIR")?).join("libraries.s");
    std::fs::write(&path, source)?;
    for object in cc::Build::new()
        .file(&path)
        .cargo_metadata(false)
        .try_compile_intermediates()?
    {
        println!("cargo::rustc-link-arg-bin=pli={}", object.display());
    }
    println!("cargo::rustc-link-arg-bin=pli=-Wl,-u,AUDITABLE_VERSION_INFO");
    Ok(())
}
