//! How far a recording has come, and what stopped it.

/// The most that is recorded in one piece, in milliseconds.
///
/// Source: five minutes of speech are 1.8 MB, which a phone sends in seconds and a colleague still listens to.
pub const MOST_MS: u32 = 5 * 60 * 1_000;

/// How far a recording has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing is recorded.
    #[default]
    Ready,
    /// The browser asks for the microphone.
    Asking,
    /// It goes on.
    Going,
    /// It waits, and may go on.
    Paused(Halt),
    /// It has ended, and may be heard, recorded anew, attached or thrown away.
    Kept(Halt),
    /// There is none, and why.
    Refused(Refusal),
}

/// Why a recording does not go on. What was said until then is always kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The person wanted so.
    Person,
    /// The page is not seen any more.
    Hidden,
    /// The microphone was pulled, or something else has taken it.
    Taken,
    /// It has waited too long: the microphone is open meanwhile.
    Waited,
    /// It is as long as it may be.
    Full,
}

impl Halt {
    /// As `voice.js` names it.
    pub fn of(why: &str) -> Self {
        match why {
            "hidden" => Self::Hidden,
            "taken" => Self::Taken,
            "waited" => Self::Waited,
            "full" => Self::Full,
            _ => Self::Person,
        }
    }
}

/// Why there is no recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The page came over a line that others can read: browsers give no microphone there.
    Insecure,
    /// The browser does not record, or in no format that may be sent.
    Unable,
    /// The person, or whoever keeps the device, has said no.
    NotAllowed,
    /// The device has no microphone.
    NoMicrophone,
    /// Another program has it.
    Busy,
    /// Anything else.
    Broken,
}

impl Refusal {
    /// By the name of the browser's error.
    ///
    /// Source: W3C Media Capture and Streams, section 10.2.
    pub fn of(name: &str) -> Self {
        match name {
            "NotAllowedError" | "SecurityError" => Self::NotAllowed,
            "NotFoundError" | "OverconstrainedError" => Self::NoMicrophone,
            "NotReadableError" | "AbortError" => Self::Busy,
            "NotSupportedError" | "TypeError" => Self::Unable,
            _ => Self::Broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_a_browser_has_words_of_its_own() {
        for (name, refusal) in [
            ("NotAllowedError", Refusal::NotAllowed),
            ("NotFoundError", Refusal::NoMicrophone),
            ("NotReadableError", Refusal::Busy),
            ("NotSupportedError", Refusal::Unable),
            ("", Refusal::Broken),
        ] {
            assert_eq!(Refusal::of(name), refusal);
        }
    }

    #[test]
    fn what_nobody_has_said_is_what_the_person_wanted() {
        assert_eq!(Halt::of(""), Halt::Person);
        assert_eq!(Halt::of("waited"), Halt::Waited);
        assert_eq!(Halt::of("full"), Halt::Full);
    }
}
