//! A browser, as far as a server can tell: it keeps cookies, follows where it is led, and brings no cookie along from another
//! site (`SameSite=Strict`).

use std::cell::RefCell;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt;

use crate::harness::Harness;

const HOST: &str = "127.0.0.1:8080";
/// More steps than any way of ours has.
const N_STEPS: usize = 8;

/// What is shown.
pub(super) struct Page {
    /// Where; of another site the whole address.
    pub(super) address: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// A browser at this instance.
pub(super) struct Browser<'h> {
    harness: &'h Harness,
    cookies: RefCell<BTreeMap<String, String>>,
    /// What was answered on the way to the page that was opened last.
    passed: RefCell<Vec<Passed>>,
}

/// A step on the way to a page: where, what was answered, where to next, and which cookies were set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    path: String,
    status: StatusCode,
    next: Option<String>,
    cookies: Vec<String>,
}

impl<'h> Browser<'h> {
    /// One that knows nobody.
    pub(super) fn new(harness: &'h Harness) -> Self {
        Self {
            harness,
            cookies: RefCell::default(),
            passed: RefCell::default(),
        }
    }

    /// The cookie of this name.
    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Loses a cookie: whoever sits at a browser can take any of them away.
    pub(super) fn drop_cookie(&self, name: &str) {
        self.cookies.borrow_mut().remove(name);
    }

    /// Signs out.
    pub(super) async fn sign_out(&self) -> Page {
        let fields = [("operation", "accounts.sign_out")];
        self.post("/parametres/profil", &fields).await
    }

    /// Takes a cookie over, from another browser for instance.
    pub(super) fn put_cookie(&self, name: &str, value: &str) {
        self.cookies
            .borrow_mut()
            .insert(name.to_owned(), value.to_owned());
    }

    /// Signs in with a password.
    pub(super) async fn sign_in(&self, email: &str, password: &str) -> Page {
        let fields = [
            ("operation", "accounts.sign_in"),
            ("email", email),
            ("password", password),
        ];
        self.post("/connexion", &fields).await
    }

    /// All steps since it was asked last, those that were followed by themselves too.
    pub(super) fn take_passed(&self) -> Vec<Passed> {
        self.passed.take()
    }

    /// Whose pages it shows: their address, if anybody is signed in.
    pub(super) async fn who(&self) -> Option<String> {
        let page = self
            .ask("GET", "/api/v1/accounts.get_me", Body::empty(), "same-origin")
            .await;
        let me: serde_json::Value = serde_json::from_str(&page.body).ok()?;
        me["email"].as_str().map(str::to_owned)
    }

    /// Opens an address and follows it, on this site.
    pub(super) async fn open(&self, path: &str) -> Page {
        let first = self.ask("GET", path, Body::empty(), "same-origin").await;
        self.follow(first).await
    }

    /// Opens one address that another site leads to, and nothing after it.
    pub(super) async fn open_from_elsewhere(&self, path: &str) -> Page {
        self.ask("GET", path, Body::empty(), "cross-site").await
    }

    /// Posts a plain form of the page there, and follows.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = serde_html_form::to_string(fields).unwrap();
        let first = self.ask("POST", path, Body::from(form), "same-origin").await;
        self.follow(first).await
    }

    /// Comes back from the provider with these fields: at first from another site, then by a page of ours.
    pub(super) async fn come_back(&self, fields: &[(String, String)]) -> Page {
        let query = serde_html_form::to_string(fields).unwrap();
        let page = self
            .open_from_elsewhere(&format!("/organisation/retour?{query}"))
            .await;
        self.follow(page).await
    }

    async fn follow(&self, first: Page) -> Page {
        let mut page = first;
        for _ in 0..N_STEPS {
            let Some(next) = leads_to(&page) else {
                return page;
            };
            if !next.starts_with('/') {
                page.address = next;
                return page;
            }
            page = self.ask("GET", &next, Body::empty(), "same-origin").await;
        }
        panic!("led in a circle at {}", page.address);
    }

    async fn ask(&self, method: &str, path: &str, body: Body, site: &str) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .header(
                header::USER_AGENT,
                "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            )
            .header("sec-fetch-site", site);
        if method == "POST" {
            request = request
                .header(header::ORIGIN, format!("http://{HOST}"))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if site != "cross-site" {
            for (name, value) in self.cookies.borrow().iter() {
                request = request.header(header::COOKIE, format!("{name}={value}"));
            }
        }
        let response = self
            .harness
            .router()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        self.keep(&headers);
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        self.passed.borrow_mut().push(Passed {
            path: path.split('?').next().unwrap_or_default().to_owned(),
            status,
            next: headers.get(header::LOCATION).map(text),
            cookies: headers.get_all(header::SET_COOKIE).iter().map(text).collect(),
        });
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        Page {
            address: path.to_owned(),
            status,
            headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.borrow_mut();
        for value in headers.get_all(header::SET_COOKIE) {
            let value = value.to_str().unwrap();
            let (name, rest) = value.split_once('=').unwrap();
            if value.contains("Max-Age=0;") || value.ends_with("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
            }
        }
    }
}

/// Where a page leads by itself.
fn leads_to(page: &Page) -> Option<String> {
    if page.status.is_redirection() {
        return Some(page.headers[header::LOCATION].to_str().unwrap().to_owned());
    }
    let refresh = page.body.split("content=\"0; url=").nth(1)?;
    let address = refresh.split('"').next()?;
    Some(
        address
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&"),
    )
}
