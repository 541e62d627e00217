//! Who is connected, and the bell that wakes them.
//!
//! A bell carries no content: whoever hears it reads its own log from its last cursor. So nothing queues up here, a slow
//! device costs nothing, and a lost bell loses nothing. Signals that are never kept (typing) travel beside the bell.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use app::api::{AccountId, Event};
use tokio::sync::broadcast;

/// What a connected device hears.
#[derive(Clone)]
pub enum Signal {
    /// There is something new in the account's log.
    Bell,
    /// Something that is not kept. Shared, so that what may wait for a device takes no room while it does not.
    Passing(Arc<Event>),
}

/// Signals that may wait for one device; a device that misses some is woken by the next bell.
const N_WAITING: usize = 16;

/// The connected devices, by account. Cheap to clone.
#[derive(Clone, Default)]
pub struct Live {
    accounts: Arc<Mutex<HashMap<AccountId, broadcast::Sender<Signal>>>>,
    n_streams: Arc<AtomicUsize>,
}

/// A stream that is open; dropped when it ends.
pub struct OpenStream {
    n_streams: Arc<AtomicUsize>,
}

impl OpenStream {
    /// How many streams are open, this one among them.
    pub fn n_streams(&self) -> usize {
        self.n_streams.load(Ordering::Relaxed)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.n_streams.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Live {
    /// Listens for an account's signals from now on.
    pub fn listen(&self, account: AccountId) -> broadcast::Receiver<Signal> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts
            .entry(account)
            .or_insert_with(|| broadcast::channel(N_WAITING).0)
            .subscribe()
    }

    /// Counts a stream as open, as long as the answer is kept.
    pub fn count_stream(&self) -> OpenStream {
        self.n_streams.fetch_add(1, Ordering::Relaxed);
        OpenStream {
            n_streams: Arc::clone(&self.n_streams),
        }
    }

    /// Wakes the devices of these accounts.
    pub fn ring(&self, accounts: &[AccountId]) {
        for account in accounts {
            self.send(*account, Signal::Bell);
        }
    }

    /// Wakes everybody: nobody knows who has news.
    pub fn ring_all(&self) {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let listened_to: Vec<AccountId> = accounts.keys().copied().collect();
        drop(accounts);
        self.ring(&listened_to);
    }

    /// Tells the account's connected devices something that is not kept.
    pub fn pass(&self, account: AccountId, event: Event) {
        self.send(account, Signal::Passing(Arc::new(event)));
    }

    /// Ends what everybody listens to: the server stops.
    pub fn close(&self) {
        self.accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn send(&self, account: AccountId, signal: Signal) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = accounts
            .get(&account)
            .is_some_and(|listeners| listeners.send(signal).is_err());
        if gone {
            // Nobody listens any more: forget the account until somebody does.
            accounts.remove(&account);
        }
    }
}
