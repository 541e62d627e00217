//! What administrators do, from the screens or from the command line: they let people in and keep them out. They never
//! choose anybody's password and never see content.

use app::accounts::{
    AccountRow, AccountState, Accounts, InvitePerson, Language, ListAccounts, OneTimeLink, Secret,
    StartReset, SuspendAccount,
};
use app::api::{AccountId, ApiError, Done, InvalidReason, Timestamp};

use super::confirm::require_recent;
use super::identity::{Email, Identity};
use super::links::{insert_invitation, insert_reset};
use super::passwords::check_new;
use super::sessions::end_sessions_but;
use super::sql;
use super::sql::accounts::AccountToInsert;
use super::tokens::new_token;
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::store::Tx;

/// Whether there is an account: before the first one, only the set-up page answers.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn is_open(context: &Context) -> Result<bool> {
    context.db.read(sql::accounts::has_account).await
}

/// Lists all accounts and open invitations, by family name.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn list_accounts(context: Context, _caller: Caller, _wish: ListAccounts) -> Result<Accounts> {
    Ok(Accounts {
        accounts: read_accounts(&context).await?,
    })
}

/// The same, for the command line.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn read_accounts(context: &Context) -> Result<Vec<AccountRow>> {
    context.db.read(sql::accounts::list_accounts).await
}

/// Invites a person by a one-time link. Inviting the same address again renews the link and the fields.
///
/// # Errors
/// `Invalid` naming the field; `email` is `Taken` when that person has joined already.
pub async fn invite_person(context: Context, caller: Caller, wish: InvitePerson) -> Result<OneTimeLink> {
    let email = Email::parse(&wish.email)?;
    let identity = Identity::parse_invited("", &wish.name, &wish.profession, &wish.workplace)?;
    let inviting = caller.clone();
    let key = new_token(context.clock.as_ref());
    let (fresh_id, now) = (AccountId(context.new_id()), context.now());
    let link = context
        .db
        .write(move |tx| {
            require_recent(tx, &inviting, now)?;
            let account = match sql::accounts::find_credentials(tx, email.as_str())? {
                Some(known) if known.state == AccountState::Invited => {
                    sql::accounts::update_identity(tx, known.account, &identity)?;
                    known.account
                }
                Some(_) => return Err(Error::invalid("email", InvalidReason::Taken)),
                None => {
                    let new = AccountToInsert {
                        id: fresh_id,
                        email: &email,
                        identity: &identity,
                        language: caller.language,
                        state: AccountState::Invited,
                        is_admin: false,
                        password_hash: None,
                        at: now,
                    };
                    sql::accounts::insert_account(tx, &new)?;
                    fresh_id
                }
            };
            audit::append(tx, now, Some(caller.account), Act::Invited, account.0)?;
            insert_invitation(tx, account, &key, now)
        })
        .await?;
    tracing::info!(account.id = %link.account, by.account.id = %caller.account, "invited a person");
    Ok(link)
}

/// Makes a reset link for a forgotten password.
///
/// # Errors
/// `NotFound` when no account in use has this id; `ConfirmIdentity`.
pub async fn start_reset(context: Context, caller: Caller, wish: StartReset) -> Result<OneTimeLink> {
    confirmed_lately(&context, &caller).await?;
    tracing::info!(account.id = %wish.account, by.account.id = %caller.account, "asked for a reset link");
    make_reset_link(&context, Some(caller.account), wish.account, wish.with_factors).await
}

/// The same, by an administrator or, by nobody, from the command line.
///
/// # Errors
/// `NotFound` when no account in use has this id.
pub async fn make_reset_link(
    context: &Context,
    by: Option<AccountId>,
    account: AccountId,
    with_factors: bool,
) -> Result<OneTimeLink> {
    let key = new_token(context.clock.as_ref());
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let record = sql::accounts::find_account(tx, account)?;
            if record.is_none_or(|record| record.state != AccountState::Active) {
                return Err(ApiError::NotFound.into());
            }
            let act = if with_factors {
                Act::FactorResetStarted
            } else {
                Act::ResetStarted
            };
            audit::append(tx, now, by, act, account.0)?;
            insert_reset(tx, account, with_factors, &key, now)
        })
        .await
}

/// Requires that the administrator has proven lately who they are.
async fn confirmed_lately(context: &Context, caller: &Caller) -> Result<()> {
    let (caller, now) = (caller.clone(), context.now());
    context.db.read(move |tx| require_recent(tx, &caller, now)).await
}

/// Suspends an account or lifts the suspension.
///
/// # Errors
/// `NotFound` when nobody who has joined has this id; `Invalid` when it is the caller's own.
pub async fn suspend_account(context: Context, caller: Caller, wish: SuspendAccount) -> Result<Done> {
    if wish.account == caller.account {
        return Err(Error::invalid("account", InvalidReason::Yourself));
    }
    confirmed_lately(&context, &caller).await?;
    set_suspended(&context, Some(caller.account), wish.account, wish.suspended).await?;
    tracing::info!(
        account.id = %wish.account,
        by.account.id = %caller.account,
        is_suspended = wish.suspended,
        "changed a suspension"
    );
    Ok(Done {})
}

/// The same, by an administrator or, by nobody, from the command line. A suspended account's devices are signed out and its links are void.
///
/// # Errors
/// `NotFound` when nobody who has joined has this id.
pub async fn set_suspended(
    context: &Context,
    by: Option<AccountId>,
    account: AccountId,
    is_suspended: bool,
) -> Result<()> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let record = sql::accounts::find_account(tx, account)?.ok_or(ApiError::NotFound)?;
            if record.state == AccountState::Invited {
                return Err(ApiError::NotFound.into());
            }
            let act = if is_suspended {
                Act::Suspended
            } else {
                Act::Resumed
            };
            audit::append(tx, now, by, act, account.0)?;
            if is_suspended {
                sql::accounts::update_state(tx, account, AccountState::Suspended)?;
                sql::links::void_links(tx, account, now)?;
                end_sessions_but(tx, account, None, now)
            } else {
                sql::accounts::update_state(tx, account, AccountState::Active)
            }
        })
        .await
}

/// Whether somebody besides this account administers the instance: neither only invited, nor suspended.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn is_administered_by_others(tx: &mut Tx<'_>, account: AccountId) -> Result<bool> {
    sql::accounts::has_administrator_but(tx, account)
}

/// The account with this address, whatever its state.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn find_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<AccountId>> {
    Ok(sql::accounts::find_credentials(tx, &Email::fold(email))?.map(|known| known.account))
}

/// An account to create at the machine itself, as it was typed.
pub struct NewAccount {
    /// The address to sign in with.
    pub email: String,
    /// The name, title first if any.
    pub name: String,
    /// What they do.
    pub profession: String,
    /// Where.
    pub workplace: String,
    /// Whether they administer the instance.
    pub is_admin: bool,
    /// 15 to 256 characters.
    pub password: Secret,
}

/// Creates an account that can sign in at once. The first one opens the instance.
///
/// # Errors
/// `Invalid` naming the field; `email` is `Taken` when somebody has it already.
pub async fn create_account(context: &Context, new: NewAccount) -> Result<AccountId> {
    let email = Email::parse(&new.email)?;
    let identity = Identity::parse("", &new.name, &new.profession, &new.workplace)?;
    check_new("password", &new.password, &[email.as_str(), &identity.name])?;
    let password_hash = context
        .passwords
        .hash(context.clock.as_ref(), &new.password)
        .await?;
    let (account, now) = (AccountId(context.new_id()), context.now());
    let checked = CheckedAccount {
        id: account,
        email,
        identity,
        is_admin: new.is_admin,
        password_hash,
    };
    context
        .db
        .write(move |tx| insert_account(tx, &checked, now))
        .await?;
    tracing::info!(account.id = %account, "created an account");
    Ok(account)
}

/// An account to create, with everything checked.
pub struct CheckedAccount {
    /// Its id.
    pub id: AccountId,
    /// The address to sign in with.
    pub email: Email,
    /// What is seen of the person.
    pub identity: Identity,
    /// Whether they administer the instance.
    pub is_admin: bool,
    /// As [`super::Passwords::hash`] made it.
    pub password_hash: String,
}

/// Inserts an account in use, inside a larger transaction.
///
/// # Errors
/// `Invalid` when the address is taken.
pub fn insert_account(tx: &mut Tx<'_>, new: &CheckedAccount, at: Timestamp) -> Result<()> {
    let is_new = sql::accounts::insert_account(
        tx,
        &AccountToInsert {
            id: new.id,
            email: &new.email,
            identity: &new.identity,
            language: Language::default(),
            state: AccountState::Active,
            is_admin: new.is_admin,
            password_hash: Some(&new.password_hash),
            at,
        },
    )?;
    if is_new {
        audit::append(tx, at, None, Act::AccountCreated, new.id.0)
    } else {
        Err(Error::invalid("email", InvalidReason::Taken))
    }
}
