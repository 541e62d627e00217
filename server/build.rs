//! Tells the server where its site is: a release carries `target/site` inside, a debug build reads `target/site-debug`
//! from the disk. Both are made by `cargo xtask`.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script learns everything from its environment"
)]

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let is_release = std::env::var("PROFILE")? == "release";
    let name = if is_release { "site" } else { "site-debug" };
    let site = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?)
        .join("../target")
        .join(name);
    // The folder may still be empty, but must have its true path: files outside of it are refused.
    std::fs::create_dir_all(&site)?;
    let site = site.canonicalize()?;
    println!("cargo::rustc-env=SITE_FOLDER={}", site.display());
    println!("cargo::rerun-if-changed=build.rs");
    if is_release {
        // Its content changes whenever a file of the site does. They are inside the program, which is then built anew.
        println!("cargo::rerun-if-changed={}", site.join("site.json").display());
    }
    Ok(())
}
