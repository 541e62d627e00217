//! What a rule can end in besides an answer: a refusal, which the person is told, or a failure, which the log is told.

use app::api::{ApiError, InvalidReason};

/// Why a rule gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller may not, or what was given is not acceptable. Safe to show.
    #[error("refused: {}", .0.code())]
    Refused(ApiError),
    /// Something inside did not work. Logged once, where it is turned into an answer.
    #[error("{doing}")]
    Failed {
        /// What was being attempted.
        doing: String,
        /// Why it did not work.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What rules return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure while `doing` something.
    pub fn failed(
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Failed {
            doing: doing.into(),
            source: source.into(),
        }
    }

    /// A refused field.
    pub fn invalid(field: &str, reason: InvalidReason) -> Self {
        Self::Refused(ApiError::invalid(field, reason))
    }

    /// The whole chain of causes, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl From<ApiError> for Error {
    fn from(refusal: ApiError) -> Self {
        Self::Refused(refusal)
    }
}
