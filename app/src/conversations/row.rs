//! One row of « Messages directs »: who, the last line, when, what is unread.

use leptos::prelude::*;

use super::list::draft_words;
use super::outbox::use_outbox;
use super::text::message_words;
use super::{Channel, Conversation};
use crate::accounts::Language;
use crate::api::{AccountId, ConversationId};
use crate::contacts::{capitalized, photo_url};
use crate::i18n::{format, use_language, words};
use crate::now::use_now;
use crate::session::use_me;
use crate::ui::{Avatar, Badge, Icon, IconName};

/// The most characters of a last line; the row shows fewer.
const PREVIEW_CHARS: usize = 120;

/// A link to the conversation, which names the friend.
#[component]
pub fn ConversationRow(
    /// All conversations; this row follows its own.
    rows: Signal<Vec<Conversation>>,
    /// Which.
    id: ConversationId,
    /// The conversation on the screen, if one is.
    #[prop(optional, into)]
    current: Signal<Option<ConversationId>>,
) -> impl IntoView {
    let conversation = Memo::new(move |earlier: Option<&Option<Conversation>>| {
        let now = rows.with(|rows| rows.iter().find(|row| row.id == id).cloned());
        // A row that is about to go stays as it was.
        now.or_else(|| earlier.cloned().flatten())
    });
    let class = move || {
        conversation.with(|conversation| match conversation {
            Some(row) if row.unread_count > 0 => "conversation-row conversation-row--unread",
            Some(Conversation {
                channel: Channel::Closed { .. },
                ..
            }) => "conversation-row conversation-row--closed",
            _ => "conversation-row",
        })
    };
    // The link itself stays, so that it keeps the focus while its words change.
    view! {
        <a
            class=class
            href=format!("/messages/{id}")
            aria-current=move || (current.get() == Some(id)).then_some("true")
        >
            {move || conversation.get().map(|conversation| view! { <RowInside conversation/> })}
        </a>
    }
}

#[component]
fn RowInside(conversation: Conversation) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let friend = conversation.friend.clone();
    let unread = conversation.unread_count;
    let active_at = match conversation.channel {
        Channel::Closed { since, .. } => since,
        Channel::Open { .. } => conversation.active_at,
    };
    let active = move || now.civil(active_at);
    let photo = photo_url(friend.id, friend.photo);
    let count = u32::try_from(unread).unwrap_or(u32::MAX);
    view! {
        <Avatar name=friend.name.clone() photo_url=photo tint_seed=friend.id.0.as_u128()/>
        <span class="conversation-row__head">
            <span class="conversation-row__name" dir="auto">{friend.name}</span>
            " "
            <span class="conversation-row__role">{capitalized(&friend.profession)}</span>
            " "
            <time class="conversation-row__time" datetime=move || format::machine(active())>
                {move || format::list_time(language, active(), now.today())}
            </time>
        </span>
        " "
        <span class="conversation-row__foot">
            <LastLine conversation/>
            {(unread > 0)
                .then(|| {
                    view! {
                        <span class="conversation-row__tail">
                            <Badge count=count/>
                            <span class="visually-hidden">{words::conversations::row::unread(language, unread)}</span>
                        </span>
                    }
                })}
        </span>
    }
}

/// What stands under the name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    icon: Option<IconName>,
    /// "Brouillon :" and the like.
    label: Option<&'static str>,
    text: String,
    kind: LineKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineKind {
    Plain,
    Draft,
    Failed,
    /// The person's own, and the friend has read it.
    Read,
}

fn line(language: Language, me: Option<AccountId>, conversation: &Conversation) -> Line {
    use words::conversations::row as t;
    let plain = |icon, label, text| Line {
        icon,
        label,
        text,
        kind: LineKind::Plain,
    };
    if let Channel::Closed { .. } = conversation.channel {
        return plain(Some(IconName::Lock), None, t::closed(language).to_owned());
    }
    if let Some(draft) = draft_words(conversation) {
        return Line {
            icon: None,
            label: Some(t::draft(language)),
            text: preview(draft),
            kind: LineKind::Draft,
        };
    }
    match &conversation.last_message {
        None => plain(Some(IconName::Plane), None, t::first(language).to_owned()),
        Some(message) if Some(message.author) == me => {
            let is_read = message.position <= conversation.friend_read_position;
            let icon = if is_read || message.position <= conversation.friend_delivered_position {
                IconName::DoubleCheck
            } else {
                IconName::Check
            };
            Line {
                icon: Some(icon),
                label: Some(t::you(language)),
                text: preview(&message_words(language, message)),
                kind: if is_read { LineKind::Read } else { LineKind::Plain },
            }
        }
        Some(message) => plain(None, None, preview(&message_words(language, message))),
    }
}

#[component]
fn LastLine(conversation: Conversation) -> impl IntoView {
    let language = use_language();
    let outbox = use_outbox();
    let me = use_me().with_untracked(|me| me.as_ref().map(|me| me.id));
    let shown = Memo::new(move |_| match outbox.last_failed(conversation.id) {
        Some(body) => Line {
            icon: Some(IconName::Warning),
            label: Some(words::conversations::row::failed(language)),
            text: preview(body.as_str()),
            kind: LineKind::Failed,
        },
        None => line(language, me, &conversation),
    });
    move || {
        let Line {
            icon,
            label,
            text,
            kind,
        } = shown.get();
        let class = match kind {
            LineKind::Failed => "conversation-row__last conversation-row__failed",
            LineKind::Read => "conversation-row__last conversation-row__last--read",
            LineKind::Plain | LineKind::Draft => "conversation-row__last",
        };
        let label_class = if kind == LineKind::Draft {
            "conversation-row__draft"
        } else {
            ""
        };
        view! {
            <span class=class>
                {icon.map(|name| view! { <Icon name/> })}
                <span class="conversation-row__words" dir="auto">
                    {label.map(|label| view! { <span class=label_class>{label}</span> " " })}
                    {text}
                </span>
            </span>
        }
    }
}

/// The beginning of a text, on one line.
fn preview(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > PREVIEW_CHARS {
            return line.chars().take(PREVIEW_CHARS).chain(['…']).collect();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_short_line() {
        assert_eq!(
            preview("  Bonjour,\n\nINR à 2,4.\tMerci "),
            "Bonjour, INR à 2,4. Merci"
        );
        let long = preview(&"é".repeat(500));
        assert_eq!(long.chars().count(), PREVIEW_CHARS + 1);
        assert!(long.ends_with('…'));
    }
}
