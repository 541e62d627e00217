//! What is known of the provider, and for how long that is believed. Of each thing one asks at a time, and the others wait for
//! what it learns; whoever finds what they need waits for nobody.

use std::sync::{Arc, MutexGuard, PoisonError};

use app::api::Timestamp;
use tokio::sync::Mutex;

use super::Trouble;
use super::fetch::Fetch;
use super::keys::Keys;
use super::metadata::Metadata;
use super::settings::Settings;

/// How long what the provider says of itself is believed: a key that it has withdrawn signs nobody in for longer.
pub(super) const KNOWN_MS: i64 = 60 * 60_000;
/// Keys are read again for a token that names another at most this often.
pub(super) const KEYS_AGAIN_MS: i64 = 60_000;
/// A provider that did not answer is left alone this long from when it was asked, which is longer than it is waited for: those
/// who wait behind the first need not find out one by one.
const LEFT_ALONE_MS: i64 = 15_000;
/// By how much what was learnt may lie in the future: whoever waited for another's answer asks by an older clock than theirs.
const AHEAD_MS: i64 = 60_000;

/// What is known. Begins with nothing.
#[derive(Default)]
pub(super) struct Known {
    metadata: Learnt<Metadata>,
    keys: Learnt<Keys>,
}

/// One thing that the provider says of itself.
struct Learnt<T> {
    last: std::sync::Mutex<Last<T>>,
    /// Held by the one who asks.
    asking: Mutex<()>,
}

/// What was learnt last, and what went wrong when it was asked for last.
struct Last<T> {
    known: Option<(Arc<T>, Timestamp)>,
    trouble: Option<(Trouble, Timestamp)>,
}

impl<T> Default for Learnt<T> {
    fn default() -> Self {
        let (known, trouble) = (None, None);
        Self {
            last: std::sync::Mutex::new(Last { known, trouble }),
            asking: Mutex::default(),
        }
    }
}

impl Known {
    /// What the provider says of itself; asked anew each hour.
    ///
    /// # Errors
    /// `Unreachable`.
    pub(super) async fn metadata(
        &self,
        fetch: &Fetch,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, Trouble> {
        let asking = read_metadata(fetch, settings);
        self.metadata.get(now, KNOWN_MS, asking).await
    }

    /// Its keys, no older than `age_ms`.
    ///
    /// # Errors
    /// `Unreachable`.
    pub(super) async fn keys(
        &self,
        fetch: &Fetch,
        metadata: &Metadata,
        now: Timestamp,
        age_ms: i64,
    ) -> Result<Arc<Keys>, Trouble> {
        self.keys.get(now, age_ms, read_keys(fetch, metadata)).await
    }
}

async fn read_metadata(fetch: &Fetch, settings: &Settings) -> Result<Metadata, Trouble> {
    let address = settings.description();
    let uri = address
        .parse()
        .map_err(|_| Trouble::Unreachable(format!("`{address}` is no address")))?;
    let text = fetch.read(&uri).await?;
    Metadata::parse(&text, settings).map_err(Trouble::Unreachable)
}

async fn read_keys(fetch: &Fetch, metadata: &Metadata) -> Result<Keys, Trouble> {
    let text = fetch.read(&metadata.keys).await?;
    Keys::parse(&text).map_err(Trouble::Unreachable)
}

impl<T> Learnt<T> {
    /// What was learnt, no older than `age_ms`; `asking` is how to learn it anew.
    async fn get(
        &self,
        now: Timestamp,
        age_ms: i64,
        asking: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<Arc<T>, Trouble> {
        if let Some(outcome) = self.recall(now, age_ms) {
            return outcome;
        }
        let _alone = self.asking.lock().await;
        // Whoever asked before has learnt it, or knows why not.
        if let Some(outcome) = self.recall(now, age_ms) {
            return outcome;
        }
        let outcome = asking.await.map(Arc::new);
        let mut last = self.last();
        match &outcome {
            Ok(known) => {
                last.known = Some((Arc::clone(known), now));
                last.trouble = None;
            }
            Err(trouble) => last.trouble = Some((trouble.clone(), now)),
        }
        outcome
    }

    /// What needs not be asked for: it is known, or was refused a moment ago.
    fn recall(&self, now: Timestamp, age_ms: i64) -> Option<Result<Arc<T>, Trouble>> {
        let last = self.last();
        if let Some((known, at)) = &last.known
            && is_within(*at, now, age_ms)
        {
            return Some(Ok(Arc::clone(known)));
        }
        match &last.trouble {
            Some((trouble, at)) if is_within(*at, now, LEFT_ALONE_MS) => Some(Err(trouble.clone())),
            _ => None,
        }
    }

    fn last(&self) -> MutexGuard<'_, Last<T>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether what was learnt at a moment is no older than that now. A clock that was set back far makes nothing younger.
fn is_within(at: Timestamp, now: Timestamp, age_ms: i64) -> bool {
    (-AHEAD_MS..age_ms).contains(&now.ms_since(at))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const NOON: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn auth_08_who_waited_asks_by_an_older_clock_and_not_once_more() {
        let is_known = |since_ms| is_within(NOON, NOON.plus_ms(since_ms), LEFT_ALONE_MS);

        assert!(is_known(0) && is_known(LEFT_ALONE_MS - 1) && is_known(-1) && is_known(-AHEAD_MS));
        assert!(!is_known(LEFT_ALONE_MS) && !is_known(-AHEAD_MS - 1));
    }

    /// AUTH-08: whoever needs the newest keys keeps nobody waiting who comes in by those that are known.
    #[tokio::test]
    async fn auth_08_what_is_known_waits_for_nobody_who_asks_anew() {
        let learnt = Learnt::default();
        let known = learnt.get(NOON, KNOWN_MS, async { Ok(1) }).await;
        assert_eq!(known.as_deref(), Ok(&1));
        let later = NOON.plus_ms(KEYS_AGAIN_MS);
        let asking = learnt.get(later, KEYS_AGAIN_MS, std::future::pending());
        let mut asking = std::pin::pin!(asking);

        assert!(futures::poll!(&mut asking).is_pending(), "it asks");
        let mut other = std::pin::pin!(learnt.get(later, KNOWN_MS, std::future::pending()));

        assert!(futures::poll!(&mut other).is_ready());
    }

    #[tokio::test]
    async fn auth_08_of_many_who_ask_at_once_one_does() {
        let (learnt, n_asked) = (Learnt::default(), AtomicUsize::new(0));
        let ask = |now| {
            learnt.get(now, KNOWN_MS, async {
                n_asked.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Err::<u8, _>(Trouble::Unreachable("it is away".to_owned()))
            })
        };
        // The second has read its clock before the first, and waits behind it.
        let (first, second) = tokio::join!(ask(NOON.plus_ms(20)), ask(NOON));

        assert!(first.is_err() && second.is_err());
        assert_eq!(n_asked.load(Ordering::SeqCst), 1);
    }
}
