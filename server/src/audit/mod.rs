//! The audit: what was done, by whom, to whom, when. Never what was said.
//!
//! A row is written in the transaction of the act: no act without its row, and none when the row cannot be written. The
//! rows are a chain of hashes (`chain`). A server signs the end of the chain every minute into a file that is made to be
//! copied away (`checkpoint`); `pli audit verify` holds the rows against both (`verify`).
//!
//! Source: assurance INT-01, INT-02.

mod chain;
mod checkpoint;
mod sql;
mod verify;

use app::api::{AccountId, Timestamp};
use uuid::Uuid;

use crate::error::Result;
use crate::store::Tx;

pub use checkpoint::{Checkpoints, Signer};
pub(crate) use sql::find_last_at;
pub use verify::{Finding, Report, verify};

/// Something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// An account was made that can sign in at once. On it.
    AccountCreated,
    /// A person was invited. On the account.
    Invited,
    /// An invitation was accepted. On the account.
    Joined,
    /// A session was opened. On its device.
    SignedIn,
    /// A session was ended, by its own device or from another. On the device.
    SignedOut,
    /// The password was changed by its owner. On the account.
    PasswordChanged,
    /// A reset link was made. On the account.
    ResetStarted,
    /// A reset link was made that takes lost factors away as well. On the account.
    FactorResetStarted,
    /// A new password was chosen by a reset link. On the account.
    PasswordReset,
    /// The authenticator app, the recovery codes, the passkeys and the tie to the provider were taken away by such a link. On
    /// the account.
    FactorsReset,
    /// An authenticator app was set up, with its recovery codes. On the account.
    AuthenticatorAdded,
    /// The app was removed, with its recovery codes. On the account.
    AuthenticatorRemoved,
    /// New recovery codes took the place of the old ones. On the account.
    RecoveryCodesMade,
    /// A recovery code was used up. On the account.
    RecoveryCodeUsed,
    /// A passkey was added. On it.
    PasskeyAdded,
    /// A passkey was removed. On it.
    PasskeyRemoved,
    /// An account was linked to an identity of the organisation's provider. On the account.
    ProviderLinked,
    /// The link was removed. On the account.
    ProviderUnlinked,
    /// A second factor is asked of everybody from now on. On nothing.
    FactorsRequired,
    /// It is no longer. On nothing.
    FactorsOptional,
    /// Messages are looked through on the device for what belongs in a patient's record. On nothing.
    UnfiledGuarded,
    /// They are no longer. On nothing.
    UnfiledUnguarded,
    /// An account was suspended. On it.
    Suspended,
    /// The suspension was lifted. On it.
    Resumed,
    /// Friendship was asked for. On the other account, as below.
    Requested,
    /// A request was taken back.
    Cancelled,
    /// A request was accepted.
    Accepted,
    /// A request was put aside.
    Ignored,
    /// A request that was put aside was taken up again.
    Restored,
    /// A channel was closed.
    Closed,
    /// A person was blocked.
    Blocked,
    /// A block was lifted.
    Unblocked,
    /// A message was changed by its author. On it.
    MessageEdited,
    /// A message was deleted by its author. On it.
    MessageDeleted,
    /// A message was forwarded to another conversation. On it.
    MessageForwarded,
    /// The message that came of it, in the row that follows. On that one, whose row says where the words went.
    ForwardStored,
    /// A conversation was exported by one of its two. On it.
    ConversationExported,
    /// A conversation was erased. On it.
    Erased,
    /// A person was reported to the administrators. On the report, as below.
    Reported,
    /// An administrator has read what was handed over.
    ReportOpened,
    /// A report was closed.
    ReportClosed,
    /// What was handed over with a report was erased.
    ReportErased,
    /// The wrapping key was changed. On the new one's name.
    KeyRotated,
    /// The audit is signed from here on. On the name of the key that signs it.
    SigningBegun,
}

impl Act {
    /// As the table names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountCreated => "account_created",
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::PasswordChanged => "password_changed",
            Self::ResetStarted => "reset_started",
            Self::FactorResetStarted => "factor_reset_started",
            Self::PasswordReset => "password_reset",
            Self::FactorsReset => "factors_reset",
            Self::AuthenticatorAdded => "authenticator_added",
            Self::AuthenticatorRemoved => "authenticator_removed",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::ProviderLinked => "provider_linked",
            Self::ProviderUnlinked => "provider_unlinked",
            Self::FactorsRequired => "factors_required",
            Self::FactorsOptional => "factors_optional",
            Self::UnfiledGuarded => "unfiled_guarded",
            Self::UnfiledUnguarded => "unfiled_unguarded",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Requested => "requested",
            Self::Cancelled => "cancelled",
            Self::Accepted => "accepted",
            Self::Ignored => "ignored",
            Self::Restored => "restored",
            Self::Closed => "closed",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
            Self::MessageEdited => "message_edited",
            Self::MessageDeleted => "message_deleted",
            Self::MessageForwarded => "message_forwarded",
            Self::ForwardStored => "forward_stored",
            Self::ConversationExported => "conversation_exported",
            Self::Erased => "erased",
            Self::Reported => "reported",
            Self::ReportOpened => "report_opened",
            Self::ReportClosed => "report_closed",
            Self::ReportErased => "report_erased",
            Self::KeyRotated => "key_rotated",
            Self::SigningBegun => "signing_begun",
        }
    }
}

/// Writes down an act, in its own transaction. `actor` is nobody for what is done at the machine itself.
///
/// # Errors
/// `Failed` when it cannot be written: then the act is not done either.
pub fn append(
    tx: &mut Tx<'_>,
    at: Timestamp,
    actor: Option<AccountId>,
    act: Act,
    subject: impl Into<Option<Uuid>>,
) -> Result<()> {
    let (number, previous) = sql::find_last(tx)?.unwrap_or((0, chain::BEGINNING));
    let mut row = chain::Row {
        number: number + 1,
        at,
        act: act.name().to_owned(),
        actor: actor.map(|account| account.0),
        subject: subject.into(),
        hash: chain::BEGINNING,
    };
    row.hash = row.compute_hash(&previous);
    sql::insert_row(tx, &row)
}
