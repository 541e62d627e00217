//! The pages that lead to the provider and back: what is offered, what is said, and what no other site can do with them.
//!
//! AUTH-08, WEB-01, WEB-04, WEB-10.

use app::accounts::{GetMe, GetProvider, GetSecurity};
use app::api::ApiError;
use axum::http::{HeaderMap, StatusCode, header};
use server::context::SessionChange;
use server::http::CookieMode;

use super::browser::Browser;
use super::hostile_provider::known;
use super::provider::{ANNE, Scene, leave, scene};
use super::secret;
use crate::harness::Harness;

fn set_cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::SET_COOKIE).iter();
    values.map(|value| value.to_str().unwrap().to_owned()).collect()
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
        assert!(page.body.contains("notice--danger"), "{language} {word}");
    }
    for made_up in ["%3Cb%3E", "inconnu2", "", "Inconnu"] {
        let page = browser.open(&format!("/connexion?refus={made_up}")).await;
        assert!(!page.body.contains("<b>"), "{made_up}");
        assert!(!page.body.contains("notice--danger"), "{made_up}");
    }
}
