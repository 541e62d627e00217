//! The bytes of files, for whoever may read them: `/api/v1/attachments/<id>`, and `…/thumbnail`. A browser is told to keep
//! them, never to open them as a page. One address differs by a word, for PDF alone: `…/view` lets the browser's own viewer
//! show it, behind the same walls (docs/decisions/0019-attachments.md).
//!
//! Source: assurance ATT-04, ATT-05; ux C7.

use std::fmt::Write as _;
use std::ops::Range;

use app::api::{ApiError, AttachmentId, Method};
use app::attachments::FileName;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::TryStreamExt;

use super::limits::Wish;
use super::operations::Asker;
use super::{Doors, problem, session};
use crate::attachments::{Content, hand_out};
use crate::context::Caller;
use crate::error::Result;

/// The addresses of files.
pub(super) fn routes() -> Router<Doors> {
    Router::new()
        .route("/api/v1/attachments/{id}", get(whole))
        .route("/api/v1/attachments/{id}/thumbnail", get(thumbnail))
        .route("/api/v1/attachments/{id}/view", get(view))
}

async fn whole(State(doors): State<Doors>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    answer(&doors, &id, Content::Whole, &headers).await
}

async fn thumbnail(State(doors): State<Doors>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    answer(&doors, &id, Content::Thumbnail, &headers).await
}

async fn view(State(doors): State<Doors>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    answer(&doors, &id, Content::View, &headers).await
}

async fn answer(doors: &Doors, id: &str, content: Content, headers: &HeaderMap) -> Response {
    match hand(doors, id, content, headers).await {
        Ok(response) => response,
        Err(error) => problem::problem(&problem::refusal(error), session::language(headers)),
    }
}

async fn hand(doors: &Doors, id: &str, content: Content, headers: &HeaderMap) -> Result<Response> {
    let asker = session::reader(doors, headers).await?;
    let wish = Wish::Operation("attachments.download_attachment", Method::Get);
    doors.limits.count(&asker, None, wish, doors.context.now())?;
    let caller = caller(asker)?;
    let id: AttachmentId = id.parse().map_err(|_| ApiError::NotFound)?;
    let handed = hand_out(&doors.context, &caller, id, content).await?;
    let size = handed.size;
    let wanted = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let (status, range) = match wanted.map_or(Wanted::Whole, |text| wanted_of(text, size)) {
        Wanted::Whole => (StatusCode::OK, 0..size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let all = format!("bytes */{size}");
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, all)]).into_response());
        }
    };
    let kind = match content {
        Content::Whole | Content::View => handed.attachment.media_type.clone(),
        Content::Thumbnail => "image/webp".to_owned(),
    };
    let way = match content {
        Content::Whole | Content::Thumbnail => "attachment",
        Content::View => "inline",
    };
    let disposition = disposition(way, &handed.attachment.name);
    let pieces = handed.read(range.clone()).await?;
    // A piece that is gone by now ends the connection: whoever takes half a file for a whole one is told by its length.
    let body = Body::from_stream(pieces.map_err(|error| {
        tracing::error!(cause = %error.chain(), "a file that was being handed out broke off");
        std::io::Error::other("a part is gone")
    }));
    let mut response = (status, body).into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // It holds for what is shown as well: browsers let their own PDF viewer pass, and nothing else.
    answer.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    let texts = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            answer.insert(name, value);
        }
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let within = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        if let Ok(value) = HeaderValue::from_str(&within) {
            answer.insert(header::CONTENT_RANGE, value);
        }
    }
    Ok(response)
}

/// Somebody who is signed in, and has nothing to do before all else.
pub(super) fn caller(asker: Asker) -> Result<Caller> {
    match asker {
        Asker::Caller(caller) => Ok(caller),
        Asker::Held(_, hold) => Err(hold.refusal().into()),
        Asker::Visitor(_) => Err(ApiError::SignedOut.into()),
    }
}

/// What of a file is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    Nothing,
}

/// One range is given as it is asked for. Several, or what is no range, give the whole: nobody gets more bytes by asking for
/// more pieces.
///
/// Source: RFC 9110, section 14.
fn wanted_of(text: &str, size: u64) -> Wanted {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Wanted::Whole;
    };
    match (first, number(first), number(last)) {
        ("", _, Some(0)) => Wanted::Nothing,
        ("", _, Some(n_last)) => Wanted::Part(size.saturating_sub(n_last)..size),
        (_, Some(first), _) if first >= size && (last.is_empty() || number(last).is_some()) => {
            Wanted::Nothing
        }
        (_, Some(first), None) if last.is_empty() => Wanted::Part(first..size),
        (_, Some(first), Some(last)) if first <= last => {
            Wanted::Part(first..last.saturating_add(1).min(size))
        }
        _ => Wanted::Whole,
    }
}

/// To be kept or shown, under its name: in letters that every program knows, and as it is.
///
/// Source: RFC 6266; RFC 8187, section 3.2.
fn disposition(way: &str, name: &FileName) -> String {
    let name = name.as_str();
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_given_and_nothing_is_multiplied() {
        for (text, wanted) in [
            ("bytes=0-9", Wanted::Part(0..10)),
            ("bytes=5-", Wanted::Part(5..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-1000", Wanted::Part(0..100)),
            ("bytes=90-99999999999999999999999", Wanted::Part(90..100)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=100-200", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=9-5", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("bytes=0-,0-,0-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=--1", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted_of(text, 100), wanted, "{text}");
        }
    }

    #[test]
    fn a_name_is_given_twice_and_breaks_out_of_neither() {
        let name = FileName::from_store("Été \"n° 2\"; x=1\\.pdf".to_owned());

        let value = disposition("attachment", &name);

        assert_eq!(
            value,
            "attachment; filename=\"_t_ _n_ 2_; x=1_.pdf\"; filename*=UTF-8''%C3%89t%C3%A9%20%22n%C2%B0%202%22%3B%20x%3D1%5C.pdf"
        );
        assert!(HeaderValue::from_str(&value).is_ok());
    }
}
