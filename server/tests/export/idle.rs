//! A device that locks itself while its export is under way, and one whose session is over by then.

use app::accounts::{ClientKind, SaveDevice, Secret, SignIn};
use app::api::ApiError;
use app::conversations::ExportFormat;
use futures::StreamExt;
use server::context::{Door, SessionSlot, Visitor};
use server::error::Error;
use server::http::operations::Asker;

use super::begin;
use super::pieces::heavy;
use crate::harness::{Account, Harness, PASSWORD};

const MINUTE_MS: i64 = 60_000;

/// The person at a tablet that others use too.
async fn at_shared_tablet(harness: &Harness, account: &Account) -> Account {
    let device_name = "Safari, iPad".to_owned();
    let visitor = Visitor {
        device_name: device_name.clone(),
        language: account.caller.language,
        session: SessionSlot::at(Door {
            browser: Some(Secret("tablet".to_owned())),
            device_name,
            ..Door::default()
        }),
    };
    let wish = SignIn {
        email: account.email.clone(),
        password: Secret(PASSWORD.to_owned()),
        client: ClientKind::Browser,
    };
    let signed_in = harness.call_as(Asker::Visitor(visitor), wish).await.unwrap();
    let mut here = account.clone();
    here.device = signed_in.account.device;
    here.caller.device = here.device;
    harness.call(&here, SaveDevice { is_shared: true }).await.unwrap();
    here
}

/// Assurance AUTH-11: two minutes lock a shared tablet, fifteen end its session.
#[tokio::test]
async fn exp_01_auth_11_an_export_goes_on_at_a_locked_tablet_and_ends_with_its_session() {
    let harness = Harness::new();
    let (friends, _) = heavy(&harness, 4).await;
    let tablet = at_shared_tablet(&harness, &friends.luc).await;
    let export = begin(&harness, &tablet, friends.conversation, ExportFormat::Json).await;
    let mut pieces = export.unwrap().pieces;
    pieces.next().await.unwrap().unwrap();

    harness.clock.advance_ms(3 * MINUTE_MS);
    // Many more than may have been made before.
    for _ in 0..16 {
        let piece = pieces.next().await.unwrap();
        assert!(piece.is_ok(), "{:?}", piece.err());
    }
    harness.clock.advance_ms(12 * MINUTE_MS);
    let mut last = None;
    while let Some(piece) = pieces.next().await {
        last = piece.err();
    }

    assert!(
        matches!(last, Some(Error::Refused(ApiError::SignedOut))),
        "{last:?}"
    );
}
