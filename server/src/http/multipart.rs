//! Files that come in one piece: the multipart request of programs, and the plain form of a page without a script.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::api::{ApiError, AttachmentId, ConversationId, MessageKey};
use app::attachments::{FileName, FileProblem, FinishUpload, FoundAttachment, MAX_FILES, parse_description};
use axum::body::Body;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::files::caller;
use super::limits::Wish;
use super::{Doors, problem, session};
use crate::attachments::{self, WholeFile};
use crate::context::Caller;
use crate::error::Result;

/// The most bytes of a field that is no file: a message of 10,000 characters.
const MAX_FIELD_BYTES: usize = 64 * 1024;
/// The most fields.
const MAX_FIELDS: usize = 64;
/// The most bytes of all of them.
const MAX_TEXT_BYTES: usize = 512 * 1024;
/// So much of a request that is refused is still read, in bytes: a browser shows the answer only once it has sent all.
const MAX_DRAINED: usize = 64 * 1024 * 1024;
/// So much may come, in bytes, before a form gives the next thing: what stands before its first part, a part's head. All of it
/// is held until then.
const MAX_AHEAD: usize = 4 * 1024 * 1024;
/// Who sends nothing of use for so long is not waited for any longer.
const SILENCE: Duration = Duration::from_secs(30);

/// `POST /api/v1/attachments.upload_attachment`: fields `conversation`, `key` and `description` if any, then `file`.
pub(super) async fn upload(State(doors): State<Doors>, request: Request) -> Response {
    let headers = request.headers().clone();
    let outcome = async {
        let asker = session::asker(&doors, &Method::POST, &headers).await?;
        let wish = Wish::Operation("attachments.upload_attachment", app::api::Method::Post);
        doors.limits.count(&asker, None, wish, doors.context.now())?;
        let caller = caller(asker)?;
        require_room(&headers)?;
        let form = read(&doors, &caller, request).await?;
        let [id] = form.files[..] else {
            return Err(ApiError::Malformed.into());
        };
        let wish = app::attachments::GetAttachment { attachment: id };
        let found: FoundAttachment = attachments::get_attachment(doors.context.clone(), caller, wish).await?;
        Ok(axum::Json(found).into_response())
    };
    match outcome.await {
        Ok(response) => response,
        Err(error) => problem::problem(&problem::refusal(error), session::language(&headers)),
    }
}

/// What is announced to be too long for a file is not read at all.
fn require_room(headers: &HeaderMap) -> Result<()> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let n_bytes = announced.and_then(|text| text.parse::<u64>().ok());
    if n_bytes.is_some_and(|n_bytes| n_bytes > attachments::MAX_BYTES + MAX_FIELD_BYTES as u64) {
        return Err(ApiError::TooLarge.into());
    }
    Ok(())
}

/// Whether a request brings a form that may hold files.
pub(super) fn is_multipart(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    kind.and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"))
}

/// A form as it came: its texts, and its files, which are finished.
#[derive(Default)]
pub(super) struct Form {
    /// In their order.
    pub(super) fields: Vec<(String, String)>,
    /// In their order.
    pub(super) files: Vec<AttachmentId>,
    /// Why a file was refused; those after it were not taken.
    pub(super) refusal: Option<ApiError>,
}

/// Counts what has come since the form has given something.
#[derive(Clone, Default)]
struct Ahead(Arc<AtomicUsize>);

impl Ahead {
    /// Ends the body of a request where too much comes for nothing.
    fn bound(&self, request: Request) -> Request {
        let ahead = self.clone();
        let (head, body) = request.into_parts();
        let body = body.into_data_stream().map(move |piece| {
            let piece = piece?;
            // Counted before it: one large piece may come.
            if ahead.0.fetch_add(piece.len(), Ordering::Relaxed) > MAX_AHEAD {
                return Err(axum::Error::new(std::io::Error::other("a form gives nothing")));
            }
            Ok(piece)
        });
        Request::from_parts(head, Body::from_stream(body))
    }

    /// The form has given something.
    fn is_over(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A field whose bytes come in time.
struct Bounded<'a> {
    field: Field<'a>,
    ahead: &'a Ahead,
}

impl Bounded<'_> {
    /// The next bytes; `None` at its end.
    async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let next = tokio::time::timeout(SILENCE, self.field.chunk()).await;
        self.ahead.is_over();
        match next {
            Ok(Ok(next)) => Ok(next),
            _ => Err(ApiError::Malformed.into()),
        }
    }
}

/// Reads a form and takes its files.
///
/// # Errors
/// The first refusal.
async fn read(doors: &Doors, caller: &Caller, request: Request) -> Result<Form> {
    let form = read_form(doors, || Ok(caller.clone()), request).await?;
    match form.refusal {
        Some(refusal) => Err(refusal.into()),
        None => Ok(form),
    }
}

/// Reads a form and takes its files. The fields that a file needs, `conversation` and `key`, stand before it; `admit` says for
/// each whose it is. Sent again, the same form finds the same files: each follows from the form's key, its place and its name.
///
/// # Errors
/// `Malformed` when it is no such form; `TooLarge` for texts without end. A file that is refused is told in the form, with the
/// words that stand behind it.
pub(super) async fn read_form(
    doors: &Doors,
    admit: impl Fn() -> Result<Caller>,
    request: Request,
) -> Result<Form> {
    let ahead = Ahead::default();
    let mut parts = Multipart::from_request(ahead.bound(request), &())
        .await
        .map_err(|_| ApiError::Malformed)?;
    let mut form = Form::default();
    let mut n_drained = 0;
    loop {
        let next = match tokio::time::timeout(SILENCE, parts.next_field()).await {
            Ok(Ok(next)) => next,
            // It was refused before it was cut.
            _ if form.refusal.is_some() => return Ok(form),
            _ => return Err(ApiError::Malformed.into()),
        };
        let Some(field) = next else {
            return Ok(form);
        };
        ahead.is_over();
        let mut field = Bounded { field, ahead: &ahead };
        let name = field.field.name().unwrap_or_default().to_owned();
        let Some(file_name) = field.field.file_name().map(ToOwned::to_owned) else {
            if form.fields.len() >= MAX_FIELDS {
                return Err(ApiError::Malformed.into());
            }
            let text = read_text(&mut field).await?;
            form.fields.push((name, text));
            if form.fields.iter().map(|(_, text)| text.len()).sum::<usize>() > MAX_TEXT_BYTES {
                return Err(ApiError::TooLarge.into());
            }
            continue;
        };
        // What a browser sends of an input where nothing was chosen.
        if file_name.is_empty() {
            continue;
        }
        if form.refusal.is_none() {
            let taken = match admit() {
                Ok(_) if form.files.len() >= MAX_FILES => Err(ApiError::File(FileProblem::TooMany).into()),
                Ok(caller) => take(doors, &caller, &form, file_name, &mut field).await,
                Err(error) => Err(error),
            };
            match taken {
                Ok(id) => {
                    form.files.push(id);
                    continue;
                }
                Err(error) => form.refusal = Some(problem::refusal(error)),
            }
        }
        n_drained += drain(&mut field, MAX_DRAINED - n_drained).await;
        if n_drained >= MAX_DRAINED {
            return Ok(form);
        }
    }
}

async fn read_text(field: &mut Bounded<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(more) = field.chunk().await? {
        bytes.extend_from_slice(&more);
        if bytes.len() > MAX_FIELD_BYTES {
            return Err(ApiError::TooLarge.into());
        }
    }
    Ok(String::from_utf8(bytes).map_err(|_| ApiError::Malformed)?)
}

/// Takes a file, whole, and finishes it.
async fn take(
    doors: &Doors,
    caller: &Caller,
    form: &Form,
    file_name: String,
    field: &mut Bounded<'_>,
) -> Result<AttachmentId> {
    let text = |wanted: &str| {
        let found = form.fields.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let conversation: ConversationId = text("conversation")
        .and_then(|id| id.parse().ok())
        .ok_or(ApiError::Malformed)?;
    let key = match text("key").map(str::parse::<MessageKey>) {
        None => MessageKey(doors.context.new_id()),
        Some(Ok(key)) => key_of(key, form.files.len(), &file_name),
        Some(Err(_)) => return Err(ApiError::Malformed.into()),
    };
    let file = WholeFile {
        conversation,
        key,
        name: FileName::parse(&file_name)?,
        description: text("description").map_or(Ok(None), parse_description)?,
    };
    let (sender, receiver) = mpsc::channel(2);
    let work = attachments::receive_whole(&doors.context, caller, file, until_end(receiver));
    let sending = async move {
        // A cut says nothing more, and so no end.
        while let Ok(next) = field.chunk().await {
            let is_end = next.is_none();
            if sender.send(next).await.is_err() || is_end {
                return;
            }
        }
    };
    let (outcome, ()) = tokio::join!(work, sending);
    let attachment = outcome?;
    let wish = FinishUpload {
        attachment,
        sha256: None,
    };
    attachments::finish_upload(doors.context.clone(), caller.clone(), wish).await?;
    Ok(attachment)
}

/// What comes until the end is told. A sender that goes before, with the request that it belongs to, is a cut.
fn until_end(
    receiver: mpsc::Receiver<Option<Bytes>>,
) -> impl Stream<Item = std::result::Result<Bytes, axum::Error>> + Send + 'static {
    stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Some(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(None) => None,
            None => Some((
                Err(axum::Error::new(std::io::Error::other("a form was cut"))),
                None,
            )),
        }
    })
}

/// The key of a form's file: another for each place and each name, the same each time the form is sent.
fn key_of(form: MessageKey, place: usize, file_name: &str) -> MessageKey {
    let mut sum = Sha256::new();
    sum.update(form.0.as_bytes());
    sum.update(place.to_be_bytes());
    sum.update(file_name.as_bytes());
    let sum: [u8; 32] = sum.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sum[..16]);
    MessageKey(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Lets a file go by, at most so many bytes of it; answers how many there were.
async fn drain(field: &mut Bounded<'_>, most: usize) -> usize {
    let mut n_bytes = 0;
    while n_bytes < most
        && let Ok(Some(more)) = field.chunk().await
    {
        n_bytes += more.len();
    }
    n_bytes.min(most)
}
