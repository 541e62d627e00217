//! `pli healthcheck`: asks a running server whether it is ready, in the few bytes that takes.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use server::error::{Error, Result};
use server::http::{Certificate, TlsFiles, provider};
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error as TlsError,
    SignatureScheme, StreamOwned,
};

/// How long it waits for an answer.
const HEALTH_WITHIN: Duration = Duration::from_secs(3);

const DOING: &str = "asking the server whether it is ready";

/// Asks the server on `listen`, over TLS if it serves with these files.
///
/// # Errors
/// `Failed` when nobody answers, or it is not ready.
pub(crate) fn run(listen: SocketAddr, tls: Option<&TlsFiles>) -> Result<()> {
    let failed = |error: std::io::Error| Error::failed(DOING, error);
    let mut address = listen;
    if address.ip().is_unspecified() {
        // It listens everywhere: then also here.
        let here = if listen.is_ipv4() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            IpAddr::V6(Ipv6Addr::LOCALHOST)
        };
        address.set_ip(here);
    }
    let connection = TcpStream::connect_timeout(&address, HEALTH_WITHIN).map_err(failed)?;
    connection.set_read_timeout(Some(HEALTH_WITHIN)).map_err(failed)?;
    connection
        .set_write_timeout(Some(HEALTH_WITHIN))
        .map_err(failed)?;
    match tls {
        None => ask(connection, address),
        Some(files) => ask(encrypted(connection, address, files)?, address),
    }
}

fn ask(mut connection: impl Read + Write, address: SocketAddr) -> Result<()> {
    let failed = |error: std::io::Error| Error::failed(DOING, error);
    write!(
        connection,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .map_err(failed)?;
    let mut status = [0; 12];
    connection.read_exact(&mut status).map_err(failed)?;
    if &status == b"HTTP/1.1 200" {
        Ok(())
    } else {
        Err(Error::failed(DOING, "it is not ready"))
    }
}

fn encrypted(
    connection: TcpStream,
    address: SocketAddr,
    files: &TlsFiles,
) -> Result<StreamOwned<ClientConnection, TcpStream>> {
    let failed = |error: TlsError| Error::failed(DOING, error);
    let Some(own) = Certificate::read(files)?.end_entity() else {
        return Err(Error::failed(DOING, "there is no certificate"));
    };
    let provider = Arc::new(provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(OwnAlone { own, provider }))
        .with_no_client_auth();
    let name = ServerName::IpAddress(address.ip().into());
    let session = ClientConnection::new(Arc::new(config), name).map_err(failed)?;
    Ok(StreamOwned::new(session, connection))
}

/// Trusts the certificate in the server's own file and no other: its name is that of the address people use, and who signed
/// it does not matter to the one who holds its key.
#[derive(Debug)]
struct OwnAlone {
    own: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for OwnAlone {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _revocation: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, TlsError> {
        if shown.as_ref() == self.own.as_ref() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::UnknownIssuer.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(
            message,
            cert,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(
            message,
            cert,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
