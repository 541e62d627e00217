//! Accounts: who can sign in, on which devices, and what is seen of them.
//!
//! Promises: a password rests as an Argon2id hash, a session and a one-time link as the SHA-256 of their key, so a
//! stolen database opens nothing; a revoked device or a suspended account is refused from its next request on, and its
//! open streams are woken to find that out; and the secret of
//! the vault that it opened is gone.
//! Leaves to others: how a session travels (`http`), who is whose friend (`friendships`), folding words (`contacts`).

mod identity;
mod names;
mod obvious;
mod passwords;
mod tokens;
mod tries;

mod administration;
mod cards;
mod devices;
mod links;
mod photo;
mod portrait;
mod profile;
mod sessions;
mod sign_in;
mod vaults;

mod sql;

use app::accounts::{
    AcceptInvitation, ChangePassword, GetMe, InvitePerson, ListAccounts, ListDevices, OpenVault, ReadLink,
    RemovePhoto, ResetPassword, RevokeDevice, SavePhoto, SaveProfile, SaveSettings, SetUp, SignIn, SignOut,
    StartReset, SuspendAccount,
};

use crate::http::operations::Operations;

pub use administration::{
    CheckedAccount, NewAccount, create_account, find_by_email, insert_account, invite_person, is_open,
    list_accounts, make_reset_link, read_accounts, set_suspended, start_reset, suspend_account,
};
pub use cards::{
    Card, find_card, find_cards, find_phone, is_active, list_professions, list_workplaces, search_directory,
};
pub use devices::{device_name, list_devices, note_acknowledged, revoke_device};
pub use identity::{Email, Identity};
pub use links::{accept_invitation, create_setup_link, read_link, reset_password, set_up};
pub use names::{given_name, shown_name};
pub use passwords::{Cost, Passwords};
pub use photo::{insert_portrait, read_photo, read_photo_form, remove_photo, save_photo};
pub use profile::{get_me, require_me, save_profile, save_settings, set_phone, share_read_receipts};
pub use sessions::{Found, find_session, holds, is_signed_in};
pub use sign_in::{change_password, sign_in, sign_out};
pub use vaults::open_vault;

/// Adds the operations of this feature to the table.
pub fn register(operations: &mut Operations) {
    operations
        .anyone::<SignIn, _, _>(sign_in)
        .signed_in::<SignOut, _, _>(sign_out)
        .signed_in::<GetMe, _, _>(get_me)
        .signed_in::<SaveProfile, _, _>(save_profile)
        .signed_in::<SaveSettings, _, _>(save_settings)
        .signed_in::<SavePhoto, _, _>(save_photo)
        .with_max_bytes::<SavePhoto>(photo::MAX_REQUEST_BYTES)
        .signed_in::<RemovePhoto, _, _>(remove_photo)
        .signed_in::<ChangePassword, _, _>(change_password)
        .signed_in::<ListDevices, _, _>(list_devices)
        .signed_in::<RevokeDevice, _, _>(revoke_device)
        .signed_in::<OpenVault, _, _>(open_vault)
        .anyone::<SetUp, _, _>(set_up)
        .anyone::<ReadLink, _, _>(read_link)
        .anyone::<AcceptInvitation, _, _>(accept_invitation)
        .anyone::<ResetPassword, _, _>(reset_password)
        .admin::<ListAccounts, _, _>(list_accounts)
        .admin::<InvitePerson, _, _>(invite_person)
        .admin::<StartReset, _, _>(start_reset)
        .admin::<SuspendAccount, _, _>(suspend_account);
}
