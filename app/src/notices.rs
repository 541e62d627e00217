//! What the person must know about the page itself, only when it matters: no connection for a while, messages that wait, a
//! new version. One line, never in the way.
//!
//! Source: pwa 2.6.

use leptos::prelude::*;

use crate::chunk::is_whole_here;
use crate::conversations::use_outbox;
use crate::conversations::vault::Standing;
use crate::i18n::{use_language, words};
use crate::live::{Connection, use_live};
use crate::session::use_session;
use crate::ui::{IconName, Strip};

/// The line across the top, once the page is whole.
#[component]
pub fn Notices() -> impl IntoView {
    let is_whole = is_whole_here();
    view! {
        <div class="shell__strip" role="status">
            {move || is_whole.get().then(|| view! { <Lines/> })}
        </div>
    }
}

/// The state is announced when it changes; how many messages wait is there to be read.
#[component]
fn Lines() -> impl IntoView {
    use words::frame::connection as t;
    let language = use_language();
    let session = use_session();
    let outbox = use_outbox();
    let connection = use_live().connection();
    let is_offline = offline();
    let (is_away, is_slow) = (RwSignal::new(false), RwSignal::new(false));
    let n_waiting = Signal::derive(move || outbox.n_waiting());
    after_a_while(is_away, move || {
        is_offline.get() || connection.get() == Connection::Connecting
    });
    let is_waiting = Memo::new(move |_| n_waiting.get() > 0);
    after_a_while(is_slow, move || is_waiting.get());
    let is_shown = move || (is_away.get() || is_slow.get()) && !session.has_ended.get();
    let state = Signal::derive(move || {
        let words = match (is_away.get(), is_offline.get()) {
            (false, _) => "",
            (true, true) => t::offline(language),
            (true, false) => t::reconnecting(language),
        };
        words.to_owned()
    });
    let waiting = move || match n_waiting.get() {
        0 => String::new(),
        count => {
            let count = t::waiting(language, u64::try_from(count).unwrap_or(u64::MAX));
            // Without a vault the page itself is all that keeps them.
            if outbox.vault().standing().get() == Standing::Apart {
                format!("{count} {}", t::leave_open(language))
            } else {
                count
            }
        }
    };
    view! {
        <Show when=is_shown>
            <Strip text=state icon=IconName::Offline is_warning=true>
                <span class="strip__count" aria-live="off">{waiting}</span>
            </Strip>
        </Show>
        <Show when=move || session.is_outdated.get()>
            <Strip text=words::frame::outdated::text(language).to_owned() icon=IconName::Refresh>
                <button class="button button--link" type="button" on:click=|_| reload()>
                    {words::frame::outdated::action(language)}
                </button>
            </Strip>
        </Show>
    }
}

fn reload() {
    #[cfg(feature = "hydrate")]
    let _ = window().location().reload();
}

/// Whether the device itself says that it has no network.
fn offline() -> RwSignal<bool> {
    let is_offline = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    {
        for event in ["online", "offline"] {
            // The line lives as long as the page.
            let _ = window_event_listener_untyped(event, move |_| {
                is_offline.set(!window().navigator().on_line());
            });
        }
        is_offline.set(!window().navigator().on_line());
    }
    is_offline
}

/// Sets the flag once the condition has held for three seconds; a shorter while is nobody's business.
fn after_a_while(has_lasted: RwSignal<bool>, is_so: impl Fn() -> bool + Send + Sync + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let turn = StoredValue::new(0_u32);
        Effect::new(move |_| {
            let own = turn.get_value().wrapping_add(1);
            turn.set_value(own);
            if !is_so() {
                has_lasted.set(false);
                return;
            }
            leptos::task::spawn_local(async move {
                gloo_timers::future::TimeoutFuture::new(3_000).await;
                if turn.try_get_value() == Some(own) {
                    let _ = has_lasted.try_set(true);
                }
            });
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (has_lasted, is_so);
}
