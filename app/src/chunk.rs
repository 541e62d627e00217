//! Code that is loaded when an address first wants it: every group of pages is a chunk of its own, split off the main
//! module when the app is built. On the server all of it is there from the start.
//!
//! The first page's chunk is loaded before the page is taken over, so that the browser finds what the server has drawn.
//! Later pages show an outline until theirs is here; the service worker fetches them ahead of time.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;
use leptos_router::hooks::use_location;

use crate::accounts::{
    AccountsPage, DevicesPage, InstallationPage, InvitationPage, PreferencesPage, ProfileSettingsPage,
    SecurityPage, SettingsPage, SignInAgain, SignInPage,
};
use crate::attachments::voice::{Player, Recorder};
use crate::attachments::{Editor, Tray, Viewer};
use crate::contacts::{NetworkPage, PersonPage};
use crate::conversations::{ActionDialogs, ConversationPage, ExportPage, HomePage, SearchPage};
use crate::demo::DoublePage;
use crate::frame::focus_heading;
use crate::guide::{Coach, HelpPage};
use crate::i18n::{use_language, words::frame::chunk as t};
use crate::offline::OfflinePage;
use crate::reports::{OpenedReportPage, ReportPage, ReportsPage};
use crate::ui::{Notice, SkeletonRows, Tone};

type Loading = Pin<Box<dyn Future<Output = Result<(), SplitLoaderError>>>>;
type Drawing = Pin<Box<dyn Future<Output = Result<AnyView, SplitLoaderError>>>>;

/// A page and the chunk that its code is in.
#[derive(Clone, Copy)]
pub struct Page {
    /// The chunk's name, as the build names its files.
    pub chunk: &'static str,
    load: fn() -> Loading,
    draw: fn() -> Drawing,
}

/// Declares pages: each a function that draws it, put into the named chunk.
macro_rules! pages {
    ($($name:ident: $chunk:ident shows $component:ident, drawn by $page:ident, loaded by $load:ident;)+) => {
        $(
            #[leptos::wasm_split::wasm_split($chunk, wasm_split_path = ::leptos::wasm_split, preload($load), fallible)]
            fn $page() -> Result<AnyView, SplitLoaderError> {
                Ok(view! { <$component/> }.into_any())
            }
        )+

        impl Page {
            $(
                #[doc = concat!("The page of [`", stringify!($component), "`].")]
                pub const $name: Self = Self {
                    chunk: stringify!($chunk),
                    load: || Box::pin($load()),
                    draw: || Box::pin($page()),
                };
            )+
        }
    };
}

// Each chunk more parts what chunks share into smaller modules, at a cost for all: what is only ever wanted beside a page has
// one together.
pages! {
    SIGN_IN: entry shows SignInPage, drawn by sign_in, loaded by load_sign_in;
    INSTALLATION: entry shows InstallationPage, drawn by installation, loaded by load_installation;
    INVITATION: entry shows InvitationPage, drawn by invitation, loaded by load_invitation;
    HOME: home shows HomePage, drawn by home, loaded by load_home;
    NETWORK: network shows NetworkPage, drawn by network, loaded by load_network;
    PERSON: network shows PersonPage, drawn by person, loaded by load_person;
    CONVERSATION: conversation shows ConversationPage, drawn by conversation, loaded by load_conversation;
    SEARCH: search shows SearchPage, drawn by search, loaded by load_search;
    EXPORT: settings shows ExportPage, drawn by export, loaded by load_export;
    SETTINGS: settings shows SettingsPage, drawn by settings, loaded by load_settings;
    PROFILE: settings shows ProfileSettingsPage, drawn by profile, loaded by load_profile;
    PREFERENCES: settings shows PreferencesPage, drawn by preferences, loaded by load_preferences;
    DEVICES: settings shows DevicesPage, drawn by devices, loaded by load_devices;
    SECURITY: settings shows SecurityPage, drawn by security, loaded by load_security;
    ACCOUNTS: administration shows AccountsPage, drawn by accounts, loaded by load_accounts;
    REPORT: report shows ReportPage, drawn by report, loaded by load_report;
    REPORTS: administration shows ReportsPage, drawn by reports, loaded by load_reports;
    OPENED_REPORT: administration shows OpenedReportPage, drawn by opened_report, loaded by load_opened_report;
    HELP: help shows HelpPage, drawn by help, loaded by load_help;
    OFFLINE: help shows OfflinePage, drawn by offline, loaded by load_offline;
    SIGN_IN_AGAIN: again shows SignInAgain, drawn by sign_in_again, loaded by load_sign_in_again;
    COACH: beside shows Coach, drawn by coach, loaded by load_coach;
    ACTIONS: beside shows ActionDialogs, drawn by actions, loaded by load_actions;
    FILES: files shows Tray, drawn by tray, loaded by load_tray;
    VIEWER: files shows Viewer, drawn by viewer, loaded by load_viewer;
    RECORDER: files shows Recorder, drawn by recorder, loaded by load_recorder;
    PLAYER: files shows Player, drawn by player, loaded by load_player;
    EDITOR: files shows Editor, drawn by editor, loaded by load_editor;
    DOUBLE: double shows DoublePage, drawn by double, loaded by load_double;
}

impl Page {
    /// The page at an address, as the routes of the app have it.
    pub fn at(path: &str) -> Option<Self> {
        Some(match path {
            "/connexion" => Self::SIGN_IN,
            "/installation" => Self::INSTALLATION,
            "/invitation" => Self::INVITATION,
            "/accueil" => Self::HOME,
            "/reseau" => Self::NETWORK,
            "/recherche" => Self::SEARCH,
            "/parametres" => Self::SETTINGS,
            "/parametres/profil" => Self::PROFILE,
            "/parametres/preferences" => Self::PREFERENCES,
            "/parametres/appareils" => Self::DEVICES,
            "/parametres/securite" => Self::SECURITY,
            "/parametres/comptes" => Self::ACCOUNTS,
            "/parametres/signalements" => Self::REPORTS,
            "/aide" => Self::HELP,
            "/hors-ligne" => Self::OFFLINE,
            "/demo/double" => Self::DOUBLE,
            _ if path.starts_with("/parametres/signalements/") => Self::OPENED_REPORT,
            _ if path.starts_with("/signaler/") => Self::REPORT,
            _ if path.starts_with("/reseau/") => Self::PERSON,
            _ if path.starts_with("/messages/") => Self::CONVERSATION,
            _ if path.starts_with("/exporter/") => Self::EXPORT,
            _ => return None,
        })
    }

    /// Loads the page's code; at once when it is here.
    ///
    /// # Errors
    /// It cannot be fetched. Asking again tries again.
    pub async fn load(self) -> Result<(), SplitLoaderError> {
        (self.load)().await
    }
}

/// Runs `work` in the browser as soon as the rest of the first page is here, or could not be fetched; at once from then on.
/// What nobody sees at once waits for it: the device's clock and zone, the stream, the marks of what was read, the service
/// worker.
pub fn when_whole(work: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    await_whole(Box::new(work));
    #[cfg(not(feature = "hydrate"))]
    drop(work);
}

/// [`when_whole`] for a piece of a screen: with the reactive owner of the piece, and only if it is still there then.
pub fn when_whole_here(work: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    await_whole_here(Box::new(work));
    #[cfg(not(feature = "hydrate"))]
    drop(work);
}

/// Compiled once, not for each kind of work: all of it travels with the first page.
#[cfg(feature = "hydrate")]
fn await_whole(work: Box<dyn FnOnce()>) {
    use wasm_bindgen::prelude::*;
    #[wasm_bindgen]
    extern "C" {
        /// See `chunks.js`.
        #[wasm_bindgen(js_name = whenWhole)]
        fn when_whole_in_script(work: &JsValue);
    }
    when_whole_in_script(&Closure::once_into_js(work));
}

#[cfg(feature = "hydrate")]
fn await_whole_here(work: Box<dyn FnOnce()>) {
    let Some(owner) = Owner::current() else { return };
    let is_here = StoredValue::new(());
    await_whole(Box::new(move || {
        if is_here.try_get_value().is_some() {
            owner.with(work);
        }
    }));
}

/// A signal that is set once the page is whole: what only a script can do is drawn then.
pub fn is_whole_here() -> RwSignal<bool> {
    let is_whole = RwSignal::new(false);
    when_whole_here(move || is_whole.set(true));
    is_whole
}

/// A route's view: shows a page, after an outline while its code is on its way.
pub fn later(page: Page) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static {
    move || drawn(page).unwrap_or_else(|| view! { <Awaited page/> }.into_any())
}

/// The outline, then the page; or why there is none, and a way to try again.
#[component]
fn Awaited(page: Page) -> impl IntoView {
    let language = use_language();
    let state = RwSignal::new(Arrival::Awaited);
    let hash = use_location().hash;
    // The frame has looked for the page's heading while there was none.
    Effect::new(move |_| {
        if state.get() == Arrival::Here && hash.get_untracked().is_empty() {
            focus_heading();
        }
    });
    let load = move || {
        leptos::task::spawn_local(async move {
            let arrival = match page.load().await {
                Ok(()) => Arrival::Here,
                Err(_) => Arrival::Failed,
            };
            let _ = state.try_set(arrival);
        });
    };
    load();
    let again = move |_| {
        state.set(Arrival::Awaited);
        load();
    };
    move || match state.get() {
        Arrival::Awaited => {
            view! { <div class="page"><SkeletonRows label=t::awaited(language)/></div> }.into_any()
        }
        Arrival::Here => drawn(page).into_any(),
        Arrival::Failed => view! {
            <div class="page">
                <Notice tone=Tone::Danger title=t::failed(language)>
                    <button class="button" type="button" on:click=again>
                        {t::again(language)}
                    </button>
                </Notice>
            </div>
        }
        .into_any(),
    }
}

/// What stands over a page, sometimes: its code comes when it is wanted for the first time. The server never draws it.
#[component]
pub fn Beside(
    /// What stands there.
    page: Page,
    /// Whether it is wanted; once it was, it stays.
    #[prop(into)]
    wanted: Signal<bool>,
) -> impl IntoView {
    let is_here = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    Effect::new(move |was_wanted: Option<bool>| {
        let is_wanted = wanted.get() || was_wanted == Some(true);
        if is_wanted && was_wanted != Some(true) {
            leptos::task::spawn_local(async move {
                while page.load().await.is_err() {
                    gloo_timers::future::TimeoutFuture::new(3_000).await;
                }
                let _ = is_here.try_set(true);
            });
        }
        is_wanted
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = wanted;
    move || is_here.get().then(|| drawn(page))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    Awaited,
    Here,
    Failed,
}

/// The page, if its code is here.
fn drawn(page: Page) -> Option<AnyView> {
    let drawing = pin!((page.draw)());
    match drawing.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(view) => view.ok(),
        Poll::Pending => None,
    }
}
