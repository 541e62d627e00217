//! The profile, and how the screens behave.

use app::accounts::{EnterKey, GetMe, Language, SaveProfile, SaveSettings};
use app::api::{ApiError, EventKind, InvalidReason};

use crate::harness::{Harness, START};

fn profile(name: &str) -> SaveProfile {
    SaveProfile {
        title: String::new(),
        name: name.to_owned(),
        profession: "cardiologue".to_owned(),
        workplace: "Hôpital du Parc".to_owned(),
        phone: "514 555-0142".to_owned(),
    }
}

#[tokio::test]
async fn a_title_in_front_of_the_name_becomes_the_title() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    let me = harness.call(&anne, profile("Dre Anne-Marie  Roy")).await.unwrap();

    assert_eq!(
        (me.title.as_str(), me.bare_name.as_str()),
        ("Dre", "Anne-Marie Roy")
    );
    assert_eq!(
        (me.name.as_str(), me.given_name.as_str()),
        ("Dre Anne-Marie Roy", "Anne-Marie")
    );
    assert_eq!(harness.call(&anne, GetMe {}).await.unwrap(), me);
}

#[tokio::test]
async fn friends_and_own_devices_are_told_of_a_new_profile_and_strangers_are_not() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let stranger = harness.account("Nadia Belkacem").await;
    let told = async |account| {
        let events = harness.events_after(account, 0).await;
        events
            .iter()
            .filter(|event| {
                event.kind
                    == EventKind::ProfileChanged {
                        account: friends.anne.id,
                    }
            })
            .count()
    };

    harness
        .call(&friends.anne, profile("Anne Roy-Côté"))
        .await
        .unwrap();

    assert_eq!(
        (
            told(&friends.anne).await,
            told(&friends.luc).await,
            told(&stranger).await
        ),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn a_profile_that_is_not_acceptable_changes_nothing() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let before = harness.snapshot();

    for (wish, field, reason) in [
        (profile(" "), "name", InvalidReason::Empty),
        (profile(&"n".repeat(81)), "name", InvalidReason::TooLong),
        (
            SaveProfile {
                title: "T".repeat(21),
                ..profile("Anne Roy")
            },
            "title",
            InvalidReason::TooLong,
        ),
        (
            SaveProfile {
                profession: String::new(),
                ..profile("Anne Roy")
            },
            "profession",
            InvalidReason::Empty,
        ),
        (
            SaveProfile {
                workplace: String::new(),
                ..profile("Anne Roy")
            },
            "workplace",
            InvalidReason::Empty,
        ),
        (
            SaveProfile {
                phone: "12345".to_owned(),
                ..profile("Anne Roy")
            },
            "phone",
            InvalidReason::TooShort,
        ),
    ] {
        assert_eq!(
            harness.call(&anne, wish).await,
            Err(ApiError::invalid(field, reason))
        );
    }

    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn settings_that_are_not_named_stay() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    let english = SaveSettings {
        language: Some(Language::English),
        ..SaveSettings::default()
    };
    harness.call(&anne, english).await.unwrap();
    let enter = SaveSettings {
        enter_key: Some(EnterKey::NewLine),
        guide_step: Some(4),
        ..SaveSettings::default()
    };
    let me = harness.call(&anne, enter).await.unwrap();

    assert_eq!(
        (me.language, me.enter_key, me.guide_step),
        (Language::English, EnterKey::NewLine, 4)
    );
    let events = harness.events_after(&anne, 0).await;
    assert_eq!(events.len(), 2, "the person's other devices are told");
    assert_eq!(events[0].at, START);
}

#[tokio::test]
async fn the_guide_has_no_fifth_step() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;

    let wish = SaveSettings {
        guide_step: Some(5),
        ..SaveSettings::default()
    };

    assert_eq!(
        harness.call(&anne, wish).await,
        Err(ApiError::invalid("guide_step", InvalidReason::Format))
    );
}
