//! Why a file was refused, each with an answer of its own.

use serde::{Deserialize, Serialize};

/// What is wrong with a file, or keeps it from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileProblem {
    /// Its ending is not on the list.
    Unsupported,
    /// Nothing is in it.
    Empty,
    /// Its content is not what its ending says.
    Misnamed,
    /// It is damaged, or of a form that cannot be read.
    Unreadable,
    /// It would unpack to more than is allowed.
    TooComplex,
    /// The scanner has found something in it.
    Infected,
    /// What arrived is not what was sent.
    Damaged,
    /// Parts of it have not arrived yet.
    Unfinished,
    /// A part was sent for another place than the next.
    WrongOffset,
    /// More files than one message takes.
    TooMany,
    /// The person has no room left for files.
    OverQuota,
    /// The scanner does not answer: the file is held until it does.
    Unscanned,
    /// The server's disk is full.
    NoRoom,
}

impl FileProblem {
    /// Every one of them.
    pub const ALL: [Self; 13] = [
        Self::Unsupported,
        Self::Empty,
        Self::Misnamed,
        Self::Unreadable,
        Self::TooComplex,
        Self::Infected,
        Self::Damaged,
        Self::Unfinished,
        Self::WrongOffset,
        Self::TooMany,
        Self::OverQuota,
        Self::Unscanned,
        Self::NoRoom,
    ];

    /// The stable code, also the key of its words under `errors.`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unsupported => "file_unsupported",
            Self::Empty => "file_empty",
            Self::Misnamed => "file_misnamed",
            Self::Unreadable => "file_unreadable",
            Self::TooComplex => "file_too_complex",
            Self::Infected => "file_infected",
            Self::Damaged => "file_damaged",
            Self::Unfinished => "file_unfinished",
            Self::WrongOffset => "file_wrong_offset",
            Self::TooMany => "file_too_many",
            Self::OverQuota => "file_over_quota",
            Self::Unscanned => "file_unscanned",
            Self::NoRoom => "file_no_room",
        }
    }

    /// The one of this code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.code() == code)
    }

    /// The HTTP status that carries it.
    pub fn status(self) -> u16 {
        match self {
            Self::Unsupported => 415,
            Self::Unfinished | Self::WrongOffset => 409,
            Self::Empty
            | Self::Misnamed
            | Self::Unreadable
            | Self::TooComplex
            | Self::Infected
            | Self::Damaged
            | Self::TooMany
            | Self::OverQuota => 422,
            Self::Unscanned => 503,
            Self::NoRoom => 507,
        }
    }

    /// Whether waiting may help.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Unscanned | Self::NoRoom)
    }
}

#[cfg(test)]
mod tests {
    use super::FileProblem;

    #[test]
    fn each_is_known_by_its_code() {
        for problem in FileProblem::ALL {
            assert_eq!(FileProblem::of_code(problem.code()), Some(problem));
        }
        assert_eq!(FileProblem::of_code("file_eaten"), None);
    }
}
