//! What each command does.

use std::io::Read;
use std::sync::Arc;

use app::accounts::{AccountState, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, Secret};
use app::api::{AccountId, ApiError, InvalidReason};
use server::accounts::{self, NewAccount};
use server::audit::{self, Act, Finding};
use server::clock::SystemClock;
use server::config::{
    AccountCommand, AuditCommand, Cli, Command, ConversationCommand, CreateAccount, KeysCommand, Settings,
};
use server::context::Context;
use server::doctor::{self, Verdict};
use server::error::{Error, Result};
use server::serve::{self, Running};
use server::{conversations, demo, http, store};

use crate::{Ending, healthcheck, say};

/// Does what was asked.
pub(crate) async fn run(cli: Cli) -> std::result::Result<(), Ending> {
    let settings = cli.settings;
    match cli.command {
        Command::Serve => serve(&settings).await,
        Command::Demo => serve_demo(&settings).await,
        Command::Account(command) => account(&settings, command).await,
        Command::Conversation(command) => conversation(&settings, command).await,
        Command::Keys(KeysCommand::Rotate) => rotate(&settings).await,
        Command::Audit(AuditCommand::Verify) => verify(&settings).await,
        Command::Audit(AuditCommand::BeginAnew) => begin_anew(&settings).await,
        Command::Doctor { json } => doctor(&settings, json).await,
        Command::Migrate => {
            let config = settings.to_config()?;
            serve::open(&config, Arc::new(SystemClock)).await?;
            say(&format!("{} is up to date", config.database));
            Ok(())
        }
        Command::Openapi => {
            let document = http::openapi_document(&server::operations());
            say(&serde_json::to_string_pretty(&document)
                .map_err(|error| Error::failed("writing the description of the API", error))?);
            Ok(())
        }
        // Done before anything of a server is begun.
        Command::Workshop { .. } => Ok(()),
        Command::Healthcheck => Ok(healthcheck::run(settings.listen, settings.tls()?.as_ref())?),
    }
}

async fn serve(settings: &Settings) -> std::result::Result<(), Ending> {
    let config = settings.to_config()?;
    let running = serve::start(&config).await?;
    announce(&running);
    if !accounts::is_open(&running.context).await? {
        let Secret(path) = accounts::create_setup_link(&running.context).await?;
        say(&format!(
            "Set-up link (works once, for 30 minutes): {}{path}",
            running.origin()
        ));
    }
    Ok(until_stopped(running).await?)
}

async fn serve_demo(settings: &Settings) -> std::result::Result<(), Ending> {
    let folder = tempfile::Builder::new()
        .prefix("pli-demo-")
        .tempdir()
        .map_err(|error| Error::failed("creating a temporary folder", error))?;
    let config = settings.to_demo_config(folder.path())?;
    let running = serve::start_demo(&config).await?;
    announce(&running);
    say(&format!(
        "Demonstration, nothing is kept. Sign in as {} with {}",
        demo::FIRST_EMAIL,
        demo::PASSWORD
    ));
    until_stopped(running).await?;
    folder
        .close()
        .map_err(|error| Error::failed("deleting the temporary folder", error))?;
    Ok(())
}

/// One line with the address, now that it answers.
fn announce(running: &Running) {
    let listening = running.listening();
    let declared = running.origin();
    let beside = if declared == listening.as_str() {
        String::new()
    } else {
        format!(" for {declared}")
    };
    say(&format!("Pli {}: {listening}{beside}", env!("CARGO_PKG_VERSION")));
}

/// Serves until somebody asks to stop.
async fn until_stopped(running: Running) -> Result<()> {
    let doing = "waiting for a signal to stop";
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| Error::failed(doing, error))?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(|error| Error::failed(doing, error))?,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| Error::failed(doing, error))?;
    tracing::info!("stopping");
    running.stop().await
}

async fn account(settings: &Settings, command: AccountCommand) -> std::result::Result<(), Ending> {
    let config = settings.to_config()?;
    let context = serve::open(&config, Arc::new(SystemClock)).await?;
    match command {
        AccountCommand::Create(new) => create_account(&context, new).await?,
        AccountCommand::List { json } => list_accounts(&context, json).await?,
        AccountCommand::Suspend { email, lift } => {
            let account = require_account(&context, email).await?;
            accounts::set_suspended(&context, None, account, !lift).await?;
            say(&account.to_string());
        }
        AccountCommand::Reset { email, factors, json } => {
            let account = require_account(&context, email).await?;
            let link = accounts::make_reset_link(&context, None, account, factors).await?;
            let origin = config
                .public_origin
                .unwrap_or_else(|| format!("http://{}", config.listen));
            let url = format!("{origin}{}", link.path.0);
            if json {
                say(
                    &serde_json::json!({ "id": account, "url": url, "expires_at": link.expires_at })
                        .to_string(),
                );
            } else {
                say(&url);
            }
        }
    }
    Ok(())
}

async fn conversation(settings: &Settings, command: ConversationCommand) -> std::result::Result<(), Ending> {
    let context = serve::open(&settings.to_config()?, Arc::new(SystemClock)).await?;
    let ConversationCommand::Erase { of, with, .. } = command;
    let (one, other) = (
        require_account(&context, of).await?,
        require_account(&context, with).await?,
    );
    let found = context
        .db
        .read(move |tx| conversations::find_between(tx, one, other))
        .await?;
    let conversation = found.ok_or_else(|| Ending::Refused("these two have no conversation".to_owned()))?;
    conversations::erase_conversation(&context, None, conversation).await?;
    say(&conversation.to_string());
    Ok(())
}

async fn rotate(settings: &Settings) -> std::result::Result<(), Ending> {
    let config = settings.to_config()?;
    let context = serve::open(&config, Arc::new(SystemClock)).await?;
    let now = context.now();
    let n_wrapped = store::rotate(&context.db, move |tx, name| {
        audit::append(tx, now, None, Act::KeyRotated, name)
    })
    .await?;
    say(&format!(
        "{n_wrapped} keys are wrapped anew; the old wrapping key opens nothing any more"
    ));
    Ok(())
}

async fn verify(settings: &Settings) -> std::result::Result<(), Ending> {
    let (context, checkpoints) = open_audit(settings).await?;
    let report = audit::verify(&context.db, &checkpoints).await?;
    if let Some(finding) = report.finding {
        let n_rows = report.n_rows;
        return Err(Ending::Refused(if finding == Finding::Missing {
            format!("the audit cannot be verified, although its {n_rows} rows fit each other: {finding}")
        } else {
            format!("the audit is not what was written: {finding} ({n_rows} rows fit before that)")
        }));
    }
    say(&format!(
        "{} rows and {} checkpoints fit; signed up to row {}",
        report.n_rows, report.n_checkpoints, report.signed_to
    ));
    Ok(())
}

async fn begin_anew(settings: &Settings) -> std::result::Result<(), Ending> {
    let (context, checkpoints) = open_audit(settings).await?;
    let number = checkpoints.begin_anew(&context.db, context.now()).await?;
    say(&format!(
        "signed anew at row {number}: what was cut off or written anew before it cannot be told from what was there"
    ));
    Ok(())
}

async fn open_audit(settings: &Settings) -> std::result::Result<(Context, audit::Checkpoints), Ending> {
    let config = settings.to_config()?;
    let context = serve::open(&config, Arc::new(SystemClock)).await?;
    match serve::checkpoints(&config, &context)? {
        Some(checkpoints) => Ok((context, checkpoints)),
        None => Err(Ending::Refused("nothing is signed here".to_owned())),
    }
}

async fn create_account(context: &Context, new: CreateAccount) -> Result<()> {
    let account = accounts::create_account(
        context,
        NewAccount {
            email: new.email,
            name: new.name,
            profession: new.profession,
            workplace: new.workplace,
            is_admin: new.admin,
            password: read_password()?,
        },
    )
    .await?;
    if new.json {
        say(&serde_json::json!({ "id": account }).to_string());
    } else {
        say(&account.to_string());
    }
    Ok(())
}

/// The first line of standard input.
fn read_password() -> Result<Secret> {
    let doing = "reading the password from standard input";
    let mut text = String::new();
    // A password of 256 characters fits many times; nobody shall fill the memory through a pipe.
    std::io::stdin()
        .take(64 * 1024)
        .read_to_string(&mut text)
        .map_err(|error| Error::failed(doing, error))?;
    let line = text.split('\n').next().unwrap_or_default();
    Ok(Secret(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

async fn list_accounts(context: &Context, json: bool) -> Result<()> {
    let rows = accounts::read_accounts(context).await?;
    if json {
        say(&serde_json::to_string(&rows).map_err(|error| Error::failed("writing the list", error))?);
        return Ok(());
    }
    for row in rows {
        let state = match row.state {
            AccountState::Invited => "invited",
            AccountState::Active => "active",
            AccountState::Suspended => "suspended",
        };
        let role = if row.is_admin { "admin" } else { "-" };
        say(&format!(
            "{}\t{state}\t{role}\t{}\t{}",
            row.id, row.email, row.name
        ));
    }
    Ok(())
}

async fn require_account(context: &Context, email: String) -> Result<AccountId> {
    let found = context
        .db
        .read(move |tx| accounts::find_by_email(tx, &email))
        .await?;
    found.ok_or_else(|| ApiError::NotFound.into())
}

/// Prints what was found, a line each, the way out below it.
async fn doctor(settings: &Settings, as_json: bool) -> std::result::Result<(), Ending> {
    let config = settings.to_config()?;
    let folder = settings.data.clone();
    let findings = tokio::task::spawn_blocking(move || doctor::examine(&config, &folder, &SystemClock))
        .await
        .map_err(|error| Error::failed("looking at everything", error))?;
    let word = |verdict| match verdict {
        Verdict::Good => "good",
        Verdict::Warning => "warning",
        Verdict::Bad => "bad",
    };
    if as_json {
        let list: Vec<_> = findings
            .iter()
            .map(|found| {
                serde_json::json!({
                    "verdict": word(found.verdict), "about": found.about, "seen": found.seen, "remedy": found.remedy,
                })
            })
            .collect();
        say(&serde_json::Value::from(list).to_string());
    } else {
        for found in &findings {
            say(&format!(
                "{:<8} {}: {}",
                word(found.verdict),
                found.about,
                found.seen
            ));
            if let Some(remedy) = &found.remedy {
                say(&format!("         {remedy}."));
            }
        }
    }
    let n_bad = findings
        .iter()
        .filter(|found| found.verdict == Verdict::Bad)
        .count();
    if n_bad == 0 {
        return Ok(());
    }
    Err(Ending::Refused(format!(
        "{n_bad} of {} do not work",
        findings.len()
    )))
}

/// A refusal in the words of the command line.
pub(crate) fn refusal_words(refusal: &ApiError) -> String {
    match refusal {
        ApiError::Invalid { field, reason } => {
            let reason = match reason {
                InvalidReason::TooShort if field == "password" => {
                    format!("shorter than {PASSWORD_MIN_CHARS} characters")
                }
                InvalidReason::TooLong if field == "password" => {
                    format!("longer than {PASSWORD_MAX_CHARS} characters")
                }
                InvalidReason::Empty => "missing".to_owned(),
                InvalidReason::TooShort => "too short".to_owned(),
                InvalidReason::TooLong => "too long".to_owned(),
                InvalidReason::TooCommon => "too easy to guess".to_owned(),
                InvalidReason::Taken => "taken already".to_owned(),
                InvalidReason::Format | InvalidReason::Unreadable | InvalidReason::Yourself => {
                    "not acceptable".to_owned()
                }
            };
            format!("`{field}` is {reason}")
        }
        ApiError::NotFound => "no such account, or not in a state for this".to_owned(),
        other => format!("refused: {}", other.code()),
    }
}
