//! The boxes of which MP4, `QuickTime`, M4A and HEIC files are made (ISO/IEC 14496-12, 23008-12): what tells where, when, with
//! what and by whom something was taken is blanked, in place, so that everything else stays where the file says it is.

use std::ops::Range;

use app::attachments::FileProblem;

/// How deep boxes may stand in each other.
const MOST_DEPTH: u32 = 12;
/// The most boxes of a file.
const MOST_BOXES: usize = 200_000;

/// Boxes that hold other boxes, and nothing before them.
const HOLDERS: [&[u8; 4]; 9] = [
    b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"moof", b"traf",
];

/// Notes of cameras and programs, in any of their forms.
const NOTES: [&[u8; 4]; 6] = [b"udta", b"uuid", b"XMP_", b"loci", b"ID32", b"meco"];

/// What stands in the head of a film, of a track and of its medium: when they were made and changed.
const DATED: [&[u8; 4]; 3] = [b"mvhd", b"tkhd", b"mdhd"];

/// A box: its kind, and where its inside is.
struct Found {
    kind: [u8; 4],
    inside: Range<usize>,
    /// Where its kind stands.
    name: Range<usize>,
}

/// What is to be blanked.
#[derive(Default)]
struct Blanks {
    /// Boxes that become free room.
    boxes: Vec<Found>,
    /// Bytes that become zero.
    ranges: Vec<Range<usize>>,
    n_boxes: usize,
}

/// The file without its notes.
pub(super) fn without_notes(mut bytes: Vec<u8>) -> Result<Vec<u8>, FileProblem> {
    let mut blanks = Blanks::default();
    let is_picture = bytes.get(8..12).is_some_and(|brand| {
        [b"heic", b"heix", b"mif1", b"msf1"]
            .iter()
            .any(|known| brand == *known)
    });
    blanks.note(&bytes, 0..bytes.len(), 0, is_picture)?;
    for note in blanks.boxes {
        bytes[note.name].copy_from_slice(b"free");
        bytes[note.inside].fill(0);
    }
    for range in blanks.ranges {
        if let Some(range) = bytes.get_mut(range) {
            range.fill(0);
        }
    }
    Ok(bytes)
}

impl Blanks {
    fn note(
        &mut self,
        bytes: &[u8],
        within: Range<usize>,
        depth: u32,
        is_picture: bool,
    ) -> Result<(), FileProblem> {
        if depth > MOST_DEPTH {
            return Err(FileProblem::TooComplex);
        }
        for found in boxes(bytes, within)? {
            self.n_boxes += 1;
            if self.n_boxes > MOST_BOXES {
                return Err(FileProblem::TooComplex);
            }
            let kind = &found.kind;
            if NOTES.contains(&kind) || (kind == b"meta" && !(is_picture && depth == 0)) {
                self.boxes.push(found);
            } else if kind == b"meta" {
                self.note_items(bytes, found.inside)?;
            } else if DATED.contains(&kind) {
                let is_long = bytes.get(found.inside.start) == Some(&1);
                let begin = found.inside.start + 4;
                let end = (begin + if is_long { 16 } else { 8 }).min(found.inside.end);
                self.ranges.push(begin.min(end)..end);
            } else if HOLDERS.contains(&kind) {
                self.note(bytes, found.inside, depth + 1, is_picture)?;
            }
        }
        Ok(())
    }

    /// In a picture the box `meta` lists its items: those that are notes are blanked where they lie.
    fn note_items(&mut self, bytes: &[u8], meta: Range<usize>) -> Result<(), FileProblem> {
        // A version and flags stand before what it holds.
        let inside = boxes(bytes, (meta.start + 4).min(meta.end)..meta.end)?;
        let of = |kind: &[u8; 4]| inside.iter().find(|found| found.kind == *kind);
        let Some((names, places)) = of(b"iinf").zip(of(b"iloc")) else {
            return Ok(());
        };
        let notes = note_ids(bytes, names.inside.clone())?;
        let data = of(b"idat").map(|found| found.inside.clone());
        for (id, range) in extents(bytes, places.inside.clone(), data.as_ref())? {
            if notes.contains(&id) {
                self.ranges.push(range);
            }
        }
        Ok(())
    }
}

/// The boxes that stand one after the other in a range.
fn boxes(bytes: &[u8], within: Range<usize>) -> Result<Vec<Found>, FileProblem> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at + 8 <= within.end {
        let mut read = Reader::new(bytes, at..within.end);
        let short = read.number(4)?;
        let kind = read.take(4)?.try_into().map_err(|_| FileProblem::Unreadable)?;
        let length = match short {
            0 => (within.end - at) as u64,
            1 => read.number(8)?,
            length => length,
        };
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| at.checked_add(length));
        let end = end.filter(|end| *end >= read.at && *end <= within.end);
        found.push(Found {
            kind,
            name: at + 4..at + 8,
            inside: read.at..end.ok_or(FileProblem::Unreadable)?,
        });
        at = found.last().map_or(within.end, |last| last.inside.end);
        if found.len() > MOST_BOXES {
            return Err(FileProblem::TooComplex);
        }
    }
    Ok(found)
}

/// The ids of the items that are notes: Exif, and what else is no picture but text of its own kind.
fn note_ids(bytes: &[u8], list: Range<usize>) -> Result<Vec<u64>, FileProblem> {
    let mut read = Reader::new(bytes, list.clone());
    let version = read.number(1)?;
    read.take(3)?;
    read.number(if version == 0 { 2 } else { 4 })?;
    let mut ids = Vec::new();
    for item in boxes(bytes, read.at..list.end)? {
        let mut read = Reader::new(bytes, item.inside);
        let version = read.number(1)?;
        read.take(3)?;
        if version < 2 {
            continue;
        }
        let id = read.number(if version == 2 { 2 } else { 4 })?;
        read.take(2)?;
        if matches!(read.take(4)?, b"Exif" | b"mime" | b"uri ") {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Where each item lies.
fn extents(
    bytes: &[u8],
    list: Range<usize>,
    data: Option<&Range<usize>>,
) -> Result<Vec<(u64, Range<usize>)>, FileProblem> {
    let mut read = Reader::new(bytes, list);
    let version = read.number(1)?;
    read.take(3)?;
    let sizes = read.number(2)?;
    let size = |shift: u32| usize::try_from(sizes >> shift & 0xf).unwrap_or(0);
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version == 0 { 0 } else { size(0) };
    let n_items = read.number(if version < 2 { 2 } else { 4 })?;
    let mut found = Vec::new();
    for _ in 0..n_items {
        let id = read.number(if version < 2 { 2 } else { 4 })?;
        let is_in_data = version > 0 && read.number(2)? & 0xf == 1;
        read.take(2)?;
        let base = read.number(base_size)?;
        for _ in 0..read.number(2)? {
            read.take(index_size)?;
            let offset = read.number(offset_size)?;
            let length = read.number(length_size)?;
            let begin = if is_in_data {
                data.map_or(0, |data| data.start)
            } else {
                0
            };
            let range = base
                .checked_add(offset)
                .and_then(|at| usize::try_from(at).ok()?.checked_add(begin))
                .zip(usize::try_from(length).ok())
                .and_then(|(at, length)| Some(at..at.checked_add(length)?))
                .filter(|range| range.end <= bytes.len());
            found.push((id, range.ok_or(FileProblem::Unreadable)?));
            if found.len() > MOST_BOXES {
                return Err(FileProblem::TooComplex);
            }
        }
    }
    Ok(found)
}

/// Reads numbers, the highest byte first, and never beyond its range.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    end: usize,
}

impl<'b> Reader<'b> {
    fn new(bytes: &'b [u8], range: Range<usize>) -> Self {
        Self {
            bytes,
            at: range.start,
            end: range.end,
        }
    }

    fn take(&mut self, n_bytes: usize) -> Result<&'b [u8], FileProblem> {
        let end = self.at.checked_add(n_bytes).filter(|end| *end <= self.end);
        let end = end.ok_or(FileProblem::Unreadable)?;
        let taken = self.bytes.get(self.at..end).ok_or(FileProblem::Unreadable)?;
        self.at = end;
        Ok(taken)
    }

    fn number(&mut self, n_bytes: usize) -> Result<u64, FileProblem> {
        let taken = self.take(n_bytes)?;
        Ok(taken
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8], inside: &[u8]) -> Vec<u8> {
        let length = u32::try_from(inside.len() + 8).unwrap();
        [&length.to_be_bytes(), kind, inside].concat()
    }

    fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
        bytes.windows(wanted.len()).any(|window| window == wanted)
    }

    #[test]
    fn a_film_loses_where_and_when_it_was_taken_and_nothing_moves() {
        let place = boxed(b"udta", &boxed(b"\xa9xyz", b"+45.5017-073.5673/"));
        let date = boxed(
            b"mvhd",
            &[[0; 4].as_slice(), b"WHENWHEN", b"rest of the head"].concat(),
        );
        let keys = boxed(b"meta", b"com.apple.quicktime.location.ISO6709");
        let film = [
            boxed(b"ftyp", b"qt  0000"),
            boxed(
                b"moov",
                &[date, boxed(b"trak", &place), place.clone(), keys].concat(),
            ),
            boxed(b"mdat", b"pictures and sound"),
        ]
        .concat();

        let blanked = without_notes(film.clone()).unwrap();

        assert_eq!(blanked.len(), film.len());
        for gone in [b"+45.5017".as_slice(), b"WHEN", b"ISO6709", b"udta"] {
            assert!(contains(&film, gone) && !contains(&blanked, gone), "{gone:?}");
        }
        assert!(contains(&blanked, b"pictures and sound") && contains(&blanked, b"rest of the head"));
    }

    #[test]
    fn a_heic_picture_loses_its_exif_and_keeps_its_pixels() {
        let item = |id: u16, kind: &[u8; 4]| {
            boxed(
                b"infe",
                &[[2, 0, 0, 0].as_slice(), &id.to_be_bytes(), &[0, 0], kind, b"\0"].concat(),
            )
        };
        let names = boxed(
            b"iinf",
            &[
                [0, 0, 0, 0, 0, 2].as_slice(),
                &item(1, b"hvc1"),
                &item(2, b"Exif"),
            ]
            .concat(),
        );
        let place = |id: u16, at: u32, length: u32| {
            [
                id.to_be_bytes().as_slice(),
                &[0, 0, 0, 1],
                &at.to_be_bytes(),
                &length.to_be_bytes(),
            ]
            .concat()
        };
        let build = |data_at: u32| {
            let places = boxed(
                b"iloc",
                &[
                    [0, 0, 0, 0, 0x44, 0, 0, 2].as_slice(),
                    &place(1, data_at, 6),
                    &place(2, data_at + 6, 8),
                ]
                .concat(),
            );
            [
                boxed(b"ftyp", b"heic0000"),
                boxed(b"meta", &[[0; 4].as_slice(), &names, &places].concat()),
                boxed(b"mdat", b"PIXELSGPS-HERE"),
            ]
            .concat()
        };
        let data_at = u32::try_from(build(0).len() - 14).unwrap();

        let blanked = without_notes(build(data_at)).unwrap();

        assert!(contains(&blanked, b"PIXELS") && !contains(&blanked, b"GPS-HERE"));
    }

    #[test]
    fn boxes_that_are_not_what_they_say_are_refused() {
        for wrong in [
            [boxed(b"ftyp", b"isom"), vec![0xff; 40]].concat(),
            [
                boxed(b"ftyp", b"isom"),
                4_u32.to_be_bytes().to_vec(),
                b"moov".to_vec(),
            ]
            .concat(),
        ] {
            assert!(without_notes(wrong).is_err());
        }
        let mut deep = boxed(b"moov", b"");
        for _ in 0..100 {
            deep = boxed(b"trak", &deep);
        }
        assert_eq!(without_notes(deep), Err(FileProblem::TooComplex));
    }
}
