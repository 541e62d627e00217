//! That something happened to the account which its owner has not said to know of.

use leptos::prelude::*;

use crate::i18n::{use_language, words};
use crate::ui::{Icon, IconName};

/// The news, and below them the way to know more.
///
/// It looks as `ui::Notice` does, and is drawn by hand: of that one the first pages run nothing, so it comes later.
#[component]
pub fn AccountNews(
    /// What to do about it.
    text: &'static str,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="notice notice--warn">
            <Icon name=IconName::Shield/>
            <div class="notice__text">
                <p class="notice__title">{words::accounts::security::unseen(language)}</p>
                <p>{text}</p>
            </div>
            <div class="row__actions">{children()}</div>
        </div>
    }
}
