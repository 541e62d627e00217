//! Three people and an administrator, and everything that a page of theirs may ask.

use app::accounts::{
    AcceptInvitation, ChangePassword, ClientKind, GetMe, InvitePerson, ListAccounts, ListDevices, OpenVault,
    ReadLink, RemovePhoto, ResetPassword, RevokeDevice, SavePhoto, SaveProfile, SaveSettings, Secret, SetUp,
    SignIn, SignOut, StartReset, SuspendAccount,
};
use app::api::{AcknowledgeEvents, ConversationId, ListEvents, MessageId, MessageKey, Operation, VaultId};
use app::contacts::{GetProfile, ListFriends, SearchPeople};
use app::conversations::{
    DeleteMessage, Draft, EditMessage, ForwardMessage, GetConversation, GetReceipts, ListConversations,
    ListMarkedMessages, ListVersions, Mark, MarkRead, MarkUnread, OpenConversation, PinMessage,
    ReactToMessage, Reaction, ReadTimeline, SaveDraft, SendMessage, SignalTyping, StarMessage,
};
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, CloseChannel, IgnoreFriendRequest,
    ListFriendRequests, SendFriendRequest, UnblockAccount,
};
use app::notifications::GetBadges;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

use crate::bounds;
use crate::harness::{Account, Harness, PASSWORD, body, unknown_id};
use crate::tape::{Exchange, Method, Names, Tape};

/// A fresh Pli with its people.
pub(crate) struct Scene {
    harness: Harness,
    people: Vec<(&'static str, Account)>,
    /// What this day's ids are called.
    pub(crate) names: Names,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let harness = Harness::new();
        let people = vec![
            ("nadia", harness.admin("Nadia Belkacem").await),
            ("anne", harness.account("Dre Anne Roy").await),
            ("luc", harness.account("Luc Gagné").await),
            ("marc", harness.account("Marc Côté").await),
        ];
        let mut names = Names::default();
        for (name, person) in &people {
            names.bind(&format!("{{{name}}}"), &person.id.to_string());
            names.bind(&format!("{{{name}.device}}"), &person.device.to_string());
        }
        Self {
            harness,
            people,
            names,
        }
    }

    pub(crate) fn person(&self, name: &str) -> &Account {
        let found = self.people.iter().find(|(known, _)| *known == name);
        found.map(|(_, person)| person).unwrap()
    }

    /// Asks as a page does that was drawn by an older build; names in `asked` stand for this day's ids.
    pub(crate) async fn ask(&self, who: &str, operation: &str, method: Method, asked: &str) -> Exchange {
        let asked = self.names.show(asked);
        let path = format!("/api/v1/{operation}");
        let request = match method {
            Method::Get if asked.is_empty() => Request::get(path),
            Method::Get => Request::get(format!("{path}?{asked}")),
            Method::Post => Request::post(path),
        };
        let mut request = request
            .header(header::HOST, "pli.example")
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-pli-build", "an older one");
        if method == Method::Post {
            request = request.header(header::ORIGIN, "http://pli.example");
        }
        if !who.is_empty() {
            request = request.header(header::COOKIE, format!("pli={}", self.person(who).token));
        }
        let body = if method == Method::Post {
            asked.clone()
        } else {
            String::new()
        };
        let (status, text) = self.harness.http(request.body(Body::from(body)).unwrap()).await;
        Exchange {
            who: who.to_owned(),
            operation: operation.to_owned(),
            method,
            asked,
            status: status.as_u16(),
            answer: serde_json::from_str(&text).unwrap(),
        }
    }

    /// The headers of any answer.
    pub(crate) async fn headers_of_an_answer(&self) -> HeaderMap {
        let request = Request::get("/api/v1/notifications.get_badges").body(Body::empty());
        let response = self.harness.router().oneshot(request.unwrap()).await.unwrap();
        response.headers().clone()
    }
}

/// Writes down what is asked and answered.
pub(crate) struct Recorder {
    pub(crate) scene: Scene,
    tape: Tape,
}

impl Recorder {
    /// Asks; the answer must have this status.
    pub(crate) async fn ask<O: Operation>(&mut self, who: &str, status: u16, operation: O) -> Value {
        let (method, asked) = match O::METHOD {
            app::api::Method::Get => (Method::Get, serde_html_form::to_string(&operation).unwrap()),
            app::api::Method::Post => (Method::Post, serde_json::to_string(&operation).unwrap()),
        };
        let made = self.scene.ask(who, O::NAME, method, &asked).await;
        assert_eq!(made.status, status, "`{}` by {who}: {}", O::NAME, made.answer);
        let names = &mut self.scene.names;
        names.name_all(&made.answer, &made.asked);
        let answer = made.answer.clone();
        self.tape.exchanges.push(Exchange {
            asked: names.hide(&made.asked),
            answer: serde_json::from_str(&names.hide(&answer.to_string())).unwrap(),
            ..made
        });
        answer
    }
}

/// Plays everything once, and answers the record.
pub(crate) async fn play() -> Tape {
    let mut recorder = Recorder {
        scene: Scene::new().await,
        tape: Tape {
            exchanges: Vec::new(),
        },
    };
    arrive(&mut recorder).await;
    let conversation = befriend(&mut recorder).await;
    write(&mut recorder, conversation).await;
    part(&mut recorder, conversation).await;
    bounds::ask(&mut recorder).await;
    bounds::report(&mut recorder).await;
    administer(&mut recorder).await;
    recorder.tape
}

fn words(text: &str) -> String {
    text.to_owned()
}

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

async fn arrive(tape: &mut Recorder) {
    let email = tape.scene.person("anne").email.clone();
    for (client, password, status) in [
        (ClientKind::Browser, PASSWORD, 200),
        (ClientKind::Browser, "une autre phrase que la bonne", 401),
    ] {
        let (email, password) = (email.clone(), secret(password));
        let wish = SignIn {
            email,
            password,
            client,
        };
        tape.ask("", status, wish).await;
    }
    tape.ask("", 401, GetMe {}).await;
    tape.ask("anne", 200, GetMe {}).await;
    tape.ask("anne", 200, ListDevices {}).await;
    let settings = SaveSettings {
        guide_step: Some(2),
        ..SaveSettings::default()
    };
    tape.ask("anne", 200, settings).await;
    let profile = SaveProfile {
        title: words("Dre"),
        name: words("Anne Roy"),
        profession: words("cardiologue"),
        workplace: words("Hôpital du Parc"),
        phone: words("514 555-0100"),
    };
    tape.ask("anne", 200, profile).await;
    let vault = VaultId(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001));
    tape.ask("anne", 200, OpenVault { vault }).await;
    let photo = SavePhoto {
        picture: words("AAAA"),
        left: 0,
        top: 0,
        side: 1_000,
    };
    tape.ask("anne", 422, photo).await;
    tape.ask("anne", 200, RemovePhoto {}).await;
    let wrong = ChangePassword {
        password: secret("une autre phrase que la bonne"),
        new_password: secret("une tout autre phrase, plus longue"),
    };
    tape.ask("anne", 401, wrong).await;
}

async fn befriend(tape: &mut Recorder) -> ConversationId {
    let [anne, luc, marc] = ["anne", "luc", "marc"].map(|name| tape.scene.person(name).id);
    let text = words("gagne");
    let search = SearchPeople {
        text,
        ..SearchPeople::default()
    };
    tape.ask("anne", 200, search).await;
    tape.ask("anne", 200, GetProfile { account: luc }).await;
    let note = Some(words("Nous suivons la même personne."));
    tape.ask("anne", 200, SendFriendRequest { account: luc, note })
        .await;
    tape.ask("luc", 200, ListFriendRequests {}).await;
    tape.ask("luc", 200, GetBadges {}).await;
    tape.ask("luc", 200, AcceptFriendRequest { account: anne }).await;
    tape.ask("luc", 404, AcceptFriendRequest { account: marc }).await;
    let request = |account| SendFriendRequest { account, note: None };
    tape.ask("anne", 200, request(marc)).await;
    tape.ask("anne", 200, CancelFriendRequest { account: marc }).await;
    tape.ask("marc", 200, request(anne)).await;
    tape.ask("anne", 200, IgnoreFriendRequest { account: marc }).await;
    tape.ask("anne", 200, ListFriends {}).await;
    let opened = tape.ask("anne", 200, OpenConversation { account: luc }).await;
    serde_json::from_value(opened["conversation"]["id"].clone()).unwrap()
}

/// What is done with a message of Luc's.
async fn act(tape: &mut Recorder, conversation: ConversationId, message: MessageId) {
    let key = |n: u128| MessageKey(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0003_0000 + n));
    let answer = SendMessage {
        conversation,
        key: key(1),
        reply_to: Some(message),
        body: body("Vu"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    tape.ask("anne", 200, answer).await;
    let edit = |n, text| EditMessage {
        message,
        key: key(n),
        body: body(text),
    };
    tape.ask("luc", 200, edit(2, "Bonsoir Anne")).await;
    tape.ask("luc", 409, edit(2, "Bonsoir Marc")).await;
    tape.ask("anne", 404, edit(3, "Bonsoir Luc")).await;
    let react = ReactToMessage {
        message,
        key: key(4),
        reaction: Some(Reaction::OnIt),
    };
    tape.ask("anne", 200, react).await;
    let (pinned, starred) = (true, true);
    let pin = PinMessage {
        message,
        key: key(5),
        pinned,
    };
    tape.ask("anne", 200, pin).await;
    let star = StarMessage {
        message,
        key: key(6),
        starred,
    };
    tape.ask("anne", 200, star).await;
    for mark in [Mark::Pinned, Mark::Starred] {
        let wish = ListMarkedMessages {
            conversation,
            mark,
            before: None,
        };
        tape.ask("anne", 200, wish).await;
    }
    tape.ask("anne", 200, ListVersions { message }).await;
    let forward = ForwardMessage {
        message,
        conversation,
        key: key(7),
    };
    tape.ask("anne", 200, forward).await;
    tape.ask("luc", 200, DeleteMessage { message }).await;
    tape.ask("luc", 410, edit(8, "Encore")).await;
}

async fn write(tape: &mut Recorder, conversation: ConversationId) {
    let message = |key: u128, text: &str| SendMessage {
        conversation,
        key: MessageKey(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0001_0000 + key)),
        reply_to: None,
        body: body(text),
        clears_draft: false,
        attachments: Vec::new(),
    };
    tape.ask("anne", 200, SignalTyping { conversation }).await;
    let draft = Draft(words("À finir"));
    tape.ask(
        "anne",
        200,
        SaveDraft {
            conversation,
            draft,
            over: None,
        },
    )
    .await;
    tape.ask("anne", 200, GetConversation { conversation }).await;
    tape.ask("anne", 200, message(1, "Bonjour Luc")).await;
    tape.ask("anne", 200, message(1, "Bonjour Luc")).await;
    tape.ask("anne", 409, message(1, "Bonjour Marc")).await;
    let answer = tape.ask("luc", 200, message(2, "Bonjour Anne")).await;
    let stored = serde_json::from_value(answer["message"]["id"].clone()).unwrap();
    act(tape, conversation, stored).await;
    tape.ask("marc", 404, message(3, "Bonjour vous deux")).await;
    tape.ask("luc", 200, ListConversations::default()).await;
    let page = |after, before| ReadTimeline {
        conversation,
        before,
        after,
        around: None,
        limit: Some(50),
    };
    tape.ask("luc", 200, page(Some(0), None)).await;
    tape.ask("luc", 200, page(None, Some((1 << 53) - 1))).await;
    let log = |after| ListEvents {
        after,
        limit: Some(100),
        wait: None,
    };
    tape.ask("luc", 200, log(None)).await;
    tape.ask("luc", 200, log(Some(0))).await;
    tape.ask("luc", 200, AcknowledgeEvents { cursor: 3 }).await;
    let position = 1;
    tape.ask(
        "luc",
        200,
        MarkRead {
            conversation,
            position,
        },
    )
    .await;
    tape.ask(
        "anne",
        200,
        GetReceipts {
            conversation,
            position,
        },
    )
    .await;
    tape.ask(
        "luc",
        200,
        MarkUnread {
            conversation,
            position,
        },
    )
    .await;
    tape.ask("luc", 200, GetBadges {}).await;
    tape.ask("anne", 200, log(Some(0))).await;
}

async fn part(tape: &mut Recorder, conversation: ConversationId) {
    let [luc, marc] = ["luc", "marc"].map(|name| tape.scene.person(name).id);
    tape.ask("anne", 200, CloseChannel { account: luc }).await;
    let late = SendMessage {
        conversation,
        key: MessageKey(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0001_0009)),
        reply_to: None,
        body: body("Encore un mot"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    tape.ask("luc", 403, late).await;
    tape.ask("anne", 200, BlockAccount { account: marc }).await;
    tape.ask("anne", 200, UnblockAccount { account: marc }).await;
    tape.ask("luc", 200, ListConversations { limit: Some(5) }).await;
    let device = app::api::DeviceId(unknown_id());
    tape.ask("luc", 404, RevokeDevice { device }).await;
    tape.ask("luc", 200, SignOut {}).await;
    tape.ask("luc", 401, GetMe {}).await;
}

async fn administer(tape: &mut Recorder) {
    let marc = tape.scene.person("marc").id;
    tape.ask("marc", 403, ListAccounts {}).await;
    tape.ask("nadia", 200, ListAccounts {}).await;
    let invitation = InvitePerson {
        email: words("zoe@demo.example"),
        name: words("Zoé Abel"),
        profession: words("infirmière"),
        workplace: words("CLSC des Rapides"),
    };
    tape.ask("nadia", 200, invitation).await;
    let reset = StartReset {
        account: marc,
        with_factors: false,
    };
    tape.ask("nadia", 200, reset).await;
    let suspended = true;
    let wish = SuspendAccount {
        account: marc,
        suspended,
    };
    tape.ask("nadia", 200, wish).await;
    let key = || secret(&"0".repeat(43));
    let password = || secret("une tout autre phrase, plus longue");
    tape.ask("", 410, ReadLink { key: key() }).await;
    let new_password = ResetPassword {
        key: key(),
        password: password(),
    };
    tape.ask("", 410, new_password).await;
    let accepted = AcceptInvitation {
        key: key(),
        password: password(),
        title: String::new(),
        name: words("Zoé Abel"),
        profession: words("infirmière"),
        workplace: words("CLSC"),
    };
    tape.ask("", 410, accepted).await;
    let set_up = SetUp {
        key: key(),
        email: words("zoe@demo.example"),
        password: password(),
        title: String::new(),
        name: words("Zoé Abel"),
        profession: words("infirmière"),
        workplace: words("CLSC"),
    };
    tape.ask("", 403, set_up).await;
}
