//! The app: what all screens share, the frame around them, and which screen an address shows.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::{ParamSegment, SsrMode, StaticSegment};

use crate::apart::apart;
use crate::api::json;
use crate::boot::{Boot, set_page_status};
use crate::chunk::{Beside, Page, later};
use crate::demo::DemoStrip;
use crate::frame::{MainNav, RouteFocus};
use crate::guide;
use crate::i18n::{use_language, words};
use crate::live::Live;
use crate::notices::Notices;
use crate::session::{Session, use_session};
use crate::ui::{Drawing, EmptyDrawing, ToastRegion};

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // The server provides the start; the HTML carries it to the browser. It is absent only while routes are listed.
    let boot = || use_context::<Boot>().and_then(|boot| json::write(&boot).ok());
    let boot = SharedValue::new_str(|| boot().unwrap_or_default()).into_inner();
    if let Ok(boot) = json::read(&boot) {
        provide_page(boot);
    } else {
        provide_page(Boot::nobody());
    }
    view! {
        <Router>
            <Frame/>
        </Router>
    }
}

/// Gives the screens what they look for in their context.
fn provide_page(boot: Boot) {
    provide_context(boot.language);
    let session = Session::new(boot.me.clone(), boot.badges);
    provide_context(session);
    provide_context(Live::new(session));
    crate::ui::provide_toasts();
    #[cfg(feature = "hydrate")]
    {
        use crate::api::Client;
        use crate::browser::Fetch;
        provide_context(Client::new(Fetch::with_cookie(
            boot.build.clone(),
            boot.me.as_ref().map(|me| me.id),
            session.is_outdated,
        )));
    }
    provide_context(crate::now::Now::new(boot.now, boot.zone.clone()));
    crate::conversations::provide_outbox(crate::conversations::vault::Standing::Awaited);
    provide_context(StoredValue::new(boot));
}

/// Which frame an address wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    /// Before anybody is signed in: no navigation.
    Bare,
    /// Navigation, and a page that scrolls.
    Page,
    /// Navigation beside panes that scroll by themselves; on a phone the conversation alone.
    Conversation,
    /// Two people side by side.
    Double,
}

fn frame_kind(path: &str, is_signed_in: bool) -> FrameKind {
    match path {
        "/connexion" | "/installation" | "/invitation" | "/hors-ligne" => FrameKind::Bare,
        "/aide" if !is_signed_in => FrameKind::Bare,
        "/demo/double" => FrameKind::Double,
        path if path.starts_with("/messages/") => FrameKind::Conversation,
        _ => FrameKind::Page,
    }
}

/// The tab's title with the count of unread messages before it. On the server the count is taken while the page is
/// drawn: the head is written afterwards, by whichever thread comes, and there no signal can be read.
fn title_formatter(session: Session) -> impl Fn(String) -> String + Send + Sync + 'static {
    let unread_count = move || session.badges.with(|badges| badges.unread_count);
    #[cfg(not(feature = "hydrate"))]
    let unread_count = {
        let unread_count = untrack(unread_count);
        move || unread_count
    };
    move |text| {
        let count = match unread_count() {
            0 => String::new(),
            count => format!("({}) ", count.min(99)),
        };
        if text.is_empty() {
            format!("{count}Pli")
        } else {
            format!("{count}{text} — Pli")
        }
    }
}

#[component]
fn Frame() -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let path = use_location().pathname;
    let kind = Memo::new(move |_| frame_kind(&path.get(), session.me.with(Option::is_some)));
    let has_nav = move || matches!(kind.get(), FrameKind::Page | FrameKind::Conversation);
    let shell_class = move || match kind.get() {
        FrameKind::Bare | FrameKind::Double => "shell shell--bare",
        FrameKind::Page => "shell",
        FrameKind::Conversation => "shell shell--focus",
    };
    let page_class = move || match kind.get() {
        FrameKind::Page => "shell__page shell__page--scroll",
        _ => "shell__page",
    };
    let is_guided = Signal::derive(move || {
        session
            .me
            .with(|me| me.as_ref().is_some_and(|me| guide::is_under_way(me.guide_step)))
    });
    let title = title_formatter(session);
    view! {
        <Title formatter=title/>
        <a class="skip-link" href="#contenu">{words::frame::skip(language)}</a>
        <DemoStrip/>
        <div class=shell_class>
            <Notices/>
            <Show when=has_nav>
                <MainNav/>
            </Show>
            <main class=page_class id="contenu">
                {apart(|| view! { <Screens/> }.into_any())}
            </main>
        </div>
        <ToastRegion dismiss_label=words::frame::dismiss(language)/>
        <Beside page=Page::SIGN_IN_AGAIN wanted=Signal::derive(move || session.has_ended.get() || session.must_confirm.get())/>
        <Beside page=Page::COACH wanted=is_guided/>
        <RouteFocus/>
    }
}

/// Which screen an address shows.
#[component]
fn Screens() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=StaticSegment("connexion") view=later(Page::SIGN_IN) ssr=SsrMode::Async/>
            <Route path=StaticSegment("installation") view=later(Page::INSTALLATION) ssr=SsrMode::Async/>
            <Route path=StaticSegment("invitation") view=later(Page::INVITATION) ssr=SsrMode::Async/>
            <Route path=StaticSegment("accueil") view=later(Page::HOME) ssr=SsrMode::Async/>
            <Route path=StaticSegment("reseau") view=later(Page::NETWORK) ssr=SsrMode::Async/>
            <Route path=(StaticSegment("reseau"), ParamSegment("person")) view=later(Page::PERSON) ssr=SsrMode::Async/>
            <Route
                path=(StaticSegment("messages"), ParamSegment("conversation"))
                view=later(Page::CONVERSATION)
                ssr=SsrMode::Async
            />
            <Route path=StaticSegment("recherche") view=later(Page::SEARCH) ssr=SsrMode::Async/>
            <Route
                path=(StaticSegment("exporter"), ParamSegment("conversation"))
                view=later(Page::EXPORT)
                ssr=SsrMode::Async
            />
            <Route path=StaticSegment("parametres") view=later(Page::SETTINGS) ssr=SsrMode::Async/>
            <Route
                path=(StaticSegment("parametres"), StaticSegment("profil"))
                view=later(Page::PROFILE)
                ssr=SsrMode::Async
            />
            <Route
                path=(StaticSegment("parametres"), StaticSegment("preferences"))
                view=later(Page::PREFERENCES)
                ssr=SsrMode::Async
            />
            <Route
                path=(StaticSegment("parametres"), StaticSegment("appareils"))
                view=later(Page::DEVICES)
                ssr=SsrMode::Async
            />
            <Route
                path=(StaticSegment("parametres"), StaticSegment("securite"))
                view=later(Page::SECURITY)
                ssr=SsrMode::Async
            />
            <Route
                path=(StaticSegment("parametres"), StaticSegment("comptes"))
                view=later(Page::ACCOUNTS)
                ssr=SsrMode::Async
            />
            <Route
                path=(StaticSegment("parametres"), StaticSegment("signalements"))
                view=later(Page::REPORTS)
                ssr=SsrMode::Async
            />
            <Route
                path=(StaticSegment("parametres"), StaticSegment("signalements"), ParamSegment("report"))
                view=later(Page::OPENED_REPORT)
                ssr=SsrMode::Async
            />
            <Route
                path=(StaticSegment("signaler"), ParamSegment("person"))
                view=later(Page::REPORT)
                ssr=SsrMode::Async
            />
            <Route path=StaticSegment("aide") view=later(Page::HELP) ssr=SsrMode::Async/>
            <Route path=StaticSegment("hors-ligne") view=later(Page::OFFLINE) ssr=SsrMode::Async/>
            <Route path=(StaticSegment("demo"), StaticSegment("double")) view=later(Page::DOUBLE) ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}

/// What stands where no page is.
#[component]
pub fn NotFound() -> impl IntoView {
    let language = use_language();
    set_page_status(404);
    view! {
        <Title text=words::frame::not_found::title(language)/>
        <div class="page">
            <div class="empty">
                <EmptyDrawing drawing=Drawing::Search/>
                <h1 class="empty__title" tabindex="-1">{words::frame::not_found::title(language)}</h1>
                <p class="empty__text">{words::frame::not_found::text(language)}</p>
                <a class="button button--primary" href="/accueil">{words::frame::not_found::action(language)}</a>
            </div>
        </div>
    }
}

/// Takes the page over in the browser, once the code of this page is here, then says so on `<html>`. When it cannot be
/// loaded the page stays as the server has drawn it: its links and plain forms work.
#[cfg(feature = "hydrate")]
pub async fn hydrate() {
    let path = window().location().pathname().unwrap_or_default();
    if let Some(page) = Page::at(&path)
        && page.load().await.is_err()
    {
        return;
    }
    crate::apart::take_over(App).await;
    if let Some(html) = document().document_element() {
        let _ = html.set_attribute("data-hydrated", "true");
    }
    if let Some(performance) = window().performance() {
        let _ = performance.mark("hydrated");
    }
    crate::chunk::when_whole(crate::browser::register_service_worker);
}
