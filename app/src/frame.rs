//! The frame around the screens: main navigation, focus after navigation, and what the page does as a whole once it runs in
//! a browser.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::contacts::photo_url;
use crate::i18n::{use_language, words};
use crate::live::use_live;
use crate::session::use_session;
use crate::ui::{Avatar, AvatarSize, Badge, Icon, IconName, Logo, use_toasts};

/// The tabs. A badge is told to screen readers as a description, so that the tab's name stays its name.
#[component]
pub fn MainNav() -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let path = use_location().pathname;
    let is_home = Memo::new(move |_| {
        let path = path.get();
        path == "/accueil" || path.starts_with("/messages/")
    });
    let is_network = Memo::new(move |_| path.get().starts_with("/reseau"));
    let is_help = Memo::new(move |_| path.get() == "/aide");
    let is_settings = Memo::new(move |_| path.get().starts_with("/parametres"));
    let unread = Signal::derive(move || u32::try_from(session.badges.get().unread_count).unwrap_or(u32::MAX));
    let requests =
        Signal::derive(move || u32::try_from(session.badges.get().request_count).unwrap_or(u32::MAX));
    let current = |is_here: Memo<bool>| move || is_here.get().then_some("page");
    let photo = move || {
        session
            .me
            .with(|me| me.as_ref().and_then(|me| photo_url(me.id, me.photo)))
    };
    let name = move || {
        session
            .me
            .with(|me| me.as_ref().map(|me| me.bare_name.clone()).unwrap_or_default())
    };
    let seed = move || {
        session
            .me
            .with(|me| me.as_ref().map(|me| me.id.0.as_u128()).unwrap_or_default())
    };
    view! {
        <nav class="main-nav" aria-label=words::frame::nav::label(language)>
            <div class="main-nav__brand"><Logo/></div>
            <ul class="main-nav__list" role="list">
                <li class="main-nav__item">
                    <a href="/accueil" class="main-nav__link" aria-current=current(is_home) aria-describedby="nav-accueil">
                        <span class="main-nav__icon">
                            <Icon name=IconName::Home class="icon--off"/>
                            <Icon name=IconName::HomeFilled class="icon--on"/>
                            <Badge count=unread class="badge--ring main-nav__badge"/>
                        </span>
                        <span>{words::frame::nav::home(language)}</span>
                    </a>
                    <span class="visually-hidden" id="nav-accueil">
                        {move || match unread.get() {
                            0 => String::new(),
                            count => words::frame::nav::unread(language, u64::from(count)),
                        }}
                    </span>
                </li>
                <li class="main-nav__item">
                    <a href="/reseau" class="main-nav__link" aria-current=current(is_network) aria-describedby="nav-reseau">
                        <span class="main-nav__icon">
                            <Icon name=IconName::Network class="icon--off"/>
                            <Icon name=IconName::NetworkFilled class="icon--on"/>
                            <Badge count=requests class="badge--ring main-nav__badge"/>
                        </span>
                        <span>{words::frame::nav::network(language)}</span>
                    </a>
                    <span class="visually-hidden" id="nav-reseau">
                        {move || match requests.get() {
                            0 => String::new(),
                            count => words::frame::nav::requests(language, u64::from(count)),
                        }}
                    </span>
                </li>
                <li class="main-nav__item main-nav__item--help">
                    <a href="/aide" class="main-nav__link" aria-current=current(is_help)>
                        <span class="main-nav__icon">
                            <Icon name=IconName::Help class="icon--off"/>
                            <Icon name=IconName::Help class="icon--on"/>
                        </span>
                        <span>{words::frame::nav::help(language)}</span>
                    </a>
                </li>
                <li class="main-nav__item main-nav__item--profile">
                    <a href="/parametres" class="main-nav__link" aria-current=current(is_settings)>
                        <span class="main-nav__icon">
                            {move || view! { <Avatar name=name() photo_url=photo() tint_seed=seed() size=AvatarSize::Small/> }}
                        </span>
                        <span>{words::frame::nav::profile(language)}</span>
                    </a>
                </li>
            </ul>
        </nav>
    }
}

/// After a navigation the focus goes to the page's heading, so that the page is announced, and what the page before offered is
/// gone; and starts what a page does as a whole in a browser: its clock, the stream, the time zone.
#[component]
pub fn RouteFocus() -> impl IntoView {
    let path = use_location().pathname;
    let hash = use_location().hash;
    let toasts = use_toasts();
    start_page();
    Effect::new(move |earlier: Option<String>| {
        let path = path.get();
        let has_target = !hash.get_untracked().is_empty();
        if earlier.is_some_and(|earlier| earlier != path) {
            toasts.withdraw_offers();
            if !has_target {
                focus_heading();
            }
        }
        path
    });
}

/// Takes the focus to the page's heading.
pub(crate) fn focus_heading() {
    #[cfg(feature = "hydrate")]
    request_animation_frame(|| {
        use wasm_bindgen::JsCast;
        let heading = document().query_selector("main h1").ok().flatten();
        if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = heading.focus();
        }
    });
}

/// What a page does once it runs in a browser.
fn start_page() {
    let client = use_client_if_any();
    let live = use_live();
    let session = use_session();
    #[cfg(feature = "hydrate")]
    {
        use crate::acknowledge::Acknowledger;
        use crate::api::EventKind;
        use crate::boot::use_boot;
        use crate::browser::{EventStream, now_ms, run_on_return, set_cookie};
        use crate::chunk::{when_whole, when_whole_here};
        use crate::i18n::Zone;
        use crate::now::use_now;

        let Some(client) = client else { return };
        let outbox = crate::conversations::use_outbox();
        {
            let client = client.clone();
            when_whole_here(move || {
                crate::conversations::keep(outbox, client.clone());
                crate::accounts::watch_idleness(session, client);
            });
        }
        let boot = use_boot();
        let now = use_now();
        {
            let client = client.clone();
            live.listen(move |event| match event.kind {
                EventKind::MessageSent { .. }
                | EventKind::ConversationRead { .. }
                | EventKind::MarkedUnread { .. }
                | EventKind::RelationChanged { .. } => {
                    session.refresh_badges(&client);
                }
                EventKind::ProfileChanged { .. } => session.refresh_me(&client),
                _ => {}
            });
        }
        when_whole_here(crate::conversations::lead_to_search);
        let stream = StoredValue::new_local(None::<EventStream>);
        let is_whole = RwSignal::new(false);
        when_whole(move || {
            now.set(now_ms());
            if let Some(zone) = Zone::of_device(now_ms()) {
                set_cookie("zone", &zone.name);
                now.set_zone(zone);
            }
            set_interval(move || now.set(now_ms()), std::time::Duration::from_secs(30));
            is_whole.set(true);
        });
        // Signed in (at once, or later over the page): the stream runs. Signed out: it stops.
        Effect::new(move |was: Option<bool>| {
            let is_in = is_whole.get() && session.me.with(Option::is_some) && !session.has_ended.get();
            if is_in && was != Some(true) {
                let started = stream.with_value(Option::clone);
                if let Some(stream) = started {
                    stream.restart();
                } else if let Some(me) = session.me.with_untracked(|me| me.as_ref().map(|me| me.id)) {
                    let cursor = boot.with_value(|boot| boot.cursor);
                    Acknowledger::start(client.clone(), live, session).received(cursor);
                    stream.set_value(Some(EventStream::start(client.clone(), live, me, cursor)));
                    run_on_return(move || {
                        if let Some(Some(stream)) = stream.try_with_value(Option::clone) {
                            stream.restart();
                        }
                    });
                }
            } else if !is_in {
                stream.with_value(|stream| {
                    if let Some(stream) = stream {
                        stream.stop();
                    }
                });
            }
            is_in
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (client, live, session);
}

/// Absent only while the server lists its routes.
fn use_client_if_any() -> Option<crate::api::Client> {
    use_context::<crate::api::Client>()
}
