use proptest::prelude::*;

use super::*;

fn segment(texts: &[&str]) -> Segment {
    let mut builder = SegmentBuilder::default();
    for (index, text) in (0..).zip(texts) {
        builder.push(
            10 + index,
            1_800_000_000_000 + 60_000 * i64::try_from(index).unwrap(),
            index % 3,
            text,
        );
    }
    builder.finish()
}

fn places(segment: &Segment, word: &str) -> Vec<u32> {
    let found = segment.find(word).into_iter();
    found.flat_map(|places| segment.places(places)).collect()
}

#[test]
fn words_stand_at_their_numbers_and_one_is_left_out_between_messages() {
    let segment = segment(&["Le bilan est prêt", "", "Bilans : le bilan"]);

    assert_eq!(places(&segment, "bilan"), [1, 6, 8]);
    assert_eq!(places(&segment, "le"), [0, 7]);
    assert!(places(&segment, "bila").is_empty());
    assert!(places(&segment, "bilanx").is_empty());
    let entries: Vec<_> = segment.messages().collect();
    assert_eq!(
        entries
            .iter()
            .map(|entry| (entry.position, entry.first, entry.marks))
            .collect::<Vec<_>>(),
        [(10, 0, 0), (11, 5, 1), (12, 6, 2)]
    );
    assert_eq!(entries[2].sent_at, 1_800_000_120_000);
}

#[test]
fn an_empty_segment_answers_nothing() {
    for segment in [Segment::default(), segment(&[]), segment(&["", "!"])] {
        assert_eq!(segment.find("a"), None);
        assert!(segment.beginnings("abc").is_empty());
        assert!(segment.starting_with("").is_empty());
    }
}

#[test]
fn what_is_no_segment_is_refused() {
    let good = segment(&["Un mot", "deux mots"]).bytes().to_vec();

    assert!(Segment::read(good.clone()).is_some());
    assert!(Segment::read(Vec::new()).is_none());
    assert!(Segment::read([vec![2], good[1..].to_vec()].concat()).is_none());
    assert!(Segment::read(good[..good.len() / 3].to_vec()).is_none());
}

/// Few letters, so that words often begin alike.
fn texts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("([ab]{1,4}|[a-c]s?){0,3}( [ab]{1,5}){0,6}", 0..40)
}

proptest! {
    #[test]
    fn every_lookup_answers_as_a_walk_through_all_words_does(texts in texts(), whole in "[abc]{1,6}") {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let segment = segment(&texts);
        let mut all: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut next = 0;
        for text in &texts {
            for token in tokens(text) {
                all.entry(singular(&token.raw).into_owned()).or_default().push(next);
                next += 1;
            }
            next += 1;
        }

        prop_assert_eq!(places(&segment, &whole), all.get(&whole).cloned().unwrap_or_default());
        let beginnings: Vec<usize> = segment.beginnings(&whole).iter().map(|(length, _)| *length).collect();
        let mut expected: Vec<usize> =
            all.keys().filter(|word| whole.starts_with(word.as_str())).map(String::len).collect();
        expected.reverse();
        prop_assert_eq!(beginnings, expected);
        let found: Vec<u32> =
            segment.starting_with(&whole).into_iter().flat_map(|places| segment.places(places)).collect();
        let expected: Vec<u32> =
            all.iter().filter(|(word, _)| word.starts_with(&whole)).flat_map(|(_, places)| places.clone()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn merging_is_the_same_as_building_together(texts in texts(), cut in 0_usize..40) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let whole = segment(&texts);
        let mut parts = [SegmentBuilder::default(), SegmentBuilder::default()];
        for (entry, text) in whole.messages().zip(&texts) {
            let part = &mut parts[usize::from(entry.position >= 10 + cut as u64)];
            part.push(entry.position, entry.sent_at, entry.marks, text);
        }
        let [one, other] = parts.map(SegmentBuilder::finish);

        prop_assert_eq!(Segment::merged([&one, &other]), whole);
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in any::<Vec<u8>>(), word in "[a-c]{1,3}") {
        let bytes = [vec![1], bytes].concat();
        if let Some(segment) = Segment::read(bytes) {
            prop_assert!(segment.messages().count() <= segment.bytes().len());
            segment.find(&word);
            segment.beginnings(&word);
            segment.starting_with(&word);
        }
    }
}
