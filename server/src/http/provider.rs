//! The browser's way to the organisation's provider and back.
//!
//! `connexion` begins to sign in, `depart` sends the browser to the provider, `retour` is where it comes back to, and `fin`
//! finishes. Two of them are pages that lead on by themselves: a form may lead to no other site (`form-action`), and what
//! comes from another site brings none of our cookies (`SameSite=Strict`). So `depart` leaves by a page of ours, and `retour`
//! goes on by one: neither rule has an exception.

use std::future::{Ready, ready};

use app::accounts::{DEPARTURE, Language, ProviderRefusal, SIGN_IN_BY_PROVIDER, Secret, StartProviderSignIn};
use app::api::{ApiError, Operation};
use app::i18n::words::accounts::provider as t;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};

use super::limits::{Peer, Wish};
use super::operations::{Asker, Input};
use super::{Doors, api, pages, problem, session};
use crate::accounts::{self, Arrived, Purpose, RETURN, Returned};
use crate::error::{Error, Result};

const FINISH: &str = "/organisation/fin";
const SIGN_IN: &str = "/connexion";
const SECURITY: &str = "/parametres/securite";

/// What the provider sends along, and what of it goes on. Codes are long with some; nothing needs more than this.
const BROUGHT: [&str; 4] = ["code", "state", "iss", "error"];
const MAX_BYTES: usize = 8 * 1024;

pub(super) fn routes() -> Router<Doors> {
    Router::new()
        .route(SIGN_IN_BY_PROVIDER, get(begin))
        .route(DEPARTURE, get(depart))
        .route(RETURN, get(come_back))
        .route(FINISH, get(finish))
}

/// Begins to sign in: an ordinary link of the sign-in page leads here. Another site's leads to that page.
async fn begin(
    State(doors): State<Doors>,
    peer: Option<Extension<Peer>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let outcome = async {
        if session::is_led_from_elsewhere(&headers) || !accounts::is_open(&doors.context).await? {
            return Ok(pages::redirect(SIGN_IN));
        }
        let asker = session::asker(&doors, &Method::GET, &headers).await?;
        count(&doors, &asker, peer)?;
        let Asker::Visitor(visitor) = asker else {
            return Ok(pages::redirect("/accueil"));
        };
        let page = field(query.as_deref(), "suite").unwrap_or_default();
        let is_anew = field(query.as_deref(), "nouveau").is_some();
        let wish = StartProviderSignIn { page, is_anew };
        let wish = serde_json::to_string(&wish).map_err(|error| Error::failed("writing a wish", error))?;
        let entry = doors
            .operations
            .find(StartProviderSignIn::NAME)
            .ok_or(ApiError::NotFound)?;
        let slot = visitor.session.clone();
        let asker = Asker::Visitor(visitor);
        entry
            .answer(doors.context.clone(), asker, Input::Json(wish))
            .await?;
        let mut response = pages::redirect(DEPARTURE);
        with_cookies(&doors, &mut response, slot.take().as_ref());
        Ok(response)
    };
    settle(outcome.await, &headers)
}

/// Sends a browser to the provider, once it has begun.
async fn depart(State(doors): State<Doors>, headers: HeaderMap) -> Response {
    let outcome = async {
        if session::is_led_from_elsewhere(&headers) {
            return Ok(pages::redirect(SIGN_IN));
        }
        let visitor = session::visitor(&doors, &headers);
        let language = visitor.language;
        let door = visitor.session.door();
        match accounts::depart(&doors.context, door, language.tag()).await? {
            Ok(address) => {
                let label = doors.context.provider.as_ref().map(|provider| provider.label());
                let words = t::leaving(language, label.unwrap_or_default());
                Ok(lead_on(language, &words, &address))
            }
            Err((purpose, refusal)) => Ok(refuse(purpose, refusal)),
        }
    };
    settle(outcome.await, &headers)
}

/// Where the provider sends people back to: goes on to [`FINISH`] from a page of ours. Nothing is looked at here but its form.
fn come_back(RawQuery(query): RawQuery, headers: HeaderMap) -> Ready<Response> {
    let query = query.unwrap_or_default();
    let mut brought = form_urlencoded::Serializer::new(String::new());
    if query.len() <= MAX_BYTES {
        for name in BROUGHT {
            if let Some(value) = field(Some(&query), name) {
                brought.append_pair(name, &value);
            }
        }
    }
    let language = session::language(&headers);
    let address = format!("{FINISH}?{}", brought.finish());
    ready(lead_on(language, t::coming_back(language), &address))
}

/// Finishes: the browser has its cookies again.
async fn finish(
    State(doors): State<Doors>,
    peer: Option<Extension<Peer>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let outcome = async {
        if session::is_led_from_elsewhere(&headers) {
            return Ok(refuse(Purpose::SignIn, ProviderRefusal::Expired));
        }
        let query = query.filter(|query| query.len() <= MAX_BYTES);
        let brought = |name: &str| field(query.as_deref(), name);
        let returned = Returned {
            code: brought("code").map(Secret),
            state: brought("state").map(Secret),
            issuer: brought("iss"),
            error: brought("error"),
        };
        let asker = session::asker(&doors, &Method::GET, &headers).await?;
        count(&doors, &asker, peer)?;
        let slot = api::session_slot(&asker);
        let (visitor, caller) = match asker {
            Asker::Visitor(visitor) => (visitor, None),
            Asker::Caller(caller) | Asker::Held(caller, _) => {
                let mut visitor = session::visitor(&doors, &headers);
                visitor.session = caller.session.clone();
                (visitor, Some(caller))
            }
        };
        let arrived = accounts::arrive(&doors.context, &visitor, caller.as_ref(), returned).await?;
        let mut response = match &arrived {
            Arrived::Done(next) => pages::redirect(next),
            Arrived::NeedsCode(next) => pages::redirect(&format!("{SIGN_IN}?etape=code&suite={next}")),
            Arrived::Refused(purpose, refusal) => refuse(*purpose, *refusal),
        };
        if matches!(arrived, Arrived::Done(_))
            && let Some(ended) = doors.site.cookies.end_attempt()
        {
            response.headers_mut().append(header::SET_COOKIE, ended);
        }
        with_cookies(&doors, &mut response, slot.take().as_ref());
        Ok(response)
    };
    settle(outcome.await, &headers)
}

/// Counts a step of the way as a page is counted.
fn count(doors: &Doors, asker: &Asker, peer: Option<Extension<Peer>>) -> Result<()> {
    let peer = peer.map(|Extension(peer)| peer);
    Ok(doors.limits.count(asker, peer, Wish::Page, doors.context.now())?)
}

/// The page on which the way began, with why it led nowhere.
fn refuse(purpose: Purpose, refusal: ProviderRefusal) -> Response {
    let page = match purpose {
        Purpose::SignIn | Purpose::Join => SIGN_IN,
        Purpose::Link | Purpose::Proof => SECURITY,
    };
    pages::redirect(&format!("{page}?refus={}", refusal.word()))
}

fn with_cookies(doors: &Doors, response: &mut Response, change: Option<&crate::context::SessionChange>) {
    for value in change
        .map(|change| doors.site.cookies.headers(change))
        .unwrap_or_default()
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn settle(outcome: Result<Response>, headers: &HeaderMap) -> Response {
    outcome.unwrap_or_else(|error| match problem::refusal(error) {
        ApiError::NotFound => pages::redirect(SIGN_IN),
        refusal => problem::problem(&refusal, session::language(headers)),
    })
}

/// The field of a query, once; given twice it is none.
fn field(query: Option<&str>, name: &str) -> Option<String> {
    let query = query.unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let value = values.next()?.1.into_owned();
    values.next().is_none().then_some(value)
}

/// A page that leads on by itself, and by a link where the browser waits to be told.
fn lead_on(language: Language, words: &str, address: &str) -> Response {
    let (tag, words, address) = (language.tag(), in_html(words), in_html(address));
    let page = format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><title>Pli</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"refresh\" content=\"0; url={address}\"></head>\
         <body><main><h1>Pli</h1><p><a href=\"{address}\">{words}</a></p></main></body></html>"
    );
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn in_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_on_breaks_out_of_nothing() {
        assert_eq!(in_html("a\"b'c<d>e&f"), "a&quot;b&#39;c&lt;d&gt;e&amp;f");
    }

    #[test]
    fn a_field_that_is_given_twice_is_none() {
        assert_eq!(field(Some("code=a%20b&state=c"), "code"), Some("a b".to_owned()));
        assert_eq!(field(Some("code=a&code=b"), "code"), None);
        assert_eq!(field(None, "code"), None);
    }
}
