//! Plain forms: what a page can do without a script, or before it has arrived.
//!
//! A form posts to its own page, names an operation in the field `operation`, and carries the operation's fields. Done:
//! the browser is sent on (to `next`, or the same page). Refused, or merely asked for: the same page is shown again
//! with what was typed, and the reason.

use app::accounts::DEPARTURE;
use app::api::{ApiError, Method};
use app::boot::{ATTACHMENTS, FILE, Posted};
use app::conversations::ExportConversation;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header, request};
use axum::response::Response;

use super::limits::Wish;
use super::operations::{Asker, Input};
use super::{Doors, api, exports, files, multipart, pages, problem};
use crate::context::{Caller, SessionChange};
use crate::error::{Error, Result};

/// What became of a form.
pub(super) enum Acted {
    /// It is done; the browser goes on.
    Done(Response),
    /// The page is to be shown, with what was posted.
    Show {
        /// The fields, and the refusal if there was one.
        posted: Posted,
        /// The request, turned into one for the page.
        request: Request,
    },
}

/// The most bytes of a form: a message of 10,000 characters, percent-encoded.
const MAX_BYTES: usize = 512 * 1024;

/// Does what the form asks.
pub(super) async fn act(doors: &Doors, asker: Asker, request: Request) -> Result<Acted> {
    let peer = api::peer(&request);
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let page = page_request(&parts);
    let request = Request::from_parts(parts, body);
    let (mut fields, refused_file) = read(doors, &asker, request).await?;
    let operation = take_last(&mut fields, "operation").ok_or(ApiError::Malformed)?;
    let next = take(&mut fields, "next")
        .filter(|next| is_local(next))
        .unwrap_or(path);
    let wish = Wish::Operation(&operation, Method::Post);
    let counted = match refused_file {
        Some(refusal) => Err(refusal),
        None => doors.limits.count(&asker, peer, wish, doors.context.now()),
    };
    if operation == ExportConversation::NAME {
        // What it answers is kept by the browser, which stays on the page; refused, the page says why.
        let handed = match counted {
            Ok(()) => exports::hand_over_by_form(doors, asker, &fields, page.headers()).await,
            Err(refusal) => Err(refusal.into()),
        };
        return Ok(match handed {
            Ok(response) => Acted::Done(response),
            Err(error) => shown(operation, fields, error, page),
        });
    }
    let entry = doors.operations.find(&operation).ok_or(ApiError::NotFound)?;
    if entry.method != Method::Post {
        return Err(ApiError::Malformed.into());
    }
    if app::boot::SHOWN_OPERATIONS.contains(&operation.as_str()) {
        counted?;
        // A search: the page itself asks, with the posted words, and shows what it finds.
        return Ok(Acted::Show {
            posted: Posted {
                operation,
                fields,
                error: None,
            },
            request: page,
        });
    }
    let slot = api::session_slot(&asker);
    let answered = match counted {
        Ok(()) => {
            let input = Input::Form(fields.clone());
            entry.answer(doors.context.clone(), asker, input).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match answered {
        Ok(_) => {
            let change = slot.take();
            // Whoever is on their way to the provider goes on there.
            let next = match change {
                Some(SessionChange::Departed { .. }) => DEPARTURE,
                _ => &next,
            };
            let mut response = pages::redirect(next);
            if let Some(change) = change {
                for value in doors.site.cookies.headers(&change) {
                    response.headers_mut().append(header::SET_COOKIE, value);
                }
                if matches!(change, SessionChange::Ended) {
                    response
                        .headers_mut()
                        .insert("clear-site-data", HeaderValue::from_static(api::CLEARED));
                }
            }
            Ok(Acted::Done(response))
        }
        Err(error) => {
            fields.retain(|(name, _)| !name.contains("password") && name != "code");
            Ok(shown(operation, fields, error, page))
        }
    }
}

/// The page again, with what was typed and why it was refused.
fn shown(operation: String, fields: Vec<(String, String)>, error: Error, page: Request) -> Acted {
    Acted::Show {
        posted: Posted {
            operation,
            fields,
            error: Some(problem::refusal(error)),
        },
        request: page,
    }
}

/// The fields of a form. Its files are taken at once, and become fields that name them; or one was refused, and an empty field
/// `file` says that there was one.
async fn read(
    doors: &Doors,
    asker: &Asker,
    request: Request,
) -> Result<(Vec<(String, String)>, Option<ApiError>)> {
    if multipart::is_multipart(&request) {
        // Only a file needs somebody who is there: the words of a session that has ended come back to the page.
        let admit = || -> Result<Caller> {
            let wish = Wish::Operation("attachments.upload_attachment", Method::Post);
            doors.limits.count(asker, None, wish, doors.context.now())?;
            files::caller(asker.clone())
        };
        let form = multipart::read_form(doors, admit, request).await?;
        let mut fields = form.fields;
        fields.extend(
            form.files
                .iter()
                .map(|id| (ATTACHMENTS.to_owned(), id.to_string())),
        );
        if form.refusal.is_some() {
            fields.push((FILE.to_owned(), String::new()));
        }
        return Ok((fields, form.refusal));
    }
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(ApiError::Malformed.into());
    }
    let bytes = api::read_body(request, MAX_BYTES).await?;
    Ok((form_urlencoded::parse(&bytes).into_owned().collect(), None))
}

/// The GET of the page that the form stands on.
fn page_request(parts: &request::Parts) -> Request {
    let mut page = Request::new(Body::empty());
    *page.uri_mut() = parts.uri.clone();
    *page.headers_mut() = parts.headers.clone();
    page.headers_mut().remove(header::CONTENT_LENGTH);
    page.headers_mut().remove(header::CONTENT_TYPE);
    *page.extensions_mut() = parts.extensions.clone();
    page
}

fn take(fields: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let index = fields.iter().position(|(key, _)| key == name)?;
    Some(fields.remove(index).1)
}

/// Takes all fields of a name and answers the last: the button that was pressed comes after what the form says by itself.
fn take_last(fields: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let mut last = None;
    while let Some(value) = take(fields, name) {
        last = Some(value);
    }
    last
}

/// A path of ours: one slash, not two, so that it cannot name another host.
pub(super) fn is_local(next: &str) -> bool {
    next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::{is_local, take_last};

    #[test]
    fn the_button_that_was_pressed_says_what_is_asked_for() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut fields = vec![
            field("operation", "a"),
            field("key", "k"),
            field("operation", "b"),
        ];

        assert_eq!(take_last(&mut fields, "operation"), Some("b".to_owned()));
        assert_eq!(fields, [field("key", "k")]);
        assert_eq!(take_last(&mut fields, "operation"), None);
    }

    #[test]
    fn a_form_leads_to_our_own_pages_only() {
        assert!(is_local("/accueil"));
        for elsewhere in [
            "https://example.org",
            "//example.org",
            "/\\example.org",
            "accueil",
            "/a\r\nb",
        ] {
            assert!(!is_local(elsewhere), "{elsewhere:?}");
        }
    }
}
