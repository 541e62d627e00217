//! A person's page: who they are, how one stands to them, and everything one may do about it.

use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::person_actions::{MainActions, Relationship};
use super::{GetProfile, Profile, capitalized, photo_url};
use crate::api::{AccountId, ApiError, Client, EventKind};
use crate::asked::ask;
use crate::friendships::{Act, Change, ConfirmDialog, PostedRefusal, Standing, hold_focus};
use crate::i18n::{error_words, use_language, words::contacts::person as t};
use crate::live::{Live, Mark, use_live};
use crate::root::NotFound;
use crate::session::use_client;
use crate::ui::{Avatar, AvatarSize, Icon, IconName, Notice, SkeletonRows, Tone};

/// The page `/reseau/<account>`.
#[component]
pub fn PersonPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let account =
        Memo::new(move |_| params.with(|params| params.get("person").and_then(|id| id.parse().ok())));
    let mark = use_live().mark();
    let profile = ask(move || {
        Some(GetProfile {
            account: account.get()?,
        })
    });
    let is_visit = is_visit();
    let drawn = move || {
        Suspend::new(async move {
            match profile.answer().await {
                Ok(profile) => view! { <Person profile mark is_visit/> }.into_any(),
                Err(ApiError::NotFound) => view! { <NotFound/> }.into_any(),
                Err(error) => view! { <Refused error/> }.into_any(),
            }
        })
    };
    view! {
        <Suspense fallback=move || view! { <div class="page"><SkeletonRows label=t::loading(language)/></div> }>
            {drawn}
        </Suspense>
    }
}

/// Whether a live page has come here, rather than the server's HTML: the heading, which is drawn after the answer, then
/// takes the focus, so that the page is announced.
fn is_visit() -> bool {
    #[cfg(feature = "hydrate")]
    return document()
        .document_element()
        .is_some_and(|html| html.has_attribute("data-hydrated"));
    #[cfg(not(feature = "hydrate"))]
    false
}

/// The profile on the screen, kept true. Cheap to copy.
#[derive(Clone, Copy)]
struct LiveProfile {
    profile: RwSignal<Profile>,
    account: AccountId,
    client: StoredValue<Client>,
    live: Live,
    n_refreshes: StoredValue<u32>,
}

impl LiveProfile {
    /// The profile as it was read after `mark`.
    fn new(profile: Profile, mark: Mark) -> Self {
        let this = Self {
            account: profile.person.id,
            profile: RwSignal::new(profile),
            client: StoredValue::new(use_client()),
            live: use_live(),
            n_refreshes: StoredValue::new(0),
        };
        this.live.listen(move |event| match &event.kind {
            EventKind::RelationChanged {
                account,
                relation,
                conversation,
            } if *account == this.account => {
                this.change(&Change {
                    account: *account,
                    relation: relation.clone(),
                    conversation: *conversation,
                });
            }
            EventKind::ProfileChanged { account } if *account == this.account => this.refresh(),
            _ => {}
        });
        if this.live.has_moved(mark) {
            this.refresh();
        }
        this
    }

    /// Shows the new relation at once; what comes and goes with it (number, note) is read anew.
    fn change(self, change: &Change) {
        hold_focus(self.account);
        self.profile.update(|profile| {
            profile.person.relation = change.relation.clone();
            profile.person.conversation = change.conversation.or(profile.person.conversation);
            profile.note = None;
            if change.relation.relation != Standing::Friend {
                profile.phone = None;
            }
        });
        self.refresh();
    }

    fn refresh(self) {
        self.n_refreshes.update_value(|n| *n = n.wrapping_add(1));
        let number = self.n_refreshes.get_value();
        let answer = self.client.with_value(|client| {
            client.call(GetProfile {
                account: self.account,
            })
        });
        leptos::task::spawn_local(async move {
            if let Ok(profile) = answer.await
                && self.n_refreshes.try_get_value() == Some(number)
            {
                let _ = self.profile.try_set(profile);
            }
        });
    }
}

#[component]
fn Person(profile: Profile, mark: Mark, is_visit: bool) -> impl IntoView {
    let language = use_language();
    let heading = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get().filter(|_| is_visit) {
            // Only an element that has left the page refuses the focus.
            let _ = heading.focus();
        }
    });
    let live = LiveProfile::new(profile, mark);
    let profile = live.profile;
    let asked = RwSignal::new(asked_by_address());
    let on_changed = Callback::new(move |change: Change| {
        asked.set(None);
        live.change(&change);
    });
    let person = Memo::new(move |_| profile.with(|profile| profile.person.clone()));
    let face = Memo::new(move |_| {
        let person = person.get();
        (
            person.name,
            format!("{} · {}", capitalized(&person.profession), person.workplace),
            person.photo,
        )
    });
    let account = live.account;
    view! {
        // Who it is about stays out of the browser's history, which others at this device can open.
        <Title text=t::title(language)/>
        <div class="page">
            <div class="page__back">
                <a class="button button--quiet" href="/reseau">
                    <Icon name=IconName::ArrowLeft small=true/>
                    {t::back(language)}
                </a>
            </div>
            <PostedRefusal about=account/>
            <div class="profile" data-person=account.to_string()>
                <div class="card profile__card">
                    {move || {
                        let (name, _, photo) = face.get();
                        match photo_url(account, photo) {
                            Some(url) => view! {
                                <img class="profile__photo" src=url alt=t::photo(language, &name) width="320" height="320"/>
                            }
                            .into_any(),
                            None => view! {
                                <div class="profile__photo profile__photo--none">
                                    <Avatar name tint_seed=account.0.as_u128() size=AvatarSize::Huge/>
                                </div>
                            }
                            .into_any(),
                        }
                    }}
                    <div class="profile__who">
                        <h1 class="profile__name" tabindex="-1" dir="auto" node_ref=heading>{move || face.get().0}</h1>
                        <p class="profile__role">{move || face.get().1}</p>
                    </div>
                    {move || view! { <MainActions profile=profile.get() on_changed/> }}
                </div>
                <div class="profile__columns">
                    {move || view! { <Relationship person=person.get() asked/> }}
                </div>
                {move || view! { <Questions person=person.get() asked on_changed/> }}
            </div>
        </div>
    }
}

/// The questions before closing and blocking, where they make sense.
#[component]
fn Questions(
    person: super::Person,
    asked: RwSignal<Option<Act>>,
    on_changed: Callback<Change>,
) -> impl IntoView {
    let standing = person.relation.relation;
    let acts = match standing {
        Standing::Friend => vec![Act::Close, Act::Block],
        Standing::Blocked | Standing::Myself => Vec::new(),
        _ => vec![Act::Block],
    };
    acts.into_iter()
        .map(|act| {
            view! {
                <ConfirmDialog
                    act
                    person=person.clone()
                    open=Signal::derive(move || asked.get() == Some(act))
                    on_close=move |()| asked.set(None)
                    on_changed
                />
            }
        })
        .collect_view()
}

/// Without a script the question is asked by the page's address.
fn asked_by_address() -> Option<Act> {
    match use_query_map()
        .with_untracked(|query| query.get("confirmer"))
        .as_deref()
    {
        Some("fermer") => Some(Act::Close),
        Some("bloquer") => Some(Act::Block),
        _ => None,
    }
}

/// The profile could not be read.
#[component]
fn Refused(error: ApiError) -> impl IntoView {
    let language = use_language();
    let text = error_words(language, &error);
    view! {
        <div class="page">
            <h1 class="visually-hidden" tabindex="-1">{t::refused(language)}</h1>
            <Notice title=t::refused(language) text=Some(text) tone=Tone::Danger/>
        </div>
    }
}
