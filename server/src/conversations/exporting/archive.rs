//! The form of an archive that is sent while it is made: a ZIP, which tablets and computers open by themselves. It knows
//! nothing of what it holds.
//!
//! A file's length and check are known before it begins, so that it stands there as simply as can be: as it is, with its
//! check before it. A text is packed, and its check comes after it.
//!
//! Source: PKWARE, APPNOTE.TXT 6.3.10.

use std::io::Write as _;

use app::i18n::Civil;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A number of 32 bits that says: look for the long one.
const LOOK_FURTHER: u32 = u32::MAX;
/// The same, of 16 bits.
const LOOK_FURTHER_SHORT: u16 = u16::MAX;
/// What a program has to know for a plain entry, and for numbers of 64 bits.
const VERSION: u16 = 20;
const VERSION_LONG: u16 = 45;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// Check and lengths come after the bytes.
const TOLD_AFTER: u16 = 1 << 3;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// What is known of bytes that were read to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) n_bytes: u64,
    pub(super) crc: u32,
    pub(super) sha256: [u8; 32],
}

/// Bytes that are being read.
pub(super) struct Measure {
    n_bytes: u64,
    crc: Crc,
    sha256: Sha256,
}

impl Measure {
    pub(super) fn new() -> Self {
        Self {
            n_bytes: 0,
            crc: Crc::new(),
            sha256: Sha256::new(),
        }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.n_bytes += bytes.len() as u64;
        self.crc.update(bytes);
        self.sha256.update(bytes);
    }

    pub(super) fn end(self) -> Measured {
        Measured {
            n_bytes: self.n_bytes,
            crc: self.crc.sum(),
            sha256: self.sha256.finalize().into(),
        }
    }
}

/// Something that stands in the archive.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) measured: Measured,
    at: u32,
    method: u16,
    n_packed: u64,
    offset: u64,
}

/// What is being put in.
enum Open {
    Nothing,
    File {
        known: Measured,
        measure: Measure,
    },
    Text {
        packer: DeflateEncoder<Vec<u8>>,
        measure: Measure,
    },
}

/// An archive, as far as it has come. [`Archive::take`] gives what is to be sent next.
pub(super) struct Archive {
    out: Vec<u8>,
    /// What was taken before.
    n_taken: u64,
    entries: Vec<Entry>,
    open: Open,
    /// Of the open entry.
    head: (String, u32, u64),
    /// Where its bytes begin.
    begin: u64,
}

impl Archive {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self {
            out: Vec::new(),
            n_taken: 0,
            entries: Vec::new(),
            open: Open::Nothing,
            head: (String::new(), 0, 0),
            begin: 0,
        }
    }

    /// What stands in it so far.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many bytes wait to be taken.
    pub(super) fn n_waiting(&self) -> usize {
        self.out.len()
    }

    /// What is to be sent next.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.n_taken += self.out.len() as u64;
        std::mem::take(&mut self.out)
    }

    fn here(&self) -> u64 {
        self.n_taken + self.out.len() as u64
    }

    /// Begins a file whose bytes are known.
    ///
    /// # Errors
    /// `Failed` for one of 4 GiB.
    pub(super) fn begin_file(&mut self, name: String, written_at: Civil, known: Measured) -> Result<()> {
        let n_bytes = short(known.n_bytes)?;
        self.begin(name, written_at, STORED, 0, (known.crc, n_bytes, n_bytes));
        self.open = Open::File {
            known,
            measure: Measure::new(),
        };
        Ok(())
    }

    /// Begins a text, which ends where nobody knows yet.
    pub(super) fn begin_text(&mut self, name: String, written_at: Civil) {
        self.begin(name, written_at, DEFLATED, TOLD_AFTER, (0, 0, 0));
        self.open = Open::Text {
            packer: DeflateEncoder::new(Vec::new(), Compression::default()),
            measure: Measure::new(),
        };
    }

    fn begin(&mut self, name: String, written_at: Civil, method: u16, flags: u16, told: (u32, u32, u32)) {
        let (at, offset) = (dos_time(written_at), self.here());
        self.u32(0x0403_4b50);
        self.u16(VERSION);
        self.u16(UTF8 | flags);
        self.u16(method);
        self.u32(at);
        self.u32(told.0);
        self.u32(told.1);
        self.u32(told.2);
        self.name_length(&name);
        self.u16(0);
        self.out.extend_from_slice(name.as_bytes());
        self.head = (name, at, offset);
        self.begin = self.here();
    }

    /// Adds bytes to what was begun.
    ///
    /// # Errors
    /// `Failed` when they cannot be packed.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.open {
            Open::Nothing => return Err(failed("nothing was begun")),
            Open::File { measure, .. } => {
                measure.add(bytes);
                self.out.extend_from_slice(bytes);
            }
            Open::Text { packer, measure } => {
                measure.add(bytes);
                packer.write_all(bytes).map_err(failed)?;
                self.out.append(packer.get_mut());
            }
        }
        Ok(())
    }

    /// Ends what was begun.
    ///
    /// # Errors
    /// `Failed` when a file is not what it was said to be, or a text has come to 4 GiB.
    pub(super) fn end_entry(&mut self) -> Result<()> {
        let (method, measured) = match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => return Err(failed("nothing was begun")),
            Open::File { known, measure } => {
                let measured = measure.end();
                if measured != known {
                    return Err(failed("a file has changed while it was read"));
                }
                (STORED, measured)
            }
            Open::Text { packer, measure } => {
                let mut rest = packer.finish().map_err(failed)?;
                self.out.append(&mut rest);
                (DEFLATED, measure.end())
            }
        };
        let n_packed = self.here() - self.begin;
        if method == DEFLATED {
            let (packed, n_bytes) = (short(n_packed)?, short(measured.n_bytes)?);
            self.u32(0x0807_4b50);
            self.u32(measured.crc);
            self.u32(packed);
            self.u32(n_bytes);
        }
        let (name, at, offset) = std::mem::take(&mut self.head);
        self.entries.push(Entry {
            name,
            measured,
            at,
            method,
            n_packed,
            offset,
        });
        Ok(())
    }

    /// Ends the archive with the list of what is in it.
    ///
    /// # Errors
    /// Only failures.
    pub(super) fn end(&mut self) -> Result<()> {
        let begin = self.here();
        let entries = std::mem::take(&mut self.entries);
        for entry in &entries {
            self.list(entry)?;
        }
        let (n_entries, n_bytes) = (entries.len() as u64, self.here() - begin);
        let count = u16::try_from(n_entries).unwrap_or(LOOK_FURTHER_SHORT);
        let place = u32::try_from(begin).unwrap_or(LOOK_FURTHER);
        if count == LOOK_FURTHER_SHORT || place == LOOK_FURTHER {
            self.long_end(n_entries, begin, n_bytes);
        }
        self.u32(0x0605_4b50);
        self.u32(0);
        self.u16(count);
        self.u16(count);
        self.u32(u32::try_from(n_bytes).unwrap_or(LOOK_FURTHER));
        self.u32(place);
        self.u16(0);
        Ok(())
    }

    /// One line of the list at the end.
    fn list(&mut self, entry: &Entry) -> Result<()> {
        let place = u32::try_from(entry.offset).unwrap_or(LOOK_FURTHER);
        let is_far = place == LOOK_FURTHER;
        let flags = if entry.method == DEFLATED { TOLD_AFTER } else { 0 };
        self.u32(0x0201_4b50);
        self.u16(VERSION_LONG);
        self.u16(if is_far { VERSION_LONG } else { VERSION });
        self.u16(UTF8 | flags);
        self.u16(entry.method);
        self.u32(entry.at);
        self.u32(entry.measured.crc);
        self.u32(short(entry.n_packed)?);
        self.u32(short(entry.measured.n_bytes)?);
        self.name_length(&entry.name);
        self.u16(if is_far { 12 } else { 0 });
        // No remark; the first disk; nothing said of what kind of file it is.
        self.u16(0);
        self.u16(0);
        self.u16(0);
        self.u32(0);
        self.u32(place);
        self.out.extend_from_slice(entry.name.as_bytes());
        if is_far {
            self.u16(1);
            self.u16(8);
            self.u64(entry.offset);
        }
        Ok(())
    }

    /// What says the numbers for which the end has no room.
    fn long_end(&mut self, n_entries: u64, begin: u64, n_bytes: u64) {
        let here = self.here();
        self.u32(0x0606_4b50);
        self.u64(44);
        self.u16(VERSION_LONG);
        self.u16(VERSION_LONG);
        self.u64(0);
        self.u64(n_entries);
        self.u64(n_entries);
        self.u64(n_bytes);
        self.u64(begin);
        self.u32(0x0706_4b50);
        self.u32(0);
        self.u64(here);
        self.u32(1);
    }

    fn name_length(&mut self, name: &str) {
        // Names are ours, and short.
        self.u16(u16::try_from(name.len()).unwrap_or_default());
    }

    fn u16(&mut self, number: u16) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    fn u32(&mut self, number: u32) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }
}

fn failed(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::failed("writing an archive", why)
}

/// A length in 32 bits.
fn short(n_bytes: u64) -> Result<u32> {
    let short = u32::try_from(n_bytes).ok().filter(|short| *short < LOOK_FURTHER);
    short.ok_or_else(|| failed("a part of it has come to 4 GiB"))
}

/// The time, then the date, in the two halves of a number; seconds are not told.
fn dos_time(at: Civil) -> u32 {
    let year = u32::from(u16::try_from(at.year - 1980).unwrap_or_default().min(127));
    let date = year << 9 | u32::from(at.month) << 5 | u32::from(at.day);
    let time = u32::from(at.hour) << 11 | u32::from(at.minute) << 5;
    date << 16 | time
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
