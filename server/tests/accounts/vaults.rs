//! What opens the words that a browser keeps: for this account alone, as long as its device is signed in.
//!
//! Source: assurance lines WEB-08 and WEB-09.

use app::accounts::{ChangePassword, OpenVault, RevokeDevice, Secret, SignOut, SuspendAccount};
use app::api::VaultId;
use uuid::Uuid;

use super::{NEW_PASSWORD, secret};
use crate::harness::{Account, Harness, PASSWORD};

const VAULT: VaultId = VaultId(Uuid::from_u128(0x0198_0000_0000_4000_8000_0000_0000_0001));

async fn open(harness: &Harness, account: &Account, vault: VaultId) -> Secret {
    harness.call(account, OpenVault { vault }).await.unwrap().secret
}

#[tokio::test]
async fn a_vault_opens_with_the_same_secret_each_time() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    let first = open(&harness, &anne, VAULT).await;
    let again = open(&harness, &anne, VAULT).await;
    harness.clock.advance_ms(3_600_000);
    let later = open(&harness, &anne, VAULT).await;

    assert_eq!((&again, &later), (&first, &first));
    assert_eq!(first.0.len(), 43, "256 bits");
}

#[tokio::test]
async fn two_people_at_one_tablet_open_two_vaults_though_the_id_is_one() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let luc = harness.account("Luc Gagné").await;

    let of_anne = open(&harness, &anne, VAULT).await;
    let of_luc = open(&harness, &luc, VAULT).await;

    assert_ne!(of_anne, of_luc);
    assert_eq!(open(&harness, &anne, VAULT).await, of_anne);
}

#[tokio::test]
async fn whoever_signs_in_anew_in_the_same_browser_opens_the_same_vault() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let first = open(&harness, &anne, VAULT).await;

    // The cookie ran out: nobody has signed out.
    let again = harness.sign_in(&anne.email).await;
    let opened = open(&harness, &again, VAULT).await;
    harness
        .call(&again, RevokeDevice { device: anne.device })
        .await
        .unwrap();

    assert_eq!(opened, first);
    assert_eq!(
        open(&harness, &again, VAULT).await,
        first,
        "it goes with the device that opened it last"
    );
}

/// WEB-08: signing out destroys.
#[tokio::test]
async fn signing_out_destroys_what_opens_the_vault() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let first = open(&harness, &anne, VAULT).await;

    harness.call(&anne, SignOut {}).await.unwrap();

    assert_eq!(harness.snapshot().n_rows("vaults"), 0);
    let again = harness.sign_in(&anne.email).await;
    assert_ne!(open(&harness, &again, VAULT).await, first);
}

/// WEB-09: a lost tablet that is offline cannot be told, but what it keeps is lost to whoever holds it.
#[tokio::test]
async fn signing_a_device_out_from_afar_destroys_its_vault_and_no_other() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let lost = harness.sign_in(&anne.email).await;
    let other = VaultId(Uuid::from_u128(2));
    let first = open(&harness, &lost, VAULT).await;
    let kept = open(&harness, &anne, other).await;

    harness
        .call(&anne, RevokeDevice { device: lost.device })
        .await
        .unwrap();

    assert_eq!(harness.snapshot().n_rows("vaults"), 1);
    assert_ne!(open(&harness, &anne, VAULT).await, first);
    assert_eq!(open(&harness, &anne, other).await, kept);
}

#[tokio::test]
async fn a_new_password_destroys_the_vaults_of_the_other_devices() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let lost = harness.sign_in(&anne.email).await;
    let luc = harness.account("Luc Gagné").await;
    let own = VaultId(Uuid::from_u128(2));
    let first = open(&harness, &lost, VAULT).await;
    let kept = open(&harness, &anne, own).await;
    let of_luc = open(&harness, &luc, VAULT).await;

    let wish = ChangePassword {
        password: secret(PASSWORD),
        new_password: secret(NEW_PASSWORD),
    };
    harness.call(&anne, wish).await.unwrap();

    assert_eq!(open(&harness, &anne, own).await, kept);
    assert_eq!(open(&harness, &luc, VAULT).await, of_luc);
    assert_ne!(open(&harness, &anne, VAULT).await, first);
}

#[tokio::test]
async fn a_suspended_account_has_no_vault_left() {
    let harness = Harness::new();
    let admin = harness.admin("Nadia Belkacem").await;
    let anne = harness.account("Anne Roy").await;
    open(&harness, &anne, VAULT).await;

    let suspend = SuspendAccount {
        account: anne.id,
        suspended: true,
    };
    harness.call(&admin, suspend).await.unwrap();

    assert_eq!(harness.snapshot().n_rows("vaults"), 0);
    assert!(
        harness
            .call_http(&anne, OpenVault { vault: VAULT })
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_device_holds_four_vaults_and_loses_the_one_it_opened_longest_ago() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let mut secrets = Vec::new();
    for n in 1..=5 {
        harness.clock.advance_ms(1);
        secrets.push(open(&harness, &anne, VaultId(Uuid::from_u128(n))).await);
    }

    assert_eq!(harness.snapshot().n_rows("vaults"), 4);
    assert_eq!(
        open(&harness, &anne, VaultId(Uuid::from_u128(5))).await,
        secrets[4]
    );
    assert_ne!(
        open(&harness, &anne, VaultId(Uuid::from_u128(1))).await,
        secrets[0]
    );
}
