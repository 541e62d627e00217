//! The organisation's OpenID provider: whether it answers, and whether what it says of itself can be followed.

use std::path::Path;

use app::api::Timestamp;

use super::Finding;
use super::reach::others_may_read;
use crate::accounts::RETURN;
use crate::config::Config;
use crate::openid::{Description, Provider, Settings, Trouble};

const PROVIDER: &str = "provider";
const SECRET: &str = "provider's secret";

pub(super) fn examine(config: &Config, now: Timestamp) -> Vec<Finding> {
    let Some(settings) = &config.provider else {
        return Vec::new();
    };
    let mut findings = match ask(settings.clone(), now) {
        Ok(description) => judge(config, settings, &description),
        Err(trouble) => vec![Finding::bad(
            PROVIDER,
            format!("{trouble}. Who has a password or a passkey signs in meanwhile"),
            "See whether this machine reaches it, whether its authority is one that this machine trusts (or named in \
             `SSL_CERT_FILE`), and whether `--oidc-issuer` is right to the letter",
        )],
    };
    findings.extend(config.provider_secret_file.as_deref().and_then(find_secret));
    findings
}

/// Asks it what a sign-in asks it for. Blocks.
fn ask(settings: Settings, now: Timestamp) -> Result<Description, Trouble> {
    let failed = |error: std::io::Error| Trouble::Unreachable(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(Provider::new(settings).describe(now))
}

fn judge(config: &Config, settings: &Settings, description: &Description) -> Vec<Finding> {
    if !description.can_sign {
        return vec![Finding::bad(
            PROVIDER,
            "none of its keys signs with RSA, ECDSA or Ed25519: no token of it would be believed",
            "Have it sign ID tokens with RS256 or ES256",
        )];
    }
    let origin = config
        .public_origin
        .clone()
        .unwrap_or_else(|| format!("http://{}", config.listen));
    let worth = match settings.acr.as_slice() {
        [] => "it stands for a password".to_owned(),
        acr => format!("with {} it stands for two factors", acr.join(" or ")),
    };
    let mut findings = vec![Finding::good(
        PROVIDER,
        format!(
            "{} answers; {worth}. It must know {origin}{RETURN}",
            settings.issuer
        ),
    )];
    if !description.says_pkce {
        findings.push(Finding::warning(
            PROVIDER,
            "it does not say that it knows PKCE with SHA-256: if it ignores it, a code that is stolen on its way opens more",
            "Switch PKCE (S256) on for this client",
        ));
    }
    if !description.unknown_acr.is_empty() {
        findings.push(Finding::warning(
            PROVIDER,
            format!("it does not say that it knows {}", description.unknown_acr.join(", ")),
            "See whether `--oidc-acr` names what it puts into its tokens, to the letter: nobody gets in otherwise",
        ));
    }
    findings
}

fn find_secret(file: &Path) -> Option<Finding> {
    let mode = others_may_read(file)?;
    Some(Finding::bad(
        SECRET,
        format!(
            "other users of this machine may read `{}` (mode {mode:03o})",
            file.display()
        ),
        "Say `chmod 600`, and have the provider make a new one if somebody may have read it",
    ))
}
