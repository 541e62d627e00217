//! What becomes of two drafts of one person for one conversation, written on two devices. The server and every device go by
//! this rule.
//!
//! Promise: no word of either is lost; in doubt both stay.

/// Of the words here and those there: the longer of two that hold one another stays, and of two that do not, both stay, those
/// there first.
pub fn meet(here: &str, there: &str) -> String {
    if here.contains(there) && !here.is_empty() {
        here.to_owned()
    } else if there.contains(here) {
        there.to_owned()
    } else {
        format!("{there}\n\n{here}")
    }
}

/// What is kept of `here`, which is saved where `there` is, when only what has a mark in `over` may be written over (anything,
/// where nothing is said); nothing when that is `here` itself.
pub fn meet_over(here: &str, there: &str, over: Option<&[u32]>) -> Option<String> {
    let is_known = over.is_none_or(|over| over.contains(&mark(there)));
    (!is_known).then(|| meet(here, there)).filter(|met| met != here)
}

/// A mark by which the server knows words again without being sent them: FNV-1a of their UTF-8, 32 bits. Two drafts with one
/// mark are as rare as one in four thousand million, and would have to be written at the same moment to matter.
///
/// Source: draft-eastlake-fnv. `xtask/src/chunks.js` reckons the same.
pub fn mark(words: &str) -> u32 {
    words.bytes().fold(0x811c_9dc5, |mark, byte| {
        (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source of the figures: the test vectors of draft-eastlake-fnv.
    #[test]
    fn a_mark_is_the_published_one() {
        assert_eq!(mark(""), 0x811c_9dc5);
        assert_eq!(mark("a"), 0xe40c_292c);
        assert_eq!(mark("foobar"), 0xbf9c_f968);
    }

    #[test]
    fn a_draft_is_written_over_by_whoever_knew_it_and_kept_from_whoever_did_not() {
        let knowing = [mark("salut")];

        assert_eq!(meet_over("bonjour", "salut", None), None);
        assert_eq!(meet_over("bonjour", "salut", Some(&knowing)), None);
        assert_eq!(
            meet_over("bonjour", "salut", Some(&[])).as_deref(),
            Some("salut\n\nbonjour")
        );
        // What holds the other already is kept as it is.
        assert_eq!(meet_over("bonjour", "bon", Some(&[])), None);
    }

    #[test]
    fn of_two_drafts_no_word_is_lost_and_meeting_again_adds_nothing() {
        let drafts = ["", "bon", "bonjour", "d’ici", "d’ailleurs"];
        for here in drafts {
            for there in drafts {
                let met = meet(here, there);
                assert!(met.contains(here) && met.contains(there), "{here:?} {there:?}");
                assert_eq!(meet(here, &met), met);
                assert_eq!(meet(&met, there), met);
            }
        }
    }
}
