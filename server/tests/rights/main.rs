//! Who may do what: every operation against every relation of two people, by hand. An operation without its row fails.
//!
//! Source: product requirement A1; assurance lines AZ-01 and AZ-02.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod attempt;
mod in_vain;
mod sessions;

use std::collections::BTreeSet;

use app::accounts::{GetMe, SuspendAccount};
use app::api::{ApiError, ConversationId, MessageId};
use app::conversations::{GetConversation, SendMessage};
use app::friendships::{BlockAccount, CloseChannel, IgnoreFriendRequest, Relation, SendFriendRequest};
use attempt::attempt;
use futures::stream::{self, StreamExt};
use harness::{Account, Friends, Harness, body};
use server::http::operations::{Access, Asker};
use server::openid::{Provider, Settings};

/// How the one who asks stands to the one it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing between them.
    Nothing,
    /// I asked.
    Sent,
    /// I asked, they put it aside.
    Declined,
    /// They asked.
    Received,
    /// They asked, I put it aside.
    PutAside,
    /// Friends.
    Friend,
    /// I closed.
    ClosedByMe,
    /// They closed.
    ClosedByOther,
    /// We were friends, I blocked.
    BlockedByMe,
    /// We were friends, they blocked.
    BlockedByOther,
    /// We never were, they blocked; my request meets silence.
    Silence,
    /// It is about myself.
    Myself,
    /// It is about a friend of somebody else.
    ThirdParty,
    /// It is about a friend of somebody else, and I run the instance.
    Administrator,
    /// I am not signed in; the two others are friends.
    SignedOut,
}

use State::{
    Administrator, BlockedByMe, BlockedByOther, ClosedByMe, ClosedByOther, Declined, Friend, Myself, Nothing,
    PutAside, Received, Sent, SignedOut, Silence, ThirdParty,
};

const STATES: [State; 15] = [
    Nothing,
    Sent,
    Declined,
    Received,
    PutAside,
    Friend,
    ClosedByMe,
    ClosedByOther,
    BlockedByMe,
    BlockedByOther,
    Silence,
    Myself,
    ThirdParty,
    Administrator,
    SignedOut,
];

/// An operation, its usual outcome, and the states in which it ends otherwise; signed out, all but "anyone" end in
/// `signed_out`.
type Row = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static [State])],
);

/// The organisation's provider.
const ISSUER: &str = "https://id.example.org";

const OUTSIDE: &[State] = &[
    Nothing,
    Sent,
    Declined,
    Received,
    PutAside,
    Silence,
    Myself,
    ThirdParty,
    Administrator,
];
const NEVER_FRIENDS: &[State] = &[
    Nothing,
    Sent,
    Declined,
    Received,
    PutAside,
    Silence,
    ThirdParty,
    Administrator,
];

const WRITING: &[(&str, &[State])] = &[
    ("ok", &[Friend]),
    ("channel_closed", &[ClosedByMe, ClosedByOther, BlockedByOther]),
    ("blocked", &[BlockedByMe]),
];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("contacts.search_people", "ok", &[]),
    ("contacts.list_friends", "ok", &[]),
    ("contacts.get_profile", "ok", &[]),

    ("friendships.send_friend_request", "ok", &[("blocked", &[BlockedByMe]), ("invalid", &[Myself])]),
    ("friendships.cancel_friend_request", "ok", &[("invalid", &[Myself])]),
    ("friendships.accept_friend_request", "not_found", &[("ok", &[Received, Friend]), ("invalid", &[Myself])]),
    ("friendships.ignore_friend_request", "ok", &[("invalid", &[Myself])]),
    ("friendships.ignore_friend_requests", "ok", &[]),
    ("friendships.restore_friend_requests", "ok", &[("invalid", &[Myself])]),
    ("friendships.close_channel", "ok", &[("not_friends", NEVER_FRIENDS), ("invalid", &[Myself])]),
    ("friendships.block_account", "ok", &[("invalid", &[Myself])]),
    ("friendships.unblock_account", "ok", &[("invalid", &[Myself])]),
    ("friendships.list_friend_requests", "ok", &[]),
    ("friendships.get_asking_rule", "ok", &[]),
    ("friendships.save_asking_rule", "ok", &[]),

    ("conversations.list_conversations", "ok", &[]),
    ("conversations.open_conversation", "ok", &[("not_friends", NEVER_FRIENDS), ("invalid", &[Myself])]),
    ("conversations.get_conversation", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.read_timeline", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.get_guards", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.search_messages", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.mark_read", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.mark_unread", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.get_receipts", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.save_draft", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.send_message", "not_found", &[
        ("ok", &[Friend]),
        ("channel_closed", &[ClosedByMe, ClosedByOther, BlockedByOther]),
        ("blocked", &[BlockedByMe]),
    ]),
    ("conversations.signal_typing", "not_found", &[
        ("ok", &[Friend]),
        ("channel_closed", &[ClosedByMe, ClosedByOther, BlockedByOther]),
        ("blocked", &[BlockedByMe]),
    ]),

    // What the friend would see needs the right to write; the history of a closed channel is read only.
    ("conversations.edit_message", "not_found", WRITING),
    ("conversations.delete_message", "not_found", WRITING),
    ("conversations.react_to_message", "not_found", WRITING),
    ("conversations.pin_message", "not_found", WRITING),
    // One's own, and reading.
    ("conversations.star_message", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.list_versions", "ok", &[("not_found", OUTSIDE)]),
    ("conversations.list_marked_messages", "ok", &[("not_found", OUTSIDE)]),
    // What one may read, to where one may write: here, from the same conversation into itself.
    ("conversations.forward_message", "not_found", WRITING),
    ("attachments.get_limits", "ok", &[]),
    ("attachments.begin_upload", "not_found", &[
        ("ok", &[Friend]),
        ("channel_closed", &[ClosedByMe, ClosedByOther, BlockedByOther]),
        ("blocked", &[BlockedByMe]),
    ]),
    // Of a file of nobody's; whose files open to whom: `tests/attachments/rights.rs`.
    ("attachments.finish_upload", "not_found", &[]),
    ("attachments.get_attachment", "not_found", &[]),
    ("attachments.describe_attachment", "not_found", &[]),
    ("attachments.discard_upload", "not_found", &[]),
    ("reports.preview_report", "ok", &[("invalid", &[Myself])]),
    ("reports.report_account", "ok", &[("invalid", &[Myself])]),
    ("reports.list_reports", "not_allowed", &[("ok", &[Administrator])]),
    ("reports.open_report", "not_allowed", &[("not_found", &[Administrator])]),
    ("reports.close_report", "not_allowed", &[("not_found", &[Administrator])]),

    ("events.list_events", "ok", &[]),
    ("events.acknowledge_events", "ok", &[]),
    ("notifications.get_badges", "ok", &[]),

    ("accounts.sign_in", "ok", &[]),
    ("accounts.sign_out", "ok", &[]),
    ("accounts.get_me", "ok", &[]),
    ("accounts.save_profile", "ok", &[]),
    ("accounts.save_settings", "ok", &[]),
    ("accounts.save_photo", "invalid", &[]),
    ("accounts.remove_photo", "ok", &[]),
    ("accounts.change_password", "ok", &[]),
    ("accounts.finish_sign_in", "sign_in_expired", &[]),
    ("accounts.confirm_identity", "ok", &[]),
    ("accounts.note_activity", "ok", &[]),
    ("accounts.lock_device", "ok", &[]),
    ("accounts.save_device", "ok", &[]),
    ("accounts.get_security", "ok", &[]),
    ("accounts.see_notices", "ok", &[]),
    ("accounts.start_authenticator", "ok", &[]),
    ("accounts.finish_authenticator", "not_found", &[]),
    ("accounts.remove_authenticator", "ok", &[]),
    ("accounts.make_recovery_codes", "not_found", &[]),
    ("accounts.start_passkey", "no_passkeys", &[]),
    ("accounts.add_passkey", "no_passkeys", &[]),
    ("accounts.remove_passkey", "not_found", &[]),
    ("accounts.start_passkey_sign_in", "no_passkeys", &[]),
    ("accounts.sign_in_by_passkey", "no_passkeys", &[]),
    ("accounts.get_provider", "ok", &[]),
    ("accounts.start_provider_sign_in", "ok", &[]),
    ("accounts.start_provider_join", "link_expired", &[]),
    // The other is linked to the provider in each, and I am when we are friends.
    ("accounts.start_provider_link", "ok", &[("invalid", &[Friend, Myself])]),
    ("accounts.start_provider_proof", "not_found", &[("ok", &[Friend, Myself])]),
    ("accounts.remove_provider_link", "not_found", &[("ok", &[Friend, Myself])]),
    ("accounts.get_policy", "not_allowed", &[("ok", &[Administrator])]),
    ("accounts.save_guard_policy", "not_allowed", &[("ok", &[Administrator])]),
    ("accounts.save_policy", "not_allowed", &[("factor_needed", &[Administrator])]),
    ("accounts.list_devices", "ok", &[]),
    ("accounts.revoke_device", "not_found", &[("ok", &[Myself])]),
    ("accounts.open_vault", "ok", &[]),
    ("accounts.set_up", "not_open", &[]),
    ("accounts.read_link", "link_expired", &[]),
    ("accounts.accept_invitation", "link_expired", &[]),
    ("accounts.reset_password", "link_expired", &[]),
    ("accounts.list_accounts", "not_allowed", &[("ok", &[Administrator])]),
    ("accounts.invite_person", "not_allowed", &[("ok", &[Administrator])]),
    ("accounts.start_reset", "not_allowed", &[("ok", &[Administrator])]),
    ("accounts.suspend_account", "not_allowed", &[("ok", &[Administrator])]),
];

/// What has its own door beside the table of operations, because its answer is no JSON. The bytes of files:
/// `tests/attachments/rights.rs`.
const BESIDE: &[Row] = &[(
    "conversations.export_conversation",
    "ok",
    &[("not_found", OUTSIDE)],
)];

/// Me, the other, and what lies between us.
struct Scene {
    me: Account,
    other: Account,
    /// Ours, if we ever had one; else one of two others.
    conversation: ConversationId,
    /// My newest message there, or what one of two others has said.
    message: MessageId,
    asker: Asker,
}

/// Two others, who are friends and have something between them: a message.
async fn set_others(harness: &Harness) -> (Friends, MessageId) {
    let friends = harness.two_friends().await;
    let said = harness
        .send(&friends.anne, friends.conversation, "Entre nous")
        .await;
    (friends, said.unwrap().id)
}

async fn set(harness: &Harness, (others, their_message): &(Friends, MessageId), state: State) -> Scene {
    let me = match state {
        Administrator => harness.admin("Camille Tremblay").await,
        _ => harness.account("Camille Tremblay").await,
    };
    let other = match state {
        Myself => me.clone(),
        ThirdParty | Administrator | SignedOut => others.anne.clone(),
        _ => harness.account("Marc Côté").await,
    };
    let account = other.id;
    let ours = match state {
        Friend | ClosedByMe | ClosedByOther | BlockedByMe | BlockedByOther => {
            let conversation = harness.befriend(&me, &other).await;
            harness.send(&other, conversation, "Bonjour").await.unwrap();
            let mine = harness.send(&me, conversation, "Bonjour à vous").await.unwrap();
            Some((conversation, mine.id))
        }
        _ => None,
    };
    let (mine, theirs) = (
        SendFriendRequest { account, note: None },
        SendFriendRequest {
            account: me.id,
            note: None,
        },
    );
    let done = match state {
        Sent => harness.call(&me, mine).await,
        Declined => {
            harness.call(&me, mine).await.unwrap();
            let account = me.id;
            harness.call(&other, IgnoreFriendRequest { account }).await
        }
        Received => harness.call(&other, theirs).await,
        PutAside => {
            harness.call(&other, theirs).await.unwrap();
            harness.call(&me, IgnoreFriendRequest { account }).await
        }
        ClosedByMe => harness.call(&me, CloseChannel { account }).await,
        ClosedByOther => harness.call(&other, CloseChannel { account: me.id }).await,
        BlockedByMe => harness.call(&me, BlockAccount { account }).await,
        BlockedByOther | Silence => harness.call(&other, BlockAccount { account: me.id }).await,
        Nothing | Friend | Myself | ThirdParty | Administrator | SignedOut => Ok(Relation::NONE),
    };
    done.unwrap();
    link(harness, &other).await;
    if state == Friend {
        link(harness, &me).await;
    }
    let asker = if state == SignedOut {
        harness::visitor()
    } else {
        Asker::Caller(me.caller.clone())
    };
    let (conversation, message) = ours.unwrap_or((others.conversation, *their_message));
    Scene {
        me,
        other,
        conversation,
        message,
        asker,
    }
}

/// Ties an account to an identity of the provider, once.
async fn link(harness: &Harness, account: &Account) {
    let (id, subject, now) = (account.id, account.id.to_string(), harness.now());
    let insert = move |tx: &mut server::store::Tx<'_>| {
        tx.execute(
            "insert into provider_links (issuer, subject, account_id, created_at)
             values ($1, $2, $3, $4)
             on conflict do nothing",
            server::values![ISSUER, subject.as_str(), id, now],
        )
    };
    harness.context.db.write(insert).await.unwrap();
}

fn expected(row: &Row, access: Access, state: State) -> &'static str {
    let (_, usual, exceptions) = row;
    if state == SignedOut && access != Access::Anyone {
        return "signed_out";
    }
    exceptions
        .iter()
        .find(|(_, states)| states.contains(&state))
        .map_or(usual, |(outcome, _)| outcome)
}

#[test]
fn every_operation_has_its_row() {
    let table = server::operations();
    let operations: BTreeSet<_> = table.iter().map(|(name, _)| name).collect();
    let rows: BTreeSet<_> = ROWS.iter().map(|(name, ..)| *name).collect();

    assert_eq!(rows.len(), ROWS.len(), "a row stands twice");
    assert_eq!(operations, rows);
}

/// AZ-01, A1: what is refused leaves nothing behind and is told to nobody.
#[tokio::test]
async fn each_relation_may_do_what_its_row_says_and_nothing_else() {
    // Each row has a store of its own, so that some may wait for the disk while another one works.
    let found = stream::iter(ROWS.iter().chain(BESIDE))
        .map(check_row)
        .buffer_unordered(8)
        .concat()
        .await;

    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What is wrong with a row.
async fn check_row(row: &Row) -> Vec<String> {
    let name = row.0;
    let mut harness = Harness::new();
    // Nobody asks it: a way there only begins here.
    let provider = Settings::parse(ISSUER, "pli", None, &[], None).unwrap();
    harness.name_provider(Provider::new(provider));
    let entry = harness.operations.find(name);
    let access = entry.map_or(Access::SignedIn, |entry| entry.access);
    let others = set_others(&harness).await;
    let mut wrong = Vec::new();
    for state in STATES {
        let scene = set(&harness, &others, state).await;
        let expected = expected(row, access, state);
        let before = (expected != "ok").then(|| harness.snapshot());
        let mut signals = [&scene.me, &scene.other].map(|account| harness.context.live.listen(account.id));

        let outcome = attempt(&harness, &scene, name).await;

        let code = outcome.as_ref().map_or_else(ApiError::code, |()| "ok");
        if code != expected {
            wrong.push(format!("{name}, {state:?}: {code} instead of {expected}"));
        }
        if let Some(before) = before {
            if harness.snapshot() != before {
                wrong.push(format!("{name}, {state:?}: refused, but something was stored"));
            }
            if signals.iter_mut().any(|heard| heard.try_recv().is_ok()) {
                wrong.push(format!("{name}, {state:?}: refused, but somebody was told"));
            }
        }
    }
    wrong
}

#[tokio::test]
async fn a_suspended_person_does_nothing_more() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let admin = harness.admin("Nadia Belkacem").await;
    let suspend = SuspendAccount {
        account: friends.anne.id,
        suspended: true,
    };
    assert!(harness.call_http(&friends.anne, GetMe {}).await.is_ok());

    harness.call(&admin, suspend).await.unwrap();

    let conversation = friends.conversation;
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: None,
        body: body("Un mot"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    assert_eq!(
        harness.call_http(&friends.anne, wish).await,
        Err(ApiError::SignedOut)
    );
    assert_eq!(
        harness
            .call_http(&friends.anne, GetConversation { conversation })
            .await,
        Err(ApiError::SignedOut)
    );
    assert_eq!(
        harness.call_http(&friends.anne, GetMe {}).await,
        Err(ApiError::SignedOut)
    );
}

/// A5, AZ-09: nothing in the store refers to a patient.
#[test]
fn a5_no_table_knows_a_patient() {
    for migration in server::store::MIGRATIONS {
        let name = migration.name;
        let statements: String = [migration.sqlite, migration.postgres]
            .iter()
            .flat_map(|sql| sql.lines())
            .filter(|line| !line.trim_start().starts_with("--"))
            .collect();
        for word in ["patient", "chart", "encounter", "mrn", "nam", "ramq", "dossier"] {
            let is_there = statements
                .split(|c: char| !c.is_alphanumeric())
                .any(|part| part == word);
            assert!(!is_there, "`{word}` in {name}");
        }
    }
}
