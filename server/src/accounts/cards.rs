//! What other features may know of an account, and the directory.

use app::accounts::AccountState;
use app::api::{AccountId, ApiError};
use app::friendships::WhoMayAsk;

use super::names::{given_name, shown_name};
use super::sql;
use crate::contacts::fold_words;
use crate::error::Result;
use crate::store::Tx;

/// The most words of a search that count; what is typed beyond them is not looked at.
pub(super) const N_WORDS: usize = 8;

/// What any signed-in person may see of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Whose.
    pub id: AccountId,
    /// "Dre", "Dr"; may be empty.
    pub title: String,
    /// The name without title.
    pub name: String,
    /// What they do.
    pub profession: String,
    /// Where.
    pub workplace: String,
    /// The version of the photo, if there is one.
    pub photo_version: Option<u32>,
    /// Whose requests they take. No other person is told.
    pub who_may_ask: WhoMayAsk,
}

impl Card {
    /// The name as shown, title first.
    pub fn shown_name(&self) -> String {
        shown_name(&self.title, &self.name)
    }

    /// What a sentence calls the person.
    pub fn given_name(&self) -> &str {
        given_name(&self.name)
    }
}

/// The card of an account, whatever its state: a suspended person's name still stands in old conversations.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn find_card(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Card>> {
    sql::directory::find_card(tx, account)
}

/// The cards of several accounts, in no order; unknown ones are left out.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn find_cards(tx: &mut Tx<'_>, accounts: &[AccountId]) -> Result<Vec<Card>> {
    let mut cards = Vec::with_capacity(accounts.len());
    for accounts in accounts.chunks(sql::directory::N_TOGETHER) {
        cards.append(&mut sql::directory::list_cards(tx, accounts)?);
    }
    Ok(cards)
}

/// Whether the account is in use: neither unknown, nor only invited, nor suspended.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn is_active(tx: &mut Tx<'_>, account: AccountId) -> Result<bool> {
    let record = sql::accounts::find_account(tx, account)?;
    Ok(record.is_some_and(|record| record.state == AccountState::Active))
}

/// The phone number of an account, if it gave one. Who may see it is the asking feature's to decide.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn find_phone(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<String>> {
    let phone = sql::accounts::find_account(tx, account)?.map(|record| record.phone);
    Ok(phone.filter(|phone| !phone.is_empty()))
}

/// Whose requests for friendship the account takes.
///
/// # Errors
/// `SignedOut` when the account is no more.
pub fn find_asking_rule(tx: &mut Tx<'_>, account: AccountId) -> Result<WhoMayAsk> {
    let card = find_card(tx, account)?.ok_or(ApiError::SignedOut)?;
    Ok(card.who_may_ask)
}

/// Changes whose requests the account takes.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn set_asking_rule(tx: &mut Tx<'_>, account: AccountId, rule: WhoMayAsk) -> Result<()> {
    sql::accounts::update_who_may_ask(tx, account, rule)
}

/// Whether an account works where the person of the card does, whatever the spelling of case and accents.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn is_colleague(tx: &mut Tx<'_>, account: AccountId, card: &Card) -> Result<bool> {
    let place = fold_words(&card.workplace);
    let other = find_card(tx, account)?;
    Ok(!place.is_empty() && other.is_some_and(|other| fold_words(&other.workplace) == place))
}

/// Looks active accounts up: each folded word must begin a word of name, profession or workplace.
///
/// By family name, at most `limit`, after the person `after`; with them the number of all that match. Of the words, the
/// first eight count.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn search_directory(
    tx: &mut Tx<'_>,
    words: &[String],
    profession: Option<&str>,
    workplace: Option<&str>,
    after: Option<AccountId>,
    limit: u32,
) -> Result<(Vec<Card>, u64)> {
    let pattern = |index: usize| {
        let word = words.get(index).map(String::as_str).unwrap_or_default();
        // Folded words hold neither, but nobody shall search by pattern should that ever change.
        let word = word.replace(['%', '_'], "");
        if word.is_empty() {
            "%".to_owned()
        } else {
            format!("% {word}%")
        }
    };
    let wish = sql::directory::Wish {
        patterns: std::array::from_fn(pattern),
        profession: profession.unwrap_or_default(),
        workplace: workplace.unwrap_or_default(),
    };
    let place = match after {
        Some(account) => sql::directory::find_place(tx, account)?,
        None => None,
    };
    let cards = sql::directory::search(tx, &wish, place.unwrap_or_default(), limit)?;
    let n_found = sql::directory::count(tx, &wish)?;
    Ok((cards, n_found))
}

/// The professions of active accounts, each once, in the order of the alphabet.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn list_professions(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    sql::directory::list_professions(tx).map(in_alphabet)
}

/// The workplaces of active accounts, each once, in the order of the alphabet.
///
/// # Errors
/// `Failed` when the store does not answer.
pub fn list_workplaces(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    sql::directory::list_workplaces(tx).map(in_alphabet)
}

/// Accents do not count in the order: "ergothérapeute" before "étudiante".
fn in_alphabet(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_by_cached_key(|line| fold_words(line));
    lines
}
