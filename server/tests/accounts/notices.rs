//! What the owner of an account is told: new devices, another password, other factors.

use app::accounts::{ChangePassword, GetMe, GetSecurity, ListDevices, NoticeKind, SeeNotices};
use app::api::EventKind;

use super::second_factor::set_up;
use super::{NEW_PASSWORD, in_browser, secret, sign_in, sign_in_from};
use crate::harness::{Account, Harness, PASSWORD, START};

async fn kinds(harness: &Harness, account: &Account) -> Vec<NoticeKind> {
    let security = harness.call(account, GetSecurity {}).await.unwrap();
    security.notices.into_iter().map(|notice| notice.kind).collect()
}

/// AUTH-13.
#[tokio::test]
async fn auth_13_a_new_browser_is_told_on_the_devices_that_are_known() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let cursor = harness.cursor(&anne).await;

    sign_in_from(&harness, in_browser(Some("one")), &anne.email, PASSWORD)
        .await
        .unwrap();
    sign_in_from(&harness, in_browser(Some("one")), &anne.email, PASSWORD)
        .await
        .unwrap();

    assert_eq!(
        kinds(&harness, &anne).await,
        [NoticeKind::NewDevice],
        "once for each browser"
    );
    assert_eq!(harness.call(&anne, GetMe {}).await.unwrap().n_unseen_notices, 1);
    let events = harness.events_after(&anne, cursor).await;
    assert_eq!(events[0].kind, EventKind::ProfileChanged { account: anne.id });
}

#[tokio::test]
async fn auth_13_the_first_sign_in_and_a_known_program_are_no_news() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    sign_in(&harness, &anne.email, PASSWORD).await.unwrap();
    assert!(kinds(&harness, &anne).await.is_empty());

    harness.clock.advance_ms(31 * super::DAY_MS);
    sign_in(&harness, &anne.email, PASSWORD).await.unwrap();
    assert_eq!(
        kinds(&harness, &anne).await,
        [NoticeKind::NewDevice],
        "unheard of for a month"
    );
}

/// AUTH-13: every change of a factor.
#[tokio::test]
async fn auth_13_each_change_of_a_factor_is_told() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    set_up(&harness, &anne).await;
    harness
        .call(&anne, app::accounts::MakeRecoveryCodes {})
        .await
        .unwrap();
    harness.clock.advance_ms(1);
    harness
        .call(&anne, app::accounts::RemoveAuthenticator {})
        .await
        .unwrap();
    harness.clock.advance_ms(1);
    let wish = ChangePassword {
        password: secret(PASSWORD),
        new_password: secret(NEW_PASSWORD),
    };
    harness.call(&anne, wish).await.unwrap();

    assert_eq!(
        kinds(&harness, &anne).await,
        [
            NoticeKind::PasswordChanged,
            NoticeKind::AuthenticatorRemoved,
            NoticeKind::RecoveryCodesMade,
            NoticeKind::AuthenticatorAdded,
        ]
    );
}

#[tokio::test]
async fn what_its_owner_knows_of_is_not_told_again_and_stays_in_the_list() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let luc = harness.account("Luc Gagné").await;
    for person in [&anne, &luc] {
        sign_in_from(&harness, in_browser(None), &person.email, PASSWORD)
            .await
            .unwrap();
    }
    let until = harness.now();
    harness.clock.advance_ms(1);
    sign_in_from(&harness, in_browser(None), &anne.email, PASSWORD)
        .await
        .unwrap();

    harness.call(&anne, SeeNotices { until }).await.unwrap();

    let notices = harness.call(&anne, GetSecurity {}).await.unwrap().notices;
    let seen: Vec<_> = notices.iter().map(|notice| notice.is_seen).collect();
    assert_eq!(seen, [false, true]);
    let of_luc = harness.call(&luc, GetSecurity {}).await.unwrap().notices;
    assert!(!of_luc[0].is_seen, "one's own notices alone");
}

/// AUTH-13: the list shows since when a browser is known, whatever sessions it has had.
#[tokio::test]
async fn auth_13_a_device_shows_when_its_browser_was_first_seen() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    sign_in_from(&harness, in_browser(Some("one")), &anne.email, PASSWORD)
        .await
        .unwrap();
    harness.clock.advance_ms(3 * super::DAY_MS);
    let again = sign_in_from(&harness, in_browser(Some("one")), &anne.email, PASSWORD)
        .await
        .unwrap();

    let devices = harness.call(&anne, ListDevices {}).await.unwrap().devices;

    let shown = devices
        .iter()
        .find(|device| device.id == again.account.device)
        .unwrap();
    assert_eq!((shown.first_seen_at, shown.signed_in_at), (START, harness.now()));
    assert_eq!(shown.name, "Firefox, Linux");
}
