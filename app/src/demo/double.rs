//! Two people side by side in one window: the fastest way to see that what one writes, the other has.
//!
//! Each side has a session of its own, held in memory alone; it is gone with the page.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::side::Side;
use super::{ListPersonas, Persona, Personas};
use crate::api::AccountId;
use crate::asked::ask;
use crate::boot::use_boot;
use crate::i18n::{use_language, words};
use crate::root::NotFound;
use crate::ui::{Icon, IconName, Logo};

/// The double view; it exists in the demonstration only.
#[component]
pub fn DoublePage() -> impl IntoView {
    if !use_boot().with_value(|boot| boot.is_demo) {
        return view! { <NotFound/> }.into_any();
    }
    let language = use_language();
    let personas = ask(|| Some(ListPersonas {}));
    view! {
        <Title text=words::demo::double::title(language)/>
        <div class="double">
            <DoubleBar/>
            <Suspense>
                {move || Suspend::new(async move {
                    let Personas { personas } = personas.answer().await.unwrap_or_default();
                    view! { <Sides personas/> }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn DoubleBar() -> impl IntoView {
    use words::demo::double as t;
    let language = use_language();
    view! {
        <header class="double__bar">
            <Logo/>
            <h1 class="double__title" tabindex="-1">{t::title(language)}</h1>
            <p class="double__note">{t::note(language)}</p>
            <A href="/aide" attr:class="button button--quiet">
                <Icon name=IconName::Help small=true/>
                {t::help(language)}
            </A>
            <A href="/accueil" attr:class="button button--outline">{t::single(language)}</A>
        </header>
    }
}

/// Both sides, once the page is live; before that, what the page is for.
#[component]
fn Sides(personas: Vec<Persona>) -> impl IntoView {
    use words::demo::double as t;
    let language = use_language();
    let is_live = RwSignal::new(false);
    Effect::new(move |_| is_live.set(true));
    let Some(first) = personas.first().map(|persona| persona.account) else {
        return ().into_any();
    };
    let second = personas.get(1).map_or(first, |persona| persona.account);
    let (left, right) = (RwSignal::new(first), RwSignal::new(second));
    let personas = StoredValue::new(personas);
    let side = move |name: &'static str, who: RwSignal<AccountId>, other: RwSignal<AccountId>| {
        view! { <Side name personas=personas.get_value() who other/> }
    };
    view! {
        <Show
            when=move || is_live.get()
            fallback=move || {
                view! {
                    <div class="double__intro">
                        <p>{t::explain(language)}</p>
                        <p class="section__note">{t::needs_script(language)}</p>
                    </div>
                }
            }
        >
            <div class="double__sides">
                {side(t::left(language), left, right)} {side(t::right(language), right, left)}
            </div>
        </Show>
    }
    .into_any()
}
