//! Carries an operation to its answer, over whatever [`Transport`] it was given.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{ApiError, Method, Operation, json};

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

/// A way to the rules: over the network in a browser, in process on the server.
pub trait Transport: Send + Sync {
    /// Carries the request; answers with the JSON of the operation's answer.
    fn call(&self, request: Request) -> Reply;
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

    /// Carries a request that is written already.
    pub fn carry(&self, request: Request) -> Reply {
        self.transport.call(request)
    }
}
