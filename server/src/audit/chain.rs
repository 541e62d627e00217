//! The chain: each row's hash covers the row and the hash of the row before it.

use app::api::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A hash of the chain.
pub(super) type Hash = [u8; 32];

/// What stands before the first row.
pub(super) const BEGINNING: Hash = [0; 32];

/// A row as it rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) act: String,
    pub(super) actor: Option<Uuid>,
    pub(super) subject: Option<Uuid>,
    pub(super) hash: Hash,
}

impl Row {
    /// The hash that belongs here, behind `previous`. Every field has a fixed length or says its own.
    pub(super) fn compute_hash(&self, previous: &Hash) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(b"pli:audit:1");
        hasher.update(previous);
        hasher.update(self.number.to_be_bytes());
        hasher.update(self.at.0.to_be_bytes());
        hasher.update((self.act.len() as u64).to_be_bytes());
        hasher.update(self.act.as_bytes());
        for id in [self.actor, self.subject] {
            hasher.update([u8::from(id.is_some())]);
            hasher.update(id.unwrap_or_default().as_bytes());
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_row_is_in_its_hash() {
        let row = Row {
            number: 7,
            at: Timestamp(1_800_000_000_000),
            act: "signed_in".to_owned(),
            actor: Some(Uuid::from_u128(1)),
            subject: None,
            hash: BEGINNING,
        };
        let others = [
            Row {
                number: 8,
                ..row.clone()
            },
            Row {
                at: Timestamp(1_800_000_000_001),
                ..row.clone()
            },
            Row {
                act: "signed_out".to_owned(),
                ..row.clone()
            },
            Row {
                actor: None,
                ..row.clone()
            },
            Row {
                actor: Some(Uuid::from_u128(2)),
                ..row.clone()
            },
            Row {
                subject: Some(Uuid::nil()),
                ..row.clone()
            },
        ];
        let hash = row.compute_hash(&BEGINNING);

        for other in others {
            assert_ne!(other.compute_hash(&BEGINNING), hash, "{other:?}");
        }
        assert_ne!(row.compute_hash(&hash), hash);
    }
}
