//! `accounts` as others see it: who is in the directory.

use app::api::AccountId;

use crate::accounts::cards::{Card, N_WORDS};
use crate::error::Result;
use crate::store::{Row, Tx, Value};
use crate::values;

/// Where a page goes on: the sort name and id of the last person before it.
pub(in crate::accounts) type Place = (String, Vec<u8>);

/// What a search asks for. An empty pattern, profession or workplace asks for nothing.
pub(in crate::accounts) struct Wish<'a> {
    pub(in crate::accounts) patterns: [String; N_WORDS],
    pub(in crate::accounts) profession: &'a str,
    pub(in crate::accounts) workplace: &'a str,
}

impl Wish<'_> {
    fn values(&self) -> Vec<Value> {
        let mut values: Vec<Value> = self
            .patterns
            .iter()
            .map(|pattern| pattern.as_str().into())
            .collect();
        values.push(self.profession.into());
        values.push(self.workplace.into());
        values
    }
}

pub(in crate::accounts) fn find_card(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Card>> {
    tx.find(
        "select id, title, name, profession, workplace, photo_version, who_may_ask
         from accounts
         where id = $1",
        values![account],
        card,
    )
}

/// How many cards are asked for at once.
pub(in crate::accounts) const N_TOGETHER: usize = 16;

/// Up to [`N_TOGETHER`] cards.
pub(in crate::accounts) fn list_cards(tx: &mut Tx<'_>, accounts: &[AccountId]) -> Result<Vec<Card>> {
    let mut values = accounts.iter().map(|id| (*id).into()).collect::<Vec<Value>>();
    values.resize(N_TOGETHER, Value::Null);
    tx.list(
        "select id, title, name, profession, workplace, photo_version, who_may_ask
         from accounts
         where id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &values,
        card,
    )
}

/// Active accounts that match, by name, at most `limit` after a place.
pub(in crate::accounts) fn search(
    tx: &mut Tx<'_>,
    wish: &Wish<'_>,
    (sort_name, id): Place,
    limit: u32,
) -> Result<Vec<Card>> {
    let mut values = wish.values();
    values.extend([sort_name.into(), id.into(), limit.into()]);
    tx.list(
        "select id, title, name, profession, workplace, photo_version, who_may_ask
         from accounts
         where state = 'active'
            and search_text like $1
            and search_text like $2
            and search_text like $3
            and search_text like $4
            and search_text like $5
            and search_text like $6
            and search_text like $7
            and search_text like $8
            and ($9 = '' or profession = $9)
            and ($10 = '' or workplace = $10)
            and (sort_name, id) > ($11, $12)
         order by sort_name, id
         limit $13",
        &values,
        card,
    )
}

pub(in crate::accounts) fn count(tx: &mut Tx<'_>, wish: &Wish<'_>) -> Result<u64> {
    let n_found = tx.find(
        "select count(*)
         from accounts
         where state = 'active'
            and search_text like $1
            and search_text like $2
            and search_text like $3
            and search_text like $4
            and search_text like $5
            and search_text like $6
            and search_text like $7
            and search_text like $8
            and ($9 = '' or profession = $9)
            and ($10 = '' or workplace = $10)",
        &wish.values(),
        |row| row.get(0),
    )?;
    Ok(n_found.unwrap_or_default())
}

pub(in crate::accounts) fn find_place(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Place>> {
    tx.find(
        "select sort_name, id from accounts where id = $1",
        values![account],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The professions of active accounts, in the order of their letters as stored.
pub(in crate::accounts) fn list_professions(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    tx.list(
        "select distinct profession
         from accounts
         where state = 'active'
         order by profession",
        &[],
        |row| row.get(0),
    )
}

/// The workplaces of active accounts, in the order of their letters as stored.
pub(in crate::accounts) fn list_workplaces(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    tx.list(
        "select distinct workplace
         from accounts
         where state = 'active'
         order by workplace",
        &[],
        |row| row.get(0),
    )
}

fn card(row: &Row<'_>) -> Result<Card> {
    Ok(Card {
        id: row.get(0)?,
        title: row.get(1)?,
        name: row.get(2)?,
        profession: row.get(3)?,
        workplace: row.get(4)?,
        photo_version: row.get(5)?,
        who_may_ask: super::accounts::who_may_ask(row, 6)?,
    })
}
