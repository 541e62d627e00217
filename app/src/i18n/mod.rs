//! Words, dates and sizes, in French first and English equal.
//!
//! Every word a person reads is a function of [`words`], made at build time from `locales/fr` and `locales/en`: a key
//! or a variable that one language lacks does not compile. Changing the language is a new page, so words are plain
//! values, not signals, and cost the browser nothing.

pub mod format;
mod zone;

pub use zone::{Civil, Zone, civil, day_number};

use leptos::prelude::use_context;

use crate::accounts::Language;
use crate::api::{ApiError, InvalidReason};
use crate::attachments::FileProblem;

/// The words of the locales: `words::<feature>::<place>::<thing>(language, …)`.
#[expect(
    clippy::doc_markdown,
    clippy::match_same_arms,
    reason = "made from the locales, not written"
)]
pub mod words {
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}

/// The language of the page that is being drawn.
pub fn use_language() -> Language {
    use_context::<Language>().unwrap_or_default()
}

/// What a refusal tells the person: what happened, and what to do.
pub fn error_words(language: Language, error: &ApiError) -> String {
    use words::errors as t;
    match error {
        ApiError::Invalid { reason, .. } => invalid_words(language, *reason).to_owned(),
        ApiError::SignedOut => t::signed_out(language).to_owned(),
        ApiError::WrongCredentials => t::wrong_credentials(language).to_owned(),
        ApiError::SecondFactor { .. } => t::second_factor(language).to_owned(),
        ApiError::WrongCode => t::wrong_code(language).to_owned(),
        ApiError::SignInExpired => t::sign_in_expired(language).to_owned(),
        ApiError::PasskeyRefused => t::passkey_refused(language).to_owned(),
        ApiError::NoPasskeys => t::no_passkeys(language).to_owned(),
        ApiError::PasskeyNeeded => t::passkey_needed(language).to_owned(),
        ApiError::ConfirmIdentity => t::confirm_identity(language).to_owned(),
        ApiError::FactorNeeded => t::factor_needed(language).to_owned(),
        ApiError::NotFound => t::not_found(language).to_owned(),
        ApiError::NotAllowed => t::not_allowed(language).to_owned(),
        ApiError::NotFriends => t::not_friends(language).to_owned(),
        ApiError::ChannelClosed => t::channel_closed(language).to_owned(),
        ApiError::Blocked => t::blocked(language).to_owned(),
        ApiError::TakesNoRequests => t::takes_no_requests(language).to_owned(),
        ApiError::ManyWaiting => t::many_waiting(language).to_owned(),
        ApiError::NoReader => t::no_reader(language).to_owned(),
        ApiError::KeyReused => t::key_reused(language).to_owned(),
        ApiError::TooLate => t::too_late(language).to_owned(),
        ApiError::MessageDeleted => t::message_deleted(language).to_owned(),
        ApiError::LinkExpired => t::link_expired(language).to_owned(),
        ApiError::NotOpen => t::not_open(language).to_owned(),
        // Nobody counts three hundred seconds.
        ApiError::TooMany { retry_after_s } if *retry_after_s >= 120 => {
            t::too_many_minutes(language, u64::from(retry_after_s.div_ceil(60)))
        }
        ApiError::TooMany { retry_after_s } => t::too_many(language, &retry_after_s.to_string()),
        ApiError::Busy { .. } => t::busy(language).to_owned(),
        ApiError::TooLarge => t::too_large(language).to_owned(),
        ApiError::File(problem) => file_words(language, *problem).to_owned(),
        ApiError::ForeignOrigin => t::foreign_origin(language).to_owned(),
        ApiError::Malformed => t::malformed(language).to_owned(),
        ApiError::Failed { request_id } => t::failed(language, request_id),
        ApiError::Unreachable => t::unreachable(language).to_owned(),
    }
}

/// What is wrong with a field.
pub fn invalid_words(language: Language, reason: InvalidReason) -> &'static str {
    use words::errors::invalid as t;
    match reason {
        InvalidReason::Empty => t::empty(language),
        InvalidReason::TooShort => t::too_short(language),
        InvalidReason::TooLong => t::too_long(language),
        InvalidReason::Format => t::format(language),
        InvalidReason::TooCommon => t::too_common(language),
        InvalidReason::Taken => t::taken(language),
        InvalidReason::Unreadable => t::unreadable(language),
        InvalidReason::Yourself => t::yourself(language),
    }
}

/// What is wrong with a file.
pub fn file_words(language: Language, problem: FileProblem) -> &'static str {
    use words::errors as t;
    match problem {
        FileProblem::Unsupported => t::file_unsupported(language),
        FileProblem::Empty => t::file_empty(language),
        FileProblem::Misnamed => t::file_misnamed(language),
        FileProblem::Unreadable => t::file_unreadable(language),
        FileProblem::TooComplex => t::file_too_complex(language),
        FileProblem::Infected => t::file_infected(language),
        FileProblem::Damaged => t::file_damaged(language),
        FileProblem::Unfinished => t::file_unfinished(language),
        FileProblem::WrongOffset => t::file_wrong_offset(language),
        FileProblem::TooMany => t::file_too_many(language),
        FileProblem::OverQuota => t::file_over_quota(language),
        FileProblem::Unscanned => t::file_unscanned(language),
        FileProblem::NoRoom => t::file_no_room(language),
    }
}
