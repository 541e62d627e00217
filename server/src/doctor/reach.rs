//! How people get here: the address, the certificate, and what browsers allow at such an address.

use std::path::Path;

use app::api::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use super::Finding;
use crate::config::Config;
use crate::http::{Certificate, CookieMode, TlsFiles};

const ADDRESS: &str = "address";
const CERTIFICATE: &str = "certificate";

/// A certificate that ends sooner than this should have been renewed, in milliseconds.
const SOON_MS: i64 = 14 * 24 * 3_600_000;

pub(super) fn examine(config: &Config, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![find_address(config)];
    if let Some(files) = &config.tls {
        findings.extend(find_certificate(files, host(config), now));
    }
    findings
}

/// The name in the declared address.
fn host(config: &Config) -> Option<&str> {
    let authority = config.public_origin.as_deref()?.split_once("://")?.1;
    // A port comes after the last colon, unless that is inside an address of many.
    match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => Some(host),
        _ => Some(authority),
    }
}

fn find_address(config: &Config) -> Finding {
    let listen = config.listen;
    match (&config.public_origin, config.cookies) {
        (Some(origin), CookieMode::Secure) => Finding::good(
            ADDRESS,
            format!("people use {origin}: passkeys, the app and sealed drafts work there"),
        ),
        (None, CookieMode::Secure) => Finding::warning(
            ADDRESS,
            "the address that people use was not declared: passkeys are bound to one name and need it",
            "Say `--public-url https://NAME`",
        ),
        (_, CookieMode::PlainLoopback) => Finding::warning(
            ADDRESS,
            format!("in clear, on this machine alone (http://{listen}): other machines cannot reach it"),
            "For others, give `--listen`, `--public-url` and a certificate (`--tls-cert`, `--tls-key`), or a proxy with \
             TLS (`--behind-proxy`)",
        ),
    }
}

fn find_certificate(files: &TlsFiles, host: Option<&str>, now: Timestamp) -> Vec<Finding> {
    const RENEW: &str =
        "Put a new certificate and its key into the files; a running Pli reads them by itself";
    let held = match Certificate::read(files) {
        Ok(held) => held,
        Err(error) => return vec![Finding::bad(CERTIFICATE, error.chain(), RENEW)],
    };
    let der = held.end_entity();
    if let Some(mode) = others_may_read(&files.key) {
        return vec![Finding::bad(
            CERTIFICATE,
            format!(
                "other users of this machine may read its key `{}` (mode {mode:03o})",
                files.key.display()
            ),
            "Say `chmod 600`, and have a new certificate made with a new key if somebody may have read it",
        )];
    }
    let parsed = der.as_ref().and_then(|der| X509Certificate::from_der(der).ok());
    let Some((_, shown)) = parsed else {
        return vec![Finding::bad(CERTIFICATE, "it cannot be read", RENEW)];
    };
    let mut findings = vec![find_validity(&shown, now, RENEW)];
    if let Some(host) = host.filter(|host| !names(&shown, host)) {
        findings.push(Finding::bad(
            CERTIFICATE,
            format!("it does not name `{host}`, the address that people use: browsers refuse it"),
            "Have one made for that name, or correct `--public-url`",
        ));
    }
    if shown.subject() == shown.issuer() {
        findings.push(Finding::warning(
            CERTIFICATE,
            "it is signed by itself: browsers warn of it until each device was told to trust it",
            "Use one of an authority that the devices know, the organisation's own for instance",
        ));
    }
    findings
}

#[cfg(unix)]
pub(super) fn others_may_read(key: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(key).ok()?.permissions().mode() & 0o777;
    // A group may be that of the programs that use it.
    (mode & 0o007 != 0).then_some(mode)
}

#[cfg(not(unix))]
pub(super) fn others_may_read(_key: &Path) -> Option<u32> {
    None
}

fn find_validity(shown: &X509Certificate<'_>, now: Timestamp, remedy: &str) -> Finding {
    let until = shown.validity().not_after.timestamp().saturating_mul(1_000);
    let from = shown.validity().not_before.timestamp().saturating_mul(1_000);
    let left_ms = Timestamp(until).ms_since(now);
    let n_days = left_ms / (24 * 3_600_000);
    if left_ms <= 0 {
        Finding::bad(CERTIFICATE, format!("it ended {} days ago", -n_days), remedy)
    } else if Timestamp(from).ms_since(now) > 0 {
        Finding::bad(
            CERTIFICATE,
            "it is not valid yet",
            "See whether this machine's clock is right",
        )
    } else if left_ms < SOON_MS {
        Finding::warning(CERTIFICATE, format!("it ends in {n_days} days"), remedy)
    } else {
        Finding::good(CERTIFICATE, format!("good for {n_days} days"))
    }
}

/// Whether the certificate is for this host: a name, one with a star before its first dot, or an address.
fn names(shown: &X509Certificate<'_>, host: &str) -> bool {
    let Ok(Some(list)) = shown.subject_alternative_name() else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<std::net::IpAddr> = bare.parse().ok();
    list.value.general_names.iter().any(|name| match (name, address) {
        (GeneralName::DNSName(name), None) => {
            let name = name.to_ascii_lowercase();
            let below = name.strip_prefix("*.");
            name == host
                || below.is_some_and(|below| host.split_once('.').is_some_and(|(_, rest)| rest == below))
        }
        (GeneralName::IPAddress(bytes), Some(std::net::IpAddr::V4(address))) => *bytes == address.octets(),
        (GeneralName::IPAddress(bytes), Some(std::net::IpAddr::V6(address))) => *bytes == address.octets(),
        _ => false,
    })
}
