//! One request at a time for each upload. A request whose line has died may wait for bytes that never come: the next one
//! asks it to end, and goes on where it was.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use app::api::AttachmentId;
use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedMutexGuard};

/// Uploads that somebody is at. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<AttachmentId, Arc<Place>>>>);

#[derive(Default)]
struct Place {
    held: Arc<AsyncMutex<()>>,
    n_waiting: AtomicUsize,
    ask: Notify,
}

/// The right to work at an upload, given back when it is dropped.
pub(super) struct Turn {
    place: Arc<Place>,
    turns: Turns,
    upload: AttachmentId,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for the turn; whoever has it is asked to end.
    pub(super) async fn take(&self, upload: AttachmentId) -> Turn {
        let place = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(upload).or_default())
        };
        let mut turn = Turn {
            place,
            turns: self.clone(),
            upload,
            held: None,
        };
        turn.place.n_waiting.fetch_add(1, Ordering::SeqCst);
        // Whoever stops waiting no longer asks.
        let waiting = Waiting(Arc::clone(&turn.place));
        turn.place.ask.notify_waiters();
        turn.held = Some(Arc::clone(&turn.place.held).lock_owned().await);
        drop(waiting);
        turn
    }
}

struct Waiting(Arc<Place>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.n_waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Turn {
    /// Ends when somebody else waits for the turn.
    pub(super) async fn is_asked_for(&self) {
        loop {
            let asked = self.place.ask.notified();
            if self.place.n_waiting.load(Ordering::SeqCst) > 0 {
                return;
            }
            asked.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.held = None;
        let mut all = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        // This turn and the map hold it, and nobody else.
        if all
            .get(&self.upload)
            .is_some_and(|place| Arc::strong_count(place) <= 2)
        {
            all.remove(&self.upload);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_next_asks_the_one_before_to_end() {
        let turns = Turns::default();
        let upload = AttachmentId(Uuid::from_u128(1));
        let first = turns.take(upload).await;
        let next = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(upload).await }
        });

        first.is_asked_for().await;
        assert!(!next.is_finished());
        drop(first);
        let second = next.await.unwrap();

        let asked = tokio::time::timeout(std::time::Duration::ZERO, second.is_asked_for()).await;
        assert!(asked.is_err(), "nobody else waits");
        drop(second);
        assert!(turns.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_asks_no_more() {
        let turns = Turns::default();
        let upload = AttachmentId(Uuid::from_u128(1));
        let first = turns.take(upload).await;
        {
            let mut waiting = std::pin::pin!(turns.take(upload));
            assert!(futures::poll!(&mut waiting).is_pending());
            first.is_asked_for().await;
        }

        let asked = tokio::time::timeout(std::time::Duration::ZERO, first.is_asked_for()).await;

        assert!(asked.is_err());
        drop(first);
        assert!(turns.0.lock().unwrap().is_empty());
    }
}
