//! What awaits the person: the counts on the tabs and in the title.

mod api;

pub use api::{Badges, GetBadges};
