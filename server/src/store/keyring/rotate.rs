//! Changes the wrapping key, while servers run: every key is wrapped anew, no word is touched.
//!
//! 1. The new key stands in front of the old one in the key file; 2. the database names it as the present one, so that
//!    keys made from here on are wrapped by it; 3. the others follow in batches; 4. the database forgets the old name;
//!    5. the file forgets the old key (a credential is left to whoever passes it on); 6. the bytes that the old key had
//!    wrapped leave the files.
//!
//! Each step is on disk before the next one begins, and begins by looking at what is there: whatever stops it, the next
//! call goes on.

use uuid::Uuid;

use super::{Found, sql};
use crate::error::{Error, Result};
use crate::store::{Db, Tx};

/// Keys that are wrapped anew in one transaction: some milliseconds, so that no sender waits for longer.
const BATCH: u32 = 200;

/// Wraps every key with a new wrapping key; goes on with a rotation that was begun. Answers how many keys it wrapped.
///
/// `note` is called in the transaction that ends the rotation, with the new key's name, for what must be written down with
/// it.
///
/// # Errors
/// `Failed` when the key file cannot be replaced, or a key cannot be unwrapped: then both wrapping keys stay.
pub async fn rotate<F>(db: &Db, note: F) -> Result<u64>
where
    F: FnOnce(&mut Tx<'_>, Uuid) -> Result<()> + Send + 'static,
{
    let name = db.write(begin).await?;
    let mut n_wrapped = 0;
    loop {
        let n_of_batch = db.write(move |tx| wrap_batch(tx, name)).await?;
        n_wrapped += n_of_batch;
        if n_of_batch == 0 {
            break;
        }
    }
    db.write(move |tx| {
        sql::delete_retired(tx)?;
        require_alone(tx, name)?;
        note(tx, name)
    })
    .await?;
    // In a transaction, because no two write at once: another rotation that has begun meanwhile keeps its key.
    db.write(move |tx| {
        require_alone(tx, name)?;
        tx.keyring()?.keeper.keep_only(name)
    })
    .await?;
    db.scrub().await?;
    Ok(n_wrapped)
}

/// Refuses to end a rotation while another one is under way.
fn require_alone(tx: &mut Tx<'_>, name: Uuid) -> Result<()> {
    if sql::list_names(tx)? == [name] {
        Ok(())
    } else {
        Err(failed("another rotation has begun meanwhile: run it again"))
    }
}

/// Finds the key to wrap with: that of a rotation that was begun, or a new one.
fn begin(tx: &mut Tx<'_>) -> Result<Uuid> {
    let keyring = tx.keyring()?;
    let current = sql::find_current(tx)?.ok_or_else(|| failed("the database names no wrapping key"))?;
    let held = keyring.keeper.names()?;
    let name = match held.first() {
        // The old key is wrapping nothing yet, or its turn is not over: the new one stands in front of it.
        Some(first) if held.len() > 1 => *first,
        _ if sql::list_names(tx)?.len() > 1 => current,
        _ => keyring.keeper.make(keyring.clock.as_ref())?,
    };
    if name != current {
        sql::make_current(tx, name, keyring.now())?;
    }
    Ok(name)
}

fn wrap_batch(tx: &mut Tx<'_>, name: Uuid) -> Result<u64> {
    let keyring = tx.keyring()?;
    let mut n_wrapped = 0;
    for row in sql::list_others(tx, name, BATCH)? {
        let (key, around) = match (tx.unwrap(&keyring, &row)?, row.around(name)) {
            (Found::Here(key), Some(around)) => (key, around),
            (Found::Destroyed, _) => continue,
            _ => {
                return Err(failed(format!(
                    "the key {} is damaged: put its row of the table `keyring` back from a copy first",
                    row.id
                )));
            }
        };
        let wrapped = keyring.keeper.wrap(name, &key, &around, keyring.clock.as_ref())?;
        sql::update_wrapped(tx, row.id, (name, wrapped))?;
        n_wrapped += 1;
    }
    Ok(n_wrapped)
}

fn failed(why: impl Into<String>) -> Error {
    Error::failed("changing the wrapping key", why.into())
}
