//! Friendship: requests, acceptance, closing, blocking, and who is told of it.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod asking;
mod blocking;
mod bulk;
mod closing;
mod requests;
mod waiting;

use app::contacts::GetProfile;
use app::friendships::{Relation, SendFriendRequest, Standing};
use harness::{Account, Harness};

async fn ask(harness: &Harness, one: &Account, other: &Account) -> Relation {
    harness
        .call(
            one,
            SendFriendRequest {
                account: other.id,
                note: None,
            },
        )
        .await
        .unwrap()
}

async fn standing(harness: &Harness, viewer: &Account, other: &Account) -> Standing {
    harness
        .call(viewer, GetProfile { account: other.id })
        .await
        .unwrap()
        .person
        .relation
        .relation
}
