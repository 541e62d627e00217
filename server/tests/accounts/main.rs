//! Accounts: signing in, devices, the profile and its photo, one-time links, administration.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod administration;
mod audited;
mod authenticator;
mod browser;
mod devices;
mod directory;
mod guessing;
mod hostile_provider;
mod idle;
mod links;
mod notices;
mod passkeys;
mod photo;
mod policy;
mod profile;
mod provider;
mod provider_asked;
mod provider_factors;
mod provider_freshness;
mod provider_lies;
mod provider_links;
mod provider_meanwhile;
mod provider_pages;
mod provider_remains;
mod provider_trouble;
mod second_factor;
mod sign_in;
mod signers;
mod vaults;

use app::accounts::{ClientKind, Language, Secret, SignIn, SignedIn};
use app::api::{ApiError, Timestamp};
use harness::{Harness, visitor};
use server::context::{Door, SessionSlot, Visitor};
use server::http::operations::Asker;

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

/// Somebody in a browser that is known again by this key, or in a new one.
fn in_browser(key: Option<&str>) -> Asker {
    let device_name = "Firefox, Linux".to_owned();
    Asker::Visitor(Visitor {
        device_name: device_name.clone(),
        language: Language::French,
        session: SessionSlot::at(Door {
            browser: key.map(secret),
            device_name,
            ..Door::default()
        }),
    })
}

/// Signs in as a browser does.
async fn sign_in_from(
    harness: &Harness,
    asker: Asker,
    email: &str,
    password: &str,
) -> Result<SignedIn, ApiError> {
    let wish = SignIn {
        email: email.to_owned(),
        password: secret(password),
        client: ClientKind::Browser,
    };
    harness.call_as(asker, wish).await
}
