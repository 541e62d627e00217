//! A fresh one-time link, to hand over: shown once, with a button that copies it.

use leptos::{html, prelude::*};

use super::OneTimeLink;
use super::administration::Directory;
use crate::i18n::{format, use_language, words};
use crate::now::use_now;
use crate::ui::{Dialog, Icon, IconName, use_toasts};

/// The dialog that shows the link; without a script the page comes with it open.
#[component]
pub(super) fn LinkDialog(directory: Directory) -> impl IntoView {
    let link = directory.link;
    view! {
        <Dialog
            open=Signal::derive(move || link.with(Option::is_some))
            on_close=move || link.set(None)
            labelled_by="lien-titre"
            described_by="lien-texte".to_owned()
        >
            {move || link.get().map(|link| view! { <LinkBody link directory/> })}
        </Dialog>
    }
}

#[component]
fn LinkBody(link: OneTimeLink, directory: Directory) -> impl IntoView {
    use words::accounts::admin::link as t;
    let language = use_language();
    let toasts = use_toasts();
    let now = use_now();
    let until = move || format::date_time(language, now.civil(link.expires_at), now.today());
    let account = link.account;
    let title = move || {
        let name = directory.accounts.with(|accounts| {
            accounts
                .iter()
                .find(|row| row.id == account)
                .map(|row| row.name.clone())
                .unwrap_or_default()
        });
        t::title(language, &name)
    };
    // The server does not know under which address people reach it; the page does, once it is live.
    let origin = RwSignal::new(String::new());
    Effect::new(move |_| origin.set(page_origin()));
    let path = link.path.0;
    let field = NodeRef::<html::Input>::new();
    let copy = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
            copy_text(&field.value(), move || toasts.say(t::copied(language)));
        }
    };
    let close = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        directory.link.set(None);
    };
    view! {
        <h2 class="dialog__title" id="lien-titre">{title}</h2>
        <p id="lien-texte">{move || t::text(language, &until())}</p>
        <div class="field">
            <label class="field__label" for="lien">{t::label(language)}</label>
            <input
                class="field__control"
                id="lien"
                readonly
                value=path.clone()
                prop:value=move || format!("{}{path}", origin.get())
                node_ref=field
            />
        </div>
        <div class="dialog__actions">
            <a class="button button--quiet" href="/parametres/comptes" on:click=close>{t::done(language)}</a>
            <button class="button button--primary needs-script" type="button" on:click=copy>
                <Icon name=IconName::Copy small=true/>
                {t::copy(language)}
            </button>
        </div>
    }
}

fn page_origin() -> String {
    #[cfg(feature = "hydrate")]
    {
        window().location().origin().unwrap_or_default()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        String::new()
    }
}

/// Copies, and tells when it is done. Where the browser does not allow it, the text stays selected, ready to be copied.
fn copy_text(text: &str, then: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let promise = window().navigator().clipboard().write_text(text);
        leptos::task::spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
                then();
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (text, then);
}
