//! The provider's public keys: which of them could have signed a token.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde::Deserialize;

/// The most keys that are tried on one token.
const N_TRIED: usize = 8;

/// A provider's public keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(Vec<Jwk>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl Keys {
    /// Reads a set; a key of a kind that nobody here knows is none.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let set: Set =
            serde_json::from_slice(text).map_err(|error| format!("its keys cannot be read: {error}"))?;
        let known = set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self(known.collect()))
    }

    /// The keys that could have signed with this algorithm under this name, if the token gives one.
    pub(super) fn fitting<'k>(&'k self, algorithm: Algorithm, name: Option<&str>) -> Vec<&'k Jwk> {
        let is_named = |key: &&Jwk| name.is_none_or(|name| key.common.key_id.as_deref() == Some(name));
        let fits = |key: &&Jwk| can_sign(key, algorithm);
        self.0
            .iter()
            .filter(is_named)
            .filter(fits)
            .take(N_TRIED)
            .collect()
    }

    /// Whether any key could sign a token that is believed.
    pub(super) fn can_sign(&self) -> bool {
        super::id_token::ALGORITHMS
            .iter()
            .any(|algorithm| !self.fitting(*algorithm, None).is_empty())
    }
}

/// Whether a key is public, for signatures, and of the algorithm's kind. A secret is none, whatever it calls itself.
fn can_sign(key: &Jwk, algorithm: Algorithm) -> bool {
    let is_of_kind = match (&key.algorithm, algorithm.family()) {
        (AlgorithmParameters::RSA(_), AlgorithmFamily::Rsa) => true,
        (AlgorithmParameters::EllipticCurve(curve), AlgorithmFamily::Ec) => match algorithm {
            Algorithm::ES256 => curve.curve == EllipticCurve::P256,
            Algorithm::ES384 => curve.curve == EllipticCurve::P384,
            _ => false,
        },
        (AlgorithmParameters::OctetKeyPair(pair), AlgorithmFamily::Ed) => {
            pair.curve == EllipticCurve::Ed25519
        }
        _ => false,
    };
    let is_for_signatures = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let is_for_algorithm = key
        .common
        .key_algorithm
        .is_none_or(|named| Algorithm::try_from(named).is_ok_and(|named| named == algorithm));
    is_of_kind && is_for_signatures && is_for_algorithm
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys() -> Keys {
        let set = json!({ "keys": [
            { "kty": "RSA", "kid": "a", "use": "sig", "n": "AQAB", "e": "AQAB" },
            { "kty": "RSA", "kid": "b", "use": "enc", "n": "AQAB", "e": "AQAB" },
            { "kty": "EC", "kid": "c", "crv": "P-256", "x": "AA", "y": "AA" },
            { "kty": "EC", "kid": "d", "crv": "P-384", "alg": "ES384", "x": "AA", "y": "AA" },
            { "kty": "OKP", "kid": "e", "crv": "Ed25519", "x": "AA" },
            { "kty": "oct", "kid": "f", "k": "AAAA" },
            { "kty": "RSA", "kid": "g", "alg": "PS256", "n": "AQAB", "e": "AQAB" },
            { "kty": "of tomorrow", "kid": "h" },
            { "kty": "RSA", "kid": "i" },
        ] });
        Keys::parse(set.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn auth_08_a_key_signs_with_what_it_is_for() {
        let keys = keys();
        let names = |algorithm| -> Vec<String> {
            let fitting = keys.fitting(algorithm, None);
            fitting
                .iter()
                .map(|key| key.common.key_id.clone().unwrap())
                .collect()
        };

        assert_eq!(names(Algorithm::RS256), ["a"]);
        assert_eq!(names(Algorithm::PS256), ["a", "g"]);
        assert_eq!(names(Algorithm::ES256), ["c"]);
        assert_eq!(names(Algorithm::ES384), ["d"]);
        assert_eq!(names(Algorithm::EdDSA), ["e"]);
        assert_eq!(
            names(Algorithm::HS256),
            Vec::<String>::new(),
            "no secret is a public key"
        );
    }

    #[test]
    fn auth_08_a_name_leads_to_its_key_alone() {
        let keys = keys();
        let n_fitting = |name| keys.fitting(Algorithm::RS256, Some(name)).len();

        assert_eq!(
            [n_fitting("a"), n_fitting("b"), n_fitting("c"), n_fitting("z")],
            [1, 0, 0, 0]
        );
        assert!(keys.can_sign());
        assert!(!Keys::default().can_sign());
        assert!(Keys::parse(b"{}").is_err());
    }
}
