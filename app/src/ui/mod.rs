//! The design pieces: they draw, and know nothing of clinicians, messages or requests.
//!
//! Every word comes in as a `String` already in the person's language; every class name has its rules in `style/`.
//! The server and the browser draw the same markup from the same properties; what only a browser can do (open a modal
//! dialog, move the focus, run a timer) happens after hydration, in an effect or in an event's handler.

mod classes;

pub mod icon;
pub mod logo;

pub mod avatar;
pub mod badge;
pub mod button;

pub mod choice;
pub mod field;

pub mod page;
pub mod segments;

pub mod empty;
pub mod notice;
pub mod skeleton;

pub mod dialog;
pub mod menu;
pub mod toast;

pub use avatar::{Avatar, AvatarSize};
pub use badge::{Badge, Chip, ChipTone};
pub use button::{ButtonTone, IconButton, SubmitButton};
pub use choice::{Check, SelectField};
pub use dialog::Dialog;
pub use empty::{Drawing, Empty, EmptyDrawing};
pub use field::{Field, PasswordField, SearchField};
pub use icon::{ICONS_URL, Icon, IconName};
pub use logo::{BrandMark, Logo};
pub use menu::{MenuButton, MenuItem, MenuRule, MenuWord, SharedMenu};
pub use notice::{Notice, Strip, Tone};
pub use page::{PageHeader, Section};
pub use segments::{SegmentLink, Segments};
pub use skeleton::{SkeletonCards, SkeletonRows};
pub use toast::{ToastRegion, Toasts, provide_toasts, use_toasts};
