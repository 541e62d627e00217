//! The demonstration: who one may be, and two people side by side.
//!
//! Everything here shows itself only where the page's start says that this is the demonstration.

mod api;

mod personas;
mod strip;

mod double;
mod people;
mod polling;
mod side;

pub use api::{ListPersonas, PASSWORD, Persona, Personas};
pub use double::DoublePage;
pub use personas::PersonaChoice;
pub use strip::DemoStrip;
