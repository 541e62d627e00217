//! Turns what a rule ended in into an HTTP answer. A failure is logged here, once, with the request id that the person
//! can quote.

use app::accounts::Language;
use app::api::{ApiError, Problem};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::hexadecimal::hexadecimal;

/// The refusal to show for an error. A failure is logged and becomes its request id.
pub(super) fn refusal(error: Error) -> ApiError {
    match error {
        Error::Refused(refusal) => refusal,
        Error::Failed { .. } => {
            let mut random = [0; 8];
            let _ = getrandom_id(&mut random);
            let request_id = hexadecimal(&random);
            tracing::error!(request.id = %request_id, cause = %error.chain(), "a call failed");
            ApiError::Failed { request_id }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a request id is shown to people and decides nothing"
)]
fn getrandom_id(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(bytes)
}

/// The problem document of a refusal.
pub(super) fn problem(refusal: &ApiError, language: Language) -> Response {
    let document = Problem::new(refusal, app::i18n::error_words(language, refusal));
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let ApiError::TooMany { retry_after_s } | ApiError::Busy { retry_after_s } = refusal {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
    }
    response
}

/// The answer when a handler panicked.
pub(super) fn panicked(_panic: Box<dyn std::any::Any + Send>) -> Response {
    let refusal = refusal(Error::failed("answering a request", "it panicked"));
    problem(&refusal, Language::default())
}
