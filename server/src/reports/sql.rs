//! The tables `reports`, `report_messages` and `report_message_versions`.

use app::api::{AccountId, ConversationId, ReportId, ReportKey, Timestamp};
use app::conversations::{MessageBody, Version};
use app::reports::{ReportReason, ReportWords, ReportedMessage};
use uuid::Uuid;

use super::handing_over::HandedOver;
use crate::error::{Error, Result};
use crate::store::{Envelope, Owner, Place, Row, Tx};
use crate::values;

/// A report without its words.
pub(super) struct StoredReport {
    pub(super) id: ReportId,
    pub(super) reporter: AccountId,
    pub(super) reported: AccountId,
    pub(super) reason: ReportReason,
    pub(super) at: Timestamp,
    pub(super) has_words: bool,
    pub(super) n_messages: u32,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) erased_at: Option<Timestamp>,
}

/// A report to come.
pub(super) struct NewReport {
    pub(super) id: ReportId,
    pub(super) reporter: AccountId,
    pub(super) key: ReportKey,
    pub(super) reported: AccountId,
    pub(super) reason: ReportReason,
    pub(super) at: Timestamp,
}

/// The rows for which a condition holds, with the columns that [`read_report`] expects.
macro_rules! reports_where {
    ($condition:literal) => {
        concat!(
            "select id, reporter_id, reported_id, reason, at, has_words, n_messages, closed_at, erased_at
            from reports
            where ",
            $condition
        )
    };
}

/// Stores a report; its words and its messages under a key of its own.
pub(super) fn insert_report(
    tx: &mut Tx<'_>,
    new: &NewReport,
    words: Option<&ReportWords>,
    handed: &HandedOver,
) -> Result<()> {
    // A report without words needs no key.
    let key = if words.is_some() || !handed.messages.is_empty() {
        Some(tx.require_key(Owner::Report(new.id))?)
    } else {
        None
    };
    let sealed = match (words, key) {
        (Some(words), Some(key)) => {
            let place = Place::ReportWords { report: new.id };
            tx.seal(key, place, words.as_str())?.into_columns()
        }
        _ => Envelope::no_columns(),
    };
    let n_messages = u32::try_from(handed.messages.len()).unwrap_or(u32::MAX);
    let mut values = values![
        new.id,
        new.reporter,
        new.key,
        new.reported,
        new.reason.as_str(),
        new.at,
        words.is_some(),
        handed.conversation,
        n_messages,
    ]
    .to_vec();
    values.extend(sealed);
    tx.execute(
        "insert into reports (id, reporter_id, key, reported_id, reason, at, has_words, conversation_id, n_messages,
            words_suite, words_key_ref, words_nonce, words_bytes)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &values,
    )?;
    for message in &handed.messages {
        let Some(key) = key else { continue };
        insert_message(tx, new.id, key, message)?;
    }
    Ok(())
}

/// Stores the copy of a message, and of what it said before.
fn insert_message(tx: &mut Tx<'_>, report: ReportId, key: Uuid, message: &ReportedMessage) -> Result<()> {
    let (position, author) = (message.position, message.author);
    let sealed = tx.seal(key, place_of(report, position, author), message.body.as_str())?;
    let mut values = values![report, position, author, message.sent_at, message.edited_at].to_vec();
    values.extend(sealed.into_columns());
    tx.execute(
        "insert into report_messages (report_id, position, author_id, sent_at, edited_at,
            body_suite, body_key_ref, body_nonce, body_bytes)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &values,
    )?;
    for (version, earlier) in (1_u64..).zip(&message.earlier) {
        let sealed = if earlier.body.is_withheld() {
            Envelope::no_columns()
        } else {
            let place = version_of(report, position, author, version);
            tx.seal(key, place, earlier.body.as_str())?.into_columns()
        };
        let mut values = values![report, position, version, earlier.written_at].to_vec();
        values.extend(sealed);
        tx.execute(
            "insert into report_message_versions (report_id, position, version, written_at,
                body_suite, body_key_ref, body_nonce, body_bytes)
            values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &values,
        )?;
    }
    Ok(())
}

pub(super) fn find_report(tx: &mut Tx<'_>, report: ReportId) -> Result<Option<StoredReport>> {
    tx.find(reports_where!("id = $1"), values![report], read_report)
}

/// The report that was made under this key.
pub(super) fn find_by_key(
    tx: &mut Tx<'_>,
    reporter: AccountId,
    key: ReportKey,
) -> Result<Option<StoredReport>> {
    tx.find(
        reports_where!("reporter_id = $1 and key = $2"),
        values![reporter, key],
        read_report,
    )
}

/// Reports that are not about `reader`, newest first, from those made before `before` on.
pub(super) fn list_reports(
    tx: &mut Tx<'_>,
    reader: AccountId,
    is_closed: bool,
    before: ReportId,
    limit: u32,
) -> Result<Vec<StoredReport>> {
    let open =
        reports_where!("reported_id <> $1 and id < $2 and closed_at is null order by id desc limit $3");
    let closed =
        reports_where!("reported_id <> $1 and id < $2 and closed_at is not null order by id desc limit $3");
    let sql = if is_closed { closed } else { open };
    tx.list(sql, values![reader, before, limit], read_report)
}

/// The positions of the attached messages, in their order.
pub(super) fn list_positions(tx: &mut Tx<'_>, report: ReportId) -> Result<Vec<u64>> {
    tx.list(
        "select position from report_messages where report_id = $1 order by position",
        values![report],
        |row| row.get(0),
    )
}

/// What the reporter added, if it is there and can be shown.
pub(super) fn find_words(tx: &mut Tx<'_>, report: ReportId) -> Result<Option<ReportWords>> {
    let sealed = tx.find(
        "select words_suite, words_key_ref, words_nonce, words_bytes from reports where id = $1",
        values![report],
        |row| Envelope::from_row(row, 0),
    )?;
    let Some(envelope) = sealed.flatten() else {
        return Ok(None);
    };
    let words = tx.open(&envelope, Place::ReportWords { report })?;
    Ok(words.here().map(ReportWords::from_store))
}

/// The attached messages, oldest first, each with what it said before; words that cannot be shown are withheld.
pub(super) fn list_messages(tx: &mut Tx<'_>, report: ReportId) -> Result<Vec<ReportedMessage>> {
    let sealed = tx.list(
        "select position, author_id, sent_at, edited_at, body_suite, body_key_ref, body_nonce, body_bytes
        from report_messages
        where report_id = $1
        order by position",
        values![report],
        |row| {
            let message = ReportedMessage {
                position: row.get(0)?,
                author: row.get(1)?,
                sent_at: row.get(2)?,
                edited_at: row.get(3)?,
                body: MessageBody::withheld(),
                earlier: Vec::new(),
            };
            Ok((message, Envelope::from_row(row, 4)?))
        },
    )?;
    let versions = list_versions(tx, report)?;
    let mut messages = Vec::with_capacity(sealed.len());
    for (mut message, envelope) in sealed {
        let (position, author) = (message.position, message.author);
        message.body = open_words(tx, envelope.as_ref(), place_of(report, position, author))?;
        for stored in versions.iter().filter(|stored| stored.position == position) {
            let place = version_of(report, position, author, stored.version);
            message.earlier.push(Version {
                body: open_words(tx, stored.envelope.as_ref(), place)?,
                written_at: stored.written_at,
            });
        }
        messages.push(message);
    }
    Ok(messages)
}

/// What an attached message said before, still sealed.
struct StoredVersion {
    position: u64,
    version: u64,
    written_at: Timestamp,
    envelope: Option<Envelope>,
}

/// What the attached messages said before, oldest first.
fn list_versions(tx: &mut Tx<'_>, report: ReportId) -> Result<Vec<StoredVersion>> {
    tx.list(
        "select position, version, written_at, body_suite, body_key_ref, body_nonce, body_bytes
        from report_message_versions
        where report_id = $1
        order by position, version",
        values![report],
        |row| {
            Ok(StoredVersion {
                position: row.get(0)?,
                version: row.get(1)?,
                written_at: row.get(2)?,
                envelope: Envelope::from_row(row, 3)?,
            })
        },
    )
}

fn open_words(tx: &mut Tx<'_>, envelope: Option<&Envelope>, place: Place) -> Result<MessageBody> {
    let text = match envelope {
        Some(envelope) => tx.open(envelope, place)?.here(),
        None => None,
    };
    Ok(text.map_or_else(MessageBody::withheld, MessageBody::from_store))
}

pub(super) fn update_closed(tx: &mut Tx<'_>, report: ReportId, by: AccountId, at: Timestamp) -> Result<()> {
    tx.execute(
        "update reports set closed_at = $1, closed_by = $2 where id = $3",
        values![at, by, report],
    )?;
    Ok(())
}

/// The reports that were closed at `until` or earlier and still hold their words.
pub(super) fn list_due(tx: &mut Tx<'_>, until: Timestamp, limit: u32) -> Result<Vec<ReportId>> {
    tx.list(
        "select id from reports
        where closed_at <= $1 and erased_at is null
        order by closed_at
        limit $2",
        values![until, limit],
        |row| row.get(0),
    )
}

/// The reports that hold copies from this conversation.
pub(super) fn list_of_conversation(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<Vec<ReportId>> {
    tx.list(
        "select id from reports where conversation_id = $1 and erased_at is null",
        values![conversation],
        |row| row.get(0),
    )
}

/// Empties the words of a report and of its messages, and takes away what these said before; what they were sealed under has
/// been destroyed.
pub(super) fn empty_words(tx: &mut Tx<'_>, report: ReportId, at: Timestamp) -> Result<()> {
    tx.execute(
        "update reports
        set erased_at = $1, words_suite = null, words_key_ref = null, words_nonce = null, words_bytes = null
        where id = $2",
        values![at, report],
    )?;
    tx.execute(
        "update report_messages
        set body_suite = null, body_key_ref = null, body_nonce = null, body_bytes = null
        where report_id = $1",
        values![report],
    )?;
    tx.execute(
        "delete from report_message_versions where report_id = $1",
        values![report],
    )?;
    Ok(())
}

fn version_of(report: ReportId, position: u64, author: AccountId, version: u64) -> Place {
    Place::ReportVersion {
        report,
        position,
        author,
        version,
    }
}

fn place_of(report: ReportId, position: u64, author: AccountId) -> Place {
    Place::ReportMessage {
        report,
        position,
        author,
    }
}

fn read_report(row: &Row<'_>) -> Result<StoredReport> {
    let reason = row.get::<String>(3)?;
    Ok(StoredReport {
        id: row.get(0)?,
        reporter: row.get(1)?,
        reported: row.get(2)?,
        reason: ReportReason::from_name(&reason)
            .ok_or_else(|| Error::failed("reading a report", "its reason is unknown to this version"))?,
        at: row.get(4)?,
        has_words: row.get(5)?,
        n_messages: row.get(6)?,
        closed_at: row.get(7)?,
        erased_at: row.get(8)?,
    })
}
