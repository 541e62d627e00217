//! The compose box: a plain form before the script arrives, and without it; then the message is on the screen before
//! any network.
//!
//! The text is the browser's own: what is typed before the script takes over stays. Source: help page, step 3; ux C1–C9.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;

use super::act_forms::reply_field;
use super::draft::DraftKeeper;
use super::enter::{Keyboard, Press, sends};
use super::guarding::Guard;
use super::message_menu::reply_bar;
use super::opened::Opened;
use super::slot::slot;
use super::typing::TypingSign;
use super::{MessageBody, SendMessage};
use crate::api::{MessageKey, Operation, Timestamp};
use crate::attachments::voice::voice_button;
use crate::attachments::{ACCEPTED, Camera};
use crate::boot::use_boot;
use crate::chunk::{Beside, Page};
use crate::i18n::{error_words, format, use_language, words};
use crate::now::use_now;
use crate::ui::{Icon, IconName};

/// The box, the purple arrow, and the promise below.
#[component]
pub(super) fn Compose(
    /// The conversation, which is open.
    opened: Opened,
    /// Keeps what is typed.
    draft: DraftKeeper,
    /// Id of the box, unique in the page; links of paper planes lead to `#ecrire`.
    #[prop(default = "ecrire".to_owned())]
    id: String,
) -> impl IntoView {
    use words::conversations::compose as t;
    let language = use_language();
    let name = opened.friend_name();
    let start = Start::new(opened);
    let refusal_id = format!("{id}-refus");
    let area = NodeRef::<Textarea>::new();
    let refusal = RwSignal::new(start.refusal);
    // Said for as long as the refusal is, beside whatever else is wrong with the words.
    let files_gone = move || {
        let is_said = start.had_files && refusal.with(Option::is_some);
        is_said.then(|| t::files_gone(language))
    };
    let is_live = RwSignal::new(false);
    let typing = TypingSign::new(opened);
    let height_px = StoredValue::new(None::<f64>);
    let now = use_now();

    let n_chars = Memo::new(move |_| opened.typed.with(|typed| typed.trim().chars().count()));
    let is_empty = Memo::new(move |_| n_chars.get() == 0 && opened.chosen.with(String::is_empty));
    let excess = move || {
        let count = n_chars.get();
        (count > MessageBody::MAX_CHARS).then(|| {
            let number = |n: usize| format::number(language, u64::try_from(n).unwrap_or(u64::MAX));
            t::too_long(language, &number(count), &number(MessageBody::MAX_CHARS))
        })
    };

    let typed = move || {
        let text = area.get_untracked().map(|area| area.value()).unwrap_or_default();
        opened.typed.set(text);
        grow(area);
    };
    let put = move |text: &str| {
        if let Some(area) = area.get_untracked() {
            area.set_value(text);
        }
        typed();
        draft.touched();
    };
    let send = move || {
        typed();
        let has_files = opened.chosen.with_untracked(|files| !files.is_empty());
        let body = opened.typed.with_untracked(|typed| {
            if has_files {
                MessageBody::parse_beside_files(typed)
            } else {
                MessageBody::parse(typed)
            }
        });
        let (Ok(body), Some((key, at))) = (body, stamp()) else {
            focus(area);
            return;
        };
        if opened.stops(language, body.as_str()) {
            return;
        }
        refusal.set(None);
        if let Some(area) = area.get_untracked() {
            area.set_value("");
        }
        typed();
        draft.sent(&body);
        typing.stop();
        opened.send(key, body, at);
        focus(area);
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let pressed = move |event: KeyboardEvent| {
        if event.key() == "ArrowUp" && is_empty.get_untracked() && opened.edit_last(now.get()) {
            event.prevent_default();
        }
        if event.key() != "Enter" {
            return;
        }
        let press = Press {
            shift: event.shift_key(),
            control: event.ctrl_key() || event.meta_key(),
            // 229: a key that an input method keeps to itself, in browsers that do not say so.
            is_composing: event.is_composing() || event.key_code() == 229,
        };
        let setting = opened
            .session()
            .me
            .with_untracked(|me| me.as_ref().map(|me| me.enter_key))
            .unwrap_or_default();
        if sends(setting, press, keyboard(height_px.get_value())) {
            event.prevent_default();
            send();
        }
    };

    let own_id = id.clone();
    // The script has arrived: what was typed until now counts, and the link of a paper plane leads into the box.
    Effect::new(move |was_live: Option<bool>| {
        let is_on_page = area.get().is_some();
        if is_on_page && was_live != Some(true) {
            let before = opened.typed.get_untracked();
            typed();
            if opened.typed.with_untracked(|now| *now != before) {
                draft.touched();
            }
            is_live.set(true);
            if location_hash().as_deref() == Some(own_id.as_str()) {
                focus(area);
            }
        }
        is_on_page
    });
    Effect::new(move |_| {
        if let Some(words) = opened.fill.get() {
            let here = opened.typed.get_untracked();
            let text = if here.trim().is_empty() {
                words
            } else {
                format!("{words}\n\n{here}")
            };
            put(&text);
            focus(area);
            opened.fill.set(None);
        }
    });
    Effect::new(move |_| {
        if let (Some(words), Some(shown)) = (opened.replace.get(), area.get()) {
            shown.set_value(&words);
            typed();
            opened.replace.set(None);
        }
    });

    provide_context(opened);
    let files_id = format!("{id}-fichiers");
    #[cfg(feature = "hydrate")]
    {
        let (files_id, owner) = (files_id.clone(), Owner::current());
        Effect::new(move |is_tended: Option<bool>| {
            if is_tended == Some(true) {
                return true;
            }
            // After a navigation the page is whole before the box stands in it.
            let is_there = area.get().is_some() && opened.is_whole.get();
            if let Some(owner) = owner.as_ref().filter(|_| is_there) {
                owner.with(|| untrack(|| crate::attachments::door::tend(opened, &files_id)));
            }
            is_there
        });
    }
    let described_by = refusal_id.clone();
    let problem = move || {
        let words = excess().or_else(|| refusal.get());
        words.map(|words| {
            let words = match files_gone() {
                Some(files_gone) => format!("{words} {files_gone}"),
                None => words,
            };
            view! {
                <p class="compose__problem" id=refusal_id.clone() role="alert">
                    <Icon name=IconName::Warning small=true/>
                    {words}
                </p>
            }
        })
    };
    view! {
        <form
            class="compose"
            method="post"
            enctype="multipart/form-data"
            aria-label=t::form(language, &name)
            on:submit=submit
        >
            <input type="hidden" name="operation" value=SendMessage::NAME/>
            <input type="hidden" name="conversation" value=opened.id.to_string()/>
            <input type="hidden" name="key" value=start.key/>
            // The draft stands in the box.
            <input type="hidden" name="clears_draft" value="true"/>
            {move || opened.is_whole.get().then(|| view! { <Guard opened draft/> })}
            {slot(opened.is_whole, "", || reply_field(opened), move || reply_bar(opened))}
            <div class="compose__box">
                <Beside page=Page::FILES wanted=opened.wants_files/>
                <label class="button button--icon compose__attach">
                    <Icon name=IconName::Paperclip/>
                    <input
                        class="visually-hidden"
                        id=files_id
                        type="file"
                        name="file"
                        multiple
                        accept=ACCEPTED
                        aria-label=t::attach(language)
                        title=t::attach_hint(language)
                    />
                </label>
                {move || opened.is_whole.get().then(|| view! { <Camera opened/> })}
                <textarea
                    class="compose__text"
                    id=id
                    name="body"
                    rows="1"
                    aria-label=t::text(language, &name)
                    placeholder=t::placeholder(language)
                    enterkeyhint="enter"
                    dir="auto"
                    autocomplete="off"
                    aria-describedby=move || (excess().is_some() || refusal.get().is_some()).then(|| described_by.clone())
                    aria-invalid=move || excess().map(|_| "true")
                    inner_html=escaped(&opened.typed.get_untracked())
                    on:input=move |_| {
                        typed();
                        draft.touched();
                        typing.key_pressed();
                    }
                    on:keydown=pressed
                    on:blur=move |_| draft.read_what_is_owed()
                    on:focus=move |_| height_px.set_value(visible_height_px())
                    node_ref=area
                ></textarea>
                {move || opened.is_whole.get().then(|| voice_button(opened))}
                <button
                    class="compose__send"
                    type="submit"
                    aria-label=t::send(language)
                    prop:disabled=move || is_live.get() && is_empty.get()
                    on:mousedown=move |press| press.prevent_default()
                >
                    <Icon name=IconName::ArrowUp/>
                </button>
            </div>
            {problem}
            <p class="compose__trust">
                <Icon name=IconName::Lock/>
                {words::conversations::trust(language)}
            </p>
        </form>
    }
}

/// The key of the plain form, and why it was refused if it was.
struct Start {
    key: String,
    refusal: Option<String>,
    /// Whether files came with it, which are not in the form again.
    had_files: bool,
}

impl Start {
    fn new(opened: Opened) -> Self {
        let language = use_language();
        use_boot().with_value(|boot| {
            let fresh_key = boot.form_key.0.to_string();
            let id = opened.id.to_string();
            let posted = boot
                .posted_by(SendMessage::NAME)
                .filter(|posted| posted.field("conversation") == Some(&id));
            let Some((posted, error)) = posted.and_then(|posted| Some((posted, posted.error.as_ref()?)))
            else {
                return Self {
                    key: fresh_key,
                    refusal: None,
                    had_files: false,
                };
            };
            // After a failure nobody knows what was stored: the same key sends once, whatever happened.
            let key = posted
                .field("key")
                .filter(|_| error.is_transient())
                .map(ToOwned::to_owned);
            let refused = words::conversations::compose::refused(language);
            let refusal = format!("{refused} {}", error_words(language, error));
            Self {
                key: key.unwrap_or(fresh_key),
                refusal: Some(refusal),
                had_files: posted.had_files(),
            }
        })
    }
}

/// For the inside of a `<textarea>`, where a parser looks for the end and for entities. That of a whole page leaves out a line
/// break at the start.
pub(super) fn escaped(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    #[cfg(feature = "ssr")]
    let escaped = format!("\n{escaped}");
    escaped
}

/// A fresh key and the present moment; nothing on the server, where nobody writes.
fn stamp() -> Option<(MessageKey, Timestamp)> {
    #[cfg(feature = "hydrate")]
    let stamp = Some((crate::browser::random_key(), crate::browser::now_ms()));
    #[cfg(not(feature = "hydrate"))]
    let stamp = None;
    stamp
}

fn focus(area: NodeRef<Textarea>) {
    if let Some(area) = area.get_untracked() {
        // Only an element that has left the page refuses the focus.
        let _ = area.focus();
    }
}

/// Gives the box the height of its text, in browsers that do not do so by themselves.
fn grow(area: NodeRef<Textarea>) {
    #[cfg(feature = "hydrate")]
    if let Some(area) = area.get_untracked() {
        let style = web_sys::HtmlElement::style(&area);
        if js_sys::Reflect::has(&style, &"fieldSizing".into()).unwrap_or(false) {
            return;
        }
        // A property that is refused leaves the box as it was.
        let _ = style.set_property("block-size", "auto");
        let _ = style.set_property("block-size", &format!("{}px", area.scroll_height()));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = area;
}

/// What the keyboard on the screen leaves of the page.
fn visible_height_px() -> Option<f64> {
    #[cfg(feature = "hydrate")]
    let height = window().visual_viewport().map(|viewport| viewport.height());
    #[cfg(not(feature = "hydrate"))]
    let height = None;
    height
}

/// The keyboard as far as the page can tell; `height_px` is what was visible when the box took the focus.
fn keyboard(height_px: Option<f64>) -> Keyboard {
    /// A keyboard on the screen takes more than this; the bars of a browser less.
    const KEYBOARD_PX: f64 = 120.0;
    let has_shrunk = match (height_px, visible_height_px()) {
        (Some(then), Some(now)) => now < then - KEYBOARD_PX,
        _ => false,
    };
    Keyboard {
        has_fine_pointer: matches_media("(any-pointer: fine)"),
        is_phone: matches_media("(max-width: 37.49em), (max-height: 37.49em) and (pointer: coarse)"),
        has_shrunk,
    }
}

fn matches_media(query: &str) -> bool {
    #[cfg(feature = "hydrate")]
    let is_so = window()
        .match_media(query)
        .ok()
        .flatten()
        .is_some_and(|list| list.matches());
    #[cfg(not(feature = "hydrate"))]
    let is_so = query.is_empty();
    is_so
}
