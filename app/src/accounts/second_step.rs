//! The second step of signing in: a code of the authenticator app, or a recovery code. Stands in the place of the password
//! once that was right.

use leptos::{html, prelude::*};

use super::asking::{Asking, FormError, FormHead};
use super::{FinishSignIn, Secret, SignIn, SignedIn};
use crate::api::{ApiError, Operation};
use crate::boot::Posted;
use crate::i18n::{use_language, words};
use crate::ui::{Field, SubmitButton};

/// What a sign-in waits with, as a plain form has left it.
pub(super) fn posted_ticket(posted: Option<&Posted>) -> Option<Secret> {
    let posted = posted?;
    match (&posted.error, posted.operation.as_str()) {
        (Some(ApiError::SecondFactor { ticket }), SignIn::NAME) => Some(ticket.clone()),
        // Begun anew with the password.
        (Some(ApiError::SignInExpired), _) => None,
        (Some(_), FinishSignIn::NAME) => posted.field("ticket").map(|ticket| Secret(ticket.to_owned())),
        _ => None,
    }
}

/// The ticket that the refusal of the first step holds, once there is one.
pub(super) fn awaited_ticket(asking: Asking) -> Option<Secret> {
    asking.error().with(|error| match error {
        Some(ApiError::SecondFactor { ticket }) => Some(ticket.clone()),
        _ => None,
    })
}

/// The form of the second step.
#[component]
pub(super) fn SecondStep(
    /// What the first step has given; empty where the browser holds it.
    ticket: Secret,
    /// The form's state; its refusals are told here.
    asking: Asking,
    /// Where a browser without script goes afterwards.
    #[prop(optional, into)]
    next: String,
    /// Signed in.
    #[prop(into)]
    on_done: Callback<SignedIn>,
    /// The sign-in has to begin anew.
    #[prop(into)]
    on_expired: Callback<()>,
) -> impl IntoView {
    use words::accounts::second_step as t;
    let language = use_language();
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
            });
        }
    });
    Effect::new(move |_| {
        if asking
            .error()
            .with(|error| *error == Some(ApiError::SignInExpired))
        {
            on_expired.run(());
        }
    });
    let submit = asking.submit::<FinishSignIn>(move |signed_in| on_done.run(signed_in));
    let text = if ticket.0.is_empty() {
        t::text_after_provider(language)
    } else {
        t::text(language)
    };
    view! {
        <form method="post" class="form" novalidate on:submit=submit>
            <p>{text}</p>
            <FormHead operation=FinishSignIn::NAME next/>
            <input type="hidden" name="ticket" value=ticket.0/>
            <Field
                id="code"
                name="code"
                label=t::code(language)
                hint=t::hint(language).to_owned()
                autocomplete="one-time-code"
                required=true
                node_ref=field
            />
            <FormError asking/>
            <SubmitButton
                label=t::submit(language)
                pending_label=words::accounts::sign_in::submitting(language).to_owned()
                pending=asking.pending()
                class="button--large button--block"
            />
            <p class="section__note"><a href="/connexion" rel="external">{t::anew(language)}</a></p>
        </form>
    }
}
