//! What is left when something goes: a way in that must remain, a factor that was lent, a proof that grows old.
//!
//! AUTH-08, AUTH-13, AUTH-14.

use app::accounts::{GetSecurity, RemovePasskey, RemoveProviderLink, Secret};
use app::api::{ApiError, PasskeyId};
use server::openid::Provider;
use server::store::Tx;

use super::browser::{Browser, Page};
use super::hostile_provider::{Known, known};
use super::passkeys::{person, with_passkey};
use super::provider::{ANNE, Scene, enter, familiar, leave, link, scene, vouched};
use super::provider_factors::{is_free, require_factors};
use super::second_factor::set_up;
use crate::harness::{Account, Harness, PASSWORD};

const HOUR_MS: i64 = 60 * 60_000;

async fn passkey_of(harness: &Harness, account: &Account) -> PasskeyId {
    harness.call(account, GetSecurity {}).await.unwrap().passkeys[0].id
}

async fn remove_passkey(harness: &Harness, account: &Account) -> Result<(), ApiError> {
    let passkey = passkey_of(harness, account).await;
    harness.call(account, RemovePasskey { passkey }).await.map(|_| ())
}

async fn unlink(harness: &Harness, account: &Account) -> Result<(), ApiError> {
    harness.call(account, RemoveProviderLink {}).await.map(|_| ())
}

/// Makes somebody have no password, as those who have joined by the provider.
async fn forget_passwords(harness: &Harness) {
    let forget = |tx: &mut Tx<'_>| tx.execute("update accounts set password_hash = null", &[]);
    harness.context.db.write(forget).await.unwrap();
}

/// Gives the code that a sign-in waits for, in the browser that holds it.
async fn give_code(browser: &Browser<'_>, code: &Secret) -> Page {
    let fields = [
        ("operation", "accounts.finish_sign_in"),
        ("ticket", ""),
        ("code", &code.0),
    ];
    browser
        .post("/connexion?etape=code&suite=/accueil", &fields)
        .await
}

/// AUTH-08: whichever of them is taken away, one way in remains.
#[tokio::test]
async fn auth_08_the_last_way_in_stays_whatever_it_is() {
    let Scene {
        mut harness,
        provider,
        ..
    } = scene(&[]).await;
    let luc = person(&harness, "Luc Gagné").await;
    with_passkey(&harness, &luc, 1).await;
    let browser = Browser::new(&harness);
    browser.sign_in(&luc.email, PASSWORD).await;
    link(&browser, &provider, known("luc")).await;
    forget_passwords(&harness).await;

    // A provider that is not named opens nothing.
    harness.context.provider = None;
    assert_eq!(remove_passkey(&harness, &luc).await, Err(ApiError::FactorNeeded));
    assert_eq!(
        harness.snapshot().n_rows("passkeys"),
        1,
        "refused, and still there"
    );
    harness.name_provider(Provider::new(provider.settings(&[])));
    assert_eq!(remove_passkey(&harness, &luc).await, Ok(()));
    assert_eq!(unlink(&harness, &luc).await, Err(ApiError::FactorNeeded));
    // The other way round: the passkey is what stays.
    with_passkey(&harness, &luc, 2).await;
    assert_eq!(unlink(&harness, &luc).await, Ok(()));
    assert_eq!(remove_passkey(&harness, &luc).await, Err(ApiError::FactorNeeded));
}

/// AUTH-14: a session that the provider has vouched for is unlocked as it was opened: a password would make less of it.
#[tokio::test]
async fn auth_14_a_password_unlocks_nothing_that_the_provider_has_vouched_for() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&["eidas1"]).await;
    require_factors(&harness).await;
    let browser = Browser::new(&harness);
    enter(&browser, &provider, vouched(ANNE)).await;
    harness.clock.advance_ms(HOUR_MS);

    let page = browser.sign_in(&anne.email, PASSWORD).await;

    assert!(page.body.contains("votre compte d’organisation"), "{}", page.body);
    assert_eq!(browser.who().await, None);
    enter(&browser, &provider, vouched(ANNE)).await;
    assert_eq!(browser.who().await, Some(anne.email));
    assert!(is_free(&browser).await);
}

/// Who has a factor of their own unlocks by the password, as everywhere, and is held by nothing.
#[tokio::test]
async fn auth_14_who_has_a_factor_of_their_own_unlocks_by_the_password() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&["eidas1"]).await;
    set_up(&harness, &anne).await;
    require_factors(&harness).await;
    let browser = Browser::new(&harness);
    enter(&browser, &provider, vouched(ANNE)).await;
    harness.clock.advance_ms(HOUR_MS);
    assert_eq!(browser.who().await, None, "locked");

    browser.sign_in(&anne.email, PASSWORD).await;

    assert_eq!(browser.who().await, Some(anne.email));
    assert!(is_free(&browser).await);
}

/// AUTH-13: a code that follows an old sign-in at the provider proves no more than that.
#[tokio::test]
async fn auth_13_a_code_makes_an_old_proof_no_younger() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let cases = [(Some(600), false), (None, false), (Some(0), true)];
    let mut browsers = Vec::new();
    for _ in cases {
        browsers.push(familiar(&harness, &provider).await);
    }
    let (app, _) = set_up(&harness, &anne).await;
    for (browser, (proven_s_ago, proves)) in browsers.iter().zip(cases) {
        harness.clock.advance_ms(30_000);
        let known = Known {
            proven_s_ago,
            ..known(ANNE)
        };
        let page = enter(browser, &provider, known).await;
        assert_eq!(page.address, "/connexion?etape=code&suite=/accueil");
        give_code(browser, &app.shows(harness.now())).await;
        assert_eq!(browser.who().await.as_ref(), Some(&anne.email));

        let remove = [("operation", "accounts.remove_authenticator")];
        let page = browser.post("/parametres/securite", &remove).await;

        assert_eq!(page.status.is_success(), proves, "{proven_s_ago:?}");
    }
    assert_eq!(harness.snapshot().n_rows("authenticators"), 0);
}

/// AUTH-13: nor does a code that follows a password four minutes later.
#[tokio::test]
async fn auth_13_a_proof_is_as_old_as_its_first_step() {
    let Scene { harness, anne, .. } = scene(&[]).await;
    let (app, _) = set_up(&harness, &anne).await;
    let Err(ApiError::SecondFactor { ticket }) =
        super::sign_in(&harness, &anne.email, PASSWORD).await.map(|_| ())
    else {
        panic!("a code is asked for")
    };
    harness.clock.advance_ms(4 * 60_000);
    let wish = app::accounts::FinishSignIn {
        ticket,
        code: app.shows(harness.now()),
        client: app::accounts::ClientKind::Api,
    };
    let signed_in = harness.call_signed_out(wish).await.unwrap();
    let mut here = anne.clone();
    here.device = signed_in.account.device;
    here.caller.device = here.device;

    harness.clock.advance_ms(60_000 + 1);

    let wish = app::accounts::MakeRecoveryCodes {};
    let made = harness.call(&here, wish).await.map(|_| ());
    assert_eq!(made, Err(ApiError::ConfirmIdentity));
}

/// AUTH-08: what a link has opened is worth no more once it is gone.
#[tokio::test]
async fn auth_08_unlinking_takes_back_what_the_link_has_lent() {
    let Scene {
        mut harness,
        provider,
        anne,
    } = scene(&["eidas1"]).await;
    require_factors(&harness).await;
    let cookie = {
        let browser = Browser::new(&harness);
        enter(&browser, &provider, vouched(ANNE)).await;
        assert!(is_free(&browser).await);
        browser.cookie("pli").unwrap()
    };
    // Meanwhile the provider stands for a password, and somebody waits for their code.
    harness.name_provider(Provider::new(provider.settings(&[])));
    let (app, _) = set_up(&harness, &anne).await;
    let waiting = Browser::new(&harness);
    let returned = provider.recognise(&leave(&waiting).await, known(ANNE));
    waiting.come_back(&returned).await;

    assert_eq!(unlink(&harness, &anne).await, Ok(()));

    harness.clock.advance_ms(30_000);
    give_code(&waiting, &app.shows(harness.now())).await;
    assert_eq!(waiting.who().await, None, "the ticket went with the link");
    let remove = |tx: &mut Tx<'_>| {
        tx.execute(
            "update accounts set has_second_factor = 0 where is_admin = 0",
            &[],
        )
    };
    harness.context.db.write(remove).await.unwrap();
    let browser = Browser::new(&harness);
    browser.put_cookie("pli", &cookie);
    assert!(!is_free(&browser).await, "held until it has a factor of its own");
}
