//! Who is asking: finds the session of a request, and checks that a browser's request comes from our own pages.

use app::accounts::{Language, Secret};
use app::api::{AccountId, ApiError, DeviceId};
use axum::http::{HeaderMap, HeaderValue, Method, header};

use super::Doors;
use super::operations::Asker;
use crate::accounts;
use crate::context::{Caller, Door, SessionChange, SessionSlot, Visitor};
use crate::error::Result;

/// How the session cookie is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieMode {
    /// Over TLS: `__Host-`, Secure.
    Secure,
    /// On plain-HTTP loopback, where some browsers refuse the above.
    PlainLoopback,
}

impl CookieMode {
    /// The cookie's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-pli",
            Self::PlainLoopback => "pli",
        }
    }

    /// The name of the cookie that a browser is known again by.
    pub const fn browser_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-pli-browser",
            Self::PlainLoopback => "pli-browser",
        }
    }

    /// The name of the cookie that holds a way to the provider.
    pub const fn attempt_name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-pli-attempt",
            Self::PlainLoopback => "pli-attempt",
        }
    }

    /// The `Set-Cookie` headers of what happened to a session.
    pub fn headers(self, change: &SessionChange) -> Vec<HeaderValue> {
        let cookie = |name: &str, value: &str, age_s: u32| self.cookie(name, value, age_s);
        let cookies = match change {
            SessionChange::Opened {
                token: Secret(token),
                browser,
            } => {
                let browser = browser.as_ref();
                let known = browser.and_then(|key| cookie(self.browser_name(), &key.0, YEAR_S));
                [cookie(self.name(), token, YEAR_S), known]
            }
            SessionChange::Ended => [cookie(self.name(), "", 0), None],
            SessionChange::Departed {
                attempt: Secret(attempt),
            } => [cookie(self.attempt_name(), attempt, ATTEMPT_S), None],
        };
        cookies.into_iter().flatten().collect()
    }

    /// Takes the cookie of a way to the provider back.
    pub(super) fn end_attempt(self) -> Option<HeaderValue> {
        self.cookie(self.attempt_name(), "", 0)
    }

    fn cookie(self, name: &str, value: &str, age_s: u32) -> Option<HeaderValue> {
        let secure = if self == Self::Secure { "; Secure" } else { "" };
        let rest = "Path=/; HttpOnly; SameSite=Strict";
        HeaderValue::from_str(&format!("{name}={value}; {rest}; Max-Age={age_s}{secure}")).ok()
    }
}

/// Browsers forget a cookie a year after it was last set.
const YEAR_S: u32 = 31_536_000;
/// A way to the provider is over by then.
const ATTEMPT_S: u32 = 600;

/// A session as a request brought it.
enum Brought {
    Cookie(String),
    Bearer(String),
    Nothing,
}

/// The cookie of that name.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

fn brought(doors: &Doors, headers: &HeaderMap) -> Brought {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    if let Some(token) = bearer {
        return Brought::Bearer(token.trim().to_owned());
    }
    match cookie(headers, doors.site.cookies.name()) {
        Some(token) if !token.is_empty() => Brought::Cookie(token.to_owned()),
        _ => Brought::Nothing,
    }
}

/// The language asked for: the page's cookie first, then the browser's wish.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let wish = cookie(headers, "lang").or_else(|| {
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
    });
    wish.map(Language::from_tag).unwrap_or_default()
}

/// Finds out who asks, and refuses a browser's change that another site has started.
///
/// # Errors
/// `ForeignOrigin` when a request that changes something comes from elsewhere.
pub(super) async fn asker(doors: &Doors, method: &Method, headers: &HeaderMap) -> Result<Asker> {
    let brought = brought(doors, headers);
    if method != Method::GET && !matches!(brought, Brought::Bearer(_)) {
        let has_session = matches!(brought, Brought::Cookie(_));
        check_origin(doors, headers, has_session)?;
    }
    let token = match brought {
        Brought::Cookie(token) | Brought::Bearer(token) => token,
        Brought::Nothing => return Ok(Asker::Visitor(visitor(doors, headers))),
    };
    let found = accounts::find_session(&doors.context, &token).await?;
    let drawn_for = headers.get("x-pli-account").and_then(|value| value.to_str().ok());
    let is_for_another =
        |account: AccountId| drawn_for.is_some_and(|drawn_for| drawn_for != account.to_string());
    Ok(match found {
        // An old page of somebody else in the same browser: what it asks is not this person's wish.
        Some(found) if is_for_another(found.account) => Asker::Visitor(visitor(doors, headers)),
        Some(found) if found.is_locked => {
            let mut visitor = visitor(doors, headers);
            let mut door = door(doors, headers);
            door.locked = Some((found.account, found.device));
            visitor.session = SessionSlot::at(door);
            Asker::Visitor(visitor)
        }
        Some(found) => {
            let mut door = door(doors, headers);
            door.is_activity_due = found.is_activity_due;
            let caller = Caller {
                account: found.account,
                device: found.device,
                is_admin: found.is_admin,
                language: found.language,
                session: SessionSlot::at(door),
            };
            match found.hold {
                Some(hold) => Asker::Held(caller, hold),
                None => Asker::Caller(caller),
            }
        }
        None => Asker::Visitor(visitor(doors, headers)),
    })
}

/// Finds out who reads, where no page leads to by a link: what another site asks for is refused.
///
/// # Errors
/// `ForeignOrigin` when the request comes from elsewhere.
pub(super) async fn reader(doors: &Doors, headers: &HeaderMap) -> Result<Asker> {
    if !matches!(brought(doors, headers), Brought::Bearer(_)) {
        check_origin(doors, headers, false)?;
    }
    asker(doors, &Method::GET, headers).await
}

/// Somebody unknown, who sends these headers.
pub(super) fn visitor(doors: &Doors, headers: &HeaderMap) -> Visitor {
    let door = door(doors, headers);
    Visitor {
        device_name: door.device_name.clone(),
        language: language(headers),
        session: SessionSlot::at(door),
    }
}

/// What these headers tell of the browser.
fn door(doors: &Doors, headers: &HeaderMap) -> Door {
    let user_agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let held = |name: &str| {
        let key = cookie(headers, name).filter(|key| !key.is_empty());
        key.map(|key| Secret(key.to_owned()))
    };
    Door {
        is_activity_due: false,
        locked: None,
        browser: held(doors.site.cookies.browser_name()),
        attempt: held(doors.site.cookies.attempt_name()),
        origin: doors.site.public_origin.clone().or_else(|| {
            let host = headers.get(header::HOST)?.to_str().ok()?;
            let scheme = match doors.site.cookies {
                CookieMode::Secure => "https",
                CookieMode::PlainLoopback => "http",
            };
            Some(format!("{scheme}://{host}"))
        }),
        device_name: accounts::device_name(user_agent.unwrap_or_default()),
    }
}

/// Whether this device is still signed in.
pub(super) async fn is_signed_in(doors: &Doors, device: DeviceId) -> Result<bool> {
    accounts::is_signed_in(&doors.context, device).await
}

/// Whether a browser says that another site leads here: by a link, a form, a picture.
pub(super) fn is_led_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// A request that changes something must come from our own pages, when a browser sends it.
///
/// Browsers name the page's origin on every POST, where it is required, and on what they read for another site;
/// `Sec-Fetch-Site` says the same where it exists.
fn check_origin(doors: &Doors, headers: &HeaderMap, is_required: bool) -> Result<()> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if is_led_from_elsewhere(headers) {
        return Err(ApiError::ForeignOrigin.into());
    }
    let is_ours = match text(header::ORIGIN) {
        None => !is_required,
        Some(origin) => {
            if let Some(public) = &doors.site.public_origin {
                origin == public
            } else {
                let host = text(header::HOST).unwrap_or_default();
                origin
                    .split_once("://")
                    .is_some_and(|(_, authority)| !host.is_empty() && authority == host)
            }
        }
    };
    if is_ours {
        Ok(())
    } else {
        Err(ApiError::ForeignOrigin.into())
    }
}
