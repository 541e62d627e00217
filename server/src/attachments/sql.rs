//! The table `attachments`.

use app::api::{AccountId, AttachmentId, ConversationId, MessageKey, Timestamp};
use app::attachments::{Attachment, AttachmentKind, FileName, FileNote, FileProblem};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parts::Form;
use crate::error::{Error, Result};
use crate::store::{Content, Envelope, Place, Row, Tx, Value};
use crate::values;

/// A row, as far as rules look at it.
pub(super) struct FileRow {
    pub(super) id: AttachmentId,
    pub(super) conversation: ConversationId,
    pub(super) account: AccountId,
    pub(super) state: State,
    pub(super) extension: String,
    pub(super) announced_bytes: u64,
    pub(super) received_bytes: u64,
    /// The message that carries it.
    pub(super) position: Option<u64>,
    pub(super) parts_key: Uuid,
    pub(super) made: Made,
    label: Envelope,
}

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is on its way.
    Begun,
    /// It was looked at, and may be sent.
    Ready,
    /// It was refused.
    Refused(FileProblem),
}

/// What a file is, once it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) form: Form,
    pub(super) content_bytes: u64,
    /// 0 when there is none.
    pub(super) thumbnail_bytes: u64,
    pub(super) kind: AttachmentKind,
    pub(super) media_type: String,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) note: Option<FileNote>,
}

/// What says as much as words: it rests sealed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// Of what is handed out; empty until it is finished.
    #[serde(default)]
    pub(super) sha256: String,
    /// Of what has arrived, where something else is handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) arrived: Option<String>,
}

macro_rules! columns {
    () => {
        "a.id, a.conversation_id, a.account_id, a.state, a.problem, a.extension, a.announced_bytes, a.received_bytes,
            a.position, a.parts_key_ref, a.form, a.content_bytes, a.thumbnail_bytes, a.kind, a.media_type, a.width,
            a.height, a.note, a.label_suite, a.label_key_ref, a.label_nonce, a.label_bytes"
    };
}

fn read_row(row: &Row<'_>) -> Result<FileRow> {
    let broken = |what: &str| Error::failed("reading a file", format!("an unknown {what}"));
    let state: String = row.get(3)?;
    let problem: Option<String> = row.get(4)?;
    let state = match (state.as_str(), problem.as_deref().map(FileProblem::of_code)) {
        ("begun", _) => State::Begun,
        ("ready", _) => State::Ready,
        ("refused", Some(Some(problem))) => State::Refused(problem),
        _ => return Err(broken("state")),
    };
    let kind: String = row.get(13)?;
    let note: Option<String> = row.get(17)?;
    Ok(FileRow {
        id: row.get(0)?,
        conversation: row.get(1)?,
        account: row.get(2)?,
        state,
        extension: row.get(5)?,
        announced_bytes: row.get(6)?,
        received_bytes: row.get(7)?,
        position: row.get(8)?,
        parts_key: row.get(9)?,
        made: Made {
            form: Form::of_number(row.get(10)?).ok_or_else(|| broken("form"))?,
            content_bytes: row.get(11)?,
            thumbnail_bytes: row.get(12)?,
            kind: KINDS
                .into_iter()
                .find(|known| known.as_str() == kind)
                .ok_or_else(|| broken("kind"))?,
            media_type: row.get(14)?,
            width: row.get(15)?,
            height: row.get(16)?,
            note: note.as_deref().and_then(note_of),
        },
        label: Envelope::from_row(row, 18)?.ok_or_else(|| broken("label"))?,
    })
}

const KINDS: [AttachmentKind; 5] = [
    AttachmentKind::Image,
    AttachmentKind::Pdf,
    AttachmentKind::Audio,
    AttachmentKind::Video,
    AttachmentKind::Document,
];

const NOTES: [(FileNote, &str); 2] = [
    (FileNote::KeptAsFile, "kept_as_file"),
    (FileNote::HasScripts, "has_scripts"),
];

fn note_of(name: &str) -> Option<FileNote> {
    NOTES
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(note, _)| *note)
}

fn note_name(note: FileNote) -> &'static str {
    NOTES
        .iter()
        .find(|(known, _)| *known == note)
        .map_or("", |(_, name)| name)
}

impl FileRow {
    fn place(&self) -> Place {
        Place::Label {
            conversation: self.conversation,
            file: self.id,
            author: self.account,
        }
    }

    /// What it is called, and so on. One that cannot be shown is empty.
    pub(super) fn open_label(&self, tx: &mut Tx<'_>) -> Result<Label> {
        let opened = tx.open(&self.label, self.place())?;
        let Content::Here(text) = opened else {
            return Ok(Label::default());
        };
        serde_json::from_str(&text).map_err(|error| Error::failed("reading the label of a file", error))
    }

    /// As it is shown.
    pub(super) fn show(&self, tx: &mut Tx<'_>) -> Result<Attachment> {
        let label = self.open_label(tx)?;
        let made = self.made.clone();
        Ok(Attachment {
            id: self.id,
            name: FileName::from_store(label.name),
            kind: made.kind,
            media_type: made.media_type,
            size: made.content_bytes,
            sha256: label.sha256,
            description: label.description,
            width: made.width,
            height: made.height,
            note: made.note,
        })
    }
}

/// The file of this id.
pub(super) fn find(tx: &mut Tx<'_>, id: AttachmentId) -> Result<Option<FileRow>> {
    tx.find(
        concat!("select ", columns!(), " from attachments a where a.id = $1"),
        values![id],
        read_row,
    )
}

/// What the person once began under this key.
pub(super) fn find_by_key(tx: &mut Tx<'_>, account: AccountId, key: MessageKey) -> Result<Option<FileRow>> {
    tx.find(
        concat!(
            "select ",
            columns!(),
            " from attachments a where a.key = $1 and a.account_id = $2"
        ),
        values![key, account],
        read_row,
    )
}

/// The files of messages from position `first` to `last`, in their order.
pub(super) fn list_carried(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    first: u64,
    last: u64,
) -> Result<Vec<FileRow>> {
    tx.list(
        concat!(
            "select ",
            columns!(),
            " from attachments a
            where a.conversation_id = $1 and a.position >= $2 and a.position <= $3
            order by a.position, a.nth"
        ),
        values![conversation, first, last],
        read_row,
    )
}

/// What the files of a person take, and how many of them are on their way.
pub(super) fn find_usage(tx: &mut Tx<'_>, account: AccountId) -> Result<(u64, u64)> {
    let found = tx.find(
        "select cast(coalesce(sum(size_bytes), 0) as bigint),
            cast(coalesce(sum(case when state = 'begun' then 1 else 0 end), 0) as bigint)
        from attachments
        where account_id = $1",
        values![account],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// An upload that begins.
pub(super) struct NewFile {
    pub(super) id: AttachmentId,
    pub(super) conversation: ConversationId,
    pub(super) account: AccountId,
    pub(super) key: MessageKey,
    pub(super) extension: String,
    pub(super) announced_bytes: u64,
    pub(super) kind: AttachmentKind,
    pub(super) media_type: String,
    /// What seals its parts and its label.
    pub(super) sealing_key: Uuid,
}

/// Stores an upload that begins.
pub(super) fn insert(tx: &mut Tx<'_>, file: &NewFile, label: &Label, now: Timestamp) -> Result<()> {
    let place = Place::Label {
        conversation: file.conversation,
        file: file.id,
        author: file.account,
    };
    let mut values: Vec<Value> = vec![
        file.id.into(),
        file.conversation.into(),
        file.account.into(),
        file.key.into(),
        now.into(),
        file.extension.as_str().into(),
        file.announced_bytes.into(),
        file.kind.as_str().into(),
        file.media_type.as_str().into(),
        file.sealing_key.into(),
    ];
    values.extend(seal_label(tx, file.sealing_key, place, label)?.into_columns());
    tx.execute(
        "insert into attachments (id, conversation_id, account_id, key, made_at, touched_at, state, extension,
            announced_bytes, received_bytes, size_bytes, form, content_bytes, thumbnail_bytes, kind, media_type,
            parts_key_ref, label_suite, label_key_ref, label_nonce, label_bytes, nth)
        values ($1, $2, $3, $4, $5, $5, 'begun', $6, $7, 0, $7, 0, 0, 0, $8, $9, $10, $11, $12, $13, $14, 0)",
        &values,
    )?;
    Ok(())
}

fn seal_label(tx: &mut Tx<'_>, key: Uuid, place: Place, label: &Label) -> Result<Envelope> {
    let text =
        serde_json::to_string(label).map_err(|error| Error::failed("writing the label of a file", error))?;
    tx.seal(key, place, &text)
}

/// Notes what has arrived, if nobody else has noted more meanwhile.
pub(super) fn update_received(
    tx: &mut Tx<'_>,
    id: AttachmentId,
    (before, now_received): (u64, u64),
    now: Timestamp,
) -> Result<bool> {
    let n_rows = tx.execute(
        "update attachments set received_bytes = $1, touched_at = $2
        where id = $3 and received_bytes = $4 and state = 'begun'",
        values![now_received, now, id, before],
    )?;
    Ok(n_rows == 1)
}

/// Notes how long a file is whose length nobody knew before.
pub(super) fn update_announced(tx: &mut Tx<'_>, id: AttachmentId, n_bytes: u64) -> Result<()> {
    tx.execute(
        "update attachments set announced_bytes = $1, size_bytes = $1 where id = $2 and state = 'begun'",
        values![n_bytes, id],
    )?;
    Ok(())
}

/// The file was looked at, and may be sent.
pub(super) fn update_ready(
    tx: &mut Tx<'_>,
    row: &FileRow,
    made: &Made,
    label: &Label,
    now: Timestamp,
) -> Result<bool> {
    let sealed = seal_label(tx, row.parts_key, row.place(), label)?;
    let mut values: Vec<Value> = vec![
        i64::from(made.form.number()).into(),
        made.content_bytes.into(),
        made.thumbnail_bytes.into(),
        made.kind.as_str().into(),
        made.media_type.as_str().into(),
        made.width.into(),
        made.height.into(),
        made.note.map(note_name).into(),
        (made.content_bytes + made.thumbnail_bytes).into(),
        now.into(),
    ];
    values.extend(sealed.into_columns());
    values.push(row.id.into());
    let n_rows = tx.execute(
        "update attachments
        set state = 'ready', form = $1, content_bytes = $2, thumbnail_bytes = $3, kind = $4, media_type = $5, width = $6,
            height = $7, note = $8, size_bytes = $9, touched_at = $10, label_suite = $11, label_key_ref = $12,
            label_nonce = $13, label_bytes = $14
        where id = $15 and state = 'begun'",
        &values,
    )?;
    Ok(n_rows == 1)
}

/// The file was refused.
pub(super) fn update_refused(
    tx: &mut Tx<'_>,
    id: AttachmentId,
    problem: FileProblem,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "update attachments set state = 'refused', problem = $1, size_bytes = 0, touched_at = $2
        where id = $3 and state = 'begun'",
        values![problem.code(), now, id],
    )?;
    Ok(())
}

/// Says what a file shows.
pub(super) fn update_label(tx: &mut Tx<'_>, row: &FileRow, label: &Label, now: Timestamp) -> Result<()> {
    let mut values: Vec<Value> = vec![now.into()];
    values.extend(seal_label(tx, row.parts_key, row.place(), label)?.into_columns());
    values.push(row.id.into());
    tx.execute(
        "update attachments
        set touched_at = $1, label_suite = $2, label_key_ref = $3, label_nonce = $4, label_bytes = $5
        where id = $6",
        &values,
    )?;
    Ok(())
}

/// Gives a file to the message at a position, if no other has it.
pub(super) fn update_position(
    tx: &mut Tx<'_>,
    id: AttachmentId,
    position: u64,
    nth: u64,
    now: Timestamp,
) -> Result<bool> {
    let n_rows = tx.execute(
        "update attachments set position = $1, nth = $2, touched_at = $3
        where id = $4 and position is null and state = 'ready'",
        values![position, nth, now, id],
    )?;
    Ok(n_rows == 1)
}

/// Forgets a file that no message carries.
pub(super) fn delete_unsent(tx: &mut Tx<'_>, id: AttachmentId) -> Result<bool> {
    let n_rows = tx.execute(
        "delete from attachments where id = $1 and position is null",
        values![id],
    )?;
    Ok(n_rows == 1)
}

/// Forgets the files of the message at a position; answers which.
pub(super) fn delete_carried(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    position: u64,
) -> Result<Vec<AttachmentId>> {
    let files = tx.list(
        "select id from attachments where conversation_id = $1 and position = $2 order by nth",
        values![conversation, position],
        |row| row.get(0),
    )?;
    tx.execute(
        "delete from attachments where conversation_id = $1 and position = $2",
        values![conversation, position],
    )?;
    Ok(files)
}

/// Forgets all files of a conversation.
pub(super) fn delete_all(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<()> {
    tx.execute(
        "delete from attachments where conversation_id = $1",
        values![conversation],
    )?;
    Ok(())
}

/// Files that no message carries and nobody has touched since, at most `limit`.
pub(super) fn list_unsent(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<(ConversationId, AttachmentId)>> {
    tx.list(
        "select conversation_id, id from attachments where position is null and touched_at < $1 limit $2",
        values![before, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
