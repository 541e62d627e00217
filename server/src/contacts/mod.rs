//! Contacts: the people one may find, and what each may know of another.
//!
//! Every active account stands in the directory. How two people stand to each other is asked of `friendships`, their
//! conversation of `conversations`; this feature has no table of its own.
//!
//! - [`fold_words`]: how words are compared.
//! - [`list_look_alikes`]: who is easily taken for whom.
//! - [`person`]: a card of the directory as one viewer may see it.
//! - here: one function per operation.

mod fold;
mod look_alikes;

use app::api::{AccountId, ApiError, InvalidReason, Timestamp};
use app::contacts::{Friends, GetProfile, ListFriends, PeoplePage, Person, Profile, SearchPeople};
use app::friendships::{Relation, Standing};

use crate::accounts::{self, Card};
use crate::context::{Caller, Context};
use crate::conversations::{self, Link};
use crate::error::Result;
use crate::friendships;
use crate::http::operations::Operations;
use crate::store::Tx;

pub(crate) use fold::fold_into;
pub use fold::fold_words;
pub use look_alikes::list_look_alikes;

/// The most people on a page of the directory.
const PAGE_SIZE: u32 = 60;
/// The most characters of a search.
const MAX_SEARCH_CHARS: usize = 200;

/// Puts this feature's operations in the table.
pub fn register(operations: &mut Operations) {
    operations
        .signed_in(search_people)
        .signed_in(list_friends)
        .signed_in(get_profile);
}

/// Looks people up in the directory.
///
/// # Errors
/// `Invalid` when the text has more than 200 characters.
pub async fn search_people(context: Context, caller: Caller, wish: SearchPeople) -> Result<PeoplePage> {
    if wish.text.chars().count() > MAX_SEARCH_CHARS {
        return Err(ApiError::invalid("text", InvalidReason::TooLong).into());
    }
    let words = fold_words(&wish.text);
    let now = context.now();
    context
        .db
        .read(move |tx| {
            let (profession, workplace) = (wish.profession.as_deref(), wish.workplace.as_deref());
            // One more than shown tells whether there is a next page.
            let (mut cards, total) =
                accounts::search_directory(tx, &words, profession, workplace, wish.after, PAGE_SIZE + 1)?;
            let has_more = cards.len() > PAGE_SIZE as usize;
            cards.truncate(PAGE_SIZE as usize);
            let people = people(tx, caller.account, cards, now)?;
            Ok(PeoplePage {
                total,
                next: people.last().filter(|_| has_more).map(|person| person.id),
                people,
                professions: accounts::list_professions(tx)?,
                workplaces: accounts::list_workplaces(tx)?,
            })
        })
        .await
}

/// Lists the caller's friends by family name, then given name.
///
/// # Errors
/// Only failures.
pub async fn list_friends(context: Context, caller: Caller, _: ListFriends) -> Result<Friends> {
    context
        .db
        .read(move |tx| {
            let me = caller.account;
            let mut links = conversations::list_links(tx, me)?;
            let mut friends = Vec::new();
            for pair in friendships::list_open_pairs(tx, me)? {
                let Some(card) = accounts::find_card(tx, pair.other(me))? else {
                    continue;
                };
                let order = (name_order(&card.name), card.id);
                let link = links.remove(&card.id);
                let may_ask = pair.may_ask(me, friendships::is_taken(tx, me, &card)?);
                friends.push((order, put_together(card, pair.view(me), may_ask, link)));
            }
            friends.sort_by(|(one, _), (other, _)| one.cmp(other));
            Ok(Friends {
                friends: friends.into_iter().map(|(_, person)| person).collect(),
            })
        })
        .await
}

/// Reads a person's page: the phone number is for friends, the note for whom it was written to.
///
/// # Errors
/// As [`require_card`].
///
/// Source: product requirement A15.
pub async fn get_profile(context: Context, caller: Caller, wish: GetProfile) -> Result<Profile> {
    let now = context.now();
    context
        .db
        .read(move |tx| {
            let me = caller.account;
            let card = require_card(tx, me, wish.account, now)?;
            let person = person(tx, me, card, now)?;
            let phone = match person.relation.relation {
                Standing::Friend | Standing::Myself => accounts::find_phone(tx, person.id)?,
                _ => None,
            };
            let note = match person.relation.relation {
                Standing::RequestReceived => {
                    let pair = friendships::find_pair(tx, me, person.id, now)?;
                    pair.received_by(me).and_then(|request| request.note.clone())
                }
                _ => None,
            };
            Ok(Profile { person, phone, note })
        })
        .await
}

/// The card of a person whom `viewer` may look up: whoever is active, and whoever already is something to the viewer,
/// for a suspended friend's name still stands over old messages.
///
/// # Errors
/// `NotFound` for anybody else, and for who does not exist.
pub fn require_card(tx: &mut Tx<'_>, viewer: AccountId, account: AccountId, now: Timestamp) -> Result<Card> {
    let card = accounts::find_card(tx, account)?.ok_or(ApiError::NotFound)?;
    let is_visible = accounts::is_active(tx, account)?
        || friendships::find_relation(tx, viewer, account, now)?.relation != Standing::None;
    if is_visible {
        Ok(card)
    } else {
        Err(ApiError::NotFound.into())
    }
}

/// A card of the directory as `viewer` may see it at this moment.
///
/// # Errors
/// Only failures.
pub fn person(tx: &mut Tx<'_>, viewer: AccountId, card: Card, now: Timestamp) -> Result<Person> {
    if card.id == viewer {
        return Ok(put_together(card, Relation::MYSELF, false, None));
    }
    let pair = friendships::find_pair(tx, viewer, card.id, now)?;
    let may_ask = pair.may_ask(viewer, friendships::is_taken(tx, viewer, &card)?);
    let link = conversations::find_link(tx, viewer, card.id)?;
    Ok(put_together(card, pair.view(viewer), may_ask, link))
}

/// The same for a whole list, in its order.
///
/// # Errors
/// Only failures.
pub fn people(tx: &mut Tx<'_>, viewer: AccountId, cards: Vec<Card>, now: Timestamp) -> Result<Vec<Person>> {
    cards
        .into_iter()
        .map(|card| person(tx, viewer, card, now))
        .collect()
}

/// A person from parts that are already at hand; `may_ask` as the pair says it.
pub fn put_together(card: Card, relation: Relation, may_ask: bool, link: Option<Link>) -> Person {
    Person {
        id: card.id,
        name: accounts::shown_name(&card.title, &card.name),
        given_name: accounts::given_name(&card.name).to_owned(),
        profession: card.profession,
        workplace: card.workplace,
        photo: card.photo_version,
        relation,
        takes_requests: may_ask,
        conversation: link.as_ref().map(|link| link.conversation),
        unread_count: link.map_or(0, |link| link.unread_count),
    }
}

/// What names sort by: family name first, as in the directory.
fn name_order(name: &str) -> (Vec<String>, Vec<String>) {
    let given = accounts::given_name(name);
    let family = name.trim().strip_prefix(given).unwrap_or_default();
    (fold_words(family), fold_words(given))
}
