//! The least of an HTTP client: one connection kept open, one stream of events. A full client would take as much of the
//! processor as the server it measures.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection that stays open between requests.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    address: String,
    /// The header line that says who asks.
    credentials: String,
}

impl Connection {
    /// Connects to `host:port`; `credentials` is a whole header line, or empty.
    ///
    /// # Errors
    /// Nobody answers there.
    pub(crate) async fn open(address: &str, credentials: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            address: address.to_owned(),
            credentials: credentials.to_owned(),
        })
    }

    /// Fetches a page.
    ///
    /// # Errors
    /// The answer is not 200.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        self.ask("GET", path, "").await
    }

    /// Posts a JSON object.
    ///
    /// # Errors
    /// The answer is not 200.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Result<Vec<u8>> {
        self.ask("POST", path, body).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<Vec<u8>> {
        let (status, answer) = self.exchange(method, path, body).await?;
        ensure!(
            status == 200,
            "{path} answered {status}: {}",
            String::from_utf8_lossy(&answer)
        );
        Ok(answer)
    }

    /// Asks; answers the status, and what is said.
    ///
    /// # Errors
    /// Nobody answers.
    pub(crate) async fn exchange(&mut self, method: &str, path: &str, body: &str) -> Result<(u16, Vec<u8>)> {
        self.send(
            method,
            path,
            "content-type: application/json\r\n",
            body.as_bytes(),
        )
        .await
    }

    /// Sends bytes; `headers` are whole lines. Answers the status, and what is said.
    ///
    /// # Errors
    /// Nobody answers.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>)> {
        self.write(method, path, headers, body).await?;
        let (status, length) = self.read_head().await?;
        let mut answer = Vec::new();
        match length {
            Length::Known(n_bytes) => {
                answer.resize(n_bytes, 0);
                self.stream.read_exact(&mut answer).await?;
            }
            Length::Chunked => while self.read_chunk(&mut answer).await? {},
        }
        Ok((status, answer))
    }

    async fn write(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<()> {
        let Self {
            address, credentials, ..
        } = self;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{credentials}{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        let stream = self.stream.get_mut();
        // A short body leaves with its head.
        if body.len() <= 64 * 1024 {
            return Ok(stream.write_all(&[head.as_bytes(), body].concat()).await?);
        }
        stream.write_all(head.as_bytes()).await?;
        Ok(stream.write_all(body).await?)
    }

    async fn read_head(&mut self) -> Result<(u16, Length)> {
        let mut line = String::new();
        ensure!(
            self.stream.read_line(&mut line).await? > 0,
            "the server closed the connection"
        );
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .context("no status")?;
        let mut length = Length::Known(0);
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                return Ok((status, length));
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Length::Known(value.trim().parse()?),
                "transfer-encoding" => length = Length::Chunked,
                _ => {}
            }
        }
    }

    /// Adds the next chunk; `false` after the last.
    async fn read_chunk(&mut self, to: &mut Vec<u8>) -> Result<bool> {
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let size =
            usize::from_str_radix(line.trim_end(), 16).with_context(|| format!("not a chunk: {line:?}"))?;
        let start = to.len();
        to.resize(start + size, 0);
        self.stream.read_exact(&mut to[start..]).await?;
        line.clear();
        self.stream.read_line(&mut line).await?;
        Ok(size > 0)
    }

    /// Turns the connection into a stream of events.
    ///
    /// # Errors
    /// The answer is not a stream.
    pub(crate) async fn listen(mut self, path: &str) -> Result<Events> {
        self.write("GET", path, "", b"").await?;
        match self.read_head().await? {
            (200, Length::Chunked) => Ok(Events {
                connection: self,
                buffer: Vec::new(),
            }),
            (status, _) => bail!("{path} answered {status} instead of a stream"),
        }
    }
}

enum Length {
    Known(usize),
    Chunked,
}

/// A stream of server-sent events.
pub(crate) struct Events {
    connection: Connection,
    buffer: Vec<u8>,
}

impl Events {
    /// The next event, heartbeats left out.
    ///
    /// # Errors
    /// The stream ends.
    pub(crate) async fn next(&mut self) -> Result<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = self.buffer.drain(..end + 2).collect();
                let event = String::from_utf8_lossy(&event).into_owned();
                if event.contains("data:") && !event.starts_with("event: beat") {
                    return Ok(event);
                }
                continue;
            }
            ensure!(
                self.connection.read_chunk(&mut self.buffer).await?,
                "the stream has ended"
            );
        }
    }
}
