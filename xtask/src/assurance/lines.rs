//! The lines of assurance: what is promised, each under an id that tests name and that never changes its meaning.

/// One promise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Family and number: `AUTH-01`.
    pub(super) id: &'static str,
    /// The promise, in one line.
    pub(super) promise: &'static str,
    /// Why no test names it; empty when nothing is to be said.
    pub(super) missing: &'static str,
    /// The step of a command that shows it, where no test can; empty otherwise.
    pub(super) step: &'static str,
}

impl Line {
    pub(super) const fn shown(id: &'static str, promise: &'static str) -> Self {
        Self {
            id,
            promise,
            missing: "",
            step: "",
        }
    }

    pub(super) const fn open(id: &'static str, promise: &'static str, missing: &'static str) -> Self {
        Self {
            id,
            promise,
            missing,
            step: "",
        }
    }

    pub(super) const fn by_step(id: &'static str, promise: &'static str, step: &'static str) -> Self {
        Self {
            id,
            promise,
            missing: "",
            step,
        }
    }
}

#[rustfmt::skip] // A line each, as the table that is made of it.
pub(super) static LINES: [Line; 87] = [
    // Who is there.
    Line::shown("AUTH-01", "Passwords rest under Argon2id with a pepper outside the database; an old cost is renewed at the next sign-in"),
    Line::shown("AUTH-02", "Many who sign in at once are hashed two at a time; the rest wait or are told to come back"),
    Line::shown("AUTH-03", "Long passwords in any script are taken, short, obvious and leaked ones are refused"),
    Line::shown("AUTH-04", "Guessing reaches few hashes, and keeps nobody out of a browser that they have used before"),
    Line::shown("AUTH-05", "Who has an account is told to nobody who does not know the password"),
    Line::shown("AUTH-06", "A passkey signs its owner in; whatever lies in its ceremony is refused"),
    Line::shown("AUTH-07", "Codes of an authenticator app and recovery codes count once, and rest so that the database alone opens nothing"),
    Line::shown("AUTH-08", "What an identity provider says is believed only when all of it fits"),
    Line::shown("AUTH-09", "A sign-in makes a new random token, of which the database has a hash alone"),
    Line::shown("AUTH-10", "Whatever ends a session ends its calls and its stream within a second, in whichever process it was ended"),
    Line::shown("AUTH-11", "A device that no person touches locks, then signs out; only a person counts"),
    Line::shown("AUTH-12", "Of two clinicians at one tablet neither sees anything of the other"),
    Line::shown("AUTH-13", "People see their devices and what changed; changing what protects an account asks for a fresh proof"),
    Line::shown("AUTH-14", "An organisation may require a second factor of everybody; an administrator starts a reset and chooses nothing"),
    // Who may do what.
    Line::shown("AZ-01", "Every operation has its row: who may call it, in which relation, in which state"),
    Line::shown("AZ-02", "An id of somebody else opens nothing"),
    Line::shown("AZ-03", "Not yours and not there look the same and take the same time"),
    Line::shown("AZ-04", "Nobody is told anything of a conversation that is not theirs"),
    Line::shown("AZ-05", "A message that races with the closing of its channel is stored before it or refused"),
    Line::shown("AZ-06", "No order of acts lets anybody write without two consents"),
    Line::shown("AZ-07", "A block looks like silence"),
    Line::shown("AZ-08", "No operation shows words to administrators or operators, but copies of messages that a person has chosen to attach to a report"),
    Line::shown("AZ-09", "Direct messages know no patient, and patient records no message"),
    Line::shown("AZ-10", "A request with a field that its operation does not know is refused"),
    Line::shown("AZ-11", "No page of another site learns whether somebody is signed in"),
    // At rest.
    Line::shown("ENC-01", "No word is found in what is stored or logged; with the keys, every one is"),
    Line::shown("ENC-02", "What is sealed opens in its own place alone"),
    Line::shown("ENC-03", "The wrapping key is changed while the server writes, and a change that was stopped goes on"),
    Line::shown("ENC-04", "Nonces are drawn and never come twice; each record says how it is sealed"),
    Line::shown("ENC-05", "Searching leaves no word in clear on the disk"),
    Line::shown("ENC-06", "Keys are wiped from memory, and a server leaves no dump"),
    Line::shown("INT-01", "Every act leaves its row in a signed chain; whatever is changed in it is found"),
    Line::shown("INT-02", "Without its row no act is done"),
    Line::shown("INT-03", "A flipped bit never becomes a wrong text"),
    Line::shown("ERA-01", "An erased conversation leaves no byte of a word or a key"),
    Line::open("ERA-02", "An organisation says how long messages are kept; a legal hold goes before", "retention is not built yet"),
    Line::shown("EXP-01", "A participant exports the own conversation whole, and nobody else does"),
    // Attachments.
    Line::shown("ATT-01", "Files are taken by what they are, and none runs in a browser"),
    Line::shown("ATT-02", "Pictures are made anew, apart from the server, without what the camera wrote"),
    Line::shown("ATT-03", "A file that unpacks to much more than it is, is refused at once"),
    Line::shown("ATT-04", "Files are handed out so that a browser only keeps them"),
    Line::shown("ATT-05", "Each part of a file is handed out to those who may alone"),
    Line::shown("ATT-06", "An upload that is cut goes on, and leaves nothing behind"),
    Line::shown("ATT-07", "A file waits until it was scanned"),
    // In a browser.
    Line::shown("WEB-01", "Every answer says what may run, and no page runs more"),
    Line::shown("WEB-02", "A page's nonce is long and used once"),
    Line::shown("WEB-03", "Every answer carries the headers that keep other sites out"),
    Line::shown("WEB-04", "The session's cookie is for this host alone, and no script reads it"),
    Line::shown("WEB-05", "Nothing is changed from another site, by a link, or by a form of another kind"),
    Line::shown("WEB-06", "A stream opens for our own pages alone, and asks again who is there"),
    Line::shown("WEB-07", "A browser keeps the shell, never a page or an answer"),
    Line::shown("WEB-08", "Signing out destroys what a browser kept, without a network too"),
    Line::shown("WEB-09", "What a browser keeps is sealed under a secret that the server gives and destroys"),
    Line::shown("WEB-10", "No text of anybody's runs or becomes a part of a page"),
    Line::open("PRV-01", "What wakes a device says nothing", "notifications of the system are not built yet"),
    Line::shown("PRV-02", "Addresses of pages hold ids alone"),
    Line::shown("PRV-03", "No page asks anything of another host"),
    // What it is built of.
    Line::by_step("SUP-01", "Libraries have licences and sources that are allowed, and no known weakness", "licences and sources: `cargo xtask test`, the step of `xtask/src/supply.rs`; weaknesses: `cargo xtask advisories`, before a release, up to the day of the database, which it prints"),
    Line::open("SUP-02", "A list of all parts, and two builds that give the same file", "`cargo xtask sbom` makes the list (`xtask/src/sbom.rs`), and the program carries one (`xtask/src/embedded.rs`); `cargo xtask reproduce` has not been run to its end"),
    Line::by_step("SUP-03", "No `unsafe` code of ours, and no more libraries than agreed", "`Cargo.toml` forbids `unsafe`, so that it does not compile; `cargo xtask test`, the step of `xtask/src/supply.rs`"),
    Line::open("SUP-04", "Tests notice when what they test is changed", "`cargo xtask mutants` measures it; no score is written down yet"),
    // Nothing is lost.
    Line::shown("REL-01", "A killed server has kept what it acknowledged, once and in order"),
    Line::shown("REL-02", "A server whose power was cut has kept what it acknowledged"),
    Line::shown("REL-03", "On a disk that refuses nothing is acknowledged, and it is not believed again before a new start"),
    Line::shown("REL-04", "A message that is sent again, by whatever device and however late, is one"),
    Line::shown("REL-05", "All devices read the same transcript, without a gap"),
    Line::shown("REL-06", "A line that is cut anywhere shows every message once"),
    Line::shown("REL-07", "An answer that was lost is asked for again, and the message is one"),
    Line::shown("REL-08", "A slow device costs little and holds nobody up"),
    Line::open("REL-09", "Ten thousand devices that are cut off at once are back within a minute", "measured by `server/benches/pli/crowd.rs`, asserted by no test"),
    Line::shown("REL-10", "A full disk refuses writing, goes on reading, and writes again once there is room"),
    Line::shown("REL-11", "A clock that jumps changes no order and makes no session immortal"),
    Line::open("REL-12", "Another process that holds the database makes writers wait, then come back", "no test"),
    Line::shown("REL-13", "A database that starts again is found again, and nothing acknowledged is lost"),
    Line::open("REL-14", "Of two machines one may fail", "two processes on one PostgreSQL are supported; no test takes one away"),
    Line::open("REL-15", "Old and new versions run beside each other while one replaces the other", "not supported yet: every process of the earlier version stops first"),
    Line::shown("REL-16", "A page of an older version is answered as it was, or told to load again"),
    Line::shown("REL-17", "A server that is asked to stop loses nothing and leaves nothing half said"),
    Line::open("REL-18", "`/livez` asks no database, `/readyz` tells when it is gone", "`server/tests/proof/refusing_disks.rs` sees `/readyz` of a full disk; no test takes the database away"),
    Line::open("REL-19", "A copy that is made under load is whole, and is put back in a drill", "no command for copies yet"),
    Line::shown("REL-20", "Pli does not start where an acknowledged message could be lost"),
    Line::shown("REL-21", "Simulated hours of devices and a bad network lose nothing; planted bugs are found"),
    Line::open("REL-22", "Small models of what runs at once are explored whole", "not built"),
    Line::shown("REL-23", "Whatever is parsed is fuzzed"),
    Line::shown("REL-24", "Every operation is called with what its description allows and forbids"),
    Line::shown("REL-25", "A browser whose network is cut at bad moments loses nothing and shows the truth"),
    Line::open("REL-26", "A day under load leaves memory and times as they were", "not run"),
];
