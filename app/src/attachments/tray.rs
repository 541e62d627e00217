//! The compose box with files in it: what each is, how far it has come, and the ways to describe it, try it again or take it
//! out. What may be sent is said before anything is.

use leptos::{html, prelude::*};

use super::editor::Editing;
use super::shown::{how_far, icon, preview, what_became};
use super::words::{name, size};
use super::{AttachmentKind, FILE_TYPES, FileProblem, KeptFile, MAX_FILES, Whose, whose};
use crate::accounts::Language;
use crate::api::{ApiError, MessageKey};
use crate::chunk::{Beside, Page};
use crate::conversations::Opened;
use crate::i18n::{error_words, format, use_language, words};
use crate::ui::{Icon, IconName};

/// The most bytes of a file, as it is said.
const MAX_BYTES: u64 = 25_000_000;

/// A file that was not taken into the box.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refused {
    /// Which: a list that grows says nothing twice.
    number: usize,
    name: String,
    error: ApiError,
}

#[cfg(feature = "hydrate")]
thread_local! {
    /// Of each conversation of the page.
    static REFUSED: std::cell::RefCell<std::collections::BTreeMap<Whose, ArcRwSignal<Vec<Refused>>>> =
        const { std::cell::RefCell::new(std::collections::BTreeMap::new()) };
}

fn refused_of(whose: Whose) -> ArcRwSignal<Vec<Refused>> {
    #[cfg(feature = "hydrate")]
    {
        REFUSED.with_borrow_mut(|all| {
            all.entry(whose)
                .or_insert_with(|| ArcRwSignal::new(Vec::new()))
                .clone()
        })
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = whose;
        ArcRwSignal::new(Vec::new())
    }
}

/// A file was not taken: the box says so.
#[cfg(feature = "hydrate")]
pub(super) fn note_refused(whose: Whose, name: String, error: ApiError) {
    refused_of(whose).update(|refused| {
        let number = refused.last().map_or(0, |last| last.number + 1);
        refused.push(Refused { number, name, error });
    });
}

/// The files in the box, in a list of their own.
#[component]
pub fn Tray() -> impl IntoView {
    use words::attachments::tray as t;
    let language = use_language();
    let opened = expect_context::<Opened>();
    let refused = refused_of(whose(opened));
    let files = Memo::new(move |_| KeptFile::list(&opened.chosen.get()));
    let editing = RwSignal::new(None);
    provide_context(Editing(editing));
    let is_shown = {
        let refused = refused.clone();
        Memo::new(move |_| {
            files.with(|files| !files.is_empty()) || refused.with(|refused| !refused.is_empty())
        })
    };
    let listed = move || {
        let refused = refused.clone();
        let (listed, changed) = (refused.clone(), refused);
        is_shown.get().then(|| {
            view! {
                <ul class="compose__files" role="list" aria-label=t::title(language)>
                    <For each=move || files.get() key=|file| file.key let:file>
                        <Chip opened file/>
                    </For>
                    <For each=move || listed.get() key=|refused| refused.number let:refused>
                        <RefusedChip refused all=changed.clone()/>
                    </For>
                </ul>
                <p class="compose__limits">{limits(language)}</p>
            }
        })
    };
    view! {
        {listed}
        // It comes when a picture is first changed.
        <Beside page=Page::EDITOR wanted=Signal::derive(move || editing.with(Option::is_some))/>
    }
}

/// What may be sent, and how much.
fn limits(language: Language) -> String {
    let number = |n: usize| format::number(language, u64::try_from(n).unwrap_or(u64::MAX));
    words::attachments::tray::limits(language, &number(MAX_FILES), &size(language, MAX_BYTES))
}

#[component]
fn Chip(opened: Opened, file: KeptFile) -> impl IntoView {
    use words::attachments::tray as t;
    let language = use_language();
    let shown = name(language, &file.name);
    let key = file.key;
    let is_describing = RwSignal::new(false);
    let describe = NodeRef::<html::Button>::new();
    let is_picture = file.kind == AttachmentKind::Image;
    let Editing(editing) = expect_context();
    let change = file.is_held.then(|| {
        view! {
            <button
                class="button button--icon"
                type="button"
                // The editor gives the focus back to it.
                id=format!("modifier-{key}")
                aria-label=t::change(language, &shown)
                title=t::change_hint(language)
                on:click=move |_| editing.set(Some(key))
            >
                <Icon name=IconName::Crop small=true/>
            </button>
        }
    });
    let description = Memo::new(move |_| {
        let files = opened.chosen.with(|chosen| KeptFile::list(chosen));
        let file = files.into_iter().find(|file| file.key == key);
        file.map(|file| file.description).unwrap_or_default()
    });
    let describe_label = {
        let shown = shown.clone();
        move || {
            if description.with(String::is_empty) {
                t::describe(language, &shown)
            } else {
                t::described(language, &shown)
            }
        }
    };
    let save = move |text: String| {
        opened
            .chosen
            .update(|chosen| *chosen = described(chosen, key, &text));
        is_describing.set(false);
        // The box for the words is gone: back to where they were asked for.
        if let Some(button) = describe.get_untracked() {
            let _ = button.focus();
        }
    };
    view! {
        <li class="attachment">
            <span class="attachment__thumb">{preview(&file)}</span>
            <span>
                <span class="attachment__name" dir="auto">{shown.clone()}</span>
                <span class="attachment__size">{how_far(language, &file)}</span>
                <span class="visually-hidden" role="status">{what_became(language, &file)}</span>
                <Bar file=file.clone() label=t::progress(language, &shown)/>
            </span>
            <span class="attachment__acts">
                <Again opened key label=t::retry(language, &shown)/>
                {change}
                {is_picture
                    .then(|| {
                        view! {
                            <button
                                class="button button--icon"
                                type="button"
                                node_ref=describe
                                aria-label=describe_label
                                aria-expanded=move || is_describing.get().to_string()
                                on:click=move |_| is_describing.update(|is_describing| *is_describing = !*is_describing)
                            >
                                <Icon name=IconName::Edit small=true/>
                            </button>
                        }
                    })}
                <button
                    class="button button--icon"
                    type="button"
                    aria-label=t::remove(language, &shown)
                    on:click=move |_| remove(opened, key)
                >
                    <Icon name=IconName::Close small=true/>
                </button>
            </span>
            {move || {
                is_describing
                    .get()
                    .then(|| view! { <Description description=description.get_untracked() on_save=save/> })
            }}
        </li>
    }
}

/// What a picture shows, in the sender's words.
#[component]
fn Description(description: String, on_save: impl Fn(String) + Copy + 'static) -> impl IntoView {
    use words::attachments::tray as t;
    let language = use_language();
    let typed = RwSignal::new(description.clone());
    view! {
        <span class="attachment__description">
            <input
                class="field__control"
                type="text"
                maxlength="1000"
                aria-label=t::description(language)
                placeholder=t::description(language)
                value=description
                on:input=move |event| typed.set(event_target_value(&event))
                on:keydown=move |press| {
                    // The box around it would send the message.
                    if press.key() == "Enter" {
                        press.prevent_default();
                        press.stop_propagation();
                        on_save(typed.get_untracked());
                    }
                }
            />
            <button class="button button--quiet" type="button" on:click=move |_| on_save(typed.get_untracked())>
                {t::keep(language)}
            </button>
        </span>
    }
}

/// The files with what one of them shows.
fn described(chosen: &str, key: MessageKey, text: &str) -> String {
    let mut files = KeptFile::list(chosen);
    for file in files.iter_mut().filter(|file| file.key == key) {
        text.trim().clone_into(&mut file.description);
    }
    KeptFile::text(&files)
}

fn remove(opened: Opened, key: MessageKey) {
    let mut gone = Vec::new();
    opened.chosen.update(|chosen| {
        let (taken, left): (Vec<_>, Vec<_>) = KeptFile::list(chosen)
            .into_iter()
            .partition(|file| file.key == key);
        gone = taken;
        *chosen = KeptFile::text(&left);
    });
    #[cfg(feature = "hydrate")]
    {
        super::uploads::discard(opened.vault(), &opened.client(), &KeptFile::text(&gone));
        super::door::focus();
    }
    #[cfg(not(feature = "hydrate"))]
    drop(gone);
}

/// How far it has come, as a bar, until it is there.
#[component]
fn Bar(file: KeptFile, label: String) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        use super::uploads::{Progress, progress_of};
        let progress = progress_of(file.key);
        let n_bytes = Memo::new(move |_| match progress.get() {
            Progress::Going(n_bytes) => Some(n_bytes),
            _ => None,
        });
        let is_going = Memo::new(move |_| n_bytes.get().is_some());
        move || {
            let label = label.clone();
            is_going.get().then(|| {
                view! {
                    <progress
                        class="progress"
                        max=file.size.to_string()
                        prop:value=move || n_bytes.get().unwrap_or_default().to_string()
                        aria-label=label
                    ></progress>
                }
            })
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (file, label);
}

/// A refused file may be tried once more.
#[component]
fn Again(opened: Opened, key: MessageKey, label: String) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        use super::boxes::renew;
        use super::uploads::{Progress, progress_of};
        let progress = progress_of(key);
        let has_failed = Memo::new(move |_| matches!(progress.get(), Progress::Failed(_)));
        move || {
            let label = label.clone();
            has_failed.get().then(|| {
                view! {
                    <button
                        class="button button--icon"
                        type="button"
                        aria-label=label
                        on:click=move |_| renew(opened, key)
                    >
                        <Icon name=IconName::Refresh small=true/>
                    </button>
                }
            })
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (opened, key, label);
}

/// A file that was not taken, and why.
#[component]
fn RefusedChip(refused: Refused, all: ArcRwSignal<Vec<Refused>>) -> impl IntoView {
    use words::attachments::tray as t;
    let language = use_language();
    let number = refused.number;
    let take_out = move |_| {
        all.update(|all| all.retain(|refused| refused.number != number));
        #[cfg(feature = "hydrate")]
        super::door::focus();
    };
    let why = match &refused.error {
        ApiError::TooLarge => t::too_large(language, &size(language, MAX_BYTES)),
        ApiError::File(FileProblem::Unsupported) => t::unsupported(language, &endings()),
        error => error_words(language, error),
    };
    view! {
        <li class="attachment attachment--refused">
            <span class="attachment__thumb">
                <Icon name=icon(AttachmentKind::Document)/>
            </span>
            <span role="alert">
                <span class="attachment__name" dir="auto">{refused.name.clone()}</span>
                <span class="attachment__why">{why}</span>
            </span>
            <button
                class="button button--icon"
                type="button"
                aria-label=t::remove(language, &refused.name)
                on:click=take_out
            >
                <Icon name=IconName::Close small=true/>
            </button>
        </li>
    }
}

/// The usual endings of what may be sent.
fn endings() -> String {
    let usual: Vec<&str> = FILE_TYPES
        .iter()
        .filter_map(|known| known.extensions.first().copied())
        .collect();
    usual.join(", ")
}
