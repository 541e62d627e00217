//! One act on the relation to one person: a plain form where there is no script, a call where there is one.
//!
//! What the answer changes on the screen, the screen decides; that it happened is told in a toast, and the focus is led
//! on when the pressed button goes away.

use std::future::Future;
use std::pin::Pin;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, CloseChannel, IgnoreFriendRequest, Relation,
    SendFriendRequest, Standing, UnblockAccount, hold_focus, ignore_all::offer_undo,
};
use crate::accounts::Language;
use crate::api::{AccountId, ApiError, Client, ConversationId, Operation};
use crate::boot::{Posted, use_boot};
use crate::contacts::Person;
use crate::conversations::OpenConversation;
use crate::i18n::{error_words, use_language, words::friendships as t};
use crate::session::{use_client, use_session};
use crate::ui::{ButtonTone, IconButton, IconName, Notice, SubmitButton, Tone, use_toasts};

/// What one may do about another person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Asks for friendship; asks for a closed channel to be reopened.
    Ask,
    /// Takes the own request back.
    Cancel,
    /// Says yes.
    Accept,
    /// Puts a request aside, silently.
    Ignore,
    /// Closes the channel.
    Close,
    /// Blocks.
    Block,
    /// Lifts the own block.
    Unblock,
}

/// What an act has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The other person.
    pub account: AccountId,
    /// How the caller now stands to them.
    pub relation: Relation,
    /// Their conversation, if the act has opened one.
    pub conversation: Option<ConversationId>,
}

type Answering = Pin<Box<dyn Future<Output = Result<Relation, ApiError>>>>;

impl Act {
    /// The operation's wire name.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Ask => SendFriendRequest::NAME,
            Self::Cancel => CancelFriendRequest::NAME,
            Self::Accept => AcceptFriendRequest::NAME,
            Self::Ignore => IgnoreFriendRequest::NAME,
            Self::Close => CloseChannel::NAME,
            Self::Block => BlockAccount::NAME,
            Self::Unblock => UnblockAccount::NAME,
        }
    }

    fn call(self, client: &Client, account: AccountId, note: Option<String>) -> Answering {
        match self {
            Self::Ask => Box::pin(client.call(SendFriendRequest { account, note })),
            Self::Cancel => Box::pin(client.call(CancelFriendRequest { account })),
            Self::Accept => Box::pin(client.call(AcceptFriendRequest { account })),
            Self::Ignore => Box::pin(client.call(IgnoreFriendRequest { account })),
            Self::Close => Box::pin(client.call(CloseChannel { account })),
            Self::Block => Box::pin(client.call(BlockAccount { account })),
            Self::Unblock => Box::pin(client.call(UnblockAccount { account })),
        }
    }

    /// What the person is told once it is done.
    fn done(self, language: Language, person: &Person) -> String {
        match self {
            Self::Ask => t::ask::done(language, &person.given_name),
            Self::Cancel => t::cancel::done(language).to_owned(),
            Self::Accept => t::accept::done(language, &person.name),
            Self::Ignore => t::ignore::done(language).to_owned(),
            Self::Close => t::close::done(language, &person.name),
            Self::Block => t::block::done(language, &person.name),
            Self::Unblock => t::unblock::done(language).to_owned(),
        }
    }
}

/// A form that does `act` about `person`; its children hold the button.
///
/// The form's surroundings carry `data-person` with the account, so that the focus finds its way. While the answer is
/// awaited a second press does nothing; what was typed stays.
#[component]
pub fn ActForm(
    /// What to do.
    act: Act,
    /// About whom.
    person: Person,
    /// Hears what has changed.
    #[prop(into)]
    on_changed: Callback<Change>,
    /// Hears a refusal, instead of the toast.
    #[prop(optional, into)]
    on_refused: Option<Callback<ApiError>>,
    /// The words that go with a request, where the form has a field `note`.
    #[prop(optional)]
    note: Option<RwSignal<String>>,
    /// Whether the answer is awaited; told by the form.
    #[prop(optional)]
    pending: RwSignal<bool>,
    /// Where the browser goes afterwards when there is no script; the same page unless told.
    #[prop(optional)]
    next: &'static str,
    /// Class of the form.
    #[prop(optional)]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let account = person.id;
    // On the server nobody presses; while routes are listed there is no client either.
    let client = use_client();
    let person = StoredValue::new(person);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        let note = note
            .map(|note| note.get_untracked())
            .filter(|note| !note.trim().is_empty());
        let person = person.get_value();
        let (client, navigate) = (client.clone(), navigate.clone());
        let answer = act.call(&client, account, note);
        leptos::task::spawn_local(async move {
            let outcome = answer.await;
            let conversation = match &outcome {
                // The plane that appears must lead somewhere at once.
                Ok(relation) if relation.relation == Standing::Friend => client
                    .call(OpenConversation { account })
                    .await
                    .ok()
                    .map(|opened| opened.conversation.id),
                _ => None,
            };
            let _ = pending.try_set(false);
            match outcome {
                Ok(relation) => {
                    hold_focus(account);
                    let standing = relation.relation;
                    let _ = on_changed.try_run(Change {
                        account,
                        relation,
                        conversation,
                    });
                    let text = match standing {
                        // Asking somebody who has asked is accepting.
                        Standing::Friend => Act::Accept.done(language, &person),
                        _ => act.done(language, &person),
                    };
                    match conversation.map(|id| format!("/messages/{id}#ecrire")) {
                        Some(address) => {
                            let go = Callback::new(move |()| {
                                navigate(&address, leptos_router::NavigateOptions::default());
                            });
                            toasts.offer(text, t::accept::write(language), go);
                        }
                        None if act == Act::Ignore => {
                            offer_undo(language, session, toasts, client, (text, vec![account]));
                        }
                        None => toasts.say(text),
                    }
                }
                Err(error) => {
                    session.notice(&error);
                    match on_refused {
                        Some(on_refused) => {
                            let _ = on_refused.try_run(error);
                        }
                        None if error == ApiError::SignedOut => {}
                        None => toasts.alert(error_words(language, &error)),
                    }
                }
            }
        });
    };
    view! {
        <form method="post" class=class on:submit=submit aria-busy=move || pending.get().then_some("true")>
            <input type="hidden" name="operation" value=act.operation()/>
            <input type="hidden" name="account" value=account.to_string()/>
            {(!next.is_empty()).then(|| view! { <input type="hidden" name="next" value=next/> })}
            {children()}
        </form>
    }
}

/// The usual form: one button.
#[component]
pub fn ActButton(
    /// What to do.
    act: Act,
    /// About whom.
    person: Person,
    /// Hears what has changed.
    #[prop(into)]
    on_changed: Callback<Change>,
    /// The visible word; none for an icon alone.
    #[prop(optional)]
    word: &'static str,
    /// The whole accessible name, which holds the word.
    #[prop(into)]
    name: String,
    /// The look.
    #[prop(default = ButtonTone::Outline)]
    tone: ButtonTone,
    /// A drawing before the word.
    #[prop(optional)]
    icon: Option<IconName>,
    /// More classes for the button.
    #[prop(optional)]
    button_class: &'static str,
    /// Where the browser goes afterwards when there is no script; the same page unless told.
    #[prop(optional)]
    next: &'static str,
    /// Class of the form.
    #[prop(default = "act")]
    class: &'static str,
) -> impl IntoView {
    let pending = RwSignal::new(false);
    let button = match icon {
        Some(icon) if word.is_empty() => {
            view! { <IconButton icon label=name small=true class="button--outline"/> }.into_any()
        }
        Some(icon) => {
            view! { <SubmitButton label=word label_name=Some(name) pending tone icon class=button_class/> }
                .into_any()
        }
        None => view! { <SubmitButton label=word label_name=Some(name) pending tone class=button_class/> }
            .into_any(),
    };
    view! { <ActForm act person on_changed pending next class>{button}</ActForm> }
}

/// Why an act that came by a plain form was refused; nothing otherwise.
#[component]
pub fn PostedRefusal(
    /// Only what was asked about this person.
    #[prop(optional)]
    about: Option<AccountId>,
) -> impl IntoView {
    let language = use_language();
    let text = use_boot().with_value(|boot| {
        let posted = boot
            .posted
            .as_ref()
            .filter(|posted| posted.operation.starts_with("friendships."))?;
        if about.is_some_and(|account| !is_about(posted, account)) {
            return None;
        }
        // A note's own field shows what is wrong with it.
        let error = posted.error.as_ref().filter(|error| !is_about_note(error))?;
        Some(error_words(language, error))
    });
    text.map(|text| view! { <Notice title=t::refused(language) text=Some(text) tone=Tone::Danger/> })
}

/// Whether the form was about this person.
pub(super) fn is_about(posted: &Posted, account: AccountId) -> bool {
    posted
        .field("account")
        .is_some_and(|field| field == account.to_string())
}

/// Whether the refusal is about the note of a request.
pub(super) fn is_about_note(error: &ApiError) -> bool {
    matches!(error, ApiError::Invalid { field, .. } if field == "note")
}
