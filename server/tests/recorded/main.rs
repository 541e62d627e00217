//! REL-16: traffic of pages that are older than the server. What was recorded of a version (`traffic/VERSION.json`) is asked
//! again of this one, as a tab that stayed open asks: the same bytes, with a cookie, an origin and an old build.
//! Every answer has its old status, and everything in it that the old page reads; it may hold more.
//!
//! - `scenario`: what three people and an administrator do, while it is recorded; `bounds` is a part of it.
//! - `tape`: what is kept of it, and how ids of another day take the place of those of the record.
//!
//! A version is recorded before the next one changes what goes over the wire, and is never recorded again:
//! `PLI_PROOF_RECORD=0.1.0 cargo test -p server --test recorded`.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod bounds;
mod scenario;
mod tape;

use std::collections::BTreeSet;
use std::path::PathBuf;

use app::api::{ApiError, Problem};
use serde_json::{Value, json};
use tape::{Names, Tape, fits};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/traffic")
}

fn tapes() -> Vec<(String, Tape)> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.display().to_string(), serde_json::from_str(&text).unwrap())
        })
        .collect()
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "what a test writes is no setting of Pli"
)]
async fn what_this_version_does_is_recorded_when_that_is_wished() {
    // Without a wish the scenario is still played, so that it works on the day when it is needed.
    let tape = scenario::play().await;
    assert!(tape.exchanges.len() > 50);

    if let Ok(version) = std::env::var("PLI_PROOF_RECORD") {
        let text = serde_json::to_string_pretty(&tape).unwrap() + "\n";
        std::fs::write(folder().join(format!("{version}.json")), text).unwrap();
    }
}

#[tokio::test]
async fn rel16_a_page_of_an_older_version_is_answered_as_it_was() {
    for (name, tape) in tapes() {
        let operations: BTreeSet<&str> = tape.exchanges.iter().map(|one| one.operation.as_str()).collect();
        assert!(operations.len() >= 35, "{name}: {} operations", operations.len());

        let mut scene = scenario::Scene::new().await;
        for (index, old) in tape.exchanges.iter().enumerate() {
            let at = format!("{name}, exchange {index}, `{}`", old.operation);
            let new = scene.ask(&old.who, &old.operation, old.method, &old.asked).await;
            assert_eq!(new.status, old.status, "{at}: {}", new.answer);
            scene.names.learn(&old.answer, &new.answer);
            if let Err(place) = fits(&old.answer, &new.answer, &scene.names) {
                panic!("{at}: {place}\nwas {}\nis {}", old.answer, new.answer);
            }
        }
    }
}

#[tokio::test]
async fn rel16_an_older_page_is_told_which_build_answers_it() {
    let scene = scenario::Scene::new().await;

    let headers = scene.headers_of_an_answer().await;

    assert!(headers.contains_key("x-pli-build"), "{headers:?}");
}

#[test]
fn rel16_an_answer_that_an_older_page_cannot_read_is_caught() {
    let mut names = Names::default();
    names.bind("{1}", "0198");
    let old = json!({ "message": { "id": "{1}", "position": 1, "state": "sent", "key": null },
                      "people": [{ "relation": "friend" }] });
    let whole = json!({ "message": { "id": "0198", "position": 7, "state": "sent" },
                        "people": [{ "relation": "self" }, { "relation": "friend", "more": 1 }] });
    assert_eq!(fits(&old, &whole, &names), Ok(()));
    let cases: [(&str, Value); 5] = [
        ("/message/position", json!("1")),
        ("/message/id", json!("0199")),
        ("/message/state", json!("stored")),
        ("/people/0/relation", json!("none")),
        ("/people/0/relation", json!("self")),
    ];
    for (place, wrong) in cases {
        let mut new = json!({ "message": whole["message"], "people": [{ "relation": "friend" }] });
        *new.pointer_mut(place).unwrap() = wrong;
        assert!(fits(&old, &new, &names).is_err(), "{place}");
    }
    assert!(fits(&old, &json!({ "message": whole["message"] }), &names).is_err());
    // An error that the page does not know would be no error to it: the code is part of the shape.
    let refusal = |refusal: ApiError| serde_json::to_value(Problem::new(&refusal, String::new())).unwrap();
    let (old, new) = (refusal(ApiError::NotFound), refusal(ApiError::NotAllowed));
    assert!(fits(&old, &new, &names).is_err());
}
