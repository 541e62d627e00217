//! A person's own conversation, whole, as an archive that is sent while it is made.
//!
//! It holds each message from the first to the last one there was when the export began, as it is when its turn comes; the
//! files that they carry; and a list with the SHA-256 of each part. The right is asked for, and the audit's row written, in
//! the transaction in which it begins: without its row nothing is exported. Right and session are asked for again with
//! each piece. Memory holds one page of messages, or one part of a file, and a line for each file, whatever is exported.
//!
//! - `making`: what comes after what, from its first file to its end.
//! - `archive`: the form of the archive. `names`: what stands where in it.
//! - `document`: the messages as a page to be read. `data`: as JSON. `moments`: how the page tells its times apart.
//!
//! Source: assurance EXP-01, AUTH-13; the reasons in `docs/decisions/0026-export.md`.

mod archive;
mod data;
mod document;
mod making;
mod moments;
mod names;

use app::accounts::{Language, Me};
use app::api::{AccountId, ConversationId, Timestamp};
use app::contacts::Person;
use app::conversations::acts::Version;
use app::conversations::{Channel, ExportConversation, ExportFormat, Message};
use app::i18n::{Zone, civil, format};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::list::read_conversation;
use super::receipts::find_last_told;
use super::sql::receipts::Kind;
use super::{Participant, require_participant, sql};
use crate::accounts;
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::store::Tx;
use making::Making;

/// Pieces that wait for a line which is slower than the disk.
const N_AHEAD: usize = 2;
/// The most bytes of a piece.
const PIECE: usize = 256 * 1024;

/// An export that has begun.
pub struct Export {
    /// What the archive is called.
    pub file_name: String,
    /// The archive, in pieces of at most 256 KiB. What is made waits until it is taken. When it breaks off, the last piece
    /// is the reason.
    pub pieces: ReceiverStream<Result<Vec<u8>>>,
}

/// What is known when it begins.
struct Began {
    conversation: ConversationId,
    at: Timestamp,
    me: Me,
    friend: Person,
    channel: Channel,
    delivered: Reached,
    read: Reached,
    /// The last message of the export.
    last_position: u64,
    language: Language,
    zone: Zone,
}

/// How far the messages of whoever exports have come: what that person is told of it anyway, and nothing more.
struct Reached {
    /// The friend's position.
    position: u64,
    /// The last of the messages that have come so far, and when it had, where that is known.
    last: Option<(u64, Option<Timestamp>)>,
}

impl Reached {
    fn find(tx: &mut Tx<'_>, participant: &Participant, kind: Kind, position: u64) -> Result<Self> {
        let last = find_last_told(tx, participant, kind, position)?;
        Ok(Self { position, last })
    }
}

/// One of the two, as an export names them.
struct Named<'a> {
    id: AccountId,
    name: &'a str,
    profession: &'a str,
    workplace: &'a str,
}

impl Began {
    fn people(&self) -> impl Iterator<Item = Named<'_>> {
        let (me, friend) = (&self.me, &self.friend);
        let me = Named {
            id: me.id,
            name: &me.name,
            profession: &me.profession,
            workplace: &me.workplace,
        };
        let friend = Named {
            id: friend.id,
            name: &friend.name,
            profession: &friend.profession,
            workplace: &friend.workplace,
        };
        [me, friend].into_iter()
    }
}

/// A message, what it has said if it was changed, and where its files lie in the archive.
struct Exported {
    message: Message,
    versions: Vec<Version>,
    paths: Vec<Option<String>>,
}

/// Begins to hand a conversation of the caller over, open or closed.
///
/// # Errors
/// `NotFound` when the caller does not take part in it; `ConfirmIdentity` when who is there was proven more than five
/// minutes ago.
pub async fn export_conversation(
    context: Context,
    caller: Caller,
    wish: ExportConversation,
) -> Result<Export> {
    let now = context.now();
    let zone = Zone::known(wish.zone.as_deref().unwrap_or_default(), now);
    let (asks, conversation) = (caller.clone(), wish.conversation);
    let began = context
        .db
        .write(move |tx| {
            let participant = require_participant(tx, asks.account, conversation)?;
            accounts::require_recent(tx, &asks, now)?;
            let opened = read_conversation(tx, &participant, now)?.conversation;
            let (delivered, read) = (opened.friend_delivered_position, opened.friend_read_position);
            let began = Began {
                conversation,
                at: now,
                me: accounts::require_me(tx, asks.account, asks.device)?,
                friend: opened.friend,
                channel: opened.channel,
                delivered: Reached::find(tx, &participant, Kind::Delivered, delivered)?,
                read: Reached::find(tx, &participant, Kind::Read, read)?,
                last_position: sql::find_last_position(tx, &participant)?,
                language: asks.language,
                zone,
            };
            let actor = Some(asks.account);
            audit::append(tx, now, actor, Act::ConversationExported, conversation.0)?;
            Ok(began)
        })
        .await?;
    tracing::info!(account.id = %caller.account, conversation.id = %conversation, "an export began");
    let day = format::short_date(civil(now, &began.zone));
    let (pieces, taken) = mpsc::channel(N_AHEAD);
    let making = Making::new(context, caller, began, wish.format, pieces);
    tokio::spawn(making.make());
    Ok(Export {
        file_name: format!("conversation-{day}.zip"),
        pieces: ReceiverStream::new(taken),
    })
}

/// What the messages are called in the archive.
fn text_name(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Html => "conversation.html",
        ExportFormat::Json => "conversation.json",
    }
}
