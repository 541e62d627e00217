//! Sessions: a device row and the key that only the device holds.

use app::accounts::{ClientKind, Language, Me, NoticeKind, Secret, SignedIn};
use app::api::{AccountId, DeviceId, Timestamp};

use super::idle::Standing;
use super::notices::NewNotice;
use super::policy::Hold;
use super::sql;
use super::sql::devices::DeviceToInsert;
use super::tokens::{hash_token, new_token};
use crate::audit::{self, Act};
use crate::context::{Context, Door, SessionChange, Visitor};
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::store::Tx;

/// Whose session a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The account.
    pub account: AccountId,
    /// The device that holds the token.
    pub device: DeviceId,
    /// Whether the account administers the instance.
    pub is_admin: bool,
    /// The account's language.
    pub language: Language,
    /// Nobody has touched the device for so long that it is locked: its session answers like none.
    pub is_locked: bool,
    /// It is a while ago that a person at the device was written down ([`super::note_active`]).
    pub is_activity_due: bool,
    /// What has to be done before all else.
    pub hold: Option<Hold>,
}

/// A device is noted as seen at most this often.
const SEEN_EVERY_MS: i64 = 60_000;

/// The session of a token; `None` when it is unknown or revoked, or when its account may not sign in.
///
/// That the device was seen is written down behind the answer's back.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn find_session(context: &Context, token: &str) -> Result<Option<Found>> {
    let token_hash = hash_token(token);
    let Some(found) = context
        .db
        .read(move |tx| sql::devices::find_by_token(tx, token_hash))
        .await?
    else {
        return Ok(None);
    };
    let now = context.now();
    let device = found.device;
    let standing = found.used.standing(now);
    if standing == Standing::Over {
        end_behind(context, device, now);
        return Ok(None);
    }
    if now.ms_since(found.seen_at) >= SEEN_EVERY_MS {
        let db = context.db.clone();
        tokio::spawn(async move {
            if let Err(error) = db
                .write(move |tx| sql::devices::update_seen_at(tx, device, now))
                .await
            {
                tracing::warn!(device.id = %device, cause = %error.chain(), "could not note that a device was seen");
            }
        });
    }
    Ok(Some(Found {
        account: found.account,
        device,
        is_admin: found.is_admin,
        language: found.language,
        is_locked: standing == Standing::Locked,
        is_activity_due: found.used.is_due(now),
        hold: found.lacks_factor.then_some(Hold::LacksFactor),
    }))
}

/// Writes down, behind the answer's back, that a session has run out: no clock brings it back.
fn end_behind(context: &Context, device: DeviceId, now: Timestamp) {
    let db = context.db.clone();
    tokio::spawn(async move {
        let ended = db.write(move |tx| sql::devices::end_quietly(tx, device, now));
        if let Err(error) = ended.await {
            tracing::warn!(device.id = %device, cause = %error.chain(), "could not end an idle session");
        }
    });
}

/// Whether this device is still signed in: what an open stream asks each time it is woken.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn is_signed_in(context: &Context, device: DeviceId) -> Result<bool> {
    let now = context.now();
    context.db.read(move |tx| holds(tx, device, now)).await
}

/// Whether this device is signed in, in the state that the transaction sees.
///
/// # Errors
/// Only failures.
pub fn holds(tx: &mut Tx<'_>, device: DeviceId, now: Timestamp) -> Result<bool> {
    Ok(sql::devices::find_unheld(tx, device, now)? == Some(Standing::Open))
}

/// Whether this device's session goes on, be it locked: for what its person has begun there, and need not wait for.
///
/// # Errors
/// Only failures.
pub fn lasts(tx: &mut Tx<'_>, device: DeviceId, now: Timestamp) -> Result<bool> {
    let standing = sql::devices::find_unheld(tx, device, now)?;
    Ok(matches!(standing, Some(Standing::Open | Standing::Locked)))
}

/// A program counts as known for this long after it last signed in.
const PROGRAM_KNOWN_MS: i64 = 30 * Timestamp::DAY_MS;

/// A session that is being opened: prepared before the transaction, stored in it, handed over after it.
#[derive(Clone)]
pub(super) struct NewSession {
    pub(super) device: DeviceId,
    token: Secret,
    kind: ClientKind,
    name: String,
    at: Timestamp,
    /// What the browser is known again by; none for programs.
    browser: Option<Secret>,
    notice: NewNotice,
    /// Since when it is proven who is there, with all that their account asks for.
    proven_at: Option<Timestamp>,
    is_vouched: bool,
}

impl NewSession {
    /// Draws the session's id and key.
    pub(super) fn prepare(context: &Context, visitor: &Visitor, kind: ClientKind) -> Self {
        let name = match visitor.device_name.as_str() {
            "" => super::devices::device_name(""),
            name => name.to_owned(),
        };
        let door = visitor.session.door();
        let browser = (kind == ClientKind::Browser).then(|| {
            let known = door.browser.clone();
            known.unwrap_or_else(|| new_token(context.clock.as_ref()))
        });
        let told = Door {
            device_name: name.clone(),
            ..Door::default()
        };
        Self {
            browser,
            notice: NewNotice::prepare(context, &told, NoticeKind::NewDevice),
            proven_at: Some(context.now()),
            is_vouched: false,
            device: DeviceId(context.new_id()),
            token: new_token(context.clock.as_ref()),
            kind,
            name,
            at: context.now(),
        }
    }

    /// The same, of somebody who has shown less than their account asks for: a lock asks for the password alone.
    pub(super) fn without_proof(self) -> Self {
        Self {
            proven_at: None,
            ..self
        }
    }

    /// The same, of somebody whose first step proves who they are since then, or not at all.
    pub(super) fn proven_since(self, proven_at: Option<Timestamp>) -> Self {
        Self {
            proven_at: proven_at.map(|at| at.min(self.at)),
            ..self
        }
    }

    /// The same, of somebody whom the provider has recognised: a proof is as old as theirs to it, if it says how old that is.
    pub(super) fn by_provider(self, is_vouched: bool, proven_at: Option<Timestamp>) -> Self {
        Self {
            is_vouched,
            ..self.proven_since(proven_at)
        }
    }

    /// Stores the session's device; of its key, the hash alone. The owner is told of a browser or program that is new to an
    /// account that was in use before.
    pub(super) fn store(&self, tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
        let browser_hash = self.browser.as_ref().map(|key| hash_token(&key.0));
        let is_known = match &browser_hash {
            Some(hash) => sql::known_browsers::find_first_seen(tx, account, hash)?.is_some(),
            None => sql::devices::has_program_since(tx, account, self.at.plus_ms(-PROGRAM_KNOWN_MS))?,
        };
        if !is_known && sql::devices::has_device(tx, account)? {
            self.notice.tell(tx, account)?;
        }
        if let Some(hash) = &browser_hash {
            sql::known_browsers::put_browser(tx, account, hash, self.at)?;
        }
        sql::devices::insert_device(
            tx,
            DeviceToInsert {
                id: self.device,
                account,
                token_hash: hash_token(&self.token.0),
                kind: self.kind,
                name: &self.name,
                browser_hash: browser_hash.clone(),
                at: self.at,
                confirmed_at: self.proven_at.unwrap_or(Timestamp(0)),
                is_vouched: self.is_vouched,
            },
        )?;
        audit::append(tx, self.at, Some(account), Act::SignedIn, self.device.0)?;
        match browser_hash {
            Some(hash) => sql::browsers::succeed_in_browser(tx, account, &hash, self.device, self.at),
            None => Ok(()),
        }
    }

    /// Gives the key away: to the door, which makes a cookie of it, and to another program in the answer.
    pub(super) fn hand_over(self, visitor: &Visitor, account: Me) -> SignedIn {
        visitor.session.set(SessionChange::Opened {
            token: self.token.clone(),
            browser: self.browser,
        });
        SignedIn {
            account,
            token: (self.kind == ClientKind::Api).then_some(self.token),
        }
    }
}

/// Ends all sessions of the account but the one to keep, and wakes its streams, which then find out.
pub(super) fn end_sessions_but(
    tx: &mut Tx<'_>,
    account: AccountId,
    kept: Option<DeviceId>,
    at: Timestamp,
) -> Result<()> {
    sql::tickets::delete_of_account(tx, account)?;
    for device in sql::devices::revoke_devices_but(tx, account, kept, at)? {
        events::append(tx, account, at, NewEvent::DeviceRevoked { device })?;
    }
    tx.ring(account);
    Ok(())
}
