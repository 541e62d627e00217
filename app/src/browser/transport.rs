//! Operations over `fetch`.

use gloo_net::http::{Request as Http, RequestBuilder};
use leptos::prelude::{RwSignal, Set};
use send_wrapper::SendWrapper;

use crate::api::{AccountId, ApiError, Method, Part, Problem, Reply, Request, Transport, json};

/// The most bytes of a request that outlives its page. Browsers allow 64 kB to all such requests together; a longer one,
/// a message that waits in the outbox, is sent again by the next page.
///
/// Source: Fetch standard, HTTP-network-or-cache fetch.
const MAX_KEPT_ALIVE: usize = 4_096;

/// Posts operations to the server that the page came from.
#[derive(Clone)]
pub struct Fetch {
    /// The build that this page belongs to.
    build: String,
    /// Set once the server answers from another build.
    is_outdated: Option<RwSignal<bool>>,
    /// For whom the page was drawn: the server refuses what another person's session asks in their place.
    account: Option<String>,
    /// A session of its own, for the double view of the demonstration; else the browser's cookie.
    token: Option<String>,
}

impl Fetch {
    /// With the browser's session.
    pub fn with_cookie(build: String, account: Option<AccountId>, is_outdated: RwSignal<bool>) -> Self {
        Self {
            build,
            is_outdated: Some(is_outdated),
            account: account.map(|account| account.to_string()),
            token: None,
        }
    }

    /// With a session held in memory alone.
    pub fn with_token(token: String) -> Self {
        Self {
            build: String::new(),
            is_outdated: None,
            account: None,
            token: Some(token),
        }
    }
}

impl Transport for Fetch {
    fn call(&self, request: Request) -> Reply {
        let this = self.clone();
        Box::pin(SendWrapper::new(async move { this.send(request).await }))
    }

    fn send_part(&self, part: Part) -> Reply {
        let this = self.clone();
        Box::pin(SendWrapper::new(async move { this.put(part).await }))
    }
}

impl Fetch {
    fn with_headers(&self, builder: RequestBuilder) -> RequestBuilder {
        let builder = builder
            .header("accept", "application/json")
            .header("x-pli-build", &self.build);
        let builder = match &self.account {
            Some(account) => builder.header("x-pli-account", account),
            None => builder,
        };
        match &self.token {
            Some(token) => builder.header("authorization", &format!("Bearer {token}")),
            None => builder,
        }
    }

    /// Sends bytes of a file as tus 1.0 does.
    async fn put(self, part: Part) -> Result<String, ApiError> {
        let lost = |_| ApiError::Unreachable;
        let request = self
            .with_headers(Http::patch(&format!("/api/v1/uploads/{}", part.upload)))
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", &part.offset.to_string())
            .header("content-type", "application/offset+octet-stream")
            .body(js_sys::Uint8Array::from(&part.bytes[..]))
            .map_err(lost)?;
        let response = request.send().await.map_err(lost)?;
        if response.ok() {
            return response
                .headers()
                .get("upload-offset")
                .ok_or(ApiError::Unreachable);
        }
        let text = response.text().await.map_err(lost)?;
        let problem: Problem = json::read(&text).map_err(|_| ApiError::Unreachable)?;
        Err(problem.into_error())
    }

    async fn send(self, request: Request) -> Result<String, ApiError> {
        let url = format!("/api/v1/{}", request.name);
        let with_headers = |builder| self.with_headers(builder);
        let is_small = request.body.len() <= MAX_KEPT_ALIVE;
        let ready = match request.method {
            Method::Get => with_headers(Http::get(&format!("{url}{}", query(&request.body)))).build(),
            Method::Post => with_headers(Http::post(&url))
                .header("content-type", "application/json")
                .body(request.body),
        };
        let mut ready = ready.map_err(|_| ApiError::Unreachable)?;
        if request.method == Method::Post && is_small {
            ready = outliving(ready);
        }
        let response = ready.send().await.map_err(|_| ApiError::Unreachable)?;
        if let (Some(signal), Some(build)) = (self.is_outdated, response.headers().get("x-pli-build"))
            && !build.is_empty()
            && build != self.build
        {
            signal.set(true);
        }
        let is_granted = response.ok();
        let text = response.text().await.map_err(|_| ApiError::Unreachable)?;
        if is_granted {
            return Ok(text);
        }
        let problem: Problem = json::read(&text).map_err(|_| ApiError::Unreachable)?;
        Err(problem.into_error())
    }
}

/// The same request, which goes on when the page that made it goes away: what a person did last is done.
fn outliving(request: Http) -> Http {
    let init = web_sys::RequestInit::new();
    let _ = js_sys::Reflect::set(&init, &"keepalive".into(), &true.into());
    let raw: web_sys::Request = request.into();
    web_sys::Request::new_with_request_and_init(&raw, &init).map_or_else(|_| raw.into(), Into::into)
}

/// The fields of a read as a query string. Reads hold ids, cursors and numbers alone, which need no encoding.
fn query(body: &str) -> String {
    let pairs: Vec<String> = json::fields(body)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}
