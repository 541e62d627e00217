//! INT-01: whatever changes how an account is protected leaves its row in the audit, in the transaction of the act.

use app::accounts::{
    ClientKind, ConfirmIdentity, FinishSignIn, MakeRecoveryCodes, RemoveAuthenticator, RemovePasskey,
    ResetPassword, SaveGuardPolicy, SavePolicy, Secret, StartAuthenticator, StartReset,
};
use app::api::{ApiError, PasskeyId};
use server::error::Error;
use server::http::operations::{Asker, Input};
use uuid::Uuid;

use super::passkeys::{person, with_passkey};
use super::second_factor::set_up;
use super::{NEW_PASSWORD, secret, sign_in};
use crate::harness::{Account, Harness, PASSWORD, visitor};

/// Act, who, on what: what the audit has beyond its first rows.
async fn rows(harness: &Harness, n_before: usize) -> Vec<(String, Option<Uuid>, Option<Uuid>)> {
    let sql = "select act, actor, subject from audit order by number";
    let read = move |tx: &mut server::store::Tx<'_>| {
        tx.list(sql, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    };
    let all: Vec<_> = harness.context.db.read(read).await.unwrap();
    all.into_iter().skip(n_before).collect()
}

async fn passkey_of(harness: &Harness, account: &Account) -> PasskeyId {
    let wish = app::accounts::GetSecurity {};
    harness.call(account, wish).await.unwrap().passkeys[0].id
}

async fn finish_with(harness: &Harness, email: &str, code: &Secret) {
    let Err(ApiError::SecondFactor { ticket }) = sign_in(harness, email, PASSWORD).await.map(|_| ()) else {
        panic!("a code is asked for");
    };
    let wish = FinishSignIn {
        ticket,
        code: code.clone(),
        client: ClientKind::Api,
    };
    harness.call_as(visitor(), wish).await.unwrap();
}

#[tokio::test]
async fn int_01_every_change_of_a_factor_leaves_who_did_what() {
    let harness = Harness::new();
    let anne = person(&harness, "Anne Roy").await;
    let n_before = rows(&harness, 0).await.len();

    harness.call(&anne, StartAuthenticator {}).await.unwrap();
    // One that was never finished protected nothing: neither its beginning nor its end is an act.
    harness.call(&anne, RemoveAuthenticator {}).await.unwrap();
    let (_, codes) = set_up(&harness, &anne).await;
    finish_with(&harness, &anne.email, &codes.codes[0]).await;
    let confirming = ConfirmIdentity {
        password: secret(PASSWORD),
        code: Some(codes.codes[1].clone()),
    };
    harness.call(&anne, confirming).await.unwrap();
    harness.call(&anne, MakeRecoveryCodes {}).await.unwrap();
    with_passkey(&harness, &anne, 1).await;
    let passkey = passkey_of(&harness, &anne).await;
    harness.call(&anne, RemovePasskey { passkey }).await.unwrap();
    harness.call(&anne, RemoveAuthenticator {}).await.unwrap();

    let written = rows(&harness, n_before).await;
    let written: Vec<_> = written
        .iter()
        .filter(|(act, _, _)| act != "signed_in")
        .map(|(act, who, whom)| (act.as_str(), *who, *whom))
        .collect();
    let of_anne = |act| (act, Some(anne.id.0), Some(anne.id.0));
    let of_passkey = |act| (act, Some(anne.id.0), Some(passkey.0));
    let expected = [
        of_anne("authenticator_added"),
        of_anne("recovery_code_used"),
        of_anne("recovery_code_used"),
        of_anne("recovery_codes_made"),
        of_passkey("passkey_added"),
        of_passkey("passkey_removed"),
        of_anne("authenticator_removed"),
    ];
    assert_eq!(written, expected);
}

#[tokio::test]
async fn int_01_a_reset_of_factors_and_a_change_of_policy_leave_their_rows() {
    let harness = Harness::new();
    let admin = harness.admin("Nadia Belkacem").await;
    let anne = harness.account("Anne Roy").await;
    set_up(&harness, &anne).await;
    set_up(&harness, &admin).await;
    let n_before = rows(&harness, 0).await.len();

    let wish = StartReset {
        account: anne.id,
        with_factors: true,
    };
    let link = harness.call(&admin, wish).await.unwrap();
    let wish = ResetPassword {
        key: secret(link.path.0.rsplit("#k=").next().unwrap()),
        password: secret(NEW_PASSWORD),
    };
    harness.call_as(visitor(), wish).await.unwrap();
    // Twice is once.
    for is_factor_required in [true, true, false] {
        let wish = SavePolicy { is_factor_required };
        harness.call(&admin, wish).await.unwrap();
    }
    for is_unfiled_guarded in [true, false, false, true] {
        let wish = SaveGuardPolicy { is_unfiled_guarded };
        harness.call(&admin, wish).await.unwrap();
    }

    let (by_admin, by_anne) = (Some(admin.id.0), Some(anne.id.0));
    let expected = [
        ("factor_reset_started", by_admin, by_anne),
        ("password_reset", by_anne, by_anne),
        ("factors_reset", by_anne, by_anne),
        ("factors_required", by_admin, None),
        ("factors_optional", by_admin, None),
        ("unfiled_unguarded", by_admin, None),
        ("unfiled_guarded", by_admin, None),
    ];
    let written = rows(&harness, n_before).await;
    let written: Vec<_> = written
        .iter()
        .map(|(act, who, whom)| (act.as_str(), *who, *whom))
        .collect();
    assert_eq!(written, expected);
}

/// INT-02, for what protects an account.
#[tokio::test]
async fn int_02_no_factor_changes_without_its_row() {
    let harness = Harness::new();
    let admin = harness.admin("Nadia Belkacem").await;
    let mut owner = admin.clone();
    owner.caller.session = person(&harness, "Anne Roy").await.caller.session;
    set_up(&harness, &owner).await;
    with_passkey(&harness, &owner, 1).await;
    let passkey = passkey_of(&harness, &owner).await;
    let rename = async |sql: &'static str| {
        let write = move |tx: &mut server::store::Tx<'_>| tx.execute(sql, &[]);
        harness.context.db.write(write).await.unwrap()
    };
    rename("alter table audit rename to audit_away").await;
    let before = harness.snapshot();

    let attempts = [
        ("accounts.remove_authenticator", "{}".to_owned()),
        ("accounts.make_recovery_codes", "{}".to_owned()),
        ("accounts.remove_passkey", format!(r#"{{"passkey":"{passkey}"}}"#)),
        (
            "accounts.save_policy",
            r#"{"is_factor_required":true}"#.to_owned(),
        ),
        (
            "accounts.save_guard_policy",
            r#"{"is_unfiled_guarded":false}"#.to_owned(),
        ),
    ];
    for (name, wish) in attempts {
        let operation = harness.operations.find(name).unwrap();
        let asker = Asker::Caller(owner.caller.clone());
        let outcome = operation
            .answer(harness.context.clone(), asker, Input::Json(wish))
            .await;
        assert!(matches!(outcome, Err(Error::Failed { .. })), "{name}");
    }

    assert!(harness.snapshot() == before, "nothing was done");
    rename("alter table audit_away rename to audit").await;
    harness.call(&owner, RemovePasskey { passkey }).await.unwrap();
}
