//! The parsers behind the other doors: addresses, heads, forms, cursors, pictures.

use std::io::Cursor;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};

use crate::chance::Chance;
use crate::{HOST, Scene, damage, n_cases, set};

const PATHS: [&str; 16] = [
    "/accueil",
    "/reseau",
    "/reseau/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/messages/01a1220a-1487-74da-be0a-e6f2db095d7a?avant=12",
    "/connexion?suite=/reseau",
    "/parametres/profil?lang=en",
    "/hors-ligne?vers=/messages/",
    "/invitation/abc",
    "/organisation/connexion?suite=/reseau&nouveau=oui",
    "/organisation/depart",
    "/organisation/retour?code=abc&state=def&iss=https%3A%2F%2Fid.example.org&error=x",
    "/organisation/fin?code=abc&state=def&iss=https%3A%2F%2Fid.example.org",
    "/api/v1/events",
    "/api/v1/photos/01a1220a-1487-74da-be0a-e6f2db095d7a",
    "/pkg/app.js",
    "/",
];

const NAMES: [HeaderName; 12] = [
    header::COOKIE,
    header::AUTHORIZATION,
    header::ACCEPT_LANGUAGE,
    header::ACCEPT_ENCODING,
    header::USER_AGENT,
    header::IF_NONE_MATCH,
    header::RANGE,
    header::ORIGIN,
    header::REFERER,
    header::CONTENT_TYPE,
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("x-pli-account"),
];

const VALUES: [&str; 10] = [
    "",
    "Bearer ",
    "fr-CA;q=abc, *;q=9",
    "bytes=0-,-1,9999999999999999999999-",
    "18446744073709551616",
    "-1",
    "multipart/form-data; boundary=",
    "application/x-www-form-urlencoded; charset=\"",
    "W/\"\"\"",
    "gzip;q=0, br;q=2, identity;q=",
];

#[tokio::test]
async fn rel_23_no_address_and_no_head_breaks_a_door() {
    let scene = set().await;
    let mut chance = Chance::new(23);
    for _ in 0..n_cases() * 30 {
        let path = PATHS[chance.index(PATHS.len())];
        let path = if chance.percent(50) {
            format!("/{}", damage::text(&path[1..], &mut chance))
        } else {
            path.to_owned()
        };
        let method = ["GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"][chance.index(7)];
        let mut request = Request::builder()
            .method(method)
            .uri(&path)
            .header(header::HOST, HOST);
        if chance.percent(50) {
            request = request.header(header::COOKIE, format!("pli={}", scene.people[0].token));
        }
        if chance.percent(25) {
            request = request.header(header::COOKIE, format!("pli-attempt={}", begin(&scene).await));
        }
        for _ in 0..chance.below(4) {
            let value = damage::bytes(VALUES[chance.index(VALUES.len())].as_bytes(), &mut chance);
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                request = request.header(NAMES[chance.index(NAMES.len())].clone(), value);
            }
        }
        // Not every damaged address is one.
        let Ok(request) = request.body(Body::from(damage::bytes(
            b"operation=accounts.sign_out",
            &mut chance,
        ))) else {
            continue;
        };
        let said = format!("{request:?}");

        let response = tower::ServiceExt::oneshot(scene.harness.router(), request)
            .await
            .unwrap();

        assert!(
            !response.status().is_server_error(),
            "{}: {said}",
            response.status()
        );
    }
}

/// A way to the provider that has begun: what the browser holds of it.
async fn begin(scene: &Scene) -> String {
    let request = Request::get("/organisation/connexion")
        .header(header::HOST, HOST)
        .body(Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(scene.harness.router(), request)
        .await
        .unwrap();
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    let (_, value) = cookie.split_once('=').unwrap();
    value.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn rel_23_no_form_breaks_a_page() {
    const FORMS: [&str; 9] = [
        "operation=conversations.send_message&conversation=ID&key=01a1220a-1487-74da-be0a-e6f2db095d7a&body=Bonjour",
        "operation=friendships.send_friend_request&account=ID&note=Bonjour",
        "operation=contacts.search_people&text=caf%C3%A9",
        "operation=accounts.save_settings&language=fr-CA&enter_key=auto",
        "operation=friendships.close_channel&account=ID&next=%2Faccueil",
        "operation=accounts.sign_in&email=a%40b&password=c",
        "operation=accounts.start_provider_sign_in&page=%2Freseau&is_anew=true",
        "operation=accounts.start_provider_join&key=abc&name=A&profession=B&workplace=C",
        "operation=accounts.start_provider_link",
    ];
    let scene = set().await;
    let mut chance = Chance::new(24);
    for _ in 0..n_cases() * 15 {
        let form = FORMS[chance.index(FORMS.len())].replace("ID", &scene.ids[chance.index(scene.ids.len())]);
        let form = if chance.percent(70) {
            damage::bytes(form.as_bytes(), &mut chance)
        } else {
            form.into_bytes()
        };
        let page = ["/accueil", "/reseau", "/connexion", "/parametres/preferences"][chance.index(4)];
        let said = String::from_utf8_lossy(&form).into_owned();
        let request = Request::post(page)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, format!("http://{HOST}"))
            .header(
                header::COOKIE,
                format!("pli={}", scene.people[chance.index(4)].token),
            )
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();

        let (status, _) = scene.harness.http(request).await;

        assert!(!status.is_server_error(), "{status}: {page}: {said}");
    }
}

#[tokio::test]
async fn rel_23_no_picture_breaks_the_one_who_reads_it() {
    let scene = set().await;
    let mut chance = Chance::new(25);
    let pictures: Vec<Vec<u8>> = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP]
        .into_iter()
        .map(|format| {
            let mut bytes = Vec::new();
            RgbImage::from_fn(24, 16, |x, y| {
                image::Rgb([x * 10, y * 15, 90].map(|light| light.to_le_bytes()[0]))
            })
            .write_to(&mut Cursor::new(&mut bytes), format)
            .unwrap();
            bytes
        })
        .collect();
    let mut n_taken = 0;
    for _ in 0..n_cases() * 5 {
        let picture = &pictures[chance.index(pictures.len())];
        let picture = STANDARD.encode(damage::bytes(picture, &mut chance));
        let edge = |chance: &mut Chance| [0, 1, 500, 1000, 1001, 4_294_967_295_u64][chance.index(6)];
        let (left, top, side) = (edge(&mut chance), edge(&mut chance), edge(&mut chance));
        let wish = format!(r#"{{"picture":"{picture}","left":{left},"top":{top},"side":{side}}}"#);
        let request = Request::post("/api/v1/accounts.save_photo")
            .header(header::HOST, HOST)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", scene.people[0].token))
            .body(Body::from(wish.clone()))
            .unwrap();

        let (status, answer) = scene.harness.http(request).await;

        assert!(!status.is_server_error(), "{status}: {answer}: {wish}");
        n_taken += u32::from(status == StatusCode::OK);
    }
    // Some damage is to pixels alone: not everything was refused at the first look.
    assert!(n_taken > 0);
}
