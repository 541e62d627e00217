//! A search while its page is open: what stands in the form, what was asked last, and what came of it.

use leptos::prelude::*;

use super::search_wish::Wish;
use super::{FoundMessages, Hit, Message, Sought};
use crate::api::{ApiError, Client, ConversationId, EventKind, MessageId};
use crate::live::use_live;
use crate::now::{Now, use_now};
use crate::session::{Session, use_client, use_session};

/// How long after the last key the messages are searched, in milliseconds.
const REST_MS: u64 = 250;

/// A search. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Searching {
    pub(super) text: RwSignal<String>,
    pub(super) from: RwSignal<String>,
    pub(super) since: RwSignal<String>,
    pub(super) until: RwSignal<String>,
    pub(super) has_link: RwSignal<bool>,
    /// Pressing Enter asks at once.
    pub(super) n_presses: RwSignal<u32>,
    /// How often the filters were taken back.
    pub(super) n_widened: RwSignal<u32>,
    /// What was found last, and for what.
    pub(super) shown: RwSignal<Option<(Wish, FoundMessages)>>,
    /// Why the last question was refused.
    pub(super) refusal: RwSignal<Option<ApiError>>,
    /// An answer is awaited.
    pub(super) is_asking: RwSignal<bool>,
    inside: Option<ConversationId>,
    client: StoredValue<Client>,
    session: Session,
    now: Now,
    n_asked: StoredValue<u32>,
}

impl Searching {
    /// The form filled in with a question, and the answer that the page has brought, if it asked.
    pub(super) fn new(
        inside: Option<ConversationId>,
        wish: Wish,
        found: Option<Result<FoundMessages, ApiError>>,
    ) -> Self {
        let (shown, refusal) = match found {
            None => (None, None),
            Some(Ok(found)) => (Some((wish.clone(), found)), None),
            Some(Err(error)) => (None, Some(error)),
        };
        Self {
            text: RwSignal::new(wish.text.0),
            from: RwSignal::new(wish.from),
            since: RwSignal::new(wish.since),
            until: RwSignal::new(wish.until),
            has_link: RwSignal::new(wish.has_link),
            n_presses: RwSignal::new(0),
            n_widened: RwSignal::new(0),
            shown: RwSignal::new(shown),
            refusal: RwSignal::new(refusal),
            is_asking: RwSignal::new(false),
            inside,
            client: StoredValue::new(use_client()),
            session: use_session(),
            now: use_now(),
            n_asked: StoredValue::new(0),
        }
    }

    /// What the form asks for at this moment.
    fn wish(self) -> Wish {
        Wish {
            text: Sought(self.text.get()),
            from: self.from.get(),
            since: self.since.get(),
            until: self.until.get(),
            has_link: self.has_link.get(),
        }
    }

    /// Whether it asks for more than words.
    pub(super) fn is_narrow(self) -> bool {
        untrack(|| self.wish().is_narrow())
    }

    /// Takes everything but the words out of the form.
    pub(super) fn widen(self) {
        self.from.set(String::new());
        self.since.set(String::new());
        self.until.set(String::new());
        self.has_link.set(false);
        self.n_widened.update(|n| *n = n.wrapping_add(1));
    }

    /// Asks whenever the form has come to rest, and keeps what was asked for whoever comes back to the page.
    pub(super) fn follow(self) {
        use_live().listen(move |event| {
            if let EventKind::MessageChanged { message, .. } = &event.kind {
                self.forget(message);
            }
        });
        Effect::new(move |earlier: Option<(Wish, u32)>| {
            let (wish, n_presses) = (self.wish(), self.n_presses.get());
            let is_pressed = earlier
                .as_ref()
                .is_some_and(|(_, n_earlier)| *n_earlier != n_presses);
            let is_same = earlier.as_ref().is_none_or(|(earlier, _)| *earlier == wish);
            if is_same && !is_pressed {
                return (wish, n_presses);
            }
            self.remember(&wish);
            let number = self.next_number();
            let ask = {
                let wish = wish.clone();
                move || {
                    if self.n_asked.try_get_value() == Some(number) {
                        self.ask(wish, None, || {});
                    }
                }
            };
            if is_pressed {
                ask();
            } else {
                set_timeout(ask, std::time::Duration::from_millis(REST_MS));
            }
            (wish, n_presses)
        });
    }

    /// Reads the next page of what is shown; `then` hears that it is drawn. What the form asks for by now comes first.
    pub(super) fn more(self, after: MessageId, then: impl FnOnce() + 'static) {
        let asked = untrack(|| self.wish());
        if let Some((wish, _)) = self.shown.get_untracked().filter(|(wish, _)| *wish == asked) {
            self.next_number();
            self.ask(wish, Some(after), then);
        }
    }

    /// A message has changed: if it is shown and says something else by now, or nothing, its words leave the list, and what is
    /// shown is asked again.
    fn forget(self, message: &Message) {
        let says_other = |hit: &Hit| hit.message.id == message.id && hit.message.body != message.body;
        let is_shown = self.shown.with_untracked(|shown| {
            let shown = shown.as_ref();
            shown.is_some_and(|(_, found)| found.hits.iter().any(says_other))
        });
        if !is_shown {
            return;
        }
        let asked = untrack(|| self.wish());
        let mut is_same = false;
        self.shown.update(|shown| {
            if let Some((wish, found)) = shown {
                found.hits.retain(|hit| !says_other(hit));
                is_same = *wish == asked;
            }
        });
        if is_same {
            self.next_number();
            self.ask(asked, None, || {});
        }
    }

    /// Whatever is still being asked is no longer wanted.
    fn next_number(self) -> u32 {
        self.n_asked.update_value(|n| *n = n.wrapping_add(1));
        self.n_asked.get_value()
    }

    fn ask(self, wish: Wish, after: Option<MessageId>, then: impl FnOnce() + 'static) {
        if wish.is_empty() {
            self.shown.set(None);
            self.refusal.set(None);
            self.is_asking.set(false);
            return;
        }
        let number = self.n_asked.get_value();
        let operation = wish.to_operation(self.inside, after, |at| self.now.civil(at));
        let call = self.client.with_value(|client| client.call(operation));
        self.is_asking.set(true);
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            if self.n_asked.try_get_value() != Some(number) {
                return;
            }
            let _ = self.is_asking.try_set(false);
            match outcome {
                Ok(found) => {
                    let _ = self.refusal.try_set(None);
                    let _ = self.shown.try_update(|shown| match shown {
                        Some((_, known)) if after.is_some() => known.append(found),
                        _ => *shown = Some((wish, found)),
                    });
                    then();
                }
                Err(error) => {
                    self.session.notice(&error);
                    let _ = self.refusal.try_set(Some(error));
                }
            }
        });
    }
}

impl FoundMessages {
    /// Puts the next page behind this one.
    fn append(&mut self, page: Self) {
        self.hits.extend(page.hits);
        self.next = page.next;
        for person in page.people {
            if self.people.iter().all(|known| known.id != person.id) {
                self.people.push(person);
            }
        }
    }
}

#[cfg(feature = "hydrate")]
mod memory {
    use std::cell::RefCell;

    use super::{ConversationId, Wish};
    use crate::api::AccountId;

    thread_local! {
        /// Of this page of the browser, in memory alone: gone with it.
        static LAST: RefCell<Option<(AccountId, Option<ConversationId>, Wish)>> = const { RefCell::new(None) };
    }

    pub(super) fn keep(me: AccountId, inside: Option<ConversationId>, wish: Wish) {
        LAST.set(Some((me, inside, wish)));
    }

    pub(super) fn find(me: AccountId, inside: Option<ConversationId>) -> Option<Wish> {
        LAST.with_borrow(|last| {
            let (of, place, wish) = last.as_ref()?;
            (*of == me && *place == inside).then(|| wish.clone())
        })
    }
}

impl Searching {
    /// What the person looked for here before they went to one of the hits; nothing on the server.
    pub(super) fn recalled(inside: Option<ConversationId>) -> Wish {
        #[cfg(feature = "hydrate")]
        let recalled = use_session()
            .me
            .with_untracked(|me| me.as_ref().and_then(|me| memory::find(me.id, inside)));
        #[cfg(not(feature = "hydrate"))]
        let recalled = {
            let _ = inside;
            None
        };
        recalled.unwrap_or_default()
    }

    #[cfg_attr(
        not(feature = "hydrate"),
        expect(clippy::unused_self, reason = "only a browser remembers")
    )]
    fn remember(self, wish: &Wish) {
        #[cfg(feature = "hydrate")]
        if let Some(me) = self.session.me.with_untracked(|me| me.as_ref().map(|me| me.id)) {
            memory::keep(me, self.inside, wish.clone());
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = wish;
    }
}
