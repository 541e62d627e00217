//! The people of one side: friends to write to, requests to answer, colleagues to ask.

use leptos::prelude::*;

use super::side::Shown;
use crate::api::{AccountId, Client, EventKind};
use crate::contacts::{PeoplePage, Person, SearchPeople, capitalized, photo_url};
use crate::conversations::OpenConversation;
use crate::form::OperationForm;
use crate::friendships::{AcceptFriendRequest, Relation, SendFriendRequest, Standing};
use crate::i18n::{error_words, use_language, words};
use crate::live::use_live;
use crate::session::{call_then, use_client};
use crate::ui::{Avatar, AvatarSize, Badge, Icon, IconName, use_toasts};

/// Who there is, by how one stands to them. Opens the conversation with the other side's person by itself, once.
#[component]
pub(super) fn SidePeople(shown: Shown, other: RwSignal<AccountId>) -> impl IntoView {
    use words::demo::double as t;
    let language = use_language();
    let client = StoredValue::new(use_client());
    let people = RwSignal::new(Vec::<Person>::new());
    let read = move || client.with_value(|client| read_people(client, people));
    read();
    use_live().listen(move |event| {
        if !matches!(
            event.kind,
            EventKind::Typing { .. } | EventKind::DraftSaved { .. }
        ) {
            read();
        }
    });
    let of = move |standing: &'static [Standing]| {
        move || {
            people.with(|people| {
                people
                    .iter()
                    .filter(|person| standing.contains(&person.relation.relation))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        }
    };
    let group = move |title: &'static str, standing: &'static [Standing]| {
        let members = of(standing);
        let has_any = Memo::new(move |_| !members().is_empty());
        view! {
            <Show when=move || has_any.get()>
                <h2 class="section__title">{title}</h2>
                <ul class="card rows" role="list">
                    <For
                        each=members
                        key=|person| (person.id, person.relation.relation, person.unread_count)
                        let:person
                    >
                        <PersonRow person shown/>
                    </For>
                </ul>
            </Show>
        }
    };
    // The two of the page, if they are friends, are what one came to see.
    Effect::new(move |_| {
        let other = other.get();
        let found = people.with(|people| {
            let friend = people
                .iter()
                .find(|person| person.id == other && person.relation.relation == Standing::Friend);
            friend.and_then(|friend| friend.conversation)
        });
        if people.with(|people| !people.is_empty())
            && shown.take_fresh()
            && let Some(conversation) = found
        {
            shown.conversation.set(Some(conversation));
        }
    });
    view! {
        <div class="double__people">
            {group(t::requests(language), &[Standing::RequestReceived])}
            {group(t::friends(language), &[Standing::Friend])}
            {group(t::sent(language), &[Standing::RequestSent])}
            {group(t::others(language), &[Standing::None, Standing::Closed])}
        </div>
    }
}

fn read_people(client: &Client, people: RwSignal<Vec<Person>>) {
    let call = client.call(SearchPeople::default());
    leptos::task::spawn_local(async move {
        if let Ok(PeoplePage { people: found, .. }) = call.await {
            let _ = people.try_set(found);
        }
    });
}

#[component]
fn PersonRow(person: Person, shown: Shown) -> impl IntoView {
    use words::demo::double as t;
    let language = use_language();
    let Person {
        id,
        name,
        profession,
        photo,
        relation,
        unread_count,
        ..
    } = person;
    let picture = photo_url(id, photo);
    let unread = u32::try_from(unread_count).unwrap_or(u32::MAX);
    let action = match relation.relation {
        Standing::Friend => view! { <WriteButton account=id name=name.clone() shown/> }.into_any(),
        Standing::RequestReceived => {
            let label = t::accept_name(language, &name);
            view! {
                <OperationForm operation=AcceptFriendRequest { account: id } on_done=move |_: Relation| {}>
                    <button class="button button--soft" type="submit" aria-label=label>
                        <Icon name=IconName::Check small=true/>
                        {t::accept(language)}
                    </button>
                </OperationForm>
            }
            .into_any()
        }
        Standing::None | Standing::Closed => {
            let label = t::ask_name(language, &name);
            view! {
                <OperationForm operation=SendFriendRequest { account: id, note: None } on_done=move |_: Relation| {}>
                    <button class="button button--quiet" type="submit" aria-label=label>
                        <Icon name=IconName::PersonPlus small=true/>
                        {t::ask(language)}
                    </button>
                </OperationForm>
            }
            .into_any()
        }
        _ => view! { <span class="row__sub">{t::pending(language)}</span> }.into_any(),
    };
    view! {
        <li class="row">
            <Avatar name=name.clone() tint_seed=id.0.as_u128() photo_url=picture size=AvatarSize::Medium/>
            <div class="row__text">
                <p class="row__title" dir="auto">{name}</p>
                <p class="row__sub">{capitalized(&profession)}</p>
            </div>
            <Badge count=Signal::stored(unread)/>
            {(unread > 0)
                .then(|| view! { <span class="visually-hidden">{t::unread(language, unread_count)}</span> })}
            <div class="row__actions">{action}</div>
        </li>
    }
}

#[component]
fn WriteButton(account: AccountId, name: String, shown: Shown) -> impl IntoView {
    let language = use_language();
    let toasts = use_toasts();
    let owner = Owner::current();
    let write = move |_| {
        let ask = move || {
            call_then(OpenConversation { account }, move |outcome| match outcome {
                Ok(answer) => {
                    let _ = shown.conversation.try_set(Some(answer.conversation.id));
                }
                Err(error) => toasts.alert(error_words(language, &error)),
            });
        };
        match &owner {
            Some(owner) => owner.with(ask),
            None => ask(),
        }
    };
    view! {
        <button
            class="button button--icon button--soft"
            type="button"
            aria-label=words::demo::double::write(language, &name)
            on:click=write
        >
            <Icon name=IconName::PlaneFilled/>
        </button>
    }
}
