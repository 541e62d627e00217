//! Whatever is sent to Pli, it answers as its description says, and never breaks.
//!
//! Every operation is called with what its description allows, with what it forbids, and with bytes that were damaged on
//! the way; every parser behind the doors gets what it does not expect. `PROPTEST_CASES=200` calls each operation 200 times.
//!
//! Assurance REL-23 and REL-24.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

#[expect(dead_code, reason = "the proofs draw fractions as well")]
#[path = "../proof/chance.rs"]
mod chance;

mod damage;
mod described;
mod doors;
mod drawn;
mod files;
#[expect(dead_code, reason = "the tests of attachments need more")]
#[path = "../attachments/samples.rs"]
mod samples;

use app::api::Method;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chance::Chance;
use described::Described;
use drawn::Drawn;
use futures::stream::{self, StreamExt};
use harness::{Account, Harness};
use proptest::prelude::ProptestConfig;
use serde_json::Value;
use server::openid::{Provider, Settings};

const HOST: &str = "127.0.0.1:8080";

/// How many times each operation is called.
fn n_cases() -> u64 {
    match ProptestConfig::default().cases {
        // Nobody has asked for another number.
        256 => 40,
        asked => asked.into(),
    }
}

/// People, what lies between them, and the ids of all of it.
struct Scene {
    harness: Harness,
    people: Vec<Account>,
    ids: Vec<String>,
}

async fn set() -> Scene {
    let mut harness = Harness::new();
    // A provider that nobody answers for: what leads there and back is behind a door like any other.
    let provider = Settings::parse("http://127.0.0.1:9", "pli", None, &[], None).unwrap();
    harness.name_provider(Provider::new(provider));
    let friends = harness.two_friends().await;
    let said = harness.send(&friends.anne, friends.conversation, "Bonjour").await;
    let message = said.unwrap().id;
    let stranger = harness.account("Marc Côté").await;
    let admin = harness.admin("Nadia Belkacem").await;
    let people = vec![friends.anne, friends.luc, stranger, admin];
    let mut ids = vec![friends.conversation.to_string(), message.to_string()];
    ids.extend(people.iter().map(|account| account.id.to_string()));
    ids.extend(people.iter().map(|account| account.device.to_string()));
    ids.push(harness::unknown_id().to_string());
    Scene { harness, people, ids }
}

/// The request of one case.
fn request(
    name: &str,
    method: Method,
    wish: &Value,
    account: Option<&Account>,
    chance: &mut Chance,
) -> Request<Body> {
    let path = format!("/api/v1/{name}");
    let request = match method {
        Method::Get => {
            let mut query = drawn::query(wish);
            if chance.percent(15) {
                query = damage::text(&query, chance);
            }
            Request::get(format!("{path}?{query}"))
        }
        Method::Post => Request::post(path).header(header::CONTENT_TYPE, "application/json"),
    };
    let request = request
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"));
    let request = match account {
        Some(account) => request.header(
            header::COOKIE,
            format!("pli={}; {}", account.token, damage::cookie(chance)),
        ),
        None => request.header(header::COOKIE, damage::cookie(chance)),
    };
    let body = match method {
        Method::Get => Vec::new(),
        Method::Post => {
            let text = wish.to_string().into_bytes();
            if chance.percent(20) {
                damage::bytes(&text, chance)
            } else {
                text
            }
        }
    };
    request.body(Body::from(body)).unwrap()
}

/// What is wrong with one operation, and how often it did its work.
async fn check(described: &Described, name: &'static str, method: Method) -> (Vec<String>, u64) {
    let (mut wrong, mut n_done) = (Vec::new(), 0);
    let seed = name
        .bytes()
        .fold(17, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte));
    let mut chance = Chance::new(seed);
    let scene = set().await;
    for _ in 0..n_cases() {
        let who = chance.index(scene.people.len() + 1);
        let account = scene.people.get(who);
        let wish = Drawn::new(described, &scene.ids).wish(name, &mut chance);
        let request = request(name, method, &wish, account, &mut chance);

        let (status, answer) = scene.harness.http(request).await;

        let answer: Value = serde_json::from_str(&answer).unwrap_or(Value::Null);
        let complaint = if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
            Some("breaks".to_owned())
        } else if status == StatusCode::OK {
            n_done += 1;
            described.complaint(described.answer(name), &answer)
        } else {
            described.complaint(described.problem(), &answer)
        };
        if let Some(complaint) = complaint {
            wrong.push(format!("{name} {wish}: {status}: {complaint}: {answer}"));
        }
    }
    (wrong, n_done)
}

#[tokio::test]
async fn rel_24_each_operation_answers_as_it_is_described() {
    let described = Described::new();
    let operations = server::operations();
    let all: Vec<_> = operations
        .iter()
        .map(|(name, entry)| (name, entry.method))
        .collect();

    let n_operations = all.len() as u64;
    let found: Vec<_> = stream::iter(all)
        .map(|(name, method)| check(&described, name, method))
        .buffer_unordered(4)
        .collect()
        .await;

    let n_done: u64 = found.iter().map(|(_, n_done)| n_done).sum();
    let n_calls = n_operations * n_cases();
    // Refusing everything would break nothing.
    assert!(n_done * 8 > n_calls, "{n_done} of {n_calls} calls did their work");
    let wrong: Vec<String> = found.into_iter().flat_map(|(wrong, _)| wrong).collect();
    assert!(wrong.is_empty(), "{} answers\n{}", wrong.len(), wrong.join("\n"));
}

/// The planted bug: an answer that leaves out what its description requires is found.
#[test]
fn an_answer_that_is_not_as_described_is_found() {
    let described = Described::new();
    let problem =
        serde_json::json!({"type": "about:blank", "title": "Non", "status": 404, "code": "not_found"});
    assert_eq!(described.complaint(described.problem(), &problem), None);

    for (field, value) in [
        ("code", Value::Null),
        ("status", Value::from("404")),
        ("title", Value::from(7)),
    ] {
        let mut broken = problem.clone();
        broken[field] = value;
        assert!(
            described.complaint(described.problem(), &broken).is_some(),
            "{field}"
        );
    }
    let less = serde_json::json!({"type": "about:blank"});
    assert!(described.complaint(described.problem(), &less).is_some());
    assert!(
        described
            .complaint(described.answer("accounts.get_me"), &problem)
            .is_some()
    );
}
