//! The contract between browser and server: operations, errors, ids, times, events.
//!
//! An operation is a type. The screen that needs it builds one, a [`Client`] carries it to the rule that answers it,
//! and both ends share this definition. Nothing here knows how it travels: the browser posts it, the server calls
//! its own rules in process, so that a page rendered on the server passes the same checks as a click.
//!
//! The operations themselves stand in each feature's `api.rs`.

mod client;
mod error;
mod event;
mod follow;
mod ids;
pub mod json;
mod photo;
mod time;

pub use client::{Client, Part, Reply, Request, Transport};
pub use error::{ApiError, InvalidReason, Problem};
pub use event::{AcknowledgeEvents, Event, EventKind, EventPage, ListEvents};
pub use follow::{Follow, Step, Then};
pub use ids::{
    AccountId, AttachmentId, ConversationId, DeviceId, MessageId, MessageKey, PasskeyId, ReportId, ReportKey,
    VaultId,
};
pub use photo::PhotoForm;
pub use time::Timestamp;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// How an operation travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Changes nothing; ids and cursors in the query.
    Get,
    /// Changes something, or carries words a person typed; a JSON object in the body.
    Post,
}

/// Something a caller may ask for.
///
/// The wire name is the feature, a point and the type in snake case: `SendMessage` is `conversations.send_message`.
pub trait Operation: Serialize + DeserializeOwned + Send + 'static {
    /// `feature.operation`, the last part of its address below `/api/v1/`.
    const NAME: &'static str;
    /// How it travels.
    const METHOD: Method;
    /// What a granted call answers.
    type Answer: Serialize + DeserializeOwned + Send + 'static;
}

/// Declares that a type is an operation: `operation!(Post "conversations.send_message", SendMessage => SentMessage);`
#[macro_export]
macro_rules! operation {
    ($method:ident $name:literal, $operation:ty => $answer:ty) => {
        impl $crate::api::Operation for $operation {
            const NAME: &'static str = $name;
            const METHOD: $crate::api::Method = $crate::api::Method::$method;
            type Answer = $answer;
        }
    };
}

/// The answer of an operation that has nothing to say but that it was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Done {}
