//! The pages: each is complete HTML from the server, rendered with the same operations that the browser calls, in
//! process. A page that shows somebody's data asks first who is there.

use std::sync::LazyLock;

use app::accounts::Language;
use app::api::{ApiError, Client, Reply, Request as Call, Transport};
use app::boot::{Boot, PageStatus, Posted};
use app::i18n::Zone;
use app::notifications::Badges;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{expect_context, provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};

use super::limits::Wish;
use super::operations::{Asker, Input};
use super::{CookieMode, Doors, api, assets, forms, headers, packing, problem, session};
use crate::error::Result;
use crate::{accounts, events, notifications};

/// What the gate found out about a page request, for the renderer.
#[derive(Clone)]
pub(super) struct Visit {
    /// Who asks.
    pub(super) asker: Asker,
    /// What the page starts from.
    pub(super) boot: Boot,
}

/// The pages there are. To list them the library walks through the app, and for so long no resource of this process
/// answers, those of a page that is drawn meanwhile included: that drawing would never end. So they are listed once,
/// before the first drawing.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::App));

/// The routes of all pages.
pub(super) fn router(doors: &Doors) -> Router {
    let options = LeptosOptions::builder().output_name("app").build();
    let context = {
        let doors = doors.clone();
        move || provide_page(&doors)
    };
    let drawn = Router::new()
        .leptos_routes_with_context(&options, PAGES.clone(), context.clone(), app::shell)
        .fallback(leptos_axum::render_app_async_with_context(
            move || {
                context();
                expect_context::<ResponseOptions>().set_status(StatusCode::NOT_FOUND);
            },
            app::shell,
        ))
        .with_state(options);
    // The gate stands before the routes: the page that a posted form shows again is asked for with GET.
    Router::new()
        .fallback_service(drawn)
        .layer(middleware::from_fn_with_state(doors.clone(), gate))
        // Each form has its own limit.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(packing::compression())
        .layer(middleware::from_fn_with_state(doors.clone(), packing::pad))
}

/// Browsers keep this page for when there is no network: it is the same for everybody.
const OFFLINE: &str = "/hors-ligne";

/// Where a second factor is set up: who has to do so first is led here.
const FACTORS: &str = "/parametres/securite";

/// Pages that anybody may open.
fn is_public(path: &str) -> bool {
    matches!(
        path,
        "/connexion" | "/installation" | "/invitation" | "/aide" | OFFLINE
    )
}

/// Finds out who is there, lets plain forms act, and sends away who may not see the page.
async fn gate(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let language = session::language(request.headers());
    let path = request.uri().path().to_owned();
    if let Some(response) = chosen_language(&doors, &request) {
        return response;
    }
    let outcome = async {
        let is_form = request.method() == Method::POST;
        let asker = if path == OFFLINE && !is_form {
            Asker::Visitor(session::visitor(&doors, request.headers()))
        } else {
            session::asker(&doors, request.method(), request.headers()).await?
        };
        // Somebody who is signed in has an account.
        let is_open = matches!(asker, Asker::Caller(_)) || accounts::is_open(&doors.context).await?;
        if !is_open && !matches!(path.as_str(), "/installation" | OFFLINE) {
            return Ok(redirect("/installation"));
        }
        if !is_form && let Some(elsewhere) = elsewhere(&asker, &path, is_open) {
            return Ok(redirect(&elsewhere));
        }
        if let Asker::Caller(caller) = &asker {
            accounts::note_active(&doors.context, caller).await?;
        }
        if !is_form {
            let peer = api::peer(&request);
            doors
                .limits
                .count(&asker, peer, Wish::Page, doors.context.now())?;
            return show(&doors, asker, None, request, next).await;
        }
        match forms::act(&doors, asker.clone(), request).await? {
            forms::Acted::Done(response) => Ok(response),
            forms::Acted::Show { posted, request } => {
                let status = posted.error.as_ref().map_or(200, ApiError::status);
                let is_secretive = packing::is_secretive(&posted.operation);
                let mut response = show(&doors, asker, Some(posted), request, next).await?;
                if is_secretive {
                    response.extensions_mut().insert(packing::Bare);
                }
                *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                Ok(response)
            }
        }
    };
    match outcome.await {
        Ok(response) => response,
        Err(error) => problem::problem(&problem::refusal(error), language),
    }
}

/// `?lang=en-CA` on any page: a visitor's wish, remembered by the browser; the page itself comes without it.
fn chosen_language(doors: &Doors, request: &Request) -> Option<Response> {
    let query = request.uri().query()?;
    let (_, tag) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang")?;
    let tag = Language::from_tag(&tag).tag();
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("lang="))
        .collect();
    let path = request.uri().path();
    let mut response = if kept.is_empty() {
        redirect(path)
    } else {
        redirect(&format!("{path}?{}", kept.join("&")))
    };
    let secure = match doors.site.cookies {
        CookieMode::Secure => "; Secure",
        CookieMode::PlainLoopback => "",
    };
    let cookie = format!("lang={tag}; Path=/; Max-Age=31536000; SameSite=Lax{secure}");
    response
        .headers_mut()
        .append(header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
    Some(response)
}

/// Where a visitor of this page is sent instead, if anywhere.
fn elsewhere(asker: &Asker, path: &str, is_open: bool) -> Option<String> {
    match (asker, path) {
        (_, "/installation") if is_open => Some("/connexion".to_owned()),
        (Asker::Caller(_) | Asker::Held(..), "/" | "/connexion") => Some("/accueil".to_owned()),
        (Asker::Held(..), path) if !is_public(path) && path != FACTORS => Some(FACTORS.to_owned()),
        (Asker::Visitor(_), "/") => Some("/connexion".to_owned()),
        (Asker::Visitor(_), path) if !is_public(path) => Some(format!("/connexion?suite={path}")),
        _ => None,
    }
}

/// Renders the page for this asker.
async fn show(
    doors: &Doors,
    asker: Asker,
    posted: Option<Posted>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let (me, language, cursor, badges) = match &asker {
        Asker::Caller(caller) => {
            // In one state of the data: what happens after it, the page's stream will tell from the cursor on.
            let (now, caller) = (doors.context.now(), caller.clone());
            let read = doors.context.db.read(move |tx| {
                Ok((
                    events::find_cursor(tx, caller.account)?,
                    accounts::require_me(tx, caller.account, caller.device)?,
                    notifications::count_badges(tx, caller.account, now)?,
                ))
            });
            let (cursor, me, badges) = read.await?;
            let language = me.language;
            (Some(me), language, cursor, badges)
        }
        Asker::Held(caller, _) => {
            let (account, device) = (caller.account, caller.device);
            let read = doors
                .context
                .db
                .read(move |tx| accounts::require_me(tx, account, device));
            let me = read.await?;
            let language = me.language;
            (Some(me), language, 0, Badges::default())
        }
        Asker::Visitor(visitor) => (None, visitor.language, 0, Badges::default()),
    };
    let now = doors.context.now();
    let zone = Zone::known(
        session::cookie(request.headers(), "zone").unwrap_or_default(),
        now,
    );
    let boot = Boot {
        me,
        language,
        zone,
        now,
        build: assets::build_id().to_owned(),
        is_demo: doors.site.is_demo,
        cursor,
        badges,
        posted,
        form_key: app::api::MessageKey(doors.context.new_id()),
    };
    request.extensions_mut().insert(Visit { asker, boot });
    let (parts, _) = request.into_parts();
    Ok(next.run(Request::from_parts(parts, Body::empty())).await)
}

/// Gives the renderer what the screens look for in their context.
fn provide_page(doors: &Doors) {
    // Only while the list of routes is made, there is no request.
    let Some(parts) = use_context::<axum::http::request::Parts>() else {
        return;
    };
    let Some(visit) = parts.extensions.get::<Visit>().cloned() else {
        return;
    };
    provide_context(visit.boot);
    provide_context(Client::new(InProcess {
        doors: doors.clone(),
        asker: visit.asker,
    }));
    let files = assets::site_files();
    let page = app::chunk::Page::at(parts.uri.path());
    let wears_first_alone =
        page.is_some_and(|page| files.first_style_alone.iter().any(|chunk| chunk == page.chunk));
    provide_context(app::shell::Assets {
        script: files.script.clone(),
        link_script: files.link_script.clone(),
        wasm: files.wasm.clone(),
        chunk: page.map(|page| format!("{}/{}.chunk", files.code, page.chunk)),
        style: files.style.clone(),
        second_style: files.second_style.clone(),
        wears_second_style: !wears_first_alone,
    });
    let response = expect_context::<ResponseOptions>();
    if let Some(nonce) = use_nonce()
        && let Ok(policy) = HeaderValue::from_str(&headers::page_policy(&nonce))
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.insert_header(headers::POWERS, headers::PAGE_POWERS);
    provide_context(PageStatus::new(move |status| {
        if let Ok(status) = StatusCode::from_u16(status) {
            response.set_status(status);
        }
    }));
}

/// Sends the browser to another of our pages; to the first one when the path could name another host.
pub(super) fn redirect(path: &str) -> Response {
    let path = if forms::is_local(path) { path } else { "/" };
    Redirect::to(path).into_response()
}

/// The rules, called without a network: what pages rendered here use.
struct InProcess {
    doors: Doors,
    asker: Asker,
}

impl Transport for InProcess {
    fn call(&self, request: Call) -> Reply {
        let doors = self.doors.clone();
        let asker = self.asker.clone();
        Box::pin(async move {
            let entry = doors.operations.find(request.name).ok_or(ApiError::NotFound)?;
            entry
                .answer(doors.context.clone(), asker, Input::Json(request.body))
                .await
                .map_err(problem::refusal)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::PAGES;

    /// The routes and `Page::at` say the same twice: a route it does not know would be taken over without its code.
    #[test]
    fn every_route_has_its_code() {
        assert!(PAGES.len() > 10);
        for route in PAGES.iter() {
            let path = route
                .path()
                .replace("{person}", "01a1220a-1487-74da-be0a-e6f2db095d7a")
                .replace("{conversation}", "01a1220a-1487-74da-be0a-e6f2db095d7a")
                .replace("{report}", "01a1220a-1487-74da-be0a-e6f2db095d7a");
            assert!(app::chunk::Page::at(&path).is_some(), "{path}");
        }
    }
}
