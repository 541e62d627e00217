//! The devices on which a person is signed in.

use app::accounts::{Devices, ListDevices, RevokeDevice};
use app::api::{ApiError, DeviceId, Done};

use super::sql;
use crate::audit::{self, Act};
use crate::context::{Caller, Context, SessionChange};
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::store::Tx;

/// Lists the caller's signed-in devices, last seen first, at most 200.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn list_devices(context: Context, caller: Caller, _wish: ListDevices) -> Result<Devices> {
    let devices = context
        .db
        .read(move |tx| sql::devices::list_devices(tx, caller.account, caller.device))
        .await?;
    Ok(Devices { devices })
}

/// Signs one of the caller's devices out. Doing so twice is doing so once.
///
/// # Errors
/// `NotFound` when it is not one of the caller's.
pub async fn revoke_device(context: Context, caller: Caller, wish: RevokeDevice) -> Result<Done> {
    let now = context.now();
    let (account, device) = (caller.account, wish.device);
    context
        .db
        .write(move |tx| {
            if !sql::devices::is_device_of(tx, device, account)? {
                return Err(ApiError::NotFound.into());
            }
            // A browser that was signed out from afar is a stranger again.
            if device != caller.device {
                sql::known_browsers::delete_of_device(tx, account, device)?;
            }
            if sql::devices::revoke_device(tx, device, now)? {
                events::append(tx, account, now, NewEvent::DeviceRevoked { device })?;
                audit::append(tx, now, Some(account), Act::SignedOut, device.0)?;
            }
            // The device's own stream wakes up and finds out that it is signed out.
            tx.ring(account);
            Ok(())
        })
        .await?;
    if device == caller.device {
        caller.session.set(SessionChange::Ended);
    }
    tracing::info!(account.id = %account, device.id = %device, "revoked a device");
    Ok(Done {})
}

/// Notes that a signed-in device has received its account's log up to a cursor. Never moves back; answers whether it
/// moved.
///
/// # Errors
/// Only failures.
pub fn note_acknowledged(tx: &mut Tx<'_>, device: DeviceId, cursor: u64) -> Result<bool> {
    sql::devices::update_acknowledged_cursor(tx, device, cursor)
}

/// What a browser says of itself, in the words of a device list: "Chrome, Windows". The order counts: most browsers
/// also name those that they resemble.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The systems, likewise.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The name of a device, from its `User-Agent`; "Programme" when it is no browser.
///
/// Only the words of our own two lists come out, whatever the header holds.
pub fn device_name(user_agent: &str) -> String {
    let named = |list: &[(&str, &'static str)]| {
        list.iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    if !user_agent.starts_with("Mozilla/") {
        return "Programme".to_owned();
    }
    let browser = named(BROWSERS).unwrap_or("Navigateur");
    match named(SYSTEMS) {
        Some(system) => format!("{browser}, {system}"),
        None => browser.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device_name;

    #[test]
    fn a_device_is_named_after_browser_and_system() {
        let of = |rest: &str| device_name(&format!("Mozilla/5.0 {rest}"));

        assert_eq!(
            of(
                "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
            ),
            "Chrome, Windows"
        );
        assert_eq!(
            of(
                "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
            ),
            "Edge, Windows"
        );
        assert_eq!(
            of(
                "(iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari, iPad"
        );
        assert_eq!(
            of("(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            "Firefox, Linux"
        );
        assert_eq!(device_name("curl/8.5.0"), "Programme");
        assert_eq!(device_name(""), "Programme");
    }
}
