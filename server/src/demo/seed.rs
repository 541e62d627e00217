//! Fills an empty database with the people and their story, by the same rules that real people go through.

use std::collections::HashMap;

use app::accounts::{Language, Secret};
use app::api::{AccountId, AttachmentId, DeviceId, MessageKey, Timestamp};
use app::attachments::{FileName, FinishUpload};
use app::conversations::{
    Conversation, Draft, MarkRead, MessageBody, OpenConversation, SaveDraft, SendMessage,
};
use app::friendships::{AcceptFriendRequest, BlockAccount, CloseChannel, SendFriendRequest};
use bytes::Bytes;
use futures::stream;
use rust_embed::RustEmbed;

use super::PASSWORD;
use super::clock::SeedClock;
use super::people::{ADMINISTRATOR, PEOPLE, Person, email};
use super::story::{Act, acts};
use crate::accounts::{self, CheckedAccount, Email, Identity};
use crate::attachments::{self, WholeFile};
use crate::context::{Caller, Context, SessionSlot};
use crate::error::{Error, Result};
use crate::{conversations, friendships};

/// The portraits: drawn, 512 pixels square.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/src/demo/portraits"]
struct Portraits;

/// What they have sent each other besides words: drawn and written for this.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/src/demo/files"]
struct Enclosures;

/// When everybody joined: before the oldest act.
const JOINED_DAYS_AGO: i64 = 45;

/// Fills the database. Meanwhile the clock tells the story's time; after it, the machine's.
///
/// # Errors
/// `Failed` when a rule does not grant what the story tells.
pub async fn seed(context: &Context, clock: &SeedClock) -> Result<()> {
    clock.release();
    let now = context.now();
    clock.set(now.plus_ms(-JOINED_DAYS_AGO * Timestamp::DAY_MS));
    let people = join(context).await?;
    for (moment, act) in acts(now) {
        clock.set(moment);
        perform(context, &people, act)
            .await
            .map_err(|error| Error::failed("telling the demonstration's story", error))?;
    }
    clock.release();
    Ok(())
}

/// Creates the fifteen accounts. They share one hash, so that this takes as long as signing in once.
async fn join(context: &Context) -> Result<HashMap<&'static str, AccountId>> {
    let password_hash = context
        .passwords
        .hash(context.clock.as_ref(), &Secret(PASSWORD.to_owned()))
        .await?;
    let now = context.now();
    let mut people = HashMap::new();
    let mut accounts = Vec::new();
    for person in PEOPLE {
        let id = AccountId(context.new_id());
        people.insert(person.mailbox, id);
        let account = CheckedAccount {
            id,
            email: Email::parse(&email(person.mailbox))?,
            identity: Identity::parse(person.title, person.name, person.profession, person.workplace)?,
            is_admin: person.mailbox == ADMINISTRATOR,
            password_hash: password_hash.clone(),
        };
        accounts.push((account, person));
    }
    context
        .db
        .write(move |tx| {
            for (account, person) in &accounts {
                accounts::insert_account(tx, account, now)?;
                accounts::set_phone(tx, account.id, person.phone)?;
                if let Some(portrait) = portrait(person) {
                    accounts::insert_portrait(tx, account.id, portrait, now)?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(people)
}

fn portrait(person: &Person) -> Option<Vec<u8>> {
    let file = Portraits::get(&format!("{}.jpg", person.portrait?))?;
    Some(file.data.into_owned())
}

async fn perform(context: &Context, people: &HashMap<&'static str, AccountId>, act: Act) -> Result<()> {
    let id = |mailbox: &str| {
        people
            .get(mailbox)
            .copied()
            .ok_or_else(|| Error::failed("finding a person", mailbox.to_owned()))
    };
    match act {
        Act::Ask(who, whom, note) => {
            let wish = SendFriendRequest {
                account: id(whom)?,
                note: note.map(ToOwned::to_owned),
            };
            friendships::send_friend_request(context.clone(), caller(context, id(who)?), wish).await?;
        }
        Act::Accept(who, whom) => {
            let wish = AcceptFriendRequest { account: id(whom)? };
            friendships::accept_friend_request(context.clone(), caller(context, id(who)?), wish).await?;
        }
        Act::Close(who, whom) => {
            let wish = CloseChannel { account: id(whom)? };
            friendships::close_channel(context.clone(), caller(context, id(who)?), wish).await?;
        }
        Act::Block(who, whom) => {
            let wish = BlockAccount { account: id(whom)? };
            friendships::block_account(context.clone(), caller(context, id(who)?), wish).await?;
        }
        Act::Read(who, whom) => {
            let caller = caller(context, id(who)?);
            let conversation = open(context, &caller, id(whom)?).await?;
            read(context, caller, &conversation).await?;
        }
        Act::Write(who, whom, text, file) => {
            let caller = caller(context, id(who)?);
            let conversation = open(context, &caller, id(whom)?).await?;
            // Who answers has read.
            read(context, caller.clone(), &conversation).await?;
            let attachments = match file {
                Some(name) => vec![upload(context, &caller, &conversation, name).await?],
                None => Vec::new(),
            };
            let wish = SendMessage {
                conversation: conversation.id,
                key: MessageKey(context.new_id()),
                reply_to: None,
                body: MessageBody::parse(text)?,
                clears_draft: false,
                attachments,
            };
            conversations::send_message(context.clone(), caller, wish).await?;
        }
        Act::Draft(who, whom, text) => {
            let caller = caller(context, id(who)?);
            let conversation = open(context, &caller, id(whom)?).await?;
            let wish = SaveDraft {
                conversation: conversation.id,
                draft: Draft(text.to_owned()),
                over: None,
            };
            conversations::save_draft(context.clone(), caller, wish).await?;
        }
    }
    Ok(())
}

async fn upload(
    context: &Context,
    caller: &Caller,
    conversation: &Conversation,
    name: &str,
) -> Result<AttachmentId> {
    let file = Enclosures::get(name).ok_or_else(|| Error::failed("finding a file", name.to_owned()))?;
    let whole = WholeFile {
        conversation: conversation.id,
        key: MessageKey(context.new_id()),
        name: FileName::parse(name)?,
        description: None,
    };
    let bytes = Bytes::from(file.data.into_owned());
    let attachment = attachments::receive_whole(context, caller, whole, stream::iter([Ok(bytes)])).await?;
    let wish = FinishUpload {
        attachment,
        sha256: None,
    };
    attachments::finish_upload(context.clone(), caller.clone(), wish).await?;
    Ok(attachment)
}

async fn open(context: &Context, caller: &Caller, friend: AccountId) -> Result<Conversation> {
    let wish = OpenConversation { account: friend };
    let opened = conversations::open_conversation(context.clone(), caller.clone(), wish).await?;
    Ok(opened.conversation)
}

async fn read(context: &Context, caller: Caller, conversation: &Conversation) -> Result<()> {
    let last_position = conversation
        .last_message
        .as_ref()
        .map_or(0, |message| message.position);
    if conversation.unread_count > 0 {
        let wish = MarkRead {
            conversation: conversation.id,
            position: last_position,
        };
        conversations::mark_read(context.clone(), caller, wish).await?;
    }
    Ok(())
}

/// The person, as if at a device of their own that has signed out since.
fn caller(context: &Context, account: AccountId) -> Caller {
    Caller {
        account,
        device: DeviceId(context.new_id()),
        is_admin: false,
        language: Language::default(),
        session: SessionSlot::default(),
    }
}
