//! News of other processes on the same database: a hint, like every bell. Whoever misses one reads its log anyway.
//!
//! The accounts that have news travel with the commit, by `notify`. A thread listens; what its own process wrote was told
//! already. After a time without connection everybody is woken, for nobody knows what was missed.

use std::fmt::Write as _;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use app::api::AccountId;
use tokio::sync::{mpsc, watch};
use tokio_postgres::{AsyncMessage, NoTls, Notification};
use uuid::Uuid;

use super::link::{describe, runtime};
use super::url::PostgresUrl;
use crate::error::{Error, Result};
use crate::store::OnCommit;
use crate::store::engine::spawn;

/// Called when news of other processes may have been missed.
pub type OnGap = Arc<dyn Fn() + Send + Sync>;

/// Accounts in one notice: PostgreSQL takes fewer than 8,000 bytes.
const N_ACCOUNTS: usize = 200;
/// How long to wait before connecting again.
const CONNECT_AFTER: Duration = Duration::from_secs(1);

/// The statements that tell other processes which accounts have news. Never empty.
pub(super) fn notify(accounts: &[AccountId]) -> String {
    if accounts.is_empty() {
        return "select 1;".to_owned();
    }
    let mut sql = String::new();
    for some in accounts.chunks(N_ACCOUNTS) {
        let ids: Vec<String> = some
            .iter()
            .map(|account| account.0.simple().to_string())
            .collect();
        let _ = write!(sql, "select pg_notify('pli_bells', '{}');", ids.join(","));
    }
    sql
}

/// The accounts that a notice names.
fn parse(payload: &str) -> Vec<AccountId> {
    let ids = payload.split(',').filter_map(|id| Uuid::try_parse(id).ok());
    ids.map(AccountId).collect()
}

/// Starts the thread that listens; it ends when `until_gone` has lost its sender.
pub(super) fn start(
    url: PostgresUrl,
    own_pid: Arc<AtomicI32>,
    until_gone: watch::Receiver<()>,
    on_commit: OnCommit,
    on_gap: OnGap,
) -> Result<()> {
    let runtime = runtime()?;
    let hear = move |notice: &Notification| {
        if notice.process_id() != own_pid.load(Ordering::Relaxed) {
            on_commit(&parse(notice.payload()));
        }
    };
    spawn("store-bells", move || {
        runtime.block_on(async {
            let mut until_gone = until_gone;
            tokio::select! {
                // An error alone can come: nothing is ever sent.
                _ = until_gone.changed() => {}
                () = listen_for_ever(&url, &hear, &on_gap) => {}
            }
        });
    })
}

async fn listen_for_ever(url: &PostgresUrl, hear: &impl Fn(&Notification), on_gap: &OnGap) {
    loop {
        if let Err(error) = listen(url, hear, on_gap).await {
            tracing::warn!(cause = %error.chain(), "news of other processes do not come; trying again");
        }
        tokio::time::sleep(CONNECT_AFTER).await;
    }
}

async fn listen(url: &PostgresUrl, hear: &impl Fn(&Notification), on_gap: &OnGap) -> Result<()> {
    let failed = |error: tokio_postgres::Error| Error::failed("listening to PostgreSQL", describe(&error));
    let (client, mut connection) = url.config().connect(NoTls).await.map_err(failed)?;
    let (heard, mut notices) = mpsc::unbounded_channel();
    let drive = async move {
        while let Some(message) = poll_fn(|task| connection.poll_message(task)).await {
            if let AsyncMessage::Notification(notice) = message? {
                let _ = heard.send(notice);
            }
        }
        Ok(())
    };
    let follow = async {
        client.batch_execute("listen pli_bells").await?;
        on_gap();
        while let Some(notice) = notices.recv().await {
            hear(&notice);
        }
        Ok(())
    };
    futures::future::try_join(drive, follow)
        .await
        .map(|_| ())
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_names_its_accounts_and_fits() {
        let accounts: Vec<AccountId> = (0..450).map(|n| AccountId(Uuid::from_u128(n))).collect();

        let sql = notify(&accounts);

        let payloads: Vec<&str> = sql.split('\'').filter(|part| part.len() >= 32).collect();
        assert_eq!(payloads.len(), 3);
        assert!(payloads.iter().all(|payload| payload.len() < 8_000));
        let heard: Vec<AccountId> = payloads.iter().flat_map(|payload| parse(payload)).collect();
        assert_eq!(heard, accounts);
        assert!(!notify(&[]).is_empty());
        assert_eq!(parse("nonsense,"), []);
    }
}
