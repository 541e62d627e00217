//! Where files rest, and who scans them.

use std::future::Future;

use super::Finding;
use crate::config::FilePlace;
use crate::error::Error;
use crate::objects::{Address, Objects};

pub(super) fn examine(place: &FilePlace) -> Vec<Finding> {
    let mut findings = Vec::from_iter(find_place(&place.address));
    findings.push(find_scanner(place));
    findings
}

/// Runs what waits for others, on the thread that the examination has anyway.
fn wait_for<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failed("starting to look", error))?
        .block_on(work)
}

fn find_place(address: &Address) -> Option<Finding> {
    const ABOUT: &str = "files";
    match address {
        // The first start makes it; the data folder's finding says the rest.
        Address::Folder(folder) if !folder.exists() => None,
        Address::Folder(folder) => Some(match tempfile::tempfile_in(folder) {
            Ok(_) => Finding::good(ABOUT, format!("rest in `{}`", folder.display())),
            Err(error) => Finding::bad(
                ABOUT,
                format!("nothing can be written into `{}`: {error}", folder.display()),
                "Give the folder to the user that runs Pli, on a disk that is mounted for writing",
            ),
        }),
        Address::S3(place) => {
            let bucket = &place.bucket;
            let listed =
                Objects::open(address).and_then(|objects| wait_for(async move { objects.list(None).await }));
            Some(match listed {
                Ok(_) => Finding::good(ABOUT, format!("rest in the bucket `{bucket}`, which answers")),
                Err(error) => Finding::bad(
                    ABOUT,
                    format!("the bucket `{bucket}` does not answer: {}", error.chain()),
                    "See `--files` and `--files-key`, and whether this machine reaches the service",
                ),
            })
        }
    }
}

fn find_scanner(place: &FilePlace) -> Finding {
    const ABOUT: &str = "scanner";
    let Some(scanner) = &place.scanner else {
        return Finding::good(
            ABOUT,
            "none is named: files are judged by what they are, and no viruses are looked for (`--scan`)",
        );
    };
    match wait_for(scanner.ping()) {
        Ok(()) => Finding::good(ABOUT, "answers"),
        Err(error) => Finding::warning(
            ABOUT,
            format!("does not answer, so every new file is held: {}", error.chain()),
            "Start clamd, or name it rightly with `--scan`",
        ),
    }
}
