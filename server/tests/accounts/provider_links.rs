//! What ties an identity of the provider to an account, and unties it: an invitation, or the act of somebody who has proven
//! lately who they are.
//!
//! AUTH-08, AUTH-13, INT-01.

use app::accounts::{
    GetMe, GetSecurity, InvitePerson, NoticeKind, RemoveProviderLink, ResetPassword, StartProviderLink,
    StartReset,
};
use app::api::{ApiError, InvalidReason};

use super::browser::{Browser, Page};
use super::hostile_provider::{HostileProvider, asked, known};
use super::provider::{ANNE, Scene, enter, leave, link, scene};
use super::{NEW_PASSWORD, secret};
use crate::harness::{Account, Harness, PASSWORD};

const LUC: &str = "77-luc";
const EMAIL: &str = "luc.gagne@demo.example";

/// The key of a fresh invitation for Luc.
async fn invitation(harness: &Harness, admin: &Account) -> String {
    let wish = InvitePerson {
        email: EMAIL.to_owned(),
        name: "Luc Gagné".to_owned(),
        profession: String::new(),
        workplace: String::new(),
    };
    let link = harness.call(admin, wish).await.unwrap();
    link.path.0.split_once("#k=").unwrap().1.to_owned()
}

/// Presses the button of the provider on the page of an invitation; a password is typed, or not.
async fn start_join(browser: &Browser<'_>, key: &str, profession: &str, password: &str) -> Page {
    let fields = [
        ("operation", "accounts.accept_invitation"),
        ("next", "/accueil"),
        ("key", key),
        ("password", password),
        ("title", ""),
        ("name", "Luc Gagné"),
        ("profession", profession),
        ("workplace", "GMF du Canal"),
        ("operation", "accounts.start_provider_join"),
    ];
    browser.post("/invitation", &fields).await
}

async fn join(browser: &Browser<'_>, provider: &HostileProvider, key: &str, subject: &str) -> Page {
    let page = start_join(browser, key, "pharmacien", "").await;
    assert!(page.address.starts_with(&provider.issuer), "{}", page.address);
    browser
        .come_back(&provider.recognise(&page.address, known(subject)))
        .await
}

/// What the audit has of these acts.
async fn acts(harness: &Harness, wanted: &[&str]) -> Vec<String> {
    let read = |tx: &mut server::store::Tx<'_>| {
        tx.list("select act from audit order by number", &[], |row| {
            row.get::<String>(0)
        })
    };
    let all = harness.context.db.read(read).await.unwrap();
    all.into_iter()
        .filter(|act| wanted.contains(&act.as_str()))
        .collect()
}

#[tokio::test]
async fn auth_08_an_invited_person_joins_by_the_provider_and_has_no_password() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let key = invitation(&harness, &admin).await;
    let browser = Browser::new(&harness);
    let before = harness.snapshot();

    let incomplete = start_join(&browser, &key, "", PASSWORD).await;
    assert!(incomplete.status.is_client_error() && incomplete.body.contains("Ce champ est vide"));
    assert_eq!(harness.snapshot(), before);
    let page = join(&browser, &provider, &key, LUC).await;

    assert_eq!(page.address, "/accueil");
    assert_eq!(browser.who().await.as_deref(), Some(EMAIL));
    let joined = acts(&harness, &["joined", "provider_linked"]).await;
    assert_eq!(joined, ["provider_linked", "joined", "provider_linked"]);
    // No password opens the account, and the identity does, in any browser.
    for guess in ["", PASSWORD] {
        let elsewhere = Browser::new(&harness);
        elsewhere.sign_in(EMAIL, guess).await;
        assert_eq!(elsewhere.who().await, None, "{guess:?}");
    }
    let elsewhere = Browser::new(&harness);
    enter(&elsewhere, &provider, known(LUC)).await;
    assert_eq!(elsewhere.who().await.as_deref(), Some(EMAIL));
    // The invitation is used up, for a password as for the provider.
    let page = start_join(&Browser::new(&harness), &key, "pharmacien", "").await;
    assert!(page.body.contains("Ce lien a déjà servi"), "{}", page.address);
}

/// The provider must ask who joins or links: it may still know somebody else who was there before.
#[tokio::test]
async fn auth_08_an_identity_is_linked_only_when_the_provider_has_asked_anew() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let key = invitation(&harness, &admin).await;
    let browser = Browser::new(&harness);

    let address = start_join(&browser, &key, "pharmacien", "").await.address;
    let sent = asked(&address);
    assert_eq!(
        (sent["prompt"].as_str(), sent["max_age"].as_str()),
        ("login", "0")
    );
    let mut from_before = known(LUC);
    from_before.proven_s_ago = Some(600);
    let stale = browser
        .come_back(&provider.recognise(&address, from_before))
        .await;
    assert_eq!(stale.address, "/connexion?refus=ancien");
    let address = start_join(&browser, &key, "pharmacien", "").await.address;
    let mut silent = known(LUC);
    silent.proven_s_ago = None;
    let stale = browser.come_back(&provider.recognise(&address, silent)).await;
    assert_eq!(stale.address, "/connexion?refus=ancien");

    assert_eq!(join(&browser, &provider, &key, LUC).await.address, "/accueil");
}

#[tokio::test]
async fn auth_08_an_invitation_opens_once_and_for_nobody_who_is_there_already() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let key = invitation(&harness, &admin).await;

    // Anne's identity under Luc's invitation.
    let taken = join(&Browser::new(&harness), &provider, &key, ANNE).await;
    assert_eq!(taken.address, "/connexion?refus=lie");
    // Two who hold the same invitation at once: one gets in.
    let (one, other) = (Browser::new(&harness), Browser::new(&harness));
    let first = start_join(&one, &key, "pharmacien", "").await.address;
    let second = start_join(&other, &key, "pharmacien", "").await.address;
    assert_eq!(
        one.come_back(&provider.recognise(&first, known(LUC)))
            .await
            .address,
        "/accueil"
    );
    let late = other
        .come_back(&provider.recognise(&second, known("somebody else")))
        .await;
    assert_eq!(late.address, "/connexion?refus=expire");
    assert_eq!(other.who().await, None);
}

#[tokio::test]
async fn auth_08_a_new_invitation_makes_the_old_one_void_on_its_way_too() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let old = invitation(&harness, &admin).await;
    let browser = Browser::new(&harness);
    let address = start_join(&browser, &old, "pharmacien", "").await.address;
    invitation(&harness, &admin).await;

    let page = browser.come_back(&provider.recognise(&address, known(LUC))).await;

    assert_eq!(page.address, "/connexion?refus=expire");
    assert_eq!(browser.who().await, None);
}

/// AUTH-13: the own act after a fresh proof; it is told, and leaves its row.
#[tokio::test]
async fn auth_08_a_person_links_their_account_after_a_fresh_proof() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let browser = Browser::new(&harness);
    browser.sign_in(&luc.email, PASSWORD).await;
    harness.clock.advance_ms(5 * 60_000 + 1);
    let n_links = harness.snapshot().n_rows("provider_links");

    let start = [("operation", "accounts.start_provider_link")];
    let unproven = browser.post("/parametres/securite", &start).await;
    assert_eq!(unproven.address, "/parametres/securite");
    assert!(
        unproven.body.contains("confirmer-mot-de-passe"),
        "it asks for the proof"
    );
    assert_eq!(harness.snapshot().n_rows("provider_attempts"), 0);
    let proof = [("operation", "accounts.confirm_identity"), ("password", PASSWORD)];
    browser.post("/parametres/securite", &proof).await;
    let page = link(&browser, &provider, known(LUC)).await;

    assert_eq!(page.address, "/parametres/securite");
    assert!(page.body.contains("Délier CISSS du Lac"), "{}", page.body);
    assert_eq!(harness.snapshot().n_rows("provider_links"), n_links + 1);
    let told = harness.call(&luc, GetSecurity {}).await.unwrap().notices;
    assert!(
        told.iter()
            .any(|notice| notice.kind == NoticeKind::ProviderLinked)
    );
    assert_eq!(acts(&harness, &["provider_linked"]).await.len(), 2);
    let elsewhere = Browser::new(&harness);
    enter(&elsewhere, &provider, known(LUC)).await;
    assert_eq!(elsewhere.who().await, Some(luc.email));
}

/// Linking is of whoever has begun it, on the device where it began.
#[tokio::test]
async fn auth_08_nobody_links_another_persons_account() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let (luc, marc) = (
        harness.account("Luc Gagné").await,
        harness.account("Marc Côté").await,
    );
    let (of_luc, of_marc) = (Browser::new(&harness), Browser::new(&harness));
    of_luc.sign_in(&luc.email, PASSWORD).await;
    of_marc.sign_in(&marc.email, PASSWORD).await;
    let start = [("operation", "accounts.start_provider_link")];
    let address = of_luc.post("/parametres/securite", &start).await.address;
    let returned = provider.recognise(&address, known("of marc"));

    // Marc's browser is led back with Luc's attempt: without its cookie, then with it.
    assert_eq!(
        of_marc.come_back(&returned).await.address,
        "/accueil",
        "refused, and shown home"
    );
    of_marc.put_cookie("pli-attempt", &of_luc.cookie("pli-attempt").unwrap());
    let page = of_marc.come_back(&returned).await;
    assert_eq!(page.address, "/parametres/securite?refus=expire");
    // Who has signed out meanwhile links nothing either.
    let address = of_luc.post("/parametres/securite", &start).await.address;
    let returned = provider.recognise(&address, known("of luc"));
    let (key, signed_out) = (of_luc.cookie("pli-attempt").unwrap(), Browser::new(&harness));
    signed_out.put_cookie("pli-attempt", &key);
    signed_out.come_back(&returned).await;

    assert_eq!(harness.snapshot().n_rows("provider_links"), 1, "Anne's");
}

#[tokio::test]
async fn auth_08_an_identity_and_an_account_have_one_link() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let browser = Browser::new(&harness);
    browser.sign_in(&luc.email, PASSWORD).await;

    let page = link(&browser, &provider, known(ANNE)).await;
    assert_eq!(page.address, "/parametres/securite?refus=lie");
    assert!(page.body.contains("déjà lié à un autre compte"));
    let again = harness.call(&anne, StartProviderLink {}).await;
    assert_eq!(again, Err(ApiError::invalid("link", InvalidReason::Taken)));
    let elsewhere = Browser::new(&harness);
    enter(&elsewhere, &provider, known(ANNE)).await;
    assert_eq!(elsewhere.who().await, Some(anne.email), "it opens whom it opened");
}

#[tokio::test]
async fn auth_08_what_is_unlinked_opens_nothing() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    harness.clock.advance_ms(5 * 60_000 + 1);
    let unproven = harness.call(&anne, RemoveProviderLink {}).await;
    assert_eq!(unproven.map(|_| ()), Err(ApiError::ConfirmIdentity));
    let anne = harness.sign_in(&anne.email).await;

    harness.call(&anne, RemoveProviderLink {}).await.unwrap();

    let page = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
    assert_eq!(page.address, "/connexion?refus=inconnu");
    let told = harness.call(&anne, GetSecurity {}).await.unwrap().notices;
    assert!(
        told.iter()
            .any(|notice| notice.kind == NoticeKind::ProviderUnlinked)
    );
    assert_eq!(acts(&harness, &["provider_unlinked"]).await.len(), 1);
    let again = harness.call(&anne, RemoveProviderLink {}).await;
    assert_eq!(again.map(|_| ()), Err(ApiError::NotFound));
    assert!(
        harness.call_http(&anne, GetMe {}).await.is_ok(),
        "the password opens as before"
    );
}

/// Who has no password and no passkey would be locked out by their own act.
#[tokio::test]
async fn auth_08_the_only_way_in_is_not_taken_away() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let key = invitation(&harness, &admin).await;
    let browser = Browser::new(&harness);
    join(&browser, &provider, &key, LUC).await;

    let page = browser.open("/parametres/securite").await;
    assert!(page.body.contains("votre seul moyen d’entrer"), "{}", page.body);
    assert!(!page.body.contains("accounts.remove_provider_link"));
    let remove = [("operation", "accounts.remove_provider_link")];
    let page = browser.post("/parametres/securite", &remove).await;
    assert_eq!(page.status.as_u16(), 403);
    assert_eq!(harness.snapshot().n_rows("provider_links"), 2);

    // A password chosen by a reset link is another way in.
    let account = harness
        .call(&admin, app::accounts::ListAccounts {})
        .await
        .unwrap();
    let account = account.accounts.iter().find(|row| row.email == EMAIL).unwrap().id;
    let wish = StartReset {
        account,
        with_factors: false,
    };
    let reset = harness.call(&admin, wish).await.unwrap();
    let wish = ResetPassword {
        key: secret(reset.path.0.split_once("#k=").unwrap().1),
        password: secret(NEW_PASSWORD),
    };
    harness.call_signed_out(wish).await.unwrap();
    browser.sign_in(EMAIL, NEW_PASSWORD).await;
    browser.post("/parametres/securite", &remove).await;
    assert_eq!(harness.snapshot().n_rows("provider_links"), 1);
}

/// AUTH-14: whoever has lost all their factors, or had others added, begins anew.
#[tokio::test]
async fn auth_08_a_reset_of_factors_unlinks_as_well() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    for (with_factors, n_links) in [(false, 1), (true, 0)] {
        let wish = StartReset {
            account: anne.id,
            with_factors,
        };
        let link = harness.call(&admin, wish).await.unwrap();
        let wish = ResetPassword {
            key: secret(link.path.0.split_once("#k=").unwrap().1),
            password: secret(NEW_PASSWORD),
        };
        harness.call_signed_out(wish).await.unwrap();
        assert_eq!(
            harness.snapshot().n_rows("provider_links"),
            n_links,
            "{with_factors}"
        );
    }
    assert_eq!(
        leave(&Browser::new(&harness)).await.split('?').next(),
        Some(&*format!("{}/auth", provider.issuer))
    );
    let page = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
    assert_eq!(page.address, "/connexion?refus=inconnu");
}

/// What the page of an invitation offers.
#[tokio::test]
async fn auth_08_the_page_of_an_invitation_offers_the_provider() {
    let Scene { harness, .. } = scene(&[]).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let key = invitation(&harness, &admin).await;
    let browser = Browser::new(&harness);

    let read = [("operation", "accounts.read_link"), ("key", key.as_str())];
    let page = browser.post("/invitation", &read).await;

    assert!(page.body.contains("Rejoindre avec CISSS du Lac"), "{}", page.body);
    assert!(
        page.body.contains("value=\"accounts.start_provider_join\""),
        "{}",
        page.body
    );
}
