//! When the session has ended while a page was open: the sign-in stands over the page, and everything below it stays as
//! it was typed.
//!
//! Source: user experience C9, "text typed is never lost".

use leptos::{html, prelude::*};

use super::asking::{Asking, FormError, FormHead};
use super::confirm::ConfirmOver;
use super::second_step::{SecondStep, awaited_ticket};
use super::{GetProvider, Me, SIGN_IN_BY_PROVIDER, SignIn, SignedIn};
use crate::api::Operation;
use crate::i18n::{use_language, words};
use crate::session::{use_client, use_session};
use crate::ui::{Avatar, AvatarSize, Dialog, PasswordField, SubmitButton};

/// The dialog, and while it is put off, a reminder of it. Nothing as long as the session lives, or if nobody was signed
/// in on this page.
#[component]
pub fn SignInAgain() -> impl IntoView {
    use words::accounts::again as t;
    let language = use_language();
    let session = use_session();
    let is_put_off = RwSignal::new(false);
    let who = Memo::new(move |_| session.me.get().filter(|_| session.has_ended.get()));
    // Each new refusal asks again.
    Effect::new(move |_| {
        session.has_ended.track();
        if is_put_off.get_untracked() {
            is_put_off.set(false);
        }
    });
    let is_open = Memo::new(move |_| who.with(Option::is_some) && !is_put_off.get());
    view! {
        <ConfirmOver/>
        <div role="status">
            <Show when=move || who.with(Option::is_some) && is_put_off.get()>
                <div class="sign-in-again">
                    <span>{t::dismissed(language)}</span>
                    <button class="button button--primary" type="button" on:click=move |_| is_put_off.set(false)>
                        {t::back(language)}
                    </button>
                </div>
            </Show>
        </div>
        // The dialog stays in the page, so that closing it gives the focus back to what was being written.
        <Dialog
            open=is_open
            on_close=move || is_put_off.set(true)
            labelled_by="again-title"
            described_by="again-text".to_owned()
        >
            {move || {
                who.get()
                    .filter(|_| is_open.get())
                    .map(|me| view! { <SignInBody me put_off=move || is_put_off.set(true)/> })
            }}
        </Dialog>
    }
}

#[component]
fn SignInBody(me: Me, #[prop(into)] put_off: Callback<()>) -> impl IntoView {
    use words::accounts::again as t;
    let language = use_language();
    let session = use_session();
    let asking = Asking::new(&["password"], None);
    let account = me.id;
    let signed_in = move |answer: SignedIn| {
        if answer.account.id == account {
            session.me.set(Some(answer.account));
            session.has_ended.set(false);
        } else {
            asking.leave_for("/accueil");
        }
    };
    let photo = crate::contacts::photo_url(me.id, me.photo);
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
            });
        }
    });
    let ticket = RwSignal::new(None);
    Effect::new(move |_| {
        if let Some(awaited) = awaited_ticket(asking) {
            asking.error().set(None);
            ticket.set(Some(awaited));
        }
    });
    let label = RwSignal::new(None);
    let offer = use_client().call(GetProvider {});
    leptos::task::spawn_local(async move {
        if let Ok(offer) = offer.await {
            let _ = label.try_set(offer.label);
        }
    });
    let path = leptos_router::hooks::use_location().pathname;
    let by_provider = move || {
        label.get().map(|label: String| {
            view! {
                <p class="section__note">
                    <a href=move || format!("{SIGN_IN_BY_PROVIDER}?suite={}", path.get()) rel="external">
                        {words::accounts::provider::sign_in(language, &label)}
                    </a>
                </p>
            }
        })
    };
    let second = Callback::new(signed_in);
    let submit = asking.submit::<SignIn>(signed_in);
    let second_step = move || {
        ticket.get().map(|ticket_given| {
            view! { <SecondStep ticket=ticket_given asking on_done=second on_expired=move || ticket.set(None)/> }
        })
    };
    view! {
        <div class="dialog__head">
            <Avatar name=me.bare_name tint_seed=me.id.0.as_u128() photo_url=photo size=AvatarSize::Medium/>
            <div>
                <h2 class="dialog__title" id="again-title">{t::title(language)}</h2>
                <p class="row__sub">{me.name}</p>
            </div>
        </div>
        <p id="again-text">{t::text(language)}</p>
        {second_step}
        <form method="post" class="form" novalidate on:submit=submit hidden=move || ticket.with(Option::is_some)>
            <FormHead operation=SignIn::NAME/>
            <input type="hidden" name="email" value=me.email/>
            <PasswordField
                id="again-password"
                name="password"
                label=words::accounts::sign_in::password(language)
                reveal_label=words::accounts::sign_in::reveal(language)
                required=true
                error=asking.error_of("password")
                node_ref=field
            />
            <FormError asking/>
            <div class="dialog__actions">
                <button class="button button--quiet" type="button" on:click=move |_| put_off.run(())>
                    {t::later(language)}
                </button>
                <SubmitButton
                    label=words::accounts::sign_in::submit(language)
                    pending_label=words::accounts::sign_in::submitting(language).to_owned()
                    pending=asking.pending()
                />
            </div>
        </form>
        {by_provider}
        <p class="section__note">
            <a href="/connexion" rel="external">{t::somebody_else(language)}</a>
        </p>
    }
}
