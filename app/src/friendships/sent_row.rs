//! A request sent: to whom, since when, the way back.

use leptos::prelude::*;

use super::{Act, ActButton, Change, FriendRequest};
use crate::contacts::{capitalized, photo_url};
use crate::i18n::{format, use_language, words::friendships as t};
use crate::now::use_now;
use crate::ui::{Avatar, AvatarSize};

/// A request that awaits the other's answer.
#[component]
pub fn SentRow(
    /// The request.
    request: FriendRequest,
    /// Hears that it was taken back.
    #[prop(into)]
    on_changed: Callback<Change>,
) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let FriendRequest { person, sent_at, .. } = request;
    let sent = move || now.civil(sent_at);
    let when = move || t::sent(language, &format::in_sentence(language, sent(), now.today()));
    view! {
        <li class="row sent-row" data-person=person.id.to_string()>
            <Avatar
                name=person.name.clone()
                tint_seed=person.id.0.as_u128()
                photo_url=photo_url(person.id, person.photo)
                size=AvatarSize::Medium
            />
            <div class="row__text">
                <p class="row__title">
                    <a class="sent-row__name" href=format!("/reseau/{}", person.id) dir="auto">{person.name.clone()}</a>
                </p>
                <p class="row__sub">
                    {format!("{} · ", capitalized(&person.profession))}
                    <time datetime=move || format::machine(sent())>{when}</time>
                    {format!(" {}", t::sent_next(language, &person.given_name))}
                </p>
            </div>
            <div class="row__actions">
                <ActButton
                    act=Act::Cancel
                    person=person.clone()
                    on_changed
                    word=t::cancel::word(language)
                    name=t::cancel::name(language, &person.name)
                />
            </div>
        </li>
    }
}
