//! People on the wire: who is in the directory, and what the caller may know of them.

use serde::{Deserialize, Deserializer, Serialize};

use crate::api::{AccountId, ConversationId, Timestamp};
use crate::friendships::{Note, Relation, Standing};
use crate::operation;

/// A person visible in the caller's Network, friend or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Person {
    /// Their account.
    pub id: AccountId,
    /// The name as shown, title first: "Dre Anne Roy".
    pub name: String,
    /// The given name, for a sentence that speaks of them: "Anne".
    pub given_name: String,
    /// What they do.
    pub profession: String,
    /// Where.
    pub workplace: String,
    /// The version of their photo, absent without one. The picture is at `/photos/<account>/<version>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<u32>,
    /// How the caller stands to them.
    #[serde(flatten)]
    pub relation: Relation,
    /// Whether the caller may ask them for friendship, where nothing stands between the two or a channel was closed.
    pub takes_requests: bool,
    /// Their conversation with the caller, once one was ever opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// What the caller has not read there.
    #[serde(default)]
    pub unread_count: u64,
}

/// A person's page: what the card shows, and what only friends see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Profile {
    /// The person.
    #[serde(flatten)]
    pub person: Person,
    /// Shown to friends only; vanishes when the channel closes.
    ///
    /// Source: help page, side effects of friendship (product requirement A15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The note of a request received from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

/// A person, or their page, as they travel: one flat object. Read so rather than by a derived reader of flattened
/// fields, which would compile each nested type a second time.
#[derive(Deserialize)]
struct FlatProfile {
    id: AccountId,
    name: String,
    given_name: String,
    profession: String,
    workplace: String,
    photo: Option<u32>,
    relation: Standing,
    since: Option<Timestamp>,
    closed_by_me: Option<bool>,
    takes_requests: Option<bool>,
    conversation: Option<ConversationId>,
    #[serde(default)]
    unread_count: u64,
    phone: Option<String>,
    note: Option<Note>,
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flat = FlatProfile::deserialize(deserializer)?;
        Ok(Self {
            person: Person {
                id: flat.id,
                name: flat.name,
                given_name: flat.given_name,
                profession: flat.profession,
                workplace: flat.workplace,
                photo: flat.photo,
                relation: Relation {
                    relation: flat.relation,
                    since: flat.since,
                    closed_by_me: flat.closed_by_me,
                },
                takes_requests: flat.takes_requests == Some(true),
                conversation: flat.conversation,
                unread_count: flat.unread_count,
            },
            phone: flat.phone,
            note: flat.note,
        })
    }
}

impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Profile::deserialize(deserializer).map(|profile| profile.person)
    }
}

/// Looks people up by name, profession or workplace: case, accents, œ and elisions do not matter, all words must match.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SearchPeople {
    /// What was typed, at most 200 characters; empty lists everybody.
    #[serde(default)]
    pub text: String,
    /// Only this profession, as spelled in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profession: Option<String>,
    /// Only this workplace, as spelled in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workplace: Option<String>,
    /// Go on after this person, the last of the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<AccountId>,
}

/// A page of the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct PeoplePage {
    /// By name, at most 60.
    pub people: Vec<Person>,
    /// How many match in all.
    pub total: u64,
    /// What to give as `after` for the next page; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<AccountId>,
    /// The professions to filter by.
    pub professions: Vec<String>,
    /// The workplaces to filter by.
    pub workplaces: Vec<String>,
}

/// Lists the caller's friends by name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListFriends {}

/// The caller's friends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Friends {
    /// By name.
    pub friends: Vec<Person>,
}

/// Reads a person's page.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetProfile {
    /// Whose.
    pub account: AccountId,
}

operation!(Post "contacts.search_people", SearchPeople => PeoplePage);
operation!(Get "contacts.list_friends", ListFriends => Friends);
operation!(Get "contacts.get_profile", GetProfile => Profile);

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::api::json;

    #[test]
    fn a_person_and_their_page_survive_the_wire() {
        let person = Person {
            id: AccountId(Uuid::from_u128(1)),
            name: "Dre Anne Roy".to_owned(),
            given_name: "Anne".to_owned(),
            profession: "cardiologue".to_owned(),
            workplace: "Hôpital du Parc".to_owned(),
            photo: Some(2),
            relation: Relation {
                relation: Standing::Closed,
                since: Some(Timestamp(3)),
                closed_by_me: Some(true),
            },
            takes_requests: true,
            conversation: Some(ConversationId(Uuid::from_u128(4))),
            unread_count: 5,
        };
        let profile = Profile {
            person: person.clone(),
            phone: Some("514 555-0199".to_owned()),
            note: Note::parse("Bonjour").expect("a note"),
        };

        assert_eq!(json::read(&json::write(&person).expect("JSON")), Ok(person));
        assert_eq!(json::read(&json::write(&profile).expect("JSON")), Ok(profile));
    }
}
