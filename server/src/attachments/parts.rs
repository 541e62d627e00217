//! The bytes of a file as they rest: in sealed parts of half a megabyte, all of them full but the last, which knows that it is
//! the last. Each opens in its own place alone.
//!
//! While one part is being kept the next one fills: an upload holds two of them in memory, whatever its length.

use app::api::{ApiError, AttachmentId, ConversationId};
use app::attachments::FileProblem;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::objects::{Objects, Shelf};
use crate::store::{LentKey, Place};

/// Bytes of a part: twenty uploads at once hold 20 MB.
pub(super) const PART: usize = 512 * 1024;
const PART_U64: u64 = PART as u64;

/// A form in which a file rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// As it arrived.
    Received,
    /// Made anew.
    Remade,
    /// A small picture of it.
    Thumbnail,
}

impl Form {
    /// As the table and the seal have it.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Received => 0,
            Self::Remade => 1,
            Self::Thumbnail => 2,
        }
    }

    /// By its number.
    pub(super) fn of_number(number: i64) -> Option<Self> {
        [Self::Received, Self::Remade, Self::Thumbnail]
            .into_iter()
            .find(|form| i64::from(form.number()) == number)
    }

    fn letter(self) -> char {
        match self {
            Self::Received => 'r',
            Self::Remade => 'm',
            Self::Thumbnail => 't',
        }
    }

    /// Whether a part of that name is of this form.
    pub(super) fn owns(self, name: &str) -> bool {
        let number = name.strip_prefix(self.letter());
        number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
    }
}

/// One form of one file: where its parts are, and what they are sealed with.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) objects: Objects,
    pub(super) key: LentKey,
    pub(super) shelf: Shelf,
    pub(super) form: Form,
}

impl Parts {
    fn name(&self, number: u32) -> String {
        format!("{}{number}", self.form.letter())
    }

    fn place(&self, number: u32, is_last: bool) -> Place {
        let Shelf { conversation, file } = self.shelf;
        Place::Part {
            conversation,
            file,
            form: self.form.number(),
            number,
            is_last,
        }
    }

    /// A part, opened; `None` when it is not there, or not what was put there.
    pub(super) async fn read(&self, number: u32, is_last: bool) -> Result<Option<Vec<u8>>> {
        let Some(sealed) = self.objects.get(self.shelf, &self.name(number)).await? else {
            return Ok(None);
        };
        let (key, place) = (self.key.clone(), self.place(number, is_last));
        apart("opening a part of a file", move || Ok(key.open(place, sealed))).await
    }

    async fn keep(self, number: u32, is_last: bool, bytes: Vec<u8>) -> Result<()> {
        let (key, place) = (self.key.clone(), self.place(number, is_last));
        let sealed = apart("sealing a part of a file", move || key.seal(place, bytes)).await?;
        self.objects.put(self.shelf, &self.name(number), sealed).await
    }
}

/// Where a file stands on its shelf.
pub(super) fn shelf(conversation: ConversationId, file: AttachmentId) -> Shelf {
    Shelf { conversation, file }
}

/// Many bytes take their time: not on a thread that answers others.
async fn apart<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::failed(doing, error))?
}

/// Puts bytes into parts.
pub(super) struct PartWriter {
    parts: Parts,
    number: u32,
    filling: Vec<u8>,
    being_kept: Option<JoinHandle<Result<()>>>,
    written: u64,
}

impl PartWriter {
    /// From the beginning.
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            parts,
            number: 0,
            filling: Vec::new(),
            being_kept: None,
            written: 0,
        }
    }

    /// Where an upload has come to; what stands of the last part is read again. `None` when it is not what was told.
    pub(super) async fn resume(parts: Parts, offset: u64) -> Result<Option<Self>> {
        let number = u32::try_from(offset / PART_U64).unwrap_or(u32::MAX);
        let begun = usize::try_from(offset % PART_U64).unwrap_or(0);
        let mut filling = Vec::new();
        if begun > 0 {
            let Some(tail) = parts
                .read(number, false)
                .await?
                .filter(|tail| tail.len() >= begun)
            else {
                return Ok(None);
            };
            // What was kept and never told may stand behind it.
            filling = tail;
            filling.truncate(begun);
        }
        Ok(Some(Self {
            parts,
            number,
            filling,
            being_kept: None,
            written: offset,
        }))
    }

    /// How many bytes were given so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Takes more bytes. A full part is kept as soon as it is known that it is not the last.
    pub(super) async fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            if self.filling.len() == PART {
                self.keep(false).await?;
            }
            let n_fitting = bytes.len().min(PART - self.filling.len());
            if self.filling.capacity() == 0 {
                // With room for what the seal adds.
                self.filling.reserve_exact(PART + 64);
            }
            let (fitting, rest) = bytes.split_at(n_fitting);
            self.filling.extend_from_slice(fitting);
            self.written += fitting.len() as u64;
            bytes = rest;
        }
        Ok(())
    }

    /// Keeps what is left; everything is on disk when this returns.
    pub(super) async fn end(mut self, is_whole: bool) -> Result<u64> {
        if !self.filling.is_empty() {
            self.keep(is_whole).await?;
        }
        self.settle().await?;
        Ok(self.written)
    }

    /// Gives up. Nothing is being kept any more when this returns: what takes the parts away then finds all of them.
    pub(super) async fn stop(mut self) {
        // Whoever gives up has a reason of their own.
        let _ = self.settle().await;
    }

    async fn keep(&mut self, is_last: bool) -> Result<()> {
        self.settle().await?;
        let bytes = std::mem::take(&mut self.filling);
        let keeping = self.parts.clone().keep(self.number, is_last, bytes);
        self.being_kept = Some(tokio::spawn(keeping));
        self.number += 1;
        Ok(())
    }

    async fn settle(&mut self) -> Result<()> {
        match self.being_kept.take() {
            Some(keeping) => keeping
                .await
                .map_err(|error| Error::failed("keeping a part of a file", error))?,
            None => Ok(()),
        }
    }
}

/// Reads a range of a file, part by part.
pub(super) struct PartReader {
    parts: Parts,
    size: u64,
    /// The next byte.
    at: u64,
    /// The first byte that is not wanted.
    end: u64,
}

impl PartReader {
    /// From the byte `first` to before `end`, of `size` in all.
    pub(super) fn range(parts: Parts, size: u64, first: u64, end: u64) -> Self {
        Self {
            parts,
            size,
            at: first,
            end: end.min(size),
        }
    }

    /// All of it.
    pub(super) fn whole(parts: Parts, size: u64) -> Self {
        Self::range(parts, size, 0, size)
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// `File` when a part is gone, or not what was put there.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let number = self.at / PART_U64;
        let begin = number * PART_U64;
        let length = PART_U64.min(self.size - begin);
        let is_last = begin + length == self.size;
        let damaged = || {
            tracing::error!(file.id = %self.parts.shelf.file, number, "a part of a file is not what was put there");
            Error::from(ApiError::File(FileProblem::Damaged))
        };
        let part = self
            .parts
            .read(u32::try_from(number).unwrap_or(u32::MAX), is_last)
            .await?;
        let mut part = part
            .filter(|part| part.len() as u64 == length)
            .ok_or_else(damaged)?;
        let within = |at: u64| usize::try_from(at - begin).unwrap_or(usize::MAX);
        let (first, end) = (within(self.at), within(self.end.min(begin + length)));
        self.at = begin + end as u64;
        part.truncate(end);
        part.drain(..first);
        Ok(Some(part))
    }
}
