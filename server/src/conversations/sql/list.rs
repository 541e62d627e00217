//! A conversation as the list and the header show it: read in one pass, its words opened afterwards.

use app::api::{AccountId, ConversationId, MessageId, Timestamp};
use app::conversations::{Draft, Message};

use super::super::Participant;
use super::words::{SealedDraft, SealedMessage, open_draft, open_message, read_message};
use crate::error::{Error, Result};
use crate::store::{Envelope, Row, Tx};
use crate::values;

/// A conversation as its list reads it, in one pass.
pub(in crate::conversations) struct ListRow {
    pub(in crate::conversations) id: ConversationId,
    pub(in crate::conversations) friend: AccountId,
    pub(in crate::conversations) active_at: Timestamp,
    pub(in crate::conversations) unread_count: u64,
    pub(in crate::conversations) read_position: u64,
    pub(in crate::conversations) last_from_friend: u64,
    pub(in crate::conversations) friend_delivered_position: u64,
    pub(in crate::conversations) friend_read_position: u64,
    pub(in crate::conversations) draft: Option<Draft>,
    pub(in crate::conversations) last_message: Option<Message>,
}

/// The rows of [`read_list_row`].
macro_rules! list_rows {
    ($ending:literal) => {
        concat!(
            "select c.id, p.friend_id, c.active_at, p.unread_count, p.read_position, p.last_from_friend,
                f.delivered_position, f.shared_read_position, p.draft_suite, p.draft_key_ref, p.draft_nonce,
                p.draft_bytes, ",
            message_columns!(),
            " from participants p
            join conversations c on c.id = p.conversation_id
            join participants f on f.conversation_id = p.conversation_id and f.account_id = p.friend_id
            left join messages m on m.conversation_id = c.id and m.position = c.last_position ",
            $ending
        )
    };
}

/// The account's conversations, last active first.
pub(in crate::conversations) fn list_conversations(
    tx: &mut Tx<'_>,
    account: AccountId,
    limit: u32,
) -> Result<Vec<ListRow>> {
    let rows = tx.list(
        list_rows!("where p.account_id = $1 order by c.active_at desc, c.id desc limit $2"),
        values![account, limit],
        |row| read_list_row(row, account),
    )?;
    tx.load_keys(rows.iter().flat_map(SealedListRow::envelopes))?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// One conversation, as the list reads it.
pub(in crate::conversations) fn find_conversation(
    tx: &mut Tx<'_>,
    participant: &Participant,
) -> Result<ListRow> {
    let account = participant.account();
    let found = tx.find(
        list_rows!("where p.conversation_id = $1 and p.account_id = $2"),
        values![participant.conversation(), account],
        |row| read_list_row(row, account),
    )?;
    found
        .ok_or_else(|| Error::failed("reading a conversation", "a participant's conversation is gone"))?
        .open(tx)
}

/// A row of the list whose words are still sealed.
struct SealedListRow {
    row: ListRow,
    draft: Option<SealedDraft>,
    last_message: Option<SealedMessage>,
}

impl SealedListRow {
    fn envelopes(&self) -> impl Iterator<Item = &Envelope> {
        let draft = self.draft.iter().map(|draft| &draft.envelope);
        draft.chain(self.last_message.iter().map(|message| &message.envelope))
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<ListRow> {
        let conversation = self.row.id;
        let last_message = self
            .last_message
            .map(|sealed| open_message(tx, conversation, sealed));
        Ok(ListRow {
            draft: open_draft(tx, self.draft)?,
            last_message: last_message.transpose()?,
            ..self.row
        })
    }
}

fn read_list_row(row: &Row<'_>, reader: AccountId) -> Result<SealedListRow> {
    let has_message = row.get::<Option<MessageId>>(12)?.is_some();
    let conversation = row.get(0)?;
    Ok(SealedListRow {
        row: ListRow {
            id: conversation,
            friend: row.get(1)?,
            active_at: row.get(2)?,
            unread_count: row.get(3)?,
            read_position: row.get(4)?,
            last_from_friend: row.get(5)?,
            friend_delivered_position: row.get(6)?,
            friend_read_position: row.get(7)?,
            draft: None,
            last_message: None,
        },
        draft: Envelope::from_row(row, 8)?.map(|envelope| SealedDraft {
            conversation,
            account: reader,
            envelope,
        }),
        last_message: has_message.then(|| read_message(row, 12, reader)).transpose()?,
    })
}
