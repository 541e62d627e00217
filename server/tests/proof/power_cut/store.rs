//! The process that is recorded: a real store, real rules, two friends who write to each other, and a line on standard
//! output for each message that was acknowledged.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use app::api::MessageKey;
use server::conversations;
use server::store::{Db, SqliteOptions, Synchronous};

use crate::chance::Chance;
use crate::harness::{Friends, Harness, body, unlock_plain};
use app::conversations::SendMessage;

/// How the recorded store behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// As in a server.
    Faithful,
    /// Planted: a commit does not wait for the disk.
    SynchronousNormal,
    /// Planted: a message is acknowledged before it is committed.
    AnswersFirst,
}

/// What the recorded process is to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// How its store behaves.
    pub(crate) behaviour: Behaviour,
    /// How many groups of messages it writes.
    pub(crate) n_commits: u32,
    /// Decides which of them hold several.
    pub(crate) seed: u64,
}

/// Tells the recorded process what to do; a test program has no arguments of its own.
const VARIABLE: &str = "PLI_PROOF_STORE";

/// The command that runs this very program as the recorded process: `arguments` lead it to [`run_if_wished`].
pub(crate) fn command(arguments: &[&str], folder: &Path, wish: Wish) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a program knows where it is"));
    command.args(arguments);
    let Wish {
        behaviour,
        n_commits,
        seed,
    } = wish;
    command.env(
        VARIABLE,
        format!("{behaviour:?} {n_commits} {seed} {}", folder.display()),
    );
    command
}

/// Does what [`command`] asked for, if this process was started by it. Answers whether it was.
#[expect(
    clippy::disallowed_methods,
    reason = "how one process of a proof tells another what to do"
)]
pub(crate) fn run_if_wished() -> bool {
    let Ok(words) = std::env::var(VARIABLE) else {
        return false;
    };
    let mut words = words.splitn(4, ' ');
    let behaviour = match words.next() {
        Some("Faithful") => Behaviour::Faithful,
        Some("SynchronousNormal") => Behaviour::SynchronousNormal,
        Some("AnswersFirst") => Behaviour::AnswersFirst,
        other => panic!("unknown behaviour {other:?}"),
    };
    let n_commits = words
        .next()
        .and_then(|text| text.parse().ok())
        .expect("how many commits");
    let seed = words.next().and_then(|text| text.parse().ok()).expect("a seed");
    let wish = Wish {
        behaviour,
        n_commits,
        seed,
    };
    let folder = PathBuf::from(words.next().expect("a folder"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(write(&folder, wish));
    true
}

async fn write(folder: &Path, wish: Wish) {
    let Wish {
        behaviour,
        n_commits,
        seed,
    } = wish;
    let synchronous = match behaviour {
        Behaviour::SynchronousNormal => Synchronous::Normal,
        Behaviour::Faithful | Behaviour::AnswersFirst => Synchronous::Full,
    };
    let options = SqliteOptions {
        synchronous,
        // Each group writes some ten pages: the shortest record holds some checkpoints, and logs that were begun anew.
        checkpoint_pages: Some(i64::from(n_commits)),
        ..SqliteOptions::default()
    };
    let path = folder.join("pli.db");
    // What is proven is what reaches the disk; it is read past the store afterwards.
    let harness = Harness::opened_by(|_, on_commit| {
        Db::open_sqlite_with(&path, &unlock_plain(), on_commit, &options).unwrap()
    });
    let friends = harness.two_friends().await;
    let mut chance = Chance::new(seed);
    for number in 0..n_commits {
        // Most commits hold one message, some a group of several.
        let n_messages = if chance.percent(20) {
            2 + chance.below(4)
        } else {
            1
        };
        let sends = (0..n_messages).map(|part| {
            send(
                &harness,
                &friends,
                behaviour,
                number * 10 + u32::try_from(part).unwrap(),
            )
        });
        futures::future::join_all(sends).await;
    }
    drop((harness, friends));
    let has_ended = (0..100_000).any(|_| {
        std::thread::yield_now();
        !has_store_threads()
    });
    assert!(has_ended, "a thread of the store does not end");
}

/// Whether threads of the store are still at work: the end of the process would cut one off in the middle of a call, of
/// which no record could say whether it took effect.
fn has_store_threads() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").expect("the threads of this process");
    threads.flatten().any(|thread| {
        std::fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name.starts_with("store-"))
    })
}

async fn send(harness: &Harness, friends: &Friends, behaviour: Behaviour, number: u32) {
    let author = if number.is_multiple_of(3) {
        &friends.luc
    } else {
        &friends.anne
    };
    let key = harness.key();
    // Short and long: some fill several pages.
    let text = format!(
        "{number} {}",
        "ligne ".repeat(usize::try_from(number % 11).unwrap().pow(3))
    );
    let wish = SendMessage {
        conversation: friends.conversation,
        key,
        reply_to: None,
        body: body(&text),
        clears_draft: false,
        attachments: Vec::new(),
    };
    if behaviour == Behaviour::AnswersFirst {
        say(key, wish.body.as_str());
    }
    let sent = conversations::send_message(harness.context.clone(), author.caller.clone(), wish).await;
    // A disk that refuses is met here alone; whoever is refused is told so, and nothing is said.
    if let Ok(sent) = sent
        && behaviour != Behaviour::AnswersFirst
    {
        say(key, sent.message.body.as_str());
    }
}

/// The word before an acknowledgement.
pub(crate) const ACKNOWLEDGED: &str = "acknowledged ";

fn say(key: MessageKey, text: &str) {
    let line = format!("{ACKNOWLEDGED}{} {text}\n", key.0);
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).and_then(|()| out.flush()).unwrap();
}
