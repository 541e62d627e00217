//! A request with a word of one's own: on the person's page, where there is room for it.

use leptos::html;
use leptos::prelude::*;

use super::act::{is_about, is_about_note};
use super::{Act, ActForm, Change, Note, SendFriendRequest};
use crate::api::{AccountId, ApiError, Operation};
use crate::boot::use_boot;
use crate::contacts::Person;
use crate::i18n::{error_words, use_language, words::friendships as t};
use crate::ui::{ButtonTone, Icon, IconName, SubmitButton, use_toasts};

/// Whether a plain form has brought a note for this person that could not be sent: it comes back in the form, even where
/// the person takes no requests any more.
pub fn has_kept_note(account: AccountId) -> bool {
    use_boot().with_value(|boot| {
        let posted = boot.posted_by(SendFriendRequest::NAME);
        posted.is_some_and(|posted| {
            is_about(posted, account)
                && posted.error.is_some()
                && posted.field("note").is_some_and(|note| !note.trim().is_empty())
        })
    })
}

/// Asks the person for friendship, with a note if one is typed.
#[component]
pub fn AskForm(
    /// Whom.
    person: Person,
    /// Hears the new relation.
    #[prop(into)]
    on_changed: Callback<Change>,
) -> impl IntoView {
    let language = use_language();
    let toasts = use_toasts();
    let (typed, refused) = use_boot().with_value(|boot| match boot.posted_by(SendFriendRequest::NAME) {
        Some(posted) if is_about(posted, person.id) => (
            posted.field("note").unwrap_or_default().to_owned(),
            posted
                .error
                .as_ref()
                .filter(|error| is_about_note(error))
                .map(|error| error_words(language, error)),
        ),
        _ => Default::default(),
    });
    let note = RwSignal::new(typed.clone());
    let refusal = RwSignal::new(refused);
    let pending = RwSignal::new(false);
    let on_refused = Callback::new(move |error: ApiError| match error {
        ApiError::SignedOut => {}
        error if is_about_note(&error) => refusal.set(Some(error_words(language, &error))),
        error => toasts.alert(error_words(language, &error)),
    });
    let field = NodeRef::<html::Textarea>::new();
    let written = move || {
        if let Some(field) = field.get_untracked() {
            note.set(field.value());
            refusal.set(None);
        }
    };
    // Words typed before the page became live are taken over.
    Effect::new(move |_| {
        if field
            .get()
            .is_some_and(|field| field.value() != note.get_untracked())
        {
            written();
        }
    });
    let count = move || {
        format!(
            "{} / {}",
            note.with(|note| note.trim().chars().count()),
            Note::MAX_CHARS
        )
    };
    let name = t::ask::name(language, &person.name);
    view! {
        <ActForm act=Act::Ask person on_changed on_refused note pending class="ask-form">
            <div class="field" class:field--error=move || refusal.with(Option::is_some)>
                <label class="field__label" for="mot">{t::ask::note(language)}</label>
                <textarea
                    class="field__control"
                    id="mot"
                    name="note"
                    rows="3"
                    maxlength=Note::MAX_CHARS.to_string()
                    aria-describedby="mot-aide"
                    aria-invalid=move || refusal.with(Option::is_some).then_some("true")
                    on:input=move |_| written()
                    node_ref=field
                >
                    {typed}
                </textarea>
                <div class="ask-form__help" id="mot-aide">
                    {move || refusal.get().map(|words| view! {
                        <p class="field__error"><Icon name=IconName::Warning small=true/><span>{words}</span></p>
                    })}
                    <p class="field__help">{t::ask::note_hint(language)}</p>
                    <p class="field__help tabular" aria-hidden="true">{count}</p>
                </div>
            </div>
            <SubmitButton
                label=t::ask::whole(language)
                label_name=Some(name)
                pending
                tone=ButtonTone::Primary
                icon=IconName::PersonPlus
                class="button--large button--block"
            />
        </ActForm>
    }
}
