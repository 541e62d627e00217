//! Seals what earlier versions stored in the clear, at the start, before anybody is served.
//!
//! In batches, each on disk before the next: a start that was interrupted goes on. Once no plain word is left the engine
//! writes its files anew, so that the old bytes are in none of them, and both the database and the keeper of the wrapping
//! key remember that it is whole: from then on suite 0 opens nothing, and nothing is sealed here any more. The keeper's
//! word is the one that counts, because whoever may write to the database could take its own away.

use std::collections::HashMap;
use std::sync::Arc;

use app::api::{AccountId, Timestamp};
use uuid::Uuid;

use super::place::{Owner, Place};
use super::{AtRest, Keyring, sql, suite};
use crate::error::Result;
use crate::store::engine::Session;
use crate::store::{Envelope, Row, Tx, Value};
use crate::values;

/// Rows that are sealed in one transaction.
const BATCH: u32 = 500;

/// Some plain words were found.
const BEGUN: &str = "begun";
/// None is left, in no file.
const WHOLE: &str = "whole";

/// Seals every plain row that is left, unless it is known that none is.
pub(in crate::store) fn seal_what_is_plain(session: &mut dyn Session, keyring: &Arc<Keyring>) -> Result<()> {
    if keyring.at_rest == AtRest::Plain {
        return Ok(());
    }
    let is_kept = keyring.keeper.is_all_sealed()?;
    let is_marked = once(session, keyring, |tx| sql::has_step(tx, WHOLE))?;
    let is_planted = is_kept && !is_marked && once(session, keyring, has_plain)?;
    if is_planted {
        tracing::error!(
            place = %keyring.keeper.place(),
            "plain words are in a database that was sealed: they were put there since, or an old copy was put back; they are \
             shown as damaged, and never sealed"
        );
    }
    if !is_kept && !is_marked {
        seal_all(session, keyring)?;
    }
    // Unmarked it is looked at again at the next start, or sealed if the keeper's word is taken away.
    if !is_marked && !is_planted {
        once(session, keyring, |tx| sql::insert_step(tx, WHOLE))?;
    }
    if !is_kept {
        // In a transaction, because no two write at once: nobody else replaces the keys meanwhile.
        once(session, keyring, |_| keyring.keeper.note_all_sealed())?;
    }
    Ok(())
}

fn seal_all(session: &mut dyn Session, keyring: &Arc<Keyring>) -> Result<()> {
    let mut n_sealed = 0;
    let mut keys = HashMap::new();
    for kind in &KINDS {
        let mut after = (kind.beginning)();
        loop {
            let (n_of_batch, last) = once(session, keyring, |tx| seal_batch(tx, kind, after, &mut keys))?;
            n_sealed += n_of_batch;
            let Some(last) = last else { break };
            after = last;
        }
    }
    if once(session, keyring, |tx| sql::has_step(tx, BEGUN))? {
        tracing::info!(
            n_sealed,
            "sealed what rested in the clear; writing the files anew"
        );
        session.rewrite()?;
    }
    Ok(())
}

/// Whether any word rests in the clear.
fn has_plain(tx: &mut Tx<'_>) -> Result<bool> {
    let found = tx.find(
        "select 1 from (select 1 as one) as always
        where exists (select 1 from messages where body_suite = 0)
            or exists (select 1 from participants where draft_suite = 0)
            or exists (select 1 from relations where note_suite = 0)
            or exists (select 1 from vaults where secret_suite = 0)
            or exists (select 1 from message_versions where body_suite = 0)
            or exists (select 1 from message_reactions where word_suite = 0)
            or exists (select 1 from word_segments where suite = 0)",
        &[],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The keys of owners, found or made once.
type Keys = HashMap<Owner, Uuid>;

/// Runs work in a transaction of its own.
fn once<T>(
    session: &mut dyn Session,
    keyring: &Arc<Keyring>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    session.begin_write()?;
    match work(&mut Tx::new(session, Some(Arc::clone(keyring)))) {
        Ok(done) => {
            session.commit(&[])?;
            Ok(done)
        }
        Err(error) => {
            session.rollback();
            Err(error)
        }
    }
}

/// Seals what an envelope holds in the clear.
fn seal(tx: &mut Tx<'_>, keys: &mut Keys, place: Place, plain: &Envelope) -> Result<Envelope> {
    let owner = place.owner();
    let key = if let Some(key) = keys.get(&owner) {
        *key
    } else {
        sql::insert_step(tx, BEGUN)?;
        let key = tx.require_key(owner)?;
        if let Owner::Conversation(conversation) = owner {
            tx.execute(
                "update conversations set key_ref = $1 where id = $2",
                values![key, conversation],
            )?;
        }
        keys.insert(owner, key);
        key
    };
    tx.seal_bytes(key, place, plain.bytes())
}

/// A kind of words, in a table of its own.
struct Kind {
    /// At most so many rows in the clear behind one, in the order of the table's key: the two columns of the key, the
    /// envelope's four, and what else the place takes.
    select: &'static str,
    /// Puts an envelope into the row with a key.
    update: &'static str,
    /// What stands before every key.
    beginning: fn() -> RowKey,
    /// The key of a row.
    key: fn(&Row<'_>) -> Result<RowKey>,
    /// Where the words of a row stand; `None` for words that are nobody's.
    place: fn(&Row<'_>) -> Result<Option<Place>>,
}

/// The two values that name a row.
type RowKey = [Value; 2];

const KINDS: [Kind; 4] = [
    Kind {
        select: "select conversation_id, position, body_suite, body_key_ref, body_nonce, body_bytes, id, sender_id
            from messages
            where (conversation_id, position) > ($1, $2) and body_suite = 0
            order by conversation_id, position
            limit $3",
        update: "update messages set body_suite = $1, body_key_ref = $2, body_nonce = $3, body_bytes = $4
            where conversation_id = $5 and position = $6",
        beginning: || [Uuid::nil().into(), 0_i64.into()],
        key: |row| Ok([row.get::<Uuid>(0)?.into(), row.get::<i64>(1)?.into()]),
        place: |row| {
            Ok(Some(Place::Body {
                conversation: row.get(0)?,
                message: row.get(6)?,
                position: row.get(1)?,
                author: row.get(7)?,
            }))
        },
    },
    Kind {
        select: "select conversation_id, account_id, draft_suite, draft_key_ref, draft_nonce, draft_bytes
            from participants
            where (conversation_id, account_id) > ($1, $2) and draft_suite = 0
            order by conversation_id, account_id
            limit $3",
        update: "update participants set draft_suite = $1, draft_key_ref = $2, draft_nonce = $3, draft_bytes = $4
            where conversation_id = $5 and account_id = $6",
        beginning: before_all_ids,
        key: ids,
        place: |row| {
            Ok(Some(Place::Draft {
                conversation: row.get(0)?,
                account: row.get(1)?,
            }))
        },
    },
    Kind {
        select: "select low_id, high_id, note_suite, note_key_ref, note_nonce, note_bytes, request_from, requested_at
            from relations
            where (low_id, high_id) > ($1, $2) and note_suite = 0
            order by low_id, high_id
            limit $3",
        update: "update relations set note_suite = $1, note_key_ref = $2, note_nonce = $3, note_bytes = $4
            where low_id = $5 and high_id = $6",
        beginning: before_all_ids,
        key: ids,
        place: |row| {
            let (low, high) = (row.get::<AccountId>(0)?, row.get(1)?);
            let request: (Option<AccountId>, Option<Timestamp>) = (row.get(6)?, row.get(7)?);
            let (Some(from), Some(at)) = request else {
                return Ok(None);
            };
            let to = if from == low { high } else { low };
            Ok(Some(Place::Note { from, to, at }))
        },
    },
    Kind {
        select: "select account_id, vault_id, secret_suite, secret_key_ref, secret_nonce, secret
            from vaults
            where (account_id, vault_id) > ($1, $2) and secret_suite = 0
            order by account_id, vault_id
            limit $3",
        update: "update vaults set secret_suite = $1, secret_key_ref = $2, secret_nonce = $3, secret = $4
            where account_id = $5 and vault_id = $6",
        beginning: before_all_ids,
        key: ids,
        place: |row| {
            Ok(Some(Place::Secret {
                account: row.get(0)?,
                vault: row.get(1)?,
            }))
        },
    },
];

fn before_all_ids() -> RowKey {
    [Uuid::nil().into(), Uuid::nil().into()]
}

fn ids(row: &Row<'_>) -> Result<RowKey> {
    Ok([row.get::<Uuid>(0)?.into(), row.get::<Uuid>(1)?.into()])
}

/// Seals the next rows of a kind; answers how many they were, and the last one, if there was any.
fn seal_batch(tx: &mut Tx<'_>, kind: &Kind, after: RowKey, keys: &mut Keys) -> Result<(u64, Option<RowKey>)> {
    let mut values = after.to_vec();
    values.push(BATCH.into());
    let rows = tx.list(kind.select, &values, |row| {
        Ok(((kind.key)(row)?, (kind.place)(row)?, Envelope::from_row(row, 2)?))
    })?;
    let last = rows.last().map(|(key, ..)| key.clone());
    let mut n_sealed = 0;
    for (key, place, envelope) in rows {
        // What is broken stays as it is, and is damaged.
        let Some(plain) = envelope.filter(|envelope| envelope.suite() == suite::PLAIN) else {
            continue;
        };
        let columns = match place {
            Some(place) => seal(tx, keys, place, &plain)?.into_columns(),
            None => Envelope::no_columns(),
        };
        let mut values = columns.to_vec();
        values.extend(key);
        tx.execute(kind.update, &values)?;
        n_sealed += 1;
    }
    Ok((n_sealed, last))
}
