//! Accounts: who can sign in, on which devices, and what is seen of them.
//!
//! Promises: a password rests as an Argon2id hash that needs the pepper, a session and a one-time link as the SHA-256 of
//! their key, so a stolen database opens nothing; a revoked device or a suspended account is refused from its next request
//! on, its open streams are woken to find that out, and the secret of the vault that it opened is gone; what changes who
//! can sign in asks for a fresh proof, and its owner is told.
//! Leaves to others: how a session travels (`http`), who is whose friend (`friendships`), folding words (`contacts`).

mod folding;
mod identity;
mod known;
mod names;
mod obvious;
mod passwords;
mod pepper;
mod qr;
mod tokens;
mod tries;

mod administration;
mod cards;
mod confirm;
mod devices;
mod idle;
mod links;
mod notices;
mod passkeys;
mod photo;
mod policy;
mod portrait;
mod profile;
mod provider;
mod second_factor;
mod sessions;
mod sign_in;
mod vaults;

mod sql;

use app::accounts::{
    AcceptInvitation, AddPasskey, ChangePassword, ConfirmIdentity, FinishAuthenticator, FinishSignIn, GetMe,
    GetPolicy, GetProvider, GetSecurity, InvitePerson, ListAccounts, ListDevices, LockDevice,
    MakeRecoveryCodes, NoteActivity, OpenVault, ReadLink, RemoveAuthenticator, RemovePasskey, RemovePhoto,
    RemoveProviderLink, ResetPassword, RevokeDevice, SaveDevice, SaveGuardPolicy, SavePhoto, SavePolicy,
    SaveProfile, SaveSettings, SeeNotices, SetUp, SignIn, SignInByPasskey, SignOut, StartAuthenticator,
    StartPasskey, StartPasskeySignIn, StartProviderJoin, StartProviderLink, StartProviderProof,
    StartProviderSignIn, StartReset, SuspendAccount,
};

use crate::http::operations::Operations;

pub use administration::{
    CheckedAccount, NewAccount, create_account, find_by_email, insert_account, invite_person,
    is_administered_by_others, is_open, list_accounts, make_reset_link, read_accounts, set_suspended,
    start_reset, suspend_account,
};
pub use cards::{
    Card, find_asking_rule, find_card, find_cards, find_phone, is_active, is_colleague, list_professions,
    list_workplaces, search_directory, set_asking_rule,
};
pub use confirm::{confirm_identity, require_recent};
pub use devices::{device_name, list_devices, note_acknowledged, revoke_device};
pub use identity::{Email, Identity};
pub use idle::{lock_device, note_active, note_activity, save_device};
pub use links::{accept_invitation, create_setup_link, read_link, reset_password, set_up};
pub use names::{given_name, shown_name};
pub use notices::see_notices;
pub use passkeys::{add_passkey, remove_passkey, sign_in_by_passkey, start_passkey, start_passkey_sign_in};
pub use passwords::{Cost, Passwords};
pub use pepper::{Pepper, open_pepper};
pub use photo::{insert_portrait, read_photo, read_photo_form, remove_photo, save_photo};
pub use policy::{Hold, get_policy, get_security, is_unfiled_guarded, save_guard_policy, save_policy};
pub use profile::{get_me, require_me, save_profile, save_settings, set_phone, share_read_receipts};
pub use provider::{
    Arrived, Purpose, RETURN, Returned, arrive, depart, get_provider, remove_provider_link,
    start_provider_join, start_provider_link, start_provider_proof, start_provider_sign_in,
};
pub use second_factor::{
    finish_authenticator, make_recovery_codes, remove_authenticator, start_authenticator,
};
pub use sessions::{Found, find_session, holds, is_signed_in, lasts};
pub use sign_in::{change_password, finish_sign_in, sign_in, sign_out};
pub use vaults::open_vault;

/// Adds the operations of this feature to the table.
pub fn register(operations: &mut Operations) {
    operations
        .anyone::<SignIn, _, _>(sign_in)
        .anyone::<FinishSignIn, _, _>(finish_sign_in)
        .signed_in::<SignOut, _, _>(sign_out)
        .for_held::<SignOut>()
        .signed_in::<ConfirmIdentity, _, _>(confirm_identity)
        .for_held::<ConfirmIdentity>()
        .signed_in::<NoteActivity, _, _>(note_activity)
        .signed_in::<LockDevice, _, _>(lock_device)
        .signed_in::<SaveDevice, _, _>(save_device)
        .signed_in::<GetSecurity, _, _>(get_security)
        .for_held::<GetSecurity>()
        .signed_in::<SeeNotices, _, _>(see_notices)
        .signed_in::<StartAuthenticator, _, _>(start_authenticator)
        .for_held::<StartAuthenticator>()
        .signed_in::<FinishAuthenticator, _, _>(finish_authenticator)
        .for_held::<FinishAuthenticator>()
        .signed_in::<RemoveAuthenticator, _, _>(remove_authenticator)
        .signed_in::<MakeRecoveryCodes, _, _>(make_recovery_codes)
        .signed_in::<StartPasskey, _, _>(start_passkey)
        .for_held::<StartPasskey>()
        .signed_in::<AddPasskey, _, _>(add_passkey)
        .for_held::<AddPasskey>()
        .signed_in::<RemovePasskey, _, _>(remove_passkey)
        .anyone::<StartPasskeySignIn, _, _>(start_passkey_sign_in)
        .anyone::<SignInByPasskey, _, _>(sign_in_by_passkey)
        .anyone::<GetProvider, _, _>(get_provider)
        .anyone::<StartProviderSignIn, _, _>(start_provider_sign_in)
        .anyone::<StartProviderJoin, _, _>(start_provider_join)
        .signed_in::<StartProviderLink, _, _>(start_provider_link)
        .signed_in::<StartProviderProof, _, _>(start_provider_proof)
        .for_held::<StartProviderProof>()
        .signed_in::<RemoveProviderLink, _, _>(remove_provider_link)
        .admin::<GetPolicy, _, _>(get_policy)
        .admin::<SavePolicy, _, _>(save_policy)
        .admin::<SaveGuardPolicy, _, _>(save_guard_policy)
        .signed_in::<GetMe, _, _>(get_me)
        .for_held::<GetMe>()
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
