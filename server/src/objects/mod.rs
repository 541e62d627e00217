//! The store of objects: where the bytes of files rest, beside the tables. It knows ids and bytes, and nothing of what they
//! are: what comes here is sealed.
//!
//! A folder beside the database, or anything that speaks S3. What [`Objects::put`] answers is on disk: in a folder, the file
//! and the folders that name it are synced first. Each file has a place of its own, `<conversation>/<file>/`, and in it its
//! parts by name.
//!
//! - `address`: where it is, from one setting.
//! - `folder`: what a folder needs besides: what a stopped server left half written is found and taken away.

mod address;
mod folder;

use std::error::Error as StdError;
use std::io;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use app::api::{ApiError, AttachmentId, ConversationId};
use app::attachments::FileProblem;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, RetryConfig};

use crate::error::{Error, Result};
use crate::store::create_private_folder;

pub use address::{Address, AddressError, Credentials, S3};

/// How long one thing is tried again. Whoever uploads tries again too.
const WITHIN: Duration = Duration::from_secs(15);

/// The way to the objects. Cheap to clone.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// The folder, when it is one.
    folder: Option<Arc<FilePath>>,
}

/// Where the parts of one file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shelf {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// Which file.
    pub file: AttachmentId,
}

impl Shelf {
    fn path(self) -> Path {
        Path::from_iter([self.conversation.to_string(), self.file.to_string()])
    }

    fn of_path(path: &Path) -> Option<Self> {
        let mut parts = path.parts();
        Some(Self {
            conversation: parts.next()?.as_ref().parse().ok()?,
            file: parts.next()?.as_ref().parse().ok()?,
        })
    }
}

impl Objects {
    /// Opens the store at an address.
    ///
    /// # Errors
    /// `Failed` when the folder cannot be used, or the address is none of S3's.
    pub fn open(address: &Address) -> Result<Self> {
        match address {
            Address::Folder(path) => Self::in_folder(path),
            Address::S3(place) => Self::behind(place),
        }
    }

    /// A folder of this machine, made if there is none.
    ///
    /// # Errors
    /// `Failed` when it cannot be used.
    pub fn in_folder(path: &FilePath) -> Result<Self> {
        let doing = || format!("opening the folder of files `{}`", path.display());
        create_private_folder(path).map_err(|error| Error::failed(doing(), error))?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|error| Error::failed(doing(), error))?;
        Ok(Self {
            store: Arc::new(store.with_fsync(true)),
            folder: Some(path.into()),
        })
    }

    fn behind(place: &S3) -> Result<Self> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&place.bucket)
            .with_region(&place.region)
            // Not everything that speaks S3 knows how to delete many at once.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                max_retries: 3,
                retry_timeout: WITHIN,
                ..RetryConfig::default()
            })
            .with_allow_http(place.is_in_clear());
        if let Some(endpoint) = &place.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(Credentials { id, secret }) = &place.credentials {
            builder = builder.with_access_key_id(id).with_secret_access_key(&secret.0);
        }
        let store = builder
            .build()
            .map_err(|error| Error::failed("opening the store of files", error))?;
        Ok(Self {
            store: if place.prefix.is_empty() {
                Arc::new(store)
            } else {
                Arc::new(PrefixStore::new(store, place.prefix.as_str()))
            },
            folder: None,
        })
    }

    /// Puts a part on its shelf, in place of one of that name. It is on disk when this returns.
    ///
    /// # Errors
    /// `File` when there is no room; `Failed` when it cannot be kept.
    pub async fn put(&self, onto: Shelf, name: &str, bytes: Vec<u8>) -> Result<()> {
        let path = onto.path().join(name);
        match self.store.put(&path, Bytes::from(bytes).into()).await {
            Ok(_) => Ok(()),
            Err(error) if is_full(&error) => Err(ApiError::File(FileProblem::NoRoom).into()),
            Err(error) => Err(Error::failed("keeping a part of a file", error)),
        }
    }

    /// A part of that name, if there is one.
    ///
    /// # Errors
    /// `Failed` when the store does not answer.
    pub async fn get(&self, from: Shelf, name: &str) -> Result<Option<Vec<u8>>> {
        let read = async { self.store.get(&from.path().join(name)).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::failed("reading a part of a file", error)),
        }
    }

    /// Takes everything off a shelf but the parts that are meant to stay.
    ///
    /// # Errors
    /// `Failed` when the store does not answer.
    pub async fn keep_only(
        &self,
        from: Shelf,
        does_stay: impl Fn(&str) -> bool + Send + 'static,
    ) -> Result<()> {
        if let Some(root) = &self.folder {
            return folder::keep_only(root, from, does_stay).await;
        }
        let doing = "removing parts of a file";
        let failed = |error| Error::failed(doing, error);
        let mut all = self.store.list(Some(&from.path()));
        while let Some(object) = all.try_next().await.map_err(failed)? {
            if !object.location.filename().is_some_and(&does_stay) {
                self.delete(&object.location).await?;
            }
        }
        Ok(())
    }

    /// Clears a shelf.
    ///
    /// # Errors
    /// `Failed` when the store does not answer.
    pub async fn clear(&self, from: Shelf) -> Result<()> {
        self.keep_only(from, |_| false).await
    }

    /// Every shelf that there is, of one conversation or of all.
    ///
    /// # Errors
    /// `Failed` when the store does not answer.
    pub async fn list(&self, of: Option<ConversationId>) -> Result<Vec<Shelf>> {
        if let Some(root) = &self.folder {
            return folder::list(root, of).await;
        }
        let conversations = match of {
            Some(conversation) => vec![Path::from(conversation.to_string())],
            None => self.list_below(None).await?,
        };
        let mut shelves = Vec::new();
        for conversation in conversations {
            let below = self.list_below(Some(&conversation)).await?;
            shelves.extend(below.iter().filter_map(Shelf::of_path));
        }
        Ok(shelves)
    }

    async fn list_below(&self, path: Option<&Path>) -> Result<Vec<Path>> {
        let listed = self.store.list_with_delimiter(path).await;
        let listed = listed.map_err(|error| Error::failed("listing the store of files", error))?;
        Ok(listed.common_prefixes)
    }

    async fn delete(&self, path: &Path) -> Result<()> {
        match self.store.delete(path).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::failed("removing a part of a file", error)),
        }
    }
}

/// Whether the disk had no room.
fn is_full(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(
            kind,
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        ) {
            return true;
        }
        cause = error.source();
    }
    false
}
