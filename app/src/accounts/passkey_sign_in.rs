//! Signing in with a passkey: by a button, and by itself where the browser offers passkeys while an address is typed.
//!
//! Nothing of this is there without a script, or where the address of the service is a number.

use leptos::prelude::*;

use super::asking::Asking;
use super::{PasskeyCeremony, Secret, SignInByPasskey, SignedIn, StartPasskeySignIn};
use crate::api::{ApiError, Client};
use crate::chunk::when_whole_here;
use crate::i18n::{use_language, words};
use crate::session::use_client;
use crate::ui::{Icon, IconName};

/// The button, above the form of the password.
#[component]
pub(super) fn PasskeyButton(
    /// The form's state; what is refused is told there.
    asking: Asking,
    /// Signed in.
    #[prop(into)]
    on_done: Callback<SignedIn>,
) -> impl IntoView {
    use words::accounts::passkeys as t;
    let language = use_language();
    let client = StoredValue::new(use_client());
    let is_possible = RwSignal::new(false);
    when_whole_here(move || {
        is_possible.set(are_possible());
        if is_possible.get_untracked() {
            wait_for_offer(client, asking, on_done);
        }
    });
    let press = move |_| sign_in(client, "use", asking, on_done);
    view! {
        <Show when=move || is_possible.get()>
            <button
                class="button button--outline button--large button--block"
                type="button"
                prop:disabled=asking.pending()
                on:click=press
            >
                <Icon name=IconName::Key small=true/>
                {t::sign_in(language)}
            </button>
            <p class="section__note">{t::or(language)}</p>
        </Show>
    }
}

/// Lets the browser offer passkeys in the field of the address, for as long as the page stays.
fn wait_for_offer(client: StoredValue<Client>, asking: Asking, on_done: Callback<SignedIn>) {
    leptos::task::spawn_local(async move {
        if ask_browser("offers", "").await.as_deref() == Some("true") {
            sign_in(client, "await", asking, on_done);
        }
    });
}

/// One ceremony: `use` asks the person at once, `await` waits for their choice.
fn sign_in(client: StoredValue<Client>, how: &'static str, asking: Asking, on_done: Callback<SignedIn>) {
    leptos::task::spawn_local(async move {
        let Some(starting) = client.try_with_value(|client| client.call(StartPasskeySignIn {})) else {
            return;
        };
        let outcome = match starting.await {
            Ok(PasskeyCeremony { ceremony, options }) => {
                // Nobody chose a passkey: the other ways in are still there.
                let Some(credential) = ask_browser(how, &options).await else {
                    return;
                };
                let wish = SignInByPasskey {
                    ceremony,
                    credential: Secret(credential),
                };
                let Some(finishing) = client.try_with_value(|client| client.call(wish)) else {
                    return;
                };
                finishing.await
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(signed_in) => on_done.run(signed_in),
            // What nobody pressed is not told of.
            Err(ApiError::Busy { .. } | ApiError::Unreachable) if how == "await" => {}
            Err(error) => {
                let _ = asking.error().try_set(Some(error));
            }
        }
    });
}

/// Whether passkeys can be used here.
pub(super) fn are_possible() -> bool {
    #[cfg(feature = "hydrate")]
    return crate::browser::passkeys::are_possible();
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Asks the browser; `None` when nobody answers.
pub(super) async fn ask_browser(what: &str, options: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return crate::browser::passkeys::ask(what, options).await.ok();
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (what, options);
        None
    }
}
