//! The photo: whatever comes in, an upright square without anything else goes out.

use std::io::Cursor;

use app::accounts::{Me, RemovePhoto, SavePhoto};
use app::api::{ApiError, EventKind, InvalidReason, PhotoForm};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgb, RgbImage};
use server::accounts::{read_photo, read_photo_form};
use server::store::Tx;
use server::values;

use crate::harness::{Account, Harness};

/// The whole of the largest square, from the top left.
fn photo(picture: &[u8]) -> SavePhoto {
    SavePhoto {
        picture: STANDARD.encode(picture),
        left: 0,
        top: 0,
        side: 1000,
    }
}

/// A picture whose left half is red and whose right half is blue.
fn red_and_blue(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let red = |x: u32| x < width / 2;
    let picture = RgbImage::from_fn(width, height, |x, _| {
        if red(x) {
            Rgb([220, 0, 0])
        } else {
            Rgb([0, 0, 220])
        }
    });
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A JPEG as a telephone makes it, held upright: it lies on its side, says so, and says more.
fn telephone_picture() -> Vec<u8> {
    let mut tiff = Vec::new();
    tiff.extend_from_slice(b"II\x2a\x00\x08\x00\x00\x00");
    tiff.extend_from_slice(&[2, 0]);
    // Orientation (0x0112), a short: 6, to be turned by a quarter clockwise.
    tiff.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    // The camera's make (0x010F), text behind the directory.
    let make = b"CANARY-CAMERA 45.5017N 73.5673W\0";
    tiff.extend_from_slice(&[0x0f, 0x01, 2, 0, 32, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend_from_slice(&[0, 0, 0, 0]);
    tiff.extend_from_slice(make);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend_from_slice(&tiff);
    let plain = red_and_blue(300, 200, ImageFormat::Jpeg);
    let mut bytes = plain[..2].to_vec();
    bytes.extend_from_slice(&[0xff, 0xe1]);
    bytes.extend_from_slice(&u16::try_from(segment.len() + 2).unwrap().to_be_bytes());
    bytes.extend_from_slice(&segment);
    bytes.extend_from_slice(&plain[2..]);
    bytes.extend_from_slice(b"CANARY after the end");
    bytes
}

/// A PNG that says of itself to have this many pixels and holds none.
fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = red_and_blue(1, 1, ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checked: Vec<u8> = bytes[12..29].to_vec();
    bytes[29..33].copy_from_slice(&crc32(&checked).to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    })
}

async fn stored(harness: &Harness, me: &Me) -> Vec<u8> {
    read_photo(&harness.context, me.id, me.photo.unwrap())
        .await
        .unwrap()
}

async fn refusal(harness: &Harness, account: &Account, picture: &[u8]) -> ApiError {
    harness.call(account, photo(picture)).await.unwrap_err()
}

#[tokio::test]
async fn a_photo_is_upright_square_and_holds_nothing_else() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let picture = telephone_picture();
    assert!(picture.windows(6).any(|bytes| bytes == b"CANARY"));

    let me = harness.call(&anne, photo(&picture)).await.unwrap();

    let jpeg = stored(&harness, &me).await;
    for trace in [b"CANARY".as_slice(), b"Exif"] {
        assert!(
            !jpeg.windows(trace.len()).any(|bytes| bytes == trace),
            "{trace:?}"
        );
    }
    let portrait = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg)
        .unwrap()
        .to_rgb8();
    assert_eq!(portrait.dimensions(), (512, 512));
    // Upright, the red half that was on the left is at the top; the square begins at the top, a third below is cut.
    let [top, bottom] = [portrait.get_pixel(256, 10).0, portrait.get_pixel(256, 500).0];
    assert!(top[0] > 180 && top[2] < 60, "{top:?}");
    assert!(bottom[2] > 180 && bottom[0] < 60, "{bottom:?}");
}

#[tokio::test]
async fn png_and_webp_are_known_by_their_content() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let me = harness
            .call(&anne, photo(&red_and_blue(120, 120, format)))
            .await
            .unwrap();
        assert!(stored(&harness, &me).await.starts_with(&[0xff, 0xd8, 0xff]));
    }
}

#[tokio::test]
async fn what_is_no_picture_is_refused() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#;
    let unreadable = ApiError::invalid("picture", InvalidReason::Unreadable);

    assert_eq!(refusal(&harness, &anne, svg).await, unreadable);
    assert_eq!(refusal(&harness, &anne, b"GIF89a").await, unreadable);
    assert_eq!(
        refusal(&harness, &anne, &red_and_blue(40, 40, ImageFormat::Jpeg)[..200]).await,
        unreadable
    );
    assert_eq!(
        refusal(&harness, &anne, b"").await,
        ApiError::invalid("picture", InvalidReason::Empty)
    );
    let not_base64 = SavePhoto {
        picture: "***".to_owned(),
        left: 0,
        top: 0,
        side: 1000,
    };
    assert_eq!(harness.call(&anne, not_base64).await.unwrap_err(), unreadable);
}

#[tokio::test]
async fn a_bomb_is_refused_before_it_is_decoded() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    assert_eq!(
        refusal(&harness, &anne, &png_bomb(50_000, 50_000)).await,
        ApiError::TooLarge
    );
    assert_eq!(
        refusal(&harness, &anne, &png_bomb(7_100, 7_100)).await,
        ApiError::TooLarge
    );
    assert_eq!(
        refusal(&harness, &anne, &vec![0; 8 * 1024 * 1024 + 1]).await,
        ApiError::TooLarge
    );
}

#[tokio::test]
async fn a_new_photo_has_a_new_address_and_the_old_one_ends() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let picture = red_and_blue(40, 40, ImageFormat::Png);

    let first = harness.call(&friends.anne, photo(&picture)).await.unwrap();
    let second = harness.call(&friends.anne, photo(&picture)).await.unwrap();

    assert!(second.photo > first.photo);
    assert!(
        read_photo(&harness.context, first.id, first.photo.unwrap())
            .await
            .is_err()
    );
    let told = harness.events_after(&friends.luc, 0).await;
    assert!(told.iter().any(|event| event.kind
        == EventKind::ProfileChanged {
            account: friends.anne.id
        }));
}

#[tokio::test]
async fn a_removed_photo_is_gone() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let before = harness
        .call(&anne, photo(&red_and_blue(40, 40, ImageFormat::Png)))
        .await
        .unwrap();

    let after = harness.call(&anne, RemovePhoto {}).await.unwrap();

    assert_eq!(after.photo, None);
    assert!(
        read_photo(&harness.context, anne.id, before.photo.unwrap())
            .await
            .is_err()
    );
    assert_eq!(harness.snapshot().n_rows("photos"), 0);
}

#[tokio::test]
async fn photos_are_for_those_who_are_signed_in() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let me = harness
        .call(&anne, photo(&red_and_blue(40, 40, ImageFormat::Png)))
        .await
        .unwrap();
    let whole = format!("/photos/{}/{}", me.id, me.photo.unwrap());
    check_who_sees(&harness, &anne.token, &whole, "image/jpeg").await;
    for form in [PhotoForm::Small, PhotoForm::Card] {
        check_who_sees(&harness, &anne.token, &form.of(&whole), "image/webp").await;
    }
}

async fn check_who_sees(harness: &Harness, token: &str, address: &str, kind: &str) {
    let stranger = Request::get(address).body(Body::empty()).unwrap();

    assert_eq!(harness.http(stranger).await.0, StatusCode::UNAUTHORIZED);
    let signed_in = Request::get(address)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(harness.router(), signed_in)
        .await
        .unwrap();
    assert_eq!(
        (response.status(), &response.headers()[header::CONTENT_TYPE]),
        (StatusCode::OK, &kind.parse().unwrap())
    );
}

#[tokio::test]
async fn lighter_forms_are_made_once_and_go_with_the_photo() {
    for (form, side) in [(PhotoForm::Small, 128), (PhotoForm::Card, 352)] {
        let harness = Harness::new();
        let anne = harness.account("Anne Roy").await;
        let save = || photo(&speckled(600));
        let read = |version| read_photo_form(&harness.context, anne.id, version, form);
        let version = harness.call(&anne, save()).await.unwrap().photo.unwrap();
        let whole = read_photo(&harness.context, anne.id, version).await.unwrap();

        let lighter = read(version).await.unwrap();

        let picture = image::load_from_memory(&lighter).unwrap();
        assert_eq!((picture.width(), picture.height()), (side, side));
        assert!(lighter.len() < whole.len());
        // It is not made again: nothing could be made of what is there now.
        let spoil = |tx: &mut Tx<'_>| tx.execute("update photos set bytes = $1", values![vec![0]]);
        harness.context.db.write(spoil).await.unwrap();
        assert_eq!(read(version).await.unwrap(), lighter);

        let next = harness.call(&anne, save()).await.unwrap().photo.unwrap();
        assert!(read(version).await.is_err());
        assert!(read(next).await.is_ok());
    }
}

#[tokio::test]
async fn a_form_that_is_none_is_not_found() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let me = harness.call(&anne, photo(&speckled(60))).await.unwrap();
    let wish = Request::get(format!("/photos/{}/{}/huge", me.id, me.photo.unwrap()))
        .header(header::AUTHORIZATION, format!("Bearer {}", anne.token))
        .body(Body::empty())
        .unwrap();

    assert_eq!(harness.http(wish).await.0, StatusCode::NOT_FOUND);
}

/// A picture with something to see in every corner.
fn speckled(side: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(side, side, |x, y| {
        let tone = u8::try_from((x * 31 + y * 17 + x * y) % 256).unwrap_or_default();
        Rgb([tone, 255 - tone, tone / 2])
    });
    let mut bytes = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}
