//! What the facade asks of an engine, and the loops that run its jobs: the same for every engine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::api::{AccountId, ApiError};

use super::keyring::Keyring;
use super::watch::Watch;
use super::{OnCommit, OnGap, Row, Tx, Value};
use crate::error::{Error, Result};

/// Work that reads. Given an error instead of a transaction, it tells it to its caller.
pub(super) type ReadJob = Box<dyn FnOnce(Result<&mut Tx<'_>>) + Send>;
/// Told whether the group was committed.
pub(super) type Settle = Box<dyn FnOnce(Result<()>) + Send>;
/// Work that writes: says whether to keep its writes, and what to do once the group is on disk.
pub(super) type WriteJob = Box<dyn FnOnce(Result<&mut Tx<'_>>) -> (bool, Settle) + Send>;

/// Where jobs wait for the threads of an engine. The threads end when it is gone and the last job is done.
pub(super) struct Queues {
    pub(super) reads: ReadQueue,
    pub(super) writes: Sender<WriteJob>,
    pub(super) health: Arc<Health>,
    /// Makes bytes that were destroyed leave the files; waits for whoever is in the way.
    pub(super) scrub: Box<dyn Fn() -> Result<()> + Send + Sync>,
    /// What words are sealed with.
    pub(super) keyring: Arc<Keyring>,
}

/// Whether the last group of writes was committed, and whether another one may be.
#[derive(Default)]
pub(super) struct Health {
    has_failed: AtomicBool,
    has_given_up: AtomicBool,
    at_log: Mutex<()>,
}

impl Health {
    /// Whether it was not.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed) || self.has_given_up()
    }

    /// The disk has refused something that it was to keep. What the system still holds of it may never reach the disk,
    /// whatever a later sync says: nothing is written any more until the database is opened anew.
    pub(super) fn give_up(&self) {
        self.has_given_up.store(true, Ordering::Relaxed);
    }

    /// Waits for whoever moves the log of this database, so that nobody else of this process does meanwhile: SQLite refuses
    /// the second one at once.
    pub(super) fn hold_log(&self) -> MutexGuard<'_, ()> {
        self.at_log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has.
    pub(super) fn has_given_up(&self) -> bool {
        self.has_given_up.load(Ordering::Relaxed)
    }

    fn note(&self, has_failed: bool) {
        self.has_failed.store(has_failed, Ordering::Relaxed);
    }
}

impl Queues {
    pub(super) fn queue_read(&self, job: ReadJob) -> Result<()> {
        self.reads.n_waiting.fetch_add(1, Ordering::Relaxed);
        self.reads
            .jobs
            .send(job)
            .map_err(|_| Error::failed("reading from the store", "it has stopped"))
    }

    pub(super) fn queue_write(&self, job: WriteJob) -> Result<()> {
        self.writes
            .send(job)
            .map_err(|_| Error::failed("writing to the store", "it has stopped"))
    }
}

/// One connection of an engine, and the transaction that is open on it.
pub(super) trait Session {
    /// Begins to read: one consistent state until [`Session::end_read`].
    fn begin_read(&mut self) -> Result<()>;
    /// Ends what [`Session::begin_read`] began.
    fn end_read(&mut self);
    /// Begins to write, alone: no other writer of this database, in whatever process, is between its beginning and its
    /// end.
    fn begin_write(&mut self) -> Result<()>;
    /// Marks where a job begins.
    fn begin_job(&mut self) -> Result<()>;
    /// Ends a job and keeps its writes.
    fn keep_job(&mut self) -> Result<()>;
    /// Ends a job and undoes its writes.
    fn undo_job(&mut self) -> Result<()>;
    /// Ends what [`Session::begin_write`] began: on success everything is on disk. Other processes are told which
    /// accounts have news.
    fn commit(&mut self, bells: &[AccountId]) -> Result<()>;
    /// Ends what [`Session::begin_write`] began, and undoes it.
    fn rollback(&mut self);

    /// Runs a statement; answers how many rows it touched.
    fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<usize>;
    /// Runs a statement whose outcome nobody waits for: what goes wrong shows at the next statement or at the commit.
    fn put(&mut self, sql: &'static str, values: &[Value]) -> Result<()> {
        self.execute(sql, values).map(|_| ())
    }
    /// Gives the rows of a query one by one, as long as `each` wants more.
    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()>;
    /// Whether another process has written since the last time this was asked. Engines that bring its bells say no.
    fn others_have_written(&mut self) -> bool {
        false
    }
    /// Runs statements that take no values.
    fn batch(&mut self, sql: &str) -> Result<()>;
    /// Writes the files anew, outside any transaction: what was deleted or overwritten is in none of them.
    fn rewrite(&mut self) -> Result<()>;
}

/// How soon somebody may try again whom the database kept waiting, in seconds.
const RETRY_AFTER_S: u32 = 1;

/// The refusal when the database cannot be used at this moment; nothing was stored.
pub(super) fn unavailable() -> Error {
    ApiError::Busy {
        retry_after_s: RETRY_AFTER_S,
    }
    .into()
}

/// A failure of the engine. The statement's text is ours and holds no value, so it may be logged.
pub(super) fn failed(sql: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let head = sql.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    Error::failed(format!("running `{head} …`"), error)
}

/// Starts a thread of the store.
pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(|_| ())
        .map_err(|error| Error::failed("starting a thread of the store", error))
}

/// The reads that wait, as those who ask see them.
pub(super) struct ReadQueue {
    jobs: Sender<ReadJob>,
    n_waiting: Arc<AtomicUsize>,
}

/// The reads that wait, as the reader threads share them.
#[derive(Clone)]
pub(super) struct WaitingReads {
    jobs: Arc<Mutex<Receiver<ReadJob>>>,
    n_waiting: Arc<AtomicUsize>,
    n_readers: usize,
    max_group: usize,
}

/// A queue for this many reader threads, each of which takes at most `max_group` reads at once.
pub(super) fn read_queue(n_readers: usize, max_group: usize) -> (ReadQueue, WaitingReads) {
    let (sender, receiver) = channel();
    let n_waiting = Arc::new(AtomicUsize::new(0));
    let queue = ReadQueue {
        jobs: sender,
        n_waiting: Arc::clone(&n_waiting),
    };
    let waiting = WaitingReads {
        jobs: Arc::new(Mutex::new(receiver)),
        n_waiting,
        n_readers,
        max_group,
    };
    (queue, waiting)
}

impl WaitingReads {
    /// The reader's share of what waits, one read at least; nothing when the queue is gone.
    fn take(&self) -> Vec<ReadJob> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(first) = jobs.recv() else {
            return Vec::new();
        };
        let share = self.n_waiting.load(Ordering::Relaxed) / self.n_readers;
        let mut group = vec![first];
        while group.len() < share.min(self.max_group)
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        self.n_waiting.fetch_sub(group.len(), Ordering::Relaxed);
        group
    }
}

/// Runs reads until the queue is gone. Those that one reader takes together share a state of the data, which is no older
/// than the moment at which the last of them was asked for.
pub(super) fn read_loop(session: &mut dyn Session, waiting: &WaitingReads, keyring: &Arc<Keyring>) {
    loop {
        let group = waiting.take();
        if group.is_empty() {
            return;
        }
        if let Err(error) = session.begin_read() {
            tracing::error!(cause = %error.chain(), "a read could not begin");
            for job in group {
                job(Err(unavailable()));
            }
            continue;
        }
        for job in group {
            let work = || job(Ok(&mut Tx::new(session, Some(Arc::clone(keyring)))));
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                tracing::error!("a read panicked; its caller was answered with a failure");
            }
        }
        session.end_read();
    }
}

/// Runs writes in groups until the queue is gone. Whatever waits while one commit runs shares the next one, at most
/// `max_group` together.
pub(super) fn write_loop(
    session: &mut dyn Session,
    jobs: &Receiver<WriteJob>,
    on_commit: &OnCommit,
    health: &Health,
    keyring: &Arc<Keyring>,
    max_group: usize,
    on_others: Option<&OnGap>,
) {
    let mut watch = Watch::new(on_others);
    loop {
        let first = match jobs.recv_timeout(watch.patience()) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => {
                watch.look(session);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let mut group = vec![first];
        while group.len() < max_group
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        write_group(session, group, on_commit, health, keyring);
        if watch.is_due() {
            watch.look(session);
        }
    }
}

/// Runs a group of jobs in one transaction, each behind its own savepoint, and settles them once the commit is known.
/// Whether it was committed is noted first: whoever has an answer finds the store's health in keeping with it.
fn write_group(
    session: &mut dyn Session,
    group: Vec<WriteJob>,
    on_commit: &OnCommit,
    health: &Health,
    keyring: &Arc<Keyring>,
) {
    if let Err(error) = session.begin_write() {
        health.note(true);
        tracing::error!(cause = %error.chain(), "a group of writes could not begin");
        for job in group {
            let (_, settle) = job(Err(unavailable()));
            settle(Ok(()));
        }
        return;
    }
    let mut settled: Vec<Settle> = Vec::with_capacity(group.len());
    let mut bells = Vec::new();
    for job in group {
        // Dropping a settlement, or a job, drops its reply channel: its caller is answered with a failure.
        if let Some((settle, mut rung)) = run_job(session, job, keyring) {
            settled.push(settle);
            bells.append(&mut rung);
        }
    }
    bells.sort_unstable();
    bells.dedup();
    let committed = session.commit(&bells);
    health.note(committed.is_err());
    match committed {
        Ok(()) => {
            // The bells first: when a caller has its answer, everybody concerned has been told.
            on_commit(&bells);
            for settle in settled {
                settle(Ok(()));
            }
        }
        Err(error) => {
            let reason = error.chain();
            tracing::error!(cause = %reason, "a group of writes could not be committed");
            session.rollback();
            for settle in settled {
                settle(Err(match &error {
                    Error::Refused(refusal) => Error::Refused(refusal.clone()),
                    Error::Failed { .. } => Error::failed("committing", reason.clone()),
                }));
            }
        }
    }
}

/// Runs one job of a group; answers what to settle and which accounts have news, unless the job broke.
fn run_job(
    session: &mut dyn Session,
    job: WriteJob,
    keyring: &Arc<Keyring>,
) -> Option<(Settle, Vec<AccountId>)> {
    if let Err(error) = session.begin_job() {
        return Some((job(Err(error)).1, Vec::new()));
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut tx = Tx::new(session, Some(Arc::clone(keyring)));
        let (keep, settle) = job(Ok(&mut tx));
        (keep, settle, tx.into_bells())
    }));
    let Ok((keep, settle, bells)) = outcome else {
        tracing::error!("a write panicked; it was undone and its caller answered with a failure");
        undo(session);
        return None;
    };
    if !keep {
        undo(session);
        return Some((settle, Vec::new()));
    }
    if let Err(error) = session.keep_job() {
        tracing::error!(cause = %error.chain(), "the end of a write was refused; it was undone");
        undo(session);
        return None;
    }
    Some((settle, bells))
}

fn undo(session: &mut dyn Session) {
    if let Err(error) = session.undo_job() {
        tracing::error!(cause = %error.chain(), "a write could not be undone alone; its group will not be committed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::store::{MemoryKeeper, Unlock};

    fn queue(n_jobs: usize, n_readers: usize, max_group: usize) -> (Queues, WaitingReads) {
        let (reads, waiting) = read_queue(n_readers, max_group);
        let (writes, _) = channel();
        let queues = Queues {
            reads,
            writes,
            health: Arc::default(),
            scrub: Box::new(|| Ok(())),
            keyring: Arc::new(Keyring::new(&Unlock::with(
                Arc::new(MemoryKeeper::empty()),
                Arc::new(SystemClock),
            ))),
        };
        for _ in 0..n_jobs {
            queues.queue_read(Box::new(|_| ())).unwrap();
        }
        (queues, waiting)
    }

    #[test]
    fn a_reader_takes_its_share_and_leaves_the_others_theirs() {
        let (_queues, waiting) = queue(10, 3, 16);

        let taken: Vec<usize> = (0..7).map(|_| waiting.take().len()).collect();

        assert_eq!(taken, [3, 2, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn a_reader_takes_no_more_than_may_share_a_state() {
        let (_queues, waiting) = queue(100, 3, 16);
        let (_one_by_one, single) = queue(100, 3, 1);

        assert_eq!((waiting.take().len(), single.take().len()), (16, 1));
    }

    #[test]
    fn the_last_reads_are_taken_before_the_end_is_seen() {
        let (queues, waiting) = queue(2, 1, 16);

        drop(queues);

        assert_eq!((waiting.take().len(), waiting.take().len()), (2, 0));
    }
}
