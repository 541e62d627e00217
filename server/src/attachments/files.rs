//! What the feature needs beside the tables.

use std::path::PathBuf;
use std::sync::Arc;

use super::turns::Turns;
use crate::objects::Objects;

pub use super::scan::Scanner;

/// The most bytes of one file. A scanner takes as much unless told (`StreamMaxLength` of clamd, 25 MiB).
///
/// Source: ux §3.7, "Le fichier dépasse 25 Mo".
pub const MAX_BYTES: u64 = 25_000_000;

/// How many bytes the files of one person take, unless the operator says otherwise: a photo of 1 MB each working day for
/// twenty years.
pub const USUAL_QUOTA_BYTES: u64 = 5_000_000_000;

/// The store of objects, the workshop, the scanner, the room for each person. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    /// Where bytes rest.
    pub objects: Objects,
    /// The program that is started apart to look at files: this one.
    pub workshop: Arc<PathBuf>,
    /// Who scans what arrives, if anybody does.
    pub scanner: Option<Arc<Scanner>>,
    /// The most bytes of all files of one person.
    pub quota_bytes: u64,
    pub(super) turns: Turns,
}

impl Files {
    /// With bytes that rest there, and no scanner.
    pub fn new(objects: Objects, workshop: PathBuf) -> Self {
        Self {
            objects,
            workshop: Arc::new(workshop),
            scanner: None,
            quota_bytes: USUAL_QUOTA_BYTES,
            turns: Turns::default(),
        }
    }
}
