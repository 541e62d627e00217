//! Signing in by the organisation's provider: what goes there, what comes back, and what a session by it is.
//!
//! AUTH-08; a real provider does the same in the journeys.

use app::accounts::{GetMe, GetProvider, GetSecurity, ListDevices, NoticeKind, RevokeDevice};
use app::api::ApiError;
use axum::http::{HeaderMap, StatusCode, header};
use server::context::SessionChange;
use server::http::CookieMode;
use server::openid::Provider;

use super::browser::{Browser, Page};
use super::hostile_provider::{HostileProvider, Known, asked, known};
use super::secret;
use super::signers::Signer;
use crate::harness::{Account, Harness, PASSWORD};

/// How the provider calls Anne.
pub(super) const ANNE: &str = "a8f1-anne";

/// An instance with its provider, and Anne, whose account is linked to it.
pub(super) struct Scene {
    pub(super) harness: Harness,
    pub(super) provider: HostileProvider,
    pub(super) anne: Account,
}

/// Sets it; these classes of authentication are asked for.
pub(super) async fn scene(acr: &[&str]) -> Scene {
    let mut harness = Harness::new();
    let provider = HostileProvider::start(&harness.clock).await;
    harness.name_provider(Provider::new(provider.settings(acr)));
    let anne = harness.account("Anne Roy").await;
    let browser = Browser::new(&harness);
    browser.sign_in(&anne.email, PASSWORD).await;
    let vouched = Known {
        acr: Some("eidas1"),
        ..known(ANNE)
    };
    let page = link(&browser, &provider, vouched).await;
    assert_eq!(page.address, "/parametres/securite");
    Scene {
        harness,
        provider,
        anne,
    }
}

/// Links the account of whoever is signed in.
pub(super) async fn link(browser: &Browser<'_>, provider: &HostileProvider, known: Known) -> Page {
    let start = [("operation", "accounts.start_provider_link")];
    let page = browser.post("/parametres/securite", &start).await;
    assert!(page.address.starts_with(&provider.issuer), "{}", page.address);
    browser.come_back(&provider.recognise(&page.address, known)).await
}

/// Goes to the provider to sign in; where that is.
pub(super) async fn leave(browser: &Browser<'_>) -> String {
    browser.open("/organisation/connexion").await.address
}

/// A whole sign-in.
pub(super) async fn enter(browser: &Browser<'_>, provider: &HostileProvider, known: Known) -> Page {
    let address = leave(browser).await;
    assert!(address.starts_with(&provider.issuer), "{address}");
    browser.come_back(&provider.recognise(&address, known)).await
}

fn set_cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::SET_COOKIE).iter();
    values.map(|value| value.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn auth_08_an_identity_that_is_linked_opens_its_account() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let browser = Browser::new(&harness);

    let page = enter(&browser, &provider, known(ANNE)).await;

    assert_eq!(page.address, "/accueil");
    assert_eq!(browser.who().await, Some(anne.email.clone()));
    assert!(browser.cookie("pli-attempt").is_none(), "it is over");
    let security = harness.call(&anne, GetSecurity {}).await.unwrap();
    let standing = security.provider.unwrap();
    assert_eq!(standing.label, "CISSS du Lac");
    assert_eq!(standing.link.unwrap().used_at, Some(harness.now()));
}

/// AUTH-08: PKCE always; what goes with the browser is drawn anew each time, and tells nothing of a person.
#[tokio::test]
async fn auth_08_what_goes_to_the_provider_is_drawn_anew_and_tells_of_nobody() {
    let Scene {
        harness, provider, ..
    } = scene(&["eidas1"]).await;
    let browser = Browser::new(&harness);
    let address = leave(&browser).await;
    let (first, second) = (asked(&address), asked(&leave(&browser).await));

    for name in ["state", "nonce", "code_challenge"] {
        // 256 bits, base64url.
        assert_eq!(first[name].len(), 43, "{name}");
        assert_ne!(first[name], second[name], "{name}");
    }
    let distinct: std::collections::HashSet<_> =
        [&first["state"], &first["nonce"], &first["code_challenge"]].into();
    assert_eq!(distinct.len(), 3);
    assert_eq!(first["code_challenge_method"], "S256");
    assert_eq!(first["redirect_uri"], "http://127.0.0.1:8080/organisation/retour");
    assert_eq!(first["acr_values"], "eidas1");
    assert_eq!(first["ui_locales"], "fr-CA");
    assert!(
        first["claims"].contains(r#""values":["eidas1"]"#),
        "{}",
        first["claims"]
    );
    assert!(
        !first.contains_key("prompt"),
        "the provider may know its people from before"
    );
    assert!(!first.contains_key("login_hint"));
    assert!(address.starts_with(&format!("{}/auth?", provider.issuer)));
    assert_eq!(
        provider.n_asked(super::hostile_provider::Door::Description),
        1,
        "asked once, by an hour"
    );
}

#[tokio::test]
async fn auth_08_a_stolen_database_finishes_nothing() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let browser = Browser::new(&harness);

    let address = leave(&browser).await;

    let sent = asked(&address);
    let stored = harness.snapshot();
    assert_eq!(stored.n_rows("provider_attempts"), 1);
    let key = browser.cookie("pli-attempt").unwrap();
    for word in [&key, &sent["state"], &sent["nonce"], &sent["code_challenge"]] {
        assert!(!stored.holds(word), "{word}");
    }
    // What is stored, brought back in the place of what it was made of.
    let returned = provider.recognise(&address, known(ANNE));
    let thief = Browser::new(&harness);
    thief.put_cookie("pli-attempt", &sent["state"]);
    assert_eq!(
        thief.come_back(&returned).await.address,
        "/connexion?refus=expire"
    );
}

/// How many browsers that were new their owner was told of.
async fn n_new_devices(harness: &Harness, account: &Account) -> usize {
    let told = harness.call(account, GetSecurity {}).await.unwrap().notices;
    told.iter()
        .filter(|notice| notice.kind == NoticeKind::NewDevice)
        .count()
}

#[tokio::test]
async fn auth_08_a_session_by_the_provider_is_a_device_like_any_other() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let before = harness.call(&anne, ListDevices {}).await.unwrap().devices;
    let browser = Browser::new(&harness);
    enter(&browser, &provider, known(ANNE)).await;

    let after = harness.call(&anne, ListDevices {}).await.unwrap().devices;
    let new: Vec<_> = after.iter().filter(|device| !before.contains(device)).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].name, "Firefox, Linux");
    let n_told = n_new_devices(&harness, &anne).await;
    assert_eq!(n_told, 2, "the browser that linked the account, and this one");
    // The same browser again is the same device, and no news.
    browser
        .post("/parametres/profil", &[("operation", "accounts.sign_out")])
        .await;
    enter(&browser, &provider, known(ANNE)).await;
    assert_eq!(n_new_devices(&harness, &anne).await, n_told);

    let devices = harness.call(&anne, ListDevices {}).await.unwrap().devices;
    let is_new = |id| before.iter().all(|device| device.id != id);
    let device = devices.iter().find(|device| is_new(device.id)).unwrap().id;
    harness.call(&anne, RevokeDevice { device }).await.unwrap();
    assert_eq!(browser.who().await, None);
}

#[tokio::test]
async fn auth_08_each_pair_of_keys_that_providers_use_is_understood() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let signers = [
        Signer::rsa("RS256"),
        Signer::rsa("PS256"),
        Signer::ed(3),
        Signer::ec(4),
    ];
    for (n, signer) in signers.into_iter().enumerate() {
        let algorithm = signer.algorithm();
        provider.change_key(signer, &format!("key-{n}"));
        harness.clock.advance_ms(60_000);
        let browser = Browser::new(&harness);

        let page = enter(&browser, &provider, known(ANNE)).await;

        assert_eq!(page.address, "/accueil", "{algorithm}");
    }
}

/// AUTH-08: each provider has names of its own for people.
#[tokio::test]
async fn auth_08_the_same_subject_of_another_issuer_is_another_person() {
    let Scene {
        mut harness, anne, ..
    } = scene(&[]).await;
    let other = HostileProvider::start(&harness.clock).await;
    harness.name_provider(Provider::new(other.settings(&[])));
    let browser = Browser::new(&harness);

    let page = enter(&browser, &other, known(ANNE)).await;

    assert_eq!(page.address, "/connexion?refus=inconnu");
    assert_eq!(browser.who().await, None);
    let standing = harness
        .call(&anne, GetSecurity {})
        .await
        .unwrap()
        .provider
        .unwrap();
    assert_eq!(standing.link, None, "of this provider");
}

/// AUTH-08: an address may be given to somebody else one day, or be made up.
#[tokio::test]
async fn auth_08_an_address_links_nobody() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let before = harness.snapshot().n_rows("provider_links");
    for email in [anne.email.clone(), luc.email.clone()] {
        provider.twist(move |token| {
            token.claim("email", email.clone());
            token.claim("email_verified", true);
            token.claim("preferred_username", email.clone());
        });
        let browser = Browser::new(&harness);

        let page = enter(&browser, &provider, known("somebody else")).await;

        assert_eq!(page.address, "/connexion?refus=inconnu");
        assert_eq!(browser.who().await, None);
    }
    assert_eq!(harness.snapshot().n_rows("provider_links"), before);
}

#[tokio::test]
async fn auth_08_a_suspended_person_and_a_stranger_answer_alike() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let wish = app::accounts::SuspendAccount {
        account: anne.id,
        suspended: true,
    };
    harness.call(&admin, wish).await.unwrap();

    let suspended = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
    let stranger = enter(&Browser::new(&harness), &provider, known("nobody")).await;

    assert_eq!(suspended.address, "/connexion?refus=inconnu");
    assert_eq!(stranger.address, suspended.address);
    let without_nonce = |page: &Page| page.body.len();
    assert_eq!(without_nonce(&stranger), without_nonce(&suspended));
}

#[tokio::test]
async fn auth_08_the_page_that_was_asked_for_is_shown_and_no_other_site() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    for (asked_for, shown) in [
        ("/reseau", "/reseau"),
        ("//evil.example", "/accueil"),
        ("https://evil.example", "/accueil"),
        ("/%5Cevil.example", "/accueil"),
        ("", "/accueil"),
    ] {
        let browser = Browser::new(&harness);
        let address = browser
            .open(&format!("/organisation/connexion?suite={asked_for}"))
            .await
            .address;

        let page = browser
            .come_back(&provider.recognise(&address, known(ANNE)))
            .await;

        assert_eq!(page.address, shown, "{asked_for}");
    }
}

/// WEB-04: what a browser holds on its way is for this host alone, and goes with no request of another site.
#[test]
fn auth_08_the_cookie_of_an_attempt_is_short_lived_and_bound_to_this_host() {
    let change = SessionChange::Departed {
        attempt: secret("a-key"),
    };
    let written = |mode: CookieMode| mode.headers(&change)[0].to_str().unwrap().to_owned();

    let cookie = written(CookieMode::Secure);
    assert!(cookie.starts_with("__Host-pli-attempt=a-key; "), "{cookie}");
    for word in ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=600", "Secure"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(written(CookieMode::PlainLoopback).starts_with("pli-attempt=a-key; "));
}

/// AUTH-08: nothing begins and nothing ends by a page of another site.
#[tokio::test]
async fn auth_08_another_site_leads_nobody_there_and_nobody_in() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let browser = Browser::new(&harness);

    let led = browser.open_from_elsewhere("/organisation/connexion").await;
    assert_eq!(led.status, StatusCode::SEE_OTHER);
    assert_eq!(led.headers[header::LOCATION], "/connexion");
    assert!(set_cookies(&led.headers).is_empty());
    let address = leave(&browser).await;
    let returned = provider.recognise(&address, known(ANNE));
    let query = serde_html_form::to_string(&returned).unwrap();
    let led = browser
        .open_from_elsewhere(&format!("/organisation/fin?{query}"))
        .await;
    assert_eq!(led.headers[header::LOCATION], "/connexion?refus=expire");

    // The attempt was not theirs to use up.
    assert_eq!(browser.come_back(&returned).await.address, "/accueil");
}

/// WEB-01, WEB-10: the page that leads back in holds what the provider has sent, and nothing of it is more than text.
#[tokio::test]
async fn auth_08_what_is_brought_back_breaks_out_of_no_page() {
    let Scene { harness, .. } = scene(&[]).await;
    let browser = Browser::new(&harness);
    let hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";

    let page = browser
        .open_from_elsewhere(&format!(
            "/organisation/retour?code={hostile}&state={hostile}&other={hostile}"
        ))
        .await;

    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.body.contains("<script") && !page.body.contains("alert(1)<"),
        "{}",
        page.body
    );
    assert!(page.body.contains("url=/organisation/fin?code="), "{}", page.body);
    assert!(!page.body.contains("other="), "{}", page.body);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let endless = format!("/organisation/retour?code={}", "a".repeat(32 * 1024));
    assert!(browser.open_from_elsewhere(&endless).await.body.len() < 4_096);
}

#[tokio::test]
async fn auth_08_where_there_is_no_provider_nothing_leads_to_one() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let browser = Browser::new(&harness);

    for path in [
        "/organisation/connexion",
        "/organisation/depart",
        "/organisation/fin?code=a&state=b",
    ] {
        let page = browser.open(path).await;
        assert!(
            page.address.starts_with("/connexion"),
            "{path} leads to {}",
            page.address
        );
    }
    let page = browser.open("/connexion").await;
    assert!(!page.body.contains("/organisation/"), "no button");
    assert_eq!(harness.call_signed_out(GetProvider {}).await.unwrap().label, None);
    assert_eq!(harness.call(&anne, GetSecurity {}).await.unwrap().provider, None);
    assert_eq!(
        harness.call(&anne, app::accounts::StartProviderLink {}).await,
        Err(ApiError::NotFound)
    );
    assert!(harness.call_http(&anne, GetMe {}).await.is_ok());
}

/// The button stands on the page without a script, and each reason is said in both languages.
#[tokio::test]
async fn auth_08_the_page_offers_the_provider_and_says_why_it_led_nowhere() {
    let Scene { harness, .. } = scene(&[]).await;
    let browser = Browser::new(&harness);

    let page = browser.open("/connexion?suite=/reseau").await;

    assert!(
        page.body
            .contains("href=\"/organisation/connexion?suite=/reseau\""),
        "{}",
        page.body
    );
    assert!(page.body.contains("Se connecter avec CISSS du Lac"));
    for (language, word, words) in [
        ("fr-CA", "annule", "vous avez renoncé"),
        ("fr-CA", "inconnu", "Demandez une invitation"),
        ("fr-CA", "insuffisant", "assez sûrement"),
        ("fr-CA", "ancien", "demandé de nouveau qui est là"),
        ("fr-CA", "expire", "a trop attendu"),
        ("fr-CA", "injoignable", "ne répond pas"),
        ("fr-CA", "refuse", "elle a été refusée"),
        ("fr-CA", "lie", "déjà lié à un autre compte"),
        ("fr-CA", "cle", "Entrez avec votre clé"),
        ("en-CA", "annule", "or you gave up"),
        ("en-CA", "inconnu", "for an invitation"),
        ("en-CA", "insuffisant", "surely enough"),
        ("en-CA", "ancien", "ask again who is there"),
        ("en-CA", "expire", "has waited too long"),
        ("en-CA", "injoignable", "does not answer"),
        ("en-CA", "refuse", "it was refused"),
        ("en-CA", "lie", "linked to another account"),
        ("en-CA", "cle", "with your passkey"),
    ] {
        browser.put_cookie("lang", language);
        let page = browser.open(&format!("/connexion?refus={word}")).await;
        assert!(page.body.contains(words), "{language} {word}");
    }
    let made_up = browser.open("/connexion?refus=%3Cb%3E").await;
    assert!(!made_up.body.contains("role=\"alert\"><") || !made_up.body.contains("<b>"));
}
