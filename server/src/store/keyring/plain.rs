//! Seals what earlier versions stored in the clear, at the start, before anybody is served.
//!
//! In batches, each on disk before the next: a start that was interrupted goes on. Once no plain word is left the engine
//! writes its files anew, so that the old bytes are in none of them, and both the database and the keeper of the wrapping
//! key remember that it is whole: from then on suite 0 opens nothing, and nothing is sealed here any more. The keeper's
//! word is the one that counts, because whoever may write to the database could take its own away.

use std::collections::HashMap;
use std::sync::Arc;

use app::api::{AccountId, ConversationId, MessageId, Timestamp, VaultId};
use uuid::Uuid;

use super::place::{Owner, Place};
use super::{AtRest, Keyring, sql};
use crate::error::Result;
use crate::store::engine::Session;
use crate::store::{Envelope, Tx};
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
    if is_kept && !is_marked && once(session, keyring, has_plain)? {
        tracing::error!(
            place = %keyring.keeper.place(),
            "plain words are in a database that was sealed: they were put there since, or an old copy was put back; they are \
             shown as damaged, and never sealed"
        );
    }
    if !is_kept && !is_marked {
        seal_all(session, keyring)?;
    }
    if !is_marked {
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
    let mut after = (ConversationId(Uuid::nil()), 0);
    loop {
        let (n_of_batch, last) = once(session, keyring, |tx| seal_bodies(tx, after, &mut keys))?;
        n_sealed += n_of_batch;
        let Some(last) = last else { break };
        after = last;
    }
    for batch in [seal_drafts, seal_notes, seal_secrets] {
        loop {
            let n_of_batch = once(session, keyring, |tx| batch(tx, &mut keys))?;
            n_sealed += n_of_batch;
            if n_of_batch == 0 {
                break;
            }
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
            or exists (select 1 from vaults where secret_suite = 0)",
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

/// A plain body and its place.
struct PlainBody {
    conversation: ConversationId,
    position: u64,
    message: MessageId,
    author: AccountId,
    envelope: Option<Envelope>,
}

/// Seals bodies behind a place in the order of the table; answers how many, and the last place, if any was there.
fn seal_bodies(
    tx: &mut Tx<'_>,
    (conversation, position): (ConversationId, u64),
    keys: &mut Keys,
) -> Result<(u64, Option<(ConversationId, u64)>)> {
    let bodies = tx.list(
        "select conversation_id, position, id, sender_id, body_suite, body_key_ref, body_nonce, body_bytes
        from messages
        where (conversation_id, position) > ($1, $2) and body_suite = 0
        order by conversation_id, position
        limit $3",
        values![conversation, position, BATCH],
        |row| {
            Ok(PlainBody {
                conversation: row.get(0)?,
                position: row.get(1)?,
                message: row.get(2)?,
                author: row.get(3)?,
                envelope: Envelope::from_row(row, 4)?,
            })
        },
    )?;
    let last = bodies.last().map(|body| (body.conversation, body.position));
    let mut n_sealed = 0;
    for body in bodies {
        let place = Place::Body {
            conversation: body.conversation,
            message: body.message,
            position: body.position,
            author: body.author,
        };
        let Some(plain) = body.envelope else { continue };
        let mut values = seal(tx, keys, place, &plain)?.into_columns().to_vec();
        values.extend([body.conversation.into(), body.position.into()]);
        tx.execute(
            "update messages set body_suite = $1, body_key_ref = $2, body_nonce = $3, body_bytes = $4
            where conversation_id = $5 and position = $6",
            &values,
        )?;
        n_sealed += 1;
    }
    Ok((n_sealed, last))
}

fn seal_drafts(tx: &mut Tx<'_>, keys: &mut Keys) -> Result<u64> {
    let drafts = tx.list(
        "select conversation_id, account_id, draft_suite, draft_key_ref, draft_nonce, draft_bytes
        from participants
        where draft_suite = 0
        limit $1",
        values![BATCH],
        |row| Ok((row.get(0)?, row.get(1)?, Envelope::from_row(row, 2)?)),
    )?;
    let mut n_sealed = 0;
    for (conversation, account, envelope) in drafts {
        let Some(plain) = envelope else { continue };
        let place = Place::Draft {
            conversation,
            account,
        };
        let mut values = seal(tx, keys, place, &plain)?.into_columns().to_vec();
        values.extend([conversation.into(), account.into()]);
        tx.execute(
            "update participants set draft_suite = $1, draft_key_ref = $2, draft_nonce = $3, draft_bytes = $4
            where conversation_id = $5 and account_id = $6",
            &values,
        )?;
        n_sealed += 1;
    }
    Ok(n_sealed)
}

/// A plain note and its pair.
struct PlainNote {
    low: AccountId,
    high: AccountId,
    from: Option<AccountId>,
    at: Option<Timestamp>,
    envelope: Option<Envelope>,
}

fn seal_notes(tx: &mut Tx<'_>, keys: &mut Keys) -> Result<u64> {
    let notes = tx.list(
        "select low_id, high_id, request_from, requested_at, note_suite, note_key_ref, note_nonce, note_bytes
        from relations
        where note_suite = 0
        limit $1",
        values![BATCH],
        |row| {
            Ok(PlainNote {
                low: row.get(0)?,
                high: row.get(1)?,
                from: row.get(2)?,
                at: row.get(3)?,
                envelope: Envelope::from_row(row, 4)?,
            })
        },
    )?;
    let mut n_sealed = 0;
    for note in notes {
        let mut values = match (note.from, note.at, note.envelope) {
            (Some(from), Some(at), Some(plain)) => {
                let to = if from == note.low { note.high } else { note.low };
                seal(tx, keys, Place::Note { from, to, at }, &plain)?.into_columns()
            }
            // A note without a request is nobody's.
            _ => Envelope::no_columns(),
        }
        .to_vec();
        values.extend([note.low.into(), note.high.into()]);
        tx.execute(
            "update relations set note_suite = $1, note_key_ref = $2, note_nonce = $3, note_bytes = $4
            where low_id = $5 and high_id = $6",
            &values,
        )?;
        n_sealed += 1;
    }
    Ok(n_sealed)
}

fn seal_secrets(tx: &mut Tx<'_>, keys: &mut Keys) -> Result<u64> {
    let secrets: Vec<(AccountId, VaultId, Option<Envelope>)> = tx.list(
        "select account_id, vault_id, secret_suite, secret_key_ref, secret_nonce, secret
        from vaults
        where secret_suite = 0
        limit $1",
        values![BATCH],
        |row| Ok((row.get(0)?, row.get(1)?, Envelope::from_row(row, 2)?)),
    )?;
    let mut n_sealed = 0;
    for (account, vault, envelope) in secrets {
        let Some(plain) = envelope else { continue };
        let mut values = seal(tx, keys, Place::Secret { account, vault }, &plain)?
            .into_columns()
            .to_vec();
        values.extend([account.into(), vault.into()]);
        tx.execute(
            "update vaults set secret_suite = $1, secret_key_ref = $2, secret_nonce = $3, secret = $4
            where account_id = $5 and vault_id = $6",
            &values,
        )?;
        n_sealed += 1;
    }
    Ok(n_sealed)
}
