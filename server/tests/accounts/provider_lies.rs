//! Whatever lies in a provider's answer is refused, each lie by itself: in the token, in what is brought back, and by whom.
//!
//! AUTH-08.

use serde_json::{Value, json};

use super::browser::Browser;
use super::hostile_provider::{CLIENT, Door, HostileProvider, Known, SECRET, Token, known};
use super::provider::{ANNE, Scene, enter, familiar, leave, scene};
use super::signers::Signer;

const UNTRUSTED: &str = "/connexion?refus=refuse";
const EXPIRED: &str = "/connexion?refus=expire";

type Lie = (&'static str, fn(&mut Token));
/// What becomes of the fields that a browser brings back.
type Change = fn(&mut Vec<(String, String)>);

/// The provider's present second, as the token has it.
fn made_at(token: &Token) -> i64 {
    token.claims["iat"].as_i64().unwrap()
}

const LIES: &[Lie] = &[
    ("another issuer", |token| {
        token.claim("iss", "https://evil.example");
    }),
    ("almost the issuer", |token| {
        let issuer = format!("{}/", token.claims["iss"].as_str().unwrap());
        token.claim("iss", issuer);
    }),
    ("no issuer", |token| token.forget("iss")),
    ("for another client", |token| token.claim("aud", "another")),
    ("for several others", |token| {
        token.claim("aud", json!(["another", "and another"]));
    }),
    ("for us and others, asked by nobody", |token| {
        token.claim("aud", json!([CLIENT, "another"]));
    }),
    ("for us and others, asked by another", |token| {
        token.claim("aud", json!([CLIENT, "another"]));
        token.claim("azp", "another");
    }),
    ("for us, asked by another", |token| token.claim("azp", "another")),
    ("for nobody", |token| token.forget("aud")),
    ("over", |token| {
        let long_ago = made_at(token) - 61;
        token.claim("exp", long_ago);
    }),
    ("never over", |token| token.forget("exp")),
    ("over in words", |token| token.claim("exp", "tomorrow")),
    ("made long ago", |token| {
        let at = made_at(token);
        token.claim("iat", at - 3_600);
        token.claim("exp", at + 3_600);
    }),
    ("made tomorrow", |token| {
        let at = made_at(token) + 86_400;
        token.claim("iat", at);
        token.claim("exp", at + 300);
    }),
    ("made never", |token| token.forget("iat")),
    ("not yet good", |token| {
        let later = made_at(token) + 3_600;
        token.claim("nbf", later);
    }),
    ("proven tomorrow", |token| {
        let later = made_at(token) + 3_600;
        token.claim("auth_time", later);
    }),
    ("of another attempt", |token| {
        token.claim("nonce", "of another attempt");
    }),
    ("of no attempt", |token| token.forget("nonce")),
    ("of nobody", |token| token.forget("sub")),
    ("of an empty name", |token| token.claim("sub", "")),
    ("of a name without end", |token| {
        token.claim("sub", "a".repeat(256));
    }),
    ("of a number", |token| token.claim("sub", 42)),
    ("not signed", |token| {
        token.signer = Signer::Nobody;
        token.header["alg"] = json!("none");
    }),
    ("not signed, said otherwise", |token| {
        token.signer = Signer::Nobody;
        token.header["alg"] = json!("NONE");
    }),
    ("signed by nobody under a good name", |token| {
        token.signer = Signer::Nobody;
    }),
    ("signed with the client's secret", |token| {
        token.signer = Signer::Shared(SECRET.as_bytes().to_vec());
        token.header["alg"] = json!("HS256");
    }),
    ("signed with the public key as a secret", |token| {
        let public = Signer::ec(1).public("first").to_string();
        token.signer = Signer::Shared(public.into_bytes());
        token.header["alg"] = json!("HS256");
    }),
    ("signed with another key under the same name", |token| {
        token.signer = Signer::ec(9);
    }),
    ("signed with a key that nobody has published", |token| {
        token.signer = Signer::ec(9);
        token.header["kid"] = json!("of nobody");
    }),
    ("signed with another key and no name", |token| {
        token.signer = Signer::ec(9);
        token.header.as_object_mut().unwrap().remove("kid");
    }),
    ("brings its own key", |token| {
        token.signer = Signer::ec(9);
        token.header["jwk"] = Signer::ec(9).public("first");
    }),
    ("of another algorithm than its key", |token| {
        token.header["alg"] = json!("RS256");
    }),
    ("of another kind", |token| token.header["typ"] = json!("at+jwt")),
    ("wants what nobody knows", |token| {
        token.header["crit"] = json!(["b64"]);
        token.header["b64"] = json!(false);
    }),
    ("is no object", |token| token.claims = json!([])),
];

#[tokio::test]
async fn auth_08_each_lie_of_a_token_is_refused() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let before = harness.snapshot();
    for (what, lie) in LIES {
        provider.twist(lie);
        let browser = Browser::new(&harness);

        let page = enter(&browser, &provider, known(ANNE)).await;

        assert_eq!(page.address, UNTRUSTED, "{what}");
        assert_eq!(browser.who().await, None, "{what}");
    }
    assert_eq!(harness.snapshot(), before, "nothing is left of any");
    // It was the lies.
    provider.untwist();
    assert_eq!(
        enter(&Browser::new(&harness), &provider, known(ANNE))
            .await
            .address,
        "/accueil"
    );
}

/// AUTH-08: head, claims and signature hold together, character by character.
#[tokio::test]
async fn auth_08_a_token_with_one_character_changed_is_refused() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    // A token of some 400 characters; seven and its length share no factor.
    for at in (0..400).step_by(7) {
        provider.twist(move |token| token.damaged = Some(at));
        let page = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
        assert_eq!(page.address, UNTRUSTED, "{at}");
    }
}

/// The least skew that clocks of two machines have is no lie; one more audience is none where the token says who asked.
#[tokio::test]
async fn auth_08_what_is_unusual_and_true_is_believed() {
    const TRUTHS: &[Lie] = &[
        ("a clock that is half a minute ahead", |token| {
            let at = made_at(token) + 30;
            token.claim("iat", at);
            token.claim("nbf", at);
        }),
        ("over for half a minute", |token| {
            let at = made_at(token) - 30;
            token.claim("exp", at);
        }),
        ("for us in a list", |token| token.claim("aud", json!([CLIENT]))),
        ("for us and others, asked by us", |token| {
            token.claim("aud", json!(["another", CLIENT]));
            token.claim("azp", CLIENT);
        }),
        ("no kind", |token| {
            token.header.as_object_mut().unwrap().remove("typ");
        }),
        ("a part of a second", |token| {
            let at = made_at(token);
            token.claim("exp", json!(300.5 + f64::from(i32::try_from(at).unwrap())));
            token.claim("iat", json!(0.25 + f64::from(i32::try_from(at).unwrap())));
            token.claim(
                "auth_time",
                json!(0.75 + f64::from(i32::try_from(at - 1).unwrap())),
            );
        }),
        ("no name of its key", |token| {
            token.header.as_object_mut().unwrap().remove("kid");
        }),
        ("it does not say when it was proven", |token| {
            token.forget("auth_time");
        }),
    ];
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    for (what, truth) in TRUTHS {
        provider.untwist();
        let browser = familiar(&harness, &provider).await;
        provider.twist(truth);
        let page = enter(&browser, &provider, known(ANNE)).await;
        assert_eq!(page.address, "/accueil", "{what}");
    }
}

/// AUTH-08: what everybody can read is no secret: a token that is signed with the public key as one is signed by nobody.
#[tokio::test]
async fn auth_08_a_public_key_of_rsa_is_no_secret() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let signer = Signer::rsa("RS256");
    provider.change_key(signer.clone(), "of rsa");
    harness.clock.advance_ms(60_000);
    for secret in signer.public_forms("of rsa") {
        provider.twist(move |token| {
            token.signer = Signer::Shared(secret.clone());
            token.header["alg"] = json!("HS256");
        });
        let browser = Browser::new(&harness);
        assert_eq!(enter(&browser, &provider, known(ANNE)).await.address, UNTRUSTED);
        assert_eq!(browser.who().await, None);
    }
    provider.untwist();
    assert_eq!(
        enter(&Browser::new(&harness), &provider, known(ANNE))
            .await
            .address,
        "/accueil"
    );
}

#[tokio::test]
async fn auth_08_a_code_and_a_state_count_once() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let browser = Browser::new(&harness);
    let address = leave(&browser).await;
    let key = browser.cookie("pli-attempt").unwrap();
    let returned = provider.recognise(&address, known(ANNE));
    assert_eq!(browser.come_back(&returned).await.address, "/accueil");
    let n_asked = provider.n_asked(Door::Tokens);

    // The same again: in the browser that has still its key, signed in or not.
    browser.put_cookie("pli-attempt", &key);
    assert_eq!(
        browser.come_back(&returned).await.address,
        "/accueil",
        "they are in, and stay there"
    );
    let again = Browser::new(&harness);
    again.put_cookie("pli-attempt", &key);
    assert_eq!(again.come_back(&returned).await.address, EXPIRED);
    assert_eq!(provider.n_asked(Door::Tokens), n_asked, "no code was tried again");

    // An old code with a new state, and a new code with an old state.
    let other = Browser::new(&harness);
    let mut mixed = provider.recognise(&leave(&other).await, known(ANNE));
    mixed[0] = returned[0].clone();
    assert_eq!(other.come_back(&mixed).await.address, UNTRUSTED);
    let other = Browser::new(&harness);
    let mut mixed = provider.recognise(&leave(&other).await, known(ANNE));
    mixed[1] = returned[1].clone();
    assert_eq!(other.come_back(&mixed).await.address, EXPIRED);
    assert_eq!(other.who().await, None);
}

/// AUTH-08: what somebody has begun, nobody else finishes, and nobody is made to finish what somebody else has begun.
#[tokio::test]
async fn auth_08_another_browser_finishes_nothing() {
    let Scene {
        harness,
        provider,
        anne,
    } = scene(&[]).await;
    let (victim, attacker) = (Browser::new(&harness), Browser::new(&harness));
    let returned = provider.recognise(&leave(&victim).await, known(ANNE));
    let of_attacker = provider.recognise(&leave(&attacker).await, known("the attacker"));

    // With the victim's answer, seen on its way: without a cookie, and with the cookie of an attempt of their own.
    assert_eq!(Browser::new(&harness).come_back(&returned).await.address, EXPIRED);
    assert_eq!(attacker.come_back(&returned).await.address, EXPIRED);
    // The victim is led back with the attacker's answer.
    assert_eq!(victim.come_back(&of_attacker).await.address, EXPIRED);
    // The victim's own state with the attacker's code: PKCE, then the nonce, say that it was not made for it.
    let n_refused = provider.n_refused();
    let mut mixed = returned.clone();
    mixed[0] = of_attacker[0].clone();
    assert_eq!(victim.come_back(&mixed).await.address, UNTRUSTED);
    assert_eq!(provider.n_refused(), n_refused + 1);

    assert_eq!((victim.who().await, attacker.who().await), (None, None));
    // Who begins again comes in.
    enter(&victim, &provider, known(ANNE)).await;
    assert_eq!(victim.who().await, Some(anne.email));
}

/// AUTH-08, RFC 9207: an answer says who it is of, and a code of one provider is never shown to another.
#[tokio::test]
async fn auth_08_an_answer_of_another_provider_is_refused() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let n_asked = provider.n_asked(Door::Tokens);
    let changes: [(&str, Change); 4] = [
        ("of another", |fields| {
            fields[2].1 = "https://evil.example".to_owned();
        }),
        ("of almost the same", |fields| fields[2].1.push('/')),
        ("of nobody, though it always says", |fields| drop(fields.pop())),
        ("of two", |fields| {
            fields.push(("iss".to_owned(), "https://evil.example".to_owned()));
        }),
    ];
    for (what, change) in changes {
        let browser = Browser::new(&harness);
        let mut returned = provider.recognise(&leave(&browser).await, known(ANNE));
        change(&mut returned);
        assert_eq!(browser.come_back(&returned).await.address, UNTRUSTED, "{what}");
    }
    assert_eq!(
        provider.n_asked(Door::Tokens),
        n_asked,
        "no code was shown to anybody"
    );
}

#[tokio::test]
async fn auth_08_a_provider_that_never_names_itself_need_not() {
    let mut scene = scene(&[]).await;
    scene
        .provider
        .redescribe(|document| document["authorization_response_iss_parameter_supported"] = Value::Null);
    let again = server::openid::Provider::new(scene.provider.settings(&[]));
    scene.harness.name_provider(again);
    // A null is not a bool: what cannot be read is not followed.
    assert_eq!(
        Browser::new(&scene.harness)
            .open("/organisation/connexion")
            .await
            .address,
        "/connexion?refus=injoignable"
    );
    scene.provider.redescribe(|document| {
        document
            .as_object_mut()
            .unwrap()
            .remove("authorization_response_iss_parameter_supported");
    });
    let again = server::openid::Provider::new(scene.provider.settings(&[]));
    scene.harness.name_provider(again);
    let browser = Browser::new(&scene.harness);

    let mut returned = scene.provider.recognise(&leave(&browser).await, known(ANNE));
    returned.pop();

    assert_eq!(browser.come_back(&returned).await.address, "/accueil");
}

/// What was begun with one provider is finished with no other, though the settings have changed meanwhile.
#[tokio::test]
async fn auth_08_an_attempt_is_of_the_provider_it_began_with() {
    let mut scene = scene(&[]).await;
    let other = HostileProvider::start(&scene.harness.clock).await;
    let (key, returned) = {
        let browser = Browser::new(&scene.harness);
        let returned = scene.provider.recognise(&leave(&browser).await, known(ANNE));
        (browser.cookie("pli-attempt").unwrap(), returned)
    };
    scene
        .harness
        .name_provider(server::openid::Provider::new(other.settings(&[])));
    let browser = Browser::new(&scene.harness);
    browser.put_cookie("pli-attempt", &key);

    assert_eq!(browser.come_back(&returned).await.address, EXPIRED);
    assert_eq!(other.n_asked(Door::Tokens), 0);
}

#[tokio::test]
async fn auth_08_an_attempt_waits_ten_minutes() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let (early, late) = (Browser::new(&harness), Browser::new(&harness));
    let begun_at = harness.now();
    let (address, other) = (leave(&early).await, leave(&late).await);
    let waited = |until_ms: i64| {
        harness
            .clock
            .advance_ms(until_ms - harness.now().ms_since(begun_at));
    };

    let returned = provider.recognise(&address, known(ANNE));
    waited(10 * 60_000 - 1);
    assert_eq!(early.come_back(&returned).await.address, "/accueil");
    let returned = provider.recognise(&other, known(ANNE));
    waited(10 * 60_000);
    assert_eq!(late.come_back(&returned).await.address, EXPIRED);
}

/// AUTH-08: a class of authentication that was asked for and not reached opens nothing, whatever else holds.
#[tokio::test]
async fn auth_08_a_class_that_is_too_low_opens_nothing() {
    let Scene {
        harness, provider, ..
    } = scene(&["eidas1", "eidas2"]).await;
    let of_class = |acr| Known { acr, ..known(ANNE) };

    for acr in [
        None,
        Some("eidas0"),
        Some("EIDAS1"),
        Some("eidas1 eidas2"),
        Some(""),
    ] {
        let browser = Browser::new(&harness);
        let page = enter(&browser, &provider, of_class(acr)).await;
        assert_eq!(page.address, "/connexion?refus=insuffisant", "{acr:?}");
        assert_eq!(browser.who().await, None);
    }
    // Stepping up: the same browser, once more.
    let browser = Browser::new(&harness);
    enter(&browser, &provider, of_class(None)).await;
    assert_eq!(
        enter(&browser, &provider, of_class(Some("eidas2"))).await.address,
        "/accueil"
    );
}
