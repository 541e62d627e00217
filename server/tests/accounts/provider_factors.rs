//! What a sign-in by the provider is worth: a password, or two factors where the provider is asked to vouch for them; and when
//! it proves who is there.
//!
//! AUTH-08, AUTH-11, AUTH-13, AUTH-14.

use app::accounts::{InvitePerson, SavePolicy, StartProviderProof};
use app::api::{ApiError, InvalidReason};
use server::openid::Provider;

use super::browser::{Browser, Page};
use super::hostile_provider::{HostileProvider, Known, asked, known};
use super::passkeys::{person, with_passkey};
use super::provider::{ANNE, Scene, enter, familiar, leave, link, scene, vouched};
use super::second_factor::set_up;
use crate::harness::{Account, Harness, PASSWORD};

const MINUTE_MS: i64 = 60_000;

/// Asks two factors of everybody.
pub(super) async fn require_factors(harness: &Harness) {
    let admin = harness.admin("Nadia Belkacem").await;
    set_up(harness, &admin).await;
    let is_factor_required = true;
    harness
        .call(&admin, SavePolicy { is_factor_required })
        .await
        .unwrap();
}

/// Whether the browser's session does more than set a factor up.
pub(super) async fn is_free(browser: &Browser<'_>) -> bool {
    browser.open("/reseau").await.address == "/reseau"
}

/// Proves by the provider who is there.
pub(super) async fn prove(browser: &Browser<'_>, provider: &HostileProvider, known: Known) -> Page {
    let start = [
        ("operation", "accounts.start_provider_proof"),
        ("page", "/parametres/appareils"),
    ];
    let page = browser.post("/parametres/securite", &start).await;
    assert!(page.address.starts_with(&provider.issuer), "{}", page.address);
    browser.come_back(&provider.recognise(&page.address, known)).await
}

/// Whether the browser's session may change what protects the account.
pub(super) async fn is_proven(browser: &Browser<'_>) -> bool {
    let start = [("operation", "accounts.start_authenticator")];
    let page = browser.post("/parametres/securite", &start).await;
    page.body.contains("authenticator__key")
}

/// AUTH-14: it counts as two factors when the provider vouches for them, and then alone.
#[tokio::test]
async fn auth_08_a_class_that_was_asked_for_stands_for_two_factors() {
    let Scene {
        harness, provider, ..
    } = scene(&["eidas1"]).await;
    require_factors(&harness).await;
    let browser = Browser::new(&harness);

    let page = enter(&browser, &provider, vouched(ANNE)).await;

    assert_eq!(page.address, "/accueil");
    assert!(is_free(&browser).await);
}

#[tokio::test]
async fn auth_08_without_a_class_it_stands_for_a_password() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    require_factors(&harness).await;
    let browser = Browser::new(&harness);

    // What the provider says without being asked counts for nothing.
    let page = enter(&browser, &provider, vouched(ANNE)).await;

    assert_eq!(page.address, "/parametres/securite", "led to set one up");
    assert!(!is_free(&browser).await);
}

/// A class that is asked for later makes nobody's open session stronger, and one that is asked for no longer none weaker.
#[tokio::test]
async fn auth_08_what_a_session_is_worth_is_decided_when_it_opens() {
    let mut scene = scene(&[]).await;
    require_factors(&scene.harness).await;
    let cookie = |browser: &Browser<'_>| browser.cookie("pli").unwrap();
    let weak = {
        let browser = Browser::new(&scene.harness);
        enter(&browser, &scene.provider, known(ANNE)).await;
        cookie(&browser)
    };
    scene
        .harness
        .name_provider(Provider::new(scene.provider.settings(&["eidas1"])));
    let strong = {
        let browser = Browser::new(&scene.harness);
        enter(&browser, &scene.provider, vouched(ANNE)).await;
        cookie(&browser)
    };
    scene.harness.context.provider = None;

    for (cookie, free) in [(weak, false), (strong, true)] {
        let browser = Browser::new(&scene.harness);
        browser.put_cookie("pli", &cookie);
        assert_eq!(is_free(&browser).await, free);
    }
}

/// AUTH-07: who has an authenticator app is asked for its code, as after a password; the browser holds what it finishes.
#[tokio::test]
async fn auth_08_an_authenticator_app_is_asked_for_unless_the_provider_vouches() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let (app, codes) = set_up(&harness, &anne).await;
    let browser = Browser::new(&harness);
    let n_devices = harness.snapshot().n_rows("devices");

    let page = enter(&browser, &provider, known(ANNE)).await;

    assert_eq!(page.address, "/connexion?etape=code&suite=/accueil");
    assert!(
        page.body.contains("Votre organisation vous a reconnu"),
        "{}",
        page.body
    );
    assert_eq!(
        harness.snapshot().n_rows("devices"),
        n_devices,
        "no session before the code"
    );
    assert_eq!(browser.who().await, None);
    let give = async |browser: &Browser<'_>, code: &str| {
        let fields = [
            ("operation", "accounts.finish_sign_in"),
            ("ticket", ""),
            ("code", code),
        ];
        browser
            .post("/connexion?etape=code&suite=/accueil", &fields)
            .await
    };
    let wrong = give(&browser, "000000").await;
    assert!(wrong.body.contains("Ce code ne convient pas"), "{}", wrong.body);
    let elsewhere = Browser::new(&harness);
    give(&elsewhere, &codes.codes[0].0).await;
    assert_eq!(elsewhere.who().await, None, "another browser holds no ticket");
    give(&browser, &app.shows(harness.now()).0).await;
    assert_eq!(browser.who().await, Some(anne.email.clone()));
    let used = browser.cookie("pli-attempt").unwrap();
    let again = Browser::new(&harness);
    again.put_cookie("pli-attempt", &used);
    give(&again, &codes.codes[1].0).await;
    assert_eq!(again.who().await, None, "it counts once");
}

#[tokio::test]
async fn auth_08_whoever_the_provider_vouches_for_is_asked_for_nothing_more() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&["eidas1"]).await;
    set_up(&harness, &anne).await;
    let browser = Browser::new(&harness);

    let page = enter(&browser, &provider, vouched(ANNE)).await;

    assert_eq!(page.address, "/accueil");
    assert_eq!(browser.who().await, Some(anne.email));
}

/// AUTH-14: a passkey is more than a sign-in that stands for a password.
#[tokio::test]
async fn auth_08_where_two_factors_are_asked_for_a_passkey_is_more_than_the_provider() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let luc = person(&harness, "Luc Gagné").await;
    with_passkey(&harness, &luc, 1).await;
    let browser = Browser::new(&harness);
    browser.sign_in(&luc.email, PASSWORD).await;
    link(&browser, &provider, known("luc")).await;
    require_factors(&harness).await;
    let elsewhere = Browser::new(&harness);

    let page = enter(&elsewhere, &provider, known("luc")).await;

    assert_eq!(page.address, "/connexion?refus=cle");
    assert_eq!(elsewhere.who().await, None);
}

/// AUTH-14: the other way round: where the provider vouches for two factors, the password alone is too little.
#[tokio::test]
async fn auth_08_where_two_factors_are_asked_for_the_password_of_who_is_linked_opens_nothing() {
    let Scene { harness, anne, .. } = scene(&["eidas1"]).await;
    let luc = harness.account("Luc Gagné").await;
    require_factors(&harness).await;
    let (of_anne, of_luc) = (Browser::new(&harness), Browser::new(&harness));

    let page = of_anne.sign_in(&anne.email, PASSWORD).await;
    of_luc.sign_in(&luc.email, PASSWORD).await;

    assert!(page.body.contains("votre compte d’organisation"), "{}", page.body);
    assert_eq!(of_anne.who().await, None);
    assert_eq!(
        of_luc.who().await,
        Some(luc.email),
        "who has no other way sets one up"
    );
}

/// AUTH-14: an administrator who comes in by two factors may ask them of everybody.
#[tokio::test]
async fn auth_08_an_administrator_whom_the_provider_vouches_for_has_two_factors() {
    let Scene {
        harness, provider, ..
    } = scene(&["eidas1"]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let by_password = Browser::new(&harness);
    by_password.sign_in(&admin.email, PASSWORD).await;
    link(&by_password, &provider, vouched("nadia")).await;
    let by_provider = Browser::new(&harness);
    enter(&by_provider, &provider, vouched("nadia")).await;
    let wish = [
        ("operation", "accounts.save_policy"),
        ("is_factor_required", "true"),
    ];

    assert_eq!(
        by_password
            .post("/parametres/comptes", &wish)
            .await
            .status
            .as_u16(),
        403
    );
    assert_eq!(
        by_provider
            .post("/parametres/comptes", &wish)
            .await
            .status
            .as_u16(),
        200
    );

    assert!(is_free(&by_provider).await);
}

/// AUTH-11: at a tablet that others use, and before a lock, the provider may not let in whoever it knew last.
#[tokio::test]
async fn auth_08_at_a_shared_or_locked_device_the_provider_asks_anew() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let browser = Browser::new(&harness);
    enter(&browser, &provider, known(ANNE)).await;
    let from_before = Known {
        proven_s_ago: Some(600),
        ..known(ANNE)
    };

    // Locked: an hour without anybody.
    harness.clock.advance_ms(61 * MINUTE_MS);
    let address = leave(&browser).await;
    assert_eq!(asked(&address)["prompt"], "login");
    let page = browser
        .come_back(&provider.recognise(&address, from_before.clone()))
        .await;
    assert_eq!(page.address, "/connexion?refus=ancien");
    assert_eq!(enter(&browser, &provider, known(ANNE)).await.address, "/accueil");

    // Shared, and signed out.
    let share = [("operation", "accounts.save_device"), ("is_shared", "true")];
    browser.post("/parametres/appareils", &share).await;
    browser.sign_out().await;
    let address = leave(&browser).await;
    assert_eq!(asked(&address)["prompt"], "login");
    let page = browser
        .come_back(&provider.recognise(&address, from_before))
        .await;
    assert_eq!(page.address, "/connexion?refus=ancien");
    assert_eq!(browser.who().await, None);
}

/// AUTH-11: unlocking by the provider takes the old session's place, as unlocking by a password does.
#[tokio::test]
async fn auth_08_unlocking_by_the_provider_asks_for_no_code_and_proves_no_more() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let browser = Browser::new(&harness);
    browser.sign_in(&anne.email, PASSWORD).await;
    set_up(&harness, &anne).await;
    harness.clock.advance_ms(61 * MINUTE_MS);
    assert_eq!(browser.who().await, None, "locked");

    let page = enter(&browser, &provider, known(ANNE)).await;

    assert_eq!(page.address, "/accueil");
    assert_eq!(browser.who().await, Some(anne.email));
    let remove = [("operation", "accounts.remove_authenticator")];
    assert_eq!(
        browser
            .post("/parametres/securite", &remove)
            .await
            .status
            .as_u16(),
        403
    );
}

/// AUTH-13: a sign-in is a proof of who is there only if the provider has asked for one just now.
#[tokio::test]
async fn auth_08_a_sign_in_proves_who_is_there_from_when_the_provider_has_asked() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    for (proven_s_ago, proves) in [
        (Some(0), true),
        (Some(299), true),
        (Some(301), false),
        (None, false),
    ] {
        let browser = familiar(&harness, &provider).await;
        let known = Known {
            proven_s_ago,
            ..known(ANNE)
        };
        assert_eq!(enter(&browser, &provider, known).await.address, "/accueil");
        assert_eq!(is_proven(&browser).await, proves, "{proven_s_ago:?}");
    }
}

/// Who has joined by the provider has no password to confirm with: the provider confirms.
#[tokio::test]
async fn auth_08_the_provider_proves_who_is_there() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let browser = Browser::new(&harness);
    enter(&browser, &provider, known(ANNE)).await;
    harness.clock.advance_ms(5 * MINUTE_MS + 1);
    assert!(!is_proven(&browser).await);

    // By somebody else's identity; by an old sign-in; then well.
    let other = prove(&browser, &provider, known("somebody else")).await;
    assert_eq!(other.address, "/parametres/securite?refus=lie");
    let old = Known {
        proven_s_ago: Some(600),
        ..known(ANNE)
    };
    let stale = prove(&browser, &provider, old).await;
    assert_eq!(stale.address, "/parametres/securite?refus=ancien");
    assert!(!is_proven(&browser).await);
    let page = prove(&browser, &provider, known(ANNE)).await;
    assert_eq!(page.address, "/parametres/appareils");
    assert!(is_proven(&browser).await);
}

#[tokio::test]
async fn auth_08_a_proof_is_of_the_device_it_began_on() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let (one, other) = (Browser::new(&harness), Browser::new(&harness));
    one.sign_in(&anne.email, PASSWORD).await;
    other.sign_in(&anne.email, PASSWORD).await;
    harness.clock.advance_ms(5 * MINUTE_MS + 1);
    let start = [("operation", "accounts.start_provider_proof")];
    let address = one.post("/parametres/securite", &start).await.address;
    let returned = provider.recognise(&address, known(ANNE));

    other.put_cookie("pli-attempt", &one.cookie("pli-attempt").unwrap());
    let page = other.come_back(&returned).await;

    assert_eq!(page.address, "/parametres/securite?refus=expire");
    assert!(!is_proven(&other).await && !is_proven(&one).await);
}

/// AUTH-13: a proof is all that the account asks for, a code too where it has an app and the provider stands for a password.
#[tokio::test]
async fn auth_08_a_proof_by_the_provider_takes_a_code_where_there_is_an_app() {
    let Scene {
        mut harness,
        provider,
        anne,
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let (app, _) = set_up(&harness, &anne).await;
    let start = async |harness: &Harness, account: &Account, code: Option<app::accounts::Secret>| {
        let page = String::new();
        harness
            .call(account, StartProviderProof { code, page })
            .await
            .map(|_| ())
    };

    let missing = start(&harness, &anne, None).await;
    assert_eq!(missing, Err(ApiError::invalid("code", InvalidReason::Empty)));
    let wrong = start(&harness, &anne, Some(super::secret("000000"))).await;
    assert_eq!(wrong, Err(ApiError::WrongCode));
    let right = app.shows(harness.now());
    assert_eq!(start(&harness, &anne, Some(right.clone())).await, Ok(()));
    assert_eq!(
        start(&harness, &anne, Some(right)).await,
        Err(ApiError::WrongCode),
        "it counts once"
    );
    assert_eq!(
        start(&harness, &luc, None).await,
        Err(ApiError::NotFound),
        "not linked"
    );
    harness.name_provider(Provider::new(provider.settings(&["eidas1"])));
    assert_eq!(start(&harness, &anne, None).await, Ok(()), "the provider vouches");
}

/// Who is held for want of a factor, and has no password, can still prove who they are, and add one.
#[tokio::test]
async fn auth_08_who_has_no_password_sets_a_factor_up_by_the_provider() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let wish = InvitePerson {
        email: "luc@demo.example".to_owned(),
        name: "Luc Gagné".to_owned(),
        profession: "pharmacien".to_owned(),
        workplace: "GMF du Canal".to_owned(),
    };
    let key = harness.call(&admin, wish).await.unwrap().path.0;
    let browser = Browser::new(&harness);
    let join = [
        ("operation", "accounts.start_provider_join"),
        ("key", key.split_once("#k=").unwrap().1),
        ("name", "Luc Gagné"),
        ("profession", "pharmacien"),
        ("workplace", "GMF du Canal"),
    ];
    let address = browser.post("/invitation", &join).await.address;
    browser
        .come_back(&provider.recognise(&address, known("luc")))
        .await;
    set_up(&harness, &admin).await;
    let is_factor_required = true;
    harness
        .call(&admin, SavePolicy { is_factor_required })
        .await
        .unwrap();
    harness.clock.advance_ms(5 * MINUTE_MS + 1);
    assert!(!is_free(&browser).await);
    assert!(!is_proven(&browser).await);

    let page = browser
        .open("/parametres/securite?confirmer=/parametres/securite")
        .await;
    assert!(
        page.body.contains("accounts.start_provider_proof"),
        "{}",
        page.body
    );
    prove(&browser, &provider, known("luc")).await;

    assert!(is_proven(&browser).await);
}
