//! What is known of the provider, and for how long that is believed. One asks at a time; the others wait for what it learns.

use std::sync::Arc;

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

/// What is known. Begins with nothing.
#[derive(Default)]
pub(super) struct Known(Mutex<Learnt>);

#[derive(Default)]
struct Learnt {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    keys: Option<(Arc<Keys>, Timestamp)>,
    trouble: Option<(Trouble, Timestamp)>,
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
        let mut learnt = self.0.lock().await;
        if let Some((metadata, at)) = &learnt.metadata
            && is_within(*at, now, KNOWN_MS)
        {
            return Ok(Arc::clone(metadata));
        }
        learnt.must_not_be_left_alone(now)?;
        let outcome = read_metadata(fetch, settings).await;
        learnt.note(&outcome, now);
        let metadata = Arc::new(outcome?);
        learnt.metadata = Some((Arc::clone(&metadata), now));
        Ok(metadata)
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
        let mut learnt = self.0.lock().await;
        if let Some((keys, at)) = &learnt.keys
            && is_within(*at, now, age_ms)
        {
            return Ok(Arc::clone(keys));
        }
        learnt.must_not_be_left_alone(now)?;
        let outcome = match fetch.read(&metadata.keys).await {
            Ok(text) => Keys::parse(&text).map_err(Trouble::Unreachable),
            Err(trouble) => Err(trouble),
        };
        learnt.note(&outcome, now);
        let keys = Arc::new(outcome?);
        learnt.keys = Some((Arc::clone(&keys), now));
        Ok(keys)
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

impl Learnt {
    /// # Errors
    /// What the provider has just answered, if that was trouble.
    fn must_not_be_left_alone(&self, now: Timestamp) -> Result<(), Trouble> {
        match &self.trouble {
            Some((trouble, at)) if is_within(*at, now, LEFT_ALONE_MS) => Err(trouble.clone()),
            _ => Ok(()),
        }
    }

    fn note<T>(&mut self, outcome: &Result<T, Trouble>, now: Timestamp) {
        self.trouble = outcome.as_ref().err().map(|trouble| (trouble.clone(), now));
    }
}

/// Whether what was learnt at a moment is no older than that now. A clock that was set back makes nothing younger.
fn is_within(at: Timestamp, now: Timestamp, age_ms: i64) -> bool {
    (0..age_ms).contains(&now.ms_since(at))
}
