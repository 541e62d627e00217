//! Devices: each a session, seen and revoked one by one.

use app::accounts::{GetMe, ListDevices, RevokeDevice, SignOut};
use app::api::{ApiError, EventKind};
use server::accounts::is_signed_in;
use server::live::Signal;

use crate::harness::{Harness, START, unknown_id};

#[tokio::test]
async fn the_list_shows_each_device_last_seen_first() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    harness.clock.advance_ms(60_000);
    let elsewhere = harness.sign_in(&anne.email).await;

    let devices = harness.call(&anne, ListDevices {}).await.unwrap().devices;

    let ids: Vec<_> = devices.iter().map(|device| device.id).collect();
    assert_eq!(ids, [elsewhere.device, anne.device]);
    assert_eq!((devices[1].is_current, devices[0].is_current), (true, false));
    assert_eq!(devices[1].signed_in_at, START);
    assert_eq!(devices[0].name, "Chrome, Windows");
}

/// Assurance AUTH-10.
#[tokio::test]
async fn a_revoked_device_is_refused_from_its_next_request_on() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let lost = harness.sign_in(&anne.email).await;
    let cursor = harness.cursor(&anne).await;
    let mut stream = harness.context.live.listen(anne.id);

    harness
        .call(&anne, RevokeDevice { device: lost.device })
        .await
        .unwrap();

    assert_eq!(harness.call_http(&lost, GetMe {}).await, Err(ApiError::SignedOut));
    assert!(harness.call_http(&anne, GetMe {}).await.is_ok());
    assert!(
        matches!(stream.try_recv(), Ok(Signal::Bell)),
        "its stream wakes up"
    );
    assert!(!is_signed_in(&harness.context, lost.device).await.unwrap());
    let events = harness.events_after(&anne, cursor).await;
    assert_eq!(events[0].kind, EventKind::DeviceRevoked { device: lost.device });
    assert_eq!(
        harness.call(&anne, ListDevices {}).await.unwrap().devices.len(),
        1
    );
}

#[tokio::test]
async fn revoking_twice_is_revoking_once() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let lost = harness.sign_in(&anne.email).await;
    harness
        .call(&anne, RevokeDevice { device: lost.device })
        .await
        .unwrap();
    let cursor = harness.cursor(&anne).await;

    harness
        .call(&anne, RevokeDevice { device: lost.device })
        .await
        .unwrap();

    assert!(harness.events_after(&anne, cursor).await.is_empty());
}

#[tokio::test]
async fn nobody_revokes_another_persons_device() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let luc = harness.account("Luc Gagné").await;

    let foreign = harness.call(&luc, RevokeDevice { device: anne.device }).await;
    let unknown = harness
        .call(
            &luc,
            RevokeDevice {
                device: app::api::DeviceId(unknown_id()),
            },
        )
        .await;

    assert_eq!(foreign, Err(ApiError::NotFound));
    assert_eq!(unknown, foreign);
    assert!(harness.call_http(&anne, GetMe {}).await.is_ok());
}

#[tokio::test]
async fn revoking_ones_own_device_is_signing_out() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    harness
        .call_http(&anne, RevokeDevice { device: anne.device })
        .await
        .unwrap();

    assert_eq!(
        harness.call_http(&anne, SignOut {}).await.map(|_| ()),
        Err(ApiError::SignedOut)
    );
}

#[tokio::test]
async fn a_device_is_noted_as_seen_once_a_minute() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let seen_at = async || {
        // The note is made behind the answer's back: what the writer does next comes after it.
        harness.let_others_run(&anne).await;
        harness.context.db.write(|_| Ok(())).await.unwrap();
        harness.call(&anne, ListDevices {}).await.unwrap().devices[0].seen_at
    };

    harness.clock.advance_ms(59_999);
    harness.call_http(&anne, GetMe {}).await.unwrap();
    assert_eq!(seen_at().await, START);

    harness.clock.advance_ms(1);
    harness.call_http(&anne, GetMe {}).await.unwrap();
    assert_eq!(seen_at().await, START.plus_ms(60_000));
}
