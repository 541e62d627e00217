//! Documents that are archives: Office Open XML and `OpenDocument`. Nothing is unpacked: the list at the end of the archive says
//! what is in it, and how large it would be.

use app::attachments::FileProblem;

/// The most that a document may unpack to, in bytes, as its list says.
const N_MOST_BYTES: u64 = 512 * 1024 * 1024;
/// And so many times the file itself.
const MOST_TIMES: u64 = 200;
/// Below that, nobody minds how often.
const FREE_BYTES: u64 = 16 * 1024 * 1024;
/// The most entries.
const N_MOST_ENTRIES: usize = 20_000;

/// Checks that the archive is the document that it is said to be.
pub(super) fn check(media_type: &str, bytes: &[u8]) -> Result<(), FileProblem> {
    let entries = list(bytes)?;
    let n_bytes: u64 = entries.iter().map(|entry| entry.n_bytes).sum();
    let is_bomb = n_bytes > N_MOST_BYTES
        || (n_bytes > FREE_BYTES && n_bytes / MOST_TIMES > bytes.len() as u64)
        || entries.len() > N_MOST_ENTRIES;
    if is_bomb {
        return Err(FileProblem::TooComplex);
    }
    let has = |name: &str| entries.iter().any(|entry| entry.name == name.as_bytes());
    let is_it = match media_type.rsplit('.').next() {
        _ if media_type.starts_with("application/vnd.oasis.") => begins_with_type(bytes, media_type),
        Some("document") => has("[Content_Types].xml") && has("word/document.xml"),
        Some("sheet") => has("[Content_Types].xml") && has("xl/workbook.xml"),
        Some("presentation") => has("[Content_Types].xml") && has("ppt/presentation.xml"),
        _ => false,
    };
    // A document with programs has another ending, which is not on the list.
    let has_programs = entries.iter().any(|entry| {
        let name = entry.name.to_ascii_lowercase();
        name.ends_with(b"vbaproject.bin") || name.starts_with(b"basic/") || name.starts_with(b"scripts/")
    });
    (is_it && !has_programs)
        .then_some(())
        .ok_or(FileProblem::Misnamed)
}

/// An `OpenDocument` says first what it is: an entry `mimetype`, not compressed.
fn begins_with_type(bytes: &[u8], media_type: &str) -> bool {
    let head = [b"mimetype".as_slice(), media_type.as_bytes()].concat();
    bytes.get(30..).is_some_and(|rest| rest.starts_with(&head))
}

struct Entry<'b> {
    name: &'b [u8],
    /// What it unpacks to, as the list says.
    n_bytes: u64,
}

/// The list of the archive.
fn list(bytes: &[u8]) -> Result<Vec<Entry<'_>>, FileProblem> {
    const END: &[u8] = b"PK\x05\x06";
    const END_LENGTH: usize = 22;
    let unreadable = FileProblem::Unreadable;
    // A remark of at most 65,535 bytes may follow.
    let first = bytes.len().saturating_sub(END_LENGTH + 65_535);
    let tail = bytes.get(first..).unwrap_or_default();
    let end = tail.windows(END.len()).rposition(|window| window == END);
    let end = first + end.ok_or(unreadable)?;
    let at_end = |offset: usize, n: usize| number(bytes, end + offset, n).ok_or(unreadable);
    let n_entries = usize::try_from(at_end(10, 2)?).map_err(|_| unreadable)?;
    let mut at = usize::try_from(at_end(16, 4)?).map_err(|_| unreadable)?;
    let mut entries = Vec::new();
    for _ in 0..n_entries {
        if bytes
            .get(at..)
            .is_none_or(|rest| !rest.starts_with(b"PK\x01\x02"))
        {
            return Err(unreadable);
        }
        let field = |offset: usize, n: usize| number(bytes, at + offset, n).ok_or(unreadable);
        let length =
            |offset: usize| field(offset, 2).map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        let (name, extra, remark) = (length(28)?, length(30)?, length(32)?);
        entries.push(Entry {
            name: bytes.get(at + 46..at + 46 + name).ok_or(unreadable)?,
            n_bytes: field(24, 4)?,
        });
        at += 46 + name + extra + remark;
    }
    if entries.is_empty() {
        return Err(unreadable);
    }
    Ok(entries)
}

/// A number of so many bytes, the lowest first.
fn number(bytes: &[u8], at: usize, n_bytes: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(n_bytes)?)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}
