//! Answers made smaller on their way, by Brotli or gzip, as the one who asks can read.
//!
//! Never compressed: the event stream, where each event has to leave at once; what fits into one packet anyway; and what
//! holds a secret beside other things (see [`Bare`]). Whatever is compressed gets a head of random length, because its
//! size tells about its content. The reasons: `docs/decisions/0011-compressed-answers.md`.

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

use super::Doors;

/// Marks an answer that must not be compressed.
#[derive(Clone)]
pub(super) struct Bare;

/// Operations whose answers hold secrets: tokens, one-time links, what opens a vault.
const SECRETIVE: &str = "accounts.";

/// An answer below this fits into a packet with its head.
const MIN_BYTES: u16 = 1_024;
/// Of 11, as fast servers choose it: a thousand missed messages come in 25 kB instead of 316.
const QUALITY: i32 = 5;
/// The longest padding, in bytes. A power of two.
const MAX_PADDING: usize = 128;
const PADDING: HeaderName = HeaderName::from_static("x-pli-padding");

type Compression = CompressionLayer<And<SizeAbove, fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool>>;

/// Compresses what may be compressed.
pub(super) fn compression() -> Compression {
    let may_be: fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool = may_be_compressed;
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(QUALITY))
        .compress_when(SizeAbove::new(MIN_BYTES).and(may_be))
}

/// Whether an operation's answers travel as they are.
pub(super) fn is_secretive(operation: &str) -> bool {
    operation.starts_with(SECRETIVE)
}

fn may_be_compressed(_: StatusCode, _: Version, headers: &HeaderMap, extensions: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_text =
        kind.is_some_and(|kind| kind.starts_with(b"application/json") || kind.starts_with(b"text/html"));
    is_text && !headers.contains_key(header::SET_COOKIE) && extensions.get::<Bare>().is_none()
}

/// Hides the exact size of what was compressed.
pub(super) async fn pad(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_ENCODING) {
        let mut random = [0];
        doors.context.clock.fill_random(&mut random);
        let padding = [b'.'; MAX_PADDING];
        let n_bytes = usize::from(random[0]) % MAX_PADDING;
        if let Ok(padding) = HeaderValue::from_bytes(&padding[..=n_bytes]) {
            response.headers_mut().insert(PADDING, padding);
        }
    }
    response
}
