//! Blocking: to the blocked it looks like silence.

use app::api::ApiError;
use app::contacts::{GetProfile, PeoplePage, SearchPeople};
use app::conversations::{Channel, GetConversation};
use app::friendships::{
    BlockAccount, CancelFriendRequest, CloseChannel, IgnoreFriendRequest, SendFriendRequest, Standing,
    UnblockAccount,
};

use super::ask;
use crate::harness::{Friends, Harness};

#[tokio::test]
async fn az07_a_block_looks_like_silence() {
    let harness = Harness::new();
    let robert = harness.account("Robert Lemire").await;
    let (blocker, ignorer) = (
        harness.account("Anne Roy").await,
        harness.account("Anne Roy").await,
    );
    harness
        .call(&blocker, BlockAccount { account: robert.id })
        .await
        .unwrap();

    let mut seen = Vec::new();
    for silent in [&blocker, &ignorer] {
        let cursor = harness.cursor(&robert).await;
        let asked = ask(&harness, &robert, silent).await;
        if silent.id == ignorer.id {
            harness
                .call(&ignorer, IgnoreFriendRequest { account: robert.id })
                .await
                .unwrap();
        }
        let profile = harness
            .call(&robert, GetProfile { account: silent.id })
            .await
            .unwrap();
        let again = ask(&harness, &robert, silent).await;
        let n_told = harness.events_after(&robert, cursor).await.len();
        let closing = harness.call(&robert, CloseChannel { account: silent.id }).await;
        let cancelled = harness
            .call(&robert, CancelFriendRequest { account: silent.id })
            .await
            .unwrap();
        seen.push((
            asked,
            profile.person.relation,
            profile.phone,
            again,
            n_told,
            closing,
            cancelled,
        ));
    }

    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].0.relation, Standing::RequestSent);
    assert_eq!(
        harness.events_after(&blocker, 0).await.len(),
        1,
        "the block itself, nothing of the request"
    );
}

#[tokio::test]
async fn a_block_closes_the_channel_like_any_closing() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;

    let mine = harness
        .call(&luc, BlockAccount { account: anne.id })
        .await
        .unwrap();

    assert_eq!(
        (mine.relation, mine.closed_by_me),
        (Standing::Blocked, Some(true))
    );
    let theirs = harness
        .call(&anne, GetConversation { conversation })
        .await
        .unwrap()
        .conversation;
    assert_eq!(
        theirs.channel,
        Channel::Closed {
            since: harness.now(),
            by_me: false
        }
    );
    assert_eq!(theirs.friend.relation.relation, Standing::Closed);
    assert_eq!(
        harness.send(&anne, conversation, "?").await,
        Err(ApiError::ChannelClosed)
    );
    assert_eq!(
        harness.send(&luc, conversation, "?").await,
        Err(ApiError::Blocked)
    );
}

#[tokio::test]
async fn whoever_blocks_must_unblock_before_asking() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    harness
        .call(&luc, BlockAccount { account: anne.id })
        .await
        .unwrap();

    let wish = SendFriendRequest {
        account: anne.id,
        note: None,
    };
    assert_eq!(harness.call(&luc, wish.clone()).await, Err(ApiError::Blocked));
    let unblocked = harness
        .call(&luc, UnblockAccount { account: anne.id })
        .await
        .unwrap();

    assert_eq!(unblocked.relation, Standing::Closed);
    assert_eq!(
        harness.call(&luc, wish).await.unwrap().relation,
        Standing::RequestSent
    );
}

#[tokio::test]
async fn a_blocked_person_stays_in_the_directory() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    harness
        .call(&luc, BlockAccount { account: anne.id })
        .await
        .unwrap();

    let relations = |page: PeoplePage| {
        page.people
            .into_iter()
            .map(|person| (person.id, person.relation.relation))
            .collect::<Vec<_>>()
    };
    let seen_by_luc = relations(harness.call(&luc, SearchPeople::default()).await.unwrap());
    let seen_by_anne = relations(harness.call(&anne, SearchPeople::default()).await.unwrap());

    assert_eq!(
        seen_by_luc,
        [(luc.id, Standing::Myself), (anne.id, Standing::Blocked)]
    );
    assert_eq!(
        seen_by_anne,
        [(luc.id, Standing::None), (anne.id, Standing::Myself)]
    );
}
