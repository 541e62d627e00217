//! Texts as long and as varied as those that people write: a few words all the time, many words now and then.

/// Makes texts, the same ones in each run.
pub(crate) struct Texts {
    state: u64,
    /// The common ones first.
    words: Vec<String>,
}

/// Words that stand in nearly every text.
const FUNCTION_WORDS: [&str; 20] = [
    "le",
    "de",
    "la",
    "l’hôpital",
    "est",
    "à",
    "les",
    "et",
    "pour",
    "du",
    "d’hier",
    "en",
    "un",
    "une",
    "que",
    "je",
    "vous",
    "ce",
    "dans",
    "pas",
];
/// What other words are made of.
const SYLLABLES: [&str; 30] = [
    "ba", "co", "di", "fé", "gra", "hé", "in", "jo", "ka", "lé", "mi", "no", "on", "pa", "que", "ré", "si",
    "tion", "ur", "va", "xi", "y", "zo", "ment", "al", "ose", "ite", "cardi", "hémo", "néphr",
];
/// As many different words as a person meets in such messages.
const N_WORDS: usize = 20_000;

impl Texts {
    /// A source of texts.
    pub(crate) fn new() -> Self {
        let mut texts = Self {
            state: 7,
            words: Vec::new(),
        };
        let mut known = std::collections::HashSet::new();
        while texts.words.len() < N_WORDS {
            let n_syllables = 2 + texts.below(3);
            let word: String = (0..n_syllables)
                .map(|_| SYLLABLES[texts.below(SYLLABLES.len())])
                .collect();
            if known.insert(word.clone()) {
                texts.words.push(word);
            }
        }
        texts
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap_or_default()
    }

    /// The next text, some 80 characters long.
    pub(crate) fn next(&mut self) -> String {
        let n_words = 4 + self.below(20);
        let words: Vec<String> = (0..n_words).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn word(&mut self) -> String {
        match self.below(100) {
            0..40 => FUNCTION_WORDS[self.below(FUNCTION_WORDS.len())].to_owned(),
            40..45 => format!("{},{}", self.below(10), self.below(10)),
            _ => {
                // Each word as often as its rank says, by the law that George Zipf found.
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a rank below their number"
                )]
                let rank = (self.words.len() as f64).powf(self.below(1_000_000) as f64 / 1e6) as usize;
                self.words[rank.saturating_sub(1)].clone()
            }
        }
    }
}
