//! People for a benchmark, made in process by the same rules as any, before the program starts on their data.
//!
//! Long histories are the exception: a million messages are written as rows, which takes seconds instead of minutes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use app::accounts::{ClientKind, Language, Secret, SignIn};
use app::api::{AccountId, ConversationId, ListEvents, MessageKey, Timestamp};
use app::conversations::{MessageBody, OpenConversation, SendMessage};
use app::friendships::{AcceptFriendRequest, SendFriendRequest};
use server::accounts::{self, Cost, NewAccount, Passwords};
use server::attachments::Files;
use server::clock::SystemClock;
use server::context::{Caller, Context, SessionSlot, Visitor};
use server::live::Live;
use server::objects::Objects;
use server::store::{AtRest, Db, FileKeeper, FileKind, PostgresUrl, Unlock};
use server::{conversations, events, friendships};

const PASSWORD: &str = "une phrase assez longue";

/// The data of a program that does not run yet.
pub(crate) struct People {
    context: Context,
    database: PathBuf,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    /// The header line that says so.
    pub(crate) credentials: String,
    caller: Caller,
}

impl People {
    /// Nobody yet, in a folder.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Self::open_at_rest(folder, AtRest::Sealed)
    }

    /// As [`People::open`], with words that rest as is said: only a benchmark can ask for that.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub(crate) fn open_at_rest(folder: &Path, at_rest: AtRest) -> Result<Self> {
        let database = folder.join("pli.db");
        let unlock = Unlock {
            at_rest,
            ..unlock(folder)
        };
        let db = Db::open_sqlite(&database, &unlock, Arc::new(|_| ())).map_err(told)?;
        Self::on(db, folder, database)
    }

    /// Nobody yet, in a database of PostgreSQL; its key is in a folder.
    ///
    /// # Errors
    /// The database cannot be used.
    pub(crate) fn open_postgres(url: &str, folder: &Path) -> Result<Self> {
        let url = PostgresUrl::parse(url).map_err(|error| anyhow!("{error}"))?;
        let db = Db::open_postgres(&url, &unlock(folder), Arc::new(|_| ()), Arc::new(|| ())).map_err(told)?;
        Self::on(db, folder, PathBuf::new())
    }

    fn on(db: Db, folder: &Path, database: PathBuf) -> Result<Self> {
        let context = Context {
            db,
            live: Live::default(),
            passwords: Passwords::without_limits(Cost::FOR_TESTS),
            clock: Arc::new(SystemClock),
            backlog: conversations::Backlog::default(),
            files: Files::new(
                Objects::in_folder(&folder.join("files")).map_err(told)?,
                PathBuf::new(),
            ),
            provider: None,
        };
        Ok(Self { context, database })
    }

    /// The store.
    pub(crate) fn db(&self) -> &Db {
        &self.context.db
    }

    /// What the rules use.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.context.now()
    }

    /// One more person, signed in.
    ///
    /// # Errors
    /// The rules refuse.
    pub(crate) async fn person(&self, number: usize) -> Result<Person> {
        let email = format!("person{number}@bench.example");
        let password = Secret(PASSWORD.to_owned());
        let new = NewAccount {
            email: email.clone(),
            name: format!("Person {number}"),
            profession: "Nurse".to_owned(),
            workplace: "Bench".to_owned(),
            is_admin: false,
            password: password.clone(),
        };
        accounts::create_account(&self.context, new).await.map_err(told)?;
        let visitor = Visitor {
            device_name: "Bench".to_owned(),
            language: Language::French,
            session: SessionSlot::default(),
        };
        let wish = SignIn {
            email,
            password,
            client: ClientKind::Api,
        };
        let signed_in = accounts::sign_in(self.context.clone(), visitor, wish)
            .await
            .map_err(told)?;
        let token = signed_in.token.context("no token")?.0;
        let me = signed_in.account;
        Ok(Person {
            credentials: format!("authorization: Bearer {token}\r\n"),
            caller: Caller {
                account: me.id,
                device: me.device,
                is_admin: false,
                language: me.language,
                session: SessionSlot::default(),
            },
        })
    }

    /// Opens the channel of two people.
    ///
    /// # Errors
    /// The rules refuse.
    pub(crate) async fn befriend(&self, one: &Person, other: &Person) -> Result<ConversationId> {
        let context = &self.context;
        let ask = SendFriendRequest {
            account: other.id(),
            note: None,
        };
        friendships::send_friend_request(context.clone(), one.caller.clone(), ask)
            .await
            .map_err(told)?;
        let accept = AcceptFriendRequest { account: one.id() };
        friendships::accept_friend_request(context.clone(), other.caller.clone(), accept)
            .await
            .map_err(told)?;
        let open = OpenConversation { account: other.id() };
        let opened = conversations::open_conversation(context.clone(), one.caller.clone(), open)
            .await
            .map_err(told)?;
        Ok(opened.conversation.id)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The rules refuse.
    pub(crate) async fn send(&self, author: &Person, conversation: ConversationId, text: &str) -> Result<()> {
        let wish = SendMessage {
            conversation,
            key: MessageKey(self.context.new_id()),
            reply_to: None,
            body: MessageBody::parse(text).map_err(|refusal| anyhow!("{refusal:?}"))?,
            clears_draft: false,
            attachments: Vec::new(),
        };
        conversations::send_message(self.context.clone(), author.caller.clone(), wish)
            .await
            .map_err(told)?;
        Ok(())
    }

    /// Where a person's log ends.
    ///
    /// # Errors
    /// The rules refuse.
    pub(crate) async fn cursor(&self, person: &Person) -> Result<u64> {
        let wish = ListEvents::default();
        let page = events::list_events(self.context.clone(), person.caller.clone(), wish)
            .await
            .map_err(told)?;
        Ok(page.cursor)
    }

    /// Writes a history of this many messages of both, in turn, as rows in the clear, as an earlier version did. The next
    /// opening seals them.
    ///
    /// # Errors
    /// The tables are not what they were when this was written.
    pub(crate) fn write_history(
        &self,
        conversation: ConversationId,
        (one, other): (&Person, &Person),
        n_messages: i64,
    ) -> Result<()> {
        let mut db = rusqlite::Connection::open(&self.database)?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        let tx = db.transaction()?;
        let conversation = conversation.0.as_bytes().to_vec();
        tx.execute(
            "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < $1)
            insert into messages (conversation_id, position, id, sender_id, nth, key, sent_at, body_suite, body_bytes)
            select $2, n, randomblob(16), case n % 2 when 0 then $3 else $4 end, (n + 1) / 2, randomblob(16),
                1790000000000 + n * 60000, 0, cast('Message ' || n || ' : le bilan de ce matin est au dossier, je repasse vers 15 h.' as blob)
            from numbers",
            rusqlite::params![
                n_messages,
                conversation,
                one.id().0.as_bytes().to_vec(),
                other.id().0.as_bytes().to_vec()
            ],
        )?;
        tx.execute(
            "update participants set n_from_friend = $1 / 2, last_from_friend = $1 - (account_id = $2) where conversation_id = $3",
            rusqlite::params![n_messages, one.id().0.as_bytes().to_vec(), conversation],
        )?;
        tx.execute(
            "update conversations set last_position = $1, active_at = 1790000000000 + $1 * 60000 where id = $2",
            rusqlite::params![n_messages, conversation],
        )?;
        tx.execute("delete from sealing", [])?;
        tx.commit()?;
        // The key knows as well that all was sealed.
        let keys = key_file(self.database.parent().unwrap_or(Path::new(".")));
        let text = std::fs::read_to_string(&keys)?;
        let lines = text.lines().filter(|line| !line.starts_with("pli-sealed-1"));
        Ok(std::fs::write(&keys, lines.collect::<Vec<_>>().join("\n"))?)
    }
}

/// Where a server on this folder looks for its key.
fn key_file(folder: &Path) -> PathBuf {
    folder.join("keys").join("wrapping.key")
}

fn unlock(folder: &Path) -> Unlock {
    let keeper = FileKeeper::at(key_file(folder), FileKind::Own);
    Unlock::with(Arc::new(keeper), Arc::new(SystemClock))
}

impl Person {
    /// Their account.
    pub(crate) fn id(&self) -> AccountId {
        self.caller.account
    }

    /// As the rules know them.
    pub(crate) fn caller(&self) -> Caller {
        self.caller.clone()
    }
}

pub(crate) fn told(error: server::error::Error) -> anyhow::Error {
    anyhow!("{}", error.chain())
}
