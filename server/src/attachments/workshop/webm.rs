//! `WebM` (RFC 8794, RFC 9559): whether one has sound alone. Browsers record voices into files that are called as films are.

/// Elements, by their ids.
const HEAD: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;
const TRACKS: u64 = 0x1654_ae6b;
const CLUSTER: u64 = 0x1f43_b675;
const TRACK: u64 = 0xae;
const TRACK_TYPE: u64 = 0x83;

/// The type of a track of sound.
const SOUND: u64 = 2;

/// Whether the file says that it has tracks, and that each of them is sound. What cannot be read is no sound.
pub(super) fn is_sound_alone(bytes: &[u8]) -> bool {
    let segment = elements(bytes)
        .skip_while(|element| element.id == HEAD)
        .find(|element| element.id == SEGMENT);
    let tracks = segment.and_then(|segment| {
        elements(segment.inside)
            // What follows is sound and pictures: whoever records says before what they are.
            .take_while(|element| element.id != CLUSTER)
            .find(|element| element.id == TRACKS)
    });
    let Some(tracks) = tracks else { return false };
    let mut has_sound = false;
    for track in elements(tracks.inside).filter(|element| element.id == TRACK) {
        let kind = elements(track.inside).find(|element| element.id == TRACK_TYPE);
        if kind.map(|kind| number(kind.inside)) != Some(SOUND) {
            return false;
        }
        has_sound = true;
    }
    has_sound
}

struct Element<'b> {
    id: u64,
    inside: &'b [u8],
}

/// The elements that stand one after the other, up to the first that cannot be read. One that does not know its size, as those
/// that are recorded, goes to the end.
fn elements(bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (id, after_id) = variable(rest, 4)?;
        let (size, after) = variable(after_id, 8)?;
        let n_bytes = after_id.len() - after.len();
        // The bits that say how long the number is do not belong to a size.
        let most = (1_u64 << (7 * n_bytes)) - 1;
        let size = size & most;
        let inside = if size == most {
            after
        } else {
            after.get(..usize::try_from(size).ok()?)?
        };
        rest = &after[inside.len()..];
        Some(Element { id, inside })
    })
}

/// A number of variable length with the bit that tells its length, and what follows it.
fn variable(bytes: &[u8], most_bytes: usize) -> Option<(u64, &[u8])> {
    let n_bytes = bytes.first()?.leading_zeros() as usize + 1;
    if n_bytes > most_bytes {
        return None;
    }
    let (taken, rest) = bytes.split_at_checked(n_bytes)?;
    Some((number(taken), rest))
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(id: &[u8], inside: &[u8]) -> Vec<u8> {
        let size = u8::try_from(inside.len()).unwrap() | 0x80;
        [id, &[size], inside].concat()
    }

    fn track(kind: u8) -> Vec<u8> {
        element(
            &[0xae],
            &[element(&[0xd7], &[1]), element(&[0x83], &[kind])].concat(),
        )
    }

    /// As browsers record: the segment does not know how long it will be.
    fn webm(tracks: &[u8]) -> Vec<u8> {
        let head = element(&[0x1a, 0x45, 0xdf, 0xa3], b"\x42\x82\x84webm");
        let segment = [
            0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        ];
        let about = element(&[0x15, 0x49, 0xa9, 0x66], &[0; 9]);
        let tracks = element(&[0x16, 0x54, 0xae, 0x6b], tracks);
        let cluster = [0x1f, 0x43, 0xb6, 0x75, 0xff, 0xe7, 0x81, 0x00];
        [head.as_slice(), &segment, &about, &tracks, &cluster].concat()
    }

    #[test]
    fn a_recorded_voice_is_sound_and_a_film_is_none() {
        assert!(is_sound_alone(&webm(&track(2))));
        assert!(is_sound_alone(&webm(&[track(2), track(2)].concat())));
        assert!(!is_sound_alone(&webm(&track(1))));
        assert!(!is_sound_alone(&webm(&[track(2), track(1)].concat())));
        assert!(!is_sound_alone(&webm(&[])));
    }

    #[test]
    fn what_is_cut_or_is_no_webm_is_no_sound_and_harms_nothing() {
        let whole = webm(&track(2));
        for end in 0..whole.len() {
            let _ = is_sound_alone(&whole[..end]);
        }
        assert!(!is_sound_alone(&whole[..30]));
        for nonsense in [b"".as_slice(), &[0; 40], &[0xff; 40], b"\x1a\x45\xdf\xa3"] {
            assert!(!is_sound_alone(nonsense));
        }
        // A size that goes beyond the end.
        assert!(!is_sound_alone(
            b"\x18\x53\x80\x67\x90\x16\x54\xae\x6b\x8f\xae\x83\x83\x81\x02"
        ));
    }
}
