//! Identifiers: distinct types, so that two ids of different things never fit the same parameter.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// An account: a clinician who can sign in.
    AccountId
);
id!(
    /// The direct conversation of one friendship.
    ConversationId
);
id!(
    /// A stored message.
    MessageId
);
id!(
    /// A signed-in browser, tablet or program.
    DeviceId
);
id!(
    /// The client's idempotency key of one message; unique for ever among its sender's messages.
    MessageKey
);
id!(
    /// A passkey of an account.
    PasskeyId
);
id!(
    /// A report of a person to the administrators.
    ReportId
);
id!(
    /// The client's idempotency key of one report; unique for ever among its reporter's reports.
    ReportKey
);
id!(
    /// What a browser keeps for one account, encrypted; drawn by the browser.
    VaultId
);
id!(
    /// A file that a message carries.
    AttachmentId
);
