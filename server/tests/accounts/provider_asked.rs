//! How the provider is asked: each way in which it wants its client to prove who asks, and what nobody finds in the log.
//!
//! AUTH-08.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use server::openid::Provider;

use super::browser::Browser;
use super::hostile_provider::{HostileProvider, Proof, SECRET, known};
use super::provider::{ANNE, Scene, enter, leave, scene};
use crate::harness::PASSWORD;

#[tokio::test]
async fn auth_08_each_way_in_which_a_client_proves_itself_is_known() {
    let Scene {
        mut harness,
        provider,
        ..
    } = scene(&[]).await;
    for (proof, said) in [
        (
            Proof::Post,
            Some(json!(["client_secret_post", "private_key_jwt"])),
        ),
        (
            Proof::Basic,
            Some(json!(["client_secret_post", "client_secret_basic"])),
        ),
        // What is not said is this.
        (Proof::Basic, None),
        (Proof::Public, Some(json!(["none"]))),
        (Proof::Public, None),
    ] {
        provider.wants(proof);
        let methods = said.clone();
        provider.redescribe(move |document| {
            let document = document.as_object_mut().unwrap();
            match &methods {
                Some(methods) => document.insert(
                    "token_endpoint_auth_methods_supported".to_owned(),
                    methods.clone(),
                ),
                None => document.remove("token_endpoint_auth_methods_supported"),
            };
        });
        harness.name_provider(Provider::new(provider.settings(&[])));
        let browser = Browser::new(&harness);

        let page = enter(&browser, &provider, known(ANNE)).await;

        assert_eq!(page.address, "/accueil", "{proof:?}: {said:?}");
    }
    assert_eq!(provider.n_refused(), 0);
    // It is what the client proves: in another way it is nobody.
    provider.wants(Proof::Post);
    let page = enter(&Browser::new(&harness), &provider, known(ANNE)).await;
    assert_eq!(page.address, "/connexion?refus=refuse");
    assert_eq!(provider.n_refused(), 1);
}

/// What was logged by this test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that goes to the provider and comes back from it, and that opens something or names somebody.
fn canaries(
    browser: &Browser<'_>,
    provider: &HostileProvider,
    address: &str,
) -> (Vec<String>, Vec<(String, String)>) {
    let sent = super::hostile_provider::asked(address);
    let returned = provider.recognise(address, known("canari-du-lac"));
    let mut words = vec![
        browser.cookie("pli-attempt").unwrap(),
        sent["state"].clone(),
        sent["nonce"].clone(),
        sent["code_challenge"].clone(),
        returned[0].1.clone(),
        "canari-du-lac".to_owned(),
        "canari@demo.example".to_owned(),
        "Canari du Lac".to_owned(),
        SECRET.to_owned(),
        form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
    ];
    words.sort();
    (words, returned)
}

/// AUTH-08: whatever comes of it, the log tells no code, no token, no key, and nobody's name.
#[tokio::test]
async fn auth_08_nothing_that_opens_or_names_somebody_is_logged() {
    let Scene {
        harness, provider, ..
    } = scene(&[]).await;
    let luc = harness.account("Luc Gagné").await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // Where there is one subscriber alone, what another thread logs first is looked at by that thread's, which is none.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _logged = tracing::subscriber::set_default(subscriber);
    let seen = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let mut words = Vec::new();
    let tokens = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&tokens);
    provider.twist(move |token| {
        token.claim("email", "canari@demo.example");
        token.claim("name", "Canari du Lac");
        let signed = token.signer.token(&token.header, &token.claims);
        let parts: Vec<String> = signed.split('.').map(str::to_owned).collect();
        keep.lock().unwrap().extend(parts.into_iter().skip(1));
    });

    // Nobody's, then Luc's; then one that is not believed, one that is not exchanged, and one that the provider refuses.
    let browser = Browser::new(&harness);
    let (more, returned) = canaries(&browser, &provider, &leave(&browser).await);
    words.extend(more);
    browser.come_back(&returned).await;
    browser.sign_in(&luc.email, PASSWORD).await;
    let start = [("operation", "accounts.start_provider_link")];
    let address = browser.post("/parametres/securite", &start).await.address;
    let (more, returned) = canaries(&browser, &provider, &address);
    words.extend(more);
    browser.come_back(&returned).await;
    browser.sign_out().await;
    let (more, returned) = canaries(&browser, &provider, &leave(&browser).await);
    words.extend(more);
    browser.come_back(&returned).await;
    assert_eq!(browser.who().await, Some(luc.email));
    browser.sign_out().await;
    provider.twist(|token| {
        token.claim("name", "Canari du Lac");
        token.claim("nonce", "of another attempt");
    });
    for changed in [
        None,
        Some(("code", "canari-code")),
        Some(("error", "canari-error")),
    ] {
        let (more, mut returned) = canaries(&browser, &provider, &leave(&browser).await);
        words.extend(more);
        if let Some((name, value)) = changed {
            returned[0] = (name.to_owned(), value.to_owned());
            words.push(value.to_owned());
        }
        let page = browser.come_back(&returned).await;
        assert!(page.address.contains("refus="), "{}", page.address);
    }

    words.extend(tokens.lock().unwrap().drain(..));
    let logged = seen();
    for told in [
        "signed in by the provider",
        "linked an account to the provider",
        "refused what the provider has answered",
    ] {
        assert!(logged.contains(told), "{told} is logged");
    }
    for word in words {
        assert!(!logged.contains(&word), "{word}");
    }
}
