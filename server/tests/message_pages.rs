//! What is done with messages, as the server draws it, and as plain forms.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

mod harness;

use app::api::{ConversationId, Operation};
use app::conversations::{
    DeleteMessage, EditMessage, Message, PinMessage, ReactToMessage, Reaction, SendMessage, StarMessage,
};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use harness::{Account, Friends, Harness, body};

/// The page of a conversation, with what the address adds.
async fn page(harness: &Harness, who: &Account, conversation: ConversationId, query: &str) -> String {
    let request = Request::get(format!("/messages/{conversation}{query}"))
        .header(header::COOKIE, format!("pli={}", who.token))
        .body(Body::empty())
        .unwrap();
    let (status, html) = harness.http(request).await;
    assert_eq!(status, StatusCode::OK, "{html}");
    html
}

/// Sends a form as a browser without a script does.
async fn submit(
    harness: &Harness,
    who: &Account,
    conversation: ConversationId,
    query: &str,
    form: String,
) -> (StatusCode, String) {
    let request = Request::post(format!("/messages/{conversation}{query}"))
        .header(header::COOKIE, format!("pli={}", who.token))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::ORIGIN, "http://127.0.0.1:8080")
        .body(Body::from(form))
        .unwrap();
    harness.http(request).await
}

/// What a person without a script sees: the page without what a script starts from.
fn visible(html: &str) -> String {
    let mut pieces = html.split("<script");
    let mut seen = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        seen.push_str(piece.split_once("</script>").map_or("", |(_, rest)| rest));
    }
    seen
}

async fn set(harness: &Harness) -> (Friends, Message, Message) {
    let friends = harness.two_friends().await;
    let first = harness
        .send(&friends.luc, friends.conversation, "Quelle dose?")
        .await
        .unwrap();
    let answer = SendMessage {
        conversation: friends.conversation,
        key: harness.key(),
        reply_to: Some(first.id),
        body: body("2,5 g"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    let answer = harness.call(&friends.anne, answer).await.unwrap().message;
    (friends, first, answer)
}

#[tokio::test]
async fn the_page_shows_quotes_words_changes_and_traces_without_a_script() {
    let harness = Harness::new();
    let (friends, first, answer) = set(&harness).await;
    let edit = EditMessage {
        message: answer.id,
        key: harness.key(),
        body: body("2,5 mg"),
    };
    harness.call(&friends.anne, edit).await.unwrap();
    let react = ReactToMessage {
        message: answer.id,
        key: harness.key(),
        reaction: Some(Reaction::OnIt),
    };
    harness.call(&friends.luc, react).await.unwrap();
    let pin = PinMessage {
        message: answer.id,
        key: harness.key(),
        pinned: true,
    };
    harness.call(&friends.luc, pin).await.unwrap();
    let star = StarMessage {
        message: answer.id,
        key: harness.key(),
        starred: true,
    };
    harness.call(&friends.luc, star).await.unwrap();

    let html = page(&harness, &friends.anne, friends.conversation, "").await;
    let seen = visible(&html);
    for words in [
        "quote__text",
        "Quelle dose?",
        "2,5 mg",
        "modifié",
        "Je m’en occupe",
        "Épinglé",
    ] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    assert!(!html.contains("2,5 g") && !html.contains("Favori"), "{html}");
    let html = page(&harness, &friends.luc, friends.conversation, "").await;
    assert!(visible(&html).contains("Favori"), "{html}");

    let delete = DeleteMessage { message: first.id };
    harness.call(&friends.luc, delete).await.unwrap();
    let html = page(&harness, &friends.anne, friends.conversation, "").await;
    assert_eq!(visible(&html).matches("Quelle dose?").count(), 0, "{html}");
    assert!(!html.contains("Quelle dose?"), "nor in what a script starts from");
    // Once as the message, in its name and its bubble, and once in the quote, at least.
    assert!(visible(&html).matches("Message supprimé").count() >= 3, "{html}");
}

#[tokio::test]
async fn the_page_of_a_message_holds_its_forms_and_each_of_them_works() {
    let harness = Harness::new();
    let (friends, first, answer) = set(&harness).await;
    let conversation = friends.conversation;
    let query = format!("?message={}", answer.position);

    let html = page(&harness, &friends.anne, conversation, &query).await;
    for name in [
        EditMessage::NAME,
        DeleteMessage::NAME,
        ReactToMessage::NAME,
        PinMessage::NAME,
        StarMessage::NAME,
    ] {
        assert!(visible(&html).contains(name), "{name}: {html}");
    }
    let html = page(&harness, &friends.luc, conversation, &query).await;
    for name in [EditMessage::NAME, DeleteMessage::NAME] {
        assert!(!visible(&html).contains(name), "{name} is its author's: {html}");
    }

    let (message, key) = (answer.id, harness.key().0);
    let form = format!("operation=conversations.edit_message&message={message}&key={key}&body=2%2C5+mg");
    let (status, _) = submit(&harness, &friends.anne, conversation, &query, form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let form =
        format!("operation=conversations.react_to_message&message={message}&key={key}&reaction=thanks");
    let (status, _) = submit(&harness, &friends.luc, conversation, &query, form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let html = page(&harness, &friends.luc, conversation, "").await;
    assert!(
        visible(&html).contains("2,5 mg") && visible(&html).contains("Merci"),
        "{html}"
    );
    let form = format!(
        "operation=conversations.react_to_message&message={message}&key={}",
        harness.key().0
    );
    submit(&harness, &friends.luc, conversation, &query, form).await;
    let html = page(&harness, &friends.luc, conversation, "").await;
    assert!(!visible(&html).contains("Merci"), "{html}");

    // What the compose box answers stands in its form.
    let html = page(
        &harness,
        &friends.anne,
        conversation,
        &format!("?repondre={}", first.position),
    )
    .await;
    let field = format!("name=\"reply_to\" value=\"{}\"", first.id);
    assert!(visible(&html).contains(&field), "{html}");
    let form = format!(
        "operation=conversations.send_message&conversation={conversation}&key={}&reply_to={}&body=Encore",
        harness.key().0,
        first.id
    );
    let (status, _) = submit(&harness, &friends.anne, conversation, "", form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);

    let form = format!("operation=conversations.delete_message&message={message}");
    let (status, _) = submit(&harness, &friends.anne, conversation, &query, form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let html = page(&harness, &friends.luc, conversation, "").await;
    assert!(visible(&html).contains("Message supprimé"), "{html}");
}

#[tokio::test]
async fn a_form_that_comes_too_late_says_so_and_keeps_what_was_typed() {
    let harness = Harness::new();
    let (friends, _, answer) = set(&harness).await;
    let (conversation, message) = (friends.conversation, answer.id);
    let query = format!("?message={}", answer.position);
    harness.clock.advance_ms(app::conversations::EDIT_WITHIN_MS + 1);

    let html = page(&harness, &friends.anne, conversation, &query).await;
    assert!(!visible(&html).contains(EditMessage::NAME), "{html}");
    let form = format!(
        "operation=conversations.edit_message&message={message}&key={}&body=Pas+perdu",
        harness.key().0
    );
    let (status, html) = submit(&harness, &friends.anne, conversation, &query, form).await;

    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(visible(&html).contains("15 minutes"), "{html}");
    assert!(visible(&html).contains("Pas perdu"), "{html}");
}

#[tokio::test]
async fn a_page_around_an_old_message_begins_there() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    for number in 1..=120 {
        harness
            .send(&friends.anne, friends.conversation, &format!("Message {number}."))
            .await
            .unwrap();
    }

    let html = page(&harness, &friends.anne, friends.conversation, "?autour=10").await;

    let is_drawn = |position: u64| visible(&html).contains(&format!("data-position=\"{position}\""));
    assert!(is_drawn(10), "{html}");
    assert!(!is_drawn(120), "the newest are further down");
}
