//! A bad line: a proxy between clients and server that cuts, halves, stalls, delays and doubles connections at random
//! byte offsets.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::chance::Chance;

/// A running bad line; ends when dropped.
pub(crate) struct Proxy {
    /// Where clients connect.
    pub(crate) address: String,
    n_cuts: Arc<AtomicU64>,
    accepting: tokio::task::JoinHandle<()>,
}

/// What goes wrong with a connection once so many bytes have come back from the server.
#[derive(Clone, Copy)]
enum Fault {
    /// Both ends see it gone.
    Cut,
    /// The client hears the end; the server is not told.
    HalfClose,
    /// Nothing more arrives for a while, then it is gone.
    Stall,
    /// It goes on late.
    Delay,
}

impl Proxy {
    /// A bad line to `server`. Everything that goes wrong follows from the seed and the order of connections.
    pub(crate) async fn start(server: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let n_cuts = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&n_cuts);
        let chance = Arc::new(Mutex::new(Chance::new(seed)));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let own = Chance::new(chance.lock().unwrap().next());
                tokio::spawn(carry(client, server, own, Arc::clone(&counted)));
            }
        });
        Self {
            address,
            n_cuts,
            accepting,
        }
    }

    /// How many connections it has ended before their time.
    pub(crate) fn n_cuts(&self) -> u64 {
        self.n_cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(mut client: TcpStream, server: SocketAddr, mut chance: Chance, n_cuts: Arc<AtomicU64>) {
    let Ok(mut upstream) = TcpStream::connect(server).await else {
        return;
    };
    let _ = (client.set_nodelay(true), upstream.set_nodelay(true));
    // The same request on two lines, as when a network sends it again.
    let mut double = if chance.percent(10) {
        TcpStream::connect(server).await.ok()
    } else {
        None
    };
    let fault = [
        Fault::Cut,
        Fault::Cut,
        Fault::HalfClose,
        Fault::Stall,
        Fault::Delay,
    ][chance.index(5)];
    // Many die young: before the first byte of an answer, or inside its first event.
    let bound = if chance.percent(40) { 400 } else { 6_000 };
    let mut left = usize::try_from(chance.below(bound)).unwrap_or(0);
    let (mut from_client, mut from_server) = (vec![0; 8_192], vec![0; 8_192]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(n_bytes @ 1..) = read else { return };
                if upstream.write_all(&from_client[..n_bytes]).await.is_err() { return }
                if let Some(double) = &mut double {
                    let _ = double.write_all(&from_client[..n_bytes]).await;
                }
            }
            read = upstream.read(&mut from_server) => {
                let Ok(n_bytes @ 1..) = read else { return };
                let n_passed = n_bytes.min(left);
                if client.write_all(&from_server[..n_passed]).await.is_err() { return }
                left -= n_passed;
                if n_passed == n_bytes { continue }
                n_cuts.fetch_add(1, Ordering::SeqCst);
                match fault {
                    Fault::Cut => return,
                    Fault::HalfClose => {
                        let _ = client.shutdown().await;
                        let _ = client.read(&mut from_client).await;
                        return;
                    }
                    Fault::Stall => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        return;
                    }
                    Fault::Delay => {
                        tokio::time::sleep(Duration::from_millis(chance.below(5))).await;
                        if client.write_all(&from_server[n_passed..n_bytes]).await.is_err() { return }
                        left = 3_000;
                    }
                }
            }
        }
    }
}
