//! Whatever two people have done with their messages, an export holds what the store holds, byte for byte.

use app::api::{AttachmentId, ConversationId, MessageId};
use app::conversations::{
    DeleteMessage, EditMessage, ExportFormat, ForwardMessage, ListVersions, Message, PinMessage,
    ReactToMessage, Reaction, ReadTimeline, SendMessage, StarMessage,
};
use app::friendships::CloseChannel;
use futures::TryStreamExt;
use serde_json::{Value, json};
use server::attachments::{Content, hand_out};

use super::{confirm, export, page, part, pdf, send, sha256, text, upload};
use crate::chance::Chance;
use crate::harness::{Account, Friends, Harness, body};

const FORMATS: [ExportFormat; 2] = [ExportFormat::Html, ExportFormat::Json];

/// What one of the two has said, as the test itself remembers it.
struct Said {
    id: MessageId,
    author: usize,
    /// Oldest first; nothing once it is deleted.
    words: Vec<String>,
    files: Vec<(AttachmentId, Vec<u8>)>,
}

/// Some hundred messages with everything that can be done to them: over more than two pages of an export.
async fn lived(harness: &Harness, seed: u64) -> (Friends, Vec<Said>) {
    const N_MESSAGES: usize = 120;
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let elsewhere = harness.befriend(&friends.anne, &marc).await;
    let original = harness.send(&marc, elsewhere, "Venu d’ailleurs").await.unwrap();
    let conversation = friends.conversation;
    let people = [&friends.anne, &friends.luc];
    let mut chance = Chance::new(seed);
    let mut said: Vec<Said> = Vec::new();
    for n in 1..=N_MESSAGES {
        harness
            .clock
            .advance_ms(1 + i64::try_from(chance.below(60_000)).unwrap());
        let author = chance.index(2);
        let words = format!("Message {n}\n\t« <b>&amp; é 👩🏽‍⚕️ »  {}", chance.below(1_000_000));
        let mut files = Vec::new();
        if chance.percent(12) {
            for nth in 0..=chance.index(3) {
                // Now and then one of several parts.
                let n_bytes = if chance.percent(20) { 600_000 } else { 100 } + n + nth;
                let (name, bytes) = (format!("Pièce {}.pdf", chance.index(3)), pdf(n_bytes));
                let file = upload(harness, people[author], conversation, &name, &bytes).await;
                files.push((file.id, bytes));
            }
        }
        let ids: Vec<AttachmentId> = files.iter().map(|(id, _)| *id).collect();
        let is_forwarded = author == 0 && files.is_empty() && chance.percent(5);
        let message = if is_forwarded {
            let wish = ForwardMessage {
                message: original.id,
                conversation,
                key: harness.key(),
            };
            harness.call(people[0], wish).await.unwrap().message
        } else if !said.is_empty() && chance.percent(20) {
            let wish = SendMessage {
                conversation,
                key: harness.key(),
                body: body(&words),
                clears_draft: false,
                attachments: ids,
                reply_to: Some(said[chance.index(said.len())].id),
            };
            harness.call(people[author], wish).await.unwrap().message
        } else {
            send(harness, people[author], conversation, &words, &ids).await
        };
        said.push(Said {
            id: message.id,
            author,
            words: vec![message.body.as_str().to_owned()],
            files,
        });
        let which = chance.index(said.len());
        act(harness, people, &mut said[which], &mut chance).await;
    }
    (friends, said)
}

/// One more thing that is done with a message.
async fn act(harness: &Harness, people: [&Account; 2], one: &mut Said, chance: &mut Chance) {
    let (message, key, someone) = (one.id, harness.key(), people[chance.index(2)]);
    if one.words.is_empty() {
        return;
    }
    match chance.index(8) {
        0 | 1 => {
            let words = format!("Autrement {}", chance.below(1_000_000));
            let wish = EditMessage {
                message,
                key,
                body: body(&words),
            };
            // Too late, of an old one.
            if harness.call(people[one.author], wish).await.is_ok() {
                one.words.push(words);
            }
        }
        2 => {
            let author = people[one.author];
            harness.call(author, DeleteMessage { message }).await.unwrap();
            one.words.clear();
            one.files.clear();
        }
        3 | 4 => {
            let reaction = Some(Reaction::ALL[chance.index(5)]);
            let wish = ReactToMessage {
                message,
                key,
                reaction,
            };
            harness.call(someone, wish).await.unwrap();
        }
        5 => {
            let pinned = chance.percent(80);
            harness
                .call(someone, PinMessage { message, key, pinned })
                .await
                .unwrap();
        }
        6 => {
            let starred = true;
            harness
                .call(
                    someone,
                    StarMessage {
                        message,
                        key,
                        starred,
                    },
                )
                .await
                .unwrap();
        }
        _ => {}
    }
}

/// What the store holds, as a person reads it by other ways.
async fn stored(harness: &Harness, reader: &Account, conversation: ConversationId) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    loop {
        let wish = ReadTimeline {
            conversation,
            before: None,
            after: Some(messages.len() as u64),
            around: None,
            limit: Some(200),
        };
        let mut page = harness.call(reader, wish).await.unwrap();
        messages.append(&mut page.messages);
        if messages.len() as u64 == page.last_position {
            return messages;
        }
    }
}

async fn bytes_of(harness: &Harness, reader: &Account, file: AttachmentId) -> Vec<u8> {
    let handed = hand_out(&harness.context, &reader.caller, file, Content::Whole)
        .await
        .unwrap();
    let size = handed.size;
    let pieces: Vec<Vec<u8>> = handed.read(0..size).await.unwrap().try_collect().await.unwrap();
    pieces.concat()
}

#[tokio::test]
async fn exp_01_an_export_is_what_the_store_holds_byte_for_byte() {
    for seed in [1, 2] {
        let harness = Harness::new();
        let (friends, said) = lived(&harness, seed).await;
        for reader in [&friends.anne, &friends.luc] {
            confirm(&harness, reader).await;
            for format in FORMATS {
                let shown = stored(&harness, reader, friends.conversation).await;
                let parts = export(&harness, reader, friends.conversation, format).await;
                check_files(&harness, reader, &parts, &shown, &said).await;
                check_manifest(&parts);
                match format {
                    ExportFormat::Json => check_data(&harness, reader, &friends, &parts, &shown).await,
                    ExportFormat::Html => check_page(&parts, &said),
                }
            }
        }
    }
}

/// The files that lie in an export, by their order, are those that the messages carry.
async fn check_files(
    harness: &Harness,
    reader: &Account,
    parts: &[(String, Vec<u8>)],
    shown: &[Message],
    said: &[Said],
) {
    let files: Vec<&(String, Vec<u8>)> = parts
        .iter()
        .filter(|(name, _)| name.starts_with("fichiers/"))
        .collect();
    let sent: Vec<&Vec<u8>> = said
        .iter()
        .flat_map(|one| one.files.iter().map(|(_, bytes)| bytes))
        .collect();
    assert!(sent.len() > 5, "{}", sent.len());
    assert_eq!(files.len(), sent.len());
    let carried: Vec<_> = shown
        .iter()
        .flat_map(|message| message.attachments.list())
        .collect();
    for ((file, sent), known) in files.iter().zip(sent).zip(&carried) {
        assert!(&file.1 == sent, "{} is not what was sent", file.0);
        assert!(file.1 == bytes_of(harness, reader, known.id).await, "{}", file.0);
        assert_eq!(sha256(&file.1), known.sha256, "{}", file.0);
        assert!(file.0.ends_with(known.name.as_str()), "{}", file.0);
    }
}

/// The list names every part but itself, with what it is known by.
fn check_manifest(parts: &[(String, Vec<u8>)]) {
    let manifest: Value = serde_json::from_slice(part(parts, "manifest.json")).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    let expected: Vec<Value> = parts
        .iter()
        .filter(|(name, _)| name != "manifest.json")
        .map(|(name, bytes)| json!({ "name": name, "size": bytes.len(), "sha256": sha256(bytes) }))
        .collect();
    assert_eq!(*listed, expected);
    assert_eq!(parts.last().unwrap().0, "manifest.json");
}

/// Each message as the timeline has it, with what it said before and where its files lie.
async fn check_data(
    harness: &Harness,
    reader: &Account,
    friends: &Friends,
    parts: &[(String, Vec<u8>)],
    shown: &[Message],
) {
    let data: Value = serde_json::from_slice(part(parts, "conversation.json")).unwrap();
    assert_eq!(data["conversation"], friends.conversation.to_string());
    assert_eq!(data["exported_by"], reader.id.to_string());
    assert_eq!(data["last_position"], shown.len());
    let messages = data["messages"].as_array().unwrap();
    assert_eq!(messages.len(), shown.len());
    let (mut n_changed, mut n_deleted) = (0, 0);
    for (index, (found, stored)) in messages.iter().zip(shown).enumerate() {
        assert_eq!(found["position"], index + 1);
        let mut found = found.clone();
        let beside = found.as_object_mut().unwrap();
        let versions = beside.remove("versions");
        let files = beside.remove("files");
        let expected = Message {
            key: None,
            ..stored.clone()
        };
        assert_eq!(found, serde_json::to_value(&expected).unwrap());

        let wish = ListVersions { message: stored.id };
        let known = harness.call(reader, wish).await.unwrap().versions;
        let is_changed = stored.marks.read().edited_at.is_some() && stored.deleted_at.is_none();
        let expected = is_changed.then(|| serde_json::to_value(&known).unwrap());
        assert_eq!(versions, expected);
        n_changed += u32::from(is_changed);
        n_deleted += u32::from(stored.deleted_at.is_some());

        let attachments = stored.attachments.list();
        let places = files
            .as_ref()
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        assert_eq!(places.len(), attachments.len());
        for (place, attachment) in places.iter().zip(&attachments) {
            assert_eq!(place["attachment"], attachment.id.to_string());
            let bytes = part(parts, place["path"].as_str().unwrap());
            assert_eq!(sha256(bytes), attachment.sha256);
        }
    }
    assert!(n_changed > 3 && n_deleted > 3, "{n_changed} {n_deleted}");
}

/// Each message stands on the page, in its order, with the words that it says now and those that it said before.
fn check_page(parts: &[(String, Vec<u8>)], said: &[Said]) {
    let html = text(parts, "conversation.html");
    let found = page::messages(html);
    let expected: Vec<(u64, Option<String>)> = (1..)
        .zip(said.iter().map(|one| one.words.last().cloned()))
        .collect();
    assert_eq!(found, expected);
    let all: String = page::pieces(html)
        .into_iter()
        .filter_map(|piece| match piece {
            page::Piece::Text(text) => Some(text),
            page::Piece::Tag(..) => None,
        })
        .collect();
    for words in said.iter().flat_map(|one| &one.words) {
        assert!(all.contains(words), "{words}");
    }
    for (name, _) in parts.iter().filter(|(name, _)| name.starts_with("fichiers/")) {
        let number = name.split(' ').next().unwrap();
        assert!(html.contains(&format!("href=\"{number}%20")), "{name}");
    }
}

#[tokio::test]
async fn exp_01_a_page_says_who_when_and_how_it_is_printed() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let Friends { anne, luc, .. } = &friends;
    let sent = harness.send(anne, friends.conversation, "Bonjour").await.unwrap();
    let wish = ReactToMessage {
        message: sent.id,
        key: harness.key(),
        reaction: Some(Reaction::OnIt),
    };
    harness.call(luc, wish).await.unwrap();
    harness
        .call(luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    let parts = export(&harness, luc, friends.conversation, ExportFormat::Html).await;

    let html = text(&parts, "conversation.html");
    for words in [
        "<html lang=\"fr-CA\">",
        "Conversation entre Luc Gagné et Dre Anne Roy",
        "<b dir=\"auto\">Dre Anne Roy</b>, infirmière, CLSC des Rapides",
        // 08:00 UTC on the wall of Toronto.
        "Exporté par Luc Gagné, 15\u{a0}janvier\u{a0}2027, 3\u{a0}h\u{a0}00",
        "<h2>15\u{a0}janvier\u{a0}2027</h2>",
        "<time datetime=\"2027-01-15T08:00:00Z\">3\u{a0}h\u{a0}00</time>",
        "Canal fermé depuis",
        "Heures de America/Toronto, UTC\u{2212}05:00 là",
        "Je m’en occupe",
        "counter(page) \" / \" counter(pages)",
    ] {
        assert!(html.contains(words), "{words}\n{html}");
    }
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["conversation.html", "manifest.json"]);
}

/// On 7 November 2027 the clocks of Toronto show half past one at 5:30 and at 6:30 UTC.
#[tokio::test]
async fn exp_01_the_hour_that_comes_twice_is_told_apart() {
    const DAYS: i64 = 296;
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    // From 8:00:00 to 5:30:07.
    harness
        .clock
        .advance_ms(DAYS * 86_400_000 - (2 * 3_600 + 30 * 60 - 7) * 1_000);
    let early = harness.send(&anne, conversation, "Tôt").await.unwrap();
    harness.clock.advance_ms(3_600_000);
    harness.send(&anne, conversation, "Tard").await.unwrap();
    let wish = DeleteMessage { message: early.id };
    harness.call(&anne, wish).await.unwrap();
    confirm(&harness, &luc).await;

    let parts = export(&harness, &luc, conversation, ExportFormat::Html).await;

    let html = text(&parts, "conversation.html");
    for words in [
        "<time datetime=\"2027-11-07T05:30:07Z\">1\u{a0}h\u{a0}30 (UTC\u{2212}04:00)</time>",
        "<time datetime=\"2027-11-07T06:30:07Z\">1\u{a0}h\u{a0}30</time>",
        // The day of both is there once.
        "<h2>7\u{a0}novembre\u{a0}2027</h2>",
    ] {
        assert_eq!(html.matches(words).count(), 1, "{words}\n{html}");
    }
    // What was done in winter, and the channel that was opened in it, say nothing.
    assert_eq!(html.matches("(UTC").count(), 1, "{html}");
}

#[tokio::test]
async fn exp_01_a_conversation_without_a_message_is_exported_as_that() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    for format in FORMATS {
        let parts = export(&harness, &friends.anne, friends.conversation, format).await;

        assert_eq!(parts.len(), 2);
        if format == ExportFormat::Json {
            let data: Value = serde_json::from_slice(part(&parts, "conversation.json")).unwrap();
            assert_eq!(
                (&data["messages"], &data["last_position"]),
                (&json!([]), &json!(0))
            );
        } else {
            assert_eq!(page::messages(text(&parts, "conversation.html")), []);
        }
    }
}

/// Both languages are equal: the page is in that of whoever asks.
#[tokio::test]
async fn exp_01_a_page_is_in_the_language_of_its_owner() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let mut anne = friends.anne.clone();
    anne.caller.language = app::accounts::Language::English;
    harness
        .send(&anne, friends.conversation, "Bonjour")
        .await
        .unwrap();

    let parts = export(&harness, &anne, friends.conversation, ExportFormat::Html).await;

    let html = text(&parts, "conversation.html");
    assert!(html.contains("<html lang=\"en-CA\">"));
    assert!(
        html.contains("Exported by Dre Anne Roy, January\u{a0}15, 2027, 3:00\u{a0}a.m."),
        "{html}"
    );
}
