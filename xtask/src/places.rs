//! What is built says nothing of the place where it was built: whoever builds the same source in another folder gets the same bytes,
//! and nobody's home is named in what others run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::workspace::{output_of, root, target};

/// Has the release profile name folders as if they were nobody's; `table` is where cargo looks for the flags of that half:
/// `build`, or `target.TRIPLE`.
///
/// # Errors
/// The compiler cannot be asked where its library is.
pub(crate) fn hide(command: &mut Command, table: &str) -> Result<()> {
    let flags: Vec<String> = names()?
        .iter()
        .map(|(place, name)| {
            let flag = format!("--remap-path-prefix={}={name}", place.display());
            // Quoted as TOML wants it.
            format!("{flag:?}")
        })
        .collect();
    command
        .arg("--config")
        .arg(format!("{table}.rustflags=[{}]", flags.join(",")));
    Ok(())
}

/// The folders and their names; of two that fit the later one counts.
fn names() -> Result<Vec<(PathBuf, String)>> {
    let asked = |words: &[&str]| output_of(Command::new("rustc").current_dir(root()).args(words));
    let library = Path::new(asked(&["--print", "sysroot"])?.trim()).join("lib/rustlib/src/rust");
    let about = asked(&["--version", "--verbose"])?;
    let commit = about
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "))
        .unwrap_or("unknown");
    let mut names = vec![
        (root().to_owned(), "/pli".to_owned()),
        (target(), "/pli/target".to_owned()),
        // What the compiler itself calls it where its source is not installed.
        (library, format!("/rustc/{commit}")),
    ];
    if let Some(home) = cargo_home() {
        names.push((home, "/cargo".to_owned()));
    }
    Ok(names)
}

/// Where cargo keeps the sources of libraries.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_of_this_machine_has_a_name_of_nobody() {
        let mut command = Command::new("cargo");
        hide(&mut command, "build").unwrap();
        let words: Vec<String> = command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();

        assert_eq!(words[0], "--config");
        assert!(words[1].starts_with("build.rustflags=[\"--remap-path-prefix="));
        assert!(words[1].contains(&format!("{}=/pli", root().display())));
        assert!(words[1].contains("=/cargo\"") && words[1].contains("=/rustc/"));
    }
}
