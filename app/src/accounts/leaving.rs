//! Signing out: first says what would be lost, then leaves nothing behind in this browser.
//!
//! Without a script it is a plain form. With one, what the server does not have yet is named, and the person chooses; then
//! the vault is destroyed, here and by the server, also when the server cannot be reached just now.
//!
//! Source: assurance WEB-08.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::SignOut;
use super::asking::FormHead;
use crate::api::{Client, Operation};
use crate::attachments::voice;
use crate::conversations::kept::Word;
use crate::conversations::vault::Standing;
use crate::conversations::{Outbox, use_outbox};
use crate::i18n::{use_language, words};
use crate::session::{Session, use_client, use_session};
use crate::ui::{Dialog, Icon, IconName};

/// The leaving of this page. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Leaving {
    stage: RwSignal<Stage>,
    /// How many messages and drafts rest here sealed, because the vault is not open yet.
    sealed: RwSignal<(usize, usize)>,
    outbox: Outbox,
    session: Session,
    client: StoredValue<Client>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody leaves.
    Here,
    /// Something is unsent: the person chooses.
    Asked,
    /// It is being sent; then the person leaves.
    Sending,
}

/// What signing out would lose.
struct Unsent {
    /// Messages, by whom they are for.
    messages: Vec<(String, usize)>,
    /// Messages that are still sealed.
    n_sealed: usize,
    n_drafts: usize,
    /// Recordings that are not attached: the person alone can send them.
    n_recordings: usize,
}

impl Unsent {
    fn may_be_sent(&self) -> bool {
        !self.messages.is_empty() || self.n_sealed + self.n_drafts > 0
    }

    fn is_empty(&self) -> bool {
        !self.may_be_sent() && self.n_recordings == 0
    }
}

/// Gives the forms below a way out; a page does so once.
pub(super) fn provide_leaving() -> Leaving {
    let leaving = Leaving {
        stage: RwSignal::new(Stage::Here),
        sealed: RwSignal::new((0, 0)),
        outbox: use_outbox(),
        session: use_session(),
        client: StoredValue::new(use_client()),
    };
    provide_context(leaving);
    leaving
}

impl Leaving {
    /// How much is unsent.
    fn unsent(self) -> Unsent {
        let vault = self.outbox.vault();
        let messages = self.outbox.unsent().into_iter().collect();
        // What was sealed is among the others once the vault is open.
        let (n_sealed, n_sealed_drafts) = match vault.standing().get() {
            Standing::Open => (0, 0),
            _ => self.sealed.get(),
        };
        Unsent {
            messages,
            n_sealed,
            n_drafts: vault.drafts().len().max(n_sealed_drafts),
            n_recordings: voice::n_left(),
        }
    }

    fn submit(self, event: SubmitEvent) {
        event.prevent_default();
        let me = self.session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
        leptos::task::spawn_local(async move {
            #[cfg(feature = "hydrate")]
            if let Some(me) = me {
                let sealed = self.outbox.vault().count_sealed(me).await;
                if self.sealed.try_set(sealed).is_some() {
                    return;
                }
            }
            #[cfg(not(feature = "hydrate"))]
            let _ = me;
            if untrack(move || self.unsent().is_empty()) {
                self.leave();
            } else {
                self.stage.set(Stage::Asked);
            }
        });
    }

    fn send_first(self) {
        self.stage.set(Stage::Sending);
        self.client.with_value(|client| self.outbox.flush(client));
        self.outbox.vault().ask_to_flush();
    }

    /// Ends the session and destroys what rests here, in this order, so that no other tab comes in between. Without the
    /// server the order is the other one: what rests here goes at once, the session at the next contact.
    fn leave(self) {
        self.stage.set(Stage::Here);
        let me = self.session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
        let call = self.client.with_value(|client| client.call(SignOut {}));
        let vault = self.outbox.vault();
        leptos::task::spawn_local(async move {
            let is_later = call
                .await
                .is_err_and(|error| error != crate::api::ApiError::SignedOut);
            vault.say(&Word::SignedOut);
            if let Some(me) = me {
                vault.destroy(me, is_later).await;
            }
            #[cfg(feature = "hydrate")]
            crate::browser::voice::let_go();
            #[cfg(feature = "hydrate")]
            let _ = window().location().replace(if is_later {
                "/hors-ligne?deconnexion"
            } else {
                "/connexion"
            });
        });
    }
}

/// Signs out.
#[component]
pub(super) fn SignOutForm() -> impl IntoView {
    let language = use_language();
    let leaving = expect_context::<Leaving>();
    view! {
        <form method="post" class="settings__form" on:submit=move |event| leaving.submit(event)>
            <FormHead operation=SignOut::NAME next="/connexion"/>
            <button class="settings__link" type="submit">
                <Icon name=IconName::SignOut/>
                <span>{words::accounts::settings::sign_out(language)}</span>
            </button>
        </form>
    }
}

/// Names what is unsent and asks what shall become of it.
#[component]
pub(super) fn LeavingDialog() -> impl IntoView {
    use words::accounts::leaving as t;
    let language = use_language();
    let leaving = expect_context::<Leaving>();
    let stage = leaving.stage;
    let is_open = Memo::new(move |_| stage.get() != Stage::Here);
    Effect::new(move |_| {
        if stage.get() != Stage::Sending {
            return;
        }
        let unsent = leaving.unsent();
        if unsent.is_empty() {
            leaving.leave();
        } else if !unsent.may_be_sent() {
            // The rest is for the person to decide.
            stage.set(Stage::Asked);
        }
    });
    let listed = move || {
        let Unsent {
            messages,
            n_sealed,
            n_drafts,
            n_recordings,
        } = leaving.unsent();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let messages = messages
            .into_iter()
            .map(|(to, n)| t::messages(language, count(n), &to));
        let sealed = (n_sealed > 0).then(|| t::sealed(language, count(n_sealed)));
        let drafts = (n_drafts > 0).then(|| t::drafts(language, count(n_drafts)));
        let recordings = (n_recordings > 0).then(|| t::recordings(language, count(n_recordings)));
        messages
            .chain(sealed)
            .chain(drafts)
            .chain(recordings)
            .map(|words| view! { <li class="row"><div class="row__text"><p class="row__title">{words}</p></div></li> })
            .collect_view()
    };
    let is_sending = move || stage.get() == Stage::Sending;
    view! {
        <Dialog
            open=is_open
            on_close=move || stage.set(Stage::Here)
            labelled_by="depart-titre"
            described_by="depart-texte".to_owned()
        >
            <h2 class="dialog__title" id="depart-titre">{t::title(language)}</h2>
            <div id="depart-texte">
                <p>{t::text(language)}</p>
                <ul class="card rows" role="list">{listed}</ul>
            </div>
            <p class="section__note" role="status">{move || is_sending().then(|| t::sending(language))}</p>
            <div class="dialog__actions">
                <button class="button button--quiet" type="button" on:click=move |_| stage.set(Stage::Here)>
                    {t::stay(language)}
                </button>
                <button
                    class="button button--danger"
                    type="button"
                    on:click=move |_| leaving.leave()
                >
                    {t::delete(language)}
                </button>
                <button
                    class="button button--primary"
                    type="button"
                    prop:disabled=move || is_sending() || !leaving.unsent().may_be_sent()
                    on:click=move |_| leaving.send_first()
                >
                    {t::send_first(language)}
                </button>
            </div>
        </Dialog>
    }
}
