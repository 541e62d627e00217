//! The people one may be, each a plain sign-in form of one press.

use leptos::prelude::*;

use super::{ListPersonas, PASSWORD, Persona, Personas};
use crate::accounts::SignIn;
use crate::api::Operation;
use crate::asked::ask;
use crate::contacts::{capitalized, photo_url};
use crate::i18n::{use_language, words};
use crate::ui::Avatar;

/// The people on the sign-in page; the browser goes on to `next`.
#[component]
pub fn PersonaChoice(
    /// A path of ours.
    next: String,
) -> impl IntoView {
    let language = use_language();
    let personas = ask(|| Some(ListPersonas {}));
    view! {
        <section class="personas" aria-labelledby="personas-title">
            <h2 class="rule-text" id="personas-title">{words::demo::enter_as(language)}</h2>
            <Suspense>
                {move || {
                    let next = next.clone();
                    Suspend::new(async move {
                        let Personas { personas } = personas.answer().await.unwrap_or_default();
                        let cards: Vec<_> = personas
                            .into_iter()
                            .map(|persona| {
                                let next = next.clone();
                                view! { <li><PersonaForm persona next/></li> }
                            })
                            .collect();
                        view! { <ul class="personas__grid" role="list">{cards}</ul> }
                    })
                }}
            </Suspense>
        </section>
    }
}

/// A plain form on purpose: the page loads anew with the person's session.
#[component]
fn PersonaForm(persona: Persona, next: String) -> impl IntoView {
    let Persona {
        account,
        email,
        name,
        profession,
        photo,
    } = persona;
    view! {
        <form method="post">
            <input type="hidden" name="operation" value=SignIn::NAME/>
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name="email" value=email/>
            <input type="hidden" name="password" value=PASSWORD/>
            <button class="persona" type="submit">
                <Avatar
                    name=name.clone()
                    tint_seed=account.0.as_u128()
                    photo_url=photo_url(account, photo)
                    class="avatar--persona"
                />
                <span class="persona__text">
                    <span class="persona__name">{name}</span>
                    <span class="persona__role">{capitalized(&profession)}</span>
                </span>
            </button>
        </form>
    }
}
