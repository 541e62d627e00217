//! TLS on what a listener accepts, with a certificate that is read anew when its files change.
//!
//! A handshake takes as long as the other side likes, so each runs by itself; one address has half of the places at most. A
//! certificate whose new files cannot be used stays what it was, and the log says so: half of a pair may be written already.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::limits::line_of;
use crate::error::{Error, Result};

/// How long a handshake may take: a few round trips of the slowest line.
const SHAKEN_WITHIN: Duration = Duration::from_secs(10);

/// The most handshakes at once; whoever comes next waits in the system's queue.
const N_AT_ONCE: usize = 1_024;

/// The most of them from one address, behind which there may be a whole hospital: whoever opens connections and says nothing
/// leaves half of the places to the others. What comes beyond is closed at once; browsers try again.
const N_OF_ONE: usize = N_AT_ONCE / 2;

/// How often the files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Where the certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those that lead to the one that browsers know; PEM.
    pub cert: PathBuf,
    /// Its private key; PEM.
    pub key: PathBuf,
}

/// The certificate that is shown just now. Cheap to share.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    key: Arc<CertifiedKey>,
    mark: Mark,
}

/// What tells a file that was changed: when, and its size in bytes; of the certificate, then of the key.
type Mark = [(SystemTime, u64); 2];

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// `Failed` when one cannot be read or used, or when the key is another certificate's.
    pub fn read(files: &TlsFiles) -> Result<Self> {
        // Looked at before they are read: what changes in between is read again.
        let mark = mark(files)?;
        Ok(Self {
            files: files.clone(),
            held: Mutex::new(Held {
                key: Arc::new(certified_key(files)?),
                mark,
            }),
        })
    }

    /// Reads the files again if they have changed; answers whether there is another certificate now.
    ///
    /// # Errors
    /// As [`Certificate::read`]; the one that was held stays.
    pub fn read_again(&self) -> Result<bool> {
        let mark = mark(&self.files)?;
        if self.held().mark == mark {
            return Ok(false);
        }
        let key = Arc::new(certified_key(&self.files)?);
        *self.held() = Held { key, mark };
        Ok(true)
    }

    /// The certificate itself, as it is shown.
    pub fn end_entity(&self) -> Option<CertificateDer<'static>> {
        self.held().key.cert.first().cloned()
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.held().key))
    }
}

fn mark(files: &TlsFiles) -> Result<Mark> {
    let of = |path: &PathBuf| {
        let meta = std::fs::metadata(path)?;
        Ok((meta.modified()?, meta.len()))
    };
    let failed = |path: &PathBuf| {
        let doing = format!("looking at `{}`", path.display());
        move |error: io::Error| Error::failed(doing, error)
    };
    Ok([
        of(&files.cert).map_err(failed(&files.cert))?,
        of(&files.key).map_err(failed(&files.key))?,
    ])
}

fn certified_key(files: &TlsFiles) -> Result<CertifiedKey> {
    let reading = |path: &PathBuf| format!("reading `{}`", path.display());
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .map_err(|error| Error::failed(reading(&files.cert), error))?;
    if chain.is_empty() {
        return Err(Error::failed(reading(&files.cert), "it holds no certificate"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| Error::failed(reading(&files.key), error))?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| {
        let doing = format!(
            "using `{}` with the key `{}`",
            files.cert.display(),
            files.key.display()
        );
        Error::failed(doing, error)
    })
}

/// The one set of algorithms, named so that no other crate's choice counts.
pub fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// A listener whose connections are encrypted.
pub struct Encrypted<W> {
    accepted: mpsc::Receiver<(TlsStream<W>, SocketAddr)>,
    address: SocketAddr,
}

impl<W: AsyncRead + AsyncWrite + Send + Unpin + 'static> Encrypted<W> {
    /// Encrypts what `listener` accepts, with this certificate.
    ///
    /// # Errors
    /// `Failed` when the listener has no address or the library refuses the settings.
    pub fn new<L>(listener: L, certificate: Arc<Certificate>) -> Result<Self>
    where
        L: Listener<Io = W, Addr = SocketAddr>,
    {
        let doing = "preparing TLS";
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| Error::failed(doing, error))?
            .with_no_client_auth()
            .with_cert_resolver(certificate);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let address = listener
            .local_addr()
            .map_err(|error| Error::failed(doing, error))?;
        let (ready, accepted) = mpsc::channel(1);
        tokio::spawn(shake_hands(listener, TlsAcceptor::from(Arc::new(config)), ready));
        Ok(Self { accepted, address })
    }
}

/// How many handshakes each address has under way; of the longer addresses, each line.
#[derive(Default)]
struct Addresses(Mutex<HashMap<IpAddr, usize>>);

/// A place among the handshakes, given back when it is let go.
struct Place {
    addresses: Arc<Addresses>,
    address: IpAddr,
    _of_all: OwnedSemaphorePermit,
}

impl Addresses {
    /// A place for this address, unless it has its share already.
    fn place(self: &Arc<Self>, address: SocketAddr, of_all: OwnedSemaphorePermit) -> Option<Place> {
        let address = line_of(address.ip());
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let n_held = held.entry(address).or_default();
        if *n_held >= N_OF_ONE {
            return None;
        }
        *n_held += 1;
        Some(Place {
            addresses: Arc::clone(self),
            address,
            _of_all: of_all,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n_held) = held.get_mut(&self.address) {
            *n_held -= 1;
            if *n_held == 0 {
                held.remove(&self.address);
            }
        }
    }
}

/// Accepts connections until nobody takes them any more; each hands itself on once it is encrypted.
async fn shake_hands<L>(
    mut listener: L,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<L::Io>, SocketAddr)>,
) where
    L: Listener<Addr = SocketAddr>,
{
    let places = Arc::new(Semaphore::new(N_AT_ONCE));
    let addresses = Arc::new(Addresses::default());
    loop {
        let Ok(of_all) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let (connection, address) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = ready.closed() => return,
        };
        let Some(place) = addresses.place(address, of_all) else {
            tracing::debug!("an address has its share of handshakes");
            continue;
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let shaken = tokio::time::timeout(SHAKEN_WITHIN, acceptor.accept(connection)).await;
            drop(place);
            match shaken {
                // Refused only when the server has stopped listening.
                Ok(Ok(connection)) => drop(ready.send((connection, address)).await),
                Ok(Err(error)) => tracing::debug!(cause = %error, "a handshake failed"),
                Err(_too_long) => tracing::debug!("a handshake was not finished in time"),
            }
        });
    }
}

impl<W: AsyncRead + AsyncWrite + Send + Unpin + 'static> Listener for Encrypted<W> {
    type Io = TlsStream<W>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TlsStream<W>, SocketAddr) {
        match self.accepted.recv().await {
            Some(accepted) => accepted,
            // The task that accepts lasts as long as this receiver.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use tokio::io::{AsyncReadExt, DuplexStream};

    use super::*;

    /// Accepts what the test hands over.
    struct Handed(mpsc::Receiver<(DuplexStream, SocketAddr)>);

    impl Listener for Handed {
        type Io = DuplexStream;
        type Addr = SocketAddr;

        async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
            match self.0.recv().await {
                Some(connection) => connection,
                None => std::future::pending().await,
            }
        }

        fn local_addr(&self) -> io::Result<SocketAddr> {
            Ok(SocketAddr::from(([127, 0, 0, 1], 443)))
        }
    }

    /// Whether the server waits for this connection to say something, or has closed it.
    async fn is_waited_for(connection: &mut DuplexStream) -> bool {
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_millis(1), connection.read(&mut byte));
        read.await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn who_opens_connections_and_says_nothing_leaves_half_of_the_places() {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files = TlsFiles {
            cert: folder.path().join("pli.pem"),
            key: folder.path().join("pli.key"),
        };
        std::fs::write(&files.cert, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        let (hand, handed) = mpsc::channel(N_AT_ONCE);
        let certificate = Arc::new(Certificate::read(&files).unwrap());
        let _encrypted = Encrypted::new(Handed(handed), certificate).unwrap();
        // Whoever has a line has all of its addresses, in 256 networks.
        let connect = async |line: u16, number: u16| {
            let (client, server) = tokio::io::duplex(64);
            let network = (line << 8) | (number & 0xff);
            let ip = Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, number);
            hand.send((server, SocketAddr::from((ip, 1_000)))).await.unwrap();
            client
        };
        let (hostile, other) = (1, 2);
        let mut silent = Vec::new();
        for number in 1..=u16::try_from(N_OF_ONE).unwrap() {
            silent.push(connect(hostile, number).await);
        }

        let mut beyond = connect(hostile, 1_000).await;
        let mut neighbour = connect(other, 1).await;

        assert!(!is_waited_for(&mut beyond).await, "it is closed at once");
        assert!(is_waited_for(&mut neighbour).await);
        assert!(is_waited_for(&mut silent[0]).await);
        // Ten seconds later the silent ones have lost their places.
        tokio::time::sleep(SHAKEN_WITHIN).await;
        let mut later = connect(hostile, 1_001).await;
        assert!(is_waited_for(&mut later).await);
    }
}
