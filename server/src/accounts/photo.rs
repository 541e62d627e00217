//! The photo of an account. Its version changes with the picture, so that browsers may keep each version for ever.

use app::accounts::{Me, RemovePhoto, SavePhoto};
use app::api::{AccountId, ApiError, InvalidReason, PhotoForm, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::Semaphore;

use super::portrait::{Square, make_lighter, make_portrait};
use super::profile::{require_me, tell_profile_changed};
use super::sql;
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::store::Tx;

/// The most bytes of a picture on its way in.
const PICTURE_MAX_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes of the request that carries it, in base64.
pub(super) const MAX_REQUEST_BYTES: usize = PICTURE_MAX_BYTES / 3 * 4 + 4096;

/// Pictures are decoded one at a time, whoever sends them: each may take a quarter of a gigabyte for a moment.
static WORKBENCH: Semaphore = Semaphore::const_new(1);

/// Sets the caller's photo and tells it to friends and own devices.
///
/// # Errors
/// `Invalid` naming the field; `TooLarge` beyond 8 MiB or 50 million pixels.
pub async fn save_photo(context: Context, caller: Caller, wish: SavePhoto) -> Result<Me> {
    let doing = "making a portrait";
    let turn = WORKBENCH
        .acquire()
        .await
        .map_err(|error| Error::failed(doing, error))?;
    let made = tokio::task::spawn_blocking(move || {
        let _held = turn;
        let picture = decode(&wish.picture)?;
        make_portrait(
            &picture,
            Square {
                left: wish.left,
                top: wish.top,
                side: wish.side,
            },
        )
    })
    .await;
    let portrait = match made {
        Ok(portrait) => portrait?,
        Err(panic) => {
            // A file that a decoder cannot cope with is not a failure of ours to the person who sent it.
            tracing::warn!(cause = %panic, "a picture made its decoder panic");
            return Err(Error::invalid("picture", InvalidReason::Unreadable));
        }
    };
    let now = context.now();
    context
        .db
        .write(move |tx| {
            insert_portrait(tx, caller.account, portrait, now)?;
            tell_profile_changed(tx, caller.account, now)?;
            require_me(tx, caller.account, caller.device)
        })
        .await
}

/// Removes the caller's photo and tells it to friends and own devices.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn remove_photo(context: Context, caller: Caller, _wish: RemovePhoto) -> Result<Me> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            sql::photos::delete_photo(tx, caller.account)?;
            sql::accounts::update_photo_version(tx, caller.account, None)?;
            tell_profile_changed(tx, caller.account, now)?;
            require_me(tx, caller.account, caller.device)
        })
        .await
}

/// The JPEG of a photo's version.
///
/// # Errors
/// `NotFound` when the account has no photo, or another by now.
pub async fn read_photo(context: &Context, account: AccountId, version: u32) -> Result<Vec<u8>> {
    let found = context
        .db
        .read(move |tx| sql::photos::find_photo(tx, account, version))
        .await?;
    found.ok_or_else(|| ApiError::NotFound.into())
}

/// Lighter forms that are made at the same time: each takes a core and some megabytes, and a page asks for a dozen.
static LIGHTER: Semaphore = Semaphore::const_new(2);

/// The WebP of a photo's version in a lighter form: made when it is first asked for, then kept.
///
/// # Errors
/// As for [`read_photo`].
pub async fn read_photo_form(
    context: &Context,
    account: AccountId,
    version: u32,
    form: PhotoForm,
) -> Result<Vec<u8>> {
    let doing = "making a lighter portrait";
    let find = || {
        context
            .db
            .read(move |tx| sql::photos::find_lighter(tx, account, version, form))
    };
    if let Some(kept) = find().await? {
        return Ok(kept);
    }
    let permit = LIGHTER
        .acquire()
        .await
        .map_err(|error| Error::failed(doing, error))?;
    // Meanwhile another request may have had it made.
    if let Some(kept) = find().await? {
        return Ok(kept);
    }
    let portrait = read_photo(context, account, version).await?;
    let lighter = tokio::task::spawn_blocking(move || make_lighter(&portrait, form))
        .await
        .map_err(|panic| Error::failed(doing, panic))??;
    let made = lighter.clone();
    let kept = context
        .db
        .write(move |tx| sql::photos::put_lighter(tx, account, version, form, made))
        .await;
    drop(permit);
    if let Err(error) = kept {
        // It is shown all the same, and made again the next time.
        tracing::warn!(%error, "a lighter form of a photo could not be kept");
    }
    Ok(lighter)
}

/// Puts a portrait that is one already in place, under a new version.
///
/// # Errors
/// `NotFound` when there is no such account.
pub fn insert_portrait(tx: &mut Tx<'_>, account: AccountId, jpeg: Vec<u8>, at: Timestamp) -> Result<()> {
    let record = sql::accounts::find_account(tx, account)?.ok_or(ApiError::NotFound)?;
    // Seconds of the clock: a version does not come back after the photo was removed and set again.
    let seconds = u32::try_from(at.0 / 1000).unwrap_or_default();
    let version = record
        .photo_version
        .map_or(seconds, |before| seconds.max(before.saturating_add(1)));
    sql::photos::put_photo(tx, account, version, jpeg)?;
    sql::accounts::update_photo_version(tx, account, Some(version))
}

fn decode(picture: &str) -> std::result::Result<Vec<u8>, ApiError> {
    let picture = picture.trim();
    if picture.is_empty() {
        return Err(ApiError::invalid("picture", InvalidReason::Empty));
    }
    let bytes = STANDARD
        .decode(picture)
        .map_err(|_| ApiError::invalid("picture", InvalidReason::Unreadable))?;
    if bytes.len() > PICTURE_MAX_BYTES {
        Err(ApiError::TooLarge)
    } else {
        Ok(bytes)
    }
}
