//! An OpenID provider, as far as Pli can tell it from a real one: it describes itself, gives codes, knows its client, checks
//! PKCE, signs tokens; and it can be made to lie in each of these.
//!
//! Source: OpenID Connect Core 1.0; RFC 7636; RFC 7517 (keys).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures::stream;
use serde_json::{Value, json};
use server::clock::{Clock, ManualClock};
use server::openid::Settings;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::secret;
use super::signers::Signer;

/// What it calls Pli.
pub(super) const CLIENT: &str = "pli";
/// What Pli proves itself with; whatever a form or a header has to write otherwise is in it.
pub(super) const SECRET: &str = "un secret: ü+/&=";

/// A token before it is signed.
pub(super) struct Token {
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) signer: Signer,
    /// Which of its characters is another one once it is signed.
    pub(super) damaged: Option<usize>,
}

impl Token {
    /// Sets a claim.
    pub(super) fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims[name] = value.into();
    }

    /// Leaves a claim out.
    pub(super) fn forget(&mut self, name: &str) {
        self.claims.as_object_mut().unwrap().remove(name);
    }
}

/// How it answers at one of its addresses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mood {
    Fine,
    Status(u16),
    /// To another address, which would answer well.
    Redirects,
    /// Without end.
    Endless,
    /// With nothing, for ever.
    Silent,
    /// With what cannot be read.
    Garbage,
    /// Well, once it is let go on ([`HostileProvider::go_on`]).
    Waits,
}

/// How it wants its client to prove who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// By its secret, in a header.
    Basic,
    /// By its secret, in the form.
    Post,
    /// Not at all: it has no secret.
    Public,
}

/// One of its addresses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Door {
    Description,
    Keys,
    Tokens,
}

/// Whom it recognises, and how surely.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) subject: String,
    pub(super) acr: Option<&'static str>,
    /// How many seconds ago they have proven who they are, if it says so.
    pub(super) proven_s_ago: Option<i64>,
}

/// Somebody who has just shown who they are.
pub(super) fn known(subject: &str) -> Known {
    Known {
        subject: subject.to_owned(),
        acr: None,
        proven_s_ago: Some(0),
    }
}

struct Grant {
    known: Known,
    nonce: String,
    challenge: String,
    redirect: String,
}

type Twist<T> = Option<Box<dyn Fn(&mut T) + Send>>;

struct Inside {
    signer: Signer,
    key_name: String,
    published: Vec<Value>,
    twist: Twist<Token>,
    redescribe: Twist<Value>,
    moods: [Mood; 3],
    n_asked: [usize; 3],
    grants: HashMap<String, Grant>,
    n_codes: usize,
    n_refused: usize,
    proof: Proof,
}

#[derive(Clone)]
struct Shared {
    clock: Arc<ManualClock>,
    issuer: String,
    inside: Arc<Mutex<Inside>>,
    /// Holds those who wait.
    gate: Arc<Semaphore>,
}

/// The provider, answering on this machine for as long as it is held.
pub(super) struct HostileProvider {
    /// What it calls itself.
    pub(super) issuer: String,
    shared: Shared,
    task: JoinHandle<()>,
}

impl Drop for HostileProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl HostileProvider {
    /// An honest one, by this clock.
    pub(super) async fn start(clock: &Arc<ManualClock>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let signer = Signer::ec(1);
        let inside = Inside {
            published: vec![signer.public("first")],
            signer,
            key_name: "first".to_owned(),
            twist: None,
            redescribe: None,
            moods: [Mood::Fine; 3],
            n_asked: [0; 3],
            grants: HashMap::new(),
            n_codes: 0,
            n_refused: 0,
            proof: Proof::Basic,
        };
        let shared = Shared {
            clock: Arc::clone(clock),
            issuer: issuer.clone(),
            inside: Arc::new(Mutex::new(inside)),
            gate: Arc::new(Semaphore::new(0)),
        };
        let doors = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/token", post(tokens))
            .with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, doors).await.unwrap() });
        Self { issuer, shared, task }
    }

    /// How an operator names it.
    pub(super) fn settings(&self, acr: &[&str]) -> Settings {
        let acr: Vec<String> = acr.iter().map(|name| (*name).to_owned()).collect();
        let has_secret = self.inside().proof != Proof::Public;
        let client_secret = has_secret.then(|| secret(SECRET));
        Settings::parse(&self.issuer, CLIENT, client_secret, &acr, Some("CISSS du Lac")).unwrap()
    }

    /// Changes how it wants its client to prove who asks.
    pub(super) fn wants(&self, proof: Proof) {
        self.inside().proof = proof;
    }

    /// Lets those go on who wait, and makes nobody wait any more.
    pub(super) fn go_on(&self, door: Door) {
        self.is(door, Mood::Fine);
        self.shared.gate.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    /// Waits until it was asked there so many times.
    pub(super) async fn until_asked(&self, door: Door, n_times: usize) {
        while self.n_asked(door) < n_times {
            tokio::task::yield_now().await;
        }
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.shared.inside.lock().unwrap()
    }

    /// Makes it lie in every token from now on.
    pub(super) fn twist(&self, twist: impl Fn(&mut Token) + Send + 'static) {
        self.inside().twist = Some(Box::new(twist));
    }

    /// Makes it honest again.
    pub(super) fn untwist(&self) {
        self.inside().twist = None;
    }

    /// Makes it say something else of itself.
    pub(super) fn redescribe(&self, change: impl Fn(&mut Value) + Send + 'static) {
        self.inside().redescribe = Some(Box::new(change));
    }

    /// Changes how it answers.
    pub(super) fn is(&self, door: Door, mood: Mood) {
        self.inside().moods[door as usize] = mood;
    }

    /// How often it was asked there.
    pub(super) fn n_asked(&self, door: Door) -> usize {
        self.inside().n_asked[door as usize]
    }

    /// How many exchanges it has refused.
    pub(super) fn n_refused(&self) -> usize {
        self.inside().n_refused
    }

    /// Signs with another key from now on, under another name; the old one is published no longer.
    pub(super) fn change_key(&self, signer: Signer, name: &str) {
        let mut inside = self.inside();
        inside.published = vec![signer.public(name)];
        name.clone_into(&mut inside.key_name);
        inside.signer = signer;
    }

    /// Recognises somebody who was sent to it: what their browser brings back. Showing who one is takes a moment.
    pub(super) fn recognise(&self, address: &str, known: Known) -> Vec<(String, String)> {
        let asked = asked(address);
        self.shared.clock.advance_ms(1_000);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["scope"], "openid");
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut inside = self.inside();
        inside.n_codes += 1;
        let code = format!("code-{}", inside.n_codes);
        let grant = Grant {
            known,
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
        };
        inside.grants.insert(code.clone(), grant);
        vec![
            ("code".to_owned(), code),
            ("state".to_owned(), asked["state"].clone()),
            ("iss".to_owned(), self.issuer.clone()),
        ]
    }
}

/// What somebody was sent with.
pub(super) fn asked(address: &str) -> HashMap<String, String> {
    let query = address.split_once('?').unwrap().1;
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Counts, and answers in this mood unless that is fine.
async fn mood(shared: &Shared, door: Door) -> Option<Response> {
    let mood = {
        let mut inside = shared.inside.lock().unwrap();
        inside.n_asked[door as usize] += 1;
        inside.moods[door as usize]
    };
    Some(match mood {
        Mood::Fine => return None,
        Mood::Waits => {
            let _place = shared.gate.acquire().await.unwrap();
            return None;
        }
        Mood::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Mood::Redirects => Redirect::temporary("/elsewhere").into_response(),
        Mood::Garbage => "<html>not JSON".into_response(),
        Mood::Endless => {
            let piece = || Ok::<_, std::io::Error>(vec![b' '; 16 * 1024]);
            Response::new(Body::from_stream(stream::repeat_with(piece)))
        }
        Mood::Silent => Response::new(Body::from_stream(stream::pending::<
            Result<Vec<u8>, std::io::Error>,
        >())),
    })
}

async fn describe(State(shared): State<Shared>) -> Response {
    if let Some(answer) = mood(&shared, Door::Description).await {
        return answer;
    }
    let issuer = &shared.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "claims_parameter_supported": true,
        "authorization_response_iss_parameter_supported": true,
        "code_challenge_methods_supported": ["S256"],
    });
    if let Some(change) = &shared.inside.lock().unwrap().redescribe {
        change(&mut document);
    }
    document.to_string().into_response()
}

async fn keys(State(shared): State<Shared>) -> Response {
    if let Some(answer) = mood(&shared, Door::Keys).await {
        return answer;
    }
    let published = shared.inside.lock().unwrap().published.clone();
    json!({ "keys": published }).to_string().into_response()
}

async fn tokens(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    if let Some(answer) = mood(&shared, Door::Tokens).await {
        return answer;
    }
    let mut inside = shared.inside.lock().unwrap();
    // A code counts once, whatever comes of it.
    let grant = form.get("code").and_then(|code| inside.grants.remove(code));
    let grant = grant.filter(|grant| {
        is_client(inside.proof, &headers, &form)
            && form["grant_type"] == "authorization_code"
            && form["redirect_uri"] == grant.redirect
            && URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes())) == grant.challenge
    });
    let Some(grant) = grant else {
        inside.n_refused += 1;
        let refusal = json!({ "error": "invalid_grant" }).to_string();
        return (StatusCode::BAD_REQUEST, refusal).into_response();
    };
    let now_s = shared.clock.now().0 / 1_000;
    let mut token = Token {
        header: json!({ "typ": "JWT", "alg": inside.signer.algorithm(), "kid": inside.key_name }),
        claims: json!({
            "iss": shared.issuer,
            "sub": grant.known.subject,
            "aud": CLIENT,
            "exp": now_s + 300,
            "iat": now_s,
            "nonce": grant.nonce,
        }),
        signer: inside.signer.clone(),
        damaged: None,
    };
    if let Some(acr) = grant.known.acr {
        token.claim("acr", acr);
    }
    if let Some(ago_s) = grant.known.proven_s_ago {
        token.claim("auth_time", now_s - ago_s);
    }
    if let Some(twist) = &inside.twist {
        twist(&mut token);
    }
    let mut id_token = token.signer.token(&token.header, &token.claims);
    if let Some(at) = token.damaged {
        let at = at % id_token.len();
        let other = if id_token[at..].starts_with('A') { "B" } else { "A" };
        id_token.replace_range(at..=at, other);
    }
    json!({ "access_token": "opens nothing here", "token_type": "Bearer", "id_token": id_token })
        .to_string()
        .into_response()
}

/// Whether the one who asks has proven to be the client in this way and in no other, as RFC 6749, §2.3.1 writes it.
fn is_client(proof: Proof, headers: &HeaderMap, form: &HashMap<String, String>) -> bool {
    let field = |name: &str| form.get(name).map(String::as_str);
    let by_header = headers.get(header::AUTHORIZATION);
    let expected = match proof {
        Proof::Basic => return field("client_secret").is_none() && is_basic(by_header),
        Proof::Post => Some(SECRET),
        Proof::Public => None,
    };
    by_header.is_none() && field("client_id") == Some(CLIENT) && field("client_secret") == expected
}

fn is_basic(header: Option<&HeaderValue>) -> bool {
    let coded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{}:{}", coded(CLIENT), coded(SECRET)));
    header.is_some_and(|value| value.as_bytes() == format!("Basic {pair}").as_bytes())
}
