//! A person's card: photo, name, what they do, and the one action that their relation allows. Nobody but a friend has a
//! paper plane.

use leptos::prelude::*;

use super::{Person, capitalized, photo_url, uncapitalized};
use crate::api::{ConversationId, PhotoForm};
use crate::friendships::{Act, ActButton, Change, Relation, Standing};
use crate::i18n::{use_language, words::contacts::card as t, words::friendships as f};
use crate::ui::{Avatar, Badge, ButtonTone, Icon, IconName};

/// One card of a grid.
#[component]
pub(super) fn ContactCard(
    /// The person, followed.
    person: Memo<Person>,
    /// The section the card stands in, so that ids stay unique.
    place: &'static str,
    /// Whether it is among the first that are seen: its photo comes with the page.
    #[prop(optional)]
    is_first: bool,
    /// Hears what an action on the card has changed.
    on_changed: Callback<Change>,
) -> impl IntoView {
    // The face alone: a new relation or a new message redraws neither photo nor name.
    let face = Memo::new(move |_| {
        let person = person.get();
        Person {
            relation: Relation::NONE,
            conversation: None,
            unread_count: 0,
            ..person
        }
    });
    let is_self = person.with_untracked(|person| person.relation.relation == Standing::Myself);
    let standing = Memo::new(move |_| {
        person.with(|person| {
            (
                person.relation.relation,
                person.relation.closed_by_me,
                person.conversation,
            )
        })
    });
    let unread = Signal::derive(move || person.with(|person| person.unread_count));
    let is_muted = move || standing.get().0 == Standing::Blocked;
    let id = person.with_untracked(|person| person.id);
    view! {
        <li class="contact-card" class:contact-card--muted=is_muted data-person=id.to_string()>
            {move || view! { <Face person=face.get() is_self is_first/> }}
            <div class="contact-card__action">
                {move || {
                    let (relation, closed_by_me, conversation) = standing.get();
                    let person = face.get();
                    match relation {
                        Standing::Friend => view! { <Plane person conversation unread place/> }.into_any(),
                        Standing::Closed if closed_by_me != Some(true) => {
                            view! { <ClosedByOther person conversation on_changed/> }.into_any()
                        }
                        _ => view! { <CardAct person relation on_changed/> }.into_any(),
                    }
                }}
            </div>
        </li>
    }
}

/// Photo, name, profession, workplace.
#[component]
fn Face(person: Person, is_self: bool, is_first: bool) -> impl IntoView {
    let language = use_language();
    let role = if is_self {
        t::you(language, &uncapitalized(&person.profession))
    } else {
        capitalized(&person.profession)
    };
    let photo = match photo_url(person.id, person.photo) {
        Some(url) => {
            let loading = if is_first { "eager" } else { "lazy" };
            view! { <img src=PhotoForm::Card.of(&url) alt="" width="200" height="200" loading=loading decoding="async"/> }
                .into_any()
        }
        None => view! { <Avatar name=person.name.clone() tint_seed=person.id.0.as_u128()/> }.into_any(),
    };
    view! {
        <div class="contact-card__photo">{photo}</div>
        <div class="contact-card__body">
            <h3>
                <a class="contact-card__name" href=format!("/reseau/{}", person.id) dir="auto">{person.name}</a>
            </h3>
            <p class="contact-card__role">{role}</p>
            <p class="contact-card__place">{person.workplace}</p>
        </div>
    }
}

/// The paper plane, with what is left to read.
#[component]
fn Plane(
    person: Person,
    conversation: Option<ConversationId>,
    unread: Signal<u64>,
    place: &'static str,
) -> impl IntoView {
    let language = use_language();
    let unread_id = format!("{place}-{}", person.id);
    let count = Signal::derive(move || u32::try_from(unread.get()).unwrap_or(u32::MAX));
    let words = move || match unread.get() {
        0 => String::new(),
        count => t::unread(language, count),
    };
    view! {
        <a
            class="button button--soft contact-card__plane"
            href=plane_address(&person, conversation)
            aria-label=t::write_to(language, &person.name)
            aria-describedby=unread_id.clone()
        >
            <Icon name=IconName::PlaneFilled/>
            {t::write(language)}
        </a>
        <Badge count class="badge--ring contact-card__unread"/>
        <span class="visually-hidden" id=unread_id>{words}</span>
    }
}

/// Where the plane leads: to the compose box; to the person's page in the moment before the conversation is known.
pub(super) fn plane_address(person: &Person, conversation: Option<ConversationId>) -> String {
    match conversation {
        Some(conversation) => format!("/messages/{conversation}#ecrire"),
        None => format!("/reseau/{}", person.id),
    }
}

/// The channel that the other has closed: the history stays readable. A new request is made on the person's page.
#[component]
fn ClosedByOther(
    person: Person,
    conversation: Option<ConversationId>,
    on_changed: Callback<Change>,
) -> impl IntoView {
    let language = use_language();
    let Some(conversation) = conversation else {
        return view! { <CardAct person relation=Standing::Closed on_changed/> }.into_any();
    };
    view! {
        <span class="contact-card__state"><Icon name=IconName::Lock small=true/>{t::closed(language)}</span>
        <a
            class="button button--icon button--outline"
            href=format!("/messages/{conversation}")
            aria-label=t::reread(language, &person.name)
        >
            <Icon name=IconName::Eye small=true/>
        </a>
    }
    .into_any()
}

/// The action that changes the relation.
#[component]
fn CardAct(person: Person, relation: Standing, on_changed: Callback<Change>) -> impl IntoView {
    let language = use_language();
    let name = person.name.clone();
    match relation {
        // Why is theirs to know.
        Standing::None | Standing::Closed if !person.takes_requests => view! {
            <span class="contact-card__state"><Icon name=IconName::Hand small=true/>{t::takes_no_requests(language)}</span>
        }
        .into_any(),
        Standing::None | Standing::Friend => view! {
            <ActButton
                act=Act::Ask
                person
                on_changed
                word=f::ask::word(language)
                name=f::ask::name(language, &name)
                icon=IconName::PersonPlus
                next="/reseau#envoyees"
            />
        }
        .into_any(),
        Standing::RequestSent => view! {
            <span class="contact-card__state"><Icon name=IconName::Clock small=true/>{t::sent(language)}</span>
            <ActButton
                act=Act::Cancel
                person
                on_changed
                name=f::cancel::name(language, &name)
                icon=IconName::Close
                class="act act--icon"
            />
        }
        .into_any(),
        Standing::RequestReceived => view! {
            <ActButton
                act=Act::Accept
                person=person.clone()
                on_changed
                word=f::accept::word(language)
                name=f::accept::name(language, &name)
                tone=ButtonTone::Primary
            />
            <ActButton
                act=Act::Ignore
                person
                on_changed
                name=f::ignore::name(language, &name)
                icon=IconName::Close
                class="act act--icon"
            />
        }
        .into_any(),
        Standing::Closed => view! {
            <ActButton
                act=Act::Ask
                person
                on_changed
                word=f::ask::reopen(language)
                name=f::ask::reopen_name(language, &name)
                icon=IconName::Lock
                next="/reseau#envoyees"
            />
        }
        .into_any(),
        Standing::Blocked => view! {
            <ActButton
                act=Act::Unblock
                person
                on_changed
                word=f::unblock::word(language)
                name=f::unblock::name(language, &name)
                icon=IconName::Ban
            />
        }
        .into_any(),
        Standing::Myself => view! {
            <a class="button button--outline" href="/parametres/profil" aria-label=t::edit_mine(language)>
                <Icon name=IconName::Edit/>
                {t::edit(language)}
            </a>
        }
        .into_any(),
    }
}
