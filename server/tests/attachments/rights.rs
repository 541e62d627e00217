//! Whose files open to whom, in every relation, by every address. What is not yours looks as what does not exist.
//!
//! Source: product requirements A1 and A6; assurance AZ-01, ATT-05.

use app::api::{ApiError, AttachmentId, ConversationId, Operation};
use app::attachments::{DescribeAttachment, DiscardUpload, FinishUpload, GetAttachment};
use app::friendships::{BlockAccount, CloseChannel};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt;

use super::{begin, pdf, send, send_part, upload};
use crate::harness::{Account, Friends, Harness, unknown_id};

/// How the one who asks stands to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Author,
    Friend,
    FriendOfAnother,
    Administrator,
    Nobody,
}

const ALL: [Who; 5] = [
    Who::Author,
    Who::Friend,
    Who::FriendOfAnother,
    Who::Administrator,
    Who::Nobody,
];

/// What lies between the two when the file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channel {
    Open,
    Closed,
    Blocked,
}

struct Scene {
    harness: Harness,
    friends: Friends,
    other: Account,
    admin: Account,
    /// In a message.
    sent: AttachmentId,
    /// Finished, and in no message.
    unsent: AttachmentId,
    /// On its way.
    begun: AttachmentId,
}

async fn set() -> Scene {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let other = harness.account("Marc Côté").await;
    let admin = harness.admin("Nadia Belkacem").await;
    harness.befriend(&friends.luc, &other).await;
    let conversation = friends.conversation;
    let file = async |name| {
        upload(&harness, &friends.anne, conversation, name, &pdf(2_000))
            .await
            .unwrap()
            .id
    };
    let (sent, unsent) = (file("a.pdf").await, file("b.pdf").await);
    send(&harness, &friends.anne, conversation, "Voici", &[sent])
        .await
        .unwrap();
    let begun = begin(&harness, &friends.anne, conversation, "c.pdf", 2_000)
        .await
        .unwrap()
        .id;
    send_part(&harness, &friends.anne, begun, 0, &pdf(500))
        .await
        .unwrap();
    Scene {
        harness,
        friends,
        other,
        admin,
        sent,
        unsent,
        begun,
    }
}

impl Scene {
    fn account(&self, who: Who) -> Option<&Account> {
        match who {
            Who::Author => Some(&self.friends.anne),
            Who::Friend => Some(&self.friends.luc),
            Who::FriendOfAnother => Some(&self.other),
            Who::Administrator => Some(&self.admin),
            Who::Nobody => None,
        }
    }

    async fn ask(
        &self,
        who: Who,
        request: axum::http::request::Builder,
        body: Body,
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = match self.account(who) {
            Some(account) => request.header(header::AUTHORIZATION, format!("Bearer {}", account.token)),
            None => request,
        };
        let request = request.header(header::HOST, "127.0.0.1:8080").body(body).unwrap();
        let response = self.harness.router().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        (status, headers, bytes.to_vec())
    }

    async fn get(&self, who: Who, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        self.ask(who, Request::get(path), Body::empty()).await
    }

    /// How many statements it takes to find nothing.
    async fn n_statements<O: Operation>(&self, account: &Account, wish: O) -> u64 {
        let db = &self.harness.context.db;
        let before = db.asked();
        let outcome = self.harness.call(account, wish).await.map(drop);
        assert_eq!(outcome, Err(ApiError::NotFound), "{}", O::NAME);
        db.asked().since(before).n_statements
    }

    /// The same for everything that is done with one file.
    async fn work_of_all(&self, account: &Account, attachment: AttachmentId) -> [u64; 4] {
        let description = "Un tracé".to_owned();
        let describe = DescribeAttachment {
            attachment,
            description,
        };
        let finish = FinishUpload {
            attachment,
            sha256: None,
        };
        [
            self.n_statements(account, GetAttachment { attachment }).await,
            self.n_statements(account, describe).await,
            self.n_statements(account, finish).await,
            self.n_statements(account, DiscardUpload { attachment }).await,
        ]
    }
}

#[tokio::test]
async fn att_05_a_file_opens_to_the_two_alone_and_as_long_as_they_may_read() {
    for channel in [Channel::Open, Channel::Closed, Channel::Blocked] {
        let scene = set().await;
        let (anne, luc) = (&scene.friends.anne, &scene.friends.luc);
        let done = match channel {
            Channel::Open => Ok(app::friendships::Relation::NONE),
            Channel::Closed => scene.harness.call(anne, CloseChannel { account: luc.id }).await,
            Channel::Blocked => scene.harness.call(luc, BlockAccount { account: anne.id }).await,
        };
        done.unwrap();
        for who in ALL {
            // Of a sent file, of one that was not, of one on its way: the history stays readable to both.
            let expected = match who {
                Who::Author => [StatusCode::OK, StatusCode::OK, StatusCode::CONFLICT],
                Who::Friend => [StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::NOT_FOUND],
                Who::FriendOfAnother | Who::Administrator => [StatusCode::NOT_FOUND; 3],
                Who::Nobody => [StatusCode::UNAUTHORIZED; 3],
            };
            for (id, status) in [scene.sent, scene.unsent, scene.begun].into_iter().zip(expected) {
                let by_bytes = scene.get(who, &format!("/api/v1/attachments/{id}")).await;
                let by_name = scene
                    .get(
                        who,
                        &format!("/api/v1/attachments.get_attachment?attachment={id}"),
                    )
                    .await;
                assert_eq!((by_bytes.0, by_name.0), (status, status), "{who:?} {channel:?}");
                assert_eq!(
                    by_bytes.2 == pdf(2_000),
                    status == StatusCode::OK,
                    "{who:?} {channel:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn az_01_nobody_else_touches_an_upload() {
    let scene = set().await;
    let before = scene.harness.snapshot();
    for who in [Who::Friend, Who::FriendOfAnother, Who::Administrator, Who::Nobody] {
        let expected = if who == Who::Nobody {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::NOT_FOUND
        };
        for id in [scene.begun, scene.unsent, scene.sent] {
            let path = format!("/api/v1/uploads/{id}");
            let tus = |method: &str| {
                Request::builder()
                    .method(method)
                    .uri(&path)
                    .header("tus-resumable", "1.0.0")
            };
            let part = tus("PATCH")
                .header("upload-offset", "500")
                .header(header::CONTENT_TYPE, "application/offset+octet-stream");
            assert_eq!(scene.ask(who, part, Body::from("x")).await.0, expected, "{who:?}");
            for method in ["HEAD", "DELETE"] {
                assert_eq!(
                    scene.ask(who, tus(method), Body::empty()).await.0,
                    expected,
                    "{who:?} {method}"
                );
            }
            let Some(account) = scene.account(who) else {
                continue;
            };
            let harness = &scene.harness;
            let finish = FinishUpload {
                attachment: id,
                sha256: None,
            };
            assert_eq!(
                harness.call(account, finish).await.map(drop),
                Err(ApiError::NotFound)
            );
            let description = "x".to_owned();
            let describe = DescribeAttachment {
                attachment: id,
                description,
            };
            assert_eq!(
                harness.call(account, describe).await.map(drop),
                Err(ApiError::NotFound)
            );
            let discard = DiscardUpload { attachment: id };
            assert_eq!(
                harness.call(account, discard).await.map(drop),
                Err(ApiError::NotFound)
            );
        }
    }
    assert_eq!(scene.harness.snapshot(), before);
}

/// AZ-03: and the same number of questions to the store, so that the time does not tell either.
#[tokio::test]
async fn az_03_a_file_that_is_not_yours_is_the_work_of_one_that_does_not_exist() {
    let scene = set().await;
    let nowhere = AttachmentId(unknown_id());
    for who in [Who::FriendOfAnother, Who::Administrator] {
        let account = scene.account(who).unwrap();
        let in_vain = scene.work_of_all(account, nowhere).await;
        for file in [scene.sent, scene.unsent, scene.begun] {
            assert_eq!(scene.work_of_all(account, file).await, in_vain, "{who:?}");
        }
    }
}

/// AZ-03, product requirement A6: the same status, the same head, the same words.
#[tokio::test]
async fn a6_a_file_that_is_not_yours_looks_as_one_that_does_not_exist() {
    let scene = set().await;
    let without_date = |mut headers: HeaderMap| {
        headers.remove(header::DATE);
        headers
    };
    for who in [Who::FriendOfAnother, Who::Administrator] {
        for ending in ["", "/thumbnail"] {
            let (status, headers, body) = scene
                .get(who, &format!("/api/v1/attachments/{}{ending}", unknown_id()))
                .await;
            for id in [scene.sent, scene.unsent, scene.begun] {
                let found = scene.get(who, &format!("/api/v1/attachments/{id}{ending}")).await;
                assert_eq!((found.0, &found.2), (status, &body), "{who:?}");
                assert_eq!(without_date(found.1), without_date(headers.clone()));
            }
        }
        let account = scene.account(who).unwrap();
        let unknown = GetAttachment {
            attachment: AttachmentId(unknown_id()),
        };
        let known = GetAttachment {
            attachment: scene.sent,
        };
        assert_eq!(
            scene.harness.call_http(account, unknown).await.map(drop),
            scene.harness.call_http(account, known).await.map(drop)
        );
    }
}

/// Assurance AUTH-10: a range that is asked for after the session has ended is refused.
#[tokio::test]
async fn att_05_each_range_is_asked_for_anew() {
    let scene = set().await;
    let path = format!("/api/v1/attachments/{}", scene.sent);
    let range = |text: &str| Request::get(&path).header(header::RANGE, text);
    let first = scene.ask(Who::Friend, range("bytes=0-99"), Body::empty()).await;
    assert_eq!(
        (first.0, first.2.as_slice()),
        (StatusCode::PARTIAL_CONTENT, &pdf(2_000)[..100])
    );

    let luc = &scene.friends.luc;
    scene.harness.call(luc, app::accounts::SignOut {}).await.unwrap();

    let next = scene
        .ask(Who::Friend, range("bytes=100-199"), Body::empty())
        .await;
    assert_eq!(next.0, StatusCode::UNAUTHORIZED);
}

/// Assurance WEB-05: no page of another site reads a file, or sends one.
#[tokio::test]
async fn web_05_files_are_neither_read_nor_sent_from_another_site() {
    let scene = set().await;
    let before = scene.harness.snapshot();
    let conversation: ConversationId = scene.friends.conversation;
    let cookie = format!("pli={}", scene.friends.anne.token);
    let foreign = |method: &str, path: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, &cookie)
            .header(header::ORIGIN, "https://evil.example")
            .header("tus-resumable", "1.0.0")
    };
    for (method, path) in [
        ("GET", format!("/api/v1/attachments/{}", scene.sent)),
        ("POST", "/api/v1/uploads".to_owned()),
        ("PATCH", format!("/api/v1/uploads/{}", scene.begun)),
        ("DELETE", format!("/api/v1/uploads/{}", scene.begun)),
        ("POST", "/api/v1/attachments.upload_attachment".to_owned()),
        ("POST", format!("/messages/{conversation}")),
    ] {
        let request = foreign(method, &path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        let (status, ..) = scene.ask(Who::Nobody, request, Body::from("--x--")).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    assert_eq!(scene.harness.snapshot(), before);
}
