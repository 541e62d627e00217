//! A request received: who asks, what they add, the two answers.

use leptos::prelude::*;

use super::{Act, ActButton, Change, FriendRequest};
use crate::contacts::{capitalized, photo_url};
use crate::i18n::{format, use_language, words::friendships as t};
use crate::now::use_now;
use crate::ui::{Avatar, ButtonTone, IconName};

/// A request that awaits the caller's answer.
#[component]
pub fn RequestCard(
    /// The request.
    request: FriendRequest,
    /// Hears the answer's effect.
    #[prop(into)]
    on_changed: Callback<Change>,
    /// Whether it has the width of the page: everything in a line.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let FriendRequest {
        person,
        sent_at,
        note,
    } = request;
    let sent = move || now.civil(sent_at);
    let when = move || t::received(language, &format::in_sentence(language, sent(), now.today()));
    let role = format!("{} · {}", capitalized(&person.profession), person.workplace);
    view! {
        <article
            class=if wide { "card request-card request-card--wide" } else { "card request-card" }
            aria-label=person.name.clone()
            data-person=person.id.to_string()
        >
            <Avatar
                name=person.name.clone()
                tint_seed=person.id.0.as_u128()
                photo_url=photo_url(person.id, person.photo)
                class="avatar--square avatar--request"
            />
            <div>
                <a class="request-card__name" href=format!("/reseau/{}", person.id) dir="auto">{person.name.clone()}</a>
                <p class="request-card__role">{role}</p>
                <p class="request-card__when"><time datetime=move || format::machine(sent())>{when}</time></p>
            </div>
            {note.map(|note| view! {
                <blockquote class="request-card__note" dir="auto">{note.as_str().to_owned()}</blockquote>
            })}
            <div class="request-card__actions">
                <ActButton
                    act=Act::Accept
                    person=person.clone()
                    on_changed
                    word=t::accept::word(language)
                    name=t::accept::name(language, &person.name)
                    tone=ButtonTone::Primary
                    icon=IconName::Check
                />
                <ActButton
                    act=Act::Ignore
                    person=person.clone()
                    on_changed
                    word=t::ignore::word(language)
                    name=t::ignore::name(language, &person.name)
                    tone=ButtonTone::Quiet
                />
            </div>
        </article>
    }
}
