//! Whom the sign-in page of the demonstration offers.

use app::demo::{ListPersonas, Persona, Personas};

use super::people::{PERSONAS, email};
use crate::accounts;
use crate::context::{Context, Visitor};
use crate::error::Result;

/// Lists the people one may be, in the order of the sign-in page. Who has been suspended or renamed meanwhile is listed
/// as they are now.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn list_personas(context: Context, _visitor: Visitor, _wish: ListPersonas) -> Result<Personas> {
    let personas = context
        .db
        .read(|tx| {
            let mut personas = Vec::new();
            for mailbox in PERSONAS {
                let email = email(mailbox);
                let Some(account) = accounts::find_by_email(tx, &email)? else {
                    continue;
                };
                let Some(card) = accounts::find_card(tx, account)? else {
                    continue;
                };
                personas.push(Persona {
                    account,
                    email,
                    name: card.shown_name(),
                    profession: card.profession,
                    photo: card.photo_version,
                });
            }
            Ok(personas)
        })
        .await?;
    Ok(Personas { personas })
}
