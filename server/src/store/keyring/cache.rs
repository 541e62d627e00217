//! Keys that were unwrapped lately, so that a message does not cost an unwrapping.
//!
//! Bounded in number: the least used are dropped, and wiped. Bounded in use: a key is used for at most [`LIFE_MS`] after
//! it was unwrapped, then unwrapped anew, so that one which was destroyed by another process soon opens nothing here; one
//! that nobody asks for again stays until others take its place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use app::api::Timestamp;
use uuid::Uuid;

use super::Key;

/// How long an unwrapped key may be used.
const LIFE_MS: i64 = 10 * 60 * 1_000;

/// Keys by their ids, in two halves: what is used moves to the young one, and when that is full the old one is dropped.
pub(super) struct Cache {
    halves: Mutex<Halves>,
    n_of_half: usize,
}

#[derive(Default)]
struct Halves {
    young: HashMap<Uuid, Entry>,
    old: HashMap<Uuid, Entry>,
}

struct Entry {
    key: Arc<Key>,
    until: Timestamp,
}

impl Cache {
    /// Holds at most `n_keys`.
    pub(super) fn new(n_keys: usize) -> Self {
        Self {
            halves: Mutex::default(),
            n_of_half: (n_keys / 2).max(1),
        }
    }

    pub(super) fn find(&self, id: Uuid, now: Timestamp) -> Option<Arc<Key>> {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = halves.young.get(&id) {
            if now < entry.until {
                return Some(Arc::clone(&entry.key));
            }
            halves.young.remove(&id);
            return None;
        }
        let entry = halves.old.remove(&id)?;
        if now >= entry.until {
            return None;
        }
        let key = Arc::clone(&entry.key);
        self.put(&mut halves, id, entry);
        Some(key)
    }

    pub(super) fn keep(&self, id: Uuid, key: Arc<Key>, now: Timestamp) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let until = now.plus_ms(LIFE_MS);
        self.put(&mut halves, id, Entry { key, until });
    }

    pub(super) fn forget(&self, id: Uuid) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        halves.young.remove(&id);
        halves.old.remove(&id);
    }

    fn put(&self, halves: &mut Halves, id: Uuid, entry: Entry) {
        if halves.young.len() >= self.n_of_half {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert(id, entry);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let halves = self.halves.lock().unwrap();
        halves.young.len() + halves.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let cache = Cache::new(20);
        let key = Arc::new(Key::random(&SystemClock));
        cache.keep(id(0), Arc::clone(&key), NOW);

        for number in 1..1_000 {
            cache.keep(id(number), Arc::new(Key::random(&SystemClock)), NOW);
            assert!(cache.find(id(0), NOW).is_some(), "used all the time");
            assert!(cache.len() <= 20);
        }

        assert!(cache.find(id(1), NOW).is_none());
    }

    /// Assurance ENC-06: what the cache drops was its last owner's.
    #[test]
    fn a_key_leaves_when_its_time_has_come_or_it_is_forgotten() {
        let cache = Cache::new(20);
        let key = Arc::new(Key::random(&SystemClock));
        let gone = Arc::downgrade(&key);
        cache.keep(id(1), key, NOW);

        assert!(cache.find(id(1), NOW.plus_ms(LIFE_MS - 1)).is_some());
        assert!(cache.find(id(1), NOW.plus_ms(LIFE_MS)).is_none());
        assert!(gone.upgrade().is_none(), "wiped");

        cache.keep(id(1), Arc::new(Key::random(&SystemClock)), NOW);
        cache.forget(id(1));
        assert!(cache.find(id(1), NOW).is_none());
    }
}
