//! A conversation as data: `conversation.json`, and the list `manifest.json`. Messages have the form that
//! `conversations.read_timeline` gives them, so whoever reads the one reads the other.

use app::api::AttachmentId;
use app::conversations::acts::Version;
use app::conversations::{Channel, ExportFormat, Message};
use serde::Serialize;
use serde_json::json;

use super::archive::Entry;
use super::{Began, Exported, Reached};
use crate::error::{Error, Result};
use crate::hexadecimal::hexadecimal;

/// Raised when the form changes in a way that a program would notice.
const VERSION: u32 = 1;

/// A message, and what belongs to it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    message: &'a Message,
    /// What it has said, oldest first; empty unless it was changed.
    #[serde(skip_serializing_if = "<[Version]>::is_empty")]
    versions: &'a [Version],
    /// Where its files lie.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    attachment: AttachmentId,
    /// None for a file whose bytes are gone, or damaged.
    path: Option<&'a str>,
}

/// What stands before the messages.
pub(super) fn head(began: &Began) -> Result<String> {
    let people: Vec<_> = began
        .people()
        .map(|person| {
            json!({
                "id": person.id, "name": person.name, "profession": person.profession, "workplace": person.workplace,
            })
        })
        .collect();
    let channel = match began.channel {
        Channel::Open { since } => json!({ "state": "open", "since": since }),
        Channel::Closed { since, by_me } => json!({ "state": "closed", "since": since, "by_me": by_me }),
    };
    let last = |reached: &Reached| {
        let last = reached.last.as_ref();
        last.map(|(position, at)| json!({ "position": position, "at": at }))
    };
    let head = json!({
        "format": "pli.conversation",
        "version": VERSION,
        "conversation": began.conversation,
        "exported_at": began.at,
        "exported_by": began.me.id,
        "participants": people,
        "channel": channel,
        "friend_delivered_position": began.delivered.position,
        "friend_read_position": began.read.position,
        "last_delivered": last(&began.delivered),
        "last_read": last(&began.read),
        "last_position": began.last_position,
    });
    let text = write(&head)?;
    let open = text.strip_suffix('}').unwrap_or(&text);
    Ok(format!("{open},\"messages\":["))
}

/// A message; the first one of all has none before it.
pub(super) fn message(exported: &Exported) -> Result<String> {
    let attachments = exported.message.attachments.list();
    let files = attachments.iter().zip(&exported.paths);
    let line = Line {
        message: &exported.message,
        versions: &exported.versions,
        files: files
            .map(|(attachment, path)| Place {
                attachment: attachment.id,
                path: path.as_deref(),
            })
            .collect(),
    };
    let comma = if exported.message.position > 1 { "," } else { "" };
    Ok(format!("{comma}\n{}", write(&line)?))
}

/// What stands after them.
pub(super) const FOOT: &str = "\n]}\n";

/// What stands before the list of the parts. `missing` are files that could not be read.
pub(super) fn manifest_head(began: &Began, format: ExportFormat, missing: &[String]) -> Result<String> {
    let head = json!({
        "format": "pli.export",
        "version": VERSION,
        "conversation": began.conversation,
        "exported_at": began.at,
        "exported_by": began.me.id,
        "zone": began.zone.name,
        "last_position": began.last_position,
        "messages": super::text_name(format),
        "missing": missing,
    });
    let text = write(&head)?;
    let open = text.strip_suffix('}').unwrap_or(&text);
    Ok(format!("{open},\"files\":["))
}

/// A part of the archive, and what it is known by.
pub(super) fn manifest_line(entry: &Entry, is_first: bool) -> Result<String> {
    let sha256 = hexadecimal(&entry.measured.sha256);
    let line = json!({ "name": entry.name, "size": entry.measured.n_bytes, "sha256": sha256 });
    let comma = if is_first { "" } else { "," };
    Ok(format!("{comma}\n{}", write(&line)?))
}

fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::failed("writing an export", error))
}
