//! Signing in and out, and changing the password.

use app::accounts::{ChangePassword, ClientKind, GetMe, InvitePerson, SignIn, SignOut};
use app::api::{ApiError, InvalidReason};
use axum::body::Body;
use axum::http::{Request, header};
use server::accounts::{Cost, Passwords};
use tower::ServiceExt;

use crate::harness::{Harness, PASSWORD, pepper};
use crate::{NEW_PASSWORD, secret, sign_in};

#[tokio::test]
async fn a_program_gets_a_token_that_opens_its_account() {
    let harness = Harness::new();
    let anne = harness.account("Dre Anne Roy").await;

    let signed_in = sign_in(&harness, &anne.email.to_uppercase(), PASSWORD)
        .await
        .unwrap();

    assert_eq!(
        (signed_in.account.id, signed_in.account.name.as_str()),
        (anne.id, "Dre Anne Roy")
    );
    let token = signed_in.token.unwrap().0;
    assert_eq!(token.len(), 43, "256 bits in base64url");
    let me = harness.call_http(&anne, GetMe {}).await.unwrap();
    assert_eq!(me.email, anne.email);
}

#[tokio::test]
async fn a_browser_gets_a_cookie_and_no_token() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let wish = SignIn {
        email: anne.email.clone(),
        password: secret(PASSWORD),
        client: ClientKind::Browser,
    };

    let request = Request::post("/api/v1/accounts.sign_in")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(serde_json::to_string(&wish).unwrap()))
        .unwrap();
    let response = harness.router().oneshot(request).await.unwrap();

    let cookie = response.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(cookie.starts_with("pli=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    let answer = String::from_utf8(bytes.to_vec()).unwrap();
    let token = cookie.trim_start_matches("pli=").split(';').next().unwrap();
    assert!(!answer.contains("token") && !answer.contains(token));
}

/// Assurance AUTH-05.
#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_answer_alike() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    server::accounts::set_suspended(&harness.context, None, anne.id, true)
        .await
        .unwrap();

    let unknown = sign_in(&harness, "nobody@demo.example", PASSWORD)
        .await
        .map(|_| ());
    let wrong = sign_in(&harness, &admin.email, "une tout autre phrase")
        .await
        .map(|_| ());
    let suspended = sign_in(&harness, &anne.email, PASSWORD).await.map(|_| ());

    assert_eq!(unknown, Err(ApiError::WrongCredentials));
    assert_eq!((&wrong, &suspended), (&unknown, &unknown));
}

/// AUTH-05: whoever is refused was checked against one hash of the usual cost, with an account or without. How long that takes is
/// measured (`server/benches/pli/silence.rs`).
#[tokio::test]
async fn auth_05_a_refusal_is_the_same_work_with_an_account_and_without() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let suspended = harness.account("Anne Roy").await;
    server::accounts::set_suspended(&harness.context, None, suspended.id, true)
        .await
        .unwrap();
    let invited = InvitePerson {
        email: "marc.cote@demo.example".to_owned(),
        name: "Marc Côté".to_owned(),
        profession: "infirmier".to_owned(),
        workplace: String::new(),
    };
    harness.call(&admin, invited.clone()).await.unwrap();

    let mut work_kib = Vec::new();
    for (email, password) in [
        (admin.email.as_str(), "une tout autre phrase"),
        (suspended.email.as_str(), PASSWORD),
        (invited.email.as_str(), PASSWORD),
        ("nobody@demo.example", PASSWORD),
    ] {
        let before = harness.context.passwords.checked_kib();
        let outcome = sign_in(&harness, email, password).await.map(|_| ());
        assert_eq!(outcome, Err(ApiError::WrongCredentials), "{email}");
        work_kib.push(harness.context.passwords.checked_kib() - before);
    }

    // `Cost::FOR_TESTS`: one pass over 16 KiB.
    assert_eq!(work_kib, [16; 4]);
}

#[tokio::test]
async fn nobody_signs_in_before_there_is_an_account() {
    let harness = Harness::new();

    let outcome = sign_in(&harness, "anne.roy@demo.example", PASSWORD)
        .await
        .map(|_| ());

    assert_eq!(outcome, Err(ApiError::NotOpen));
}

/// Assurance AUTH-04: a browser that is not known waits with the guessers.
#[tokio::test]
async fn guessing_is_slowed_down_and_forgiven_with_time() {
    let mut harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let luc = harness.account("Luc Gagné").await;
    harness.context.passwords = Passwords::new(Cost::FOR_TESTS).with_pepper(pepper());
    for _ in 0..10 {
        let outcome = sign_in(&harness, &anne.email, "je devine, je devine")
            .await
            .map(|_| ());
        assert_eq!(outcome, Err(ApiError::WrongCredentials));
    }

    let refused = sign_in(&harness, &anne.email, PASSWORD).await.map(|_| ());
    let other = sign_in(&harness, &luc.email, PASSWORD).await;
    harness.clock.advance_ms(30_000);
    let later = sign_in(&harness, &anne.email, PASSWORD).await;

    assert_eq!(refused, Err(ApiError::TooMany { retry_after_s: 30 }));
    assert!(other.is_ok() && later.is_ok());
}

/// Assurance AUTH-01.
#[tokio::test]
async fn an_old_hash_is_renewed_when_its_owner_signs_in() {
    let mut harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    assert!(
        harness
            .snapshot()
            .table_holds("accounts", "$argon2id$v=19$m=16,t=1,p=1,keyid=")
    );
    harness.context.passwords = Passwords::new(Cost::STANDARD).with_pepper(pepper());

    sign_in(&harness, &anne.email, PASSWORD).await.unwrap();

    assert!(
        harness
            .snapshot()
            .table_holds("accounts", "$argon2id$v=19$m=47104,t=2,p=1,keyid=")
    );
    assert!(sign_in(&harness, &anne.email, PASSWORD).await.is_ok());
}

/// Assurance AUTH-09.
#[tokio::test]
async fn neither_password_nor_token_rests_in_clear() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    let stored = harness.snapshot();

    assert_eq!(stored.n_rows("devices"), 1);
    assert!(!stored.holds(PASSWORD) && !stored.holds(&anne.token));
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let elsewhere = harness.sign_in(&anne.email).await;

    harness.call_http(&anne, SignOut {}).await.unwrap();

    assert_eq!(harness.call_http(&anne, GetMe {}).await, Err(ApiError::SignedOut));
    assert!(harness.call_http(&elsewhere, GetMe {}).await.is_ok());
}

/// Assurance AUTH-10.
#[tokio::test]
async fn a_new_password_signs_the_other_devices_out() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let elsewhere = harness.sign_in(&anne.email).await;

    let wish = ChangePassword {
        password: secret(PASSWORD),
        new_password: secret(NEW_PASSWORD),
    };
    harness.call_http(&anne, wish).await.unwrap();

    assert!(harness.call_http(&anne, GetMe {}).await.is_ok());
    assert_eq!(
        harness.call_http(&elsewhere, GetMe {}).await,
        Err(ApiError::SignedOut)
    );
    assert_eq!(
        sign_in(&harness, &anne.email, PASSWORD).await.map(|_| ()),
        Err(ApiError::WrongCredentials)
    );
    assert!(sign_in(&harness, &anne.email, NEW_PASSWORD).await.is_ok());
}

#[tokio::test]
async fn the_present_password_must_be_known_to_change_it() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    let wish = ChangePassword {
        password: secret("une tout autre phrase"),
        new_password: secret(NEW_PASSWORD),
    };
    let outcome = harness.call(&anne, wish).await;

    assert_eq!(outcome, Err(ApiError::WrongCredentials));
    assert!(sign_in(&harness, &anne.email, PASSWORD).await.is_ok());
}

/// Assurance AUTH-03.
#[tokio::test]
async fn a_password_is_long_and_not_the_first_that_everybody_tries() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let change = async |new: &str| {
        let wish = ChangePassword {
            password: secret(PASSWORD),
            new_password: secret(new),
        };
        harness.call(&anne, wish).await
    };
    let refused = |reason| Err(ApiError::invalid("new_password", reason));

    assert_eq!(change("quatorze signe").await, refused(InvalidReason::TooShort));
    assert_eq!(change(&"é".repeat(257)).await, refused(InvalidReason::TooLong));
    assert_eq!(
        change("motdepasse123456").await,
        refused(InvalidReason::TooCommon)
    );
    assert_eq!(
        change("anne-roy-anne-roy-1").await,
        refused(InvalidReason::TooCommon)
    );
    assert!(change(PASSWORD).await.is_ok());
}

#[tokio::test]
async fn auth_03_a_password_that_has_leaked_is_refused() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    for leaked in ["stairwaytoheaven", "Stairway to Heaven 2014", "q1w2e3r4t5y6u7i8"] {
        let wish = ChangePassword {
            password: secret(PASSWORD),
            new_password: secret(leaked),
        };
        let outcome = harness.call(&anne, wish).await;

        let refusal = ApiError::invalid("new_password", InvalidReason::TooCommon);
        assert_eq!(outcome, Err(refusal), "{leaked:?}");
    }
}

#[tokio::test]
async fn long_passwords_in_any_script_are_taken() {
    for password in [
        "四つの赤い小舟が川を静かに下る夜",
        &"le héron attend; ".repeat(15),
        "🦊🌲🛶🌙⭐🍁🔥🎣🪵🐟🦉🌊🏔🧭🥾",
    ] {
        let harness = Harness::new();
        let anne = harness.account("Anne Roy").await;

        let wish = ChangePassword {
            password: secret(PASSWORD),
            new_password: secret(password),
        };
        harness.call(&anne, wish).await.unwrap();

        assert!(
            sign_in(&harness, &anne.email, password).await.is_ok(),
            "{password}"
        );
    }
}

/// A page that was drawn for Anne, in a browser where Luc has signed in since, asks nothing in Luc's name.
#[tokio::test]
async fn a_page_drawn_for_one_person_asks_nothing_as_another() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let luc = harness.account("Luc Gagné").await;
    let ask = async |drawn_for: &str| {
        let request = Request::get("/api/v1/accounts.get_me")
            .header(header::COOKIE, format!("pli={}", luc.token))
            .header("x-pli-account", drawn_for)
            .body(Body::empty())
            .unwrap();
        harness.http(request).await.0.as_u16()
    };

    assert_eq!(ask(&luc.id.to_string()).await, 200);
    assert_eq!(ask(&anne.id.to_string()).await, 401);
}
