//! What a participant has not sent yet.

use app::api::Timestamp;
use app::conversations::Draft;

use super::super::Participant;
use super::words::{SealedDraft, open_draft};
use super::{find_key_ref, require_key};
use crate::error::Result;
use crate::store::{Envelope, Place, Tx};
use crate::values;

/// The participant's draft.
pub(in crate::conversations) fn find_draft(
    tx: &mut Tx<'_>,
    participant: &Participant,
) -> Result<Option<Draft>> {
    let found = tx.find(
        "select draft_suite, draft_key_ref, draft_nonce, draft_bytes
        from participants
        where conversation_id = $1 and account_id = $2",
        values![participant.conversation(), participant.account()],
        |row| Envelope::from_row(row, 0),
    )?;
    let sealed = found.flatten().map(|envelope| SealedDraft {
        conversation: participant.conversation(),
        account: participant.account(),
        envelope,
    });
    open_draft(tx, sealed)
}

/// Stores the participant's draft; `None` empties it.
pub(in crate::conversations) fn update_draft(
    tx: &mut Tx<'_>,
    participant: &Participant,
    draft: Option<&Draft>,
    now: Timestamp,
) -> Result<()> {
    let columns = match draft {
        None => Envelope::no_columns(),
        Some(draft) => {
            let place = Place::Draft {
                conversation: participant.conversation(),
                account: participant.account(),
            };
            let key_ref = find_key_ref(tx, participant.conversation())?;
            let key_ref = require_key(tx, participant.conversation(), key_ref)?;
            tx.seal(key_ref, place, &draft.0)?.into_columns()
        }
    };
    let mut values = columns.to_vec();
    values.extend([
        now.into(),
        participant.conversation().into(),
        participant.account().into(),
    ]);
    tx.execute(
        "update participants
        set draft_suite = $1, draft_key_ref = $2, draft_nonce = $3, draft_bytes = $4, drafted_at = $5
        where conversation_id = $6 and account_id = $7",
        &values,
    )?;
    Ok(())
}

/// Empties the participant's draft, which was sent.
pub(in crate::conversations) fn delete_draft(tx: &mut Tx<'_>, participant: &Participant) -> Result<()> {
    tx.put(
        "update participants
        set draft_suite = null, draft_key_ref = null, draft_nonce = null, draft_bytes = null, drafted_at = null
        where conversation_id = $1 and account_id = $2",
        values![participant.conversation(), participant.account()],
    )
}
