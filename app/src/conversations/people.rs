//! The people on Accueil: who asks for friendship, and friends to write to.

use leptos::prelude::*;

use crate::api::{Client, EventKind};
use crate::contacts::{ListFriends, Person, capitalized, photo_url};
use crate::friendships::{Change, FriendRequest, ListFriendRequests, RequestCard};
use crate::i18n::{use_language, words};
use crate::live::{Live, Mark, use_live};
use crate::session::use_client;
use crate::ui::{Avatar, AvatarSize, Icon, IconName, Section};

/// The most friends shown; the others are in the Network.
const MAX_FRIENDS: usize = 5;

/// The requests and friends of the page, which follow what happens. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct HomePeople {
    requests: RwSignal<Vec<FriendRequest>>,
    friends: RwSignal<Vec<Person>>,
    client: StoredValue<Client>,
    live: Live,
    mark: Mark,
    /// The last reading is the one that is shown.
    n_reads: StoredValue<u32>,
}

impl HomePeople {
    /// Nobody yet; follows the page's events. Made before the people are asked for.
    pub(super) fn new() -> Self {
        let live = use_live();
        let people = Self {
            requests: RwSignal::new(Vec::new()),
            friends: RwSignal::new(Vec::new()),
            client: StoredValue::new(use_client()),
            live,
            mark: live.mark(),
            n_reads: StoredValue::new(0),
        };
        live.listen(move |event| {
            if matches!(
                event.kind,
                EventKind::RelationChanged { .. } | EventKind::ProfileChanged { .. }
            ) {
                people.read();
            }
        });
        people
    }

    /// The people as they were just read.
    pub(super) fn start(self, requests: Vec<FriendRequest>, friends: Vec<Person>) {
        self.requests.set(requests);
        self.friends.set(friends);
        if self.live.has_moved(self.mark) {
            self.read();
        }
    }

    fn read(self) {
        let Some(client) = self.client.try_get_value() else {
            return;
        };
        let (requests, friends) = (client.call(ListFriendRequests {}), client.call(ListFriends {}));
        let number = self.n_reads.get_value().wrapping_add(1);
        self.n_reads.set_value(number);
        leptos::task::spawn_local(async move {
            if let (Ok(requests), Ok(friends)) = (requests.await, friends.await)
                && self.n_reads.try_get_value() == Some(number)
            {
                let _ = self.requests.try_set(requests.received);
                let _ = self.friends.try_set(friends.friends);
            }
        });
    }

    fn answered(self, change: &Change) {
        let _ = self
            .requests
            .try_update(|requests| requests.retain(|request| request.person.id != change.account));
    }
}

/// Requests received; nothing when there are none.
#[component]
pub(super) fn Requests(people: HomePeople) -> impl IntoView {
    let language = use_language();
    let requests = people.requests;
    let count =
        Memo::new(move |_| requests.with(|requests| u32::try_from(requests.len()).unwrap_or(u32::MAX)));
    let on_changed = Callback::new(move |change: Change| people.answered(&change));
    view! {
        <Show when=move || count.get().gt(&0)>
            <Section
                id="demandes"
                title=words::home::requests_title(language)
                count=Signal::derive(move || Some(count.get()))
                class="home__requests"
            >
                <div class="request-grid">
                    <For each=move || requests.get() key=|request| request.person.id let:request>
                        <RequestCard request on_changed/>
                    </For>
                </div>
            </Section>
        </Show>
    }
}

/// Friends, each with the paper plane; nothing when there are none.
#[component]
pub(super) fn RowOfFriends(people: HomePeople) -> impl IntoView {
    use words::home as t;
    let language = use_language();
    let friends = people.friends;
    let shown = move || friends.with(|friends| friends.iter().take(MAX_FRIENDS).cloned().collect::<Vec<_>>());
    let has_any = Memo::new(move |_| friends.with(|friends| !friends.is_empty()));
    let has_more = Memo::new(move |_| friends.with(|friends| friends.len() > MAX_FRIENDS));
    view! {
        <Show when=move || has_any.get()>
            <Section id="amis-disponibles" title=t::friends_title(language)>
                <ul class="card rows" role="list">
                    <For each=shown key=|friend| (friend.id, friend.photo, friend.name.clone()) let:friend>
                        <FriendRow friend/>
                    </For>
                </ul>
                <Show when=move || has_more.get()>
                    <a class="button button--link" href="/reseau#amis">
                        {t::all_friends(language)}
                    </a>
                </Show>
            </Section>
        </Show>
    }
}

#[component]
fn FriendRow(friend: Person) -> impl IntoView {
    let language = use_language();
    let photo = photo_url(friend.id, friend.photo);
    let plane = friend.conversation.map(|conversation| {
        view! {
            <a
                class="button button--icon button--soft"
                href=format!("/messages/{conversation}#ecrire")
                aria-label=words::home::write_to(language, &friend.name)
            >
                <Icon name=IconName::PlaneFilled/>
            </a>
        }
    });
    view! {
        <li class="friend-row">
            <Avatar
                name=friend.name.clone()
                photo_url=photo
                tint_seed=friend.id.0.as_u128()
                size=AvatarSize::Medium
            />
            <div class="friend-row__text">
                <a class="friend-row__name" href=format!("/reseau/{}", friend.id)>
                    {friend.name.clone()}
                </a>
                <p class="friend-row__status">{capitalized(&friend.profession)}</p>
            </div>
            {plane}
        </li>
    }
}
