//! Whatever people write, the page of an export is the page that Pli wrote, and runs nothing.

use app::conversations::ExportFormat;

use super::page::{self, Piece};
use super::{export, pdf, send, text, upload};
use crate::chance::Chance;
use crate::harness::Harness;

const VECTORS: [&str; 14] = [
    "<script>alert(1)</script>",
    "</p></article></main><script>alert(1)</script>",
    "</style><svg/onload=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "\"><iframe srcdoc='<script>alert(1)</script>'>",
    "' onmouseover='alert(1)",
    "<!--<p>-->",
    "]]><![CDATA[<x>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3c;script>alert(1)&#60;/script>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "=HYPERLINK(\"http://evil.example\";\"x\")",
    "\u{202e}tpircs<\u{feff}",
];

const TAGS: [&str; 22] = [
    "!doctype",
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "h1",
    "ul",
    "li",
    "b",
    "main",
    "h2",
    "article",
    "p",
    "time",
    "a",
    "span",
    "blockquote",
    "br",
    "small",
];

const ATTRIBUTES: [&str; 10] = [
    "html",
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "id",
    "class",
    "dir",
    "datetime",
];

/// Only our tags, only our attributes, and links to the page itself and to its files.
fn check(html: &str) {
    for piece in page::pieces(html) {
        let Piece::Tag(name, attributes) = piece else {
            continue;
        };
        assert!(TAGS.contains(&name.trim_start_matches('/')), "<{name}>");
        for (attribute, value) in attributes {
            match attribute.as_str() {
                "href" => assert!(
                    value.starts_with("#m") || value.starts_with("fichiers/"),
                    "{value}"
                ),
                known => assert!(ATTRIBUTES.contains(&known), "{known}"),
            }
        }
    }
    assert_eq!(html.matches("<style>").count(), 1);
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";
    assert_eq!(html.matches(&format!("content=\"{policy}\"")).count(), 1);
}

/// Assurance WEB-10, for exports.
#[tokio::test]
async fn exp_01_hostile_words_are_words_on_the_page() {
    let harness = Harness::new();
    let hostile = "Anne </style><script>alert(1)</script>\"'\\}";
    let anne = harness
        .insert_account(hostile, "x\"><svg/onload=alert(1)>", "</title><script>", false)
        .await;
    let luc = harness.account("Luc Gagné").await;
    let conversation = harness.befriend(&anne, &luc).await;
    let mut sent: Vec<String> = Vec::new();
    for vector in VECTORS {
        harness.send(&anne, conversation, vector).await.unwrap();
        sent.push(vector.trim().to_owned());
    }
    let mut chance = Chance::new(10);
    let alphabet: Vec<char> = "<>\"'&;=/#x-!`\\ \nscript&lt;".chars().collect();
    for _ in 0..200 {
        let words: String = (0..200).map(|_| alphabet[chance.index(alphabet.len())]).collect();
        let words = format!("a{words}z");
        harness.send(&luc, conversation, &words).await.unwrap();
        sent.push(words);
    }
    let name = "'\"><script>alert(1)<\u{2215}script>&amp;.pdf";
    let file = upload(&harness, &anne, conversation, name, &pdf(100)).await;
    send(&harness, &anne, conversation, "", &[file.id]).await;

    let parts = export(&harness, &luc, conversation, ExportFormat::Html).await;

    let html = text(&parts, "conversation.html");
    check(html);
    let found: Vec<String> = page::messages(html)
        .into_iter()
        .filter_map(|(_, words)| words)
        .collect();
    assert_eq!(found, sent);
    let shown = page::pieces(html)
        .into_iter()
        .any(|piece| piece == Piece::Text(anne.name.clone()));
    assert!(shown, "{}", anne.name);
}
