//! Reads the page of an export as plainly as can be: its tags and its texts, in their order.

/// A piece of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A tag, as it begins or ends, and its attributes.
    Tag(String, Vec<(String, String)>),
    /// What stands between tags.
    Text(String),
}

/// The pieces of a page. Whatever is not written as an export writes it ends the test.
pub(crate) fn pieces(page: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(begin) = rest.find('<') {
        if begin > 0 {
            found.push(Piece::Text(unescape(&rest[..begin])));
        }
        let end = begin + rest[begin..].find('>').unwrap();
        let tag = &rest[begin + 1..end];
        rest = &rest[end + 1..];
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        found.push(Piece::Tag(name.to_owned(), read_attributes(attributes)));
        if name == "style" {
            let end = rest.find("</style>").unwrap();
            found.push(Piece::Text(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    found
}

fn read_attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once("=\"") else {
            // `<!doctype html>` alone has a word without a value.
            found.push((rest.to_owned(), String::new()));
            break;
        };
        let (value, after) = after.split_once('"').unwrap();
        found.push((name.to_owned(), unescape(value)));
        rest = after.trim_start();
    }
    found
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// What stands in each message: its position, and the words that it says now, if it says any.
pub(crate) fn messages(page: &str) -> Vec<(u64, Option<String>)> {
    let mut found: Vec<(u64, Option<String>)> = Vec::new();
    let mut is_words = false;
    for piece in pieces(page) {
        let attribute = |attributes: &[(String, String)], name: &str| {
            let found = attributes.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        match piece {
            Piece::Tag(name, attributes) if name == "article" => {
                let id = attribute(&attributes, "id");
                found.push((id.strip_prefix('m').unwrap().parse().unwrap(), None));
            }
            Piece::Tag(name, attributes) => {
                is_words = name == "p" && attribute(&attributes, "class") == "words";
            }
            Piece::Text(text) if is_words => found.last_mut().unwrap().1 = Some(text),
            Piece::Text(_) => {}
        }
    }
    found
}
