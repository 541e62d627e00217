//! Reports on the wire: a person is reported to the administrators, who read what was handed over, and close it.
//!
//! No word of an exchange travels unless the reporter has chosen it, message by message.

use serde::{Deserialize, Serialize};

use crate::api::{AccountId, ApiError, InvalidReason, ReportId, ReportKey, Timestamp};
use crate::conversations::{MessageBody, Version};
use crate::operation;

/// Why a person is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    /// Insults, threats, words out of place.
    Harassment,
    /// Requests or messages that were not wished for.
    Unwanted,
    /// Somebody gives themselves out as somebody else.
    Impersonation,
    /// What was entrusted to them went where it must not.
    Confidentiality,
    /// Something else.
    Other,
}

impl ReportReason {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Harassment,
        Self::Unwanted,
        Self::Impersonation,
        Self::Confidentiality,
        Self::Other,
    ];

    /// As it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Harassment => "harassment",
            Self::Unwanted => "unwanted",
            Self::Impersonation => "impersonation",
            Self::Confidentiality => "confidentiality",
            Self::Other => "other",
        }
    }

    /// The reason of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// What the reporter adds in their own words: checked, trimmed, at most 1,000 characters. `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ReportWords(String);

impl ReportWords {
    /// The most characters.
    pub const MAX_CHARS: usize = 1_000;

    /// Checks what was typed; `None` when nothing was.
    ///
    /// # Errors
    /// `Invalid` when it has more than 1,000 characters.
    pub fn parse(text: &str) -> Result<Option<Self>, ApiError> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(ApiError::invalid("words", InvalidReason::TooLong));
        }
        Ok(Some(Self(text.to_owned())))
    }

    /// What the store holds, which was checked when it came in.
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ReportWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReportWords(…)")
    }
}

/// The most messages that one report hands over.
pub const MAX_MESSAGES: usize = 20;

/// Asks what the page of a reporter starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetReportState {
    /// Who is to be reported.
    pub account: AccountId,
    /// A report of one's own that may have been sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ReportKey>,
}

/// What the page of a reporter starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReportState {
    /// Whether somebody else administers the installation: without them a report about this person is refused.
    pub has_reader: bool,
    /// Whether the caller has sent the report of that key, about this person.
    pub is_sent: bool,
}

/// Shows what a report would hand over, before it is sent. Changes nothing.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct PreviewReport {
    /// Whom.
    pub account: AccountId,
    /// Why.
    pub reason: ReportReason,
    /// At most 1,000 characters; empty is none.
    #[serde(default)]
    pub words: String,
    /// Positions in the conversation with them, at most 20; none unless they were chosen.
    #[serde(default)]
    pub messages: Vec<u64>,
}

/// Reports a person to the administrators. The person is told nothing.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReportAccount {
    /// Made by the client: the same report sent again is one report.
    pub key: ReportKey,
    /// Whom.
    pub account: AccountId,
    /// Why.
    pub reason: ReportReason,
    /// At most 1,000 characters; empty is none.
    #[serde(default)]
    pub words: String,
    /// Positions in the conversation with them, at most 20; their words are copied for the administrators, with what an
    /// edited message said before.
    #[serde(default)]
    pub messages: Vec<u64>,
    /// What [`ReportPreview`] said of them: if one reads otherwise by now, nothing is handed over. Without it, they are handed
    /// over as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
}

impl std::fmt::Debug for PreviewReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PreviewReport({}, …)", self.account)
    }
}

impl std::fmt::Debug for ReportAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReportAccount({}, {}, …)", self.key, self.account)
    }
}

/// A message that a report hands over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReportedMessage {
    /// Its place in the conversation.
    pub position: u64,
    /// Who wrote it: the reported person, or the reporter.
    pub author: AccountId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The words; empty when they cannot be shown.
    pub body: MessageBody,
    /// Since when it reads as it does, if its author has changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// What it said before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Version>,
}

/// What a report would hand over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReportPreview {
    /// Whom it is about.
    pub account: AccountId,
    /// Why.
    pub reason: ReportReason,
    /// What the reporter adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<ReportWords>,
    /// The messages, oldest first; all that is handed over of the exchange.
    pub messages: Vec<ReportedMessage>,
    /// Stands for these messages, their words and what they said before; goes back with the report.
    pub shown: String,
}

/// A report was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReportMade {
    /// Its id, which the reporter may quote.
    pub report: ReportId,
}

/// Lists reports, newest first. Administrators only; no word of theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListReports {
    /// The closed ones instead of those that wait.
    #[serde(default)]
    pub closed: bool,
    /// Go on before this report, the last of the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<ReportId>,
}

/// Somebody whom a report names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReportParty {
    /// Their account.
    pub id: AccountId,
    /// The name as shown.
    pub name: String,
}

/// A report without its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// Who is reported.
    pub reported: ReportParty,
    /// Who reports.
    pub reporter: ReportParty,
    /// Why.
    pub reason: ReportReason,
    /// When.
    pub at: Timestamp,
    /// Whether the reporter has added words.
    pub has_words: bool,
    /// How many messages are attached.
    pub n_messages: u32,
    /// Since when it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Since when its words are erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
}

/// A page of reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Reports {
    /// Newest first, at most 50.
    pub reports: Vec<Report>,
    /// What to give as `before` for the next page; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<ReportId>,
}

/// Opens a report: what was handed over with it. Administrators only, shortly after they have proven who they are; each
/// opening is written down.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct OpenReport {
    /// Which.
    pub report: ReportId,
}

/// A report with what was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct OpenedReport {
    /// The report.
    pub report: Report,
    /// What the reporter added, while it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<ReportWords>,
    /// The attached messages, oldest first, while they are kept.
    pub messages: Vec<ReportedMessage>,
}

/// Closes a report: what was handed over with it is erased thirty days later. Administrators only.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct CloseReport {
    /// Which.
    pub report: ReportId,
}

operation!(Get "reports.get_report_state", GetReportState => ReportState);
operation!(Post "reports.preview_report", PreviewReport => ReportPreview);
operation!(Post "reports.report_account", ReportAccount => ReportMade);
operation!(Get "reports.list_reports", ListReports => Reports);
operation!(Post "reports.open_report", OpenReport => OpenedReport);
operation!(Post "reports.close_report", CloseReport => Report);

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn words_are_trimmed_and_bounded() {
        let of = |text: &str| ReportWords::parse(text).map(|words| words.map(|words| words.0));

        assert_eq!(of(" \r\n "), Ok(None));
        assert_eq!(of(" a\r\nb "), Ok(Some("a\nb".to_owned())));
        assert!(of(&"é".repeat(ReportWords::MAX_CHARS)).is_ok());
        let refused = Err(ApiError::invalid("words", InvalidReason::TooLong));
        assert_eq!(of(&"é".repeat(ReportWords::MAX_CHARS + 1)), refused);
    }

    #[test]
    fn a_reason_is_known_by_its_name() {
        for reason in ReportReason::ALL {
            let text = serde_json::to_string(&reason).expect("JSON");
            assert_eq!(text, format!("\"{}\"", reason.as_str()));
            assert_eq!(ReportReason::from_name(reason.as_str()), Some(reason));
        }
        assert_eq!(ReportReason::from_name("autre"), None);
    }

    #[test]
    fn debug_output_holds_no_words() {
        let account = AccountId(Uuid::from_u128(1));
        let words = "des mots à taire".to_owned();
        let preview = PreviewReport {
            account,
            reason: ReportReason::Other,
            words: words.clone(),
            messages: vec![3],
        };
        let report = ReportAccount {
            key: ReportKey(Uuid::from_u128(2)),
            account,
            reason: ReportReason::Other,
            words: words.clone(),
            messages: vec![3],
            shown: None,
        };

        for shown in [
            format!("{preview:?}"),
            format!("{report:?}"),
            format!("{:?}", ReportWords::from_store(words)),
        ] {
            assert!(!shown.contains("taire"), "{shown}");
        }
    }
}
