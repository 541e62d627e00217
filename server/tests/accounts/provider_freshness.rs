//! Whoever the provider still knows comes in unasked where they have left the browser themselves, and nowhere else: the one who
//! sits there now may be somebody else, who can take cookies away and change addresses.
//!
//! AUTH-08, AUTH-11.

use server::store::Tx;

use super::browser::{Browser, Page};
use super::hostile_provider::{HostileProvider, Known, asked, known};
use super::provider::{ANNE, Scene, enter, familiar, leave, link, scene};
use super::provider_factors::prove;
use crate::harness::{Harness, PASSWORD};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const STALE: &str = "/connexion?refus=ancien";

/// As the provider answers for somebody it has known for so many seconds.
fn known_for(subject: &str, seconds: i64) -> Known {
    Known {
        proven_s_ago: Some(seconds),
        ..known(subject)
    }
}

/// Whether the provider is told to ask anew.
fn asks_anew(address: &str) -> bool {
    asked(address).contains_key("prompt")
}

/// Somebody at Anne's browser presses the button, and the provider answers with what it knows of her from before.
async fn come_in_as_anne(browser: &Browser<'_>, provider: &HostileProvider, address: &str) -> Page {
    let from_before = known_for(ANNE, 2 * 3_600);
    browser.come_back(&provider.recognise(address, from_before)).await
}

#[tokio::test]
async fn auth_08_who_has_left_a_browser_comes_in_again_unasked() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let browser = familiar(&harness, &provider).await;
    harness.clock.advance_ms(2 * HOUR_MS);

    let address = leave(&browser).await;
    let page = come_in_as_anne(&browser, &provider, &address).await;

    assert!(!asks_anew(&address));
    assert_eq!(page.address, "/accueil");
    assert_eq!(browser.who().await, Some(anne.email));
}

/// AUTH-11: a lock that somebody else has signed in over is a lock.
#[tokio::test]
async fn auth_11_who_signs_in_over_anothers_lock_does_not_come_in_as_them() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let browser = Browser::new(&harness);
    enter(&browser, &provider, known(ANNE)).await;
    harness.clock.advance_ms(2 * HOUR_MS);
    assert_eq!(browser.who().await, None, "locked");
    browser.sign_in(&luc.email, PASSWORD).await;
    assert_eq!(browser.who().await, Some(luc.email));
    browser.sign_out().await;

    // By the button; and by asking for a fresh proof, and taking that wish out of the address.
    for way in ["/organisation/connexion", "/organisation/connexion?nouveau=oui"] {
        let address = browser.open(way).await.address;
        let page = come_in_as_anne(&browser, &provider, &address).await;
        assert_eq!(page.address, STALE, "{way}");
        assert_eq!(browser.who().await, None);
    }

    // Anne herself comes in, when she is asked.
    let address = browser.open("/organisation/connexion?nouveau=oui").await.address;
    let page = browser
        .come_back(&provider.recognise(&address, known(ANNE)))
        .await;
    assert_eq!(page.address, "/accueil");
    assert_eq!(browser.who().await, Some(anne.email));
}

/// AUTH-11: the cookie of a locked session is no way round its lock.
#[tokio::test]
async fn auth_11_a_lock_holds_whichever_cookies_are_taken_away() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let all = ["pli", "pli-browser"];
    for (before, on_the_way) in [
        (&all[..1], &all[..0]),
        (&all[1..], &all[..0]),
        (&all[..], &all[..0]),
        (&all[..0], &all[..1]),
        (&all[..0], &all[..]),
        (&all[..1], &all[1..]),
    ] {
        let browser = Browser::new(&harness);
        enter(&browser, &provider, known(ANNE)).await;
        harness.clock.advance_ms(2 * HOUR_MS);
        for name in before {
            browser.drop_cookie(name);
        }
        let address = leave(&browser).await;
        for name in on_the_way {
            browser.drop_cookie(name);
        }

        let page = come_in_as_anne(&browser, &provider, &address).await;

        assert_eq!(page.address, STALE, "{before:?}, then {on_the_way:?}");
        assert_eq!(browser.who().await, None);
    }
}

/// AUTH-11: that others use a tablet too is not forgotten with its cookies.
#[tokio::test]
async fn auth_11_a_shared_tablet_asks_whichever_cookies_are_taken_away() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let share = [("operation", "accounts.save_device"), ("is_shared", "true")];
    let tablet = familiar(&harness, &provider).await;
    enter(&tablet, &provider, known(ANNE)).await;
    // It is said to be shared while somebody is on their way already.
    let address = {
        let other = Browser::new(&harness);
        other.put_cookie("pli-browser", &tablet.cookie("pli-browser").unwrap());
        let address = leave(&other).await;
        tablet.put_cookie("pli-attempt", &other.cookie("pli-attempt").unwrap());
        address
    };
    tablet.post("/parametres/appareils", &share).await;
    let attempt = tablet.cookie("pli-attempt").unwrap();
    tablet.sign_out().await;
    tablet.put_cookie("pli-attempt", &attempt);
    harness.clock.advance_ms(MINUTE_MS);
    assert!(!asks_anew(&address));
    let page = come_in_as_anne(&tablet, &provider, &address).await;
    assert_eq!(page.address, STALE);

    // With its cookies, and without any.
    for cookies in [&["pli-browser"][..], &[]] {
        let bare = Browser::new(&harness);
        for name in cookies {
            bare.put_cookie(name, &tablet.cookie(name).unwrap());
        }
        let address = leave(&bare).await;
        assert!(asks_anew(&address), "{cookies:?}");
        let page = come_in_as_anne(&bare, &provider, &address).await;
        assert_eq!(page.address, STALE, "{cookies:?}");
    }
}

/// AUTH-11: a session that has ended because nobody was there is worth no more than one that is locked.
#[tokio::test]
async fn auth_11_a_session_that_has_run_out_asks_anew() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let browser = Browser::new(&harness);
    enter(&browser, &provider, known(ANNE)).await;
    harness.clock.advance_ms(25 * HOUR_MS);
    assert_eq!(browser.who().await, None);
    let n_open = |tx: &mut Tx<'_>| {
        let sql = "select count(*) from devices where browser_hash is not null and revoked_at is null";
        tx.find(sql, &[], |row| row.get::<u64>(0))
    };
    // That it has is written down behind the answer's back. The other browser is the one that linked the account.
    while harness.context.db.read(n_open).await.unwrap() != Some(1) {
        tokio::task::yield_now().await;
    }

    let address = leave(&browser).await;
    let page = come_in_as_anne(&browser, &provider, &address).await;

    assert_eq!(page.address, STALE);
    assert_eq!(browser.who().await, None);
}

/// AUTH-08: a browser that others have signed in with is not yet one of hers, and one that was ended from afar no longer.
#[tokio::test]
async fn auth_08_the_provider_is_believed_unasked_in_the_own_browser_alone() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let of_luc = Browser::new(&harness);
    of_luc.sign_in(&luc.email, PASSWORD).await;
    of_luc.sign_out().await;
    let address = leave(&of_luc).await;
    assert_eq!(come_in_as_anne(&of_luc, &provider, &address).await.address, STALE);

    let lost = familiar(&harness, &provider).await;
    enter(&lost, &provider, known(ANNE)).await;
    let devices = harness.call(&anne, app::accounts::ListDevices {}).await.unwrap();
    let newest = devices.devices.iter().max_by_key(|device| device.id.0).unwrap();
    let wish = app::accounts::RevokeDevice { device: newest.id };
    harness.call(&anne, wish).await.unwrap();
    assert_eq!(lost.who().await, None);
    let address = leave(&lost).await;
    assert_eq!(come_in_as_anne(&lost, &provider, &address).await.address, STALE);
}

/// AUTH-08: a wish to ask anew that was taken out of the address leads nowhere, though the proof is only seconds old.
#[tokio::test]
async fn auth_08_a_proof_that_was_asked_for_is_of_now() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    // Counted from the wish; whole seconds, and nobody is slower than the clocks of two machines.
    for (s_before, is_believed) in [
        (0, true),
        (5, true),
        (6, false),
        (30, false),
        (59, false),
        (61, false),
    ] {
        harness.clock.advance_ms(10 * MINUTE_MS);
        let browser = Browser::new(&harness);
        let address = leave(&browser).await;
        assert!(asks_anew(&address));

        // The provider takes a second.
        let from_before = known_for(ANNE, 1 + s_before);
        let page = browser
            .come_back(&provider.recognise(&address, from_before))
            .await;

        let expected = if is_believed { "/accueil" } else { STALE };
        assert_eq!(page.address, expected, "{s_before} s before");
    }
}

/// AUTH-08: a proof that has opened something already opens nothing more where a new one was asked for.
#[tokio::test]
async fn auth_08_a_proof_that_was_asked_for_counts_once() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let first = Browser::new(&harness);
    enter(&first, &provider, known(ANNE)).await;

    // A second later, which is the proof of a moment ago.
    let second = Browser::new(&harness);
    assert_eq!(enter(&second, &provider, known_for(ANNE, 1)).await.address, STALE);
    let page = prove(&first, &provider, known_for(ANNE, 2)).await;
    assert_eq!(page.address, "/parametres/securite?refus=ancien");
    assert_eq!(enter(&second, &provider, known(ANNE)).await.address, "/accueil");
    assert_eq!(second.who().await, Some(anne.email));
    // What was proven for a session proves nothing more to it.
    let page = prove(&second, &provider, known_for(ANNE, 1)).await;
    assert_eq!(page.address, "/parametres/securite?refus=ancien");
    let page = prove(&second, &provider, known(ANNE)).await;
    assert_eq!(page.address, "/parametres/appareils");
}

/// AUTH-08: whoever was at the provider half a minute ago is tied to nobody's account.
#[tokio::test]
async fn auth_08_a_tie_needs_a_proof_of_now() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let browser = Browser::new(&harness);
    browser.sign_in(&luc.email, PASSWORD).await;

    let page = link(&browser, &provider, known_for("luc", 30)).await;
    assert_eq!(page.address, "/parametres/securite?refus=ancien");
    assert_eq!(harness.snapshot().n_rows("provider_links"), 1, "Anne's");
    let page = link(&browser, &provider, known("luc")).await;
    assert_eq!(page.address, "/parametres/securite");

    assert_eq!(harness.snapshot().n_rows("provider_links"), 2);
    assert_is_tied_at(&harness, "luc", harness.now().0).await;
}

/// The tie has kept the proof that it was made by.
async fn assert_is_tied_at(harness: &Harness, subject: &str, at: i64) {
    let subject = subject.to_owned();
    let read = move |tx: &mut Tx<'_>| {
        let sql = "select proven_at from provider_links where subject = $1";
        tx.find(sql, server::values![subject.as_str()], |row| {
            row.get::<Option<i64>>(0)
        })
    };
    assert_eq!(harness.context.db.read(read).await.unwrap(), Some(Some(at)));
}
