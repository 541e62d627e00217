//! The questions before closing a channel or blocking somebody: what will happen, and the way back, in plain words.

use leptos::prelude::*;

use super::{Act, ActButton, Change, Standing};
use crate::contacts::{Person, photo_url};
use crate::i18n::{format, use_language, words::friendships as t};
use crate::now::use_now;
use crate::ui::{Avatar, AvatarSize, ButtonTone, Dialog, Icon, IconName};

/// Asks before `act`, which closes the channel or blocks.
///
/// Without a script a page drawn with the dialog open shows it; *Annuler* closes it all the same.
#[component]
pub fn ConfirmDialog(
    /// [`Act::Close`] or [`Act::Block`].
    act: Act,
    /// About whom.
    person: Person,
    /// Whether it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// Hears that the person decided otherwise.
    #[prop(into)]
    on_close: Callback<()>,
    /// Hears what has changed.
    #[prop(into)]
    on_changed: Callback<Change>,
) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let name = person.name.as_str();
    let is_block = act == Act::Block;
    let id = if is_block { "bloquer" } else { "fermer" };
    let title = if is_block {
        t::block::title(language, name)
    } else {
        t::close::title(language).to_owned()
    };
    let (relation, friend) = (person.relation.clone(), person.name.clone());
    let sub = move || match (relation.relation, relation.since) {
        (Standing::Friend, Some(since)) => {
            t::close::since(language, &friend, &format::full_date(language, now.civil(since)))
        }
        _ => friend.clone(),
    };
    let (word, whole) = if is_block {
        (t::block::word(language), t::block::name(language, name))
    } else {
        (t::close::word(language), t::close::word(language).to_owned())
    };
    let facts = if is_block {
        vec![
            (
                IconName::BellOff,
                t::block::silence(language).to_owned(),
                t::block::silence_text(language),
            ),
            (
                IconName::Lock,
                t::block::channel(language).to_owned(),
                t::block::channel_text(language),
            ),
            (
                IconName::Refresh,
                t::block::lift(language).to_owned(),
                t::block::lift_text(language),
            ),
        ]
    } else {
        vec![
            (
                IconName::Plane,
                t::close::writing(language, name),
                t::close::writing_text(language),
            ),
            (
                IconName::Eye,
                t::close::history(language).to_owned(),
                t::close::history_text(language),
            ),
            (
                IconName::Phone,
                t::close::phone(language).to_owned(),
                t::close::phone_text(language),
            ),
            (
                IconName::Refresh,
                t::close::reopen(language).to_owned(),
                t::close::reopen_text(language),
            ),
        ]
    };
    let facts: Vec<_> = facts
        .into_iter()
        .map(|(icon, title, text)| view! {
            <li class="row">
                <span class="row__icon"><Icon name=icon/></span>
                <div class="row__text"><p class="row__title">{title}</p><p class="row__sub">{text}</p></div>
            </li>
        })
        .collect();
    view! {
        <Dialog open on_close labelled_by=format!("{id}-titre") described_by=Some(format!("{id}-texte"))>
            <div class="dialog__head">
                <Avatar
                    name=person.name.clone()
                    tint_seed=person.id.0.as_u128()
                    photo_url=photo_url(person.id, person.photo)
                    size=AvatarSize::Large
                />
                <div>
                    <h2 class="dialog__title" id=format!("{id}-titre")>{title}</h2>
                    <p class="section__note">{sub}</p>
                </div>
            </div>
            <ul class="card rows" id=format!("{id}-texte") role="list">{facts}</ul>
            <div class="dialog__actions">
                <form method="dialog" class="act">
                    <button class="button button--quiet">{t::close::stay(language)}</button>
                </form>
                <ActButton
                    act
                    person=person.clone()
                    on_changed
                    word
                    name=whole
                    tone=ButtonTone::Danger
                    icon=if is_block { IconName::Ban } else { IconName::Lock }
                />
            </div>
        </Dialog>
    }
}
