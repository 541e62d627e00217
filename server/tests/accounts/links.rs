//! One-time links: each opens one thing, once, for a while.

use app::accounts::{
    AcceptInvitation, AccountState, GetMe, InvitePerson, LinkPurpose, ListAccounts, OneTimeLink, ReadLink,
    ResetPassword, Secret, SetUp, StartReset, SuspendAccount,
};
use app::api::{ApiError, InvalidReason};
use server::accounts::{create_setup_link, is_open};

use crate::harness::{Account, Harness, PASSWORD};
use crate::{DAY_MS, NEW_PASSWORD, secret, sign_in};

const MINUTE_MS: i64 = 60_000;

/// The key in the fragment of a link's path.
fn key(path: &Secret) -> Secret {
    secret(path.0.split_once("#k=").unwrap().1)
}

fn set_up(key: Secret) -> SetUp {
    SetUp {
        key,
        email: "Camille.Tremblay@Demo.example".to_owned(),
        password: secret(PASSWORD),
        title: "Dre".to_owned(),
        name: "Camille Tremblay".to_owned(),
        profession: "médecin de famille".to_owned(),
        workplace: "CLSC des Rapides".to_owned(),
    }
}

async fn invite(harness: &Harness, admin: &Account) -> OneTimeLink {
    let wish = InvitePerson {
        email: "anne.roy@demo.example".to_owned(),
        name: "Dre Anne Roy".to_owned(),
        profession: "cardiologue".to_owned(),
        workplace: String::new(),
    };
    harness.call(admin, wish).await.unwrap()
}

fn accept(key: Secret) -> AcceptInvitation {
    AcceptInvitation {
        key,
        password: secret(PASSWORD),
        title: "Dre".to_owned(),
        name: "Anne Roy".to_owned(),
        profession: "cardiologue".to_owned(),
        workplace: "Hôpital du Parc".to_owned(),
    }
}

#[tokio::test]
async fn the_setup_link_opens_the_instance_once() {
    let harness = Harness::new();
    let path = create_setup_link(&harness.context).await.unwrap();
    assert!(path.0.starts_with("/installation#k="));
    assert!(!is_open(&harness.context).await.unwrap());

    let signed_in = harness.call_signed_out(set_up(key(&path))).await.unwrap();

    assert!(signed_in.account.is_admin);
    assert_eq!(signed_in.account.email, "camille.tremblay@demo.example");
    assert!(signed_in.token.is_none(), "a browser's session is a cookie");
    assert!(is_open(&harness.context).await.unwrap());
    assert_eq!(
        harness.call_signed_out(set_up(key(&path))).await,
        Err(ApiError::NotOpen)
    );
    assert!(create_setup_link(&harness.context).await.is_err());
    assert!(
        sign_in(&harness, "camille.tremblay@demo.example", PASSWORD)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_setup_link_lives_half_an_hour_and_a_newer_one_ends_it() {
    let harness = Harness::new();
    let old = create_setup_link(&harness.context).await.unwrap();
    let new = create_setup_link(&harness.context).await.unwrap();

    assert_eq!(
        harness.call_signed_out(set_up(key(&old))).await,
        Err(ApiError::LinkExpired)
    );
    assert_eq!(
        harness.call_signed_out(set_up(secret("a guess"))).await,
        Err(ApiError::LinkExpired)
    );
    harness.clock.advance_ms(30 * MINUTE_MS);
    assert_eq!(
        harness.call_signed_out(set_up(key(&new))).await,
        Err(ApiError::LinkExpired)
    );
}

#[tokio::test]
async fn a_refused_field_does_not_use_the_setup_link_up() {
    let harness = Harness::new();
    let key = key(&create_setup_link(&harness.context).await.unwrap());
    let refused = |field, reason| Err(ApiError::invalid(field, reason));

    let short = SetUp {
        password: secret("trop court"),
        ..set_up(key.clone())
    };
    assert_eq!(
        harness.call_signed_out(short).await,
        refused("password", InvalidReason::TooShort)
    );
    let common = SetUp {
        password: secret("camille-tremblay-1"),
        ..set_up(key.clone())
    };
    assert_eq!(
        harness.call_signed_out(common).await,
        refused("password", InvalidReason::TooCommon)
    );
    let odd = SetUp {
        email: "camille".to_owned(),
        ..set_up(key.clone())
    };
    assert_eq!(
        harness.call_signed_out(odd).await,
        refused("email", InvalidReason::Format)
    );

    assert!(harness.call_signed_out(set_up(key)).await.is_ok());
}

#[tokio::test]
async fn an_invitation_lets_one_person_join_once() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let link = invite(&harness, &admin).await;
    let key = key(&link.path);

    let read = harness
        .call_signed_out(ReadLink { key: key.clone() })
        .await
        .unwrap();
    let joined = harness.call_signed_out(accept(key.clone())).await.unwrap();

    assert_eq!(
        (read.purpose, read.name.as_str()),
        (LinkPurpose::Invitation, "Dre Anne Roy")
    );
    assert_eq!(
        (joined.account.id, joined.account.workplace.as_str()),
        (link.account, "Hôpital du Parc")
    );
    assert!(!joined.account.is_admin);
    assert!(sign_in(&harness, "anne.roy@demo.example", PASSWORD).await.is_ok());
    assert_eq!(
        harness.call_signed_out(accept(key.clone())).await,
        Err(ApiError::LinkExpired)
    );
    assert_eq!(
        harness.call_signed_out(ReadLink { key }).await,
        Err(ApiError::LinkExpired)
    );
}

#[tokio::test]
async fn nobody_signs_in_with_an_invitation_that_waits() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    invite(&harness, &admin).await;

    let outcome = sign_in(&harness, "anne.roy@demo.example", "").await.map(|_| ());

    assert_eq!(outcome, Err(ApiError::WrongCredentials));
}

#[tokio::test]
async fn an_invitation_lives_seven_days_and_can_be_renewed() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let old = invite(&harness, &admin).await;
    let new = invite(&harness, &admin).await;
    assert_eq!(new.account, old.account);
    assert_eq!(new.expires_at, harness.now().plus_ms(7 * DAY_MS));

    assert_eq!(
        harness.call_signed_out(accept(key(&old.path))).await,
        Err(ApiError::LinkExpired)
    );
    harness.clock.advance_ms(7 * DAY_MS);
    assert_eq!(
        harness.call_signed_out(accept(key(&new.path))).await,
        Err(ApiError::LinkExpired)
    );
}

/// Assurance AUTH-10.
#[tokio::test]
async fn a_reset_gives_a_new_password_and_signs_every_device_out() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    let link = harness
        .call(
            &admin,
            StartReset {
                account: anne.id,
                with_factors: false,
            },
        )
        .await
        .unwrap();
    let key = key(&link.path);
    assert!(
        harness.call_http(&anne, GetMe {}).await.is_ok(),
        "asking for a link ends nothing"
    );

    let purpose = harness
        .call_signed_out(ReadLink { key: key.clone() })
        .await
        .unwrap()
        .purpose;
    let wish = ResetPassword {
        key: key.clone(),
        password: secret(NEW_PASSWORD),
    };
    harness.call_signed_out(wish.clone()).await.unwrap();

    assert_eq!(purpose, LinkPurpose::Reset);
    assert_eq!(harness.call_http(&anne, GetMe {}).await, Err(ApiError::SignedOut));
    assert!(sign_in(&harness, &anne.email, NEW_PASSWORD).await.is_ok());
    assert!(sign_in(&harness, &anne.email, PASSWORD).await.is_err());
    assert_eq!(harness.call_signed_out(wish).await, Err(ApiError::LinkExpired));
}

#[tokio::test]
async fn a_link_opens_only_what_it_was_made_for() {
    let harness = Harness::new();
    let setup_key = key(&create_setup_link(&harness.context).await.unwrap());
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Côté").await;
    let invitation_key = key(&invite(&harness, &admin).await.path);
    let reset_key = key(&harness
        .call(
            &admin,
            StartReset {
                account: anne.id,
                with_factors: false,
            },
        )
        .await
        .unwrap()
        .path);
    let reset = |key| ResetPassword {
        key,
        password: secret(NEW_PASSWORD),
    };

    for wrong in [setup_key, invitation_key] {
        assert_eq!(
            harness.call_signed_out(reset(wrong)).await,
            Err(ApiError::LinkExpired)
        );
    }
    assert_eq!(
        harness.call_signed_out(accept(reset_key)).await,
        Err(ApiError::LinkExpired)
    );
}

#[tokio::test]
async fn a_suspension_makes_the_reset_link_void() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    let key = key(&harness
        .call(
            &admin,
            StartReset {
                account: anne.id,
                with_factors: false,
            },
        )
        .await
        .unwrap()
        .path);
    harness
        .call(
            &admin,
            SuspendAccount {
                account: anne.id,
                suspended: true,
            },
        )
        .await
        .unwrap();
    harness
        .call(
            &admin,
            SuspendAccount {
                account: anne.id,
                suspended: false,
            },
        )
        .await
        .unwrap();

    let outcome = harness.call_signed_out(ReadLink { key }).await;

    assert_eq!(outcome, Err(ApiError::LinkExpired));
    let rows = harness.call(&admin, ListAccounts {}).await.unwrap().accounts;
    assert!(rows.iter().all(|row| row.state == AccountState::Active));
}

/// Assurance AUTH-09.
#[tokio::test]
async fn no_key_rests_in_clear() {
    let harness = Harness::new();
    let setup = key(&create_setup_link(&harness.context).await.unwrap());
    let admin = harness.admin("Luc Gagné").await;
    let invitation = key(&invite(&harness, &admin).await.path);

    let stored = harness.snapshot();

    assert_eq!(stored.n_rows("one_time_links"), 2);
    assert!(!stored.holds(&setup.0) && !stored.holds(&invitation.0));
}
