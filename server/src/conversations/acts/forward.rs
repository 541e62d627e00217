//! The same words and files to another friend: a message of its own there, which says that it was forwarded and not from whom.
//!
//! Files are sealed anew for the conversation where they go, which takes a while and no transaction: first their copies take
//! room, then they are made, then the message takes them. Whatever happens in between, nobody sees half of it.

use app::api::{ApiError, AttachmentId, MessageId, Timestamp};
use app::conversations::acts::ForwardMessage;
use app::conversations::{MessageBody, SentMessage};

use super::Held;
use crate::attachments::{self, Copies};
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::conversations::Participant;
use crate::conversations::compose::{Parcel, deliver, find_sent};
use crate::error::{Error, Result};
use crate::friendships;
use crate::store::Tx;

/// Forwards a message that the caller may read, with the words that it has now and its files, which take the caller's room.
/// Whoever wrote them is told nothing, as with words that are copied by hand; the audit remembers.
///
/// # Errors
/// `NotFound` when the caller does not take part in either conversation; `MessageDeleted`; `KeyReused` when the key stands
/// for another message; `File` when there is no room for its files, or one of them is damaged; for the conversation where it
/// goes as [`crate::friendships::require_writer`].
pub async fn forward_message(context: Context, caller: Caller, wish: ForwardMessage) -> Result<SentMessage> {
    let conversation = wish.conversation;
    let backlog = context.backlog.clone();
    // In a task of its own: a line that dies leaves no copy behind that nobody goes on with.
    let forwarded = tokio::spawn(forward(context, caller, wish))
        .await
        .map_err(|error| Error::failed("forwarding a message", error))??;
    backlog.note(conversation);
    Ok(forwarded)
}

async fn forward(context: Context, caller: Caller, wish: ForwardMessage) -> Result<SentMessage> {
    let now = context.now();
    let act = Forwarding {
        caller,
        wish,
        id: MessageId(context.new_id()),
        now,
    };
    let (begun, known) = (act.clone(), context.clone());
    let copies = match context.db.write(move |tx| begun.begin(tx, &known)).await? {
        Begun::Sent(sent) => return Ok(sent),
        Begun::Copying(copies) => copies,
    };
    let files = copies.files();
    let sent = match copies.make(&context).await {
        Ok(()) => context.db.write(move |tx| act.end(tx, &copies)).await,
        Err(error) => Err(error),
    };
    // Those that the message has not taken: it failed, or went at the same time by another request.
    attachments::drop_copies(&context, files).await;
    sent
}

/// A message on its way to somebody else.
#[derive(Clone)]
struct Forwarding {
    caller: Caller,
    wish: ForwardMessage,
    /// Of the message that arrives.
    id: MessageId,
    now: Timestamp,
}

enum Begun {
    /// It has arrived, now or earlier.
    Sent(SentMessage),
    /// Its files have to be copied first.
    Copying(Copies),
}

/// What is found before anything is done.
enum Looked {
    /// It was forwarded before.
    Sent(SentMessage),
    /// It may be forwarded.
    Open(Box<Open>),
}

/// What may be forwarded, as it is now, and where it goes.
struct Open {
    original: Held,
    body: MessageBody,
    to: Participant,
}

impl Forwarding {
    fn begin(&self, tx: &mut Tx<'_>, context: &Context) -> Result<Begun> {
        let Open { original, body, to } = match self.look(tx)? {
            Looked::Sent(sent) => return Ok(Begun::Sent(sent)),
            Looked::Open(open) => *open,
        };
        if !original.sealed.has_files() {
            return self.deliver(tx, &to, body, Vec::new()).map(Begun::Sent);
        }
        let writer = friendships::require_writer_for(tx, &to)?;
        let from = (original.participant.conversation(), original.position());
        Copies::begin(tx, context, &writer, from, self.now).map(Begun::Copying)
    }

    /// The copies are made. What has happened meanwhile counts.
    fn end(&self, tx: &mut Tx<'_>, copies: &Copies) -> Result<SentMessage> {
        match self.look(tx)? {
            Looked::Sent(sent) => Ok(sent),
            Looked::Open(open) => {
                let files = copies.finish(tx, self.now)?;
                self.deliver(tx, &open.to, open.body, files)
            }
        }
    }

    fn look(&self, tx: &mut Tx<'_>) -> Result<Looked> {
        let (me, wish) = (self.caller.account, &self.wish);
        let (participant, sent) = find_sent(tx, me, wish.conversation, wish.key)?;
        if let Some(sent) = sent {
            if sent.conversation != wish.conversation || sent.forwards != Some(wish.message) {
                return Err(ApiError::KeyReused.into());
            }
            return Ok(Looked::Sent(SentMessage {
                message: sent.message,
            }));
        }
        let original = Held::require(tx, me, wish.message)?;
        original.require_words()?;
        let message = original.answer(tx)?.message;
        if message.is_withheld() {
            return Err(ApiError::NotFound.into());
        }
        Ok(Looked::Open(Box::new(Open {
            original,
            body: message.body,
            to: participant.ok_or(ApiError::NotFound)?,
        })))
    }

    fn deliver(
        &self,
        tx: &mut Tx<'_>,
        to: &Participant,
        body: MessageBody,
        files: Vec<AttachmentId>,
    ) -> Result<SentMessage> {
        let parcel = Parcel {
            id: self.id,
            key: self.wish.key,
            body,
            reply_to: None,
            forwards: Some(self.wish.message),
            files,
        };
        let (message, _) = deliver(tx, to, parcel, self.now)?;
        let me = Some(self.caller.account);
        audit::append(tx, self.now, me, Act::MessageForwarded, self.wish.message.0)?;
        audit::append(tx, self.now, me, Act::ForwardStored, message.id.0)?;
        Ok(SentMessage { message })
    }
}
