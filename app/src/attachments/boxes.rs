//! What is in the compose boxes, for as long as the page lives, and what the vault knows of it: a file is named there once its
//! bytes rest, so that what is found in a box can be sent. What does not rest yet, the page knows alone.
//!
//! A box is its conversation's, not its screen's: what comes in after the screen has gone is there when it comes back.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use web_sys::Blob;

use super::uploads::{bytes_of, drop_bytes, hold, rest, rests, start};
use super::{KeptFile, MAX_FILES, Whose, joined, whose};
use crate::api::{Client, MessageKey};
use crate::conversations::Opened;
use crate::conversations::vault::{Standing, Vault};

/// One person's box in one conversation.
#[derive(Clone, Copy)]
pub(super) struct FileBox {
    vault: Vault,
    whose: Whose,
}

/// What the page knows of it.
#[derive(Clone, Default)]
struct Known {
    /// What is in it, as [`KeptFile`] writes it.
    text: String,
    /// All that was ever in it here.
    seen: BTreeSet<MessageKey>,
    /// Its screen, if one stands.
    screen: Option<Screen>,
    /// What the vault had of it is in it: until then nothing is written over that.
    was_read: bool,
}

impl Known {
    fn hold(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.seen
            .extend(KeptFile::list(text).into_iter().map(|file| file.key));
    }
}

/// What a screen shows of it, and whether what shows it is wanted there.
#[derive(Clone, Copy)]
struct Screen {
    chosen: RwSignal<String>,
    wants_files: RwSignal<bool>,
}

thread_local! {
    static ALL: RefCell<BTreeMap<Whose, Known>> = const { RefCell::new(BTreeMap::new()) };
}

impl FileBox {
    /// The box below a conversation.
    pub(super) fn of(opened: Opened) -> Self {
        Self {
            vault: opened.vault(),
            whose: whose(opened),
        }
    }

    fn known(self) -> Known {
        ALL.with_borrow(|all| all.get(&self.whose).cloned())
            .unwrap_or_default()
    }

    fn note(self, change: impl FnOnce(&mut Known)) {
        ALL.with_borrow_mut(|all| change(all.entry(self.whose).or_default()));
    }

    /// Where the vault keeps which files are in it.
    fn record(self) -> String {
        format!("tray/{}", self.whose.1)
    }

    /// What is in it now. Its screen knows first, where one stands.
    fn text(self) -> String {
        let known = self.known();
        let on_screen = known.screen.and_then(|screen| screen.chosen.try_get_untracked());
        on_screen.unwrap_or(known.text)
    }

    /// How many more files fit into it.
    pub(super) fn n_free(self) -> usize {
        MAX_FILES.saturating_sub(KeptFile::list(&self.text()).len())
    }

    /// Changes what is in it, on its screen where one stands.
    pub(super) fn alter(self, change: impl FnOnce(&mut String)) {
        let mut text = self.text();
        change(&mut text);
        self.note(|known| known.hold(&text));
        if let Some(screen) = self.known().screen {
            // A screen that has gone is told nothing.
            let is_wanted = !text.is_empty();
            let _ = screen.chosen.try_set(text);
            if is_wanted {
                let _ = screen.wants_files.try_set(true);
            }
        }
    }

    /// Puts a file into it, where it goes unless it waits for its message; what is left to do is to let it rest in the vault.
    pub(super) fn put(
        self,
        client: &Client,
        file: KeptFile,
        bytes: Blob,
    ) -> impl Future<Output = ()> + use<> {
        hold(&file, &bytes);
        let added = KeptFile::text(std::slice::from_ref(&file));
        // In the box before it rests: a message that is sent meanwhile takes it along.
        self.alter(|text| *text = joined(text, &added));
        let key = file.key;
        if !file.is_held {
            start(self.vault, client, self.whose.1, file);
        }
        self.rest(key, bytes)
    }

    /// Lets the bytes of a file rest in the vault, and then its name.
    pub(super) async fn rest(self, key: MessageKey, bytes: Blob) {
        rest(self.vault, key, bytes).await;
        self.keep().await;
    }

    /// Lets the vault know what is in it now.
    pub(super) async fn keep(self) {
        let known = self.known();
        let Some(device) = self.vault.device().filter(|_| known.was_read) else {
            return;
        };
        let files: Vec<_> = KeptFile::list(&known.text)
            .into_iter()
            .filter(|file| rests(file.key))
            .collect();
        let (id, text) = (self.record(), KeptFile::text(&files));
        // What is refused here stays in the page alone.
        let _ = if text.is_empty() {
            device.ask("remove", &id, "").await
        } else {
            device.ask("put", &id, &text).await
        };
    }

    /// Of what the vault had, the files that this page has not sent or taken out meanwhile.
    fn unseen(self, found: &str) -> String {
        let (seen, here) = (self.known().seen, KeptFile::list(&self.text()));
        let is_here = |file: &KeptFile| here.iter().any(|known| known.key == file.key);
        let files: Vec<_> = KeptFile::list(found)
            .into_iter()
            .filter(|file| is_here(file) || !seen.contains(&file.key))
            .collect();
        KeptFile::text(&files)
    }

    /// Brings what the vault has of it into it.
    async fn read(self) -> String {
        let Some(device) = self.vault.device() else {
            return String::new();
        };
        // What cannot be read stays as it is.
        let Ok(found) = device.ask("get", &self.record(), "").await else {
            return String::new();
        };
        self.note(|known| known.was_read = true);
        let found = self.unseen(&found);
        if !found.is_empty() {
            self.alter(|text| *text = joined(&found, text));
        }
        self.keep().await;
        found
    }
}

/// Sees to the box of a conversation for as long as its screen stands: what waits comes back into it, and what changes in it
/// is known.
pub(super) fn stand(opened: Opened) {
    let (own, chosen) = (FileBox::of(opened), opened.chosen);
    let waiting = own.known().text;
    own.note(|known| {
        known.screen = Some(Screen {
            chosen,
            wants_files: opened.wants_files,
        });
        known.was_read = false;
    });
    if !waiting.is_empty() {
        chosen.update(|chosen| *chosen = joined(&waiting, chosen));
        opened.wants_files.set(true);
    }
    let note = move |text: &str| own.note(|known| known.hold(text));
    note(&chosen.get_untracked());
    Effect::new(move |was: Option<String>| {
        let text = chosen.get();
        if was.is_some_and(|was| was != text) {
            note(&text);
            leptos::task::spawn_local(own.keep());
        }
        text
    });
    // What was sent in the last moment is in no box.
    on_cleanup(move || {
        if let Some(text) = chosen.try_get_untracked() {
            note(&text);
            leptos::task::spawn_local(own.keep());
        }
    });
    let standing = own.vault.standing();
    let was_opened = StoredValue::new(false);
    Effect::new(move |_| {
        if standing.get() != Standing::Open || was_opened.get_value() {
            return;
        }
        was_opened.set_value(true);
        let client = opened.client();
        leptos::task::spawn_local(async move {
            let found = KeptFile::list(&own.read().await);
            for file in found.into_iter().filter(|file| !file.is_held) {
                start(own.vault, &client, opened.id, file);
            }
        });
    });
}

/// A refused file is tried once more, under another key: the server stands by what it said of the old one.
pub(super) fn renew(opened: Opened, key: MessageKey) {
    let fresh = crate::browser::random_key();
    let (own, client) = (FileBox::of(opened), opened.client());
    leptos::task::spawn_local(async move {
        let Some(bytes) = bytes_of(own.vault, key).await else {
            return;
        };
        let mut renewed = None;
        own.alter(|text| {
            let mut files = KeptFile::list(text);
            for file in &mut files {
                if file.key == key {
                    file.key = fresh;
                    renewed = Some(file.clone());
                }
            }
            // Before its name is written.
            if let Some(file) = &renewed {
                hold(file, &bytes);
            }
            *text = KeptFile::text(&files);
        });
        let Some(file) = renewed else { return };
        own.rest(fresh, bytes).await;
        drop_bytes(own.vault, key);
        // A picture that may be changed goes with its message.
        if !file.is_held {
            start(own.vault, &client, opened.id, file);
        }
    });
}
