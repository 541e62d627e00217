//! The table `relations`: one row per pair of accounts, the smaller id first.

use app::api::{AccountId, Timestamp};
use app::friendships::Note;

use super::machine::{Friendship, Pair, Request};
use crate::error::{Error, Result};
use crate::store::{Envelope, Owner, Place, Row, Tx, Value};
use crate::values;

/// The rows for which a condition holds, with the columns that [`read_pair`] expects.
macro_rules! pair_where {
    ($condition:literal) => {
        concat!(
            "select low_id, high_id, epoch, friendship, opened_at, closed_at, closed_by,
                low_blocked_at, high_blocked_at,
                request_from, requested_at, is_ignored, note_suite, note_key_ref, note_nonce, note_bytes
            from relations
            where ",
            $condition
        )
    };
}

/// The state of the pair, in either order of the two; two strangers when there is no row.
pub(super) fn find_pair(tx: &mut Tx<'_>, one: AccountId, other: AccountId) -> Result<Pair> {
    let found = tx.find(
        pair_where!("low_id = $1 and high_id = $2"),
        values![one.min(other), one.max(other)],
        read_pair,
    )?;
    match found {
        Some(sealed) => sealed.open(tx),
        None => Ok(Pair::new(one, other)),
    }
}

/// Stores the state of the pair.
pub(super) fn save_pair(tx: &mut Tx<'_>, pair: &Pair) -> Result<()> {
    let (friendship, opened_at, closed_at, closed_by) = match pair.friendship {
        Friendship::Never => ("never", None, None, None),
        Friendship::Open { since } => ("open", Some(since), None, None),
        Friendship::Closed { since, by } => ("closed", None, Some(since), Some(by)),
    };
    let request = pair.request.as_ref();
    let note = match request.and_then(|request| Some((request, request.note.as_ref()?))) {
        None => Envelope::no_columns(),
        Some((request, note)) => {
            let key = tx.require_key(Owner::Pair(pair.low, pair.high))?;
            tx.seal(key, place_of_note(pair, request), note.as_str())?
                .into_columns()
        }
    };
    let mut values = vec![
        pair.low.into(),
        pair.high.into(),
        pair.epoch.into(),
        friendship.into(),
        opened_at.into(),
        closed_at.into(),
        closed_by.into(),
        pair.low_blocked_at.into(),
        pair.high_blocked_at.into(),
        request.map(|request| request.from).into(),
        request.map(|request| request.at).into(),
        Value::from(request.is_some_and(|request| request.is_ignored)),
    ];
    values.extend(note);
    tx.execute(
        "insert into relations (low_id, high_id, epoch, friendship, opened_at, closed_at, closed_by,
            low_blocked_at, high_blocked_at,
            request_from, requested_at, is_ignored, note_suite, note_key_ref, note_nonce, note_bytes)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        on conflict (low_id, high_id) do update set
            epoch = excluded.epoch,
            friendship = excluded.friendship,
            opened_at = excluded.opened_at,
            closed_at = excluded.closed_at,
            closed_by = excluded.closed_by,
            low_blocked_at = excluded.low_blocked_at,
            high_blocked_at = excluded.high_blocked_at,
            request_from = excluded.request_from,
            requested_at = excluded.requested_at,
            is_ignored = excluded.is_ignored,
            note_suite = excluded.note_suite,
            note_key_ref = excluded.note_key_ref,
            note_nonce = excluded.note_nonce,
            note_bytes = excluded.note_bytes",
        &values,
    )?;
    Ok(())
}

/// Takes the note away.
pub(super) fn empty_note(tx: &mut Tx<'_>, low: AccountId, high: AccountId) -> Result<()> {
    tx.execute(
        "update relations set note_suite = null, note_key_ref = null, note_nonce = null, note_bytes = null
        where low_id = $1 and high_id = $2",
        values![low, high],
    )?;
    Ok(())
}

/// The account's open friendships, in no order.
pub(super) fn list_open_pairs(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Pair>> {
    let sealed = tx.list(
        concat!(
            pair_where!("low_id = $1 and friendship = 'open'"),
            " union all ",
            pair_where!("high_id = $1 and friendship = 'open'"),
        ),
        values![account],
        read_pair,
    )?;
    open_pairs(tx, sealed)
}

/// Every pair of the account that was ever anything, in no order.
pub(super) fn list_pairs(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Pair>> {
    let sealed = tx.list(
        concat!(
            pair_where!("low_id = $1"),
            " union all ",
            pair_where!("high_id = $1")
        ),
        values![account],
        read_pair,
    )?;
    open_pairs(tx, sealed)
}

/// The pairs of the account in which a request younger than `after` waits, newest first; those that it has put aside take
/// no place.
pub(super) fn list_requests(
    tx: &mut Tx<'_>,
    account: AccountId,
    after: Timestamp,
    limit: u32,
) -> Result<Vec<Pair>> {
    let sealed = tx.list(
        concat!(
            pair_where!("low_id = $1 and requested_at > $2 and (is_ignored = 0 or request_from = $1)"),
            " union all ",
            pair_where!("high_id = $1 and requested_at > $2 and (is_ignored = 0 or request_from = $1)"),
            " order by requested_at desc limit $3",
        ),
        values![account, after, limit],
        read_pair,
    )?;
    open_pairs(tx, sealed)
}

/// How many requests of the account wait that are younger than `after`, whatever became of them at the other side.
pub(super) fn count_sent(tx: &mut Tx<'_>, account: AccountId, after: Timestamp) -> Result<u64> {
    let count = tx.find(
        "select (select count(*) from relations where low_id = $1 and request_from = $1 and requested_at > $2)
            + (select count(*) from relations where high_id = $1 and request_from = $1 and requested_at > $2)",
        values![account, after],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or_default())
}

/// A pair whose note is still sealed.
struct SealedPair {
    pair: Pair,
    note: Option<Envelope>,
}

impl SealedPair {
    /// Opens the note, if there is one; a note that cannot be shown is none.
    fn open(self, tx: &mut Tx<'_>) -> Result<Pair> {
        let mut pair = self.pair;
        if let (Some(request), Some(envelope)) = (&pair.request, &self.note) {
            let note = tx.open(envelope, place_of_note(&pair, request))?.here();
            let note = note.as_deref().map_or(Ok(None), Note::parse);
            if let Some(request) = pair.request.as_mut() {
                request.note = note.map_err(|_| damaged("its note is too long"))?;
            }
        }
        Ok(pair)
    }
}

fn open_pairs(tx: &mut Tx<'_>, sealed: Vec<SealedPair>) -> Result<Vec<Pair>> {
    tx.load_keys(sealed.iter().filter_map(|sealed| sealed.note.as_ref()))?;
    sealed.into_iter().map(|sealed| sealed.open(tx)).collect()
}

fn place_of_note(pair: &Pair, request: &Request) -> Place {
    Place::Note {
        from: request.from,
        to: pair.other(request.from),
        at: request.at,
    }
}

fn read_pair(row: &Row<'_>) -> Result<SealedPair> {
    let friendship = match row.get::<String>(3)?.as_str() {
        "never" => Friendship::Never,
        "open" => Friendship::Open { since: row.get(4)? },
        "closed" => Friendship::Closed {
            since: row.get(5)?,
            by: row.get(6)?,
        },
        other => return Err(damaged(&format!("unknown friendship `{other}`"))),
    };
    let request = match row.get::<Option<AccountId>>(9)? {
        None => None,
        Some(from) => Some(Request {
            from,
            at: row.get(10)?,
            is_ignored: row.get(11)?,
            note: None,
        }),
    };
    let pair = Pair {
        low: row.get(0)?,
        high: row.get(1)?,
        epoch: row.get(2)?,
        friendship,
        request,
        low_blocked_at: row.get(7)?,
        high_blocked_at: row.get(8)?,
    };
    let note = Envelope::from_row(row, 12)?;
    Ok(SealedPair { pair, note })
}

fn damaged(why: &str) -> Error {
    Error::failed("reading a relation", why)
}
