//! Searching: one person's 100,000 messages by one to five words, in stores of growing size; beside it what it would take to
//! open and read every message instead.
//!
//! Through the rule, without HTTP around it. The words that are looked for stand together in some message of the person; every
//! second time the last one is unfinished.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use app::api::{AccountId, ConversationId, MessageId, Timestamp};
use app::conversations::{SearchMessages, Sought};
use server::clock::{Clock, SystemClock, new_uuid};
use server::context::Context;
use server::conversations::{index_words, search_messages};
use server::store::{Owner, Place, Tx};
use server::values;
use uuid::Uuid;

use crate::figures::{Limit, Report, Samples};
use crate::people::{People, Person, told};
use crate::texts::Texts;

/// Conversations of the one who searches, and messages of each.
const N_OWN: usize = 100;
const N_OF_EACH: u64 = 1_000;
/// Messages in the store, those of others among them.
const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];
/// The most messages in the store, for a short run: set in the environment, as a number.
const MOST: &str = "BENCH_SEARCH_MOST";
/// Others, who all write to each other.
const N_OTHERS: usize = 150;
const N_QUESTIONS: usize = 200;
const N_OPENED: usize = 10;
/// Rows of a transaction.
const BATCH: u64 = 1_000;

/// Measures, in a folder of its own.
///
/// # Errors
/// The rules refuse.
pub(crate) async fn measure(folder: &Path, report: &mut Report) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration")]
    let most = std::env::var(MOST).ok().and_then(|most| most.parse().ok());
    let people = People::open(folder)?;
    let mut scene = Scene::new(&people).await?;
    scene.open_every_message(report).await?;
    let begun = Instant::now();
    for conversation in scene.own.clone() {
        index_words(people.context(), conversation).await.map_err(told)?;
    }
    report.add(
        "search: words of a message laid out and sealed",
        begun.elapsed().as_secs_f64() * 1e6 / (N_OWN as f64 * N_OF_EACH as f64),
        "µs",
        Limit::None,
    );
    let n_bytes = people
        .db()
        .read(|tx| {
            tx.find(
                "select cast(sum(length(bytes)) as bigint) from word_segments",
                &[],
                |row| row.get::<u64>(0),
            )
        })
        .await
        .map_err(told)?
        .unwrap_or_default();
    report.add(
        "search: sealed words of 100,000 messages",
        n_bytes as f64 / 1e3,
        "kB",
        Limit::None,
    );
    for size in SIZES
        .into_iter()
        .filter(|size| most.is_none_or(|most| *size <= most))
    {
        scene.fill_up_to(size).await?;
        scene.ask(size, report).await?;
    }
    Ok(())
}

struct Scene<'p> {
    people: &'p People,
    reader: Person,
    own: Vec<ConversationId>,
    /// Some messages of the reader's.
    known: Vec<String>,
    texts: Texts,
    others: Vec<AccountId>,
    /// Pairs of others that have their conversation.
    n_pairs: usize,
    n_messages: u64,
}

impl<'p> Scene<'p> {
    async fn new(people: &'p People) -> Result<Self> {
        let reader = people.person(0).await?;
        let mut scene = Self {
            people,
            own: Vec::new(),
            known: Vec::new(),
            texts: Texts::new(),
            others: Vec::new(),
            n_pairs: 0,
            n_messages: 0,
            reader,
        };
        for number in 1..=N_OTHERS {
            scene.others.push(people.person(number).await?.id());
        }
        for number in 0..N_OWN {
            let pair = (scene.reader.id(), scene.others[number]);
            let conversation = scene.write(pair, N_OF_EACH).await?;
            scene.own.push(conversation);
        }
        Ok(scene)
    }

    /// Writes a conversation of two with this many messages, sealed as the rule seals them.
    async fn write(&mut self, pair: (AccountId, AccountId), n_messages: u64) -> Result<ConversationId> {
        let conversation = ConversationId(new_uuid(&SystemClock));
        let key = self
            .people
            .db()
            .write(move |tx| insert_conversation(tx, conversation, pair, n_messages))
            .await
            .map_err(told)?;
        for first in (1..=n_messages).step_by(usize::try_from(BATCH)?) {
            let texts: Vec<String> = (0..BATCH.min(n_messages + 1 - first))
                .map(|_| self.texts.next())
                .collect();
            if self.known.len() < 5_000 {
                self.known.extend(texts.iter().take(50).cloned());
            }
            self.n_messages += texts.len() as u64;
            self.people
                .db()
                .write(move |tx| insert_messages(tx, conversation, pair, key, first, &texts))
                .await
                .map_err(told)?;
        }
        Ok(conversation)
    }

    /// Others write until there are this many messages, laid out like everybody's.
    async fn fill_up_to(&mut self, size: u64) -> Result<()> {
        while self.n_messages < size {
            let pair = self.next_pair();
            let conversation = self.write(pair, N_OF_EACH).await?;
            index_words(self.people.context(), conversation)
                .await
                .map_err(told)?;
        }
        Ok(())
    }

    fn next_pair(&mut self) -> (AccountId, AccountId) {
        let mut left = self.n_pairs;
        self.n_pairs += 1;
        for (index, one) in self.others.iter().enumerate() {
            let n_behind = self.others.len() - index - 1;
            if left < n_behind {
                return (*one, self.others[index + 1 + left]);
            }
            left -= n_behind;
        }
        unreachable!("150 people make 11,175 pairs")
    }

    /// What was chosen against: nothing is laid out yet, so every message is opened and read.
    async fn open_every_message(&mut self, report: &mut Report) -> Result<()> {
        let mut samples = Samples::default();
        for _ in 0..N_OPENED {
            let question = self.question(2);
            samples.push(search(self.people.context(), &self.reader, &question).await?);
        }
        report.add(
            "search: 100,000 messages opened and read, 2 words, p50",
            samples.percentile_ms(0.5),
            "ms",
            Limit::None,
        );
        Ok(())
    }

    async fn ask(&mut self, size: u64, report: &mut Report) -> Result<()> {
        for n_words in 1..=5 {
            let mut samples = Samples::default();
            for _ in 0..N_QUESTIONS {
                let question = self.question(n_words);
                samples.push(search(self.people.context(), &self.reader, &question).await?);
            }
            let name = |share| format!("search: {size} messages in the store, {n_words} words, {share}");
            report.add(name("p50"), samples.percentile_ms(0.5), "ms", Limit::None);
            report.add(
                name("p95"),
                samples.percentile_ms(0.95),
                "ms",
                Limit::AtMost(50.0),
            );
        }
        Ok(())
    }

    /// Words that stand in one message.
    fn question(&mut self, n_words: usize) -> String {
        loop {
            let text = &self.known[self.texts.below(self.known.len())];
            let words: Vec<&str> = text.split(' ').filter(|word| word.chars().count() > 2).collect();
            if words.len() < n_words {
                continue;
            }
            let first = self.texts.below(words.len() + 1 - n_words);
            let mut question = words[first..first + n_words].join(" ");
            if self.texts.below(2) == 0 {
                question.pop();
            }
            return question;
        }
    }
}

async fn search(context: &Context, reader: &Person, question: &str) -> Result<std::time::Duration> {
    let wish = SearchMessages {
        text: Sought(question.to_owned()),
        ..SearchMessages::default()
    };
    let begun = Instant::now();
    let found = search_messages(context.clone(), reader.caller(), wish)
        .await
        .map_err(told)?;
    let elapsed = begun.elapsed();
    anyhow::ensure!(!found.hits.is_empty(), "nothing was found");
    Ok(elapsed)
}

/// The rows of a conversation; answers its key.
fn insert_conversation(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    (one, other): (AccountId, AccountId),
    n_messages: u64,
) -> server::error::Result<Uuid> {
    tx.execute(
        "insert into conversations (id, low_id, high_id, mode, last_position, active_at, created_at)
        values ($1, $2, $3, 'server', $4, $5, $5)",
        values![
            conversation,
            one.min(other),
            one.max(other),
            n_messages,
            Timestamp(1_790_000_000_000)
        ],
    )?;
    let key = tx.make_key(Owner::Conversation(conversation))?;
    tx.execute(
        "update conversations set key_ref = $1 where id = $2",
        values![key, conversation],
    )?;
    for (account, friend) in [(one, other), (other, one)] {
        tx.execute(
            "insert into participants (conversation_id, account_id, friend_id, read_position, delivered_position,
                unread_count)
            values ($1, $2, $3, 0, 0, 0)",
            values![conversation, account, friend],
        )?;
    }
    Ok(key)
}

fn insert_messages(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    (one, other): (AccountId, AccountId),
    key: Uuid,
    first: u64,
    texts: &[String],
) -> server::error::Result<()> {
    for (position, text) in (first..).zip(texts) {
        let author = if position % 2 == 0 { one } else { other };
        let message = MessageId(new_uuid(&SystemClock));
        let place = Place::Body {
            conversation,
            message,
            position,
            author,
        };
        let sealed = tx.seal(key, place, text)?;
        let mut random = [0; 8];
        SystemClock.fill_random(&mut random);
        let apart_ms = u64::from_le_bytes(random) % 600_000;
        let mut values = vec![
            conversation.into(),
            position.into(),
            message.0.into(),
            author.into(),
            new_uuid(&SystemClock).into(),
            (1_700_000_000_000 + position * 600_000 + apart_ms).into(),
            position.div_ceil(2).into(),
        ];
        values.extend(sealed.into_columns());
        tx.put(
            "insert into messages (conversation_id, position, id, sender_id, key, sent_at, nth, body_suite, body_key_ref,
                body_nonce, body_bytes)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &values,
        )?;
    }
    Ok(())
}
