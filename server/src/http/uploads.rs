//! Files on their way in, in parts: `/api/v1/uploads`, the core of tus 1.0 with creation and termination. An upload that was
//! cut goes on where the server's disk has come to; what the bytes become is said by `attachments.finish_upload`.
//!
//! Source: <https://tus.io/protocols/resumable-upload>, version 1.0.0.

use app::api::{ApiError, AttachmentId, InvalidReason};
use app::attachments::{BeginUpload, DiscardUpload, FileName};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{head, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::files::caller;
use super::limits::Wish;
use super::operations::Asker;
use super::{Doors, multipart, problem, session};
use crate::attachments;
use crate::error::Result;

/// What counts as a part of a file, for the limits.
pub(super) const PART: &str = "uploads.part";

const VERSION: &str = "1.0.0";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");

/// The addresses of uploads.
pub(super) fn routes() -> Router<Doors> {
    Router::new()
        .route("/api/v1/uploads", post(create).options(options))
        .route(
            "/api/v1/uploads/{id}",
            head(look).patch(part).delete(discard).options(options),
        )
        .route("/api/v1/attachments.upload_attachment", post(multipart::upload))
        .layer(axum::extract::DefaultBodyLimit::disable())
}

/// What is spoken here.
async fn options() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        ("tus-version", VERSION),
        ("tus-extension", "creation,termination"),
        ("tus-max-size", "25000000"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    with_version(response)
}

/// Begins an upload.
async fn create(State(doors): State<Doors>, headers: HeaderMap) -> Response {
    let outcome = async {
        require_version(&headers)?;
        let asker = session::asker(&doors, &Method::POST, &headers).await?;
        count(&doors, &asker, "attachments.begin_upload")?;
        let wish = wish(&headers)?;
        let begun = attachments::begin_upload(doors.context.clone(), caller(asker)?, wish).await?;
        let mut response = StatusCode::CREATED.into_response();
        let place = format!("/api/v1/uploads/{}", begun.upload.id);
        if let Ok(place) = HeaderValue::from_str(&place) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response
            .headers_mut()
            .insert(OFFSET, HeaderValue::from(begun.upload.offset));
        Ok(response)
    };
    settle(outcome.await, &headers)
}

/// Where an upload has come to.
async fn look(State(doors): State<Doors>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let outcome = async {
        require_version(&headers)?;
        let caller = caller(session::reader(&doors, &headers).await?)?;
        let upload = attachments::find_upload(&doors.context, &caller, parse(&id)?).await?;
        let mut response = StatusCode::OK.into_response();
        response
            .headers_mut()
            .insert(OFFSET, HeaderValue::from(upload.offset));
        response
            .headers_mut()
            .insert(LENGTH, HeaderValue::from(upload.size));
        Ok(response)
    };
    settle(outcome.await, &headers)
}

/// Takes a part.
async fn part(State(doors): State<Doors>, Path(id): Path<String>, request: Request) -> Response {
    let headers = request.headers().clone();
    let outcome = async {
        require_version(&headers)?;
        let asker = session::asker(&doors, &Method::PATCH, &headers).await?;
        count(&doors, &asker, PART)?;
        let caller = caller(asker)?;
        let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        if kind != Some(b"application/offset+octet-stream") {
            return Err(ApiError::Malformed.into());
        }
        let offset = number(&headers, &OFFSET).ok_or(ApiError::Malformed)?;
        let bytes = request.into_body().into_data_stream();
        let offset = attachments::receive(&doors.context, &caller, parse(&id)?, offset, bytes).await?;
        let mut response = StatusCode::NO_CONTENT.into_response();
        response.headers_mut().insert(OFFSET, HeaderValue::from(offset));
        Ok(response)
    };
    settle(outcome.await, &headers)
}

/// Gives an upload up.
async fn discard(State(doors): State<Doors>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let outcome = async {
        require_version(&headers)?;
        let asker = session::asker(&doors, &Method::DELETE, &headers).await?;
        count(&doors, &asker, "attachments.discard_upload")?;
        let wish = DiscardUpload {
            attachment: parse(&id)?,
        };
        attachments::discard_upload(doors.context.clone(), caller(asker)?, wish).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    settle(outcome.await, &headers)
}

/// Counts what changes something here.
fn count(doors: &Doors, asker: &Asker, name: &str) -> Result<()> {
    let wish = Wish::Operation(name, app::api::Method::Post);
    Ok(doors.limits.count(asker, None, wish, doors.context.now())?)
}

/// The upload that the head of a request asks for.
fn wish(headers: &HeaderMap) -> Result<BeginUpload> {
    let size = number(headers, &LENGTH).ok_or(ApiError::Malformed)?;
    let told = headers
        .get(METADATA)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let field = |wanted: &str| {
        let pairs = told.split(',').filter_map(|pair| pair.trim().split_once(' '));
        let value = pairs
            .filter(|(name, _)| *name == wanted)
            .map(|(_, value)| value)
            .next()?;
        String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
    };
    let required = |name: &str| field(name).ok_or_else(|| ApiError::invalid(name, InvalidReason::Empty));
    let id = |name: &str| {
        let text = required(name)?;
        text.parse()
            .map_err(|_| ApiError::invalid(name, InvalidReason::Format))
    };
    Ok(BeginUpload {
        conversation: app::api::ConversationId(id("conversation")?),
        key: app::api::MessageKey(id("key")?),
        name: FileName::from_store(required("filename")?),
        size,
        description: field("description"),
    })
}

fn parse(id: &str) -> Result<AttachmentId> {
    Ok(id.parse().map_err(|_| ApiError::NotFound)?)
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?;
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Whoever speaks another version is told which one is spoken here.
fn require_version(headers: &HeaderMap) -> Result<()> {
    let is_ours = headers.get(RESUMABLE).is_some_and(|version| version == VERSION);
    if is_ours {
        Ok(())
    } else {
        Err(ApiError::Malformed.into())
    }
}

fn settle(outcome: Result<Response>, headers: &HeaderMap) -> Response {
    let response = match outcome {
        Ok(response) => response,
        Err(error) => {
            let mut response = problem::problem(&problem::refusal(error), session::language(headers));
            if headers.get(RESUMABLE).is_none_or(|version| version != VERSION) {
                *response.status_mut() = StatusCode::PRECONDITION_FAILED;
                response
                    .headers_mut()
                    .insert("tus-version", HeaderValue::from_static(VERSION));
            }
            response
        }
    };
    with_version(response)
}

fn with_version(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(RESUMABLE, HeaderValue::from_static(VERSION));
    response
}
