//! What a refusal tells by the time it takes: whether something is there, or whether somebody has an account.
//!
//! Source: assurance AZ-03 and AUTH-05.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::client::Connection;
use crate::figures::{Limit, Report, Samples};
use crate::program::Program;
use crate::subject::Subject;

/// How often each of two conversations is asked for, in turns.
const N_READS: usize = 2_000;
/// Accounts whose passwords rest at the usual cost.
const N_ACCOUNTS: usize = 60;
/// How often each of them, and as many that are not there, is tried.
const N_TRIES: usize = 5;

/// Measures both: a conversation of others against none, a known address against an unknown one.
///
/// # Errors
/// The program does not start, does not refuse, or says something else to the one than to the other.
pub(crate) async fn measure(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let conversations = folder.join("conversations");
    std::fs::create_dir_all(&conversations)?;
    measure_conversations(program, &conversations, report).await?;
    measure_addresses(program, &folder.join("addresses"), report).await
}

async fn measure_conversations(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let subject = Subject::pli(program, folder).await?;
    let (mine, theirs) = (&subject.pairs[0], &subject.pairs[1]);
    let theirs = theirs.conversation.as_str().context("an id is text")?;
    // An id of the same kind and age that belongs to nothing.
    let (front, last) = theirs.split_at(theirs.len() - 1);
    let nothing = format!("{front}{}", if last == "0" { "1" } else { "0" });
    let path = |id: &str| format!("/api/v1/conversations.read_timeline?conversation={id}");
    let mut connection = Connection::open(&subject.program.address, &mine.writer).await?;
    let mut samples = [Samples::default(), Samples::default()];
    let mut said = Vec::new();
    for turn in 0..N_READS * 2 {
        let path = path([theirs, &nothing][turn % 2]);
        let start = Instant::now();
        let answer = refused(&mut connection, "GET", &path, "").await?;
        samples[turn % 2].push(start.elapsed());
        if said.is_empty() {
            said = vec![answer.clone()];
        }
        ensure!(said[0] == answer, "not mine and not there are told apart");
    }
    let [theirs, nothing] = samples.each_mut().map(|samples| samples.percentile_ms(0.5));
    report.add(
        "a conversation of others is refused after, p50",
        theirs,
        "ms",
        Limit::None,
    );
    report.add(
        "less one that is not there",
        (theirs - nothing).abs(),
        "ms",
        Limit::AtMost(1.0),
    );
    subject.program.stop().await
}

async fn measure_addresses(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    for number in 0..N_ACCOUNTS {
        create(program, folder, &format!("known{number}@bench.example"))?;
    }
    let data = folder.to_string_lossy();
    let words = ["serve", "--data", &data, "--listen", "127.0.0.1:0"];
    let running = Program::start(program, &words).await?;
    let mut connection = Connection::open(&running.address, "").await?;
    let mut samples = [Samples::default(), Samples::default()];
    let mut said: Option<(u16, Vec<u8>)> = None;
    for number in (0..N_ACCOUNTS).cycle().take(N_ACCOUNTS * N_TRIES) {
        for (kind, samples) in ["known", "nobody"].into_iter().zip(&mut samples) {
            let wish = json!({
                "email": format!("{kind}{number}@bench.example"), "password": "une phrase qui ne va pas", "client": "api",
            });
            let start = Instant::now();
            let answer = refused(
                &mut connection,
                "POST",
                "/api/v1/accounts.sign_in",
                &wish.to_string(),
            )
            .await?;
            samples.push(start.elapsed());
            ensure!(
                *said.get_or_insert_with(|| answer.clone()) == answer,
                "who has an account is told by the answer: {}",
                String::from_utf8_lossy(&answer.1)
            );
        }
    }
    let [known, unknown] = samples.each_mut().map(|samples| samples.percentile_ms(0.5));
    report.add("a wrong password is refused after, p50", known, "ms", Limit::None);
    report.add(
        "against an address without an account",
        (known / unknown - 1.0).abs() * 100.0,
        "% apart",
        Limit::AtMost(5.0),
    );
    running.stop().await
}

/// Asks for what is refused.
async fn refused(
    connection: &mut Connection,
    method: &str,
    path: &str,
    body: &str,
) -> Result<(u16, Vec<u8>)> {
    let (status, answer) = connection.exchange(method, path, body).await?;
    ensure!(status >= 400, "{path} answered {status}");
    Ok((status, answer))
}

/// One more account, made as an operator makes it: its password rests at the usual cost.
fn create(program: &Path, folder: &Path, email: &str) -> Result<()> {
    let mut command = Command::new(program);
    command.args([
        "account",
        "create",
        "--email",
        email,
        "--name",
        "Person",
        "--profession",
        "Nurse",
    ]);
    command
        .args(["--workplace", "Bench", "--password-stdin", "--data"])
        .arg(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let mut input = child.stdin.take().context("its input is piped")?;
    input.write_all(b"une phrase assez longue\n")?;
    drop(input);
    ensure!(child.wait()?.success(), "{email} cannot be created");
    Ok(())
}
