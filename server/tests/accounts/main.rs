//! Accounts: signing in, devices, the profile and its photo, one-time links, administration.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod administration;
mod devices;
mod directory;
mod links;
mod photo;
mod profile;
mod sign_in;
mod vaults;

use app::accounts::{ClientKind, Secret, SignIn, SignedIn};
use app::api::{ApiError, Timestamp};
use harness::{Harness, visitor};

/// One day.
const DAY_MS: i64 = Timestamp::DAY_MS;

/// A password that nobody else has.
const NEW_PASSWORD: &str = "sept outardes au-dessus du fleuve";

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

/// Signs in as a program does.
async fn sign_in(harness: &Harness, email: &str, password: &str) -> Result<SignedIn, ApiError> {
    let wish = SignIn {
        email: email.to_owned(),
        password: secret(password),
        client: ClientKind::Api,
    };
    harness.call_as(visitor(), wish).await
}
