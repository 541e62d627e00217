//! How much may be asked in a while: by one account, by one of its devices, and from one address. It bounds what a stolen
//! session, a script gone wild or somebody who asks everybody for friendship can do; nobody who works with both hands comes
//! near it. Guessing has its own, stricter counts (`accounts::tries`). All of them are listed in `docs/limits.md`.
//!
//! - An **account** has a bucket for each kind of thing.
//! - One of its **devices** takes two thirds of it at most, so that who has stolen a session leaves its owner room.
//! - Who is not signed in is told apart by **address** alone, and only where that says something: not on this machine, and
//!   not behind a proxy. Many people share one address, so it is a wide bound.

use std::net::{IpAddr, Ipv6Addr};

use app::accounts::{
    ChangePassword, ConfirmIdentity, LockDevice, NoteActivity, RevokeDevice, SavePhoto, SignOut,
    SuspendAccount,
};
use app::api::{AccountId, AcknowledgeEvents, ApiError, DeviceId, Method, Operation, Timestamp};
use app::conversations::{ExportConversation, SearchMessages};
use app::friendships::{BlockAccount, CloseChannel, SendFriendRequest};
use app::reports::ReportAccount;

use super::buckets::{Buckets, Rate};
use super::operations::Asker;

/// What takes something away from whoever has got too far.
const ENDING: [&str; 8] = [
    SignOut::NAME,
    LockDevice::NAME,
    RevokeDevice::NAME,
    ChangePassword::NAME,
    ConfirmIdentity::NAME,
    CloseChannel::NAME,
    BlockAccount::NAME,
    SuspendAccount::NAME,
];

/// Where a request comes from, as its connection says.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wish<'a> {
    /// An operation, by its wire name.
    Operation(&'a str, Method),
    /// A page, drawn here.
    Page,
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Requests for friendship: each lands before another person.
    Request,
    /// Reports: each is read by an administrator.
    Report,
    /// Photos: each is decoded and made anew in three forms.
    Photo,
    /// Searches of messages: each reads what is laid out of all of an account's conversations.
    Search,
    /// Exports: each reads a whole conversation, and all of its files twice.
    Export,
    /// Parts of files: a message of ten files is some hundred of them. Their bytes have a bound of their own, each person's
    /// room.
    Part,
    /// Everything else that changes something, and searches of people.
    Other,
    /// What changes nothing.
    Read,
    /// What a page does by itself.
    Quiet,
    /// Pages that are drawn.
    Page,
    /// Pages that are drawn for who is not signed in. Browsers fetch one by themselves at each new version.
    Front,
    /// Whatever else somebody asks who is not signed in.
    Entry,
}

/// Whose bucket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Account(AccountId),
    Device(DeviceId),
    Address(IpAddr),
}

/// A bucket: whose, of what, and which of the kind's rates.
type Bucket = (Who, Kind, usize);

const fn rate(burst: i64, every_ms: i64) -> Rate {
    Rate { burst, every_ms }
}

impl Kind {
    /// `None` for what is never refused.
    fn of(wish: Wish<'_>) -> Option<Self> {
        match wish {
            Wish::Page => Some(Self::Page),
            Wish::Operation(_, Method::Get) => Some(Self::Read),
            // Whoever has stolen a session could keep its owner from it.
            Wish::Operation(name, _) if ENDING.contains(&name) => None,
            Wish::Operation(name, _) if name == AcknowledgeEvents::NAME || name == NoteActivity::NAME => {
                Some(Self::Quiet)
            }
            Wish::Operation(name, _) if name == SendFriendRequest::NAME => Some(Self::Request),
            Wish::Operation(name, _) if name == ReportAccount::NAME => Some(Self::Report),
            Wish::Operation(name, _) if name == SavePhoto::NAME => Some(Self::Photo),
            Wish::Operation(name, _) if name == SearchMessages::NAME => Some(Self::Search),
            Wish::Operation(ExportConversation::NAME, _) => Some(Self::Export),
            Wish::Operation(super::uploads::PART, _) => Some(Self::Part),
            Wish::Operation(..) => Some(Self::Other),
        }
    }

    /// Each of them holds.
    const fn rates(self) -> &'static [Rate] {
        match self {
            // Forty at once, then one each three minutes; over a day a hundred, then one each quarter of an hour.
            Self::Request => const { &[rate(40, 3 * 60_000), rate(100, 15 * 60_000)] },
            Self::Report => const { &[rate(10, 10 * 60_000)] },
            Self::Photo => const { &[rate(10, 30_000)] },
            // A page asks whenever the keys rest.
            Self::Search => const { &[rate(90, 333)] },
            // An export reads and writes all there is.
            Self::Export => const { &[rate(6, 10 * 60_000)] },
            Self::Part => const { &[rate(4_500, 13)] },
            Self::Other => const { &[rate(450, 67)] },
            Self::Read => const { &[rate(1_800, 17)] },
            Self::Quiet => const { &[rate(900, 67)] },
            Self::Page => const { &[rate(180, 167)] },
            // A house of thousands that changes its shift, or has a new version, behind one address.
            Self::Front => const { &[rate(3_000, 20)] },
            // What hashes has its own queue.
            Self::Entry => const { &[rate(600, 33)] },
        }
    }

    /// Whether one device shall leave room for the others. What is rare or lands before others is the account's as a whole.
    const fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Search | Self::Part | Self::Other | Self::Read | Self::Quiet | Self::Page
        )
    }
}

/// Two thirds of it.
const fn of_one_device(whole: Rate) -> Rate {
    rate(whole.burst * 2 / 3, whole.every_ms * 3 / 2)
}

/// What has been used up.
#[derive(Default)]
pub struct Limits {
    is_off: bool,
    is_behind_proxy: bool,
    used: Buckets<Bucket>,
}

impl Limits {
    /// Counts nothing: for load tests.
    pub fn off() -> Self {
        Self {
            is_off: true,
            ..Self::default()
        }
    }

    /// Where every connection is the proxy's, no address tells people apart.
    pub fn behind_proxy() -> Self {
        Self {
            is_behind_proxy: true,
            ..Self::default()
        }
    }

    /// Counts what somebody asks, and lets it through or says how long to wait.
    ///
    /// # Errors
    /// `TooMany`.
    pub(super) fn count(
        &self,
        asker: &Asker,
        peer: Option<Peer>,
        wish: Wish<'_>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        if self.is_off {
            return Ok(());
        }
        let wanted = match asker {
            Asker::Caller(caller) | Asker::Held(caller, _) => {
                let Some(kind) = Kind::of(wish) else { return Ok(()) };
                of_account(caller.account, caller.device, kind)
            }
            Asker::Visitor(_) => match (peer.and_then(|peer| self.address(peer)), wish) {
                // What only reads is refused at no cost.
                (None, _) | (_, Wish::Operation(_, Method::Get)) => return Ok(()),
                (Some(address), Wish::Page) => of_address(address, Kind::Front),
                (Some(address), _) => of_address(address, Kind::Entry),
            },
        };
        self.used.take(&wanted, now)
    }

    /// What tells people apart by where they are; `None` where it tells nothing.
    fn address(&self, Peer(address): Peer) -> Option<IpAddr> {
        let address = line_of(address);
        let says_something = !self.is_behind_proxy && !address.is_loopback();
        says_something.then_some(address)
    }
}

/// How many of the first bits of an IPv6 address name a line: a provider gives a household a /56 rather than a /64, so that
/// it has 256 networks to choose from (RFC 6177; BCOP RIPE-690, section 4.2).
const LINE_BITS: u32 = 56;

/// What one line has: an address, or of the longer ones the part that its owner cannot choose. The machine itself stays whole.
pub(super) fn line_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let chosen_by_provider = u128::MAX << (u128::BITS - LINE_BITS);
            Ipv6Addr::from_bits(address.to_bits() & chosen_by_provider).into()
        }
        address => address,
    }
}

fn of_account(account: AccountId, device: DeviceId, kind: Kind) -> Vec<(Bucket, Rate)> {
    let mut wanted = Vec::new();
    for (index, whole) in kind.rates().iter().enumerate() {
        wanted.push(((Who::Account(account), kind, index), *whole));
        if kind.is_shared() {
            wanted.push(((Who::Device(device), kind, index), of_one_device(*whole)));
        }
    }
    wanted
}

fn of_address(address: IpAddr, kind: Kind) -> Vec<(Bucket, Rate)> {
    let rates = kind.rates().iter().enumerate();
    rates
        .map(|(index, rate)| ((Who::Address(address), kind, index), *rate))
        .collect()
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
