//! What happens while the provider is being asked counts: who is suspended, signed out or locked meanwhile gets nothing; two
//! who come back with one state are one; many who wait keep nobody else waiting for ever.
//!
//! AUTH-08, AUTH-10, REL-23.

use app::accounts::{ListDevices, ResetPassword, RevokeDevice, StartReset, SuspendAccount};
use app::api::DeviceId;
use server::store::Tx;

use super::browser::{Browser, Page};
use super::hostile_provider::{Door, HostileProvider, Mood, known};
use super::provider::{ANNE, Scene, enter, leave, scene};
use super::second_factor::set_up;
use super::{NEW_PASSWORD, secret};
use crate::harness::{Account, Harness, PASSWORD};

const HOUR_MS: i64 = 60 * 60_000;

/// Comes back with what the provider has given, and does something else while the provider is being asked for the token.
async fn come_back_while(
    browser: &Browser<'_>,
    provider: &HostileProvider,
    returned: &[(String, String)],
    doing: impl Future<Output = ()>,
) -> Page {
    provider.is(Door::Tokens, Mood::Waits);
    let n_asked = provider.n_asked(Door::Tokens) + 1;
    let meanwhile = async {
        provider.until_asked(Door::Tokens, n_asked).await;
        doing.await;
        provider.go_on(Door::Tokens);
    };
    tokio::join!(browser.come_back(returned), meanwhile).0
}

async fn suspend(harness: &Harness, admin: &Account, account: &Account) {
    let wish = SuspendAccount {
        account: account.id,
        suspended: true,
    };
    harness.call(admin, wish).await.unwrap();
}

async fn reset(harness: &Harness, admin: &Account, account: &Account) {
    let wish = StartReset {
        account: account.id,
        with_factors: true,
    };
    let link = harness.call(admin, wish).await.unwrap();
    let wish = ResetPassword {
        key: secret(link.path.0.split_once("#k=").unwrap().1),
        password: secret(NEW_PASSWORD),
    };
    harness.call_signed_out(wish).await.unwrap();
}

/// The browser that was signed in last.
async fn newest(harness: &Harness, account: &Account) -> DeviceId {
    let devices = harness.call(account, ListDevices {}).await.unwrap().devices;
    let browsers = devices
        .iter()
        .map(|device| device.id)
        .filter(|id| *id != account.device);
    browsers.max_by_key(|id| id.0).unwrap()
}

/// Locks the browser's session.
async fn lock(browser: &Browser<'_>) {
    let lock = [("operation", "accounts.lock_device")];
    browser.post("/accueil", &lock).await;
    assert_eq!(browser.who().await, None);
}

async fn revoke(harness: &Harness, account: &Account, device: DeviceId) {
    harness.call(account, RevokeDevice { device }).await.unwrap();
}

/// Since when each session is proven.
async fn proofs(harness: &Harness) -> Vec<(Vec<u8>, i64)> {
    let read = |tx: &mut Tx<'_>| {
        tx.list("select id, confirmed_at from devices order by id", &[], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    };
    harness.context.db.read(read).await.unwrap()
}

#[tokio::test]
async fn auth_10_who_is_suspended_or_begins_anew_meanwhile_does_not_come_in() {
    for is_reset in [false, true] {
        let Scene {
            harness,
            provider,
            anne,
        } = scene(&[]).await;
        let admin = harness.admin("Nadia Belkacem").await;
        let browser = Browser::new(&harness);
        let returned = provider.recognise(&leave(&browser).await, known(ANNE));

        let page = come_back_while(&browser, &provider, &returned, async {
            if is_reset {
                reset(&harness, &admin, &anne).await;
            } else {
                suspend(&harness, &admin, &anne).await;
            }
        })
        .await;

        assert_eq!(page.address, "/connexion?refus=inconnu", "reset: {is_reset}");
        assert_eq!(browser.who().await, None);
    }
}

#[tokio::test]
async fn auth_10_a_session_that_ends_or_locks_meanwhile_links_nothing() {
    for is_locked in [false, true] {
        let Scene {
            harness, provider, ..
        } = scene(&[]).await;
        let luc = harness.account("Luc Gagné").await;
        let browser = Browser::new(&harness);
        browser.sign_in(&luc.email, PASSWORD).await;
        let device = newest(&harness, &luc).await;
        let start = [("operation", "accounts.start_provider_link")];
        let address = browser.post("/parametres/securite", &start).await.address;
        let returned = provider.recognise(&address, known("luc"));

        come_back_while(&browser, &provider, &returned, async {
            if is_locked {
                lock(&browser).await;
            } else {
                revoke(&harness, &luc, device).await;
            }
        })
        .await;

        let n_links = harness.snapshot().n_rows("provider_links");
        assert_eq!(n_links, 1, "Anne's; locked: {is_locked}");
    }
}

#[tokio::test]
async fn auth_10_a_session_that_ends_or_locks_meanwhile_is_proven_no_more() {
    for is_locked in [false, true] {
        let Scene {
            harness,
            provider,
            anne,
        } = scene(&[]).await;
        let browser = Browser::new(&harness);
        browser.sign_in(&anne.email, PASSWORD).await;
        let device = newest(&harness, &anne).await;
        let start = [("operation", "accounts.start_provider_proof")];
        let address = browser.post("/parametres/securite", &start).await.address;
        let returned = provider.recognise(&address, known(ANNE));
        let before = proofs(&harness).await;

        come_back_while(&browser, &provider, &returned, async {
            if is_locked {
                lock(&browser).await;
            } else {
                revoke(&harness, &anne, device).await;
            }
        })
        .await;

        assert_eq!(proofs(&harness).await, before, "locked: {is_locked}");
    }
}

/// AUTH-10: a locked session that was ended meanwhile, from afar, is not gone on with: it was what stood for the second step.
#[tokio::test]
async fn auth_10_a_lock_that_ends_meanwhile_spares_nobody_the_second_step() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let browser = Browser::new(&harness);
    browser.sign_in(&anne.email, PASSWORD).await;
    let device = newest(&harness, &anne).await;
    set_up(&harness, &anne).await;
    harness.clock.advance_ms(HOUR_MS);
    let returned = provider.recognise(&leave(&browser).await, known(ANNE));

    let page = come_back_while(&browser, &provider, &returned, revoke(&harness, &anne, device)).await;

    assert_eq!(page.address, "/connexion?etape=code&suite=/accueil");
    assert_eq!(browser.who().await, None);
}

/// What happens meanwhile is all that hinders: nothing does, and each of them succeeds.
#[tokio::test]
async fn auth_08_a_provider_that_takes_its_time_is_waited_for() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let (of_anne, of_luc) = (Browser::new(&harness), Browser::new(&harness));
    of_luc.sign_in(&luc.email, PASSWORD).await;
    let start = [("operation", "accounts.start_provider_link")];
    let address = of_luc.post("/parametres/securite", &start).await.address;
    let linking = provider.recognise(&address, known("luc"));
    let entering = provider.recognise(&leave(&of_anne).await, known(ANNE));

    come_back_while(&of_luc, &provider, &linking, async {}).await;
    come_back_while(&of_anne, &provider, &entering, async {}).await;

    assert_eq!(harness.snapshot().n_rows("provider_links"), 2);
    assert_eq!(of_anne.who().await, Some(anne.email));
}

/// AUTH-08: of two arrivals with the same state one counts, though both come at once.
#[tokio::test]
async fn auth_08_of_two_arrivals_with_one_state_one_counts() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let (browser, twin) = (Browser::new(&harness), Browser::new(&harness));
    let returned = provider.recognise(&leave(&browser).await, known(ANNE));
    twin.put_cookie("pli-attempt", &browser.cookie("pli-attempt").unwrap());
    let n_asked = provider.n_asked(Door::Tokens);

    let (one, other) = tokio::join!(browser.come_back(&returned), twin.come_back(&returned));

    let mut reached = [one.address, other.address];
    reached.sort_unstable();
    assert_eq!(reached, ["/accueil", "/connexion?refus=expire"]);
    assert_eq!(provider.n_asked(Door::Tokens), n_asked + 1);
}

/// AUTH-08: a provider that takes its time holds so many connections, and whoever comes after them is told at once.
#[tokio::test]
async fn auth_08_so_many_wait_for_the_provider_and_no_more() {
    const N_AT_ONCE: usize = 32;
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let mut waiting = Vec::new();
    for _ in 0..N_AT_ONCE {
        let browser = Browser::new(&harness);
        let returned = provider.recognise(&leave(&browser).await, known("nobody"));
        waiting.push((browser, returned));
    }
    let late = Browser::new(&harness);
    let returned = provider.recognise(&leave(&late).await, known(ANNE));
    let n_asked = provider.n_asked(Door::Tokens);
    provider.is(Door::Tokens, Mood::Waits);
    let all = futures::future::join_all(
        waiting
            .iter()
            .map(|(browser, returned)| browser.come_back(returned)),
    );

    let (pages, page) = tokio::join!(all, async {
        provider.until_asked(Door::Tokens, n_asked + N_AT_ONCE).await;
        let page = late.come_back(&returned).await;
        assert_eq!(provider.n_asked(Door::Tokens), n_asked + N_AT_ONCE);
        provider.go_on(Door::Tokens);
        page
    });

    assert_eq!(page.address, "/connexion?refus=injoignable");
    assert!(
        pages
            .iter()
            .all(|page| page.address == "/connexion?refus=inconnu")
    );
    // Their places are free again.
    enter(&late, &provider, known(ANNE)).await;
    assert_eq!(late.who().await, Some(anne.email));
}

/// AUTH-08: whoever begins again and again, without being anybody, pushes nobody out who is somebody.
#[tokio::test]
async fn auth_08_who_is_nobody_pushes_nobody_out_who_is_somebody() {
    const N_ATTEMPTS: usize = 20_000;
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let (of_luc, of_nobody) = (Browser::new(&harness), Browser::new(&harness));
    of_luc.sign_in(&luc.email, PASSWORD).await;
    let start = [("operation", "accounts.start_provider_link")];
    let address = of_luc.post("/parametres/securite", &start).await.address;
    let linking = provider.recognise(&address, known("luc"));
    let entering = provider.recognise(&leave(&of_nobody).await, known(ANNE));
    let (now, issuer) = (harness.now(), provider.issuer.clone());
    let fill = move |tx: &mut Tx<'_>| {
        for number in 0..N_ATTEMPTS {
            let key_hash = format!("{number:032}").into_bytes();
            tx.execute(
                "insert into provider_attempts (key_hash, state_hash, purpose, issuer, account_id, device_id,
                    link_hash, next, is_fresh, begun_at, expires_at)
                 values ($1, $2, 'sign_in', $3, null, null, null, '/accueil', 0, $4, $5)",
                server::values![
                    key_hash.clone(),
                    key_hash,
                    issuer.as_str(),
                    now,
                    now.plus_ms(HOUR_MS)
                ],
            )?;
        }
        Ok(())
    };
    harness.context.db.write(fill).await.unwrap();

    leave(&Browser::new(&harness)).await;

    assert_eq!(
        harness.snapshot().n_rows("provider_attempts"),
        N_ATTEMPTS,
        "the most that wait"
    );
    let pushed_out = of_nobody.come_back(&entering).await;
    assert_eq!(pushed_out.address, "/connexion?refus=expire");
    of_luc.come_back(&linking).await;
    assert_eq!(harness.snapshot().n_rows("provider_links"), 2);
}
