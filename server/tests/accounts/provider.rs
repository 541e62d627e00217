//! Signing in by the organisation's provider: what goes there, what comes back, and what a session by it is.
//!
//! AUTH-08; a real provider does the same in the journeys.

use app::accounts::{GetSecurity, ListDevices, NoticeKind, RevokeDevice};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use server::openid::Provider;

use super::browser::{Browser, Page};
use super::hostile_provider::{HostileProvider, Known, asked, known};
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
    let page = link(&browser, &provider, vouched(ANNE)).await;
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

/// As the provider vouches for two factors.
pub(super) fn vouched(subject: &str) -> Known {
    Known {
        acr: Some("eidas1"),
        ..known(subject)
    }
}

/// A browser in which Anne was signed in by the provider, and which she has left: there alone it need not ask her anew.
pub(super) async fn familiar<'h>(harness: &'h Harness, provider: &HostileProvider) -> Browser<'h> {
    let browser = Browser::new(harness);
    assert_eq!(enter(&browser, provider, vouched(ANNE)).await.address, "/accueil");
    browser.sign_out().await;
    browser
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
    let browser = familiar(&harness, &provider).await;
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
    // What is stored, brought back in the place of what it was made of, in each form that a key could have.
    let read = |tx: &mut server::store::Tx<'_>| {
        tx.list("select key_hash, state_hash from provider_attempts", &[], |row| {
            Ok((row.get::<Vec<u8>>(0)?, row.get::<Vec<u8>>(1)?))
        })
    };
    let (key_hash, state_hash) = harness.context.db.read(read).await.unwrap().remove(0);
    let returned = provider.recognise(&address, known(ANNE));
    let forms: [fn(&[u8]) -> String; 2] = [|bytes| URL_SAFE_NO_PAD.encode(bytes), hex];
    for write in forms {
        for (cookie, state) in [
            (write(&key_hash), write(&state_hash)),
            (write(&key_hash), sent["state"].clone()),
            (write(&state_hash), sent["state"].clone()),
        ] {
            let thief = Browser::new(&harness);
            thief.put_cookie("pli-attempt", &cookie);
            let mut brought = returned.clone();
            brought[1].1 = state;
            assert_eq!(thief.come_back(&brought).await.address, "/connexion?refus=expire");
        }
    }
    // It was what they lacked.
    assert_eq!(browser.come_back(&returned).await.address, "/accueil");
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
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
    browser.sign_out().await;
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

    let before = harness.snapshot();
    let mut answers = Vec::new();
    for subject in [ANNE, "nobody"] {
        let browser = Browser::new(&harness);
        let address = leave(&browser).await;
        browser.take_passed();
        let page = browser
            .come_back(&provider.recognise(&address, known(subject)))
            .await;
        assert_eq!(page.address, "/connexion?refus=inconnu", "{subject}");
        assert_eq!(browser.who().await, None, "{subject}");
        // Without what is drawn anew for each page, and its moment.
        let drawn = |before: &str| -> String {
            let rest = page.body.split(before).nth(1).unwrap();
            rest.chars().take_while(|c| !"\"\\".contains(*c)).collect()
        };
        let mut body = page.body.clone();
        for word in [
            drawn("nonce=\""),
            drawn("form_key\\\":\\\""),
            harness.now().0.to_string(),
        ] {
            body = body.replace(&word, "");
        }
        let mut passed = browser.take_passed();
        passed.pop();
        answers.push((passed, page.status, body));
    }

    assert_eq!(answers[0].0.len(), 3, "back, to the end, and to the page");
    assert_eq!(answers[0], answers[1], "step by step, and word by word");
    assert_eq!(harness.snapshot(), before, "neither leaves anything");
}
