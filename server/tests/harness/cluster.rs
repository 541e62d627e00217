//! Databases of a throwaway PostgreSQL server, lent to one test at a time.
//!
//! A new database is copied from one that is migrated already (0.05 s). Afterwards it is emptied and lent again, because
//! to delete one makes the whole server write out what it has in memory (0.6 s).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, OnceLock, PoisonError};

use server::store::MIGRATIONS;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls, Row};

/// The variable that names the server.
const VARIABLE: &str = "PLI_TEST_POSTGRES";

/// Databases that are free.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Whether the tests run on PostgreSQL.
pub(crate) fn is_wanted() -> bool {
    server().is_some()
}

#[expect(
    clippy::disallowed_methods,
    reason = "what the tests run on is no setting of Pli"
)]
fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    SERVER.get_or_init(|| std::env::var(VARIABLE).ok()).as_deref()
}

/// A database, given back with its last use.
pub(crate) struct Lent {
    name: String,
    is_kept: bool,
    /// A look at it past the store, once somebody has looked.
    asker: Mutex<Option<Asker>>,
}

/// A database with all tables, all empty.
pub(crate) fn lend() -> Lent {
    let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let name = free.map_or_else(
        || {
            let name = new_name();
            ask(
                "postgres",
                &[&format!("create database {name} template {}", template())],
            );
            name
        },
        |name| {
            empty(&name);
            name
        },
    );
    Lent::new(name, true)
}

/// A database without tables.
pub(crate) fn lend_new() -> Lent {
    let name = new_name();
    ask("postgres", &[&format!("create database {name}")]);
    Lent::new(name, false)
}

impl Lent {
    fn new(name: String, is_kept: bool) -> Self {
        Self {
            name,
            is_kept,
            asker: Mutex::new(None),
        }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        let (front, options) = server().unwrap().split_once('?').unwrap();
        let (front, _) = front.rsplit_once('/').unwrap();
        format!("{front}/{}?{options}", self.name)
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements in it, past the store.
    pub(crate) fn run(&self, sql: &str) -> Vec<Row> {
        let mut asker = self.asker.lock().unwrap_or_else(PoisonError::into_inner);
        asker.get_or_insert_with(|| Asker::new(&self.name)).ask(&[sql])
    }

    /// Ends all connections to it, as a server that stops does.
    pub(crate) fn cut_connections(&self) {
        *self.asker.lock().unwrap_or_else(PoisonError::into_inner) = None;
        cut(&self.name);
    }

    /// The rows of each table, each as named fields.
    pub(super) fn tables(&self) -> Vec<(String, Vec<String>)> {
        let names = self.run("select tablename::text from pg_tables where schemaname = 'public'");
        let names: Vec<String> = names.iter().map(|row| row.get(0)).collect();
        let queries: Vec<String> = names.iter().map(|name| format!("select * from {name}")).collect();
        names
            .into_iter()
            .zip(queries.iter().map(|query| self.run(query)))
            .map(|(name, rows)| (name, rows.iter().map(fields).collect()))
            .collect()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.is_kept {
            let name = std::mem::take(&mut self.name);
            FREE.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        }
    }
}

fn fields(row: &Row) -> String {
    let columns = row.columns().iter().enumerate();
    let fields = columns
        .filter(|(_, column)| column.name() != "seen_at")
        .map(|(index, column)| {
            let value = match *column.type_() {
                Type::BYTEA => row
                    .get::<_, Option<&[u8]>>(index)
                    .map(|bytes| format!("{} {bytes:?}", String::from_utf8_lossy(bytes))),
                Type::INT8 => row.get::<_, Option<i64>>(index).map(|number| number.to_string()),
                _ => row.get::<_, Option<&str>>(index).map(ToOwned::to_owned),
            };
            format!("{}={}", column.name(), value.as_deref().unwrap_or("null"))
        });
    fields.collect::<Vec<_>>().join(";")
}

fn new_name() -> String {
    static N_MADE: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let n_made = N_MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("pli_{}_{n_made}", std::process::id())
}

/// Throws everybody out, and everything.
fn empty(name: &str) {
    cut(name);
    ask(
        name,
        &[
            "set session_replication_role = replica",
            "do $$ declare name text; begin
                for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'migrations' loop
                    execute format('delete from %I', name);
                end loop;
            end $$",
        ],
    );
}

fn cut(name: &str) {
    let sql = format!(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid()"
    );
    ask("postgres", &[&sql]);
}

/// The database that new ones are copied from, made by whoever comes first.
fn template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let mut hasher = DefaultHasher::new();
        for migration in MIGRATIONS {
            migration.postgres.hash(&mut hasher);
        }
        let name = format!("pli_template_{:x}", hasher.finish());
        let exists = ask(
            "postgres",
            &[&format!("select 1 from pg_database where datname = '{name}'")],
        );
        if exists.is_empty() {
            let making = format!("{name}_{}", std::process::id());
            ask("postgres", &[&format!("create database {making}")]);
            ask(&making, &["create table migrations (name text primary key)"]);
            for migration in MIGRATIONS {
                let note = format!("insert into migrations values ('{}')", migration.name);
                ask(&making, &[migration.postgres, &note]);
            }
            ask(
                "postgres",
                &[&format!("alter database {making} rename to {name}")],
            );
        }
        name
    })
}

/// Runs statements in a database; answers the rows of the last.
fn ask(database: &str, statements: &[&str]) -> Vec<Row> {
    Asker::new(database).ask(statements)
}

/// A connection to a database. A test waits on a runtime already, so each use is on a thread of its own.
struct Asker {
    runtime: Option<Runtime>,
    client: Client,
}

impl Asker {
    fn new(database: &str) -> Self {
        apart(|| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let mut config: Config = server().unwrap().parse().unwrap();
            config.dbname(database);
            let client = runtime.block_on(async {
                let (client, connection) = config.connect(NoTls).await.unwrap();
                tokio::spawn(connection);
                client
            });
            Self {
                runtime: Some(runtime),
                client,
            }
        })
    }

    fn ask(&self, statements: &[&str]) -> Vec<Row> {
        let (last, first) = statements.split_last().unwrap();
        let asking = async {
            for statement in first {
                self.client.batch_execute(statement).await.unwrap();
            }
            if last.trim_start().starts_with("select") {
                return self.client.query(*last, &[]).await.unwrap();
            }
            self.client.batch_execute(last).await.unwrap();
            Vec::new()
        };
        apart(|| self.runtime.as_ref().unwrap().block_on(asking))
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}
