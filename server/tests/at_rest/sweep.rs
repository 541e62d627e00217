//! Every word is looked for in everything that is stored, and in everything that was logged.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

use app::accounts::{OpenVault, StartAuthenticator};
use app::api::{AccountId, ConversationId, ReportKey, VaultId};
use app::attachments::FoundAttachment;
use app::contacts::ListFriends;
use app::conversations::{
    Draft, ListConversations, MessageBody, SaveDraft, SearchMessages, SendMessage, Sought,
};
use app::friendships::{IgnoreFriendRequest, ListFriendRequests, SendFriendRequest};
use app::reports::{OpenReport, PreviewReport, ReportAccount, ReportReason};
use axum::body::Body;
use axum::http::{Request, header};
use server::conversations::index_words;
use uuid::Uuid;

use super::canaries::{canary, find};
use super::texts;
use crate::harness::{Account, Harness, body};

const N_MESSAGES: usize = 60;
const N_DRAFTS: usize = 3;
const N_NOTES: usize = 4;
/// A name, a description and a content for each conversation.
const N_OF_FILES: usize = 3 * N_DRAFTS;
const N_REPORTS: usize = 3;
const N_CANARIES: usize = N_MESSAGES + N_DRAFTS + N_NOTES + N_OF_FILES + N_REPORTS;

/// Everything that this program has logged, down to the last detail.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct IntoLog;

impl Write for IntoLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log_everything() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(|| IntoLog)
            .init();
    });
}

/// Writes every canary through the doors, some of them twice, edited or sent again; answers where a person finds them.
async fn write(harness: &Harness) -> (Account, BTreeSet<usize>) {
    let anne = harness.account("Dre Anne Roy").await;
    let mut numbers = 0..N_CANARIES;
    let mut shown = Vec::new();
    for friend in 0..N_DRAFTS {
        let luc = harness.account(&format!("Luc Gagné {friend}")).await;
        let conversation = harness.befriend(&anne, &luc).await;
        for index in 0..N_MESSAGES / N_DRAFTS {
            let author = if index % 2 == 0 { &anne } else { &luc };
            let text = format!("{} : le bilan est au dossier.", canary(numbers.next().unwrap()));
            let wish = SendMessage {
                conversation,
                key: harness.key(),
                reply_to: None,
                body: body(&text.repeat(1 + index % 3 * 20)),
                clears_draft: false,
                attachments: Vec::new(),
            };
            harness.call_http(author, wish.clone()).await.unwrap();
            harness.call_http(author, wish).await.unwrap();
        }
        let mut next = || canary(numbers.next().unwrap());
        let file = [next(), next(), next()];
        shown.extend(send_file(harness, (&anne, &luc), conversation, &file).await);
        shown.extend(texts(harness, &luc, conversation).await);
        let text = canary(numbers.next().unwrap());
        for draft in [text.clone(), format!("{text} et la suite")] {
            let draft = Draft(draft);
            harness
                .call_http(
                    &anne,
                    SaveDraft {
                        conversation,
                        draft,
                        over: None,
                    },
                )
                .await
                .unwrap();
        }
    }
    let admin = harness.admin("Nadia Belkacem").await;
    for friend in harness.call(&anne, ListFriends {}).await.unwrap().friends {
        let key = ReportKey(harness.key().0);
        let wish = ReportAccount {
            key,
            account: friend.id,
            reason: ReportReason::Harassment,
            words: format!("{} : il insiste.", canary(numbers.next().unwrap())),
            messages: vec![1, 2],
            shown: None,
        };
        let preview = PreviewReport {
            account: friend.id,
            reason: wish.reason,
            words: wish.words.clone(),
            messages: wish.messages.clone(),
        };
        harness.call_http(&anne, preview).await.unwrap();
        let made = harness.call_http(&anne, wish.clone()).await.unwrap();
        harness.call_http(&anne, wish).await.unwrap();
        let report = made.report;
        let opened = harness.call_http(&admin, OpenReport { report }).await.unwrap();
        shown.push(opened.words.unwrap().as_str().to_owned());
    }
    for index in 0..N_NOTES {
        let asker = harness.account(&format!("Marc Côté {index}")).await;
        let wish = SendFriendRequest {
            account: anne.id,
            note: Some(canary(numbers.next().unwrap())),
        };
        harness.call_http(&asker, wish).await.unwrap();
        let sent = harness.call(&asker, ListFriendRequests {}).await.unwrap().sent;
        shown.extend(
            sent.into_iter()
                .filter_map(|request| Some(request.note?.as_str().to_owned())),
        );
        if index % 2 == 0 {
            harness
                .call_http(&anne, IgnoreFriendRequest { account: asker.id })
                .await
                .unwrap();
        }
    }
    let list = harness.call(&anne, ListConversations::default()).await.unwrap();
    shown.extend(
        list.conversations
            .into_iter()
            .filter_map(|shown| Some(shown.draft?.0)),
    );
    let shown = shown.join("\n");
    (anne, find(shown.as_bytes(), N_CANARIES))
}

/// Sends a file through the doors, in one request; answers what the friend finds of it.
async fn send_file(
    harness: &Harness,
    (author, friend): (&Account, &Account),
    conversation: ConversationId,
    [name, description, content]: &[String; 3],
) -> Vec<String> {
    let ask = async |account: &Account, request: axum::http::request::Builder, body: String| {
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", account.token));
        harness.http(request.body(Body::from(body)).unwrap()).await
    };
    let field = |name: &str, more: &str, value: &str| {
        format!("--pli\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n")
    };
    let form = [
        field("conversation", "", &conversation.to_string()),
        field("description", "", description),
        field("file", &format!("; filename=\"{name}.txt\""), content),
        "--pli--\r\n".to_owned(),
    ];
    let upload = Request::post("/api/v1/attachments.upload_attachment")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=pli");
    let (status, answer) = ask(author, upload, form.concat()).await;
    assert!(status.is_success(), "{answer}");
    let found: FoundAttachment = serde_json::from_str(&answer).unwrap();
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        body: MessageBody::from_store(String::new()),
        clears_draft: false,
        attachments: vec![found.attachment.id],
        reply_to: None,
    };
    harness.call_http(author, wish).await.unwrap();
    let messages = super::read_all(harness, friend, conversation).await;
    let file = messages.last().unwrap().attachments.list().remove(0);
    let download = Request::get(format!("/api/v1/attachments/{}", file.id));
    let (_, bytes) = ask(friend, download, String::new()).await;
    vec![file.name.as_str().to_owned(), file.description.unwrap(), bytes]
}

fn stored(harness: &Harness) -> BTreeSet<usize> {
    let stored = harness.database().bytes();
    assert!(stored.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 50_000);
    let found = stored
        .iter()
        .map(|(name, bytes)| (name, find(bytes, N_CANARIES)))
        .filter(|(_, found)| !found.is_empty());
    found.flat_map(|(_, found)| found).collect()
}

/// Assurance ENC-01: 0 of all canaries at rest and in the log, while a person finds every one of them.
#[tokio::test]
async fn enc_01_no_word_is_found_in_what_is_stored_or_logged() {
    log_everything();
    let harness = Harness::new();

    let (_, shown) = write(&harness).await;

    assert_eq!(shown.len(), N_CANARIES, "with the keys all are found");
    assert_eq!(stored(&harness), BTreeSet::new());
    let log = LOG.lock().unwrap();
    assert!(log.len() > 1_000, "the log was listened to");
    assert_eq!(find(&log, N_CANARIES), BTreeSet::new());
}

/// Whether a canary stands in what is searched. In each conversation there are messages, then a file's name, its description
/// and its content, then a draft; the notes come after all of them.
fn is_searched(number: usize) -> bool {
    let n_messages = N_MESSAGES / N_DRAFTS;
    number < N_MESSAGES + N_OF_FILES + N_DRAFTS && number % (n_messages + 4) < n_messages + 2
}

/// Assurance ENC-05: what is looked for is found, before and after it is laid out, and leaves no word in what is stored or
/// logged.
#[tokio::test]
async fn enc_05_searching_leaves_no_word_in_what_is_stored_or_logged() {
    log_everything();
    let harness = Harness::new();
    let (anne, _) = write(&harness).await;
    let list = harness.call(&anne, ListConversations::default()).await.unwrap();

    for _ in 0..2 {
        for number in 0..N_CANARIES {
            let wish = SearchMessages {
                text: Sought(canary(number)),
                ..SearchMessages::default()
            };
            let is_found = harness.call_http(&anne, wish).await.unwrap().total > 0;
            assert_eq!(
                is_found,
                is_searched(number),
                "words, names and descriptions are searched; contents, drafts and notes are not: {number}"
            );
        }
        // The same again of what is laid out.
        for shown in &list.conversations {
            index_words(&harness.context, shown.id).await.unwrap();
        }
    }

    assert_eq!(stored(&harness), BTreeSet::new());
    let log = LOG.lock().unwrap();
    assert!(log.len() > 1_000, "the log was listened to");
    assert_eq!(find(&log, N_CANARIES), BTreeSet::new());
}

/// Assurance ENC-01, the planted bug: words that rest in the clear are found, every one of them.
#[tokio::test]
async fn enc_01_a_store_that_does_not_seal_is_caught() {
    let harness = Harness::planted_plain();

    let (_, shown) = write(&harness).await;

    assert_eq!(shown.len(), N_CANARIES);
    assert_eq!(stored(&harness).len(), N_CANARIES);
}

/// Assurance ENC-01: what opens the vault of a browser is not there to be read either.
#[tokio::test]
async fn enc_01_the_secret_of_a_browser_rests_sealed() {
    for (harness, is_found) in [(Harness::new(), false), (Harness::planted_plain(), true)] {
        let anne = harness.account("Anne Roy").await;
        let vault = VaultId(Uuid::from_u128(0x0198_0000_0000_4000_8000_0000_0000_0001));
        let secret = harness.call(&anne, OpenVault { vault }).await.unwrap().secret.0;
        let secret = {
            use base64::Engine as _;
            base64::engine::general_purpose::URL_SAFE_NO_PAD
                .decode(secret)
                .unwrap()
        };

        // Past the files: PostgreSQL shows its rows as text.
        let kept: Vec<Vec<u8>> = harness
            .context
            .db
            .read(|tx| tx.list("select secret from vaults", &[], |row| row.get(0)))
            .await
            .unwrap();

        assert_eq!(kept.len(), 1);
        assert_eq!(kept.contains(&secret), is_found);
    }
}

/// Assurance ENC-01: what the key of an authenticator app follows from is not there to be read, even for whoever has the
/// pepper.
#[tokio::test]
async fn enc_01_the_seed_of_an_authenticator_rests_sealed() {
    for (harness, is_found) in [(Harness::new(), false), (Harness::planted_plain(), true)] {
        let anne = harness.account("Anne Roy").await;
        let key = harness.call(&anne, StartAuthenticator {}).await.unwrap().key.0;
        let key = totp_rs::Secret::try_from_base32(&key).unwrap();

        let kept: Vec<Vec<u8>> = harness
            .context
            .db
            .read(|tx| tx.list("select seed from authenticators", &[], |row| row.get(0)))
            .await
            .unwrap();

        assert_eq!(kept.len(), 1);
        let derived = derive_with_pepper(anne.id, &kept[0]);
        assert_eq!(derived[..20] == *key.as_bytes(), is_found);
    }
}

/// What somebody with the pepper makes of a seed.
fn derive_with_pepper(account: AccountId, seed: &[u8]) -> Vec<u8> {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&[7; 32]).unwrap();
    for part in [b"authenticator\0".as_slice(), account.0.as_bytes(), seed] {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}
