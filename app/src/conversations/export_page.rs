//! Where a conversation is handed over whole. A plain form, with a script or without: the browser keeps what comes and stays
//! on the page; refused, the same page says why.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{Conversation, ExportConversation, GetConversation};
use crate::api::{ApiError, ConversationId};
use crate::asked::ask;
use crate::boot::{Posted, use_boot};
use crate::i18n::{error_words, use_language, words, words::conversations::export as t};
use crate::root::NotFound;
use crate::session::use_session;
use crate::ui::{Icon, IconName, Notice, SkeletonRows, Tone};

/// `/exporter/<conversation>`.
#[component]
pub fn ExportPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get("conversation")?.parse::<ConversationId>().ok()));
    let header = ask(move || {
        Some(GetConversation {
            conversation: id.get()?,
        })
    });
    let drawn = move || {
        Suspend::new(async move {
            match header.answer().await {
                Ok(opened) => view! { <Export conversation=opened.conversation/> }.into_any(),
                Err(ApiError::NotFound | ApiError::Malformed) => NotFound().into_any(),
                Err(error) => {
                    view! { <Refused title=t::failed(language) error path=String::new()/> }.into_any()
                }
            }
        })
    };
    view! {
        <Title text=t::title(language)/>
        <div class="page">
            <Suspense fallback=move || view! { <SkeletonRows label=t::loading(language)/> }>{drawn}</Suspense>
        </div>
    }
}

/// What is exported, and the choice of its form.
#[component]
fn Export(conversation: Conversation) -> impl IntoView {
    let language = use_language();
    let boot = use_boot();
    let id = conversation.id;
    let posted = boot.with_value(|boot| boot.posted_by(ExportConversation::NAME).cloned());
    // What was posted belongs to this drawing of the page; coming back to it starts anew.
    Effect::new(move |_| boot.update_value(|boot| boot.posted = None));
    let chosen = posted.as_ref().and_then(|posted| posted.field("format"));
    let is_json = chosen == Some("json");
    let refused = posted.and_then(|Posted { error, .. }| error).map(|error| {
        view! { <Refused title=t::refused(language) error path=format!("/exporter/{id}")/> }
    });
    let choice = move |value: &'static str, name: &'static str, hint: &'static str, is_chosen: bool| {
        view! {
            <label class="check">
                <input type="radio" name="format" value=value checked=is_chosen/>
                <span>
                    {name}
                    <br/>
                    <span class="section__note">{hint}</span>
                </span>
            </label>
        }
    };
    view! {
        <header class="page-header">
            <a class="button button--icon" href=format!("/messages/{id}") aria-label=t::back(language)>
                <Icon name=IconName::ArrowLeft/>
            </a>
            <div class="page-header__titles">
                <h1 tabindex="-1">{t::title(language)}</h1>
                <p class="page-header__sub">{t::sub(language, &conversation.friend.name)}</p>
            </div>
        </header>
        {refused}
        <form class="form card card--pad" method="post">
            <input type="hidden" name="operation" value=ExportConversation::NAME/>
            <input type="hidden" name="conversation" value=id.to_string()/>
            <p>{t::what(language)}</p>
            <p>{t::trace(language)}</p>
            <p>{t::care(language)}</p>
            <fieldset>
                <legend class="field__label">{t::format(language)}</legend>
                {choice("html", t::html(language), t::html_hint(language), !is_json)}
                {choice("json", t::json(language), t::json_hint(language), is_json)}
            </fieldset>
            <div class="dialog__actions">
                <button class="button button--primary" type="submit">
                    <Icon name=IconName::Download small=true/>
                    {t::submit(language)}
                </button>
            </div>
        </form>
    }
}

/// Why nothing came. For want of a fresh proof of who is there: where to give it, over a live page or on a page of its own.
#[component]
fn Refused(title: &'static str, error: ApiError, path: String) -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let is_unproven = error == ApiError::ConfirmIdentity;
    let text = error_words(language, &error);
    Effect::new(move |_| session.notice(&error));
    let way_out = is_unproven.then(|| {
        let go = words::accounts::confirm::go(language);
        view! { <a class="button button--outline" href=format!("/parametres/securite?confirmer={path}")>{go}</a> }
    });
    view! {
        <Notice title=title text=Some(text) tone=Tone::Danger>
            {way_out}
        </Notice>
    }
}
