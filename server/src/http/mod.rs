//! The doors: the API, the pages, plain forms, the event stream, the files. They find out who asks and pass on to the
//! rules; no rule lives here.

pub mod operations;

mod api;
mod assets;
mod buckets;
mod exports;
mod files;
mod forms;
mod headers;
mod limits;
mod line;
mod multipart;
mod openapi;
mod packing;
mod pages;
mod problem;
mod provider;
mod serving;
mod session;
mod stream;
mod tls;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use crate::context::Context;
use operations::Operations;

pub use limits::{Limits, Peer};
pub use line::Lines;
pub use openapi::openapi_document;
pub use serving::{Address, serve};
pub use session::CookieMode;
pub use tls::{Certificate, Encrypted, LOOK_EVERY, TlsFiles, provider};

/// What every door holds. Cheap to clone.
#[derive(Clone)]
pub struct Doors {
    /// What rules may use.
    pub context: Context,
    /// The table of operations.
    pub operations: Arc<Operations>,
    /// How the service is reached.
    pub site: Arc<Site>,
    /// How much may be asked.
    pub limits: Arc<Limits>,
}

/// How the service is reached from outside, and what it shows of itself.
pub struct Site {
    /// Whether sessions travel in a `__Host-` cookie (TLS) or a bare one (plain HTTP on loopback).
    pub cookies: CookieMode,
    /// The address people use, if it was declared; else each request's own host counts.
    pub public_origin: Option<String>,
    /// Whether this is the demonstration.
    pub is_demo: bool,
}

/// All doors of a running Pli.
pub fn router(doors: Doors) -> Router {
    let pages = pages::router(&doors);
    Router::<Doors>::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(api::ready))
        .route("/api/v1/openapi.json", get(openapi::serve))
        .route("/api/v1/events", get(stream::serve))
        .route("/api/v1/{operation}", api::operations(&doors))
        .merge(uploads::routes())
        .merge(files::routes())
        .route(exports::PATH, post(exports::call))
        .route("/photos/{account}/{version}", get(assets::photo))
        .route("/photos/{account}/{version}/{form}", get(assets::photo_form))
        .route("/pkg/{*path}", get(assets::hashed))
        .route("/sw.js", get(assets::service_worker))
        .merge(assets::public_routes())
        .merge(provider::routes())
        .with_state(doors.clone())
        .merge(pages)
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(
            problem::panicked,
        ))
        .layer(middleware::from_fn_with_state(doors.clone(), headers::secure))
        .layer(middleware::from_fn_with_state(doors, line::hand_over))
}
