//! What a page asks while it is drawn. The server's HTML carries the answer's text to the browser, which does not ask
//! again; the text is read where it is shown. Whatever is asked, the machinery below is one.

use std::marker::PhantomData;

use codee::string::FromToStringCodec;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::api::{ApiError, Client, Operation, Problem, Reply, Request, json};
use crate::session::use_client;

/// An answer that is on its way or here. Cheap to copy.
pub struct Asked<T> {
    text: Resource<String, FromToStringCodec>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Asked<T> {}

/// Asks for an operation, and again whenever it changes; without one the answer is `NotFound`.
pub fn ask<O: Operation>(operation: impl Fn() -> Option<O> + Send + Sync + 'static) -> Asked<O::Answer> {
    let body = move || operation().and_then(|operation| json::write(&operation).ok());
    let request = |body| Request {
        name: O::NAME,
        method: O::METHOD,
        body,
    };
    Asked {
        text: text(
            Box::new(move || body().unwrap_or_default()),
            Box::new(move |client, body| {
                if body.is_empty() {
                    return Box::pin(std::future::ready(Err(ApiError::NotFound)));
                }
                client.carry(request(body))
            }),
        ),
        answer: PhantomData,
    }
}

/// Asks for several things that belong together: `reply` gives the JSON of a `T`, for `key` as it is then.
pub fn ask_with<T>(
    key: impl Fn() -> String + Send + Sync + 'static,
    reply: impl Fn(Client, String) -> Reply + Send + Sync + 'static,
) -> Asked<T> {
    Asked {
        text: text(Box::new(key), Box::new(reply)),
        answer: PhantomData,
    }
}

impl<T: DeserializeOwned> Asked<T> {
    /// The answer, once it is here.
    ///
    /// # Errors
    /// The rule's refusal, or `Unreachable` when no answer came.
    pub async fn answer(self) -> Result<T, ApiError> {
        let text = self.text.await;
        match text.strip_prefix(REFUSED) {
            Some(problem) => {
                Err(json::read::<Problem>(problem).map_or(ApiError::Unreachable, Problem::into_error))
            }
            None => json::read(&text).map_err(|_| ApiError::Unreachable),
        }
    }

    /// Asks again.
    pub fn refetch(self) {
        self.text.refetch();
    }
}

/// Stands before the problem document of a refusal; no JSON starts so.
const REFUSED: char = '!';

type Key = Box<dyn Fn() -> String + Send + Sync>;
type Ask = Box<dyn Fn(Client, String) -> Reply + Send + Sync>;

fn text(key: Key, ask: Ask) -> Resource<String, FromToStringCodec> {
    let client = use_client();
    Resource::new_str(key, move |key| {
        let reply = ask(client.clone(), key);
        async move {
            match reply.await {
                Ok(text) => text,
                Err(error) => {
                    let problem = json::write(&Problem::new(&error, String::new())).unwrap_or_default();
                    format!("{REFUSED}{problem}")
                }
            }
        }
    })
}
