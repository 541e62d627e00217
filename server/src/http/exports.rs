//! `POST /api/v1/conversations.export_conversation`, and the plain form of that name: an archive, sent while it is made. A
//! browser is told to keep it, never to open it as a page.
//!
//! Source: assurance EXP-01.

use app::api::ApiError;
use app::conversations::ExportConversation;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;

use super::limits::Wish;
use super::operations::Asker;
use super::{Doors, api, files, problem, session};
use crate::conversations::export_conversation;
use crate::error::{Error, Result};

/// Where programs ask for it.
pub(super) const PATH: &str = "/api/v1/conversations.export_conversation";

/// The most bytes of a request.
const MAX_BYTES: usize = 4 * 1024;

/// Answers a program, or a page with a script.
pub(super) async fn call(State(doors): State<Doors>, request: Request) -> Response {
    let headers = request.headers().clone();
    let outcome = async {
        api::require_json(&headers)?;
        let asker = session::asker(&doors, &Method::POST, &headers).await?;
        let (peer, wish) = (
            api::peer(&request),
            Wish::Operation(ExportConversation::NAME, app::api::Method::Post),
        );
        doors.limits.count(&asker, peer, wish, doors.context.now())?;
        let body = api::read_body(request, MAX_BYTES).await?;
        let wish = serde_json::from_slice(&body).map_err(|_| ApiError::Malformed)?;
        hand_over(&doors, asker, wish, &headers).await
    };
    match outcome.await {
        Ok(response) => response,
        Err(error) => problem::problem(&problem::refusal(error), session::language(&headers)),
    }
}

/// Answers the fields of a plain form. That it is not asked too often was seen to.
pub(super) async fn hand_over_by_form(
    doors: &Doors,
    asker: Asker,
    fields: &[(String, String)],
    headers: &HeaderMap,
) -> Result<Response> {
    let text = serde_html_form::to_string(fields).map_err(|_| ApiError::Malformed)?;
    let wish = serde_html_form::from_str(&text).map_err(|_| ApiError::Malformed)?;
    hand_over(doors, asker, wish, headers).await
}

async fn hand_over(
    doors: &Doors,
    asker: Asker,
    mut wish: ExportConversation,
    headers: &HeaderMap,
) -> Result<Response> {
    let caller = files::caller(asker)?;
    wish.zone = wish
        .zone
        .or_else(|| session::cookie(headers, "zone").map(ToOwned::to_owned));
    let export = export_conversation(doors.context.clone(), caller, wish).await?;
    // A piece that does not come ends the connection: nobody takes a part of an archive for a whole one, whose list is its
    // end.
    let body = Body::from_stream(export.pieces.map_err(|error| {
        match &error {
            Error::Refused(refusal) => tracing::info!(code = refusal.code(), "an export was ended"),
            Error::Failed { .. } => tracing::error!(cause = %error.chain(), "an export broke off"),
        }
        std::io::Error::other("an export broke off")
    }));
    let mut response = body.into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    answer.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    let disposition = format!("attachment; filename=\"{}\"", export.file_name);
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        answer.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
