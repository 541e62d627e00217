//! What opens the vault in which a browser keeps a person's unsent words.
//!
//! The server holds a secret, the browser what was encrypted under it: neither alone reads a word. The secret goes with the
//! device that opened the vault last, so signing that device out, even from afar, makes what rests there unreadable.

use app::accounts::{OpenVault, Secret, VaultOpening};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::sql;
use crate::context::{Caller, Context};
use crate::error::Result;

/// That a vault was opened is written down at most this often.
const OPENED_EVERY_MS: i64 = 3_600_000;

/// Gives what opens the caller's vault; makes it at the first asking.
///
/// A vault belongs to an account: under the same id another account gets another secret.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn open_vault(context: Context, caller: Caller, wish: OpenVault) -> Result<VaultOpening> {
    let now = context.now();
    let (account, device, vault) = (caller.account, caller.device, wish.vault);
    let known = context
        .db
        .read(move |tx| sql::vaults::find_vault(tx, account, vault))
        .await?;
    if let Some(known) = known
        && known.device == device
        && now.ms_since(known.opened_at) < OPENED_EVERY_MS
    {
        return Ok(opening(&known.secret));
    }
    let mut fresh = [0; 32];
    context.clock.fill_random(&mut fresh);
    let secret = context
        .db
        .write(move |tx| {
            if let Some(known) = sql::vaults::find_vault(tx, account, vault)? {
                sql::vaults::update_opened(tx, account, vault, device, now)?;
                return Ok(known.secret);
            }
            sql::vaults::insert_vault(tx, account, vault, device, &fresh, now)?;
            Ok(fresh.to_vec())
        })
        .await?;
    Ok(opening(&secret))
}

fn opening(secret: &[u8]) -> VaultOpening {
    VaultOpening {
        secret: Secret(URL_SAFE_NO_PAD.encode(secret)),
    }
}
