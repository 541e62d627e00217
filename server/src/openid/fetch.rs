//! Requests to the provider: bounded in time and size, to the address that was asked for and no other.
//!
//! No redirect is followed, no cookie is kept, nothing is decompressed. Over TLS its certificate must lead to an authority that
//! this machine trusts: the system's, or those of `SSL_CERT_FILE`.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::Trouble;

/// How long an exchange may take: a person waits for it, behind a page of the browser's own.
const WITHIN: Duration = Duration::from_secs(8);
/// The most bytes of an answer: the largest sets of keys have some tens of thousands.
const MAX_BYTES: usize = 256 * 1024;
/// The most bytes of an answer's head.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// Asks the provider.
pub(super) struct Fetch {
    within: Duration,
    /// Made when it is first needed: reading the system's authorities takes a moment.
    tls: OnceLock<Result<TlsConnector, String>>,
}

/// What came back.
pub(super) struct Fetched {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

impl Fetch {
    pub(super) fn new() -> Self {
        Self {
            within: WITHIN,
            tls: OnceLock::new(),
        }
    }

    /// The same, with less patience: for tests of providers that say nothing.
    pub(super) fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// `Unreachable` unless the answer is 200.
    pub(super) async fn read(&self, address: &Uri) -> Result<Bytes, Trouble> {
        let fetched = self.exchange(address, Method::GET, None, Bytes::new()).await?;
        if fetched.status == StatusCode::OK {
            return Ok(fetched.body);
        }
        let why = format!("`{}` answers {}", shown(address), fetched.status.as_u16());
        Err(Trouble::Unreachable(why))
    }

    /// Sends a form, as the one whom `authorization` names.
    ///
    /// # Errors
    /// `Unreachable` when no whole answer comes.
    pub(super) async fn post(
        &self,
        address: &Uri,
        authorization: Option<HeaderValue>,
        form: String,
    ) -> Result<Fetched, Trouble> {
        self.exchange(address, Method::POST, authorization, Bytes::from(form))
            .await
    }

    async fn exchange(
        &self,
        address: &Uri,
        method: Method,
        authorization: Option<HeaderValue>,
        body: Bytes,
    ) -> Result<Fetched, Trouble> {
        let asking = self.ask(address, method, authorization, body);
        let outcome = match tokio::time::timeout(self.within, asking).await {
            Ok(outcome) => outcome,
            Err(_) => Err("no whole answer in time".to_owned()),
        };
        outcome.map_err(|why| Trouble::Unreachable(format!("asking `{}`: {why}", shown(address))))
    }

    async fn ask(
        &self,
        address: &Uri,
        method: Method,
        authorization: Option<HeaderValue>,
        body: Bytes,
    ) -> Result<Fetched, String> {
        let authority = address.authority().ok_or("it names no host")?;
        let host = authority.host();
        let is_encrypted = address.scheme_str() == Some("https");
        let port = address.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
        let path = address.path_and_query().map_or("/", PathAndQuery::as_str);
        let mut request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(header::HOST, authority.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "Pli");
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let line = TcpStream::connect((bare, port))
            .await
            .map_err(|error| error.to_string())?;
        if !is_encrypted {
            return carry(TokioIo::new(line), request).await;
        }
        let name = ServerName::try_from(bare.to_owned()).map_err(|error| error.to_string())?;
        let tls = self.tls.get_or_init(connector).clone()?;
        let line = tls.connect(name, line).await.map_err(|error| error.to_string())?;
        carry(TokioIo::new(line), request).await
    }
}

/// One request and its answer over a line that ends with them.
async fn carry<L>(line: L, request: Request<Full<Bytes>>) -> Result<Fetched, String>
where
    L: Read + Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(MAX_HEAD_BYTES)
        .handshake(line)
        .await
        .map_err(|error| error.to_string())?;
    // Ends when this function does, however that happens.
    let mut driving = JoinSet::new();
    driving.spawn(connection);
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| error.to_string())?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MAX_BYTES)
        .collect()
        .await
        .map_err(|error| error.to_string())?;
    Ok(Fetched {
        status,
        body: body.to_bytes(),
    })
}

fn connector() -> Result<TlsConnector, String> {
    let mut authorities = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    authorities.add_parsable_certificates(found.certs);
    if authorities.is_empty() {
        return Err(
            "this machine trusts no authority: install `ca-certificates`, or name a file in `SSL_CERT_FILE`"
                .to_owned(),
        );
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(authorities)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// An address as a log may show it: without what stands behind the question mark.
fn shown(address: &Uri) -> String {
    let scheme = address.scheme_str().unwrap_or_default();
    let authority = address.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}{}", address.path())
}
