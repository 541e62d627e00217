//! What one may do on a person's page: the main action under the photo, and below it how the two stand to each other.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::card::plane_address;
use super::{Person, Profile};
use crate::accounts::Language;
use crate::friendships::{Act, ActButton, AskForm, Change, Standing, has_kept_note};
use crate::i18n::{
    format, use_language, words::contacts::card, words::contacts::person as t, words::friendships as f,
    words::reports,
};
use crate::now::{Now, use_now};
use crate::ui::{ButtonTone, Icon, IconName};

/// Under the photo: the action that the relation allows, and a friend's number.
#[component]
pub(super) fn MainActions(profile: Profile, on_changed: Callback<Change>) -> impl IntoView {
    let language = use_language();
    let Profile { person, phone, note } = profile;
    let name = person.name.clone();
    let phone = phone.filter(|phone| !phone.is_empty()).map(|phone| {
        let address: String = phone
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        let name = t::call(language, &phone);
        view! {
            <a class="button button--outline" href=format!("tel:{address}") aria-label=name>
                <Icon name=IconName::Phone small=true/>
                {phone}
            </a>
        }
    });
    let main = match person.relation.relation {
        Standing::Friend => view! {
            <a
                class="button button--primary button--large"
                href=plane_address(&person, person.conversation)
                aria-label=card::write_to(language, &name)
            >
                <Icon name=IconName::PlaneFilled/>
                {card::write(language)}
            </a>
        }
        .into_any(),
        Standing::None | Standing::Closed if !person.takes_requests && !has_kept_note(person.id) => view! {
            <p class="section__note">{t::takes_no_requests(language)}</p>
        }
        .into_any(),
        Standing::None | Standing::Closed => view! { <AskForm person on_changed/> }.into_any(),
        Standing::RequestSent => view! {
            <ActButton
                act=Act::Cancel
                person
                on_changed
                word=f::cancel::whole(language)
                name=f::cancel::name(language, &name)
                icon=IconName::Close
            />
        }
        .into_any(),
        Standing::RequestReceived => view! {
            {note.map(|note| view! {
                <blockquote class="request-card__note" dir="auto">{note.as_str().to_owned()}</blockquote>
            })}
            <ActButton
                act=Act::Accept
                person=person.clone()
                on_changed
                word=f::accept::word(language)
                name=f::accept::name(language, &name)
                tone=ButtonTone::Primary
                icon=IconName::Check
                button_class="button--large"
            />
            <ActButton
                act=Act::Ignore
                person
                on_changed
                word=f::ignore::word(language)
                name=f::ignore::name(language, &name)
                tone=ButtonTone::Quiet
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
            <a class="button button--outline" href="/parametres/profil" aria-label=card::edit_mine(language)>
                <Icon name=IconName::Edit small=true/>
                {card::edit(language)}
            </a>
        }
        .into_any(),
    };
    view! { <div class="profile__actions">{main} {phone}</div> }
}

/// How the two stand to each other, what would become possible, and the ways out.
#[component]
pub(super) fn Relationship(person: Person, asked: RwSignal<Option<Act>>) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let standing = person.relation.relation;
    let title = match standing {
        Standing::Friend => t::friendship(language),
        Standing::Myself => t::yourself(language),
        _ => t::link(language),
    };
    let state = (standing != Standing::None).then(|| {
        let (icon, text) = still(language, &person);
        let person = person.clone();
        (icon, move || dated(language, now, &person), text)
    });
    let reread = person
        .conversation
        .filter(|_| standing != Standing::Friend)
        .map(|conversation| {
            view! {
                <div class="row__actions">
                    <a class="button button--outline" href=format!("/messages/{conversation}")>
                        <Icon name=IconName::Eye small=true/>
                        {t::reread(language)}
                    </a>
                </div>
            }
        });
    let possible = match standing {
        Standing::None | Standing::Closed => person.takes_requests,
        Standing::RequestSent | Standing::RequestReceived => true,
        Standing::Friend | Standing::Blocked | Standing::Myself => false,
    };
    let close = (standing == Standing::Friend).then(|| {
        view! {
            <Way
                act=Act::Close
                title=f::close::word(language)
                text=f::close::text(language, &person.name)
                name=f::close::word(language).to_owned()
                asked
            />
        }
    });
    let block = (!matches!(standing, Standing::Blocked | Standing::Myself)).then(|| {
        view! {
            <Way
                act=Act::Block
                title=f::block::word(language)
                text=f::block::text(language).to_owned()
                name=f::block::name(language, &person.name)
                asked
            />
        }
    });
    let report = (standing != Standing::Myself).then(|| view! { <ReportRow person=person.clone()/> });
    let has_link = state.is_some() || close.is_some() || block.is_some() || report.is_some();
    let link = has_link.then(|| view! {
            <section class="section" id="lien" aria-labelledby="lien-titre">
                <h2 id="lien-titre" tabindex="-1">{title}</h2>
                <div class="card rows">
                    {state.map(|(icon, title, text)| view! {
                        <div class="row">
                            <span class="row__icon"><Icon name=icon/></span>
                            <div class="row__text"><p class="row__title">{title}</p><p class="row__sub">{text}</p></div>
                            {reread}
                        </div>
                    })}
                    {close}
                    {block}
                    {report}
                </div>
            </section>
        });
    let possible = possible.then(|| view! { <Possible/> });
    // What stands between the two comes first; for strangers, what could.
    if standing == Standing::None {
        view! { {possible} {link} }.into_any()
    } else {
        view! { {link} {possible} }.into_any()
    }
}

/// Drawing and explanation of the present state.
fn still(language: Language, person: &Person) -> (IconName, String) {
    let (icon, text) = match person.relation.relation {
        Standing::None | Standing::Myself => (IconName::Person, t::yourself_text(language)),
        Standing::Friend => (IconName::Plane, t::friends_text(language)),
        Standing::RequestSent => return (IconName::Clock, t::sent_text(language, &person.given_name)),
        Standing::RequestReceived => (IconName::PersonPlus, t::received_text(language)),
        Standing::Closed => (IconName::Lock, t::closed_text(language)),
        Standing::Blocked => (IconName::Ban, t::blocked_text(language)),
    };
    (icon, text.to_owned())
}

/// The present state and since when; follows the days.
fn dated(language: Language, now: Now, person: &Person) -> String {
    let relation = &person.relation;
    let since = relation.since.map(|since| now.civil(since));
    let when = since
        .map(|since| format::in_sentence(language, since, now.today()))
        .unwrap_or_default();
    match relation.relation {
        Standing::None | Standing::Myself => t::yourself_title(language).to_owned(),
        Standing::Friend => {
            let date = since
                .map(|since| format::full_date(language, since))
                .unwrap_or_default();
            t::friends_since(language, &date)
        }
        Standing::RequestSent => t::sent_since(language, &when),
        Standing::RequestReceived => t::received_since(language, &when),
        Standing::Closed if relation.closed_by_me == Some(true) => t::closed_by_me(language, &when),
        Standing::Closed => t::closed_by_other(language, &person.name, &when),
        Standing::Blocked => t::blocked_since(language, &when),
    }
}

/// What friendship makes possible.
#[component]
fn Possible() -> impl IntoView {
    let language = use_language();
    let facts = [
        (
            IconName::Plane,
            t::possible_write(language),
            t::possible_write_text(language),
        ),
        (
            IconName::Lock,
            t::possible_private(language),
            t::possible_private_text(language),
        ),
        (
            IconName::Phone,
            t::possible_phone(language),
            t::possible_phone_text(language),
        ),
    ];
    let facts: Vec<_> = facts
        .into_iter()
        .map(|(icon, title, text)| view! {
            <li class="row">
                <span class="row__icon row__icon--action"><Icon name=icon/></span>
                <div class="row__text"><p class="row__title">{title}</p><p class="row__sub">{text}</p></div>
            </li>
        })
        .collect();
    view! {
        <section class="section" aria-labelledby="possible-titre">
            <h2 id="possible-titre">{t::possible(language)}</h2>
            <ul class="card rows" role="list">{facts}</ul>
        </section>
    }
}

/// The way to the administrators: a page of its own.
#[component]
fn ReportRow(person: Person) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="row">
            <span class="row__icon"><Icon name=IconName::Hand/></span>
            <div class="row__text">
                <p class="row__title">{reports::word(language)}</p>
                <p class="row__sub">{reports::text(language)}</p>
            </div>
            <div class="row__actions">
                <a class="button button--quiet" href=format!("/signaler/{}", person.id)>
                    {reports::name(language, &person.name)}
                </a>
            </div>
        </div>
    }
}

/// A way out: its button asks first. Without a script the same page asks.
#[component]
fn Way(
    act: Act,
    title: &'static str,
    text: String,
    name: String,
    asked: RwSignal<Option<Act>>,
) -> impl IntoView {
    let is_block = act == Act::Block;
    let press = move |event: SubmitEvent| {
        event.prevent_default();
        asked.set(Some(act));
    };
    let class = if is_block {
        "button button--danger-quiet"
    } else {
        "button button--outline"
    };
    view! {
        <div class="row">
            <span class="row__icon"><Icon name=if is_block { IconName::Ban } else { IconName::Lock }/></span>
            <div class="row__text"><p class="row__title">{title}</p><p class="row__sub">{text}</p></div>
            <div class="row__actions">
                <form method="get" on:submit=press>
                    <input type="hidden" name="confirmer" value=if is_block { "bloquer" } else { "fermer" }/>
                    <button class=class type="submit">{name}</button>
                </form>
            </div>
        </div>
    }
}
