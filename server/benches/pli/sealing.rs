//! What sealing costs: the same sends with words sealed and in the clear, in turn; how fast words of an earlier version are
//! sealed at the start; how fast the audit is verified.
//!
//! The sends go through the rule, without HTTP around it, so that the share of sealing is the largest that it can be.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use app::api::ConversationId;
use server::audit::{self, Act, Checkpoints, Signer};
use server::store::{self, AtRest, Key, Owner};

use crate::figures::{Limit, Report, Samples};
use crate::people::{People, Person, told};

const N_PAIRS: usize = 32;
const N_ROUNDS: usize = 4;
const SPAN: Duration = Duration::from_secs(3);
const N_AUDIT_ROWS: u64 = 200_000;
const N_KEYS: u64 = 100_000;
/// A message as clinicians write them, and a long one.
const TEXTS: [(&str, usize); 2] = [("80 characters", 80), ("2,000 characters", 2_000)];

/// Measures, each in a folder of its own.
///
/// # Errors
/// The rules refuse.
pub(crate) async fn measure(folder: &Path, report: &mut Report) -> Result<()> {
    for (name, n_chars) in TEXTS {
        let text = "Le bilan est au dossier. ".repeat(n_chars / 25 + 1)[..n_chars].to_owned();
        let (mut sealed, mut plain) = (Samples::default(), Samples::default());
        let (mut n_sealed, mut n_plain) = (0.0, 0.0);
        let mut scenes = Vec::new();
        for at_rest in [AtRest::Plain, AtRest::Sealed] {
            let folder = folder.join(format!("{at_rest:?}-{n_chars}"));
            std::fs::create_dir_all(&folder)?;
            scenes.push(Scene::new(&folder, at_rest).await?);
        }
        for _ in 0..N_ROUNDS {
            n_plain += scenes[0].send(&text, &mut plain).await?;
            n_sealed += scenes[1].send(&text, &mut sealed).await?;
        }
        let spans = SPAN.as_secs_f64() * N_ROUNDS as f64;
        report.add(
            format!("{name}, in the clear: sends through the rule"),
            n_plain / spans,
            "/s",
            Limit::None,
        );
        report.add(
            format!("{name}, sealed: sends through the rule"),
            n_sealed / spans,
            "/s",
            Limit::None,
        );
        report.add(
            format!("{name}: sealed against in the clear"),
            n_sealed / n_plain,
            "×",
            Limit::AtLeast(0.9),
        );
        report.add(
            format!("{name}: one send at p50, sealed less in the clear"),
            sealed.percentile_ms(0.5) - plain.percentile_ms(0.5),
            "ms",
            Limit::None,
        );
    }
    rotation(&folder.join("rotation"), report).await?;
    audit(&folder.join("audit"), report).await
}

/// Every key is wrapped anew.
///
/// Source: assurance ENC-03.
async fn rotation(folder: &Path, report: &mut Report) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let people = People::open(folder)?;
    for batch in 0..N_KEYS / 1_000 {
        people
            .db()
            .write(move |tx| {
                for number in 0..1_000 {
                    let id = ConversationId(uuid::Uuid::from_u128(u128::from(batch * 1_000 + number)));
                    tx.make_key(Owner::Conversation(id))?;
                }
                Ok(())
            })
            .await
            .map_err(told)?;
    }
    let begun = Instant::now();
    let n_wrapped = store::rotate(people.db(), |_, _| Ok(())).await.map_err(told)?;
    anyhow::ensure!(n_wrapped == N_KEYS, "{n_wrapped} keys wrapped");
    report.add(
        "100,000 keys wrapped anew",
        begun.elapsed().as_secs_f64(),
        "s",
        Limit::AtMost(60.0),
    );
    Ok(())
}

/// Pairs of friends, in a database of their own.
struct Scene {
    people: People,
    pairs: Vec<(Person, ConversationId)>,
}

impl Scene {
    async fn new(folder: &Path, at_rest: AtRest) -> Result<Self> {
        let people = People::open_at_rest(folder, at_rest)?;
        let mut pairs = Vec::new();
        for number in 0..N_PAIRS {
            let (one, other) = (
                people.person(2 * number).await?,
                people.person(2 * number + 1).await?,
            );
            let conversation = people.befriend(&one, &other).await?;
            pairs.push((one, conversation));
        }
        Ok(Self { people, pairs })
    }

    /// All pairs write for a while; answers how many messages were stored.
    async fn send(&self, text: &str, samples: &mut Samples) -> Result<f64> {
        let until = Instant::now() + SPAN;
        let writers = self.pairs.iter().map(|(author, conversation)| async move {
            let mut took = Vec::new();
            while Instant::now() < until {
                let begun = Instant::now();
                self.people.send(author, *conversation, text).await?;
                took.push(begun.elapsed());
            }
            anyhow::Ok(took)
        });
        let mut n_sent = 0.0;
        for took in futures::future::try_join_all(writers).await? {
            n_sent += took.len() as f64;
            for one in took {
                samples.push(one);
            }
        }
        Ok(n_sent)
    }
}

async fn audit(folder: &Path, report: &mut Report) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let people = People::open(folder)?;
    let db = people.db();
    let now = people.now();
    for _ in 0..N_AUDIT_ROWS / 5_000 {
        db.write(move |tx| {
            for _ in 0..5_000 {
                audit::append(tx, now, None, Act::SignedIn, uuid::Uuid::from_u128(7))?;
            }
            Ok(())
        })
        .await
        .map_err(told)?;
    }
    let signer = Signer::new(&Key::from_slice(&[1; Key::LEN]).unwrap_or_else(|| unreachable!()));
    let checkpoints = Checkpoints::at(folder.join("checkpoints"), signer);
    checkpoints.sign(db, now).await.map_err(told)?;
    let begun = Instant::now();
    let found = audit::verify(db, &checkpoints).await.map_err(told)?;
    anyhow::ensure!(
        found.finding.is_none() && found.n_rows > N_AUDIT_ROWS,
        "{found:?}"
    );
    report.add(
        "audit: rows verified",
        N_AUDIT_ROWS as f64 / begun.elapsed().as_secs_f64(),
        "/s",
        Limit::AtLeast(100_000.0),
    );
    Ok(())
}
