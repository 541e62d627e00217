//! What somebody else's conversation costs to be refused, and what one that is not there costs: the same questions to the store,
//! with as many rows in the answers. So the time does not tell which of the two it was.
//!
//! The time itself is measured (`server/benches/pli/silence.rs`); files: `tests/attachments/rights.rs`.

use app::api::{ApiError, ConversationId, MessageId};
use server::http::operations::Access;

use super::{Administrator, ROWS, ThirdParty, attempt, expected, set, set_others};
use crate::harness::{Harness, unknown_id};

/// AZ-03: for every operation that says `not_found` of a conversation, or of a message, of others.
#[tokio::test]
async fn az_03_not_yours_and_not_there_are_the_same_work() {
    let harness = Harness::new();
    let others = set_others(&harness).await;
    let mut n_compared = 0;
    for state in [ThirdParty, Administrator] {
        let mut scene = set(&harness, &others, state).await;
        let theirs = (scene.conversation, scene.message);
        let nowhere = (ConversationId(unknown_id()), MessageId(unknown_id()));
        let hidden = ROWS.iter().filter(|row| {
            let is_there = row.0.starts_with("conversations.") || row.0 == "attachments.begin_upload";
            is_there && expected(row, Access::SignedIn, state) == "not_found"
        });
        for (name, ..) in hidden {
            let mut asked = Vec::new();
            for (conversation, message) in [theirs, nowhere] {
                (scene.conversation, scene.message) = (conversation, message);
                let before = harness.context.db.asked();
                let outcome = attempt(&harness, &scene, name).await;
                assert_eq!(outcome, Err(ApiError::NotFound), "{name}, {state:?}");
                asked.push(harness.context.db.asked().since(before));
            }
            assert!(asked[0].n_statements > 0, "{name} asks nothing");
            assert_eq!(asked[0], asked[1], "{name}, {state:?}");
            n_compared += 1;
        }
    }
    // Reading and writing both, for both.
    assert!(n_compared >= 2 * 15, "{n_compared} were compared");
}
