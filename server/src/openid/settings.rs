//! How an operator names the provider: its issuer, who Pli is to it, what it must vouch for, what people call it.

use app::accounts::Secret;
use axum::http::Uri;

/// The most characters of the label.
const LABEL_MAX_CHARS: usize = 60;

/// The provider as the operator has named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What its tokens call their issuer, to the letter.
    pub issuer: String,
    /// What it calls Pli.
    pub client_id: String,
    /// What Pli proves itself to it with; a public client has none.
    pub client_secret: Option<Secret>,
    /// Of these classes of authentication each opens, and stands for two factors. None: any opens, and none stands for two.
    pub acr: Vec<String>,
    /// What people read on the button.
    pub label: String,
}

/// Why the settings cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an address.
    #[error(
        "`--oidc-issuer {0}` is not an address like `https://HOST/PATH`, without a question mark or a number sign"
    )]
    Issuer(String),
    /// What the provider says could be changed on its way.
    #[error("`--oidc-issuer {0}` is not encrypted: only a provider on this machine may start with `http://`")]
    InClear(String),
    /// Nobody knows who Pli is.
    #[error("`--oidc-issuer` and `--oidc-client-id` go together: give both, or neither")]
    HalfOfProvider,
    /// Something that only a provider gives a sense to.
    #[error(
        "`{0}` says something of a provider that is not named: give `--oidc-issuer` and `--oidc-client-id` too"
    )]
    WithoutProvider(&'static str),
    /// Where people come back to has to be known beforehand.
    #[error("a provider sends people back to one address that it knows: say `--public-url https://NAME`")]
    WithoutPublicUrl,
    /// The file of the secret.
    #[error("cannot read `--oidc-client-secret-file {0}`: {1}")]
    SecretFile(String, String),
    /// A class of authentication that cannot be one.
    #[error("`--oidc-acr {0}` is not a list of names with commas between them")]
    Acr(String),
    /// Words for a button that do not fit it.
    #[error("`--oidc-label` is empty, has more than {LABEL_MAX_CHARS} characters, or has one that is none")]
    Label,
}

impl Settings {
    /// Checks what was given; without a label people read the provider's host.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub fn parse(
        issuer: &str,
        client_id: &str,
        client_secret: Option<Secret>,
        acr: &[String],
        label: Option<&str>,
    ) -> Result<Self, SettingsError> {
        let host = parse_issuer(issuer)?;
        if client_id.trim().is_empty() {
            return Err(SettingsError::HalfOfProvider);
        }
        let is_name =
            |acr: &&String| !acr.is_empty() && acr.chars().all(|c| c.is_ascii_graphic() && c != '"');
        if acr.iter().any(|acr| !is_name(&acr)) {
            return Err(SettingsError::Acr(acr.join(",")));
        }
        let label = label.unwrap_or(&host).trim().to_owned();
        let n_chars = label.chars().count();
        if label.is_empty() || n_chars > LABEL_MAX_CHARS || label.chars().any(char::is_control) {
            return Err(SettingsError::Label);
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret,
            acr: acr.to_vec(),
            label,
        })
    }

    /// Whether Pli asks the provider for it in clear, which only one on this machine allows.
    pub(super) fn is_in_clear(&self) -> bool {
        self.issuer.starts_with("http://")
    }

    /// Where the provider describes itself.
    ///
    /// Source: OpenID Connect Discovery 1.0, §4.
    pub(super) fn description(&self) -> String {
        let issuer = self.issuer.trim_end_matches('/');
        format!("{issuer}/.well-known/openid-configuration")
    }
}

/// The host of an issuer that can be one.
fn parse_issuer(issuer: &str) -> Result<String, SettingsError> {
    let wrong = || SettingsError::Issuer(issuer.to_owned());
    let uri: Uri = issuer.parse().map_err(|_| wrong())?;
    let authority = uri.authority().ok_or_else(wrong)?;
    if issuer.contains(['?', '#']) || authority.as_str().contains('@') || authority.host().is_empty() {
        return Err(wrong());
    }
    match uri.scheme_str() {
        Some("https") => Ok(authority.host().to_owned()),
        Some("http") if is_loopback(authority.host()) => Ok(authority.host().to_owned()),
        Some("http") => Err(SettingsError::InClear(issuer.to_owned())),
        _ => Err(wrong()),
    }
}

/// Whether a host is this machine by any of its names.
pub(super) fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(issuer: &str) -> Result<Settings, SettingsError> {
        Settings::parse(issuer, "pli", None, &[], None)
    }

    #[test]
    fn an_issuer_is_encrypted_or_on_this_machine() {
        for issuer in [
            "https://id.example.org",
            "https://id.example.org:8443/realms/sante/",
            "http://127.0.0.1:3000",
            "http://localhost:3000/oidc",
            "http://[::1]:3000",
        ] {
            assert_eq!(
                parse(issuer).map(|settings| settings.issuer),
                Ok(issuer.to_owned())
            );
        }
        for issuer in [
            "http://id.example.org",
            "http://localhost.example.org",
            "http://10.0.0.1",
        ] {
            assert!(
                matches!(parse(issuer), Err(SettingsError::InClear(_))),
                "{issuer}"
            );
        }
        for issuer in [
            "",
            "id.example.org",
            "https://",
            "https://id.example.org?a=b",
            "https://id.example.org#a",
            "https://a@id.example.org",
            "ftp://id.example.org",
        ] {
            assert!(matches!(parse(issuer), Err(SettingsError::Issuer(_))), "{issuer}");
        }
    }

    #[test]
    fn a_provider_describes_itself_below_its_issuer() {
        let at = |issuer| parse(issuer).map(|settings| settings.description());
        let expected = "https://id.example.org/realms/a/.well-known/openid-configuration";

        assert_eq!(at("https://id.example.org/realms/a"), Ok(expected.to_owned()));
        assert_eq!(at("https://id.example.org/realms/a/"), Ok(expected.to_owned()));
    }

    #[test]
    fn what_people_read_is_a_line_of_words() {
        let label = |label| {
            Settings::parse("https://id.example.org", "pli", None, &[], label).map(|settings| settings.label)
        };

        assert_eq!(label(None), Ok("id.example.org".to_owned()));
        assert_eq!(label(Some(" CISSS du Lac ")), Ok("CISSS du Lac".to_owned()));
        for wrong in ["", "  ", "a\nb", &"x".repeat(61)] {
            assert_eq!(label(Some(wrong)), Err(SettingsError::Label), "{wrong:?}");
        }
    }

    #[test]
    fn classes_of_authentication_are_names() {
        let acr = |acr: &[&str]| {
            let acr: Vec<String> = acr.iter().map(|name| (*name).to_owned()).collect();
            Settings::parse("https://id.example.org", "pli", None, &acr, None).map(|settings| settings.acr)
        };

        assert_eq!(acr(&["eidas1", "urn:a:b"]).map(|acr| acr.len()), Ok(2));
        for wrong in ["", "a b", "a\"b"] {
            assert!(matches!(acr(&[wrong]), Err(SettingsError::Acr(_))), "{wrong:?}");
        }
    }
}
