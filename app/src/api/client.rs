//! Carries an operation to its answer, over whatever [`Transport`] it was given.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{ApiError, AttachmentId, Method, Operation, json};

/// The answer's JSON, or the refusal.
pub type Reply = Pin<Box<dyn Future<Output = Result<String, ApiError>> + Send>>;

/// One call, ready to travel.
pub struct Request {
    /// The operation's wire name.
    pub name: &'static str,
    /// How it travels.
    pub method: Method,
    /// The operation as a JSON object.
    pub body: String,
}

/// Bytes of a file, ready to travel.
pub struct Part {
    /// Which upload.
    pub upload: AttachmentId,
    /// Where they belong.
    pub offset: u64,
    /// They.
    pub bytes: Vec<u8>,
}

/// A way to the rules: over the network in a browser, in process on the server.
pub trait Transport: Send + Sync {
    /// Carries the request; answers with the JSON of the operation's answer.
    fn call(&self, request: Request) -> Reply;

    /// Carries bytes of a file; answers with the number of those that are on the server's disk. Pages that are drawn on the
    /// server send none.
    fn send_part(&self, part: Part) -> Reply {
        drop(part);
        Box::pin(std::future::ready(Err(ApiError::Unreachable)))
    }
}

/// What a screen holds to reach the rules. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
}

impl Client {
    /// A client over this transport.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self {
            transport: Arc::new(transport),
        }
    }

    /// Asks for `operation` and waits for the answer.
    ///
    /// # Errors
    /// The rule's refusal, or `Unreachable` when no answer came.
    pub fn call<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = Result<O::Answer, ApiError>> + Send + use<O> {
        let reply = self.ask(&operation);
        async move { json::read(&reply.await?).map_err(|_| ApiError::Unreachable) }
    }

    /// Asks for `operation` and waits for the JSON of the answer.
    pub fn ask<O: Operation>(&self, operation: &O) -> Reply {
        match json::write(operation) {
            Ok(body) => self.carry(Request {
                name: O::NAME,
                method: O::METHOD,
                body,
            }),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    /// Carries bytes of a file.
    ///
    /// # Errors
    /// The refusal, or `Unreachable` when no answer came.
    pub fn send_part(&self, part: Part) -> impl Future<Output = Result<u64, ApiError>> + Send + use<> {
        let reply = self.transport.send_part(part);
        async move { reply.await?.parse().map_err(|_| ApiError::Unreachable) }
    }

    /// Carries a request that is written already.
    pub fn carry(&self, request: Request) -> Reply {
        self.transport.call(request)
    }
}
