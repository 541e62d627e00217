//! Icons: one sprite, one name for each drawing.
//!
//! An icon is always decoration here: the word beside it, or the name of the button around it, says what it means.

use leptos::prelude::*;

use super::classes::joined;

/// Address of the sprite, with the hash of its content; the build sets it.
pub const ICONS_URL: &str = env!("PLI_ICONS_URL");

macro_rules! icon_names {
    ($($variant:ident => $id:literal,)*) => {
        /// The drawings of the sprite `public/icons.svg`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum IconName {
            $(#[doc = concat!("The symbol `", $id, "`.")] $variant,)*
        }

        impl IconName {
            /// All of them, in the sprite's order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The id of the symbol in the sprite.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }
        }
    };
}

icon_names! {
    Home => "home",
    Network => "network",
    Person => "person",
    PersonPlus => "person-plus",
    PersonCheck => "person-check",
    Plane => "plane",
    Clock => "clock",
    Check => "check",
    DoubleCheck => "double-check",
    Lock => "lock",
    Unlock => "unlock",
    Ban => "ban",
    Paperclip => "paperclip",
    Camera => "camera",
    Microphone => "microphone",
    ArrowUp => "arrow-up",
    ArrowDown => "arrow-down",
    ArrowLeft => "arrow-left",
    ArrowRight => "arrow-right",
    Search => "search",
    Close => "close",
    More => "more",
    Bell => "bell",
    BellOff => "bell-off",
    Device => "device",
    Desktop => "desktop",
    Mobile => "mobile",
    Shield => "shield",
    ShieldCheck => "shield-check",
    Key => "key",
    Moon => "moon",
    Sun => "sun",
    Settings => "settings",
    Help => "help",
    SignOut => "sign-out",
    Image => "image",
    File => "file",
    Pdf => "pdf",
    Play => "play",
    Pause => "pause",
    Reply => "reply",
    Smile => "smile",
    Edit => "edit",
    Compose => "compose",
    Trash => "trash",
    Star => "star",
    Pin => "pin",
    Warning => "warning",
    Offline => "offline",
    Refresh => "refresh",
    ChevronRight => "chevron-right",
    ChevronLeft => "chevron-left",
    ChevronDown => "chevron-down",
    Globe => "globe",
    Phone => "phone",
    Download => "download",
    Plus => "plus",
    Heart => "heart",
    Thumb => "thumb",
    Eye => "eye",
    Hand => "hand",
    Copy => "copy",
    Crop => "crop",
    Blur => "blur",
    Bar => "bar",
    Letter => "letter",
    Building => "building",
    Print => "print",
    HomeFilled => "home-filled",
    NetworkFilled => "network-filled",
    PersonFilled => "person-filled",
    PlaneFilled => "plane-filled",
    StarFilled => "star-filled",
}

/// An icon of 24 px, hidden from screen readers.
#[component]
pub fn Icon(
    /// The drawing.
    name: IconName,
    /// 18 px instead of 24.
    #[prop(optional)]
    small: bool,
    /// More classes, for instance `icon--on`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let classes = joined(if small { "icon icon--small" } else { "icon" }, class);
    let href = format!("{ICONS_URL}#{}", name.as_str());
    view! {
        <svg class=classes aria-hidden="true">
            <use href=href />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::IconName;

    const SPRITE: &str = include_str!("../../../public/icons.svg");

    #[test]
    fn every_icon_is_in_the_sprite_and_every_symbol_has_a_name() {
        for icon in IconName::ALL {
            let symbol = format!(r#"<symbol id="{}""#, icon.as_str());
            assert!(SPRITE.contains(&symbol), "the sprite lacks {symbol}");
        }

        assert_eq!(SPRITE.matches("<symbol ").count(), IconName::ALL.len());
    }

    #[test]
    fn the_sprite_keeps_to_the_strict_policy() {
        assert!(!SPRITE.contains("style="), "an inline style would be refused");
    }
}
