//! All received requests on the screen put aside at once: the button over their list, the question before it, the way back
//! after it.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{FriendRequest, FriendRequests, IgnoreFriendRequests, RestoreFriendRequests};
use crate::accounts::Language;
use crate::api::{AccountId, Client};
use crate::form::OperationForm;
use crate::i18n::{error_words, use_language, words::friendships::ignore as t};
use crate::session::{Session, use_client, use_session};
use crate::ui::{Dialog, Toasts, use_toasts};

/// Fewer are answered one by one.
const N_AT_LEAST: usize = 2;

/// *Tout ignorer*, where two requests or more wait. Without a script the question is a page: `?ignorer=1`.
///
/// What comes while the question is open stays: it was not seen.
#[component]
pub fn IgnoreAll(
    /// The requests on the screen.
    requests: Memo<Vec<FriendRequest>>,
    /// Hears who was put aside.
    #[prop(into)]
    on_ignored: Callback<Vec<AccountId>>,
) -> impl IntoView {
    let language = use_language();
    let is_many = Memo::new(move |_| requests.with(|requests| requests.len() >= N_AT_LEAST));
    let is_asked_by_address = use_query_map().with_untracked(|query| query.get("ignorer").is_some());
    let is_open = RwSignal::new(is_asked_by_address && is_many.get_untracked());
    let ask = move |event: SubmitEvent| {
        event.prevent_default();
        is_open.set(true);
    };
    view! {
        <Show when=move || is_many.get()>
            <form method="get" class="act" on:submit=ask>
                <input type="hidden" name="ignorer" value="1"/>
                <button class="button button--quiet" type="submit">{t::all(language)}</button>
            </form>
        </Show>
        <Dialog
            open=is_open
            on_close=move |()| is_open.set(false)
            labelled_by="ignorer-titre"
            described_by=Some("ignorer-texte".to_owned())
        >
            {move || is_open.get().then(|| view! { <Question requests=requests.get_untracked() is_open on_ignored/> })}
        </Dialog>
    }
}

/// The question about the requests that were on the screen when it was asked.
#[component]
fn Question(
    requests: Vec<FriendRequest>,
    is_open: RwSignal<bool>,
    on_ignored: Callback<Vec<AccountId>>,
) -> impl IntoView {
    let language = use_language();
    let (session, toasts) = (use_session(), use_toasts());
    let client = StoredValue::new(use_client());
    let count = requests.len() as u64;
    let until = requests
        .iter()
        .map(|request| request.sent_at)
        .max()
        .unwrap_or_default();
    let shown: Vec<AccountId> = requests.into_iter().map(|request| request.person.id).collect();
    let operation = IgnoreFriendRequests {
        accounts: shown.clone(),
        until,
    };
    let accounts = StoredValue::new(shown);
    let done = move |_: FriendRequests| {
        let accounts = accounts.get_value();
        let _ = is_open.try_set(false);
        let _ = on_ignored.try_run(accounts.clone());
        if let Some(client) = client.try_get_value() {
            let said = (t::all_done(language, count), accounts);
            offer_undo(language, session, toasts, client, said);
        }
        focus_heading();
    };
    view! {
        <h2 class="dialog__title" id="ignorer-titre">{t::all_title(language, count)}</h2>
        <p class="section__note" id="ignorer-texte">{t::all_text(language)}</p>
        <div class="dialog__actions">
            <form method="dialog" class="act">
                <button class="button button--quiet">{t::stay(language)}</button>
            </form>
            <OperationForm operation on_done=done next="/reseau#recues" class="act">
                <button class="button button--danger" type="submit">{t::all(language)}</button>
            </OperationForm>
        </div>
    }
}

/// Says that requests were put aside, and offers to take them up again, for as long as the page is open. What then changes on
/// the screen the events tell. Nothing of it is made before the button is pressed.
pub(super) fn offer_undo(
    language: Language,
    session: Session,
    toasts: Toasts,
    client: Client,
    (text, accounts): (String, Vec<AccountId>),
) {
    let take_up = Callback::new(move |()| {
        let accounts = accounts.clone();
        let call = client.call(RestoreFriendRequests { accounts });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(_) => toasts.say(t::undone(language)),
                Err(error) => {
                    session.notice(&error);
                    toasts.alert(error_words(language, &error));
                }
            }
        });
    });
    toasts.offer(text, t::undo(language), take_up);
}

/// The button that was pressed has gone: the focus stays in the section.
fn focus_heading() {
    #[cfg(feature = "hydrate")]
    request_animation_frame(|| {
        use wasm_bindgen::JsCast;

        let heading = document().get_element_by_id("recues-titre");
        if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Only an element that has left the page refuses the focus.
            let _ = heading.focus();
        }
    });
}
