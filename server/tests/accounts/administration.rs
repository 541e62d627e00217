//! Administration: letting people in and keeping them out.

use app::accounts::{AccountState, GetMe, InvitePerson, ListAccounts, Secret, StartReset, SuspendAccount};
use app::api::{AccountId, ApiError, InvalidReason};
use server::accounts::{NewAccount, create_account};
use server::error::Error;
use server::live::Signal;

use crate::harness::{Harness, PASSWORD, unknown_id};
use crate::sign_in;

fn invitation(email: &str) -> InvitePerson {
    InvitePerson {
        email: email.to_owned(),
        name: "Nadia Belkacem".to_owned(),
        profession: String::new(),
        workplace: String::new(),
    }
}

#[tokio::test]
async fn administration_is_for_administrators() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    assert_eq!(
        harness.call(&anne, ListAccounts {}).await,
        Err(ApiError::NotAllowed)
    );
    assert_eq!(
        harness.call(&anne, invitation("n@demo.example")).await,
        Err(ApiError::NotAllowed)
    );
    assert_eq!(
        harness
            .call(
                &anne,
                StartReset {
                    account: anne.id,
                    with_factors: false
                }
            )
            .await,
        Err(ApiError::NotAllowed)
    );
    let suspend = SuspendAccount {
        account: anne.id,
        suspended: true,
    };
    assert_eq!(harness.call(&anne, suspend).await, Err(ApiError::NotAllowed));
}

#[tokio::test]
async fn the_list_is_by_family_name_and_says_where_each_stands() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Dre Anne Roy").await;
    harness.account("Étienne Lavoie").await;
    harness
        .call(&admin, invitation("nadia.belkacem@demo.example"))
        .await
        .unwrap();
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

    let rows = harness.call(&admin, ListAccounts {}).await.unwrap().accounts;

    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.name.as_str(), row.state, row.is_admin))
        .collect();
    assert_eq!(
        shown,
        [
            ("Nadia Belkacem", AccountState::Invited, false),
            ("Luc Gagné", AccountState::Active, true),
            ("Étienne Lavoie", AccountState::Active, false),
            ("Dre Anne Roy", AccountState::Suspended, false),
        ]
    );
    assert_eq!((rows[0].seen_at, rows[1].seen_at), (None, Some(harness.now())));
}

/// Assurance AUTH-10.
#[tokio::test]
async fn a_suspended_person_is_out_at_once_and_comes_back_by_signing_in() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    let mut stream = harness.context.live.listen(anne.id);

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

    assert!(
        matches!(stream.try_recv(), Ok(Signal::Bell)),
        "the streams wake up"
    );
    assert_eq!(harness.call_http(&anne, GetMe {}).await, Err(ApiError::SignedOut));
    assert!(sign_in(&harness, &anne.email, PASSWORD).await.is_err());

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

    assert_eq!(
        harness.call_http(&anne, GetMe {}).await,
        Err(ApiError::SignedOut),
        "old sessions stay ended"
    );
    assert!(sign_in(&harness, &anne.email, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn nobody_suspends_themselves_or_nobody() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let suspend = |account| SuspendAccount {
        account,
        suspended: true,
    };

    assert_eq!(
        harness.call(&admin, suspend(admin.id)).await,
        Err(ApiError::invalid("account", InvalidReason::Yourself))
    );
    let nobody = AccountId(unknown_id());
    assert_eq!(
        harness.call(&admin, suspend(nobody)).await,
        Err(ApiError::NotFound)
    );
    assert_eq!(
        harness
            .call(
                &admin,
                StartReset {
                    account: nobody,
                    with_factors: false
                }
            )
            .await,
        Err(ApiError::NotFound)
    );
}

#[tokio::test]
async fn who_has_joined_is_not_invited_again() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    let before = harness.snapshot();

    let taken = harness.call(&admin, invitation(&anne.email.to_uppercase())).await;
    let odd = harness.call(&admin, invitation("nobody")).await;

    assert_eq!(taken, Err(ApiError::invalid("email", InvalidReason::Taken)));
    assert_eq!(odd, Err(ApiError::invalid("email", InvalidReason::Format)));
    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn an_address_has_one_account() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let new = NewAccount {
        email: anne.email,
        name: "Anne Roy".to_owned(),
        profession: "cardiologue".to_owned(),
        workplace: "Hôpital du Parc".to_owned(),
        is_admin: true,
        password: Secret(PASSWORD.to_owned()),
    };

    let outcome = create_account(&harness.context, new).await;

    let taken = ApiError::invalid("email", InvalidReason::Taken);
    assert!(matches!(outcome, Err(Error::Refused(refusal)) if refusal == taken));
}
