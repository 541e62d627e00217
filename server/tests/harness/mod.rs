//! What every test of the server stands on: a whole Pli with a database of its own, a clock that the test moves, and
//! people who call operations the way the doors do.
//!
//! `Harness::new()`, `harness.account("Anne Roy")`, `harness.two_friends()`, then
//! `harness.call(&anne, SendMessage { … })`; `harness.call_http` does the same over the router.

#![expect(clippy::unwrap_used, reason = "a harness that cannot be built ends its test")]
#![allow(dead_code, reason = "each test file uses a part of the harness")]

mod cluster;
mod database;
mod snapshot;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use app::accounts::{ClientKind, Language, Secret, SignIn};
use app::api::{
    AccountId, ApiError, ConversationId, DeviceId, Event, ListEvents, MessageKey, Method, Operation,
};
use app::api::{Problem, Timestamp};
use app::conversations::{Message, MessageBody, OpenConversation, SendMessage};
use app::friendships::{AcceptFriendRequest, SendFriendRequest};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use server::accounts::{self, Cost, NewAccount, Passwords, Pepper};
use server::attachments::Files;
use server::clock::{Clock, ManualClock, SystemClock};
use server::context::{Caller, Context, SessionSlot, Visitor};
use server::conversations::Backlog;
use server::error::Error;
use server::http::operations::{Asker, Input, Operations};
use server::http::{CookieMode, Doors, Limits, Site};
use server::live::Live;
use server::objects::Objects;
use server::store::{AtRest, Db, Key, MemoryKeeper, OnCommit, Unlock};
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) use database::TestDatabase;
pub(crate) use snapshot::Snapshot;

/// When tests begin: 15 January 2027, 08:00 UTC.
pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);
/// Everybody's password.
pub(crate) const PASSWORD: &str = "une phrase que personne ne devine";

/// A whole Pli, alone with its database.
pub(crate) struct Harness {
    /// What the rules use.
    pub(crate) context: Context,
    /// The clock that the test moves.
    pub(crate) clock: Arc<ManualClock>,
    /// The table of operations.
    pub(crate) operations: Arc<Operations>,
    database: TestDatabase,
    router: OnceLock<Router>,
    n_accounts: AtomicU64,
}

/// A signed-in person.
#[derive(Clone)]
pub(crate) struct Account {
    /// Their account.
    pub(crate) id: AccountId,
    /// The name as shown.
    pub(crate) name: String,
    /// The address to sign in with.
    pub(crate) email: String,
    /// The device they are signed in on.
    pub(crate) device: DeviceId,
    /// Its session, for the API.
    pub(crate) token: String,
    /// As the rules know them.
    pub(crate) caller: Caller,
}

/// Two people with an open channel.
pub(crate) struct Friends {
    /// Who asked.
    pub(crate) anne: Account,
    /// Who accepted.
    pub(crate) luc: Account,
    /// Their conversation.
    pub(crate) conversation: ConversationId,
}

impl Harness {
    /// An empty instance.
    pub(crate) fn new() -> Self {
        Self::on(TestDatabase::new(), TestDatabase::open)
    }

    /// An empty instance in which words rest in the clear: the bug that a proof of sealing must find.
    pub(crate) fn planted_plain() -> Self {
        Self::on(TestDatabase::new(), |database, on_commit| {
            database.open_with(&unlock_plain(), on_commit).unwrap()
        })
    }

    /// An empty instance under a wrapping key of its own.
    pub(crate) fn unlocked_by(unlock: &Unlock) -> Self {
        Self::on(TestDatabase::new(), |database, on_commit| {
            database.open_with(unlock, on_commit).unwrap()
        })
    }

    /// An empty instance, beside which other processes write.
    pub(crate) fn beside_others() -> Self {
        let live = Live::default();
        let everybody = live.clone();
        Self::with_live(live, TestDatabase::new(), |database, on_commit| {
            database.open_beside_others(on_commit, Arc::new(move || everybody.ring_all()))
        })
    }

    /// An instance on SQLite that a proof opens its own way, whatever engine the other tests run on.
    pub(crate) fn opened_by(open: impl FnOnce(&Path, OnCommit) -> Db) -> Self {
        Self::on(TestDatabase::of_sqlite(), |database, on_commit| {
            open(&database.file(), on_commit)
        })
    }

    fn on(database: TestDatabase, open: impl FnOnce(&TestDatabase, OnCommit) -> Db) -> Self {
        Self::with_live(Live::default(), database, open)
    }

    fn with_live(
        live: Live,
        database: TestDatabase,
        open: impl FnOnce(&TestDatabase, OnCommit) -> Db,
    ) -> Self {
        let bell = live.clone();
        let db = open(&database, Arc::new(move |accounts| bell.ring(accounts)));
        let clock = Arc::new(ManualClock::at(START));
        let passwords = Passwords::without_limits(Cost::FOR_TESTS).with_pepper(pepper());
        let context = Context {
            db,
            live,
            passwords,
            clock: Arc::<ManualClock>::clone(&clock),
            backlog: Backlog::default(),
            files: files(&database),
            provider: None,
        };
        Self {
            context,
            clock,
            operations: Arc::new(server::operations()),
            database,
            router: OnceLock::new(),
            n_accounts: AtomicU64::new(0),
        }
    }

    /// Names the organisation's provider, as a start with other settings does.
    pub(crate) fn name_provider(&mut self, provider: server::openid::Provider) {
        self.context.provider = Some(Arc::new(provider));
        self.router = OnceLock::new();
    }

    /// Ends the store and opens it again, as a server that starts anew does.
    pub(crate) fn reopen(&mut self) {
        let live = Live::default();
        let bell = live.clone();
        self.context.db = self.database.open(Arc::new(move |accounts| bell.ring(accounts)));
        self.context.live = live;
    }

    /// A new person, signed in.
    pub(crate) async fn account(&self, name: &str) -> Account {
        self.insert_account(name, "infirmière", "CLSC des Rapides", false)
            .await
    }

    /// A new administrator, signed in.
    pub(crate) async fn admin(&self, name: &str) -> Account {
        self.insert_account(name, "gestionnaire", "CISSS", true).await
    }

    /// A new person with a profession and a workplace, signed in.
    pub(crate) async fn insert_account(
        &self,
        name: &str,
        profession: &str,
        workplace: &str,
        is_admin: bool,
    ) -> Account {
        let email = format!(
            "account-{}@demo.example",
            self.n_accounts.fetch_add(1, Ordering::SeqCst)
        );
        let new = NewAccount {
            email: email.clone(),
            name: name.to_owned(),
            profession: profession.to_owned(),
            workplace: workplace.to_owned(),
            is_admin,
            password: Secret(PASSWORD.to_owned()),
        };
        accounts::create_account(&self.context, new)
            .await
            .unwrap_or_else(|error| panic!("{}", error.chain()));
        self.sign_in(&email).await
    }

    /// One more session of a person.
    pub(crate) async fn sign_in(&self, email: &str) -> Account {
        let password = Secret(PASSWORD.to_owned());
        let wish = SignIn {
            email: email.to_owned(),
            password,
            client: ClientKind::Api,
        };
        let signed_in = self.call_as(visitor(), wish).await.unwrap();
        let me = signed_in.account;
        let caller = Caller {
            account: me.id,
            device: me.device,
            is_admin: me.is_admin,
            language: me.language,
            session: SessionSlot::default(),
        };
        let token = signed_in.token.unwrap().0;
        Account {
            id: me.id,
            name: me.name,
            email: me.email,
            device: me.device,
            token,
            caller,
        }
    }

    /// Anne and Luc, who may write to each other.
    pub(crate) async fn two_friends(&self) -> Friends {
        let (anne, luc) = (
            self.account("Dre Anne Roy").await,
            self.account("Luc Gagné").await,
        );
        let conversation = self.befriend(&anne, &luc).await;
        Friends {
            anne,
            luc,
            conversation,
        }
    }

    /// Opens the channel of two people.
    pub(crate) async fn befriend(&self, one: &Account, other: &Account) -> ConversationId {
        self.call(
            one,
            SendFriendRequest {
                account: other.id,
                note: None,
            },
        )
        .await
        .unwrap();
        self.call(other, AcceptFriendRequest { account: one.id })
            .await
            .unwrap();
        self.call(one, OpenConversation { account: other.id })
            .await
            .unwrap()
            .conversation
            .id
    }

    /// Sends a message under a fresh key.
    pub(crate) async fn send(
        &self,
        author: &Account,
        conversation: ConversationId,
        text: &str,
    ) -> Result<Message, ApiError> {
        let wish = SendMessage {
            conversation,
            key: self.key(),
            reply_to: None,
            body: body(text),
            clears_draft: false,
            attachments: Vec::new(),
        };
        self.call(author, wish).await.map(|sent| sent.message)
    }

    /// A fresh key.
    pub(crate) fn key(&self) -> MessageKey {
        MessageKey(self.context.new_id())
    }

    /// Everything in the account's log after a cursor.
    pub(crate) async fn events_after(&self, account: &Account, after: u64) -> Vec<Event> {
        let wish = ListEvents {
            after: Some(after),
            limit: Some(1_000),
            wait: None,
        };
        self.call(account, wish).await.unwrap().events
    }

    /// The end of the account's log.
    pub(crate) async fn cursor(&self, account: &Account) -> u64 {
        self.call(account, ListEvents::default()).await.unwrap().cursor
    }

    /// Gives tasks that were started time to reach the store and wait; no test depends on their having done so.
    pub(crate) async fn let_others_run(&self, account: &Account) {
        for _ in 0..10 {
            self.cursor(account).await;
            tokio::task::yield_now().await;
        }
    }

    /// Where it is stored.
    pub(crate) fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Everything that is stored.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.database.snapshot()
    }

    /// Calls an operation in process, as a signed-in person.
    pub(crate) async fn call<O: Operation>(
        &self,
        account: &Account,
        operation: O,
    ) -> Result<O::Answer, ApiError> {
        self.call_as(Asker::Caller(account.caller.clone()), operation)
            .await
    }

    /// Calls an operation in process, as nobody known.
    pub(crate) async fn call_signed_out<O: Operation>(&self, operation: O) -> Result<O::Answer, ApiError> {
        self.call_as(visitor(), operation).await
    }

    /// Calls an operation in process; a failure ends the test with its whole chain of causes.
    pub(crate) async fn call_as<O: Operation>(
        &self,
        asker: Asker,
        operation: O,
    ) -> Result<O::Answer, ApiError> {
        let entry = self
            .operations
            .find(O::NAME)
            .unwrap_or_else(|| panic!("`{}` has no rule", O::NAME));
        let input = match O::METHOD {
            Method::Get => Input::Query(serde_html_form::to_string(&operation).unwrap()),
            Method::Post => Input::Json(serde_json::to_string(&operation).unwrap()),
        };
        match entry.answer(self.context.clone(), asker, input).await {
            Ok(json) => Ok(serde_json::from_str(&json).unwrap()),
            Err(Error::Refused(refusal)) => Err(refusal),
            Err(failure) => panic!("`{}` failed: {}", O::NAME, failure.chain()),
        }
    }

    /// Calls an operation over HTTP, with the person's token.
    pub(crate) async fn call_http<O: Operation>(
        &self,
        account: &Account,
        operation: O,
    ) -> Result<O::Answer, ApiError> {
        let (query, body) = match O::METHOD {
            Method::Get => (
                format!("?{}", serde_html_form::to_string(&operation).unwrap()),
                String::new(),
            ),
            Method::Post => (String::new(), serde_json::to_string(&operation).unwrap()),
        };
        let method = if O::METHOD == Method::Get { "GET" } else { "POST" };
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/{}{query}", O::NAME))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", account.token))
            .body(Body::from(body))
            .unwrap();
        let (status, text) = self.http(request).await;
        if status.is_success() {
            return Ok(serde_json::from_str(&text).unwrap());
        }
        let problem: Problem = serde_json::from_str(&text).unwrap();
        assert_eq!(problem.status, status.as_u16());
        Err(problem.into_error())
    }

    /// Sends any request through the doors.
    pub(crate) async fn http(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// All doors of this instance.
    pub(crate) fn router(&self) -> Router {
        let build = || {
            let site = Site {
                cookies: CookieMode::PlainLoopback,
                public_origin: None,
                is_demo: false,
            };
            let (context, operations) = (self.context.clone(), Arc::clone(&self.operations));
            server::http::router(Doors {
                context,
                operations,
                site: Arc::new(site),
                limits: Arc::new(Limits::off()),
            })
        };
        self.router.get_or_init(build).clone()
    }

    /// The present moment of this instance.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Where the files of a test rest: beside its database.
fn files(database: &TestDatabase) -> Files {
    let objects = Objects::in_folder(&database.folder().join("files")).unwrap();
    Files::new(objects, PathBuf::from(env!("CARGO_BIN_EXE_pli")))
}

/// The pepper of every instance here.
pub(crate) fn pepper() -> Pepper {
    Pepper::of([7; 32])
}

/// The wrapping key of every test, in memory, with random bytes of its own: a database that is opened again must not meet
/// the same ones.
pub(crate) fn unlock() -> Unlock {
    let key = Key::from_slice(&[7; Key::LEN]).unwrap();
    Unlock::with(Arc::new(MemoryKeeper::holding(key)), Arc::new(SystemClock))
}

/// Words rest in the clear, for those who look at them past the store.
pub(crate) fn unlock_plain() -> Unlock {
    Unlock {
        at_rest: AtRest::Plain,
        ..unlock()
    }
}

/// An id that belongs to nothing.
pub(crate) fn unknown_id() -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_dead)
}

/// A message body.
pub(crate) fn body(text: &str) -> MessageBody {
    MessageBody::parse(text).unwrap()
}

/// Somebody who is not signed in.
pub(crate) fn visitor() -> Asker {
    Asker::Visitor(Visitor {
        device_name: "Chrome, Windows".to_owned(),
        language: Language::French,
        session: SessionSlot::default(),
    })
}
