//! Reports to the administrators: what is handed over, who reads it, when it goes; and that nobody else hears of it.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod attaching;
mod ending;
mod reading;
mod reporting;

use app::api::{AccountId, ApiError, ConversationId, ReportId, ReportKey};
use app::reports::{ListReports, OpenReport, OpenedReport, Report, ReportAccount, ReportReason};
use harness::{Account, Friends, Harness};

/// Anne and Luc, who have written to each other, and somebody who administers.
struct Scene {
    harness: Harness,
    anne: Account,
    luc: Account,
    conversation: ConversationId,
    admin: Account,
}

impl Scene {
    async fn set() -> Self {
        Self::on(Harness::new()).await
    }

    async fn on(harness: Harness) -> Self {
        let Friends {
            anne,
            luc,
            conversation,
        } = harness.two_friends().await;
        for (author, text) in [
            (&anne, "Bonjour Luc"),
            (&luc, "merle : laissez-moi"),
            (&anne, "Pardon?"),
            (&luc, "corneille : taisez-vous"),
        ] {
            harness.send(author, conversation, text).await.unwrap();
        }
        let admin = harness.admin("Nadia Belkacem").await;
        Self {
            harness,
            anne,
            luc,
            conversation,
            admin,
        }
    }

    /// Anne's report of Luc.
    fn wish(&self, words: &str, messages: &[u64]) -> ReportAccount {
        wish_about(&self.harness, self.luc.id, words, messages)
    }

    /// Anne reports Luc.
    async fn report(&self, words: &str, messages: &[u64]) -> ReportId {
        let wish = self.wish(words, messages);
        self.harness.call(&self.anne, wish).await.unwrap().report
    }

    async fn open(&self, report: ReportId) -> Result<OpenedReport, ApiError> {
        self.harness.call(&self.admin, OpenReport { report }).await
    }

    /// The administrator proves once more who is there.
    async fn prove(&mut self) {
        self.admin = self.harness.sign_in(&self.admin.email).await;
    }

    async fn list(&self, reader: &Account) -> Vec<Report> {
        let all = self.harness.call(reader, ListReports::default()).await;
        all.unwrap().reports
    }
}

fn wish_about(harness: &Harness, account: AccountId, words: &str, messages: &[u64]) -> ReportAccount {
    ReportAccount {
        key: ReportKey(harness.key().0),
        account,
        reason: ReportReason::Harassment,
        words: words.to_owned(),
        messages: messages.to_vec(),
        shown: None,
    }
}

fn texts(opened: &OpenedReport) -> Vec<&str> {
    let bodies = opened.messages.iter().map(|message| message.body.as_str());
    bodies.collect()
}
