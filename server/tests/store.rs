//! What the store promises, on whatever engine: groups, refusals, several processes on one database, and the refusal to use
//! what could lose an acknowledged write. Where the engines differ, each shows its own way to the same promise.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

mod harness;

use std::fmt::Write as _;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use app::api::{AccountId, ApiError, Timestamp};
use harness::{TestDatabase, unknown_id};
use server::error::{Error, Result};
use server::store::{Db, Tx};
use server::values;

/// A handle as a process of its own would have it, and the accounts that it was told of.
fn open(database: &TestDatabase) -> (Db, Receiver<Vec<AccountId>>) {
    let (told, news) = channel();
    let told = Mutex::new(told);
    let db = database.open(Arc::new(move |accounts: &[AccountId]| {
        let _ = told.lock().unwrap().send(accounts.to_vec());
    }));
    (db, news)
}

/// Stores a link, for want of a simpler row; its key is a number.
fn insert(tx: &mut Tx<'_>, key: u8) -> Result<()> {
    tx.execute(
        "insert into one_time_links (key_hash, purpose, account_id, created_at, expires_at, used_at)
         values ($1, 'set_up', null, $2, $2, null)",
        values![vec![key], Timestamp(0)],
    )?;
    Ok(())
}

fn count(tx: &mut Tx<'_>) -> Result<u64> {
    let found = tx.find("select count(*) from one_time_links", &[], |row| row.get(0))?;
    Ok(found.unwrap_or(0))
}

#[tokio::test]
async fn a_refused_write_undoes_its_own_work_alone() {
    let database = TestDatabase::new();
    let (db, _) = open(&database);
    let refuse = |key: u8| {
        db.write(move |tx| {
            insert(tx, key)?;
            Err::<(), _>(ApiError::NotFound.into())
        })
    };
    let keep = |key: u8| db.write(move |tx| insert(tx, key));

    // Together they share commits, in whatever groups.
    let outcomes = tokio::join!(keep(1), refuse(2), keep(3), refuse(4), keep(5));

    assert!(outcomes.0.is_ok() && outcomes.2.is_ok() && outcomes.4.is_ok());
    assert!(matches!(outcomes.1, Err(Error::Refused(ApiError::NotFound))));
    assert!(matches!(outcomes.3, Err(Error::Refused(ApiError::NotFound))));
    assert_eq!(db.read(count).await.unwrap(), 3);
}

#[tokio::test]
async fn a_statement_that_the_engine_refuses_keeps_nothing_of_its_job() {
    let database = TestDatabase::new();
    let (db, _) = open(&database);
    db.write(|tx| insert(tx, 1)).await.unwrap();

    let twice = db.write(|tx| {
        insert(tx, 2)?;
        insert(tx, 1)
    });
    let nonsense = db.write(|tx| {
        // Ignored by its rule, and still fatal: what came before may not be what it was meant to be.
        let _ = tx.execute("insert into nothing values (1)", &[]);
        insert(tx, 4)
    });
    let (twice, nonsense, after) = tokio::join!(twice, nonsense, db.write(|tx| insert(tx, 3)));

    assert!(matches!(twice, Err(Error::Failed { .. })));
    // SQLite goes on after a statement that it has refused; PostgreSQL takes nothing more from its job.
    assert_eq!(nonsense.is_err(), database.postgres().is_some());
    assert!(after.is_ok(), "others of its group are not concerned");
    let n_kept = if nonsense.is_ok() { 3 } else { 2 };
    assert_eq!(db.read(count).await.unwrap(), n_kept);
}

#[tokio::test]
async fn a_failure_names_no_value() {
    let database = TestDatabase::new();
    let (db, _) = open(&database);
    let words = "des mots que personne ne doit lire";
    let store = move |tx: &mut Tx<'_>| {
        let key = words.as_bytes().to_vec();
        tx.execute(
            "insert into one_time_links (key_hash, purpose, created_at, expires_at) values ($1, $2, 0, 0)",
            values![key, words],
        )
    };
    db.write(store).await.unwrap();

    let again = db.write(store).await.unwrap_err().chain();

    assert!(!again.contains(words), "{again}");
    let mut hex = String::new();
    for byte in words.bytes().take(8) {
        let _ = write!(hex, "{byte:02x}");
    }
    assert!(!again.contains(&hex), "{again}");
}

#[tokio::test]
async fn a_text_that_cannot_be_stored_is_not_found() {
    let database = TestDatabase::new();
    let (db, _) = open(&database);
    db.write(|tx| insert(tx, 1)).await.unwrap();

    let found = db.read(|tx| {
        tx.find(
            "select expires_at from one_time_links where purpose = $1",
            values!["set_up\0"],
            |row| row.get::<i64>(0),
        )
    });

    assert_eq!(found.await.unwrap(), None);
}

/// What one has read still holds when it writes, whoever else writes meanwhile: no two take the same number.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_several_processes_take_turns() {
    let database = TestDatabase::new();
    let handles = [open(&database).0, open(&database).0];
    let take_number = |tx: &mut Tx<'_>| {
        let taken = u8::try_from(count(tx)?).unwrap();
        insert(tx, taken)?;
        Ok(taken)
    };

    let takers: Vec<_> = (0..100)
        .map(|turn| {
            let db = handles[turn % 2].clone();
            tokio::spawn(async move { db.write(take_number).await })
        })
        .collect();
    let mut numbers = Vec::new();
    for taker in takers {
        numbers.push(taker.await.unwrap().unwrap());
    }

    numbers.sort_unstable();
    assert_eq!(numbers, (0..100).collect::<Vec<u8>>());
}

/// On PostgreSQL the bell of another process rings here too. On SQLite it does not: there the other process is a command
/// that an administrator runs, and what it did is read at the next look.
#[tokio::test]
async fn what_another_process_wrote_is_there_at_the_next_look() {
    let database = TestDatabase::new();
    let (here, news) = open(&database);
    let (there, own_news) = open(&database);
    let account = AccountId(unknown_id());
    let write = |key: u8| {
        there.write(move |tx| {
            tx.ring(account);
            insert(tx, key)
        })
    };

    write(1).await.unwrap();

    assert_eq!(here.read(count).await.unwrap(), 1);
    assert_eq!(own_news.try_recv(), Ok(vec![account]), "told before the answer");
    if database.postgres().is_some() {
        // Written again until this process listens, which it begins to do on its own time.
        let mut key = 2;
        while news.try_recv().is_err() {
            write(key).await.unwrap();
            key += 1;
        }
        assert!(own_news.try_iter().all(|accounts| accounts == [account]));
    } else {
        assert!(news.try_recv().is_err());
    }
}

/// Assurance REL-13: a PostgreSQL that starts again is found again. On SQLite, where nothing can be lost from afar, another
/// process holds the file.
#[tokio::test]
async fn a_database_that_is_away_for_a_moment_is_waited_for() {
    let database = TestDatabase::new();
    let (db, _) = open(&database);
    db.write(|tx| insert(tx, 1)).await.unwrap();

    if let Some(postgres) = database.postgres() {
        postgres.cut_connections();
        db.write(|tx| insert(tx, 2)).await.unwrap();
        postgres.cut_connections();
    } else {
        let other = rusqlite::Connection::open(database.file()).unwrap();
        other.execute_batch("begin immediate").unwrap();
        let waiting = tokio::spawn({
            let db = db.clone();
            async move { db.write(|tx| insert(tx, 2)).await }
        });
        assert_eq!(db.read(count).await.unwrap(), 1, "reading goes on");
        other.execute_batch("commit").unwrap();
        waiting.await.unwrap().unwrap();
    }

    assert_eq!(db.read(count).await.unwrap(), 2);
}

/// Assurance REL-13: nothing is acknowledged that was not committed. A connection that ends inside a transaction takes all
/// of it away; on SQLite, a job that panics takes its own work away.
#[tokio::test]
async fn a_write_that_breaks_in_the_middle_is_answered_with_a_failure_and_leaves_nothing() {
    let database = Arc::new(TestDatabase::new());
    let (db, _) = open(&database);
    let cutting = Arc::clone(&database);

    let broken = db
        .write(move |tx| {
            insert(tx, 1)?;
            match cutting.postgres() {
                Some(postgres) => postgres.cut_connections(),
                None => panic!("planted"),
            }
            insert(tx, 2)
        })
        .await;

    match (broken, database.postgres()) {
        (Err(Error::Refused(ApiError::Busy { .. })), Some(_)) | (Err(Error::Failed { .. }), None) => {}
        (other, _) => panic!("{other:?}"),
    }
    assert_eq!(db.read(count).await.unwrap(), 0);
    db.write(|tx| insert(tx, 3)).await.unwrap();
    assert_eq!(db.read(count).await.unwrap(), 1);
}

/// Assurance REL-20.
#[tokio::test]
async fn what_could_lose_an_acknowledged_write_is_refused_at_the_start() {
    let database = TestDatabase::new();
    let nobody = || Arc::new(|_: &[AccountId]| ());

    let (refused, reason) = if let Some(postgres) = database.postgres() {
        let set = |value: &str| {
            postgres.run(&format!(
                "alter database {} set synchronous_commit = {value}",
                postgres.name()
            ));
        };
        set("off");
        let refused = database.try_open(nobody());
        set("on");
        (refused, "`synchronous_commit` is `off`")
    } else {
        let refused = Db::open_sqlite(std::path::Path::new(":memory:"), &harness::unlock(), nobody());
        (refused, "`journal_mode` is `memory`")
    };

    let refusal = refused.err().map(|error| error.chain()).unwrap_or_default();
    assert!(refusal.contains(reason), "{refusal}");
    assert!(database.try_open(nobody()).is_ok());
}
