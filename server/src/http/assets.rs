//! Files: the front end embedded in the binary, public files, and people's photos.

use std::borrow::Cow;
use std::sync::OnceLock;

use app::api::{AccountId, ApiError, PhotoForm};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use super::operations::Asker;
use super::{Doors, problem, session};
use crate::accounts;
use crate::error::Result;

/// What `cargo xtask build` made: hashed files with their compressed forms, and `site.json`, the list of their names.
/// A debug build reads the folder as it is; a release build carries it.
#[derive(RustEmbed)]
#[folder = "$SITE_FOLDER"]
#[allow_missing = true]
struct Files;

/// The hashed names of this build.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub(super) struct SiteFiles {
    /// Changes whenever a file of the front end does.
    pub(super) build: String,
    /// The script, below `/pkg/`.
    pub(super) script: String,
    /// The script that loads the chunks, below `/pkg/`.
    pub(super) link_script: String,
    /// The WebAssembly module, below `/pkg/`.
    pub(super) wasm: String,
    /// The folder of the chunks, below `/pkg/`.
    pub(super) code: String,
    /// The style sheet of every page, below `/pkg/`.
    pub(super) style: String,
    /// What the other pages wear besides, below `/pkg/`.
    pub(super) second_style: String,
    /// The chunks whose pages wear the first sheet alone.
    pub(super) first_style_alone: Vec<String>,
}

/// The names that the build wrote down; empty when the front end was not built.
pub(super) fn site_files() -> &'static SiteFiles {
    static SITE: OnceLock<SiteFiles> = OnceLock::new();
    SITE.get_or_init(|| {
        Files::get("site.json")
            .and_then(|file| serde_json::from_slice(&file.data).ok())
            .unwrap_or_default()
    })
}

/// The id of this build's front end.
pub(super) fn build_id() -> &'static str {
    &site_files().build
}

/// A file whose name holds its hash: kept for ever by browsers.
pub(super) async fn hashed(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let is_list = path == "shell.json";
    let cache = if is_list {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    };
    file(&format!("pkg/{path}"), cache, &headers)
}

/// The service worker: looked for anew each time.
pub(super) async fn service_worker(headers: HeaderMap) -> Response {
    let mut response = file("public/sw.js", "no-cache", &headers);
    // A worker is held to the policy of its own script, and this one fetches.
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; connect-src 'self'"),
    );
    response
}

/// The files of the site's root: manifest, icons. The service worker has its own door.
pub(super) fn public_routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let names: Vec<String> = Files::iter()
        .filter_map(|path| path.strip_prefix("public").map(ToOwned::to_owned))
        .filter(|name| name != "/sw.js" && !is_packed(name))
        .collect();
    names
        .iter()
        .fold(Router::new(), |router, name| router.route(name, get(public)))
}

/// Whether it is a compressed form of another file.
fn is_packed(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("br" | "gz"))
}

async fn public(uri: Uri, headers: HeaderMap) -> Response {
    file(&format!("public{}", uri.path()), "public, max-age=3600", &headers)
}

fn file(path: &str, cache: &'static str, headers: &HeaderMap) -> Response {
    let accepts = |coding: &str| {
        headers
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .split(',')
                    .any(|part| part.trim().split(';').next() == Some(coding))
            })
    };
    let forms = [("br", ".br"), ("gzip", ".gz")];
    let found = forms
        .iter()
        .filter(|(coding, _)| accepts(coding))
        .find_map(|(coding, ending)| Some((Some(*coding), Files::get(&format!("{path}{ending}"))?)))
        .or_else(|| Some((None, Files::get(path)?)));
    let Some((coding, file)) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let body: Cow<'static, [u8]> = file.data;
    let mut response = match body {
        Cow::Borrowed(bytes) => bytes.into_response(),
        Cow::Owned(bytes) => bytes.into_response(),
    };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A person's photo. Every signed-in account may see it, and in the demonstration, whose people are nobody, the sign-in
/// page too. Its address changes with the picture.
pub(super) async fn photo(
    State(doors): State<Doors>,
    Path((account, version)): Path<(String, u32)>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let account = shown_to(&doors, &headers, &account).await?;
        accounts::read_photo(&doors.context, account, version).await
    };
    picture(found.await, "image/jpeg", &headers)
}

/// The same in a lighter form.
pub(super) async fn photo_form(
    State(doors): State<Doors>,
    Path((account, version, form)): Path<(String, u32, String)>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let account = shown_to(&doors, &headers, &account).await?;
        let form = form.parse::<PhotoForm>()?;
        accounts::read_photo_form(&doors.context, account, version, form).await
    };
    picture(found.await, "image/webp", &headers)
}

/// The account of a photo, if whoever asks may see it.
async fn shown_to(doors: &Doors, headers: &HeaderMap, account: &str) -> Result<AccountId> {
    let asker = session::asker(doors, &Method::GET, headers).await?;
    if !doors.site.is_demo && !matches!(asker, Asker::Caller(_)) {
        return Err(ApiError::SignedOut.into());
    }
    Ok(account.parse().map_err(|_| ApiError::NotFound)?)
}

fn picture(found: Result<Vec<u8>>, kind: &'static str, headers: &HeaderMap) -> Response {
    match found {
        Ok(bytes) => (
            [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
            ],
            bytes,
        )
            .into_response(),
        Err(error) => problem::problem(&problem::refusal(error), session::language(headers)),
    }
}
