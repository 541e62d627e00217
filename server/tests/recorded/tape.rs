//! What is kept of an exchange, and how two of different days are held against each other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What was recorded of a version.
#[derive(Serialize, Deserialize)]
pub(crate) struct Tape {
    /// In the order in which it was asked.
    pub(crate) exchanges: Vec<Exchange>,
}

/// How it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Method {
    /// The query holds what is asked.
    Get,
    /// The body does.
    Post,
}

/// A request and its answer. Ids stand there by the names of [`Names`].
#[derive(Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// The person, or nobody.
    pub(crate) who: String,
    /// What for.
    pub(crate) operation: String,
    /// How.
    pub(crate) method: Method,
    /// The query or the body.
    pub(crate) asked: String,
    /// The answer's status.
    pub(crate) status: u16,
    /// The answer.
    pub(crate) answer: Value,
}

/// Names for ids that another day has others for: `{anne}`, and `{1}`, `{2}`… in the order in which answers brought them.
#[derive(Default)]
pub(crate) struct Names {
    values: BTreeMap<String, String>,
}

impl Names {
    /// Gives a value its name.
    pub(crate) fn bind(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Names the ids that an answer brings. Lists are left out: their order may be another one.
    pub(crate) fn name_all(&mut self, answer: &Value, asked: &str) {
        match answer {
            Value::String(text) if Uuid::try_parse(text).is_ok() && !asked.contains(text.as_str()) => {
                let name = format!("{{{}}}", self.values.len());
                if self.values.values().all(|known| known != text) {
                    self.bind(&name, text);
                }
            }
            Value::Object(fields) => fields.values().for_each(|field| self.name_all(field, asked)),
            _ => {}
        }
    }

    /// Learns what the names of an old answer stand for, from the new one.
    pub(crate) fn learn(&mut self, old: &Value, new: &Value) {
        match (old, new) {
            (Value::String(name), Value::String(value)) if name.starts_with('{') => {
                self.values.entry(name.clone()).or_insert_with(|| value.clone());
            }
            (Value::Object(old), Value::Object(new)) => {
                for (key, old) in old {
                    if let Some(new) = new.get(key) {
                        self.learn(old, new);
                    }
                }
            }
            _ => {}
        }
    }

    /// Puts names where values stand.
    pub(crate) fn hide(&self, text: &str) -> String {
        let put = |text: String, (name, value): (&String, &String)| text.replace(value.as_str(), name);
        self.values.iter().fold(text.to_owned(), put)
    }

    /// Puts values where names stand.
    pub(crate) fn show(&self, text: &str) -> String {
        let put = |text: String, (name, value): (&String, &String)| text.replace(name.as_str(), value);
        self.values.iter().fold(text.to_owned(), put)
    }
}

/// Whether a page that reads `old` can read `new`: nothing it knows is missing, everything has its kind, and words that
/// decide something (`friend`, `channel_closed`) are the same.
///
/// # Errors
/// Where it cannot.
pub(crate) fn fits(old: &Value, new: &Value, names: &Names) -> Result<(), String> {
    let here = |is_well: bool| if is_well { Ok(()) } else { Err(String::new()) };
    match (old, new) {
        (Value::Null, _) | (Value::Bool(_), Value::Bool(_)) | (Value::Number(_), Value::Number(_)) => Ok(()),
        (Value::String(old), Value::String(new)) => match names.values.get(old) {
            Some(value) => here(value == new),
            None => here(!is_code(old) || old == new),
        },
        (Value::Array(old), Value::Array(new)) => {
            for (index, old) in old.iter().enumerate() {
                let is_there = new.iter().any(|new| fits(old, new, names).is_ok());
                if !is_there {
                    return Err(format!("/{index}: none is like {old}"));
                }
            }
            Ok(())
        }
        (Value::Object(old), Value::Object(new)) => {
            for (key, old) in old {
                let new = new.get(key).unwrap_or(&Value::Null);
                fits(old, new, names).map_err(|place| format!("/{key}{place}"))?;
            }
            Ok(())
        }
        _ => here(false),
    }
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
