//! The demonstration's people and their story, as the contract tells them.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

mod harness;

use std::collections::BTreeMap;
use std::sync::Arc;

use app::accounts::{ClientKind, Language, Secret, SignIn};
use app::api::ApiError;
use app::attachments::AttachmentKind;
use app::contacts::SearchPeople;
use app::conversations::{ListConversations, ReadTimeline};
use app::demo::ListPersonas;
use app::friendships::{ListFriendRequests, Standing};
use harness::{Harness, visitor};
use server::clock::{Clock, SystemClock};
use server::context::{Caller, SessionSlot};
use server::demo;
use server::http::operations::{Asker, Operations};

/// The demonstration's data behind the usual harness.
async fn demonstration() -> Harness {
    let mut harness = Harness::new();
    let clock = Arc::new(demo::SeedClock::default());
    harness.context.clock = Arc::<demo::SeedClock>::clone(&clock);
    demo::seed(&harness.context, &clock).await.unwrap();
    let mut operations: Operations = server::operations();
    demo::register(&mut operations);
    harness.operations = Arc::new(operations);
    harness
}

async fn sign_in(harness: &Harness, mailbox: &str) -> Asker {
    let email = format!("{mailbox}@demo.example");
    let wish = SignIn {
        email,
        password: Secret(demo::PASSWORD.to_owned()),
        client: ClientKind::Api,
    };
    let me = harness.call_as(visitor(), wish).await.unwrap().account;
    Asker::Caller(Caller {
        account: me.id,
        device: me.device,
        is_admin: me.is_admin,
        language: Language::French,
        session: SessionSlot::default(),
    })
}

#[tokio::test]
async fn everybody_stands_to_camille_as_the_contract_says() {
    let harness = demonstration().await;
    let camille = sign_in(&harness, "camille.tremblay").await;

    let page = harness.call_as(camille, SearchPeople::default()).await.unwrap();

    let relations: BTreeMap<(&str, &str), (Standing, Option<bool>)> = page
        .people
        .iter()
        .map(|person| {
            let relation = &person.relation;
            (
                (person.name.as_str(), person.profession.as_str()),
                (relation.relation, relation.closed_by_me),
            )
        })
        .collect();
    let friend = (Standing::Friend, None);
    let expected = BTreeMap::from([
        (
            ("Dre Camille Tremblay", "Médecin de famille"),
            (Standing::Myself, None),
        ),
        (("Dre Anne Roy", "Cardiologue"), friend),
        (("Inès Haddad", "Physiothérapeute"), friend),
        (("Luc Gagné", "Pharmacien"), friend),
        (("Fatou Diallo", "Sage-femme"), friend),
        (("Marie-Josée Paquin-Desrosiers", "Nutritionniste"), friend),
        (("Dr Minh Nguyen", "Radiologue"), friend),
        (
            ("Marc Côté", "Infirmier clinicien"),
            (Standing::RequestReceived, None),
        ),
        (
            ("Samuel Bédard", "Travailleur social"),
            (Standing::RequestSent, None),
        ),
        (
            ("Sophie Bouchard", "Infirmière praticienne"),
            (Standing::Closed, Some(true)),
        ),
        (
            ("Julie Thériault", "Orthophoniste"),
            (Standing::Closed, Some(false)),
        ),
        (
            ("Robert Lemire", "Hygiéniste dentaire"),
            (Standing::Blocked, None),
        ),
        (("Dr Étienne Lavoie", "Pneumologue"), (Standing::None, None)),
        (("Étienne Lavoie", "Ergothérapeute"), (Standing::None, None)),
        (("Nadia Belkacem", "Inhalothérapeute"), (Standing::None, None)),
    ]);
    assert_eq!(relations, expected);
}

#[tokio::test]
async fn the_conversations_are_as_the_contract_says() {
    let harness = demonstration().await;
    let now = SystemClock.now();
    let camille = sign_in(&harness, "camille.tremblay").await;

    let list = harness
        .call_as(camille.clone(), ListConversations::default())
        .await
        .unwrap()
        .conversations;

    let find = |name: &str| {
        list.iter()
            .find(|conversation| conversation.friend.name == name)
            .unwrap()
    };
    assert_eq!(list[0].friend.name, "Dre Anne Roy", "the unread ones are on top");
    assert!(find("Dre Anne Roy").unread_count > 0);
    assert!(
        list.iter()
            .skip(1)
            .all(|conversation| conversation.unread_count == 0)
    );
    assert!(find("Inès Haddad").draft.is_some());
    assert_eq!(find("Luc Gagné").last_message, None);
    assert!(list.iter().all(|conversation| conversation.active_at < now));
    let wish = ReadTimeline {
        conversation: find("Dre Anne Roy").id,
        before: None,
        after: Some(0),
        around: None,
        limit: Some(200),
    };
    let messages = harness.call_as(camille, wish).await.unwrap().messages;
    assert!(messages.len() >= 60);
    assert!(messages.is_sorted_by_key(|message| message.sent_at));
    assert!(
        messages[0].sent_at < now.plus_ms(-7 * app::api::Timestamp::DAY_MS),
        "several days of it"
    );
    let carried = messages.iter().flat_map(|message| message.attachments.list());
    let kinds: Vec<AttachmentKind> = carried.map(|file| file.kind).collect();
    assert_eq!(kinds, [AttachmentKind::Image, AttachmentKind::Pdf]);
}

#[tokio::test]
async fn a_request_with_a_note_waits_for_camille() {
    let harness = demonstration().await;
    let camille = sign_in(&harness, "camille.tremblay").await;

    let requests = harness.call_as(camille, ListFriendRequests {}).await.unwrap();

    assert_eq!((requests.received.len(), requests.sent.len()), (1, 1));
    assert_eq!(requests.received[0].person.name, "Marc Côté");
    assert!(requests.received[0].note.is_some());
}

#[tokio::test]
async fn the_signin_page_offers_twelve_people() {
    let harness = demonstration().await;

    let personas = harness.call_signed_out(ListPersonas {}).await.unwrap().personas;

    assert_eq!(personas.len(), 12);
    assert_eq!(personas[0].email, demo::FIRST_EMAIL);
    assert!(personas.iter().all(|persona| persona.photo.is_some()));
    for persona in personas {
        sign_in(&harness, persona.email.trim_end_matches("@demo.example")).await;
    }
}

#[tokio::test]
async fn the_published_password_is_refused_to_real_people() {
    let harness = Harness::new();
    let new = server::accounts::NewAccount {
        email: "anne.roy@example.org".to_owned(),
        name: "Anne Roy".to_owned(),
        profession: "cardiologue".to_owned(),
        workplace: "Hôpital du Parc".to_owned(),
        is_admin: false,
        password: Secret(demo::PASSWORD.to_owned()),
    };

    let outcome = server::accounts::create_account(&harness.context, new).await;

    let refusal = ApiError::invalid("password", app::api::InvalidReason::TooCommon);
    assert!(matches!(outcome, Err(server::error::Error::Refused(error)) if error == refusal));
}
