//! At the start: the wrapping key is found, or made for a database that has none yet, or the start is refused.
//!
//! A refusal changes nothing: what is stored stays as it is, and opens again with the right key.

use std::sync::Arc;

use uuid::Uuid;

use super::{Keyring, Unlock, sql};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::engine::Session;

/// Finds the wrapping key that the database names, as the only writer.
pub(in crate::store) fn unlock(session: &mut dyn Session, unlock: &Unlock) -> Result<Arc<Keyring>> {
    let keyring = Arc::new(Keyring::new(unlock));
    session.begin_write()?;
    let mut tx = Tx::new(session, Some(Arc::clone(&keyring)));
    match find_wrapping_key(&mut tx, unlock) {
        Ok(()) => session.commit(&[])?,
        Err(error) => {
            session.rollback();
            return Err(error);
        }
    }
    Ok(keyring)
}

fn find_wrapping_key(tx: &mut Tx<'_>, unlock: &Unlock) -> Result<()> {
    let named = sql::list_names(tx)?;
    let held = unlock.keeper.names()?;
    if named.is_empty() {
        // Nothing was ever sealed here. A key that exists already is kept: it may open other databases.
        let name = match held.first() {
            Some(name) => *name,
            None => unlock.keeper.make(unlock.clock.as_ref())?,
        };
        return sql::make_current(tx, name, unlock.clock.now());
    }
    let place = unlock.keeper.place();
    if held.is_empty() {
        return Err(refused(format!(
            "the wrapping key is missing: `{place}` does not exist. What this database holds can be read with that key \
             alone; nothing was changed. Put the file back from its copy, or say where it is with `--key-file`"
        )));
    }
    if named.iter().any(|name| !held.contains(name)) {
        let is_other = named.iter().all(|name: &Uuid| !held.contains(name));
        let found = if is_other {
            "another key"
        } else {
            "only one of the two keys of a rotation"
        };
        return Err(refused(format!(
            "`{place}` holds {found}: what this database holds was sealed with a key that is not there; nothing was \
             changed. Put the right file back from its copy, or say where it is with `--key-file`"
        )));
    }
    Ok(())
}

fn refused(why: String) -> Error {
    Error::failed("unlocking the database", why)
}
