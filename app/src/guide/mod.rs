//! The three steps of the help page: as a page to read, and as a coach that points at the real controls.
//!
//! Source: help page « Échanger des messages directs », step by step.

pub mod coach;
pub mod help;
mod progress;

pub use coach::Coach;
pub use help::HelpPage;
pub use progress::is_under_way;
