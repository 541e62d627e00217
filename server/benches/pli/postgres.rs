//! The second engine: how many of 200 pairs' messages PostgreSQL takes, against 50 clients that insert one row after another
//! in the same cluster, in the same run.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio_postgres::{Client, NoTls};

use crate::figures::{Limit, Report};
use crate::messages;
use crate::subject::Subject;

/// Where `cargo xtask bench` says that its throwaway cluster is: a database that may be added to. The program refuses
/// settings of its own that it does not know, so the name is none of them.
const VARIABLE: &str = "BENCH_POSTGRES";
const N_CLIENTS: u64 = 50;
const SPAN: Duration = Duration::from_secs(5);
/// What of the floor has to be left.
const MIN_SHARE: f64 = 0.6;

/// Measures, where there is a cluster; says loudly when there is none.
///
/// # Errors
/// The cluster refuses something, or a message does not arrive.
pub(crate) async fn measure(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let Ok(url) = std::env::var(VARIABLE) else {
        println!(
            "  PostgreSQL: NOT MEASURED, {VARIABLE} names no cluster (Debian: apt-get install postgresql)"
        );
        return Ok(());
    };
    let floor = single_rows(&fresh(&url, "pli_bench_floor").await?).await?;
    report.add(
        "PostgreSQL: 50 clients, one row a commit",
        floor,
        "rows/s",
        Limit::None,
    );
    let url = fresh(&url, "pli_bench").await?;
    let subject = Subject::pli_on(program, folder, Some(&url)).await?;
    let rate = messages::measure_all_pairs(subject, "pli on PostgreSQL", report).await?;
    report.add(
        "pli on PostgreSQL: messages, against rows",
        rate / floor,
        "×",
        Limit::AtLeast(MIN_SHARE),
    );
    Ok(())
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// An empty database of that name beside the one of the URL.
async fn fresh(url: &str, name: &str) -> Result<String> {
    let client = connect(url).await?;
    for sql in ["drop database if exists", "create database"] {
        client.batch_execute(&format!("{sql} {name}")).await?;
    }
    let (before, after) = url
        .split_once("/postgres?")
        .context("the URL of another database")?;
    Ok(format!("{before}/{name}?{after}"))
}

/// Rows that 50 clients insert and commit, one by one, in a second.
async fn single_rows(url: &str) -> Result<f64> {
    let client = connect(url).await?;
    client
        .batch_execute(
            "create table message (conversation bigint, position bigint, author bigint, body text, sent_at bigint,
                primary key (conversation, position))",
        )
        .await?;
    let durable = client.query_one("show synchronous_commit", &[]).await?;
    ensure!(
        durable.get::<_, String>(0) == "on",
        "commits do not wait for the disk"
    );
    let start = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..N_CLIENTS {
        let client = connect(url).await?;
        clients.spawn(async move {
            let insert = client
                .prepare("insert into message values ($1, $2, $3, $4, $5)")
                .await?;
            let body = "x".repeat(120);
            let (conversation, mut position) = (number.cast_signed(), 0_i64);
            while start.elapsed() < SPAN {
                client
                    .execute(&insert, &[&conversation, &position, &conversation, &body, &1_i64])
                    .await?;
                position += 1;
            }
            anyhow::Ok(position)
        });
    }
    let mut n_rows = 0;
    while let Some(done) = clients.join_next().await {
        n_rows += done??;
    }
    Ok(n_rows as f64 / start.elapsed().as_secs_f64())
}
