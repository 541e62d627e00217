//! The second step: an authenticator app and recovery codes.

use app::accounts::{
    AuthenticatorKey, ClientKind, ConfirmIdentity, FinishAuthenticator, FinishSignIn, GetMe, GetSecurity,
    Language, MakeRecoveryCodes, NoticeKind, RecoveryCodes, RemoveAuthenticator, ResetPassword, Secret,
    SignedIn, StartAuthenticator, StartReset,
};
use app::api::{ApiError, InvalidReason, Timestamp};
use server::accounts::{Cost, Passwords};
use server::context::{SessionSlot, Visitor};
use server::error::Error;
use totp_rs::{Builder, Secret as Key, Totp};

use super::{DAY_MS, in_browser, secret, sign_in, sign_in_from};
use crate::harness::{Account, Harness, PASSWORD, pepper, visitor};

/// A person's authenticator app.
pub(super) struct App(Totp);

impl App {
    fn new(key: &AuthenticatorKey) -> Self {
        let key = Key::try_from_base32(&key.key.0).unwrap();
        Self(Builder::new().with_secret(key).build().unwrap())
    }

    /// What it shows at a moment.
    pub(super) fn shows(&self, at: Timestamp) -> Secret {
        let seconds = u64::try_from(at.0 / 1000).unwrap();
        Secret(self.0.generate(seconds).to_string())
    }
}

/// Sets an app up for the person; a half minute later its next code counts.
pub(super) async fn set_up(harness: &Harness, account: &Account) -> (App, RecoveryCodes) {
    let key = harness.call(account, StartAuthenticator {}).await.unwrap();
    let app = App::new(&key);
    let code = app.shows(harness.now());
    let codes = harness.call(account, FinishAuthenticator { code }).await.unwrap();
    harness.clock.advance_ms(30_000);
    (app, codes)
}

/// The first step: what the right password gives.
async fn ticket(harness: &Harness, email: &str) -> Secret {
    match sign_in(harness, email, PASSWORD).await.map(|_| ()) {
        Err(ApiError::SecondFactor { ticket }) => ticket,
        other => panic!("{other:?}"),
    }
}

async fn finish(harness: &Harness, ticket: &Secret, code: &Secret) -> Result<SignedIn, ApiError> {
    let wish = FinishSignIn {
        ticket: ticket.clone(),
        code: code.clone(),
        client: ClientKind::Api,
    };
    harness.call_as(visitor(), wish).await
}

fn wrong() -> Result<(), ApiError> {
    Err(ApiError::WrongCode)
}

#[tokio::test]
async fn auth_07_the_password_alone_opens_nothing_once_an_app_is_set_up() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, _) = set_up(&harness, &anne).await;

    let ticket = ticket(&harness, &anne.email).await;
    let n_devices = harness.snapshot().n_rows("devices");
    let signed_in = finish(&harness, &ticket, &app.shows(harness.now()))
        .await
        .unwrap();

    assert_eq!(n_devices, 1, "no session before the code");
    assert_eq!(signed_in.account.id, anne.id);
    let mut elsewhere = anne.clone();
    elsewhere.token = signed_in.token.unwrap().0;
    assert!(harness.call_http(&elsewhere, GetMe {}).await.is_ok());
}

#[tokio::test]
async fn auth_07_a_code_counts_once() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, _) = set_up(&harness, &anne).await;
    let code = app.shows(harness.now());
    let first = ticket(&harness, &anne.email).await;
    finish(&harness, &first, &code).await.unwrap();

    let second = ticket(&harness, &anne.email).await;
    let again = finish(&harness, &second, &code).await.map(|_| ());
    let earlier = finish(&harness, &second, &app.shows(harness.now().plus_ms(-30_000)))
        .await
        .map(|_| ());

    assert_eq!(
        (again, earlier),
        (wrong(), wrong()),
        "nor does one of an earlier half minute"
    );
    harness.clock.advance_ms(30_000);
    assert!(finish(&harness, &second, &app.shows(harness.now())).await.is_ok());
}

/// Two that come with the same code at the same time: one gets in.
#[tokio::test]
async fn auth_07_of_two_with_the_same_code_one_gets_in() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, recovery) = set_up(&harness, &anne).await;
    for code in [app.shows(harness.now()), recovery.codes[0].clone()] {
        let (one, other) = (
            ticket(&harness, &anne.email).await,
            ticket(&harness, &anne.email).await,
        );

        let (one, other) = tokio::join!(finish(&harness, &one, &code), finish(&harness, &other, &code));

        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    }
}

#[tokio::test]
async fn auth_07_only_the_half_minutes_beside_the_present_one_count() {
    for (steps, is_good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let harness = Harness::new();
        let anne = harness.account("Anne Roy").await;
        let (app, _) = set_up(&harness, &anne).await;
        harness.clock.advance_ms(10 * 60_000);
        let ticket = ticket(&harness, &anne.email).await;

        let code = app.shows(harness.now().plus_ms(30_000 * steps));
        let outcome = finish(&harness, &ticket, &code).await;

        assert_eq!(outcome.is_ok(), is_good, "{steps}");
    }
}

#[tokio::test]
async fn auth_07_a_recovery_code_counts_once_and_rests_as_a_hash() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (_, recovery) = set_up(&harness, &anne).await;
    let stored = harness.snapshot();
    for code in &recovery.codes {
        let bare = code.0.replace('-', "");
        assert!(!stored.holds(&code.0) && !stored.holds(&bare));
    }
    let typed = secret(&recovery.codes[3].0.replace('-', " ").to_lowercase());

    let first = ticket(&harness, &anne.email).await;
    assert!(finish(&harness, &first, &typed).await.is_ok());
    let second = ticket(&harness, &anne.email).await;
    let again = finish(&harness, &second, &recovery.codes[3]).await.map(|_| ());

    assert_eq!(again, wrong());
    let security = harness.call(&anne, GetSecurity {}).await.unwrap();
    assert_eq!((recovery.codes.len(), security.n_recovery_codes), (10, 9));
    let kinds: Vec<_> = security.notices.iter().map(|notice| notice.kind).collect();
    assert!(kinds.contains(&NoticeKind::RecoveryCodeUsed));
}

#[tokio::test]
async fn auth_07_new_recovery_codes_make_the_old_ones_void() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (_, old) = set_up(&harness, &anne).await;

    let fresh = harness.call(&anne, MakeRecoveryCodes {}).await.unwrap();

    let ticket = ticket(&harness, &anne.email).await;
    assert_eq!(
        finish(&harness, &ticket, &old.codes[0]).await.map(|_| ()),
        wrong()
    );
    assert!(finish(&harness, &ticket, &fresh.codes[0]).await.is_ok());
}

/// AUTH-07: the key of an app needs the pepper too, so the database alone shows no code.
#[tokio::test]
async fn auth_07_a_stolen_database_shows_no_code() {
    let mut harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let key = harness.call(&anne, StartAuthenticator {}).await.unwrap();
    assert!(!harness.snapshot().holds(&key.key.0));

    let app = App::new(&key);
    harness.context.passwords =
        Passwords::new(Cost::FOR_TESTS).with_pepper(server::accounts::Pepper::of([8; 32]));
    let code = app.shows(harness.now());
    let outcome = harness
        .call(&anne, FinishAuthenticator { code })
        .await
        .map(|_| ());

    assert_eq!(outcome, Err(ApiError::invalid("code", InvalidReason::Format)));
}

/// ENC-02: a seed opens for its owner alone. Where it cannot be opened no code is taken, and recovery codes still are.
#[tokio::test]
async fn enc_02_a_seed_moved_to_another_account_takes_no_code() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    let (app, recovery) = set_up(&harness, &anne).await;
    let (of_luc, _) = set_up(&harness, &luc).await;
    let moved = server::values![luc.id, anne.id].to_vec();
    harness
        .context
        .db
        .write(move |tx| {
            tx.execute(
                "update authenticators set
                    seed_key_ref = (select a.seed_key_ref from authenticators a where a.account_id = $1),
                    seed_nonce = (select a.seed_nonce from authenticators a where a.account_id = $1),
                    seed = (select a.seed from authenticators a where a.account_id = $1)
                where account_id = $2",
                &moved,
            )
        })
        .await
        .unwrap();

    for code in [app.shows(harness.now()), of_luc.shows(harness.now())] {
        let ticket = ticket(&harness, &anne.email).await;
        let wish = FinishSignIn {
            ticket,
            code,
            client: ClientKind::Api,
        };
        let asker = Visitor {
            device_name: String::new(),
            language: Language::French,
            session: SessionSlot::default(),
        };
        let outcome = server::accounts::finish_sign_in(harness.context.clone(), asker, wish).await;
        assert!(matches!(outcome, Err(Error::Failed { .. })));
    }

    let ticket = ticket(&harness, &anne.email).await;
    assert!(finish(&harness, &ticket, &recovery.codes[0]).await.is_ok());
}

#[tokio::test]
async fn auth_07_a_sign_in_tries_five_codes_within_five_minutes() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, _) = set_up(&harness, &anne).await;
    let expired = Err(ApiError::SignInExpired);

    let tried_out = ticket(&harness, &anne.email).await;
    for _ in 0..5 {
        assert_eq!(
            finish(&harness, &tried_out, &secret("000000")).await.map(|_| ()),
            wrong()
        );
    }
    let code = app.shows(harness.now());
    assert_eq!(finish(&harness, &tried_out, &code).await.map(|_| ()), expired);

    let old = ticket(&harness, &anne.email).await;
    harness.clock.advance_ms(5 * 60_000);
    let code = app.shows(harness.now());
    assert_eq!(finish(&harness, &old, &code).await.map(|_| ()), expired);

    let used = ticket(&harness, &anne.email).await;
    finish(&harness, &used, &code).await.unwrap();
    harness.clock.advance_ms(30_000);
    let code = app.shows(harness.now());
    assert_eq!(finish(&harness, &used, &code).await.map(|_| ()), expired);
    assert_eq!(
        finish(&harness, &secret("invented"), &code).await.map(|_| ()),
        expired
    );
}

/// AUTH-07: somebody who knows the password does not get a million tries at the code.
#[tokio::test]
async fn auth_07_codes_are_counted_over_all_sign_ins() {
    let mut harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    set_up(&harness, &anne).await;
    harness.context.passwords = Passwords::new(Cost::FOR_TESTS).with_pepper(pepper());
    let mut n_checked = 0;
    for _ in 0..200 {
        let ticket = ticket(&harness, &anne.email).await;
        match finish(&harness, &ticket, &secret("000000")).await.map(|_| ()) {
            Err(ApiError::WrongCode) => n_checked += 1,
            Err(ApiError::TooMany { .. }) => {}
            other => panic!("{other:?}"),
        }
    }

    assert!(n_checked <= 10, "{n_checked}");
}

/// AUTH-05: whether there is a second factor is told to nobody but whoever knows the password.
#[tokio::test]
async fn auth_05_a_wrong_password_tells_nothing_of_the_second_step() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    set_up(&harness, &anne).await;

    let with = sign_in(&harness, &anne.email, "une tout autre phrase")
        .await
        .map(|_| ());
    let without = sign_in(&harness, &luc.email, "une tout autre phrase")
        .await
        .map(|_| ());

    assert_eq!(with, Err(ApiError::WrongCredentials));
    assert_eq!(with, without);
}

#[tokio::test]
async fn auth_13_factors_change_only_shortly_after_a_proof() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, _) = set_up(&harness, &anne).await;
    harness.clock.advance_ms(5 * 60_000);
    let refused = Err(ApiError::ConfirmIdentity);
    let before = harness.snapshot();

    assert_eq!(
        harness.call(&anne, RemoveAuthenticator {}).await.map(|_| ()),
        refused
    );
    assert_eq!(
        harness.call(&anne, MakeRecoveryCodes {}).await.map(|_| ()),
        refused
    );
    assert_eq!(
        harness.call(&anne, StartAuthenticator {}).await.map(|_| ()),
        refused
    );
    assert_eq!(harness.snapshot(), before);

    // The password alone is half of what signing in takes.
    let confirm = async |code| {
        let password = secret(PASSWORD);
        harness
            .call(&anne, ConfirmIdentity { password, code })
            .await
            .map(|_| ())
    };
    assert_eq!(
        confirm(None).await,
        Err(ApiError::invalid("code", InvalidReason::Empty))
    );
    assert_eq!(confirm(Some(secret("000000"))).await, wrong());
    assert_eq!(
        harness.call(&anne, RemoveAuthenticator {}).await.map(|_| ()),
        refused
    );
    confirm(Some(app.shows(harness.now()))).await.unwrap();

    harness.call(&anne, RemoveAuthenticator {}).await.unwrap();

    assert!(
        sign_in(&harness, &anne.email, PASSWORD).await.is_ok(),
        "the password is enough again"
    );
    assert_eq!(harness.snapshot().n_rows("recovery_codes"), 0);
}

/// AUTH-13: a proof counts on the device that gave it, and a clock that is set back does not make an old one young.
#[tokio::test]
async fn auth_13_a_proof_is_of_one_device_and_one_time() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let elsewhere = harness.sign_in(&anne.email).await;
    harness.clock.advance_ms(DAY_MS);
    let (password, code) = (secret(PASSWORD), None);
    harness
        .call(&anne, ConfirmIdentity { password, code })
        .await
        .unwrap();
    let start = async |account: &Account| harness.call(account, StartAuthenticator {}).await.map(|_| ());

    assert_eq!(start(&elsewhere).await, Err(ApiError::ConfirmIdentity));
    assert!(start(&anne).await.is_ok());
    harness.clock.advance_ms(-3_600_000);
    assert_eq!(start(&anne).await, Err(ApiError::ConfirmIdentity));
}

#[tokio::test]
async fn an_app_that_is_set_up_is_not_replaced_by_starting_anew() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, _) = set_up(&harness, &anne).await;

    let outcome = harness.call(&anne, StartAuthenticator {}).await.map(|_| ());

    assert_eq!(
        outcome,
        Err(ApiError::invalid("authenticator", InvalidReason::Taken))
    );
    let ticket = ticket(&harness, &anne.email).await;
    assert!(finish(&harness, &ticket, &app.shows(harness.now())).await.is_ok());
}

/// A code from before a new password: the sign-in that waited for it began with the old one.
#[tokio::test]
async fn auth_10_a_new_password_ends_the_sign_ins_that_wait() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, _) = set_up(&harness, &anne).await;
    let waiting = ticket(&harness, &anne.email).await;

    let wish = app::accounts::ChangePassword {
        password: secret(PASSWORD),
        new_password: secret(super::NEW_PASSWORD),
    };
    harness.call(&anne, wish).await.unwrap();

    let outcome = finish(&harness, &waiting, &app.shows(harness.now()))
        .await
        .map(|_| ());
    assert_eq!(outcome, Err(ApiError::SignInExpired));
}

/// AUTH-09: the browser's cookie is set at the end of the second step, not before.
#[tokio::test]
async fn auth_09_no_cookie_before_the_second_step() {
    use axum::body::Body;
    use axum::http::{Request, header};
    use tower::ServiceExt;

    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, _) = set_up(&harness, &anne).await;
    let post = async |name: &str, body: String| {
        let request = Request::post(format!("/api/v1/{name}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap();
        let response = harness.router().oneshot(request).await.unwrap();
        let cookies: Vec<String> = response
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        (cookies, String::from_utf8(bytes.to_vec()).unwrap())
    };

    let first = format!(r#"{{"email":"{}","password":"{PASSWORD}"}}"#, anne.email);
    let (before, problem) = post("accounts.sign_in", first).await;
    let problem: app::api::Problem = serde_json::from_str(&problem).unwrap();
    let ticket = problem.ticket.unwrap().0;
    let second = format!(
        r#"{{"ticket":"{ticket}","code":"{}"}}"#,
        app.shows(harness.now()).0
    );
    let (after, answer) = post("accounts.finish_sign_in", second).await;

    assert_eq!((problem.code.as_str(), before.len()), ("second_factor", 0));
    assert!(
        after[0].starts_with("pli=") && after[1].starts_with("pli-browser="),
        "{after:?}"
    );
    assert!(
        after
            .iter()
            .all(|cookie| cookie.contains("HttpOnly; SameSite=Strict"))
    );
    assert!(!answer.contains("token"));
}

/// A browser that finished its second step is known from then on.
#[tokio::test]
async fn a_second_step_in_a_new_browser_is_told() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let (app, _) = set_up(&harness, &anne).await;
    let first = sign_in_from(&harness, in_browser(None), &anne.email, PASSWORD).await;
    let Err(ApiError::SecondFactor { ticket }) = first else {
        panic!("a code is asked for")
    };
    let wish = FinishSignIn {
        ticket,
        code: app.shows(harness.now()),
        client: ClientKind::Browser,
    };

    harness.call_as(in_browser(None), wish).await.unwrap();

    let notices = harness.call(&anne, GetSecurity {}).await.unwrap().notices;
    let told = (notices[0].kind, notices[0].device.as_str());
    assert_eq!(told, (NoticeKind::NewDevice, "Firefox, Linux"));
}

/// AUTH-14: an administrator starts a reset and chooses nothing. A link for a forgotten password leaves the second step; one
/// for lost factors removes them once it is used, not before.
#[tokio::test]
async fn auth_14_a_reset_leaves_the_second_step_unless_it_is_lost_as_well() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    set_up(&harness, &anne).await;
    let reset = async |with_factors: bool| {
        let account = anne.id;
        let wish = StartReset {
            account,
            with_factors,
        };
        let link = harness.call(&admin, wish).await.unwrap();
        let key = secret(link.path.0.rsplit("#k=").next().unwrap());
        assert!(matches!(
            sign_in(&harness, &anne.email, PASSWORD).await.map(|_| ()),
            Err(ApiError::SecondFactor { .. })
        ));
        let password = secret(PASSWORD);
        harness
            .call_as(visitor(), ResetPassword { key, password })
            .await
            .unwrap();
    };

    reset(false).await;
    ticket(&harness, &anne.email).await;
    reset(true).await;

    assert!(sign_in(&harness, &anne.email, PASSWORD).await.is_ok());
    assert_eq!(harness.snapshot().n_rows("authenticators"), 0);
    let fresh = harness.sign_in(&anne.email).await;
    let notices = harness.call(&fresh, GetSecurity {}).await.unwrap().notices;
    assert!(
        notices
            .iter()
            .any(|notice| notice.kind == NoticeKind::FactorsReset)
    );
}
