//! What a provider says of itself, and what of that is followed.
//!
//! Source: OpenID Connect Discovery 1.0, §3 and §4.3.

use axum::http::Uri;
use serde::Deserialize;

use super::settings::{Settings, is_loopback};

/// A provider's own description, checked.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing of the provider"
)]
pub(super) struct Metadata {
    /// Where people are sent.
    pub(super) authorization: String,
    /// Where a code becomes a token.
    pub(super) token: Uri,
    /// Where its public keys are.
    pub(super) keys: Uri,
    /// Whether the client's secret may stand in the `Authorization` header.
    pub(super) takes_basic: bool,
    /// Whether single claims can be asked for.
    pub(super) takes_claims: bool,
    /// Whether its answers name it.
    pub(super) names_itself: bool,
    /// Whether it says that it knows PKCE with SHA-256; it may know it and not say so.
    pub(super) says_pkce: bool,
    /// The classes of authentication that it says it knows.
    pub(super) acr: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    claims_parameter_supported: bool,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    acr_values_supported: Vec<String>,
}

impl Metadata {
    /// Reads a description; why it cannot be followed, in words for the operator.
    pub(super) fn parse(text: &[u8], settings: &Settings) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(text)
            .map_err(|error| format!("its description cannot be read: {error}"))?;
        if document.issuer != settings.issuer {
            return Err(format!(
                "it calls itself `{}`, not `{}`: both must be the same to the letter",
                document.issuer, settings.issuer
            ));
        }
        let methods = document.token_endpoint_auth_methods_supported;
        Ok(Self {
            authorization: endpoint(&document.authorization_endpoint, settings)
                .map(|_| document.authorization_endpoint)?,
            token: endpoint(&document.token_endpoint, settings)?,
            keys: endpoint(&document.jwks_uri, settings)?,
            // What is not said is this.
            takes_basic: methods
                .is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic")),
            takes_claims: document.claims_parameter_supported,
            names_itself: document.authorization_response_iss_parameter_supported,
            says_pkce: document
                .code_challenge_methods_supported
                .iter()
                .any(|method| method == "S256"),
            acr: document.acr_values_supported,
        })
    }
}

/// An address of the provider's: as well kept on its way as the issuer.
fn endpoint(address: &str, settings: &Settings) -> Result<Uri, String> {
    let wrong = || format!("its address `{address}` cannot be used");
    let uri: Uri = address.parse().map_err(|_| wrong())?;
    let authority = uri.authority().ok_or_else(wrong)?;
    if address.contains('#') || address.contains(['"', '<', '>', ' ']) || authority.as_str().contains('@') {
        return Err(wrong());
    }
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if settings.is_in_clear() && is_loopback(authority.host()) => Ok(uri),
        _ => Err(format!("its address `{address}` is not encrypted")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(issuer: &str, change: impl Fn(&mut Value)) -> Result<Metadata, String> {
        let settings = Settings::parse(issuer, "pli", None, &[], None).unwrap();
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
        });
        change(&mut document);
        Metadata::parse(document.to_string().as_bytes(), &settings)
    }

    #[test]
    fn auth_08_a_description_is_of_the_issuer_that_was_named() {
        let issuer = "https://id.example.org";

        assert!(parse(issuer, |_| {}).is_ok_and(|known| known.takes_basic && !known.names_itself));
        for other in [
            "https://id.example.org/",
            "https://ID.example.org",
            "https://evil.example",
        ] {
            assert!(
                parse(issuer, |document| document["issuer"] = json!(other)).is_err(),
                "{other}"
            );
        }
        assert!(parse(issuer, |document| document["issuer"] = Value::Null).is_err());
    }

    #[test]
    fn auth_08_no_address_of_an_encrypted_provider_is_in_clear() {
        for field in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            for address in [
                "http://id.example.org/x",
                "http://127.0.0.1/x",
                "ftp://id.example.org",
                "/x",
                "https://a@id.example.org/x",
                "https://id.example.org/x#y",
                "https://id.example.org/\"x",
            ] {
                let changed = parse("https://id.example.org", |document| {
                    document[field] = json!(address);
                });
                assert!(changed.is_err(), "{field}: {address}");
            }
        }
        assert!(parse("http://127.0.0.1:3000", |_| {}).is_ok());
        let away = |document: &mut Value| document["token_endpoint"] = json!("http://id.example.org/token");
        assert!(parse("http://127.0.0.1:3000", away).is_err());
    }
}
