//! Checked fields of an account: once one of these exists, nobody checks again.

use app::api::{ApiError, InvalidReason};

use super::names::{search_text, shown_name, sort_name, split_title};

/// The most characters of a title.
const TITLE_MAX_CHARS: usize = 20;
/// The most characters of a name, a profession or a workplace.
const LINE_MAX_CHARS: usize = 80;
/// The most characters of an e-mail address.
///
/// Source: RFC 5321 §4.5.3.1.3 (a path of 256 octets, less the angle brackets).
const EMAIL_MAX_CHARS: usize = 254;
/// The least digits of a phone number, and the most characters.
const PHONE_CHARS: (usize, usize) = (7, 30);

/// An address to sign in with: lower case, one `@`.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Checks a typed address.
    ///
    /// # Errors
    /// `Invalid` naming `email`.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let text = Self::fold(text);
        let refuse = |reason| Err(ApiError::invalid("email", reason));
        if text.is_empty() {
            return refuse(InvalidReason::Empty);
        }
        if text.chars().count() > EMAIL_MAX_CHARS {
            return refuse(InvalidReason::TooLong);
        }
        let is_odd =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"');
        match text.split_once('@') {
            Some((local, host))
                if !local.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(is_odd) =>
            {
                Ok(Self(text))
            }
            _ => refuse(InvalidReason::Format),
        }
    }

    /// How an address is compared: without white space around it, in lower case.
    pub(super) fn fold(text: &str) -> String {
        text.trim().to_lowercase()
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is seen of a person: checked, white space made single.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// "Dre", "Dr"; may be empty.
    pub title: String,
    /// Without title.
    pub name: String,
    /// What they do.
    pub profession: String,
    /// Where.
    pub workplace: String,
}

impl Identity {
    /// Checks typed fields. A title in front of the name is split off; the one in its own field wins.
    ///
    /// # Errors
    /// `Invalid` naming the first field that is not acceptable.
    pub fn parse(title: &str, name: &str, profession: &str, workplace: &str) -> Result<Self, ApiError> {
        Ok(Self {
            profession: required_line("profession", profession)?,
            workplace: required_line("workplace", workplace)?,
            ..Self::parse_invited(title, name, profession, workplace)?
        })
    }

    /// The same for a person who is only invited: profession and workplace may still be missing.
    ///
    /// # Errors
    /// `Invalid` naming the first field that is not acceptable.
    pub fn parse_invited(
        title: &str,
        name: &str,
        profession: &str,
        workplace: &str,
    ) -> Result<Self, ApiError> {
        let title = line("title", title, TITLE_MAX_CHARS)?;
        let name = required_line("name", name)?;
        let (written_title, bare_name) = split_title(&name);
        Ok(Self {
            title: if title.is_empty() {
                written_title.to_owned()
            } else {
                title
            },
            name: bare_name.to_owned(),
            profession: line("profession", profession, LINE_MAX_CHARS)?,
            workplace: line("workplace", workplace, LINE_MAX_CHARS)?,
        })
    }

    /// The name as shown.
    pub fn shown_name(&self) -> String {
        shown_name(&self.title, &self.name)
    }

    /// What the account is found by.
    pub(super) fn search_text(&self) -> String {
        search_text(&self.title, &self.name, &self.profession, &self.workplace)
    }

    /// What the account is sorted by.
    pub(super) fn sort_name(&self) -> String {
        sort_name(&self.name)
    }
}

/// Checks a typed phone number; empty is none.
///
/// # Errors
/// `Invalid` naming `phone`.
pub(super) fn parse_phone(text: &str) -> Result<String, ApiError> {
    let (n_least_digits, n_most_chars) = PHONE_CHARS;
    let text = line("phone", text, n_most_chars)?;
    // Letters too: "450 555-0123, poste 21".
    let is_of_phone = |c: char| c.is_ascii_alphanumeric() || " +()-./,#\u{a0}\u{2011}".contains(c);
    if text.is_empty() {
        return Ok(text);
    }
    if !text.chars().all(is_of_phone) {
        return Err(ApiError::invalid("phone", InvalidReason::Format));
    }
    if text.chars().filter(char::is_ascii_digit).count() < n_least_digits {
        return Err(ApiError::invalid("phone", InvalidReason::TooShort));
    }
    Ok(text)
}

/// One line of text: white space made single, nothing that controls a terminal or turns the writing direction.
fn line(field: &str, text: &str, n_most_chars: usize) -> Result<String, ApiError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(|c| c.is_control() || turns(c)) {
        return Err(ApiError::invalid(field, InvalidReason::Format));
    }
    if text.chars().count() > n_most_chars {
        return Err(ApiError::invalid(field, InvalidReason::TooLong));
    }
    Ok(text)
}

fn required_line(field: &str, text: &str) -> Result<String, ApiError> {
    let text = line(field, text, LINE_MAX_CHARS)?;
    if text.is_empty() {
        Err(ApiError::invalid(field, InvalidReason::Empty))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_lower_case() {
        assert!(
            Email::parse(" Anne.Roy@Demo.Example ")
                .is_ok_and(|email| email.as_str() == "anne.roy@demo.example")
        );
        for wrong in [
            "",
            "anne",
            "@demo.example",
            "anne@",
            "a@b@c",
            "anne roy@demo.example",
            "<anne@demo.example>",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_title_written_in_the_name_becomes_the_title() {
        let identity = Identity::parse("", " Dre  Anne Roy", "cardiologue", "Hôpital du Parc").unwrap();

        assert_eq!(
            (identity.title.as_str(), identity.name.as_str()),
            ("Dre", "Anne Roy")
        );
        assert_eq!(identity.shown_name(), "Dre Anne Roy");
    }

    #[test]
    fn the_refused_field_is_named() {
        let refused = |field, reason| Err(ApiError::invalid(field, reason));

        assert_eq!(
            Identity::parse("", " ", "p", "w").map(|_| ()),
            refused("name", InvalidReason::Empty)
        );
        assert_eq!(
            Identity::parse("", "n", "", "w").map(|_| ()),
            refused("profession", InvalidReason::Empty)
        );
        assert_eq!(
            Identity::parse("", "n", "p", &"w".repeat(81)).map(|_| ()),
            refused("workplace", InvalidReason::TooLong)
        );
        assert_eq!(
            Identity::parse("", "n\u{202e}x", "p", "w").map(|_| ()),
            refused("name", InvalidReason::Format)
        );
        assert!(Identity::parse_invited("", "n", "", "").is_ok());
    }

    #[test]
    fn a_phone_number_has_digits() {
        assert_eq!(
            parse_phone("450 555-0123, poste 21"),
            Ok("450 555-0123, poste 21".to_owned())
        );
        assert_eq!(parse_phone(" "), Ok(String::new()));
        assert_eq!(
            parse_phone("<script>"),
            Err(ApiError::invalid("phone", InvalidReason::Format))
        );
        assert_eq!(
            parse_phone("12345"),
            Err(ApiError::invalid("phone", InvalidReason::TooShort))
        );
    }
}
