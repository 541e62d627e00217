//! Passing news: what was done, and the way to undo it; or a failure that must be heard.
//!
//! Toasts live in a context, so that any screen may speak and one region, always in the page, is listened to by screen
//! readers. They belong to the browser: the server draws the region empty.
//!
//! What only says goes away by itself. What offers something to press stays until it is pressed or dismissed, or the page is
//! left: nobody has to hurry (WCAG 2.2.1).

use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// How long news stays. WCAG 2.2.1 asks that nothing be lost with it: what matters is also on the screen itself.
#[cfg(feature = "hydrate")]
const NEWS_TIME: std::time::Duration = std::time::Duration::from_secs(6);

/// How a toast is announced, and how long it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    /// After what is being read; goes away by itself, unless it offers something.
    Polite,
    /// At once; stays until it is dismissed.
    Assertive,
}

#[derive(Clone)]
struct Toast {
    id: u32,
    urgency: Urgency,
    text: String,
    icon: Option<IconName>,
    action: Option<(String, Callback<()>)>,
}

/// The toasts on the screen, oldest first.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next_id: StoredValue<u32>,
}

/// Creates the toasts of this page and makes them reachable by [`use_toasts`]; called once, by the root.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        shown: RwSignal::new(Vec::new()),
        next_id: StoredValue::new(0),
    };
    provide_context(toasts);
    toasts
}

/// The toasts of this page.
pub fn use_toasts() -> Toasts {
    expect_context::<Toasts>()
}

impl Toasts {
    /// Says that something was done; goes away after a few seconds.
    pub fn say(self, text: impl Into<String>) {
        self.show(Urgency::Polite, text.into(), None, None);
    }

    /// Says it and offers one action, such as *Reprendre*; stays until it is pressed or dismissed, or the page is left.
    pub fn offer(
        self,
        text: impl Into<String>,
        action: impl Into<String>,
        on_press: impl Into<Callback<()>>,
    ) {
        self.show(
            Urgency::Polite,
            text.into(),
            None,
            Some((action.into(), on_press.into())),
        );
    }

    /// Says that something failed; stays until it is dismissed.
    pub fn alert(self, text: impl Into<String>) {
        self.show(Urgency::Assertive, text.into(), Some(IconName::Warning), None);
    }

    fn show(
        self,
        urgency: Urgency,
        text: String,
        icon: Option<IconName>,
        action: Option<(String, Callback<()>)>,
    ) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id.wrapping_add(1));
        #[cfg(feature = "hydrate")]
        if urgency == Urgency::Polite && action.is_none() {
            set_timeout(move || self.dismiss(id), NEWS_TIME);
        }
        self.shown.update(|shown| {
            shown.push(Toast {
                id,
                urgency,
                text,
                icon,
                action,
            });
        });
    }

    /// The page is left: what it offered goes with it.
    pub fn withdraw_offers(self) {
        if self
            .shown
            .with_untracked(|shown| shown.iter().any(|toast| toast.action.is_some()))
        {
            self.shown
                .update(|shown| shown.retain(|toast| toast.action.is_none()));
        }
    }

    fn dismiss(self, id: u32) {
        // The page may have gone before the timer: then there is nothing left to dismiss.
        let _ = self
            .shown
            .try_update(|shown| shown.retain(|toast| toast.id != id));
    }

    fn of(self, urgency: Urgency) -> Vec<Toast> {
        self.shown
            .get()
            .into_iter()
            .filter(|toast| toast.urgency == urgency)
            .collect()
    }
}

/// Where toasts appear; placed once, at the end of the page.
///
/// The two regions have no role of their own: a screen's own status stays the only one.
#[component]
pub fn ToastRegion(
    /// Name of the cross of each toast ("Fermer").
    #[prop(into)]
    dismiss_label: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let dismiss_label = StoredValue::new(dismiss_label);
    let list = move |urgency| {
        view! {
            <For each=move || toasts.of(urgency) key=|toast| toast.id let:toast>
                <ToastCard toast dismiss_label=dismiss_label.get_value() />
            </For>
        }
    };
    view! {
        <div class="toasts">
            <div aria-live="polite">{list(Urgency::Polite)}</div>
            <div aria-live="assertive">{list(Urgency::Assertive)}</div>
        </div>
    }
}

#[component]
fn ToastCard(toast: Toast, dismiss_label: String) -> impl IntoView {
    let toasts = use_toasts();
    let Toast {
        id,
        text,
        icon,
        action,
        ..
    } = toast;
    let action = action.map(|(words, on_press)| {
        let press = move |_| {
            toasts.dismiss(id);
            on_press.run(());
        };
        view! {
            <button class="button" type="button" on:click=press>
                {words}
            </button>
        }
    });
    view! {
        <div class="toast">
            {icon.map(|name| view! { <Icon name small=true /> })} <span class="toast__text">{text}</span> {action}
            <button
                class="button button--icon"
                type="button"
                aria-label=dismiss_label
                on:click=move |_| toasts.dismiss(id)
            >
                <Icon name=IconName::Close small=true />
            </button>
        </div>
    }
}
