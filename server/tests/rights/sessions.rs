//! A session that is over, by whatever ended it, opens no operation and no page.

use app::accounts::{ListDevices, LockDevice, RevokeDevice, SignOut, SuspendAccount};
use app::api::Method;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use server::http::operations::Access;
use tower::ServiceExt;

use crate::harness::{Account, Harness, PASSWORD};

const HOST: &str = "127.0.0.1:8080";
const HOUR_MS: i64 = 3_600_000;

/// Signs in as a browser does: programs never lock.
async fn in_browser(harness: &Harness, mut account: Account) -> Account {
    let wish = format!(r#"{{"email":"{}","password":"{PASSWORD}"}}"#, account.email);
    let request = Request::post("/api/v1/accounts.sign_in")
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(wish))
        .unwrap();
    let answer = harness.router().oneshot(request).await.unwrap();
    let mut cookies = answer.headers().get_all(header::SET_COOKIE).iter();
    let token = cookies
        .find_map(|cookie| cookie.to_str().unwrap().strip_prefix("pli="))
        .unwrap();
    token.split(';').next().unwrap().clone_into(&mut account.token);
    account
}

/// Somebody who was signed in, and how that ended.
async fn over(harness: &Harness, how: &str) -> Account {
    let account = in_browser(harness, harness.account("Camille Tremblay").await).await;
    match how {
        "made up" => {
            let mut account = account;
            account.token = "A".repeat(account.token.len());
            return account;
        }
        "signed out" => drop(harness.call_http(&account, SignOut {}).await.unwrap()),
        "locked" => drop(harness.call_http(&account, LockDevice {}).await.unwrap()),
        "revoked" => {
            let devices = harness.call_http(&account, ListDevices {}).await.unwrap().devices;
            let device = devices.iter().find(|device| device.is_current).unwrap().id;
            harness
                .call_http(&account, RevokeDevice { device })
                .await
                .unwrap();
        }
        "suspended" => {
            let admin = harness.admin("Nadia Belkacem").await;
            let wish = SuspendAccount {
                account: account.id,
                suspended: true,
            };
            harness.call(&admin, wish).await.unwrap();
        }
        // A day without anybody at the device.
        "idle" => harness.clock.advance_ms(25 * HOUR_MS),
        other => panic!("{other}"),
    }
    account
}

const ENDS: [&str; 6] = ["made up", "signed out", "locked", "revoked", "suspended", "idle"];

fn request(method: &str, path: &str, account: &Account) -> Request<Body> {
    let body = if method == "POST" { "{}" } else { "" };
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::COOKIE, format!("pli={}", account.token))
        .body(Body::from(body))
        .unwrap()
}

/// AZ-01: the actor whose session has expired, of each kind, at every operation.
#[tokio::test]
async fn az_01_a_session_that_is_over_opens_no_operation() {
    for how in ENDS {
        let harness = Harness::new();
        let account = over(&harness, how).await;
        let before = harness.snapshot();
        for (name, entry) in server::operations().iter() {
            let method = match entry.method {
                Method::Get => "GET",
                Method::Post => "POST",
            };
            let asked = request(method, &format!("/api/v1/{name}"), &account);

            let (status, answer) = harness.http(asked).await;

            if entry.access == Access::Anyone {
                continue;
            }
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{how}: {name}: {answer}");
            assert!(answer.contains("signed_out"), "{how}: {name}: {answer}");
        }
        let (status, _) = harness.http(request("GET", "/api/v1/events", &account)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{how}: the stream");
        // That a session has ended by idleness is noted when it is found, by and by.
        assert!(
            how == "idle" || harness.snapshot() == before,
            "{how}: something was stored"
        );
    }
}

#[tokio::test]
async fn az_01_a_session_that_is_over_opens_no_page() {
    for how in ENDS {
        let harness = Harness::new();
        let account = over(&harness, how).await;
        for path in ["/accueil", "/reseau", "/parametres/profil", "/parametres/comptes"] {
            let answer = harness
                .router()
                .oneshot(request("GET", path, &account))
                .await
                .unwrap();
            assert!(
                answer.status().is_redirection(),
                "{how}: {path}: {}",
                answer.status()
            );
            let to = answer.headers()[header::LOCATION].to_str().unwrap();
            assert!(to.starts_with("/connexion"), "{how}: {path} leads to {to}");
        }
    }
}
