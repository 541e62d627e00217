//! What every answer says to a browser, and who is turned away at the door.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod limits;
mod reads;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Request, StatusCode, header};
use axum::response::Response;
use harness::{Account, Harness};
use server::http::{CookieMode, Doors, Site};
use server::openid::{Provider, Settings};
use tower::ServiceExt;

const HOST: &str = "127.0.0.1:8080";

async fn ask(harness: &Harness, request: Request<Body>) -> Response {
    harness.router().oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn get(path: &str, account: Option<&Account>) -> Request<Body> {
    let request = Request::get(path).header(header::HOST, HOST);
    match account {
        Some(account) => request.header(header::COOKIE, format!("pli={}", account.token)),
        None => request,
    }
    .body(Body::empty())
    .unwrap()
}

fn policy(headers: &HeaderMap) -> &str {
    headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap()
}

/// The nonce that a page's scripts carry.
fn nonce(policy: &str) -> &str {
    policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap()
}

/// Every kind of answer: pages, the API, files, refusals, what does not exist.
const PATHS: [&str; 30] = [
    "/accueil",
    "/reseau",
    "/parametres",
    "/parametres/profil",
    "/parametres/preferences",
    "/parametres/appareils",
    "/parametres/signalements",
    "/parametres/signalements/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/signaler/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/aide",
    "/hors-ligne",
    "/connexion",
    "/installation",
    "/nulle-part",
    "/reseau/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/messages/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/exporter/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/api/v1/conversations.export_conversation",
    "/api/v1/accounts.get_me",
    "/api/v1/openapi.json",
    "/api/v1/no.such_operation",
    "/api/v1/uploads/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/api/v1/attachments/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/api/v1/attachments/01a1220a-1487-74da-be0a-e6f2db095d7a/thumbnail",
    "/api/v1/attachments/01a1220a-1487-74da-be0a-e6f2db095d7a/view",
    "/livez",
    "/organisation/connexion",
    "/organisation/depart",
    "/organisation/fin?code=a&state=b",
    "/organisation/retour?code=a&state=b",
];

/// An instance whose organisation has a provider: its doors answer as well.
fn provided() -> Harness {
    let mut harness = Harness::new();
    let provider = Settings::parse("http://127.0.0.1:9", "pli", None, &[], None).unwrap();
    harness.name_provider(Provider::new(provider));
    harness
}

#[tokio::test]
async fn web_01_every_answer_says_what_may_run_and_no_page_runs_more() {
    let harness = provided();
    let friends = harness.two_friends().await;
    let conversation = format!("/messages/{}", friends.conversation);
    let mut n_pages = 0;
    for (path, account) in PATHS
        .iter()
        .copied()
        .chain([conversation.as_str()])
        .flat_map(|path| [(path, None), (path, Some(&friends.anne))])
    {
        let response = ask(&harness, get(path, account)).await;
        let policy = policy(response.headers()).to_owned();
        for wanted in ["default-src 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(wanted), "{path}: {policy}");
        }
        for refused in ["unsafe-inline", "'unsafe-eval'", "*", "http:", "data:"] {
            assert!(!policy.contains(refused), "{path}: {policy}");
        }
        let is_page = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html"));
        if !is_page {
            assert!(!policy.contains("script-src"), "{path}: {policy}");
            continue;
        }
        // The page that leads back in runs nothing at all.
        if path.starts_with("/organisation/retour") {
            assert!(!policy.contains("script-src"), "{path}: {policy}");
            assert!(!text(response).await.contains("<script"), "{path}");
            continue;
        }
        n_pages += 1;
        for wanted in [
            "'strict-dynamic'",
            "base-uri 'none'",
            "object-src 'none'",
            "form-action 'self'",
            // Sound is played from the page's memory, a video from its own address.
            "; media-src 'self' blob:;",
        ] {
            assert!(policy.contains(wanted), "{path}: {policy}");
        }
        let carried = format!("nonce=\"{}\"", nonce(&policy));
        let html = text(response).await;
        let scripts: Vec<&str> = html
            .split("<script")
            .skip(1)
            .filter_map(|rest| rest.split('>').next())
            .collect();
        assert!(!scripts.is_empty(), "{path}");
        for script in scripts {
            assert!(
                script.contains(&carried) || script.contains("type=\"application/json\""),
                "{path}: <script{script}>"
            );
        }
        for refused in [" style=\"", " onclick=", " onload=", " onerror=", "javascript:"] {
            assert!(!html.contains(refused), "{path}: {refused}");
        }
    }
    assert!(n_pages >= 15, "{n_pages}");
}

#[tokio::test]
async fn web_02_a_nonce_is_long_and_used_once() {
    let harness = Harness::new();
    harness.account("Anne Roy").await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..200 {
        let response = ask(&harness, get("/connexion", None)).await;
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let nonce = nonce(policy(response.headers())).to_owned();
        // 128 bits, in base 64.
        assert!(nonce.trim_end_matches('=').len() >= 22, "{nonce}");
        assert!(seen.insert(nonce));
    }
}

#[tokio::test]
async fn web_03_every_answer_carries_the_headers() {
    let harness = provided();
    let anne = harness.account("Anne Roy").await;
    let wanted = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    for path in PATHS {
        for account in [None, Some(&anne)] {
            let response = ask(&harness, get(path, account)).await;
            let headers = response.headers();
            for (name, value) in wanted {
                assert_eq!(headers[HeaderName::from_static(name)], value, "{path}: {name}");
            }
            let permissions = headers["permissions-policy"].to_str().unwrap();
            for power in ["camera=()", "geolocation=()", "payment=()"] {
                assert!(permissions.contains(power), "{path}: {permissions}");
            }
            // Whoever is on a page may speak a message; nothing else has a use for a microphone, nor has the way to the provider.
            let is_page = headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html"))
                && !path.starts_with("/organisation/");
            let microphone = if is_page {
                "microphone=(self)"
            } else {
                "microphone=()"
            };
            assert!(permissions.contains(microphone), "{path}: {permissions}");
            assert!(!headers.contains_key(header::SERVER), "{path}");
        }
    }
}

#[tokio::test]
async fn web_04_the_cookie_of_a_session_is_for_this_host_alone_and_no_script_reads_it() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let body = format!(
        r#"{{"email":"{}","password":"{}"}}"#,
        anne.email,
        harness::PASSWORD
    );
    let request = Request::post("/api/v1/accounts.sign_in")
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();

    let response = ask(&harness, request).await;

    let cookies: Vec<&str> = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    assert!(!cookies.is_empty());
    for cookie in cookies {
        for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(word), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

/// What a hostile page, or a program that pretends to be one, sends along: header and value.
const FOREIGN: [(&str, Option<&str>, Option<&str>); 9] = [
    ("another site", Some("https://evil.example"), None),
    ("no site at all", Some("null"), None),
    ("a cookie without an origin", None, None),
    (
        "a name that begins alike",
        Some("http://127.0.0.1:8080.evil.example"),
        None,
    ),
    (
        "a name that ends alike",
        Some("http://evil.example/127.0.0.1:8080"),
        None,
    ),
    ("another port", Some("http://127.0.0.1:8081"), None),
    ("a user before the host", Some("http://x@127.0.0.1:8080"), None),
    (
        "the browser says so",
        Some("http://127.0.0.1:8080"),
        Some("cross-site"),
    ),
    ("a sister site", Some("http://127.0.0.1:8080"), Some("same-site")),
];

fn from_elsewhere(
    path: &str,
    kind: &str,
    body: String,
    account: &Account,
    origin: Option<&str>,
    fetch_site: Option<&str>,
) -> Request<Body> {
    let mut request = Request::post(path)
        .header(header::HOST, HOST)
        .header(header::COOKIE, format!("pli={}", account.token))
        .header(header::CONTENT_TYPE, kind);
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    if let Some(site) = fetch_site {
        request = request.header("sec-fetch-site", site);
    }
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn web_05_nothing_is_changed_from_another_site() {
    let harness = provided();
    let friends = harness.two_friends().await;
    let operations = server::operations();
    let changing: Vec<&str> = operations
        .iter()
        .filter(|(_, entry)| entry.method == app::api::Method::Post)
        .map(|(name, _)| name)
        .collect();
    assert!(changing.len() > 30);
    let before = harness.snapshot();
    for (what, origin, fetch_site) in FOREIGN {
        for operation in &changing {
            let request = from_elsewhere(
                &format!("/api/v1/{operation}"),
                "application/json",
                "{}".to_owned(),
                &friends.anne,
                origin,
                fetch_site,
            );
            let response = ask(&harness, request).await;
            assert_eq!(
                response.status(),
                StatusCode::FORBIDDEN,
                "{operation} from {what}"
            );
            assert!(text(response).await.contains("foreign_origin"), "{operation}");
            let form = from_elsewhere(
                "/accueil",
                "application/x-www-form-urlencoded",
                format!("operation={operation}"),
                &friends.anne,
                origin,
                fetch_site,
            );
            let response = ask(&harness, form).await;
            assert_eq!(
                response.status(),
                StatusCode::FORBIDDEN,
                "form {operation} from {what}"
            );
        }
    }
    // A request that does change something, so that the one thing missing is where it comes from.
    let close = |origin| {
        let body = format!(r#"{{"account":"{}"}}"#, friends.luc.id);
        let path = "/api/v1/friendships.close_channel";
        from_elsewhere(path, "application/json", body, &friends.anne, Some(origin), None)
    };
    assert_eq!(
        ask(&harness, close("https://evil.example")).await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(harness.snapshot(), before);
    assert_eq!(
        ask(&harness, close("http://127.0.0.1:8080")).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn web_05_no_link_and_no_simple_form_of_another_kind_changes_anything() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let before = harness.snapshot();
    for (operation, entry) in server::operations().iter() {
        if entry.method != app::api::Method::Post {
            continue;
        }
        let path = format!("/api/v1/{operation}");
        let response = ask(&harness, get(&path, Some(&friends.anne))).await;
        assert!(response.status().is_client_error(), "GET {operation}");
        for kind in ["text/plain", "multipart/form-data; boundary=x"] {
            let origin = Some("http://127.0.0.1:8080");
            let request = from_elsewhere(&path, kind, "{}".to_owned(), &friends.anne, origin, None);
            let status = ask(&harness, request).await.status();
            assert!(status.is_client_error(), "{operation} as {kind}: {status}");
        }
    }
    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn who_asks_everybody_for_friendship_is_told_to_wait() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    let router = server::http::router(Doors {
        context: harness.context.clone(),
        operations: Arc::new(server::operations()),
        site: Arc::new(Site {
            cookies: CookieMode::PlainLoopback,
            public_origin: None,
            is_demo: false,
        }),
        limits: Arc::default(),
    });
    let ask_for = async |account: String| {
        let request = Request::post("/api/v1/friendships.send_friend_request")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", anne.token))
            .body(Body::from(format!(r#"{{"account":"{account}"}}"#)))
            .unwrap();
        router.clone().oneshot(request).await.unwrap()
    };
    for _ in 0..40 {
        let nobody = harness::unknown_id().to_string();
        assert_eq!(ask_for(nobody).await.status(), StatusCode::NOT_FOUND);
    }
    let before = harness.snapshot();

    let response = ask_for(luc.id.to_string()).await;

    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()[header::RETRY_AFTER], "180");
    assert_eq!(harness.snapshot(), before);
    harness.clock.advance_ms(180_000);
    assert_eq!(ask_for(luc.id.to_string()).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn no_answer_leads_to_another_host() {
    let harness = provided();
    let anne = harness.account("Anne Roy").await;
    for path in [
        "//evil.example/?lang=fr",
        "//evil.example/..?lang=en-CA",
        "/\\evil.example?lang=fr",
        "//evil.example",
        "/connexion?suite=//evil.example",
        "/connexion?suite=https://evil.example",
        "/organisation/connexion?suite=//evil.example",
        "/organisation/fin?code=//evil.example&state=//evil.example&iss=https://evil.example",
    ] {
        for account in [None, Some(&anne)] {
            let Ok(request) = Request::get(path)
                .header(header::HOST, HOST)
                .header(
                    header::COOKIE,
                    account.map_or_else(String::new, |account| format!("pli={}", account.token)),
                )
                .body(Body::empty())
            else {
                // No address at all.
                continue;
            };
            let response = ask(&harness, request).await;
            if let Some(to) = response.headers().get(header::LOCATION) {
                let to = to.to_str().unwrap();
                assert!(
                    to.starts_with('/') && !to.starts_with("//"),
                    "{path} leads to {to}"
                );
                assert!(!to.contains('\\'), "{path} leads to {to}");
            }
        }
    }
}

#[test]
fn az_10_every_operation_refuses_fields_that_it_does_not_know() {
    let document = serde_json::to_value(server::http::openapi_document(&server::operations())).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut n_bodies = 0;
    for (path, methods) in paths {
        let Some(schema) = methods["post"]["requestBody"]["content"]["application/json"].get("schema") else {
            continue;
        };
        n_bodies += 1;
        let schema = match schema["$ref"].as_str() {
            Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => schema,
        };
        assert_eq!(schema["additionalProperties"], false, "{path}: {schema}");
    }
    assert!(n_bodies > 30, "{n_bodies}");
}
