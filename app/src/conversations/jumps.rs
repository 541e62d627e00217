//! The two pills over the history: what is new below, what is unread above.

use leptos::prelude::*;

use super::opened::Opened;
use super::reading::Reading;
use crate::i18n::{format, use_language, words};
use crate::now::use_now;
use crate::ui::{Icon, IconName};

/// Down to the newest message; hidden at the bottom.
#[component]
pub(super) fn JumpDown(
    /// The reader.
    reading: Reading,
) -> impl IntoView {
    use words::conversations::jump as t;
    let language = use_language();
    move || {
        reading.is_up.get().then(|| {
            let count = reading.n_below.get();
            let (class, name, words) = if count > 0 {
                ("button pill-jump", None, Some(t::new(language, count)))
            } else {
                (
                    "button pill-jump pill-jump--bare",
                    Some(t::bottom(language)),
                    None,
                )
            };
            view! {
                <button class=class type="button" aria-label=name on:click=move |_| reading.to_bottom()>
                    <Icon name=IconName::ArrowDown small=true/>
                    {words}
                </button>
            }
        })
    }
}

/// Up to the first new message that was jumped over.
#[component]
pub(super) fn JumpUp(
    /// The conversation.
    opened: Opened,
    /// The reader.
    reading: Reading,
) -> impl IntoView {
    use words::conversations::jump as t;
    let language = use_language();
    let now = use_now();
    let since = move || {
        opened.timeline.with_untracked(|timeline| {
            let from = timeline.new_from()?;
            timeline
                .messages()
                .iter()
                .find(|message| message.position == from)
                .map(|message| message.sent_at)
        })
    };
    move || {
        let count = reading.n_above.get();
        (count > 0).then(|| {
            let today = now.today();
            let day = since()
                .map(|at| now.civil(at))
                .filter(|day| day.day_number < today.day_number);
            let words = match day {
                Some(day) => t::unread_since(
                    language,
                    count,
                    &format::list_time(language, day, today).to_lowercase(),
                ),
                None => t::unread(language, count),
            };
            view! {
                <button
                    class="button pill-jump pill-jump--top"
                    type="button"
                    on:click=move |_| reading.to_first_unseen()
                >
                    <Icon name=IconName::ArrowUp small=true/>
                    {words}
                </button>
            }
        })
    }
}
