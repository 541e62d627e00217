//! The strip that tells on every page that this is the demonstration, and as whom.

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

use crate::accounts::SignOut;
use crate::api::Operation;
use crate::boot::use_boot;
use crate::i18n::{use_language, words};
use crate::session::use_session;

/// Who one is, the way to be somebody else, the way to be two. Only in the demonstration, once signed in.
#[component]
pub fn DemoStrip() -> impl IntoView {
    use words::demo::strip as t;
    let language = use_language();
    let is_demo = use_boot().with_value(|boot| boot.is_demo);
    let session = use_session();
    let path = use_location().pathname;
    let name = Memo::new(move |_| session.me.with(|me| me.as_ref().map(|me| me.name.clone())));
    // The double view says it itself.
    let is_shown = Memo::new(move |_| is_demo && name.with(Option::is_some) && path.get() != "/demo/double");
    view! {
        <Show when=move || is_shown.get()>
            <aside class="demo-strip" aria-label=t::label(language)>
                <p class="demo-strip__who">
                    <span class="demo-strip__long">
                        {move || name.get().map(|name| t::who(language, &name))}
                    </span>
                    <span class="demo-strip__short">{move || name.get().map(|name| t::who_short(language, &name))}</span>
                </p>
                <form method="post">
                    <input type="hidden" name="operation" value=SignOut::NAME/>
                    <input type="hidden" name="next" value="/connexion"/>
                    <button class="button button--link" type="submit">{t::change(language)}</button>
                </form>
                <A href="/demo/double" attr:class="button button--link demo-strip__double">{t::double(language)}</A>
            </aside>
        </Show>
    }
}
