//! A conversation as a page to be read and printed: `conversation.html`. It is whole in itself and runs nothing: no script,
//! nothing fetched, and a policy inside that would let nothing run or be fetched. Every word that a person wrote is escaped.
//!
//! Printed, each sheet bears the two names, who exported it and when, and its number.
//!
//! Source: ux, L10; CSS Paged Media Module Level 3, margin boxes.

use std::fmt::Write as _;

use app::accounts::Language;
use app::api::{AccountId, Timestamp};
use app::attachments::Attachment;
use app::conversations::acts::Version;
use app::conversations::{Channel, Marks, MessageBody, Quote, Reaction};
use app::i18n::{Civil, civil, format, words};

use super::moments::{machine, offset};
use super::names::link_to;
use super::{Began, Exported};

/// How the page looks, on the screen and on paper.
const STYLE: &str = include_str!("document.css");

/// What the page may do: look as it does. What forms and relative addresses may do does not follow from `default-src`.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// Writes the page of an export, piece by piece.
pub(super) struct Document<'a> {
    began: &'a Began,
    /// The day of the message before.
    day: Option<i32>,
}

impl<'a> Document<'a> {
    /// What stands after the messages.
    pub(super) const FOOT: &'static str = "</main>\n</body>\n</html>\n";

    /// Goes on after a message of that day.
    pub(super) fn new(began: &'a Began, day: Option<i32>) -> Self {
        Self { began, day }
    }

    /// The day of the last message.
    pub(super) fn day(&self) -> Option<i32> {
        self.day
    }

    fn language(&self) -> Language {
        self.began.language
    }

    fn civil(&self, at: Timestamp) -> Civil {
        civil(at, &self.began.zone)
    }

    /// A moment, said in full: « 22 novembre 2026, 14 h 05 ».
    fn moment(&self, at: Timestamp) -> String {
        let civil = self.civil(at);
        let day = format::full_date(self.language(), civil);
        format!("{day}, {}", self.hour(at))
    }

    /// The time on the wall: « 14 h 05 ». Where the wall was not as far from UTC as when the export was made, it says so: the
    /// hour in which summer time ends comes twice.
    fn hour(&self, at: Timestamp) -> String {
        let hour = format::time(self.language(), self.civil(at));
        let there = offset(at, &self.began.zone);
        if there == offset(self.began.at, &self.began.zone) {
            return hour;
        }
        format!("{hour} ({there})")
    }

    /// What stands before the messages.
    pub(super) fn head(&self) -> String {
        use words::conversations::export::document as t;
        let (language, began) = (self.language(), self.began);
        let title = t::title(language, &began.me.name, &began.friend.name);
        let by = t::exported(language, &began.me.name, &self.moment(began.at));
        let state = match began.channel {
            Channel::Open { since } => t::open(language, &self.moment(since)),
            Channel::Closed { since, .. } => t::closed(language, &self.moment(since)),
        };
        let mut html = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>\n{STYLE}{}</style>\n\
             </head>\n<body>\n<header>\n<h1>{}</h1>\n<ul>\n",
            language.tag(),
            escape(&title),
            on_paper(&title, &by, t::page(language)),
            escape(&title),
        );
        for person in began.people() {
            let _ = writeln!(
                html,
                "<li><b dir=\"auto\">{}</b>, {}, {}</li>",
                escape(person.name),
                escape(person.profession),
                escape(person.workplace)
            );
        }
        let zone = t::zone(language, &began.zone.name, &offset(began.at, &began.zone));
        let count = t::messages(language, began.last_position);
        let told = self.receipts();
        for line in [by, state, count, told, zone, t::nature(language).to_owned()] {
            let _ = writeln!(html, "<li>{}</li>", escape(&line));
        }
        html.push_str("</ul>\n</header>\n<main>\n");
        html
    }

    /// How far the messages of whoever exports have come.
    fn receipts(&self) -> String {
        use words::conversations::export::document as t;
        let (language, began) = (self.language(), self.began);
        let number = |position: u64| t::number(language, &position.to_string());
        let mut told = Vec::new();
        if let Some((position, at)) = began.delivered.last {
            told.push((t::delivered(language, &number(position)), at));
        }
        if let Some((position, at)) = began.read.last {
            told.push((t::read(language, &number(position)), at));
        }
        let told = told.into_iter().map(|(words, at)| match at {
            Some(at) => format!("{words}, {}", self.moment(at)),
            None => words,
        });
        let told: Vec<String> = told.collect();
        let list = if told.is_empty() {
            t::no_receipts(language).to_owned()
        } else {
            told.join(" · ")
        };
        t::receipts(language, &began.me.name, &list)
    }

    /// A message, after the date of its day if it is the first of it.
    pub(super) fn message(&mut self, exported: &Exported) -> String {
        use words::conversations as t;
        let language = self.language();
        let message = &exported.message;
        let at = self.civil(message.sent_at);
        let mut html = String::new();
        if self.day != Some(at.day_number) {
            self.day = Some(at.day_number);
            let _ = writeln!(html, "<h2>{}</h2>", format::full_date(language, at));
        }
        let mine = if message.author == self.began.me.id {
            " class=\"mine\""
        } else {
            ""
        };
        let _ = write!(
            html,
            "<article id=\"m{position}\"{mine}>\n<p class=\"head\"><b dir=\"auto\">{}</b> \
             <time datetime=\"{}\">{}</time> <a href=\"#m{position}\">{}</a>",
            escape(self.name(message.author)),
            machine(message.sent_at),
            self.hour(message.sent_at),
            escape(&t::export::document::number(
                language,
                &message.position.to_string()
            )),
            position = message.position,
        );
        let marks = message.marks.read();
        for word in self.labels(&marks) {
            let _ = write!(html, " <span>{}</span>", escape(word));
        }
        html.push_str("</p>\n");
        if let Some(quote) = &marks.reply_to {
            html.push_str(&self.quote(quote));
        }
        if let Some(deleted_at) = message.deleted_at {
            let words = t::export::document::deleted(language, &self.moment(deleted_at));
            let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(&words));
        } else if message.is_withheld() {
            let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(t::withheld(language)));
        } else if !message.body.as_str().is_empty() {
            let _ = writeln!(
                html,
                "<p class=\"words\" dir=\"auto\">{}</p>",
                escape(message.body.as_str())
            );
        }
        html.push_str(&self.files(exported));
        html.push_str(&self.reactions(&marks));
        html.push_str(&self.versions(&exported.versions));
        html.push_str("</article>\n");
        html
    }

    fn name(&self, account: AccountId) -> &str {
        let began = self.began;
        if account == began.me.id {
            &began.me.name
        } else {
            &began.friend.name
        }
    }

    fn labels(&self, marks: &Marks) -> Vec<&'static str> {
        use words::conversations::marks as t;
        let language = self.language();
        let all = [
            (marks.is_forwarded, t::forwarded(language)),
            (marks.edited_at.is_some(), t::edited(language)),
            (marks.pinned_at.is_some(), t::pinned(language)),
            (marks.is_starred, t::starred(language)),
        ];
        all.into_iter()
            .filter_map(|(is_there, word)| is_there.then_some(word))
            .collect()
    }

    fn quote(&self, quote: &Quote) -> String {
        use words::conversations as t;
        let language = self.language();
        let words = match quote.body.as_str() {
            "" if quote.is_deleted => t::deleted(language).to_owned(),
            "" => {
                let names = quote.attachments.list().into_iter();
                let names: Vec<String> = names.map(|file| file.name.as_str().to_owned()).collect();
                names.join(", ")
            }
            words => words.to_owned(),
        };
        format!(
            "<blockquote><a href=\"#m{}\">{}</a> <span dir=\"auto\">{}</span></blockquote>\n",
            quote.position,
            escape(&t::export::document::reply(language, self.name(quote.author))),
            escape(&words)
        )
    }

    fn files(&self, exported: &Exported) -> String {
        let attachments = exported.message.attachments.list();
        if attachments.is_empty() {
            return String::new();
        }
        let mut html = "<ul>\n".to_owned();
        for (file, path) in attachments.iter().zip(&exported.paths) {
            html.push_str(&self.file(file, path.as_deref()));
        }
        html.push_str("</ul>\n");
        html
    }

    fn file(&self, file: &Attachment, path: Option<&str>) -> String {
        use words::conversations::export::document as t;
        let language = self.language();
        let name = match file.name.as_str() {
            "" => words::attachments::withheld(language),
            name => name,
        };
        let size = t::size(language, &format::number(language, file.size));
        let what = match path {
            Some(path) => format!(
                "<a href=\"{}\" dir=\"auto\">{}</a>, {}",
                link_to(path),
                escape(name),
                escape(&size)
            ),
            None => format!(
                "<span dir=\"auto\">{}</span>, {}, {}",
                escape(name),
                escape(&size),
                escape(t::lost(language))
            ),
        };
        let description = file.description.as_deref().map_or_else(String::new, |words| {
            format!("<br><span dir=\"auto\">{}</span>", escape(words))
        });
        format!(
            "<li>{what}<br><small>SHA-256 {}</small>{description}</li>\n",
            escape(&file.sha256)
        )
    }

    fn reactions(&self, marks: &Marks) -> String {
        if marks.reactions.is_empty() {
            return String::new();
        }
        let said = marks.reactions.iter().map(|reacted| {
            let word = reaction_word(self.language(), reacted.reaction);
            format!(
                "<span dir=\"auto\">{}</span> ({})",
                escape(self.name(reacted.account)),
                escape(word)
            )
        });
        let said: Vec<String> = said.collect();
        format!("<p class=\"note\">{}</p>\n", said.join(" · "))
    }

    /// What it said before, where that was changed.
    fn versions(&self, versions: &[Version]) -> String {
        use words::conversations::export::document as t;
        let Some((_, before)) = versions.split_last() else {
            return String::new();
        };
        let language = self.language();
        let mut html = format!("<p class=\"note\">{}</p>\n<ul>\n", escape(t::before(language)));
        for version in before {
            let words = shown(language, &version.body);
            let when = self.moment(version.written_at);
            let _ = writeln!(
                html,
                "<li>{} <span class=\"words\" dir=\"auto\">{}</span></li>",
                escape(&t::said(language, &when)),
                escape(words)
            );
        }
        html.push_str("</ul>\n");
        html
    }
}

fn shown(language: Language, body: &MessageBody) -> &str {
    match body.as_str() {
        "" => words::conversations::withheld(language),
        words => words,
    }
}

fn reaction_word(language: Language, reaction: Reaction) -> &'static str {
    use words::conversations::reaction as t;
    match reaction {
        Reaction::Seen => t::seen(language),
        Reaction::Thanks => t::thanks(language),
        Reaction::Agreed => t::agreed(language),
        Reaction::OnIt => t::on_it(language),
        Reaction::Urgent => t::urgent(language),
    }
}

/// What stands around each printed sheet.
fn on_paper(title: &str, by: &str, page: &str) -> String {
    format!(
        "@page {{ @top-left {{ content: {}; }} @bottom-left {{ content: {}; }} \
         @bottom-right {{ content: {} counter(page) \" / \" counter(pages); }} }}\n",
        css_text(title),
        css_text(by),
        css_text(&format!("{page} "))
    )
}

/// A text of a style sheet: whatever could end it, or the sheet, is written as its number.
fn css_text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | ',' | '.') {
            quoted.push(c);
        } else {
            let _ = write!(quoted, "\\{:x} ", u32::from(c));
        }
    }
    quoted.push('"');
    quoted
}

/// What a person wrote, as text of a page and nothing else.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_01_words_are_text_wherever_they_stand() {
        let hostile = "</style><script>alert(1)</script>\"'\\}\n&<!--";

        let (text, style) = (escape(hostile), css_text(hostile));

        assert!(!text.contains(['<', '>', '"', '\'']), "{text}");
        assert!(style.len() > 2 && style.starts_with('"') && style.ends_with('"'));
        let inside = &style[1..style.len() - 1];
        assert!(
            !inside.contains(['<', '>', '"', '\'', '}', '{', '\n', '/']),
            "{inside}"
        );
        assert!(inside.starts_with("\\3c \\2f style\\3e "), "{inside}");
    }
}
