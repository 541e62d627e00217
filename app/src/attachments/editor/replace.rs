//! The new picture takes the place of the old one in the box, under a key of its own: the server would stand by what it was
//! told of the old one.

use leptos::prelude::*;
use web_sys::Blob;

use super::canvas::Canvas;
use crate::api::{ApiError, MessageKey};
use crate::attachments::boxes::FileBox;
use crate::attachments::door::{MAX_BYTES, cleaned, size_of};
use crate::attachments::uploads::{bytes_of, discard, hold, preview_url};
use crate::attachments::{FileProblem, KeptFile};
use crate::browser::random_key;
use crate::conversations::Opened;

/// Where the page finds a file of the box, as it was chosen.
pub(super) async fn found(opened: Opened, key: MessageKey) -> Option<(KeptFile, String)> {
    let files = opened.chosen.with_untracked(|chosen| KeptFile::list(chosen));
    let file = files.into_iter().find(|file| file.key == key)?;
    bytes_of(opened.vault(), key).await?;
    Some((file, preview_url(key)?))
}

/// Puts what a canvas shows into the place of a file. Of that file nothing stays: not in this page, not in the vault, and not
/// on the server, if this page has sent it there with a message that was taken back; what an earlier page has sent goes from
/// there after a day. Nothing, and no change, once it is not wanted any more.
///
/// # Errors
/// `File` when the browser cannot write it or it is gone; `TooLarge`.
pub(super) async fn replaced(
    opened: Opened,
    key: MessageKey,
    canvas: &Canvas,
    is_wanted: impl Fn() -> bool,
) -> Result<Option<MessageKey>, ApiError> {
    // The screen may go meanwhile.
    let (own, client) = (FileBox::of(opened), opened.client());
    let unreadable = || ApiError::File(FileProblem::Unreadable);
    let old = found(opened, key).await;
    if !is_wanted() {
        return Ok(None);
    }
    let (old, _) = old.ok_or_else(unreadable)?;
    let written = written(canvas, old.name.extension(), &is_wanted).await;
    if !is_wanted() {
        return Ok(None);
    }
    let (bytes, ending) = written.ok_or_else(unreadable)?;
    if bytes.size() > MAX_BYTES {
        return Err(ApiError::TooLarge);
    }
    // What a browser might have noted in it goes too.
    let (bytes, is_held) = cleaned(bytes).await?;
    if !is_wanted() {
        return Ok(None);
    }
    let new = KeptFile {
        key: random_key(),
        name: old.name.ending_in(ending),
        size: size_of(&bytes),
        is_held,
        ..old.clone()
    };
    hold(&new, &bytes);
    // It rests before it stands for the old one: whenever the page may go, one of the two is there.
    own.rest(new.key, bytes).await;
    let in_its_place = |file: KeptFile| if file.key == key { new.clone() } else { file };
    let listed = |file: &KeptFile| KeptFile::text(std::slice::from_ref(file));
    if !is_wanted() {
        discard(opened.vault(), &client, &listed(&new));
        return Ok(None);
    }
    own.alter(|text| {
        let files: Vec<_> = KeptFile::list(text).into_iter().map(in_its_place).collect();
        *text = KeptFile::text(&files);
    });
    own.keep().await;
    discard(opened.vault(), &client, &listed(&old));
    Ok(Some(new.key))
}

/// A PNG stays one unless it would be too large; all else becomes a JPEG, which every browser writes.
async fn written(
    canvas: &Canvas,
    ending: &str,
    is_wanted: impl Fn() -> bool,
) -> Option<(Blob, &'static str)> {
    if ending.eq_ignore_ascii_case("png") {
        let bytes = canvas.encoded("image/png").await.ok()?;
        if bytes.size() <= MAX_BYTES {
            return Some((bytes, "png"));
        }
        // Its canvas may be empty by now.
        if !is_wanted() {
            return None;
        }
    }
    let bytes = canvas.encoded("image/jpeg").await.ok()?;
    Some((bytes, "jpg"))
}
