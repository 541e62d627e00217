//! Refusals: why a call was not granted, safe to show to anybody who could make it.
//!
//! On the wire a refusal is a problem document (RFC 9457) with a stable `code`; on a screen it is the sentence of
//! the locales under `errors.<code>`. What does not exist and what the caller may not see answer alike.

use serde::{Deserialize, Serialize};

use crate::accounts::Secret;
use crate::attachments::FileProblem;

/// What is wrong with a field that a person filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvalidReason {
    /// Nothing but white space.
    Empty,
    /// Shorter than the least.
    TooShort,
    /// Longer than the most.
    TooLong,
    /// Not of the form that the field takes.
    Format,
    /// Well formed, but too easy to guess.
    TooCommon,
    /// Somebody has it already.
    Taken,
    /// The picture could not be read.
    Unreadable,
    /// The person's own account, where another's is meant.
    Yourself,
}

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApiError {
    /// A field is not acceptable; nothing was stored.
    Invalid {
        /// The field's name in the operation.
        field: String,
        /// What is wrong with it.
        reason: InvalidReason,
    },
    /// Nobody is signed in, or the session has ended.
    SignedOut,
    /// E-mail and password do not belong together.
    WrongCredentials,
    /// The password was right; a code is asked for as well.
    SecondFactor {
        /// What finishes this sign-in, together with a code; good for five minutes.
        ticket: Secret,
    },
    /// The code is wrong, used already, or of another time.
    WrongCode,
    /// A sign-in that waited for its code is too old or was tried too often: it begins anew with the password.
    SignInExpired,
    /// The passkey or its answer does not hold; why is told to nobody.
    PasskeyRefused,
    /// The address of the service is no name, so that no passkey can belong to it.
    NoPasskeys,
    /// The organisation wants more than the password, and this account has a passkey for it.
    PasskeyNeeded,
    /// Who asks has to prove once more who they are, with `accounts.confirm_identity`.
    ConfirmIdentity,
    /// The organisation asks for a second factor, which this account has to set up first.
    FactorNeeded,
    /// It does not exist, or the caller may not see it.
    NotFound,
    /// It is for administrators.
    NotAllowed,
    /// The two are not friends.
    NotFriends,
    /// The channel is closed: what was said stays readable, nothing new is taken.
    ChannelClosed,
    /// The caller has blocked this person.
    Blocked,
    /// The person takes no requests from the caller; why is told to nobody.
    TakesNoRequests,
    /// A hundred of the caller's requests for friendship wait already.
    ManyWaiting,
    /// Nobody but the person it is about administers the installation: the report would be read by nobody.
    NoReader,
    /// The key was used before, with another body.
    KeyReused,
    /// The message can be changed no more: its time is over.
    TooLate,
    /// The message was deleted: nothing can be done with it any more.
    MessageDeleted,
    /// The one-time link is used, expired or unknown.
    LinkExpired,
    /// The instance already has an account, or has none yet.
    NotOpen,
    /// Too many tries.
    TooMany {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The server has too much to do.
    Busy {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The request is larger than allowed.
    TooLarge,
    /// A file is not acceptable, or cannot go on; nothing of it is sent.
    File(FileProblem),
    /// The request comes from another site.
    ForeignOrigin,
    /// The request is not of the described form.
    Malformed,
    /// Something failed inside; the request id finds it in the log.
    Failed {
        /// What a person quotes to support.
        request_id: String,
    },
    /// No answer came: only ever made in the browser.
    Unreachable,
}

impl ApiError {
    /// A refused field.
    pub fn invalid(field: &str, reason: InvalidReason) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            reason,
        }
    }

    /// The stable code, also the key of its words under `errors.`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::SignedOut => "signed_out",
            Self::WrongCredentials => "wrong_credentials",
            Self::SecondFactor { .. } => "second_factor",
            Self::WrongCode => "wrong_code",
            Self::SignInExpired => "sign_in_expired",
            Self::PasskeyRefused => "passkey_refused",
            Self::NoPasskeys => "no_passkeys",
            Self::PasskeyNeeded => "passkey_needed",
            Self::ConfirmIdentity => "confirm_identity",
            Self::FactorNeeded => "factor_needed",
            Self::NotFound => "not_found",
            Self::NotAllowed => "not_allowed",
            Self::NotFriends => "not_friends",
            Self::ChannelClosed => "channel_closed",
            Self::Blocked => "blocked",
            Self::TakesNoRequests => "takes_no_requests",
            Self::ManyWaiting => "many_waiting",
            Self::NoReader => "no_reader",
            Self::KeyReused => "key_reused",
            Self::TooLate => "too_late",
            Self::MessageDeleted => "message_deleted",
            Self::LinkExpired => "link_expired",
            Self::NotOpen => "not_open",
            Self::TooMany { .. } => "too_many",
            Self::Busy { .. } => "busy",
            Self::TooLarge => "too_large",
            Self::File(problem) => problem.code(),
            Self::ForeignOrigin => "foreign_origin",
            Self::Malformed => "malformed",
            Self::Failed { .. } => "failed",
            Self::Unreachable => "unreachable",
        }
    }

    /// The HTTP status that carries it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::SignedOut
            | Self::WrongCredentials
            | Self::SecondFactor { .. }
            | Self::WrongCode
            | Self::SignInExpired
            | Self::PasskeyRefused
            | Self::PasskeyNeeded => 401,
            Self::NotAllowed
            | Self::ConfirmIdentity
            | Self::FactorNeeded
            | Self::NoPasskeys
            | Self::NotFriends
            | Self::ChannelClosed
            | Self::Blocked
            | Self::TakesNoRequests
            | Self::ForeignOrigin
            | Self::NotOpen
            | Self::TooLate => 403,
            Self::NotFound => 404,
            Self::ManyWaiting | Self::NoReader | Self::KeyReused => 409,
            Self::LinkExpired | Self::MessageDeleted => 410,
            Self::TooLarge => 413,
            Self::File(problem) => problem.status(),
            Self::Invalid { .. } => 422,
            Self::TooMany { .. } => 429,
            Self::Failed { .. } => 500,
            Self::Busy { .. } | Self::Unreachable => 503,
        }
    }

    /// Whether the same call may succeed later without anybody changing it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable
            | Self::Busy { .. }
            | Self::TooMany { .. }
            | Self::Failed { .. }
            | Self::SignedOut => true,
            Self::File(problem) => problem.is_transient(),
            _ => false,
        }
    }
}

/// A refusal as it travels: RFC 9457, with `code` as the stable part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Always `about:blank`: the code says it all.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// One sentence, in the caller's language.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// Stable, for programs.
    pub code: String,
    /// The refused field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong with the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<InvalidReason>,
    /// Seconds to wait before the next try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// What a person quotes to support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What finishes a sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Secret>,
}

impl Problem {
    /// The document of this refusal; `title` is its sentence in the caller's language.
    pub fn new(error: &ApiError, title: String) -> Self {
        let mut problem = Self {
            kind: "about:blank".to_owned(),
            title,
            status: error.status(),
            code: error.code().to_owned(),
            field: None,
            reason: None,
            retry_after_s: None,
            request_id: None,
            ticket: None,
        };
        match error {
            ApiError::Invalid { field, reason } => {
                problem.field = Some(field.clone());
                problem.reason = Some(*reason);
            }
            ApiError::TooMany { retry_after_s } | ApiError::Busy { retry_after_s } => {
                problem.retry_after_s = Some(*retry_after_s);
            }
            ApiError::SecondFactor { ticket } => problem.ticket = Some(ticket.clone()),
            ApiError::Failed { request_id } => problem.request_id = Some(request_id.clone()),
            _ => {}
        }
        problem
    }

    /// The refusal that the document carries; an unknown code is a failure of a newer server.
    pub fn into_error(self) -> ApiError {
        let retry_after_s = self.retry_after_s.unwrap_or(5);
        match self.code.as_str() {
            "invalid" => ApiError::Invalid {
                field: self.field.unwrap_or_default(),
                reason: self.reason.unwrap_or(InvalidReason::Format),
            },
            "signed_out" => ApiError::SignedOut,
            "wrong_credentials" => ApiError::WrongCredentials,
            "second_factor" => ApiError::SecondFactor {
                ticket: self.ticket.unwrap_or(Secret(String::new())),
            },
            "wrong_code" => ApiError::WrongCode,
            "sign_in_expired" => ApiError::SignInExpired,
            "passkey_refused" => ApiError::PasskeyRefused,
            "no_passkeys" => ApiError::NoPasskeys,
            "passkey_needed" => ApiError::PasskeyNeeded,
            "confirm_identity" => ApiError::ConfirmIdentity,
            "factor_needed" => ApiError::FactorNeeded,
            "not_found" => ApiError::NotFound,
            "not_allowed" => ApiError::NotAllowed,
            "not_friends" => ApiError::NotFriends,
            "channel_closed" => ApiError::ChannelClosed,
            "blocked" => ApiError::Blocked,
            "takes_no_requests" => ApiError::TakesNoRequests,
            "many_waiting" => ApiError::ManyWaiting,
            "no_reader" => ApiError::NoReader,
            "key_reused" => ApiError::KeyReused,
            "too_late" => ApiError::TooLate,
            "message_deleted" => ApiError::MessageDeleted,
            "link_expired" => ApiError::LinkExpired,
            "not_open" => ApiError::NotOpen,
            "too_many" => ApiError::TooMany { retry_after_s },
            "busy" => ApiError::Busy { retry_after_s },
            "too_large" => ApiError::TooLarge,
            "foreign_origin" => ApiError::ForeignOrigin,
            "malformed" => ApiError::Malformed,
            code => match FileProblem::of_code(code) {
                Some(problem) => ApiError::File(problem),
                None => ApiError::Failed {
                    request_id: self.request_id.unwrap_or_default(),
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_survives_the_wire() {
        let errors = [
            ApiError::invalid("body", InvalidReason::TooLong),
            ApiError::SignedOut,
            ApiError::WrongCredentials,
            ApiError::SecondFactor {
                ticket: Secret("t1".to_owned()),
            },
            ApiError::WrongCode,
            ApiError::SignInExpired,
            ApiError::PasskeyRefused,
            ApiError::NoPasskeys,
            ApiError::PasskeyNeeded,
            ApiError::ConfirmIdentity,
            ApiError::FactorNeeded,
            ApiError::NotFound,
            ApiError::NotAllowed,
            ApiError::NotFriends,
            ApiError::ChannelClosed,
            ApiError::Blocked,
            ApiError::TakesNoRequests,
            ApiError::ManyWaiting,
            ApiError::NoReader,
            ApiError::KeyReused,
            ApiError::TooLate,
            ApiError::MessageDeleted,
            ApiError::LinkExpired,
            ApiError::NotOpen,
            ApiError::TooMany { retry_after_s: 30 },
            ApiError::Busy { retry_after_s: 2 },
            ApiError::TooLarge,
            ApiError::ForeignOrigin,
            ApiError::Malformed,
            ApiError::Failed {
                request_id: "r1".to_owned(),
            },
        ];
        let errors = errors.into_iter().chain(FileProblem::ALL.map(ApiError::File));

        for error in errors {
            assert_eq!(Problem::new(&error, String::new()).into_error(), error);
        }
    }
}
