//! What the organisation asks of everybody.

use app::accounts::{
    GetMe, GetPolicy, GetSecurity, ListDevices, RemoveAuthenticator, SavePolicy, SignOut, SuspendAccount,
};
use app::api::{ApiError, ListEvents};
use app::contacts::ListFriends;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use server::accounts::is_signed_in;

use super::second_factor::set_up;
use crate::harness::{Account, Harness};

async fn require_factor(harness: &Harness, admin: &Account) {
    let is_factor_required = true;
    harness
        .call(admin, SavePolicy { is_factor_required })
        .await
        .unwrap();
}

/// AUTH-14.
#[tokio::test]
async fn auth_14_no_second_factor_is_asked_for_in_a_new_installation() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;

    let policy = harness.call(&admin, GetPolicy {}).await.unwrap();

    assert!(!policy.is_factor_required);
    assert!(harness.call_http(&admin, ListFriends {}).await.is_ok());
}

/// AUTH-14: every operation, read from the table: what sets a factor up, who is there, and leaving; nothing else.
#[tokio::test]
async fn auth_14_who_lacks_a_factor_can_only_set_one_up() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    set_up(&harness, &admin).await;
    require_factor(&harness, &admin).await;
    let mut answered = Vec::new();
    for (name, entry) in harness.operations.iter() {
        if entry.access == server::http::operations::Access::Anyone {
            continue;
        }
        let is_get = entry.method == app::api::Method::Get;
        let request = Request::builder()
            .method(if is_get { "GET" } else { "POST" })
            .uri(format!("/api/v1/{name}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", anne.token))
            .body(Body::from("{}"))
            .unwrap();
        let (_, text) = harness.http(request).await;
        if !text.contains("\"code\":\"factor_needed\"") {
            answered.push(name);
        }
        if name == "accounts.sign_out" {
            break;
        }
    }

    assert_eq!(
        answered,
        [
            "accounts.add_passkey",
            "accounts.confirm_identity",
            "accounts.finish_authenticator",
            "accounts.get_me",
            "accounts.get_security",
            "accounts.sign_out",
        ]
    );
}

/// AUTH-14: the pages and the stream stand behind the same door.
#[tokio::test]
async fn auth_14_pages_lead_to_where_a_factor_is_set_up_and_streams_end() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    set_up(&harness, &admin).await;
    require_factor(&harness, &admin).await;
    let get = async |path: &str| {
        let request = Request::get(path)
            .header(header::COOKIE, format!("pli={}", anne.token))
            .body(Body::empty())
            .unwrap();
        harness.http(request).await
    };

    for path in ["/accueil", "/reseau", "/parametres/appareils", "/messages/0198"] {
        assert_eq!(get(path).await.0, StatusCode::SEE_OTHER, "{path}");
    }
    assert_eq!(get("/api/v1/events").await.0, StatusCode::FORBIDDEN);
    assert!(
        !is_signed_in(&harness.context, anne.device).await.unwrap(),
        "an open stream ends"
    );
    assert_eq!(
        harness.call_http(&anne, ListEvents::default()).await.map(|_| ()),
        Err(ApiError::FactorNeeded)
    );
    assert!(harness.call_http(&admin, ListFriends {}).await.is_ok());
}

#[tokio::test]
async fn auth_14_setting_a_factor_up_opens_all_doors() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    set_up(&harness, &admin).await;
    require_factor(&harness, &admin).await;
    assert!(
        harness
            .call_http(&anne, GetSecurity {})
            .await
            .unwrap()
            .is_factor_required
    );

    set_up(&harness, &anne).await;

    assert!(harness.call_http(&anne, ListDevices {}).await.is_ok());
    assert_eq!(
        harness.call_http(&anne, RemoveAuthenticator {}).await.map(|_| ()),
        Err(ApiError::FactorNeeded),
        "nor is it taken away again"
    );
    assert!(harness.call_http(&anne, SignOut {}).await.is_ok());
}

#[tokio::test]
async fn auth_14_who_asks_it_of_everybody_has_done_it() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;

    let is_factor_required = true;
    let outcome = harness.call(&admin, SavePolicy { is_factor_required }).await;

    assert_eq!(outcome, Err(ApiError::FactorNeeded));
    assert!(harness.call_http(&admin, GetMe {}).await.is_ok());
}

/// AUTH-13: administrators prove who they are before they let people in or keep them out.
#[tokio::test]
async fn auth_13_administration_asks_for_a_fresh_proof() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness.account("Anne Roy").await;
    harness.clock.advance_ms(5 * 60_000 + 1);
    let before = harness.snapshot();
    let account = anne.id;
    let refused = Err(ApiError::ConfirmIdentity);

    let suspend = SuspendAccount {
        account,
        suspended: true,
    };
    assert_eq!(harness.call(&admin, suspend).await.map(|_| ()), refused);
    let reset = app::accounts::StartReset {
        account,
        with_factors: false,
    };
    assert_eq!(harness.call(&admin, reset).await.map(|_| ()), refused);
    let invite = app::accounts::InvitePerson {
        email: "n@demo.example".to_owned(),
        name: "Nadia Belkacem".to_owned(),
        profession: String::new(),
        workplace: String::new(),
    };
    assert_eq!(harness.call(&admin, invite).await.map(|_| ()), refused);
    let is_factor_required = false;
    assert_eq!(
        harness
            .call(&admin, SavePolicy { is_factor_required })
            .await
            .map(|_| ()),
        refused
    );
    assert_eq!(harness.snapshot(), before);
}
