//! The demonstration: fifteen fictitious clinicians on this machine, and a database that is deleted at the end.
//!
//! It is the same program over the same rules: the people's story is told through them, act by act, with a clock that
//! stands at the moment of each. Nobody acts by script afterwards: what happens, the newcomer does.

mod history;
mod people;
mod story;

mod clock;
mod personas;
mod seed;

use app::demo::ListPersonas;

use crate::http::operations::Operations;

pub use app::demo::PASSWORD;
pub use clock::SeedClock;
pub use personas::list_personas;
pub use seed::seed;

/// Whose story it is.
pub const FIRST_EMAIL: &str = "camille.tremblay@demo.example";

/// Adds the operations that only the demonstration has to the table.
pub fn register(operations: &mut Operations) {
    operations.anyone::<ListPersonas, _, _>(list_personas);
}
