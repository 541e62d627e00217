//! A passkey's authenticator, as far as the server can tell it from a real one: it makes keys, signs, counts, and can be made
//! to lie.
//!
//! Source: `WebAuthn` level 3, sections 6.1 (authenticator data) and 6.5 (attestation).

use app::accounts::{PasskeyCeremony, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What the test's service is reached by.
pub(super) const ORIGIN: &str = "https://pli.example.org";
const NAME: &str = "pli.example.org";

/// One key, and what the authenticator tells with it.
#[derive(Clone)]
pub(super) struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    /// What it was told on being made: whose passkey it is.
    owner: Option<String>,
    /// The origin that the browser says it is at.
    pub(super) origin: String,
    /// The name whose hash it signs.
    pub(super) name: String,
    /// Whether a finger, a face or a PIN was there.
    pub(super) is_verified: bool,
    /// How often the key was used.
    pub(super) counter: u32,
}

impl Authenticator {
    /// An honest one; two with the same seed are copies of each other.
    pub(super) fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
            id: vec![seed; 16],
            owner: None,
            origin: ORIGIN.to_owned(),
            name: NAME.to_owned(),
            is_verified: true,
            counter: 0,
        }
    }

    /// Makes a passkey of what the server asks for.
    pub(super) fn make(&mut self, ceremony: &PasskeyCeremony) -> Secret {
        let options: Value = serde_json::from_str(&ceremony.options).unwrap();
        self.owner = Some(text(&options["user"]["id"]));
        let client = self.client_data("webauthn.create", &options);
        let point = self.key.verifying_key().to_sec1_point(false);
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(point.x().unwrap().iter());
        data.extend([0x22, 0x58, 0x20]);
        data.extend(point.y().unwrap().iter());
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(&data);
        self.answer(&json!({
            "clientDataJSON": coded(client.as_bytes()),
            "attestationObject": coded(&object),
        }))
    }

    /// Answers a sign-in.
    pub(super) fn sign(&mut self, ceremony: &PasskeyCeremony) -> Secret {
        let options: Value = serde_json::from_str(&ceremony.options).unwrap();
        self.counter += 1;
        let client = self.client_data("webauthn.get", &options);
        let data = self.data(0);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(client.as_bytes()));
        let signature: Signature = self.key.sign(&signed);
        self.answer(&json!({
            "clientDataJSON": coded(client.as_bytes()),
            "authenticatorData": coded(&data),
            "signature": coded(signature.to_der().as_bytes()),
            "userHandle": self.owner.clone(),
        }))
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({
            "type": kind,
            "challenge": text(&options["challenge"]),
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string()
    }

    /// The hash of the name, what was there, the counter.
    fn data(&self, more: u8) -> Vec<u8> {
        let verified = if self.is_verified { 0x04 } else { 0 };
        let mut data = Sha256::digest(self.name.as_bytes()).to_vec();
        data.push(0x01 | verified | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn answer(&self, response: &Value) -> Secret {
        let id = coded(&self.id);
        let answer =
            json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "extensions": {} });
        Secret(answer.to_string())
    }
}

fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
