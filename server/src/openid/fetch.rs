//! Requests to the provider: bounded in time and size, to the address that was asked for and no other.
//!
//! So many at once and no more: each takes a connection and memory here, and anybody may have one begin.
//! No redirect is followed, no cookie is kept, nothing is decompressed. Over TLS its certificate must lead to an authority that
//! this machine trusts: the system's, or those of `SSL_CERT_FILE`.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::Trouble;

/// How long an exchange may take: a person waits for it, behind a page of the browser's own. Who comes back waits for three at
/// most, or four where the provider has just changed its keys.
const WITHIN: Duration = Duration::from_secs(8);
/// The most bytes of an answer: the largest sets of keys have some tens of thousands.
const MAX_BYTES: usize = 256 * 1024;
/// The most bytes of an answer's head.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// The most exchanges at once: some hundreds of people a minute at a provider that takes seconds, and 8 MiB.
const N_AT_ONCE: usize = 32;

/// Asks the provider.
pub(super) struct Fetch {
    within: Duration,
    /// Made when it is first needed: reading the system's authorities takes a moment.
    tls: OnceLock<TlsConnector>,
    places: Arc<Semaphore>,
}

/// A place among the exchanges; free again when the last who holds it is done.
type Place = Arc<OwnedSemaphorePermit>;

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
            places: Arc::new(Semaphore::new(N_AT_ONCE)),
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
        let outcome = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => {
                let asking = self.ask(address, method, authorization, body, Arc::new(place));
                let outcome = tokio::time::timeout(self.within, asking).await;
                outcome.unwrap_or_else(|_| Err("no whole answer in time".to_owned()))
            }
            Err(_) => Err("too many wait for its answers".to_owned()),
        };
        outcome.map_err(|why| Trouble::Unreachable(format!("asking `{}`: {why}", shown(address))))
    }

    async fn ask(
        &self,
        address: &Uri,
        method: Method,
        authorization: Option<HeaderValue>,
        body: Bytes,
        place: Place,
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
        let addresses = find_addresses(bare, port, place.clone()).await?;
        let line = TcpStream::connect(addresses.as_slice())
            .await
            .map_err(|error| error.to_string())?;
        if !is_encrypted {
            return carry(TokioIo::new(line), request).await;
        }
        let name = ServerName::try_from(bare.to_owned()).map_err(|error| error.to_string())?;
        let line = self
            .connector(find_authorities)?
            .connect(name, line)
            .await
            .map_err(|error| error.to_string())?;
        carry(TokioIo::new(line), request).await
    }

    /// What speaks TLS. Kept once there are authorities: a machine that trusts nobody yet is looked at again the next time.
    fn connector(&self, find: impl FnOnce() -> RootCertStore) -> Result<TlsConnector, String> {
        if let Some(known) = self.tls.get() {
            return Ok(known.clone());
        }
        let made = connector(find())?;
        Ok(self.tls.get_or_init(|| made).clone())
    }
}

/// Where a host is. Looking up a name cannot be called off, so its place is taken until that has ended too, whoever has lost
/// patience meanwhile.
async fn find_addresses(host: &str, port: u16, place: Place) -> Result<Vec<SocketAddr>, String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let host = host.to_owned();
    let looking = tokio::task::spawn_blocking(move || {
        let found = (host.as_str(), port).to_socket_addrs();
        drop(place);
        found.map(Iterator::collect)
    });
    let found = looking.await.map_err(|error| error.to_string())?;
    found.map_err(|error| error.to_string())
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

/// The authorities that this machine trusts.
fn find_authorities() -> RootCertStore {
    let mut authorities = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    authorities.add_parsable_certificates(found.certs);
    authorities
}

fn connector(authorities: RootCertStore) -> Result<TlsConnector, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_08_a_machine_that_trusts_nobody_yet_is_looked_at_again() {
        let fetch = Fetch::new();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut one = RootCertStore::empty();
        one.add(made.cert.der().clone()).unwrap();

        assert!(fetch.connector(RootCertStore::empty).is_err());
        assert!(
            fetch.connector(|| one).is_ok(),
            "somebody has installed an authority"
        );
        assert!(fetch.connector(RootCertStore::empty).is_ok(), "it is kept");
    }

    /// AUTH-08: a name whose lookup hangs takes one place, and not one for each who loses patience.
    #[tokio::test]
    async fn auth_08_a_place_is_taken_until_its_lookup_has_ended() {
        let fetch = Fetch::new();
        let place: Place = Arc::new(Arc::clone(&fetch.places).try_acquire_owned().unwrap());

        let looking = find_addresses("localhost", 1, Arc::clone(&place));
        drop(place);
        assert_eq!(fetch.places.available_permits(), N_AT_ONCE - 1);

        looking.await.unwrap();
        assert_eq!(fetch.places.available_permits(), N_AT_ONCE);
    }
}
