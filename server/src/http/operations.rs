//! Every operation, by its wire name: who may call it at all, and which rule answers it.
//!
//! The table is the single way to the rules. The API, plain forms and the pages rendered here all look an operation up
//! in it, so the same checks stand before every door, and the tests can walk through all of them.

use std::collections::BTreeMap;
use std::pin::Pin;

use app::api::{ApiError, Method, Operation};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::accounts::Hold;
use crate::context::{Caller, Context, Visitor};
use crate::error::{Error, Result};

/// Who may call an operation at all; what exactly they may do is the rule's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever knows what it asks for: signing in, one-time links.
    Anyone,
    /// A signed-in account.
    SignedIn,
    /// A signed-in administrator.
    Admin,
}

/// How an operation arrives.
pub enum Input {
    /// A JSON object.
    Json(String),
    /// A query string.
    Query(String),
    /// The fields of a plain form.
    Form(Vec<(String, String)>),
}

/// Who asks.
#[derive(Clone)]
pub enum Asker {
    /// Nobody known.
    Visitor(Visitor),
    /// A signed-in account.
    Caller(Caller),
    /// A signed-in account that has something to do before all else.
    Held(Caller, Hold),
}

type Answering = Pin<Box<dyn Future<Output = Result<String>> + Send>>;
type Handler = Box<dyn Fn(Context, Asker, Input) -> Answering + Send + Sync>;
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One operation of the table.
pub struct Entry {
    /// How it travels.
    pub method: Method,
    /// Who may call it.
    pub access: Access,
    /// The most bytes of its request.
    pub max_bytes: usize,
    /// Whether it is answered while the caller is held: it is what ends the holding, or signing out.
    pub is_for_held: bool,
    handler: Handler,
    /// Describes the request.
    pub request_schema: SchemaOf,
    /// Describes the answer.
    pub answer_schema: SchemaOf,
}

/// A request is this large at most, unless the operation says otherwise: a message of 10,000 characters fits twice.
const MAX_BYTES: usize = 256 * 1024;

/// The table of operations.
#[derive(Default)]
pub struct Operations {
    by_name: BTreeMap<&'static str, Entry>,
}

impl Operations {
    /// Adds an operation that anyone may call.
    pub fn anyone<O, R, F>(&mut self, rule: R) -> &mut Self
    where
        O: Operation + JsonSchema,
        O::Answer: JsonSchema,
        R: Fn(Context, Visitor, O) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<O::Answer>> + Send + 'static,
    {
        self.insert::<O>(
            Access::Anyone,
            Box::new(move |context, asker, input| {
                Box::pin(async move {
                    let operation = parse::<O>(input)?;
                    let visitor = match asker {
                        Asker::Visitor(visitor) => visitor,
                        Asker::Caller(caller) | Asker::Held(caller, _) => Visitor {
                            device_name: caller.session.door().device_name.clone(),
                            language: caller.language,
                            session: caller.session,
                        },
                    };
                    to_json::<O>(&rule(context, visitor, operation).await?)
                })
            }),
        )
    }

    /// Adds an operation for signed-in accounts.
    pub fn signed_in<O, R, F>(&mut self, rule: R) -> &mut Self
    where
        O: Operation + JsonSchema,
        O::Answer: JsonSchema,
        R: Fn(Context, Caller, O) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<O::Answer>> + Send + 'static,
    {
        self.insert::<O>(Access::SignedIn, caller_handler::<O, R, F>(rule))
    }

    /// Adds an operation for administrators.
    pub fn admin<O, R, F>(&mut self, rule: R) -> &mut Self
    where
        O: Operation + JsonSchema,
        O::Answer: JsonSchema,
        R: Fn(Context, Caller, O) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<O::Answer>> + Send + 'static,
    {
        self.insert::<O>(Access::Admin, caller_handler::<O, R, F>(rule))
    }

    /// Lets the last-named operation's requests be larger.
    pub fn with_max_bytes<O: Operation>(&mut self, max_bytes: usize) -> &mut Self {
        if let Some(entry) = self.by_name.get_mut(O::NAME) {
            entry.max_bytes = max_bytes;
        }
        self
    }

    /// Lets the last-named operation be answered while its caller is held.
    pub fn for_held<O: Operation>(&mut self) -> &mut Self {
        if let Some(entry) = self.by_name.get_mut(O::NAME) {
            entry.is_for_held = true;
        }
        self
    }

    fn insert<O>(&mut self, access: Access, handler: Handler) -> &mut Self
    where
        O: Operation + JsonSchema,
        O::Answer: JsonSchema,
    {
        let entry = Entry {
            method: O::METHOD,
            access,
            max_bytes: MAX_BYTES,
            is_for_held: false,
            handler,
            request_schema: SchemaGenerator::subschema_for::<O>,
            answer_schema: SchemaGenerator::subschema_for::<O::Answer>,
        };
        let earlier = self.by_name.insert(O::NAME, entry);
        assert!(earlier.is_none(), "`{}` stands in the table twice", O::NAME);
        self
    }

    /// The operation of that name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name)
    }

    /// All operations, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Entry)> {
        self.by_name.iter().map(|(name, entry)| (*name, entry))
    }
}

impl Entry {
    /// Checks that `asker` may call this at all, then asks the rule.
    ///
    /// # Errors
    /// `SignedOut` or `NotAllowed` before the rule is asked; else what the rule answers.
    pub async fn answer(&self, context: Context, asker: Asker, input: Input) -> Result<String> {
        let asker = match asker {
            Asker::Held(caller, _) if self.is_for_held => Asker::Caller(caller),
            other => other,
        };
        match (self.access, &asker) {
            (Access::SignedIn | Access::Admin, Asker::Held(_, hold)) => return Err(hold.refusal().into()),
            (Access::Anyone, _) | (Access::SignedIn, Asker::Caller(_)) => {}
            (Access::SignedIn | Access::Admin, Asker::Visitor(_)) => return Err(ApiError::SignedOut.into()),
            (Access::Admin, Asker::Caller(caller)) => {
                if !caller.is_admin {
                    return Err(ApiError::NotAllowed.into());
                }
            }
        }
        (self.handler)(context, asker, input).await
    }
}

fn caller_handler<O, R, F>(rule: R) -> Handler
where
    O: Operation,
    R: Fn(Context, Caller, O) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<O::Answer>> + Send + 'static,
{
    Box::new(move |context, asker, input| {
        Box::pin(async move {
            let Asker::Caller(caller) = asker else {
                return Err(ApiError::SignedOut.into());
            };
            let operation = parse::<O>(input)?;
            to_json::<O>(&rule(context, caller, operation).await?)
        })
    })
}

fn parse<O: Operation>(input: Input) -> Result<O> {
    let parsed = match input {
        Input::Json(text) => serde_json::from_str(&text).ok(),
        Input::Query(query) => serde_html_form::from_str(&query).ok(),
        Input::Form(fields) => serde_html_form::to_string(fields)
            .ok()
            .and_then(|text| serde_html_form::from_str(&text).ok()),
    };
    parsed.ok_or_else(|| ApiError::Malformed.into())
}

fn to_json<O: Operation>(answer: &O::Answer) -> Result<String> {
    serde_json::to_string(answer)
        .map_err(|error| Error::failed(format!("writing the answer of `{}`", O::NAME), error))
}
