//! Whose requests a person takes: everybody's, those of people at the same workplace, or nobody's.
//!
//! Others learn of it one thing alone, whether they may ask, and that is the same with a block and without one. The rule is
//! applied by the machine; here it is kept and read.

use app::api::AccountId;
use app::friendships::{AskingRule, GetAskingRule, SaveAskingRule};

use super::machine;
use crate::accounts::{self, Card};
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::store::Tx;

/// Reads whose requests the caller takes.
///
/// # Errors
/// Only failures.
pub async fn get_asking_rule(context: Context, caller: Caller, _: GetAskingRule) -> Result<AskingRule> {
    context
        .db
        .read(move |tx| {
            let who_may_ask = accounts::find_asking_rule(tx, caller.account)?;
            Ok(AskingRule { who_may_ask })
        })
        .await
}

/// Changes it, and tells the own devices alone. Requests that wait already stay.
///
/// # Errors
/// Only failures.
pub async fn save_asking_rule(context: Context, caller: Caller, wish: SaveAskingRule) -> Result<AskingRule> {
    let (account, now) = (caller.account, context.now());
    let who_may_ask = wish.who_may_ask;
    context
        .db
        .write(move |tx| {
            accounts::set_asking_rule(tx, account, who_may_ask)?;
            events::append(tx, account, now, NewEvent::ProfileChanged { account })?;
            Ok(AskingRule { who_may_ask })
        })
        .await
}

/// Whether the person of this card takes requests from `asker`.
///
/// # Errors
/// Only failures.
pub fn is_taken(tx: &mut Tx<'_>, asker: AccountId, card: &Card) -> Result<bool> {
    let rule = card.who_may_ask;
    // Where both answers are one, nobody's workplace is looked at.
    let is_colleague = machine::is_taken(rule, false) != machine::is_taken(rule, true)
        && accounts::is_colleague(tx, asker, card)?;
    Ok(machine::is_taken(rule, is_colleague))
}
