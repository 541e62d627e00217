//! Idleness: a device that nobody touches locks, then ends its session; the server counts.
//!
//! AUTH-11. What lives by itself, streams and background calls, leaves a device as idle as it is.

use app::accounts::{
    ClientKind, GetMe, ListDevices, LockDevice, NoteActivity, OpenVault, RemoveAuthenticator, RevokeDevice,
    SaveDevice, SignIn, StartAuthenticator,
};
use app::api::{AcknowledgeEvents, ApiError, ListEvents, VaultId};
use app::notifications::GetBadges;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use server::context::{Door, SessionChange, SessionSlot, Visitor};
use server::http::operations::Asker;
use uuid::Uuid;

use super::second_factor::set_up;
use super::{in_browser, secret, sign_in_from};
use crate::harness::{Account, Harness, PASSWORD};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A session of the person in a browser.
async fn browse(harness: &Harness, account: &Account, key: &str) -> Account {
    let asker = in_browser(Some(key));
    let signed_in = sign_in_from(harness, asker.clone(), &account.email, PASSWORD)
        .await
        .unwrap();
    let Asker::Visitor(visitor) = asker else {
        unreachable!("a browser is a visitor here")
    };
    let Some(SessionChange::Opened { token, .. }) = visitor.session.take() else {
        panic!("a session is opened")
    };
    let mut here = account.clone();
    here.token = token.0;
    here.device = signed_in.account.device;
    here.caller.device = here.device;
    here
}

async fn share(harness: &Harness, account: &Account, is_shared: bool) -> Result<(), ApiError> {
    harness
        .call_http(account, SaveDevice { is_shared })
        .await
        .map(|_| ())
}

async fn is_in(harness: &Harness, account: &Account) -> bool {
    match harness.call_http(account, GetMe {}).await {
        Ok(_) => true,
        Err(ApiError::SignedOut) => false,
        Err(other) => panic!("{other:?}"),
    }
}

async fn open_home(harness: &Harness, account: &Account) -> StatusCode {
    let request = Request::get("/accueil")
        .header(header::COOKIE, format!("pli={}", account.token))
        .body(Body::empty())
        .unwrap();
    harness.http(request).await.0
}

#[tokio::test]
async fn auth_11_a_personal_browser_locks_after_an_hour_and_a_program_never() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let here = browse(&harness, &anne, "one").await;

    harness.clock.advance_ms(HOUR_MS - 1);
    assert!(is_in(&harness, &here).await);
    harness.clock.advance_ms(1);

    assert!(!is_in(&harness, &here).await);
    harness.clock.advance_ms(400 * 24 * HOUR_MS);
    assert!(is_in(&harness, &anne).await, "nobody sits before a program");
}

/// AUTH-11: a browser that is shared is so for whoever signs in there next.
#[tokio::test]
async fn auth_11_a_shared_tablet_is_shared_for_everybody() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    let of_anne = browse(&harness, &anne, "tablet").await;
    share(&harness, &of_anne, true).await.unwrap();
    let of_luc = browse(&harness, &luc, "tablet").await;
    let elsewhere = browse(&harness, &luc, "desktop").await;

    let me = harness.call_http(&of_luc, GetMe {}).await.unwrap();
    harness.clock.advance_ms(2 * MINUTE_MS);

    assert!(me.is_shared_device);
    assert!(!is_in(&harness, &of_anne).await && !is_in(&harness, &of_luc).await);
    assert!(is_in(&harness, &elsewhere).await);
}

/// AUTH-11: what a page does by itself does not keep a session alive; a person does.
#[tokio::test]
async fn auth_11_only_a_person_counts() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let here = browse(&harness, &anne, "one").await;
    share(&harness, &here, true).await.unwrap();
    for _ in 0..5 {
        harness.clock.advance_ms(20_000);
        let cursor = harness
            .call_http(&here, ListEvents::default())
            .await
            .unwrap()
            .cursor;
        harness
            .call_http(&here, AcknowledgeEvents { cursor })
            .await
            .unwrap();
        harness.call_http(&here, GetBadges {}).await.unwrap();
        let vault = VaultId(Uuid::from_u128(1));
        harness.call_http(&here, OpenVault { vault }).await.unwrap();
        harness.call_http(&here, ListDevices {}).await.unwrap();
    }
    harness.clock.advance_ms(20_000);
    assert!(
        !is_in(&harness, &here).await,
        "two minutes of a page that lives by itself"
    );

    let there = browse(&harness, &anne, "one").await;
    for _ in 0..20 {
        harness.clock.advance_ms(100_000);
        harness.call_http(&there, NoteActivity {}).await.unwrap();
    }
    assert!(
        is_in(&harness, &there).await,
        "half an hour of somebody who is there"
    );
    harness.clock.advance_ms(100_000);
    assert_eq!(open_home(&harness, &there).await, StatusCode::OK);
    harness.clock.advance_ms(100_000);
    assert!(is_in(&harness, &there).await, "opening a page is an act");
}

/// AUTH-11: twelve hours at a shared tablet end, whatever was done meanwhile.
#[tokio::test]
async fn auth_11_a_shared_session_ends_after_twelve_hours_of_work() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let here = browse(&harness, &anne, "tablet").await;
    share(&harness, &here, true).await.unwrap();
    for _ in 0..12 * 60 - 1 {
        harness.clock.advance_ms(MINUTE_MS);
        harness.call_http(&here, NoteActivity {}).await.unwrap();
    }
    assert!(is_in(&harness, &here).await);

    harness.clock.advance_ms(MINUTE_MS);

    assert!(!is_in(&harness, &here).await);
    harness.let_others_run(&anne).await;
    harness.context.db.write(|_| Ok(())).await.unwrap();
    harness.clock.advance_ms(-HOUR_MS);
    assert!(!is_in(&harness, &here).await, "no clock brings it back");
}

/// AUTH-11: the page locks at once where its person says so, or has left.
#[tokio::test]
async fn auth_11_locking_is_at_once_and_ends_the_stream() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let here = browse(&harness, &anne, "one").await;

    harness.call_http(&here, LockDevice {}).await.unwrap();

    assert!(!is_in(&harness, &here).await);
    let is_signed_in = server::accounts::is_signed_in(&harness.context, here.device).await;
    assert!(!is_signed_in.unwrap());
    assert_eq!(open_home(&harness, &here).await, StatusCode::SEE_OTHER);
    assert!(is_in(&harness, &anne).await, "this device alone");
}

/// C9: whoever comes back in the same browser goes on with the same vault, and the old session is no second device.
#[tokio::test]
async fn auth_11_signing_in_again_opens_the_same_vault() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let here = browse(&harness, &anne, "one").await;
    let vault = VaultId(Uuid::from_u128(1));
    let before = harness.call_http(&here, OpenVault { vault }).await.unwrap();
    harness.clock.advance_ms(30 * HOUR_MS);
    assert!(!is_in(&harness, &here).await, "its session has run out");

    let again = browse(&harness, &anne, "one").await;

    let after = harness.call_http(&again, OpenVault { vault }).await.unwrap();
    assert_eq!(after.secret, before.secret);
    let devices = harness.call_http(&again, ListDevices {}).await.unwrap().devices;
    assert!(devices.iter().all(|device| device.id != here.device));
}

/// AUTH-11: a lock asks for the password; the second step was taken when the session began. A session that is over asks for
/// both, and so does the lock of somebody else, or one that was ended from afar.
#[tokio::test]
async fn auth_11_a_lock_asks_for_the_password_alone() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let luc = harness.account("Luc Gagné").await;
    let of_anne = [
        browse(&harness, &anne, "one").await.device,
        browse(&harness, &anne, "another").await.device,
    ];
    let of_luc = browse(&harness, &luc, "one").await.device;
    set_up(&harness, &anne).await;
    harness.clock.advance_ms(HOUR_MS);
    let enter = async |locked| {
        let asker = Asker::Visitor(Visitor {
            device_name: "Safari, iPad".to_owned(),
            language: app::accounts::Language::French,
            session: SessionSlot::at(Door {
                locked,
                ..Door::default()
            }),
        });
        let wish = SignIn {
            email: anne.email.clone(),
            password: secret(PASSWORD),
            client: ClientKind::Browser,
        };
        harness.call_as(asker, wish).await
    };

    let unlocked = enter(Some((anne.id, of_anne[0]))).await.unwrap();
    let mut here = anne.clone();
    here.caller.device = unlocked.account.device;
    let removed = harness.call(&here, RemoveAuthenticator {}).await.map(|_| ());
    assert_eq!(
        removed,
        Err(ApiError::ConfirmIdentity),
        "it proves too little to change a factor"
    );
    let revoke = RevokeDevice { device: of_anne[1] };
    harness.call(&anne, revoke).await.unwrap();
    for not_locked in [
        None,
        Some((luc.id, of_luc)),
        Some((anne.id, of_anne[1])),
        Some((anne.id, anne.device)),
    ] {
        let entered = enter(not_locked).await.map(|_| ());
        assert!(
            matches!(entered, Err(ApiError::SecondFactor { .. })),
            "{not_locked:?}"
        );
    }
}

/// AUTH-13: a thief of a shared tablet does not make it a personal one.
#[tokio::test]
async fn auth_13_a_shared_tablet_becomes_personal_only_with_a_proof() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let here = browse(&harness, &anne, "tablet").await;
    share(&harness, &here, true).await.unwrap();
    for _ in 0..4 {
        harness.clock.advance_ms(100_000);
        harness.call_http(&here, NoteActivity {}).await.unwrap();
    }

    assert_eq!(
        share(&harness, &here, false).await,
        Err(ApiError::ConfirmIdentity)
    );
    let start = harness.call_http(&here, StartAuthenticator {}).await.map(|_| ());
    assert_eq!(start, Err(ApiError::ConfirmIdentity));
}
