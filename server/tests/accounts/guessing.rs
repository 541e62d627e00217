//! Guessing at a password: it is slowed down, locks nobody out where they are known, and does not take the machine.

use std::time::Duration;

use app::accounts::{ConfirmIdentity, SignOut};
use app::api::ApiError;
use futures::future::join_all;
use server::accounts::{Cost, Passwords};
use server::context::SessionChange;
use server::http::operations::Asker;

use super::{in_browser, secret, sign_in_from};
use crate::harness::{Harness, PASSWORD, pepper};

/// An instance that counts wrong passwords.
fn counting() -> Harness {
    let mut harness = Harness::new();
    harness.context.passwords = Passwords::new(Cost::FOR_TESTS).with_pepper(pepper());
    harness
}

/// Signs in in a new browser, and answers the key that it is known again by.
async fn first_sign_in(harness: &Harness, email: &str) -> String {
    let asker = in_browser(None);
    sign_in_from(harness, asker.clone(), email, PASSWORD)
        .await
        .unwrap();
    let Asker::Visitor(visitor) = asker else {
        unreachable!("a browser is a visitor here")
    };
    match visitor.session.take() {
        Some(SessionChange::Opened {
            browser: Some(key), ..
        }) => key.0,
        _ => panic!("a browser gets a key"),
    }
}

/// AUTH-04: of 10,000 guesses that come as fast as they can, at most 100 reach the hash, wherever they come from; the owner
/// gets in at once in a browser that is known, and is not told to wait.
#[tokio::test]
async fn auth_04_guesses_lock_nobody_out_of_a_known_browser() {
    let harness = counting();
    let anne = harness.account("Anne Roy").await;
    let known = first_sign_in(&harness, &anne.email).await;
    let mut n_hashed = 0;
    for n in 0..10_000 {
        // Browsers that claim another key each are strangers all the same.
        let claimed = format!("claimed {}", n % 100);
        let guessed = sign_in_from(
            &harness,
            in_browser(Some(&claimed)),
            &anne.email,
            "je devine, je devine",
        )
        .await;
        match guessed {
            Err(ApiError::WrongCredentials) => n_hashed += 1,
            Err(ApiError::TooMany { .. }) => {}
            other => panic!("{:?}", other.map(|_| ())),
        }
    }

    let owner = sign_in_from(&harness, in_browser(Some(&known)), &anne.email, PASSWORD).await;
    let elsewhere = sign_in_from(&harness, in_browser(None), &anne.email, PASSWORD).await;

    assert!(n_hashed <= 100, "{n_hashed}");
    assert!(owner.is_ok());
    assert!(
        matches!(elsewhere, Err(ApiError::TooMany { .. })),
        "the guessers' count still stands"
    );
}

/// AUTH-04: a known browser has a count of its own; it is no way around the limit.
#[tokio::test]
async fn auth_04_a_known_browser_guesses_no_faster() {
    let harness = counting();
    let anne = harness.account("Anne Roy").await;
    let known = first_sign_in(&harness, &anne.email).await;
    let guess = async || {
        let wrong = "je devine, je devine";
        sign_in_from(&harness, in_browser(Some(&known)), &anne.email, wrong)
            .await
            .map(|_| ())
    };
    for _ in 0..10 {
        assert_eq!(guess().await, Err(ApiError::WrongCredentials));
    }

    assert_eq!(guess().await, Err(ApiError::TooMany { retry_after_s: 30 }));
    assert!(
        sign_in_from(&harness, in_browser(None), &anne.email, PASSWORD)
            .await
            .is_ok()
    );
}

/// AUTH-04: what is known of one person's browser says nothing for another person.
#[tokio::test]
async fn auth_04_a_browser_is_known_to_one_account_alone() {
    let harness = counting();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    let of_luc = first_sign_in(&harness, &luc.email).await;
    let guess = async |key: Option<&str>| {
        let wrong = "je devine, je devine";
        sign_in_from(&harness, in_browser(key), &anne.email, wrong)
            .await
            .map(|_| ())
    };
    for _ in 0..10 {
        guess(None).await.unwrap_err();
    }

    assert!(matches!(
        guess(Some(&of_luc)).await,
        Err(ApiError::TooMany { .. })
    ));
}

/// AUTH-04: a stolen or lost browser stops being known when it is signed out from afar, not when its owner leaves.
#[tokio::test]
async fn auth_04_signing_a_browser_out_from_afar_makes_it_a_stranger() {
    for is_revoked in [false, true] {
        let harness = counting();
        let anne = harness.account("Anne Roy").await;
        let key = first_sign_in(&harness, &anne.email).await;
        let again = sign_in_from(&harness, in_browser(Some(&key)), &anne.email, PASSWORD)
            .await
            .unwrap();
        if is_revoked {
            let device = again.account.device;
            harness
                .call(&anne, app::accounts::RevokeDevice { device })
                .await
                .unwrap();
        } else {
            harness.call(&anne, SignOut {}).await.unwrap();
        }
        for _ in 0..10 {
            sign_in_from(&harness, in_browser(None), &anne.email, "je devine")
                .await
                .unwrap_err();
        }

        let outcome = sign_in_from(&harness, in_browser(Some(&key)), &anne.email, PASSWORD).await;

        assert_eq!(outcome.is_err(), is_revoked);
    }
}

/// AUTH-02: 200 people sign in at once; all are answered, and no more than the queue holds are made to wait.
#[tokio::test]
async fn auth_02_two_hundred_at_once_are_answered_or_told_to_come_back() {
    let harness = counting();
    let anne = harness.account("Anne Roy").await;

    let outcomes = join_all((0..200).map(|_| async {
        sign_in_from(&harness, in_browser(None), &anne.email, PASSWORD)
            .await
            .map(|_| ())
    }));
    let outcomes = tokio::time::timeout(Duration::from_mins(1), outcomes)
        .await
        .unwrap();

    let n_in = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(n_in >= 66, "{n_in}");
    for outcome in outcomes {
        assert!(
            matches!(outcome, Ok(()) | Err(ApiError::Busy { retry_after_s: 5 })),
            "{outcome:?}"
        );
    }
}

/// AUTH-05: where nobody has an account, guessing is counted just the same.
#[tokio::test]
async fn auth_05_an_unknown_address_is_slowed_down_like_a_known_one() {
    let harness = counting();
    let anne = harness.account("Anne Roy").await;
    let mut answers = Vec::new();
    for email in [anne.email.as_str(), "nobody@demo.example"] {
        let mut answered = Vec::new();
        for _ in 0..12 {
            let outcome = sign_in_from(&harness, in_browser(None), email, "je devine, je devine").await;
            answered.push(outcome.map(|_| ()));
        }
        answers.push(answered);
    }

    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0][10], Err(ApiError::TooMany { retry_after_s: 30 }));
}

/// AUTH-13: who sits at an open device does not get to guess the password there either.
#[tokio::test]
async fn auth_13_confirming_is_no_way_to_guess() {
    let harness = counting();
    let anne = harness.account("Anne Roy").await;
    let confirm = async |password: &str| {
        let wish = ConfirmIdentity {
            password: secret(password),
            code: None,
        };
        harness.call(&anne, wish).await.map(|_| ())
    };
    for _ in 0..10 {
        assert_eq!(
            confirm("je devine, je devine").await,
            Err(ApiError::WrongCredentials)
        );
    }

    assert_eq!(
        confirm(PASSWORD).await,
        Err(ApiError::TooMany { retry_after_s: 30 })
    );
}
