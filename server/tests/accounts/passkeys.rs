//! Passkeys: what is added, what signs in, what is refused.
//!
//! AUTH-06; a real browser's authenticator does the same in the journeys.

use app::accounts::{
    AddPasskey, GetSecurity, NoticeKind, PasskeyCeremony, RemovePasskey, SavePolicy, Secret, SignInByPasskey,
    SignedIn, StartPasskey, StartPasskeySignIn,
};
use app::api::{ApiError, PasskeyId};
use server::context::{Door, SessionSlot, Visitor};
use server::http::operations::Asker;

use super::authenticator::{Authenticator, ORIGIN};
use super::sign_in;
use crate::harness::{Account, Harness, PASSWORD, unknown_id};

fn door() -> Door {
    Door {
        origin: Some(ORIGIN.to_owned()),
        device_name: "Safari, iPad".to_owned(),
        ..Door::default()
    }
}

/// A browser at the service's address.
fn browser() -> Asker {
    Asker::Visitor(Visitor {
        device_name: "Safari, iPad".to_owned(),
        language: app::accounts::Language::French,
        session: SessionSlot::at(door()),
    })
}

/// A person at the service's address.
pub(super) async fn person(harness: &Harness, name: &str) -> Account {
    let mut account = harness.account(name).await;
    account.caller.session = SessionSlot::at(door());
    account
}

async fn start(harness: &Harness, account: &Account) -> PasskeyCeremony {
    harness.call(account, StartPasskey {}).await.unwrap()
}

async fn add(
    harness: &Harness,
    account: &Account,
    ceremony: &PasskeyCeremony,
    credential: Secret,
) -> Result<(), ApiError> {
    let ceremony = ceremony.ceremony.clone();
    harness
        .call(account, AddPasskey { ceremony, credential })
        .await
        .map(|_| ())
}

/// Adds a passkey that the authenticator holds.
pub(super) async fn with_passkey(harness: &Harness, account: &Account, seed: u8) -> Authenticator {
    let mut authenticator = Authenticator::new(seed);
    let ceremony = start(harness, account).await;
    let credential = authenticator.make(&ceremony);
    add(harness, account, &ceremony, credential).await.unwrap();
    authenticator
}

async fn start_sign_in(harness: &Harness) -> PasskeyCeremony {
    harness.call_as(browser(), StartPasskeySignIn {}).await.unwrap()
}

async fn finish(
    harness: &Harness,
    ceremony: &PasskeyCeremony,
    credential: Secret,
) -> Result<SignedIn, ApiError> {
    let ceremony = ceremony.ceremony.clone();
    harness
        .call_as(browser(), SignInByPasskey { ceremony, credential })
        .await
}

/// A whole sign-in.
async fn enter(harness: &Harness, authenticator: &mut Authenticator) -> Result<SignedIn, ApiError> {
    let ceremony = start_sign_in(harness).await;
    let credential = authenticator.sign(&ceremony);
    finish(harness, &ceremony, credential).await
}

fn refused() -> Result<(), ApiError> {
    Err(ApiError::PasskeyRefused)
}

#[tokio::test]
async fn auth_06_a_passkey_signs_its_owner_in_without_an_address() {
    let harness = Harness::new();
    let (anne, luc) = (
        person(&harness, "Anne Roy").await,
        person(&harness, "Luc Gagné").await,
    );
    let mut of_anne = with_passkey(&harness, &anne, 1).await;
    let mut of_luc = with_passkey(&harness, &luc, 2).await;

    let first = enter(&harness, &mut of_anne).await.unwrap();
    let second = enter(&harness, &mut of_luc).await.unwrap();
    let again = enter(&harness, &mut of_anne).await.unwrap();

    let entered = [first.account.id, second.account.id, again.account.id];
    assert_eq!(entered, [anne.id, luc.id, anne.id]);
    let security = harness.call(&anne, GetSecurity {}).await.unwrap();
    assert_eq!(security.passkeys[0].name, "Safari, iPad");
    assert_eq!(security.passkeys[0].used_at, Some(harness.now()));
    assert!(
        security
            .notices
            .iter()
            .any(|notice| notice.kind == NoticeKind::PasskeyAdded)
    );
}

/// AUTH-06: each lie by itself, at making and at signing in.
#[tokio::test]
async fn auth_06_whatever_lies_is_refused() {
    type Lie = (&'static str, fn(&mut Authenticator));
    const LIES: &[Lie] = &[
        ("another origin", |it| {
            it.origin = "https://pli.example.com".to_owned();
        }),
        ("a sub-domain", |it| {
            it.origin = "https://a.pli.example.org".to_owned();
        }),
        ("another port", |it| {
            it.origin = "https://pli.example.org:8443".to_owned();
        }),
        ("in clear", |it| it.origin = "http://pli.example.org".to_owned()),
        ("another name", |it| it.name = "example.org".to_owned()),
        ("nobody verified", |it| it.is_verified = false),
    ];
    for (what, lie) in LIES {
        let harness = Harness::new();
        let anne = person(&harness, "Anne Roy").await;
        let mut liar = Authenticator::new(7);
        lie(&mut liar);
        let ceremony = start(&harness, &anne).await;
        let credential = liar.make(&ceremony);
        assert_eq!(
            add(&harness, &anne, &ceremony, credential).await,
            refused(),
            "{what}, made"
        );
        assert_eq!(harness.snapshot().n_rows("passkeys"), 0);

        let mut honest = with_passkey(&harness, &anne, 1).await;
        let n_devices = harness.snapshot().n_rows("devices");
        lie(&mut honest);
        assert_eq!(
            enter(&harness, &mut honest).await.map(|_| ()),
            refused(),
            "{what}, used"
        );
        assert_eq!(harness.snapshot().n_rows("devices"), n_devices);
    }
}

#[tokio::test]
async fn auth_06_a_ceremony_counts_once_and_for_its_purpose() {
    let harness = Harness::new();
    let (anne, luc) = (
        person(&harness, "Anne Roy").await,
        person(&harness, "Luc Gagné").await,
    );
    let mut authenticator = with_passkey(&harness, &anne, 1).await;

    let ceremony = start_sign_in(&harness).await;
    let credential = authenticator.sign(&ceremony);
    finish(&harness, &ceremony, credential.clone()).await.unwrap();
    assert_eq!(
        finish(&harness, &ceremony, credential.clone()).await.map(|_| ()),
        refused(),
        "replayed"
    );

    let other = start_sign_in(&harness).await;
    assert_eq!(
        finish(&harness, &other, credential).await.map(|_| ()),
        refused(),
        "of another challenge"
    );
    let right = authenticator.sign(&other);
    assert_eq!(
        finish(&harness, &other, right).await.map(|_| ()),
        refused(),
        "used up by the wrong answer"
    );

    let late = start_sign_in(&harness).await;
    harness.clock.advance_ms(5 * 60_000);
    let credential = authenticator.sign(&late);
    assert_eq!(
        finish(&harness, &late, credential).await.map(|_| ()),
        refused(),
        "too late"
    );

    let luc = Account {
        device: harness.sign_in(&luc.email).await.device,
        ..luc
    };
    let mut luc_now = harness.sign_in(&luc.email).await;
    luc_now.caller.session = SessionSlot::at(door());
    let mut anne_now = harness.sign_in(&anne.email).await;
    anne_now.caller.session = SessionSlot::at(door());
    let ceremony = start(&harness, &anne_now).await;
    let credential = Authenticator::new(9).make(&ceremony);
    assert_eq!(
        add(&harness, &luc_now, &ceremony, credential.clone()).await,
        refused(),
        "another person's"
    );
    assert_eq!(
        add(&harness, &anne_now, &ceremony, credential).await,
        refused(),
        "and used up by them"
    );
}

/// AUTH-06: a copy of a key shows itself, because two count apart.
#[tokio::test]
async fn auth_06_a_counter_that_goes_back_is_refused() {
    let harness = Harness::new();
    let anne = person(&harness, "Anne Roy").await;
    let mut authenticator = with_passkey(&harness, &anne, 1).await;
    authenticator.counter = 41;
    enter(&harness, &mut authenticator).await.unwrap();
    let mut copy = authenticator.clone();
    copy.counter = 41;

    let same = enter(&harness, &mut copy).await.map(|_| ());
    copy.counter = 3;
    let lower = enter(&harness, &mut copy).await.map(|_| ());

    assert_eq!((same, lower), (refused(), refused()));
    assert!(enter(&harness, &mut authenticator).await.is_ok());
}

/// Somebody else's key under Anne's name, and Anne's key under somebody else's name.
#[tokio::test]
async fn auth_06_a_passkey_opens_its_owners_account_alone() {
    let harness = Harness::new();
    let (anne, luc) = (
        person(&harness, "Anne Roy").await,
        person(&harness, "Luc Gagné").await,
    );
    let of_anne = with_passkey(&harness, &anne, 1).await;
    with_passkey(&harness, &luc, 2).await;

    let ceremony = start_sign_in(&harness).await;
    let credential = of_anne.clone().sign(&ceremony).0;
    let handle = |account: &Account| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(account.id.0.as_bytes())
    };
    let claimed = Secret(credential.replace(&handle(&anne), &handle(&luc)));
    assert_ne!(claimed.0, credential);
    assert_eq!(finish(&harness, &ceremony, claimed).await.map(|_| ()), refused());

    // The same credential cannot be made somebody else's.
    let ceremony = start(&harness, &luc).await;
    let credential = Authenticator::new(1).make(&ceremony);
    assert_eq!(add(&harness, &luc, &ceremony, credential).await, refused());
}

#[tokio::test]
async fn auth_06_a_removed_passkey_opens_nothing_and_the_second_stays() {
    let harness = Harness::new();
    let anne = person(&harness, "Anne Roy").await;
    let mut tablet = with_passkey(&harness, &anne, 1).await;
    harness.clock.advance_ms(1);
    let mut phone = with_passkey(&harness, &anne, 2).await;
    let passkeys = harness.call(&anne, GetSecurity {}).await.unwrap().passkeys;

    let passkey = passkeys[0].id;
    harness.call(&anne, RemovePasskey { passkey }).await.unwrap();

    assert_eq!(enter(&harness, &mut tablet).await.map(|_| ()), refused());
    assert!(enter(&harness, &mut phone).await.is_ok());
    let unknown = RemovePasskey {
        passkey: PasskeyId(unknown_id()),
    };
    assert_eq!(harness.call(&anne, unknown).await, Err(ApiError::NotFound));
}

#[tokio::test]
async fn auth_06_a_suspended_person_and_a_stranger_answer_alike() {
    let harness = Harness::new();
    let anne = person(&harness, "Anne Roy").await;
    let mut authenticator = with_passkey(&harness, &anne, 1).await;
    server::accounts::set_suspended(&harness.context, None, anne.id, true)
        .await
        .unwrap();
    let mut stranger = Authenticator::new(3);
    stranger.make(&start(&harness, &person(&harness, "Luc Gagné").await).await);

    let suspended = enter(&harness, &mut authenticator).await.map(|_| ());
    let unknown = enter(&harness, &mut stranger).await.map(|_| ());

    assert_eq!((suspended, unknown), (refused(), refused()));
}

/// AUTH-14: a passkey is enough where more than a password is asked for; the password of its owner is not.
#[tokio::test]
async fn auth_14_a_passkey_is_more_than_a_password() {
    let harness = Harness::new();
    let mut admin = harness.admin("Luc Gagné").await;
    admin.caller.session = SessionSlot::at(door());
    let mut authenticator = with_passkey(&harness, &admin, 1).await;
    let is_factor_required = true;
    harness
        .call(&admin, SavePolicy { is_factor_required })
        .await
        .unwrap();

    let by_password = sign_in(&harness, &admin.email, PASSWORD).await.map(|_| ());
    let by_passkey = enter(&harness, &mut authenticator).await;
    let passkey = harness.call(&admin, GetSecurity {}).await.unwrap().passkeys[0].id;
    let removed = harness.call(&admin, RemovePasskey { passkey }).await;

    assert_eq!(by_password, Err(ApiError::PasskeyNeeded));
    assert!(by_passkey.is_ok());
    assert_eq!(
        removed,
        Err(ApiError::FactorNeeded),
        "nor is the last one taken away"
    );
}

/// AUTH-13.
#[tokio::test]
async fn auth_13_passkeys_change_only_shortly_after_a_proof() {
    let harness = Harness::new();
    let anne = person(&harness, "Anne Roy").await;
    with_passkey(&harness, &anne, 1).await;
    let passkey = harness.call(&anne, GetSecurity {}).await.unwrap().passkeys[0].id;
    let ceremony = start(&harness, &anne).await;
    let credential = Authenticator::new(2).make(&ceremony);
    harness.clock.advance_ms(5 * 60_000 - 1);
    let waiting = start(&harness, &anne).await;
    let late = Authenticator::new(3).make(&waiting);
    harness.clock.advance_ms(2);

    assert_eq!(
        add(&harness, &anne, &ceremony, credential).await,
        refused(),
        "the ceremony has run out as well"
    );
    assert_eq!(
        add(&harness, &anne, &waiting, late).await,
        Err(ApiError::ConfirmIdentity)
    );
    assert_eq!(
        harness.call(&anne, RemovePasskey { passkey }).await,
        Err(ApiError::ConfirmIdentity)
    );
    assert_eq!(
        harness.call(&anne, StartPasskey {}).await.map(|_| ()),
        Err(ApiError::ConfirmIdentity)
    );
}

#[tokio::test]
async fn where_the_address_is_a_number_there_are_no_passkeys() {
    for origin in [
        None,
        Some("http://127.0.0.1:8080"),
        Some("http://[::1]:8080"),
        Some("nonsense"),
    ] {
        let harness = Harness::new();
        let mut anne = harness.account("Anne Roy").await;
        anne.caller.session = SessionSlot::at(Door {
            origin: origin.map(ToOwned::to_owned),
            ..Door::default()
        });

        let outcome = harness.call(&anne, StartPasskey {}).await.map(|_| ());

        assert_eq!(outcome, Err(ApiError::NoPasskeys), "{origin:?}");
    }
}

/// AUTH-05: beginning is the same for everybody, and says nothing of anybody.
#[tokio::test]
async fn auth_05_beginning_a_passkey_sign_in_names_nobody() {
    let harness = Harness::new();
    let anne = person(&harness, "Anne Roy").await;
    with_passkey(&harness, &anne, 1).await;

    let options: serde_json::Value = serde_json::from_str(&start_sign_in(&harness).await.options).unwrap();

    assert_eq!(options["allowCredentials"], serde_json::json!([]));
    assert_eq!(options["userVerification"], "required");
}
