//! The caller's own account: what others see of it, and how the screens behave for its owner.

use app::accounts::{GetMe, Me, SaveProfile, SaveSettings};
use app::api::{AccountId, ApiError, DeviceId, InvalidReason, Timestamp};

use super::identity::{Identity, parse_phone};
use super::names::given_name;
use super::sql;
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::events::{self, NewEvent};
use crate::friendships;
use crate::store::Tx;

/// The guide is done or skipped.
///
/// Source: help page, three steps.
const GUIDE_DONE: u8 = 4;

/// Reads the caller's own account.
///
/// # Errors
/// `SignedOut` when the account is no more.
pub async fn get_me(context: Context, caller: Caller, _wish: GetMe) -> Result<Me> {
    let (account, device) = (caller.account, caller.device);
    context.db.read(move |tx| require_me(tx, account, device)).await
}

/// Changes the caller's visible profile and tells it to friends and own devices.
///
/// # Errors
/// `Invalid` naming the first field that is not acceptable.
pub async fn save_profile(context: Context, caller: Caller, wish: SaveProfile) -> Result<Me> {
    let identity = Identity::parse(&wish.title, &wish.name, &wish.profession, &wish.workplace)?;
    let phone = parse_phone(&wish.phone)?;
    let now = context.now();
    context
        .db
        .write(move |tx| {
            sql::accounts::update_identity(tx, caller.account, &identity)?;
            sql::accounts::update_phone(tx, caller.account, &phone)?;
            tell_profile_changed(tx, caller.account, now)?;
            require_me(tx, caller.account, caller.device)
        })
        .await
}

/// Changes how the screens behave for the caller, and tells the own devices.
///
/// # Errors
/// `Invalid` naming `guide_step`.
pub async fn save_settings(context: Context, caller: Caller, wish: SaveSettings) -> Result<Me> {
    if wish.guide_step.is_some_and(|step| step > GUIDE_DONE) {
        return Err(Error::invalid("guide_step", InvalidReason::Format));
    }
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let account = caller.account;
            let mut record = sql::accounts::find_account(tx, account)?.ok_or(ApiError::SignedOut)?;
            record.language = wish.language.unwrap_or(record.language);
            record.enter_key = wish.enter_key.unwrap_or(record.enter_key);
            record.guide_step = wish.guide_step.unwrap_or(record.guide_step);
            record.shares_read_receipts = wish.shares_read_receipts.unwrap_or(record.shares_read_receipts);
            sql::accounts::update_settings(tx, &record)?;
            events::append(tx, account, now, NewEvent::ProfileChanged { account })?;
            require_me(tx, account, caller.device)
        })
        .await
}

/// Sets an account's phone number inside a larger transaction, before anybody has seen the account.
///
/// # Errors
/// `Invalid` naming `phone`.
pub fn set_phone(tx: &mut Tx<'_>, account: AccountId, phone: &str) -> Result<()> {
    sql::accounts::update_phone(tx, account, &parse_phone(phone)?)
}

/// Whether the two tell each other what they have read: one who does not tell is not told either.
///
/// # Errors
/// Only failures.
pub fn share_read_receipts(tx: &mut Tx<'_>, one: AccountId, other: AccountId) -> Result<bool> {
    sql::accounts::share_read_receipts(tx, one, other)
}

/// The account as its owner sees it, from one of its devices.
///
/// # Errors
/// `SignedOut` when the account is no more.
pub fn require_me(tx: &mut Tx<'_>, account: AccountId, device: DeviceId) -> Result<Me> {
    let record = sql::accounts::find_account(tx, account)?.ok_or(ApiError::SignedOut)?;
    let used = sql::devices::find_use(tx, device)?;
    let is_shared_device = used.is_some_and(|used| used.is_shared);
    Ok(Me {
        id: record.id,
        name: record.identity.shown_name(),
        given_name: given_name(&record.identity.name).to_owned(),
        title: record.identity.title,
        bare_name: record.identity.name,
        profession: record.identity.profession,
        workplace: record.identity.workplace,
        email: record.email,
        phone: record.phone,
        language: record.language,
        photo: record.photo_version,
        is_admin: record.is_admin,
        enter_key: record.enter_key,
        guide_step: record.guide_step,
        shares_read_receipts: record.shares_read_receipts,
        is_shared_device,
        has_second_factor: sql::factors::has_factor(tx, account)?,
        n_unseen_notices: sql::notices::count_unseen(tx, account)?,
        device,
    })
}

/// Tells friends and own devices that what is seen of the account has changed.
pub(super) fn tell_profile_changed(tx: &mut Tx<'_>, account: AccountId, at: Timestamp) -> Result<()> {
    events::append(tx, account, at, NewEvent::ProfileChanged { account })?;
    for friend in friendships::list_friend_ids(tx, account)? {
        events::append(tx, friend, at, NewEvent::ProfileChanged { account })?;
    }
    Ok(())
}
