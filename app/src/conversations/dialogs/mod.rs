//! The questions about a message that stand over the page. Their code comes when the first one is asked.
//!
//! - `edit`: other words, the old ones at hand.
//! - `delete`: what goes and what stays.
//! - `forward`: to whom, with a face and a second look.
//! - `versions`: what a message said before.
//! - `marked`: the pinned and starred messages, and the way to them.

mod delete;
mod edit;
mod forward;
mod marked;
mod versions;

use std::collections::BTreeMap;

use leptos::prelude::*;

use self::delete::DeleteDialog;
use self::edit::EditDialog;
use self::forward::ForwardDialog;
use self::marked::MarkedDialog;
use self::versions::VersionsDialog;
use super::acting::Asked;
use super::acts_view::Scene;
use crate::accounts::Language;
use crate::api::MessageId;

/// What was typed into a question and is not saved, by message: it is there again when the question is asked again.
type Typed = StoredValue<BTreeMap<MessageId, String>>;

/// The question that is asked. It stays in the page once it is answered, so that the focus finds its way back.
#[component]
pub fn ActionDialogs() -> impl IntoView {
    let Some(scene) = use_context::<Scene>() else {
        return ().into_any();
    };
    let opened = scene.opened;
    let typed: Typed = StoredValue::new(BTreeMap::new());
    let asked = Memo::new(move |before: Option<&Option<(u32, Asked)>>| {
        let asked = opened
            .acting
            .with(|acting| Some((acting.n_asked, acting.asked.clone()?)));
        asked.or_else(|| before.cloned().flatten())
    });
    // What is asked about a message goes with its words. What was typed instead of them is the person's own, and stays.
    Effect::new(move |_| {
        let about = opened.acting.with(|acting| match &acting.asked {
            Some(Asked::Delete(message) | Asked::Forward(message) | Asked::Versions(message)) => {
                Some(message.id)
            }
            Some(Asked::Edit(_) | Asked::Marked) | None => None,
        });
        let is_gone = about.is_some_and(|id| {
            opened.timeline.with(|timeline| {
                let mut gone = timeline
                    .messages()
                    .iter()
                    .filter(|message| message.deleted_at.is_some());
                gone.any(|message| message.id == id)
            })
        });
        if is_gone {
            opened.stop_asking();
        }
    });
    let open = Signal::derive(move || opened.acting.with(|acting| acting.asked.is_some()));
    let shown = move || {
        let (_, asked) = asked.get()?;
        Some(match asked {
            Asked::Edit(message) => view! { <EditDialog scene message typed open/> }.into_any(),
            Asked::Delete(message) => view! { <DeleteDialog scene message open/> }.into_any(),
            Asked::Forward(message) => view! { <ForwardDialog scene message open/> }.into_any(),
            Asked::Versions(message) => view! { <VersionsDialog scene message open/> }.into_any(),
            Asked::Marked => view! { <MarkedDialog scene open/> }.into_any(),
        })
    };
    shown.into_any()
}

/// What was found in words that are about to leave, and the ways on: without what was found where it can be taken out, or as
/// they are.
///
/// Source: product, C5.
fn held_back(
    language: Language,
    found: RwSignal<Option<String>>,
    mask: Option<Callback<()>>,
    send: Callback<()>,
) -> AnyView {
    use crate::i18n::words::conversations::guard as t;
    let shown = move || {
        let words = found.get()?;
        let mask = mask.map(|mask| {
            view! {
                <button class="button button--outline" type="button" on:click=move |_| mask.run(())>
                    {t::mask(language)}
                </button>
            }
        });
        Some(view! {
            <div class="notice notice--warn" role="alert">
                <crate::ui::Icon name=crate::ui::IconName::Shield/>
                <div class="notice__text">
                    <p class="notice__title">{words}</p>
                    <p>{t::why(language)}</p>
                </div>
                <div class="row__actions">
                    {mask}
                    <button class="button button--quiet" type="button" on:click=move |_| send.run(())>
                        {t::send(language)}
                    </button>
                </div>
            </div>
        })
    };
    shown.into_any()
}

/// Why it was not done, or may not be; what was typed is still there.
fn problem(refusal: RwSignal<Option<String>>) -> AnyView {
    let shown = move || {
        refusal.get().map(|words| {
            view! {
                <p class="compose__problem" role="alert">
                    <crate::ui::Icon name=crate::ui::IconName::Warning small=true/>
                    {words}
                </p>
            }
        })
    };
    shown.into_any()
}
