//! `/api/v1/<feature>.<operation>`: the operations as JSON over HTTP.

use std::time::Duration;

use app::accounts::{ClientKind, Language, SignedIn};
use app::api::{ApiError, Method};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};

use super::limits::{Peer, Wish};
use super::operations::{Asker, Input};
use super::{Doors, packing, problem, session};
use crate::context::SessionChange;
use crate::error::{Error, Result};

/// What a browser forgets when a session ends. Not its storage: that holds what colleagues at the same tablet have left
/// sealed, and the service worker. The page deletes its own vault, and the server the secret that opens it
/// (`docs/decisions/0009-vault.md`).
pub(super) const CLEARED: &str = "\"cache\"";

/// How long a request's body may take: a photo of 2 MB over a line of 200 kbit/s.
const BODY_WITHIN: Duration = Duration::from_secs(90);

/// The door to all operations.
pub(super) fn operations(doors: &Doors) -> MethodRouter<Doors> {
    get(query)
        .post(call)
        .layer(packing::compression())
        .layer(middleware::from_fn_with_state(doors.clone(), packing::pad))
}

/// Answers an operation that changes nothing.
async fn query(
    State(doors): State<Doors>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let language = session::language(&headers);
    let outcome = async {
        let entry = doors.operations.find(&name).ok_or(ApiError::NotFound)?;
        if entry.method != Method::Get {
            return Ok(wrong_method("POST"));
        }
        let asker = session::reader(&doors, &headers).await?;
        let wish = Wish::Operation(&name, Method::Get);
        doors.limits.count(&asker, None, wish, doors.context.now())?;
        let input = Input::Query(query.unwrap_or_default());
        let json = entry.answer(doors.context.clone(), asker, input).await?;
        Ok(json_response(json))
    };
    settle(outcome.await, &name, language)
}

/// Answers an operation that changes something.
async fn call(State(doors): State<Doors>, Path(name): Path<String>, request: Request) -> Response {
    let headers = request.headers().clone();
    let language = session::language(&headers);
    let outcome = async {
        let entry = doors.operations.find(&name).ok_or(ApiError::NotFound)?;
        if entry.method != Method::Post {
            return Ok(wrong_method("GET"));
        }
        require_json(&headers)?;
        let asker = session::asker(&doors, &axum::http::Method::POST, &headers).await?;
        let (peer, wish) = (peer(&request), Wish::Operation(&name, Method::Post));
        doors.limits.count(&asker, peer, wish, doors.context.now())?;
        let slot = session_slot(&asker);
        let body = read_body(request, entry.max_bytes).await?;
        let text = String::from_utf8(body.to_vec()).map_err(|_| ApiError::Malformed)?;
        let wants_token = wants_token(&text);
        let json = entry
            .answer(doors.context.clone(), asker, Input::Json(text))
            .await?;
        Ok(with_session(&doors, json, slot.take(), wants_token))
    };
    settle(outcome.await, &name, language)
}

/// Where the request comes from, where its connection is known.
pub(super) fn peer(request: &Request) -> Option<Peer> {
    request.extensions().get::<Peer>().copied()
}

/// A body of another kind is one that another site's form could send.
///
/// # Errors
/// `Malformed`.
pub(super) fn require_json(headers: &HeaderMap) -> Result<()> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|kind| kind.split(';').next());
    match kind {
        Some(kind) if kind.trim() == "application/json" => Ok(()),
        _ => Err(ApiError::Malformed.into()),
    }
}

/// Ready when the store answers and takes writes.
pub(super) async fn ready(State(doors): State<Doors>) -> Response {
    match doors.context.db.require_ready().await {
        Ok(()) => "ok".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response(),
    }
}

/// The request's body, refused as soon as it is longer than `max_bytes`, or does not come.
pub(super) async fn read_body(request: Request, max_bytes: usize) -> Result<Bytes> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|n_bytes| n_bytes > max_bytes) {
        return Err(ApiError::TooLarge.into());
    }
    let read = axum::body::to_bytes(request.into_body(), max_bytes);
    match tokio::time::timeout(BODY_WITHIN, read).await {
        Ok(read) => read.map_err(|_| ApiError::TooLarge.into()),
        Err(_too_slow) => Err(ApiError::Malformed.into()),
    }
}

/// Where the rule notes what it did to the session.
pub(super) fn session_slot(asker: &Asker) -> crate::context::SessionSlot {
    match asker {
        Asker::Visitor(visitor) => visitor.session.clone(),
        Asker::Caller(caller) | Asker::Held(caller, _) => caller.session.clone(),
    }
}

fn wants_token(body: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Client {
        client: Option<ClientKind>,
    }
    serde_json::from_str::<Client>(body).is_ok_and(|body| body.client == Some(ClientKind::Api))
}

/// A browser's token becomes a cookie and leaves the answer; another program's stays in the answer alone.
fn with_session(doors: &Doors, json: String, change: Option<SessionChange>, wants_token: bool) -> Response {
    let Some(change) = change else {
        return json_response(json);
    };
    if wants_token {
        return json_response(json);
    }
    let json = match serde_json::from_str::<SignedIn>(&json) {
        Ok(signed_in) => serde_json::to_string(&SignedIn {
            token: None,
            ..signed_in
        })
        .unwrap_or_default(),
        Err(_) => json,
    };
    let mut response = json_response(json);
    for value in doors.site.cookies.headers(&change) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    if matches!(change, SessionChange::Ended) {
        response
            .headers_mut()
            .insert("clear-site-data", HeaderValue::from_static(CLEARED));
    }
    response
}

fn json_response(json: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

fn wrong_method(allowed: &'static str) -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allowed)]).into_response()
}

fn settle(outcome: std::result::Result<Response, Error>, operation: &str, language: Language) -> Response {
    let mut response = outcome.unwrap_or_else(|error| problem::problem(&problem::refusal(error), language));
    if packing::is_secretive(operation) {
        response.extensions_mut().insert(packing::Bare);
    }
    response
}
