//! A provider that is away, slow, large or changes its keys: whoever waits is told, and everybody else goes on.
//!
//! AUTH-08.

use std::time::Duration;

use app::accounts::GetMe;
use serde_json::json;
use server::openid::Provider;

use super::browser::Browser;
use super::hostile_provider::{Door, HostileProvider, Mood, known};
use super::provider::{ANNE, Scene, enter, leave, scene};
use super::signers::Signer;
use crate::harness::{Harness, PASSWORD};

/// What the provider says of itself instead.
type Change = fn(&mut serde_json::Value);

const UNREACHABLE: &str = "/connexion?refus=injoignable";
/// Long enough for a busy machine to answer, short enough to wait for.
const PATIENCE: Duration = Duration::from_secs(1);
/// Longer than a provider is left alone that did not answer.
const A_WHILE_MS: i64 = 15_000;

const MOODS: [Mood; 7] = [
    Mood::Status(500),
    Mood::Status(503),
    Mood::Status(404),
    Mood::Redirects,
    Mood::Garbage,
    Mood::Endless,
    Mood::Silent,
];

fn impatient(harness: &mut Harness, provider: &HostileProvider) {
    harness.name_provider(Provider::new(provider.settings(&[])).with_patience(PATIENCE));
}

#[tokio::test]
async fn auth_08_whoever_waits_for_a_provider_in_vain_is_told_and_others_come_in() {
    let Scene {
        mut harness,
        provider,
        anne,
    } = scene(&[]).await;
    for mood in MOODS {
        impatient(&mut harness, &provider);
        provider.is(Door::Description, mood);
        let browser = Browser::new(&harness);

        let page = browser.open("/organisation/connexion").await;

        assert_eq!(page.address, UNREACHABLE, "{mood:?}");
        assert!(page.body.contains("ne répond pas"), "{mood:?}");
        browser.sign_in(&anne.email, PASSWORD).await;
        assert_eq!(browser.who().await, Some(anne.email.clone()), "{mood:?}");
    }
}

#[tokio::test]
async fn auth_08_a_provider_that_fails_on_the_way_back_opens_nothing() {
    let Scene {
        mut harness,
        provider,
        ..
    } = scene(&[]).await;
    for door in [Door::Tokens, Door::Keys] {
        for mood in MOODS {
            impatient(&mut harness, &provider);
            provider.is(door, Mood::Fine);
            let browser = Browser::new(&harness);
            let address = leave(&browser).await;
            provider.is(door, mood);

            let page = browser
                .come_back(&provider.recognise(&address, known(ANNE)))
                .await;

            // What answers in a form that cannot be right is not believed; what does not answer is away.
            let expected = match (door, mood) {
                (Door::Tokens, Mood::Status(404) | Mood::Garbage) => "/connexion?refus=refuse",
                _ => UNREACHABLE,
            };
            assert_eq!(page.address, expected, "{door:?}: {mood:?}");
            assert_eq!(browser.who().await, None);
            provider.is(door, Mood::Fine);
        }
    }
}

#[tokio::test]
async fn auth_08_a_provider_that_nobody_finds_is_left_alone_for_a_while() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    harness.clock.advance_ms(60 * 60_000);
    provider.is(Door::Description, Mood::Status(500));
    let before = provider.n_asked(Door::Description);
    for _ in 0..20 {
        assert_eq!(leave(&Browser::new(&harness)).await, UNREACHABLE);
    }
    assert_eq!(provider.n_asked(Door::Description), before + 1);

    provider.is(Door::Description, Mood::Fine);
    harness.clock.advance_ms(A_WHILE_MS);
    assert_eq!(
        enter(&Browser::new(&harness), &provider, known(ANNE))
            .await
            .address,
        "/accueil"
    );
}

/// A provider that says something of itself that cannot be followed.
#[tokio::test]
async fn auth_08_a_description_that_leads_astray_is_not_followed() {
    let Scene {
        mut harness,
        provider,
        ..
    } = scene(&[]).await;
    let changes: [(&str, Change); 5] = [
        ("of another issuer", |document| {
            document["issuer"] = json!("https://evil.example");
        }),
        ("its tokens in clear beyond this machine", |document| {
            document["token_endpoint"] = json!("http://evil.example/token");
        }),
        ("people are sent to a script", |document| {
            document["authorization_endpoint"] = json!("javascript:alert(1)");
        }),
        ("without keys", |document| {
            drop(document.as_object_mut().unwrap().remove("jwks_uri"));
        }),
        ("an address that breaks out of a page", |document| {
            document["authorization_endpoint"] = json!("https://evil.example/\"><script>");
        }),
    ];
    for (what, change) in changes {
        provider.redescribe(change);
        harness.name_provider(Provider::new(provider.settings(&[])));
        assert_eq!(leave(&Browser::new(&harness)).await, UNREACHABLE, "{what}");
    }
}

/// AUTH-08: a new key is learnt when a token names it, at most once a minute whatever tokens name.
#[tokio::test]
async fn auth_08_keys_are_read_again_for_a_new_name_at_most_once_a_minute() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    harness.clock.advance_ms(60_000);
    let n_before = provider.n_asked(Door::Keys);
    provider.change_key(Signer::ec(2), "second");
    assert_eq!(
        enter(&Browser::new(&harness), &provider, known(ANNE))
            .await
            .address,
        "/accueil"
    );
    assert_eq!(provider.n_asked(Door::Keys), n_before + 1);

    // Ten tokens of names that nobody knows make nobody ask ten times.
    provider.twist(|token| token.header["kid"] = json!("of nobody"));
    for _ in 0..10 {
        let page = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
        assert_eq!(page.address, "/connexion?refus=refuse");
    }
    assert_eq!(provider.n_asked(Door::Keys), n_before + 1);
    harness.clock.advance_ms(60_000);
    enter(&Browser::new(&harness), &provider, known(ANNE)).await;
    assert_eq!(provider.n_asked(Door::Keys), n_before + 2);
}

/// AUTH-08: a new key under the old name, or one that tokens do not name, is learnt as soon as a signature fails.
#[tokio::test]
async fn auth_08_a_new_key_without_a_new_name_is_learnt_too() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    for (seed, is_named) in [(2, true), (3, false)] {
        harness.clock.advance_ms(60_000);
        provider.change_key(Signer::ec(seed), "first");
        if !is_named {
            provider.twist(|token| drop(token.header.as_object_mut().unwrap().remove("kid")));
        }
        let n_before = provider.n_asked(Door::Keys);
        assert_eq!(
            enter(&Browser::new(&harness), &provider, known(ANNE))
                .await
                .address,
            "/accueil",
            "named: {is_named}"
        );
        assert_eq!(provider.n_asked(Door::Keys), n_before + 1);
        // What nobody has signed makes nobody ask again and again.
        provider.twist(|token| token.signer = Signer::ec(9));
        for _ in 0..5 {
            let page = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
            assert_eq!(page.address, "/connexion?refus=refuse");
        }
        assert_eq!(provider.n_asked(Door::Keys), n_before + 1);
        provider.untwist();
    }
}

/// AUTH-08: a key that the provider has withdrawn signs nobody in for longer than an hour.
#[tokio::test]
async fn auth_08_a_key_that_was_withdrawn_is_forgotten_within_an_hour() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    provider.change_key(Signer::ec(2), "second");
    // Whoever has stolen the old one goes on with it.
    provider.twist(|token| {
        token.signer = Signer::ec(1);
        token.header["kid"] = json!("first");
    });
    harness.clock.advance_ms(50 * 60_000);
    let page = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
    assert_eq!(page.address, "/accueil", "what is known is not asked for again");

    harness.clock.advance_ms(10 * 60_000);

    let page = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
    assert_eq!(page.address, "/connexion?refus=refuse");
}

#[tokio::test]
async fn auth_08_what_the_provider_refuses_is_told_by_its_reason() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let n_asked = provider.n_asked(Door::Tokens);
    for (error, told) in [
        ("access_denied", "/connexion?refus=annule"),
        ("login_required", "/connexion?refus=annule"),
        ("something of tomorrow", "/connexion?refus=annule"),
        (
            "unmet_authentication_requirements",
            "/connexion?refus=insuffisant",
        ),
        ("temporarily_unavailable", UNREACHABLE),
        ("server_error", UNREACHABLE),
    ] {
        let browser = Browser::new(&harness);
        let mut returned = provider.recognise(&leave(&browser).await, known(ANNE));
        returned[0] = ("error".to_owned(), error.to_owned());

        assert_eq!(browser.come_back(&returned).await.address, told, "{error}");
    }
    // Neither a code nor an error.
    let browser = Browser::new(&harness);
    let mut returned = provider.recognise(&leave(&browser).await, known(ANNE));
    returned.remove(0);
    assert_eq!(
        browser.come_back(&returned).await.address,
        "/connexion?refus=refuse"
    );
    assert_eq!(provider.n_asked(Door::Tokens), n_asked);
}

/// A provider that is never there keeps nobody out who has another way in.
#[tokio::test]
async fn auth_08_a_provider_that_is_not_there_keeps_nobody_from_their_work() {
    let mut harness = Harness::new();
    let provider = HostileProvider::start(&harness.clock).await;
    let settings = provider.settings(&[]);
    drop(provider);
    harness.name_provider(Provider::new(settings));
    let anne = harness.account("Anne Roy").await;

    assert!(harness.call_http(&anne, GetMe {}).await.is_ok());
    let page = Browser::new(&harness).open("/connexion").await;
    assert!(
        page.body.contains("Se connecter avec CISSS du Lac"),
        "it is offered, whether it is there or not"
    );
    assert_eq!(leave(&Browser::new(&harness)).await, UNREACHABLE);
}
