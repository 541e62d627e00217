//! What a person is looking for: typed words and two filters, and when the directory is asked.

use leptos::prelude::*;

use super::SearchPeople;
use super::live_people::LivePeople;
use crate::api::{AccountId, Operation};
use crate::boot::Posted;

/// How long after the last key the directory is asked, in milliseconds.
///
/// Shorter asks for every letter, longer feels slow (product bar: an answer within the next word).
const REST_MS: u64 = 200;

/// A question to the directory, ready to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    text: String,
    profession: String,
    workplace: String,
}

impl Wish {
    /// What a plain form asked for.
    pub(super) fn posted(posted: &Posted) -> Self {
        let field = |name| posted.field(name).unwrap_or_default().trim().to_owned();
        Self {
            text: field("text"),
            profession: field("profession"),
            workplace: field("workplace"),
        }
    }

    /// Whether it is for everybody.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.profession.is_empty() && self.workplace.is_empty()
    }

    /// The operation, going on after a person.
    pub(super) fn to_operation(&self, after: Option<AccountId>) -> SearchPeople {
        let chosen = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        SearchPeople {
            text: self.text.clone(),
            profession: chosen(&self.profession),
            workplace: chosen(&self.workplace),
            after,
        }
    }

    /// Its fields, as a plain form sends them.
    pub(super) fn fields(&self) -> [(&'static str, String); 3] {
        [
            ("text", self.text.clone()),
            ("profession", self.profession.clone()),
            ("workplace", self.workplace.clone()),
        ]
    }
}

/// What stands in the search form. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Query {
    pub(super) text: RwSignal<String>,
    pub(super) profession: RwSignal<String>,
    pub(super) workplace: RwSignal<String>,
    /// Pressing Enter asks at once.
    pub(super) n_presses: RwSignal<u32>,
}

impl Query {
    /// The id of the form, for its controls that stand elsewhere in the page.
    pub(super) const FORM: &str = "recherche";
    /// The operation that the form names.
    pub(super) const OPERATION: &str = SearchPeople::NAME;

    /// A form filled in with a question.
    pub(super) fn new(wish: Wish) -> Self {
        Self {
            text: RwSignal::new(wish.text),
            profession: RwSignal::new(wish.profession),
            workplace: RwSignal::new(wish.workplace),
            n_presses: RwSignal::new(0),
        }
    }

    /// What the form asks for at this moment.
    pub(super) fn wish(self) -> Wish {
        Wish {
            text: self.text.with(|text| text.trim().to_owned()),
            profession: self.profession.get(),
            workplace: self.workplace.get(),
        }
    }

    /// Empties the form.
    pub(super) fn clear(self) {
        self.text.set(String::new());
        self.profession.set(String::new());
        self.workplace.set(String::new());
    }

    /// Asks the directory whenever the form has come to rest.
    pub(super) fn follow(self, live: LivePeople) {
        let n_keys = StoredValue::new(0_u32);
        Effect::new(move |earlier: Option<(Wish, u32)>| {
            let (wish, n_presses) = (self.wish(), self.n_presses.get());
            let (asked, n_earlier) = earlier.unwrap_or_else(|| (live.shown.get_untracked(), 0));
            let is_pressed = n_presses != n_earlier;
            if wish == asked && !is_pressed {
                return (wish, n_presses);
            }
            n_keys.update_value(|n| *n = n.wrapping_add(1));
            let number = n_keys.get_value();
            let ask = {
                let wish = wish.clone();
                move || {
                    if n_keys.try_get_value() == Some(number) {
                        live.search(wish, None, || {});
                    }
                }
            };
            if is_pressed {
                ask();
            } else {
                set_timeout(ask, std::time::Duration::from_millis(REST_MS));
            }
            (wish, n_presses)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(fields: &[(&str, &str)]) -> Posted {
        Posted {
            operation: Query::OPERATION.to_owned(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            error: None,
        }
    }

    #[test]
    fn a_plain_form_asks_the_same_as_a_live_one() {
        let wish = Wish::posted(&posted(&[
            ("text", "  lavoie "),
            ("profession", ""),
            ("workplace", "Hôpital du Parc"),
        ]));

        let operation = wish.to_operation(None);

        assert_eq!(operation.text, "lavoie");
        assert_eq!(operation.profession, None);
        assert_eq!(operation.workplace.as_deref(), Some("Hôpital du Parc"));
    }

    #[test]
    fn white_space_asks_for_everybody() {
        assert!(Wish::posted(&posted(&[("text", "  ")])).is_empty());
    }
}
