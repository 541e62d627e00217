//! Two guards at the compose box: friends who are easily taken for this one are named, and what belongs in a patient's record
//! does not leave before the person has chosen. Both come with the rest of the page; nothing waits for the server: until it
//! has said otherwise, words are looked through.
//!
//! Source: product requirements C5, C6.

use leptos::prelude::*;

use super::draft::DraftKeeper;
use super::opened::Opened;
use super::{GetGuards, Guards};
use crate::accounts::Language;
use crate::contacts::Person;
use crate::i18n::{use_language, words::conversations::guard as t};
use crate::ui::{Icon, IconName};
use crate::unfiled::{Finding, Kind, find, masked, must_wait};

/// How long after the last key the words are looked through.
const REST: std::time::Duration = std::time::Duration::from_millis(400);

impl Opened {
    /// Whether these words must not leave the device yet.
    pub(super) fn holds_back(self, words: &str) -> bool {
        !self.is_free(words) && !find(words).is_empty()
    }

    /// Whether a draft of these words must not leave the device yet: nor do the first digits of a number that is being typed.
    pub(super) fn holds_draft_back(self, words: &str) -> bool {
        !self.is_free(words) && must_wait(words)
    }

    fn is_free(self, words: &str) -> bool {
        self.is_unguarded.try_get_untracked() != Some(false)
            || self
                .let_through
                .with_untracked(|through| through.as_deref() == Some(words.trim()))
    }

    /// Stops words that are about to be sent, if they must not leave yet, and says why; says nothing any more of words that may.
    pub(super) fn stops(self, language: Language, words: &str) -> bool {
        let holds_back = timed(|| self.holds_back(words));
        let what = holds_back.then(|| what(language, &find(words)));
        // Said once, not with each key.
        if self.unfiled.with_untracked(|said| *said != what) {
            self.unfiled.set(what);
        }
        holds_back
    }
}

/// Notes how long it took to look through the words: what the benchmarks hold against its limit. The last one stays.
fn timed(look: impl FnOnce() -> bool) -> bool {
    #[cfg(feature = "hydrate")]
    {
        const NAME: &str = "unfiled";
        const BEGUN: &str = "unfiled-begun";
        let Some(clock) = window().performance() else {
            return look();
        };
        clock.clear_measures_with_measure_name(NAME);
        // A clock that refuses a mark takes nothing but the note away.
        let _ = clock.mark(BEGUN);
        let is_so = look();
        let _ = clock.measure_with_start_mark(NAME, BEGUN);
        clock.clear_marks_with_mark_name(BEGUN);
        is_so
    }
    #[cfg(not(feature = "hydrate"))]
    look()
}

/// Drafts that rest on the device while no box shows them.
#[cfg(feature = "hydrate")]
pub(super) mod resting {
    use std::cell::Cell;

    use super::{GetGuards, must_wait};
    use crate::api::{Client, ConversationId};

    thread_local! {
        /// Whether the organisation wants words to be looked through, once the server has said it to this page.
        static IS_GUARDED: Cell<Option<bool>> = const { Cell::new(None) };
    }

    pub(super) fn note(is_guarded: bool) {
        IS_GUARDED.set(Some(is_guarded));
    }

    /// Whether these words wait for their box, and the person's choice there.
    pub(in crate::conversations) async fn waits(
        client: &Client,
        conversation: ConversationId,
        words: &str,
    ) -> bool {
        if !must_wait(words) {
            return false;
        }
        if let Some(is_guarded) = IS_GUARDED.get() {
            return is_guarded;
        }
        let Ok(guards) = client.call(GetGuards { conversation }).await else {
            return true;
        };
        note(guards.is_unfiled_guarded);
        guards.is_unfiled_guarded
    }
}

/// What was found, in words.
pub(super) fn what(language: Language, findings: &[Finding]) -> String {
    let mut kinds: Vec<Kind> = findings.iter().map(|finding| finding.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let names: Vec<&str> = kinds
        .into_iter()
        .map(|kind| match kind {
            Kind::HealthNumber => t::health_number(language),
            Kind::RecordNumber => t::record_number(language),
            Kind::BirthDate => t::birth_date(language),
            Kind::PhoneNumber => t::phone_number(language),
        })
        .collect();
    t::found(language, &names.join(", "))
}

/// What stands above the compose box, if anything does.
#[component]
pub(super) fn Guard(
    /// The conversation.
    opened: Opened,
    /// Keeps what is typed.
    draft: DraftKeeper,
) -> impl IntoView {
    let look_alikes = RwSignal::new(Vec::new());
    read_guards(opened, look_alikes);
    look_through(opened);
    view! {
        <LookAlikes look_alikes/>
        {move || opened.unfiled.get().map(|words| view! { <UnfiledBar opened draft words/> })}
    }
}

fn read_guards(opened: Opened, look_alikes: RwSignal<Vec<Person>>) {
    let call = opened.client().call(GetGuards {
        conversation: opened.id,
    });
    leptos::task::spawn_local(async move {
        if let Ok(Guards {
            look_alikes: people,
            is_unfiled_guarded,
        }) = call.await
        {
            let _ = look_alikes.try_set(people);
            let _ = opened.is_unguarded.try_set(!is_unfiled_guarded);
            #[cfg(feature = "hydrate")]
            resting::note(is_unfiled_guarded);
        }
    });
}

/// Looks through what stands in the box whenever the keys rest.
fn look_through(opened: Opened) {
    let language = use_language();
    let n_changes = StoredValue::new(0_u32);
    Effect::new(move |_| {
        opened.typed.track();
        opened.is_unguarded.track();
        n_changes.update_value(|n| *n = n.wrapping_add(1));
        let number = n_changes.get_value();
        set_timeout(
            move || {
                if n_changes.try_get_value() == Some(number) {
                    let typed = opened.typed.get_untracked();
                    opened.stops(language, &typed);
                }
            },
            REST,
        );
    });
}

/// Who else is named like this friend.
#[component]
fn LookAlikes(look_alikes: RwSignal<Vec<Person>>) -> impl IntoView {
    let language = use_language();
    move || {
        let people = look_alikes.get();
        (!people.is_empty()).then(|| {
            let names: Vec<String> = people
                .iter()
                .map(|person| format!("{} ({}, {})", person.name, person.profession, person.workplace))
                .collect();
            view! {
                <div class="notice" role="note">
                    <Icon name=IconName::Person/>
                    <p class="notice__text">{t::look_alike(language, &names.join(", "))}</p>
                </div>
            }
        })
    }
}

/// What was found, and the two ways on.
#[component]
fn UnfiledBar(opened: Opened, draft: DraftKeeper, words: String) -> impl IntoView {
    let language = use_language();
    let mask = move |_| {
        let typed = opened.typed.get_untracked();
        opened.unfiled.set(None);
        draft.put(masked(&typed, &find(&typed)));
        draft.touched();
    };
    // The button sends the form that it stands in, and goes with the bar only then: one that has left the page sends nothing.
    let send = move |_| {
        let typed = opened.typed.get_untracked();
        opened.let_through.set(Some(typed.trim().to_owned()));
    };
    view! {
        <div class="notice notice--warn" role="alert">
            <Icon name=IconName::Shield/>
            <div class="notice__text">
                <p class="notice__title">{words}</p>
                <p>{t::why(language)}</p>
            </div>
            <div class="row__actions">
                <button class="button button--outline" type="button" on:click=mask>{t::mask(language)}</button>
                <button class="button button--quiet" type="submit" on:click=send>{t::send(language)}</button>
            </div>
        </div>
    }
}
