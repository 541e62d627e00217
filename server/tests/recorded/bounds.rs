//! What bounds others: whose requests one takes, many requests at once, and a report to the administrators.

use app::api::{ReportId, ReportKey, Timestamp};
use app::contacts::GetProfile;
use app::friendships::{
    GetAskingRule, IgnoreFriendRequests, RestoreFriendRequests, SaveAskingRule, SendFriendRequest, WhoMayAsk,
};
use app::reports::{CloseReport, ListReports, OpenReport, PreviewReport, ReportAccount, ReportReason};
use uuid::Uuid;

use crate::scenario::Recorder;

/// Whose requests are taken, and many of them at once.
pub(crate) async fn ask(tape: &mut Recorder) {
    let [anne, luc, marc] = ["anne", "luc", "marc"].map(|name| tape.scene.person(name).id);
    let until = Timestamp((1 << 53) - 1);
    let accounts = vec![marc];
    let ignore = IgnoreFriendRequests {
        accounts: accounts.clone(),
        until,
    };
    tape.ask("anne", 200, ignore).await;
    tape.ask("anne", 200, RestoreFriendRequests { accounts }).await;
    tape.ask("anne", 200, GetAskingRule {}).await;
    let who_may_ask = WhoMayAsk::Nobody;
    tape.ask("anne", 200, SaveAskingRule { who_may_ask }).await;
    let request = |account| SendFriendRequest { account, note: None };
    tape.ask("nadia", 403, request(anne)).await;
    tape.ask("nadia", 200, GetProfile { account: anne }).await;
    tape.ask("anne", 200, request(luc)).await;
}

/// A report, from the look at it to its end.
pub(crate) async fn report(tape: &mut Recorder) {
    let account = tape.scene.person("luc").id;
    // What Luc wrote was deleted meanwhile, and can be attached no more.
    let (reason, added, messages) = (ReportReason::Harassment, "Il insiste.".to_owned(), vec![1]);
    let preview = PreviewReport {
        account,
        reason,
        words: added.clone(),
        messages: messages.clone(),
    };
    tape.ask("anne", 200, preview).await;
    let wish = ReportAccount {
        key: ReportKey(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0002_0001)),
        account,
        reason,
        words: added,
        messages,
        shown: None,
    };
    let made = tape.ask("anne", 200, wish.clone()).await;
    let other = ReportReason::Other;
    let another = ReportAccount {
        reason: other,
        ..wish
    };
    tape.ask("anne", 409, another).await;
    tape.ask("anne", 403, ListReports::default()).await;
    tape.ask("nadia", 200, ListReports::default()).await;
    let report: ReportId = serde_json::from_value(made["report"].clone()).unwrap();
    tape.ask("nadia", 200, OpenReport { report }).await;
    tape.ask("nadia", 200, CloseReport { report }).await;
}
