//! What the Enter key does in the compose box.
//!
//! Source: ux C2; a tablet with a keyboard that cannot send is the top complaint about every peer.

use crate::accounts::EnterKey;

/// The keyboard as far as a page can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyboard {
    /// A mouse or a trackpad is there.
    pub(super) has_fine_pointer: bool,
    /// The screen is a phone's.
    pub(super) is_phone: bool,
    /// The visible page is shorter than when the box took the focus: a keyboard stands on the screen.
    pub(super) has_shrunk: bool,
}

/// A press of Enter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Press {
    /// With Shift.
    pub(super) shift: bool,
    /// With Ctrl or ⌘.
    pub(super) control: bool,
    /// While a word is being composed (dead keys, input methods).
    pub(super) is_composing: bool,
}

/// Whether the press sends the message; otherwise it is a new line.
pub(super) fn sends(setting: EnterKey, press: Press, keyboard: Keyboard) -> bool {
    if press.is_composing {
        return false;
    }
    if press.control {
        return true;
    }
    if press.shift {
        return false;
    }
    match setting {
        EnterKey::Sends => true,
        EnterKey::NewLine => false,
        EnterKey::Auto => !keyboard.has_shrunk && (keyboard.has_fine_pointer || !keyboard.is_phone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: Keyboard = Keyboard {
        has_fine_pointer: true,
        is_phone: false,
        has_shrunk: false,
    };
    const PHONE: Keyboard = Keyboard {
        has_fine_pointer: false,
        is_phone: true,
        has_shrunk: true,
    };
    const TABLET: Keyboard = Keyboard {
        has_fine_pointer: false,
        is_phone: false,
        has_shrunk: true,
    };
    const TABLET_WITH_KEYS: Keyboard = Keyboard {
        has_shrunk: false,
        ..TABLET
    };
    const PLAIN: Press = Press {
        shift: false,
        control: false,
        is_composing: false,
    };

    #[test]
    fn automatic_sends_with_a_hardware_keyboard_alone() {
        assert!(sends(EnterKey::Auto, PLAIN, DESK));
        assert!(sends(EnterKey::Auto, PLAIN, TABLET_WITH_KEYS));
        assert!(!sends(EnterKey::Auto, PLAIN, TABLET));
        assert!(!sends(EnterKey::Auto, PLAIN, PHONE));
        assert!(!sends(
            EnterKey::Auto,
            PLAIN,
            Keyboard {
                has_shrunk: false,
                ..PHONE
            }
        ));
    }

    #[test]
    fn shift_is_always_a_line_and_control_always_sends() {
        for keyboard in [DESK, PHONE, TABLET, TABLET_WITH_KEYS] {
            for setting in [EnterKey::Auto, EnterKey::Sends, EnterKey::NewLine] {
                assert!(!sends(setting, Press { shift: true, ..PLAIN }, keyboard));
                assert!(sends(
                    setting,
                    Press {
                        control: true,
                        ..PLAIN
                    },
                    keyboard
                ));
                assert!(!sends(
                    setting,
                    Press {
                        is_composing: true,
                        control: true,
                        ..PLAIN
                    },
                    keyboard
                ));
            }
            assert!(sends(EnterKey::Sends, PLAIN, keyboard));
            assert!(!sends(EnterKey::NewLine, PLAIN, keyboard));
        }
    }
}
