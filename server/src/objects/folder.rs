//! A folder as the store of objects: what the library leaves to others. A part that was being written when the server was
//! stopped lies beside the others under a name that the library never lists.

use std::io;
use std::path::{Path, PathBuf};

use app::api::{AttachmentId, ConversationId};

use super::Shelf;
use crate::error::{Error, Result};

fn place(root: &Path, shelf: Shelf) -> PathBuf {
    root.join(shelf.conversation.to_string())
        .join(shelf.file.to_string())
}

/// Takes everything off a shelf but the parts that are meant to stay; an empty shelf goes, and so does an empty folder of a
/// conversation.
pub(super) async fn keep_only(
    root: &Path,
    shelf: Shelf,
    does_stay: impl Fn(&str) -> bool + Send + 'static,
) -> Result<()> {
    let place = place(root, shelf);
    blocking("removing parts of a file", move || {
        let mut n_left = 0;
        for entry in entries(&place)? {
            if entry.to_str().is_some_and(&does_stay) {
                n_left += 1;
            } else {
                absent_is_fine(std::fs::remove_file(place.join(entry)))?;
            }
        }
        if n_left == 0 {
            absent_is_fine(std::fs::remove_dir(&place))?;
            // Other files of the conversation may be there.
            if let Some(conversation) = place.parent() {
                let _ = std::fs::remove_dir(conversation);
            }
        }
        Ok(())
    })
    .await
}

/// Every shelf that there is, of one conversation or of all.
pub(super) async fn list(root: &Path, of: Option<ConversationId>) -> Result<Vec<Shelf>> {
    let root = root.to_owned();
    blocking("listing the folder of files", move || {
        let conversations: Vec<ConversationId> = match of {
            Some(conversation) => vec![conversation],
            None => ids(&root)?,
        };
        let mut shelves = Vec::new();
        for conversation in conversations {
            let files: Vec<AttachmentId> = ids(&root.join(conversation.to_string()))?;
            shelves.extend(files.into_iter().map(|file| Shelf { conversation, file }));
        }
        Ok(shelves)
    })
    .await
}

/// The names in a folder that are ids; what else lies there is not ours.
fn ids<T: std::str::FromStr>(folder: &Path) -> io::Result<Vec<T>> {
    let names = entries(folder)?;
    Ok(names
        .iter()
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect())
}

fn entries(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn absent_is_fine(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Something was put there meanwhile.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        outcome => outcome,
    }
}

async fn blocking<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::failed(doing, error))?
        .map_err(|error| Error::failed(doing, error))
}
