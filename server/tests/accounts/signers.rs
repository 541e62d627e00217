//! What a provider signs with, and what it should not: written apart from the library that checks it.
//!
//! Source: RFC 7515, RFC 7518.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::Signer as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// One way to sign.
#[derive(Clone)]
pub(super) enum Signer {
    /// P-256; two with the same seed are the same key.
    Ec(p256::ecdsa::SigningKey),
    /// RSA of 2,048 bits, by PKCS#1 1.5 or PSS.
    Rsa(Arc<RsaKeyPair>, &'static str),
    Ed(ed25519_dalek::SigningKey),
    /// A secret that both sides know, or that is none.
    Shared(Vec<u8>),
    /// Not at all.
    Nobody,
}

impl Signer {
    pub(super) fn ec(seed: u8) -> Self {
        Self::Ec(p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    pub(super) fn ed(seed: u8) -> Self {
        Self::Ed(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]))
    }

    pub(super) fn rsa(algorithm: &'static str) -> Self {
        Self::Rsa(
            Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
            algorithm,
        )
    }

    /// As a token's head names it.
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Ec(_) => "ES256",
            Self::Rsa(_, algorithm) => algorithm,
            Self::Ed(_) => "EdDSA",
            Self::Shared(_) => "HS256",
            Self::Nobody => "none",
        }
    }

    /// The public half, as a set of keys has it.
    pub(super) fn public(&self, name: &str) -> Value {
        let mut key = match self {
            Self::Ec(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = (point.x().unwrap(), point.y().unwrap());
                json!({ "kty": "EC", "crv": "P-256", "x": coded(x), "y": coded(y) })
            }
            Self::Rsa(key, _) => {
                let public = key.public_key();
                let n = public.modulus().big_endian_without_leading_zero();
                let e = public.exponent().big_endian_without_leading_zero();
                json!({ "kty": "RSA", "n": coded(n), "e": coded(e) })
            }
            Self::Ed(key) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": coded(key.verifying_key().as_bytes()) })
            }
            Self::Shared(secret) => json!({ "kty": "oct", "k": coded(secret) }),
            Self::Nobody => json!({ "kty": "none" }),
        };
        key["use"] = json!("sig");
        key["alg"] = json!(self.algorithm());
        key["kid"] = json!(name);
        key
    }

    /// The public half in each form in which somebody could take it for a secret.
    pub(super) fn public_forms(&self, name: &str) -> Vec<Vec<u8>> {
        let Self::Rsa(key, _) = self else {
            panic!("of RSA alone")
        };
        let public = key.public_key();
        let pkcs1 = public.as_ref().to_vec();
        let spki: PublicKeyX509Der<'_> = public.as_der().unwrap();
        let spki = spki.as_ref().to_vec();
        let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
        let pem = |label: &str, der: &[u8]| {
            let text = STANDARD.encode(der);
            let lines: Vec<&str> = text
                .as_bytes()
                .chunks(64)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            let lines = lines.join("\n");
            format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n").into_bytes()
        };
        let coded_modulus = coded(&modulus).into_bytes();
        let jwk = self.public(name).to_string().into_bytes();
        let pems = [pem("PUBLIC KEY", &spki), pem("RSA PUBLIC KEY", &pkcs1)];
        [vec![pkcs1, spki, modulus, coded_modulus, jwk], pems.to_vec()].concat()
    }

    /// A whole token.
    pub(super) fn token(&self, header: &Value, claims: &Value) -> String {
        let message = format!(
            "{}.{}",
            coded(header.to_string().as_bytes()),
            coded(claims.to_string().as_bytes())
        );
        let signature = self.sign(message.as_bytes());
        format!("{message}.{}", coded(&signature))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ec(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(key, message);
                signature.to_bytes().to_vec()
            }
            Self::Rsa(key, algorithm) => {
                let padding: &'static dyn aws_lc_rs::signature::RsaEncoding = match *algorithm {
                    "PS256" => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(padding, &SystemRandom::new(), message, &mut signature)
                    .unwrap();
                signature
            }
            Self::Ed(key) => key.sign(message).to_bytes().to_vec(),
            Self::Shared(secret) => {
                let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
                mac.update(message);
                mac.finalize().into_bytes().to_vec()
            }
            Self::Nobody => Vec::new(),
        }
    }
}

fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
