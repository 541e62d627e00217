//! One side of the double view: signs its person in, and gives the screens below a world of their own.

use leptos::prelude::*;

use super::people::SidePeople;
use super::polling::poll;
use super::{PASSWORD, Persona};
use crate::accounts::{ClientKind, Me, Secret, SignIn, SignOut};
use crate::api::{AccountId, ApiError, Client, ConversationId};
use crate::contacts::photo_url;
use crate::conversations::vault::Standing;
use crate::conversations::{ConversationPane, provide_outbox};
use crate::i18n::{error_words, use_language, words};
use crate::live::Live;
use crate::notifications::Badges;
use crate::session::{Session, use_client};
use crate::ui::{Avatar, AvatarSize, Icon, IconName, Notice, Tone};

/// A signed-in person of this side.
#[derive(Clone)]
struct SignedInHere {
    me: Me,
    client: Client,
}

/// What a side shows. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// The open conversation; without one, the people.
    pub(super) conversation: RwSignal<Option<ConversationId>>,
    /// Nobody has chosen yet: the conversation with the other side's person opens by itself.
    is_fresh: StoredValue<bool>,
}

impl Shown {
    fn new() -> Self {
        Self {
            conversation: RwSignal::new(None),
            is_fresh: StoredValue::new(true),
        }
    }

    /// Another person has come to this side.
    fn begin(self) {
        self.conversation.set(None);
        self.is_fresh.set_value(true);
    }

    /// Whether nobody has chosen yet; from now on somebody has.
    pub(super) fn take_fresh(self) -> bool {
        self.is_fresh
            .try_update_value(|is_fresh| std::mem::replace(is_fresh, false))
            .unwrap_or(false)
    }
}

/// Where the sign-in of this side stands.
#[derive(Clone)]
enum Entry {
    Opening,
    Open(Box<SignedInHere>),
    Refused(ApiError),
}

/// One person's side.
#[component]
pub(super) fn Side(
    /// "gauche" or "droit".
    name: &'static str,
    personas: Vec<Persona>,
    who: RwSignal<AccountId>,
    /// The person of the other side, to whom one writes first.
    other: RwSignal<AccountId>,
) -> impl IntoView {
    use words::demo::double as t;
    let language = use_language();
    let client = StoredValue::new(use_client());
    let personas = StoredValue::new(personas);
    let entry = RwSignal::new(Entry::Opening);
    let n_tries = RwSignal::new(0_u32);
    let shown = Shown::new();
    let persona = move || {
        let who = who.get();
        personas.with_value(|personas| personas.iter().find(|persona| persona.account == who).cloned())
    };
    Effect::new(move |_| {
        n_tries.track();
        let Some(persona) = persona() else { return };
        leave(entry);
        shown.begin();
        let wish = SignIn {
            email: persona.email,
            password: Secret(PASSWORD.to_owned()),
            client: ClientKind::Api,
        };
        let call = client.with_value(|client| client.call(wish));
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            if who.try_get_untracked() != Some(persona.account) {
                return;
            }
            let _ = entry.try_set(match outcome {
                Ok(answer) => match answer.token.and_then(client_of) {
                    Some(client) => Entry::Open(Box::new(SignedInHere {
                        me: answer.account,
                        client,
                    })),
                    None => Entry::Refused(ApiError::Unreachable),
                },
                Err(error) => Entry::Refused(error),
            });
        });
    });
    on_cleanup(move || leave(entry));
    let label = move || persona().map(|persona| t::side(language, &persona.name));
    let picture = move || {
        persona().map(|persona| {
            let url = photo_url(persona.account, persona.photo);
            let seed = persona.account.0.as_u128();
            view! { <Avatar name=persona.name tint_seed=seed photo_url=url size=AvatarSize::Small/> }
        })
    };
    let choose = move |event| {
        if let Ok(account) = event_target_value(&event).parse() {
            who.set(account);
        }
    };
    let options: Vec<_> = personas.with_value(|personas| {
        personas
            .iter()
            .map(|persona| {
                let account = persona.account;
                view! {
                    <option value=account.to_string() selected=move || who.get() == account>
                        {persona.name.clone()}
                    </option>
                }
            })
            .collect()
    });
    view! {
        <section class="double__side" aria-label=label>
            <div class="double__who">
                {picture}
                <span class="double__you" aria-hidden="true">{t::you_are(language)}</span>
                <div class="select double__choice">
                    <select class="field__control" aria-label=t::person(language, name) on:change=choose>
                        {options}
                    </select>
                    <Icon name=IconName::ChevronDown small=true/>
                </div>
                <Show when=move || shown.conversation.with(Option::is_some)>
                    <button
                        class="button button--quiet"
                        type="button"
                        on:click=move |_| shown.conversation.set(None)
                    >
                        <Icon name=IconName::ArrowLeft small=true/>
                        {t::back(language)}
                    </button>
                </Show>
            </div>
            // Each entry is drawn in a scope of its own, so that what it provides stays on this side.
            {move || match entry.get() {
                Entry::Opening => {
                    view! {
                        <p class="double__wait" role="status">
                            <span class="spinner" aria-hidden="true"></span>
                            {t::opening(language)}
                        </p>
                    }
                    .into_any()
                }
                Entry::Open(here) => view! { <World here=*here shown other/> }.into_any(),
                Entry::Refused(error) => {
                    view! {
                        <div class="double__wait">
                            <Notice title=error_words(language, &error) tone=Tone::Danger>
                                <button
                                    class="button button--outline"
                                    type="button"
                                    on:click=move |_| n_tries.update(|n| *n += 1)
                                >
                                    {t::again(language)}
                                </button>
                            </Notice>
                        </div>
                    }
                    .into_any()
                }
            }}
        </section>
    }
}

/// What the screens of one side find in their context: this side's session, its events, its way to the rules.
#[component]
fn World(here: SignedInHere, shown: Shown, other: RwSignal<AccountId>) -> impl IntoView {
    let SignedInHere { me, client } = here;
    let session = Session::new(Some(me), Badges::default());
    let live = Live::new(session);
    provide_context(session);
    provide_context(live);
    provide_context(client.clone());
    provide_outbox(Standing::Apart);
    poll(client, live, session);
    view! {
        <div class="double__frame">
            {move || match shown.conversation.get() {
                None => view! { <SidePeople shown other/> }.into_any(),
                Some(conversation) => view! { <ConversationPane conversation/> }.into_any(),
            }}
        </div>
    }
}

/// Ends the session of this side, if there is one.
fn leave(entry: RwSignal<Entry>) {
    if let Some(Entry::Open(here)) = entry.try_get_untracked() {
        let call = here.client.call(SignOut {});
        leptos::task::spawn_local(async move {
            let _ = call.await;
        });
        let _ = entry.try_set(Entry::Opening);
    }
}

/// A way to the rules with a session held in memory alone.
#[cfg_attr(
    feature = "hydrate",
    expect(clippy::unnecessary_wraps, reason = "on the server there is none")
)]
fn client_of(token: Secret) -> Option<Client> {
    #[cfg(feature = "hydrate")]
    {
        Some(Client::new(crate::browser::Fetch::with_token(token.0)))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = token;
        None
    }
}
