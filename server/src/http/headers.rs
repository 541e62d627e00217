//! The headers that every answer carries: what a browser may do with it, and the build it comes from.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::{CookieMode, Doors, assets};

/// What a document may ask the device for.
pub(super) const POWERS: HeaderName = HeaderName::from_static("permissions-policy");

/// A page may ask for the microphone: a person may speak a message in it. Nothing else may.
pub(super) const PAGE_POWERS: HeaderValue = HeaderValue::from_static(
    "camera=(), microphone=(self), geolocation=(), payment=(), usb=(), browsing-topics=()",
);

/// Adds what is the same for all answers, unless the answer has said it already.
pub(super) async fn secure(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::CACHE_CONTROL, "no-store");
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    put(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    put(
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    );
    put(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    put(
        POWERS,
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    );
    if doors.site.cookies == CookieMode::Secure {
        put(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        );
    }
    if let Ok(build) = HeaderValue::from_str(assets::build_id()) {
        headers.insert(HeaderName::from_static("x-pli-build"), build);
    }
    response
}

/// What a page's documents may load: our own files, and the scripts that carry this answer's nonce.
pub(super) fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'; img-src 'self' blob:; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; \
         form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
}
