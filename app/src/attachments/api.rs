//! Attachments on the wire.
//!
//! The bytes of a file travel beside the operations: to `/api/v1/uploads/<id>` in parts, by the core of tus 1.0, or in one
//! multipart request to `/api/v1/attachments.upload_attachment`; and back from `/api/v1/attachments/<id>`.

use serde::{Deserialize, Serialize};

use super::{AttachmentKind, FileName};
use crate::api::{AttachmentId, ConversationId, Done, MessageKey};
use crate::operation;

/// The most files of one message.
pub const MAX_FILES: usize = 10;

/// A file that a message carries, or will.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// Its id: its bytes are at `/api/v1/attachments/<id>`.
    pub id: AttachmentId,
    /// Its name; empty when it cannot be shown, because it was erased or rests damaged.
    pub name: FileName,
    /// What it is.
    pub kind: AttachmentKind,
    /// Its media type.
    pub media_type: String,
    /// Its bytes, as they are handed out.
    pub size: u64,
    /// SHA-256 of the bytes that are handed out, in hexadecimal. Of a picture, which is made anew, it is not that of the file
    /// that was sent.
    pub sha256: String,
    /// What a picture shows, in the words of whoever sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of a picture that is shown in place: how wide it is, in pixels. Then a small form is at `…/thumbnail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// How high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// What a person should know before opening it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<FileNote>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({}, …)", self.id)
    }
}

impl Attachment {
    /// Whether a browser may show it by itself, at `…/view`: a PDF in which no scripts were seen.
    pub fn is_viewable(&self) -> bool {
        self.kind == AttachmentKind::Pdf && self.note.is_none()
    }
}

/// What a person should know about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileNote {
    /// A picture of a form that Pli cannot show (HEIC): it is kept as a file.
    KeptAsFile,
    /// A PDF that holds scripts. Pli never runs them; the program that opens the file might.
    HasScripts,
}

/// Asks what may be sent, and how much room is left.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetLimits {}

/// What may be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FileLimits {
    /// The most bytes of one file.
    pub max_bytes: u64,
    /// The most files of one message.
    pub max_files: u32,
    /// The endings of the names of files that may be sent, in lower case.
    pub extensions: Vec<String>,
    /// The most bytes of all files that one person has sent.
    pub quota_bytes: u64,
    /// How many of them are used.
    pub used_bytes: u64,
}

/// Says that a file is to be sent, before its bytes: whether it may be is told at once. The same key again finds the same
/// upload, with what has arrived of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct BeginUpload {
    /// For which conversation.
    pub conversation: ConversationId,
    /// Made by the client, once per file.
    pub key: MessageKey,
    /// What the file is called.
    pub name: FileName,
    /// How many bytes it has.
    pub size: u64,
    /// What a picture shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// An upload, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Upload {
    /// The attachment that it becomes; its parts go to `/api/v1/uploads/<id>`.
    pub id: AttachmentId,
    /// How many bytes it has.
    pub size: u64,
    /// How many of them are on the server's disk.
    pub offset: u64,
    /// The attachment, once it is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
}

/// An upload that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct BegunUpload {
    /// It.
    pub upload: Upload,
}

/// Says that all parts of an upload are there: the file is looked at, scanned, and a picture is made anew. What it answers is
/// on disk, and may be sent; asking again gives the same answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FinishUpload {
    /// Which.
    pub attachment: AttachmentId,
    /// SHA-256 of the file that was sent, in hexadecimal: what arrived is held against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// One attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FoundAttachment {
    /// It.
    pub attachment: Attachment,
}

/// Reads what is known of a file: one's own, or one of a message that one may read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetAttachment {
    /// Which.
    pub attachment: AttachmentId,
}

/// Says what a picture shows, as long as it was not sent; empty takes the words away.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DescribeAttachment {
    /// Which.
    pub attachment: AttachmentId,
    /// At most 1,000 characters.
    pub description: String,
}

impl std::fmt::Debug for DescribeAttachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DescribeAttachment({}, …)", self.attachment)
    }
}

/// Gives up a file that was not sent: nothing of it stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DiscardUpload {
    /// Which.
    pub attachment: AttachmentId,
}

operation!(Get "attachments.get_limits", GetLimits => FileLimits);
operation!(Post "attachments.begin_upload", BeginUpload => BegunUpload);
operation!(Post "attachments.finish_upload", FinishUpload => FoundAttachment);
operation!(Get "attachments.get_attachment", GetAttachment => FoundAttachment);
operation!(Post "attachments.describe_attachment", DescribeAttachment => FoundAttachment);
operation!(Post "attachments.discard_upload", DiscardUpload => Done);
