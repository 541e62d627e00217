//! REL-06 and REL-07, short: some hundred cuts, and readers that are wrong on purpose.

use std::sync::atomic::AtomicU64;

use crate::client::Connection;
use crate::harness::Harness;
use crate::streams::{Planted, run, serve};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel06_a_line_that_is_cut_shows_every_message_once_and_in_order() {
    let tally = run(200, Planted::Nothing, 1, &AtomicU64::new(0)).await;

    assert!(
        tally.trials >= 200 && tally.acknowledged > 0 && tally.is_clean(),
        "{tally}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel06_a_reader_that_does_not_close_gaps_is_caught() {
    let tally = run(60, Planted::IgnoresGaps, 2, &AtomicU64::new(0)).await;

    assert!(tally.lost > 0, "{tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel06_a_reader_that_shows_what_it_knows_already_is_caught() {
    let tally = run(60, Planted::ShowsTwice, 3, &AtomicU64::new(0)).await;

    assert!(tally.doubled > 0, "{tally}");
}

#[tokio::test]
async fn rel06_a_cursor_of_a_month_ago_goes_on_where_it_was() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let cursor = harness.cursor(&friends.luc).await;
    harness
        .send(&friends.anne, friends.conversation, "Il y a un mois")
        .await
        .unwrap();
    harness.clock.advance_ms(30 * 24 * 3_600_000);
    let luc = harness.sign_in(&friends.luc.email).await;
    let (address, _served) = serve(&harness).await;

    let head = format!(
        "authorization: Bearer {}\r\nlast-event-id: {cursor}\r\n",
        luc.token
    );
    let connection = Connection::open(&address.to_string(), &head).await.unwrap();
    let mut events = connection.listen("/api/v1/events").await.unwrap();

    assert!(events.next().await.unwrap().contains("hello"));
    let event = events.next().await.unwrap();
    assert!(
        event.contains("Il y a un mois") && event.contains(&format!("id: {}", cursor + 1)),
        "{event}"
    );
}
