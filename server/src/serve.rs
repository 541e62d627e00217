//! A running Pli, put together: the store, the clock, the rules and the doors to them, listening.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::{Listener, ListenerExt};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::accounts::{Cost, Passwords, open_pepper};
use crate::attachments::{self, Files};
use crate::audit::{Checkpoints, Signer};
use crate::clock::{Clock, SystemClock};
use crate::config::{AuditPlace, Config, Database, FilePlace, KeyPlace, Limits};
use crate::context::Context;
use crate::conversations::{Backlog, keep_indexed};
use crate::demo;
use crate::error::{Error, Result};
use crate::http::{self, Certificate, Doors, Encrypted, LOOK_EVERY, Lines, Site, router};
use crate::live::Live;
use crate::objects::Objects;
use crate::openid::Provider;
use crate::reports;
use crate::store::{
    Db, FileKeeper, FileKind, KeyKeeper, MemoryKeeper, OnCommit, Unlock, create_private_folder,
    find_or_make_key,
};

/// How long requests that are being answered have to finish when the server stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How often it is looked for reports whose words are to go.
const ERASE_EVERY: Duration = Duration::from_hours(1);

/// How often the end of the audit is signed.
///
/// Source: assurance INT-01.
const SIGN_EVERY: Duration = Duration::from_mins(1);

/// How often files that nobody goes on with are taken away.
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// A server that answers requests.
pub struct Running {
    /// Where it listens, with the port that was picked.
    pub address: SocketAddr,
    /// What its rules use.
    pub context: Context,
    scheme: &'static str,
    origin: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    all_ended: watch::Sender<()>,
    signing: Option<Signing>,
    looking: Option<JoinHandle<()>>,
    indexing: JoinHandle<()>,
    sweeping: Option<JoinHandle<()>>,
    erasing: JoinHandle<()>,
}

/// The audit, being signed.
struct Signing {
    checkpoints: Arc<Checkpoints>,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens, as an address.
    pub fn listening(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The address for people: the declared one, or where it listens.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Stops: no new requests, streams end, the others have ten seconds to finish.
    ///
    /// # Errors
    /// `Failed` when the server had failed before.
    pub async fn stop(self) -> Result<()> {
        let _ = self.stop.send(());
        for task in [self.looking, self.sweeping].into_iter().flatten() {
            task.abort();
        }
        self.indexing.abort();
        self.erasing.abort();
        self.context.live.close();
        let mut served = self.served;
        let ended = async {
            let outcome = (&mut served).await;
            self.all_ended.closed().await;
            outcome
        };
        let outcome = match tokio::time::timeout(STOP_WITHIN, ended).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(panic)) => Err(Error::failed("serving", panic)),
            Err(_too_long) => {
                tracing::warn!("some requests did not finish in time");
                served.abort();
                Ok(())
            }
        };
        if let Some(signing) = self.signing {
            signing.task.abort();
            sign(&signing.checkpoints, &self.context).await;
        }
        outcome
    }
}

/// Starts a server for real use; it answers requests when this returns.
///
/// # Errors
/// `Failed` when the data cannot be opened or the address cannot be listened on.
pub async fn start(config: &Config) -> Result<Running> {
    let context = open(config, Arc::new(SystemClock)).await?;
    let checkpoints = checkpoints(config, &context)?.map(Arc::new);
    let mut running = listen(config, context).await?;
    running.signing = checkpoints.map(|checkpoints| {
        let (of_task, context) = (Arc::clone(&checkpoints), running.context.clone());
        let task = tokio::spawn(async move {
            let mut minutes = tokio::time::interval(SIGN_EVERY);
            loop {
                minutes.tick().await;
                sign(&of_task, &context).await;
            }
        });
        Signing { checkpoints, task }
    });
    running.sweeping = Some(tokio::spawn(sweep(running.context.clone())));
    Ok(running)
}

/// Takes away what nobody goes on with, again and again.
async fn sweep(context: Context) {
    let mut hours = tokio::time::interval(SWEEP_EVERY);
    loop {
        hours.tick().await;
        if let Err(error) = attachments::sweep(&context).await {
            tracing::error!(cause = %error.chain(), "files that nobody goes on with could not be taken away");
        }
    }
}

/// The file of the audit's checkpoints, and who signs them; the key is made if there is none.
///
/// # Errors
/// `Failed` when the key cannot be used.
pub fn checkpoints(config: &Config, context: &Context) -> Result<Option<Checkpoints>> {
    let Some(AuditPlace { key, checkpoints }) = &config.audit else {
        return Ok(None);
    };
    let signer = Signer::new(&find_or_make_key(key, context.clock.as_ref())?);
    Ok(Some(Checkpoints::at(checkpoints, signer)))
}

/// Signs the end of the audit. People are served even if that fails; the log says so each time.
async fn sign(checkpoints: &Checkpoints, context: &Context) {
    if let Err(error) = checkpoints.sign(&context.db, context.now()).await {
        tracing::error!(cause = %error.chain(), "the audit could not be signed");
    }
}

/// Starts the demonstration: the same server, with its people in an empty database.
///
/// # Errors
/// As [`start`].
pub async fn start_demo(config: &Config) -> Result<Running> {
    let clock = Arc::new(demo::SeedClock::default());
    let context = open(config, Arc::clone(&clock) as Arc<dyn Clock>).await?;
    demo::seed(&context, &clock).await?;
    listen(config, context).await
}

/// Opens the data: what rules, and the commands that share them, may use.
///
/// # Errors
/// `Failed` when the folder or the database cannot be used, or the wrapping key or the pepper is not there.
pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Context> {
    let live = Live::default();
    let bells = live.clone();
    let on_commit: OnCommit = Arc::new(move |accounts| bells.ring(accounts));
    let unlock = Unlock::with(keeper(&config.keys), Arc::clone(&clock));
    let db = match &config.database {
        Database::Sqlite(path) => {
            if let Some(folder) = path.parent() {
                create_private_folder(folder).map_err(|error| {
                    Error::failed(format!("creating the folder `{}`", folder.display()), error)
                })?;
            }
            let everybody = live.clone();
            Db::open_sqlite_beside_others(path, &unlock, on_commit, Arc::new(move || everybody.ring_all()))?
        }
        Database::Postgres(url) => {
            let everybody = live.clone();
            Db::open_postgres(url, &unlock, on_commit, Arc::new(move || everybody.ring_all()))?
        }
    };
    let passwords = match config.limits {
        Limits::On => Passwords::new(Cost::STANDARD),
        Limits::Off => Passwords::without_limits(Cost::STANDARD),
    };
    let context = Context {
        db,
        live,
        passwords,
        clock,
        backlog: Backlog::default(),
        files: files(&config.files)?,
        provider: config.provider.clone().map(Provider::new).map(Arc::new),
    };
    let pepper = open_pepper(&context, &config.pepper).await?;
    Ok(Context {
        passwords: context.passwords.clone().with_pepper(pepper),
        ..context
    })
}

/// What files need beside the tables. The workshop is this program.
fn files(place: &FilePlace) -> Result<Files> {
    let program = std::env::current_exe().map_err(|error| Error::failed("finding this program", error))?;
    // Also when a new version has taken the place of its file.
    let itself = Path::new("/proc/self/exe");
    let program = if itself.exists() {
        itself.to_owned()
    } else {
        program
    };
    let mut files = Files::new(Objects::open(&place.address)?, program);
    files.scanner = place.scanner.clone().map(Arc::new);
    files.quota_bytes = place.quota_bytes;
    Ok(files)
}

/// Who holds the wrapping key of this configuration.
pub(crate) fn keeper(keys: &KeyPlace) -> Arc<dyn KeyKeeper> {
    match keys {
        KeyPlace::File(path) => Arc::new(FileKeeper::at(path, FileKind::Own)),
        KeyPlace::Credential { path, marks } => Arc::new(FileKeeper::of_credential(path, marks)),
        KeyPlace::Memory => Arc::new(MemoryKeeper::empty()),
    }
}

/// What the system keeps of a connection that the other side does not read. Left to itself it takes some megabytes, so
/// that a device which has fallen asleep would have its messages queue up there; what is on its way is not limited.
#[cfg(target_os = "linux")]
fn limit_unsent(connection: &tokio::net::TcpStream) {
    const MAX_UNSENT_BYTES: u32 = 64 * 1024;
    if let Err(error) = socket2::SockRef::from(connection).set_tcp_notsent_lowat(MAX_UNSENT_BYTES) {
        tracing::debug!(cause = %error, "a connection keeps its queue");
    }
}

#[cfg(not(target_os = "linux"))]
fn limit_unsent(_connection: &tokio::net::TcpStream) {}

async fn listen(config: &Config, context: Context) -> Result<Running> {
    let doing = format!("listening on `{}`", config.listen);
    let failed = |error: std::io::Error| Error::failed(doing.as_str(), error);
    let mut operations = crate::operations();
    if config.is_demo {
        demo::register(&mut operations);
    }
    let doors = Doors {
        context: context.clone(),
        operations: Arc::new(operations),
        site: Arc::new(Site {
            cookies: config.cookies,
            public_origin: config.public_origin.clone(),
            is_demo: config.is_demo,
        }),
        limits: Arc::new(match config.limits {
            Limits::On if config.is_behind_proxy => http::Limits::behind_proxy(),
            Limits::On => http::Limits::default(),
            Limits::Off => http::Limits::off(),
        }),
    };
    let certificate = config
        .tls
        .as_ref()
        .map(Certificate::read)
        .transpose()?
        .map(Arc::new);
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    // Small answers and events leave at once instead of waiting for more to send.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(cause = %error, "a connection keeps its delay");
        }
        limit_unsent(connection);
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let doors = router(doors);
    let (served, all_ended) = match &certificate {
        Some(certificate) => answer(Encrypted::new(listener, Arc::clone(certificate))?, doors, stopped),
        None => answer(listener, doors, stopped),
    };
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let origin = config
        .public_origin
        .clone()
        .unwrap_or_else(|| format!("{scheme}://{address}"));
    let indexing = keep_indexed(context.clone());
    let erasing = tokio::spawn(erase_by_and_by(context.clone()));
    Ok(Running {
        address,
        context,
        scheme,
        origin,
        stop,
        served,
        all_ended,
        signing: None,
        indexing,
        sweeping: None,
        looking: certificate.map(|certificate| tokio::spawn(look_after(certificate))),
        erasing,
    })
}

/// Answers what comes to a listener until it is stopped. The sender knows when all its connections have ended.
fn answer<L>(
    listener: L,
    doors: Router,
    stopped: oneshot::Receiver<()>,
) -> (JoinHandle<()>, watch::Sender<()>)
where
    L: Listener<Addr = SocketAddr>,
{
    let (listener, all_ended) = Lines::new(listener);
    let serving = http::serve(listener, doors, async {
        let _ = stopped.await;
    });
    (tokio::spawn(serving), all_ended)
}

/// Erases what closed reports hold, once its time has come: at the start, then every hour.
async fn erase_by_and_by(context: Context) {
    let mut hours = tokio::time::interval(ERASE_EVERY);
    let mut are_traces_left = false;
    loop {
        hours.tick().await;
        let erased = async {
            reports::erase_due(&context).await?;
            // What was erased an hour ago is due no more, and may still be in the files.
            if are_traces_left {
                context.db.scrub().await?;
            }
            Ok::<_, Error>(())
        };
        let erased = erased.await;
        are_traces_left = erased.is_err();
        if let Err(error) = erased {
            tracing::error!(cause = %error.chain(), "the words of closed reports could not be erased");
        }
    }
}

/// Reads the certificate anew whenever its files have changed.
async fn look_after(certificate: Arc<Certificate>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        match certificate.read_again() {
            Ok(true) => tracing::info!("the certificate was read anew"),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(cause = %error.chain(), "the new certificate cannot be used; the old one stays");
            }
        }
    }
}
