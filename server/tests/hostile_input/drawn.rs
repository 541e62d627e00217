//! Wishes: mostly what a description allows, now and then what it forbids.

use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::described::Described;

/// Draws wishes about the people of a scene.
pub(crate) struct Drawn<'a> {
    described: &'a Described,
    ids: &'a [String],
}

/// Numbers at the edges of what programs hold.
const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "2",
    "50",
    "200",
    "201",
    "-1",
    "2147483648",
    "4294967296",
    "9007199254740991",
    "9007199254740992",
    "9223372036854775807",
    "18446744073709551615",
    "1.5",
    "-9223372036854775808",
    "1e300",
];

/// Words at the edges of what programs take for words.
const WORDS: [&str; 20] = [
    "",
    " ",
    "a",
    "Bonjour",
    "Œdème à l’avant-bras 👩🏽‍⚕️",
    "\u{0}",
    "\u{202e}tfel",
    "\u{feff}",
    "e\u{301}\u{301}\u{301}",
    "'; drop table accounts; --",
    "<script>alert(1)</script>",
    "%s%n%x",
    "../../etc/passwd",
    "{{7*7}}",
    "\r\nX: y",
    "\u{d7ff}\u{e000}\u{10ffff}",
    "null",
    "true",
    "fr-CA",
    "browser",
];

impl<'a> Drawn<'a> {
    pub(crate) fn new(described: &'a Described, ids: &'a [String]) -> Self {
        Self { described, ids }
    }

    /// What an operation could be asked for.
    pub(crate) fn wish(&self, name: &str, chance: &mut Chance) -> Value {
        self.value(&self.described.request(name), chance, 0)
    }

    fn value(&self, schema: &Value, chance: &mut Chance, depth: u32) -> Value {
        if depth > 0 && chance.percent(5) {
            return junk(chance);
        }
        let schema = self.described.resolved(schema);
        for choice in ["anyOf", "oneOf"] {
            if let Some(choices) = schema[choice].as_array() {
                return self.value(&choices[chance.index(choices.len())], chance, depth + 1);
            }
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds[chance.index(kinds.len())].as_str(),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") => self.object(schema, chance, depth),
            Some("array") => {
                let n = chance.below(4);
                (0..n)
                    .map(|_| self.value(&schema["items"], chance, depth + 1))
                    .collect()
            }
            Some("string") if schema["format"] == "uuid" => Value::from(self.id(chance)),
            Some("string") => Value::from(words(chance)),
            Some("integer" | "number") => number(chance),
            Some("boolean") => Value::from(chance.percent(50)),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, chance: &mut Chance, depth: u32) -> Value {
        let mut object = Map::new();
        let required = schema["required"].as_array();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let is_required = required.is_some_and(|all| all.iter().any(|one| one == name));
            if chance.percent(if is_required { 96 } else { 40 }) {
                object.insert(name.clone(), self.value(property, chance, depth + 1));
            }
        }
        if chance.percent(5) {
            object.insert("unknown".to_owned(), junk(chance));
        }
        Value::Object(object)
    }

    fn id(&self, chance: &mut Chance) -> String {
        match chance.below(20) {
            0 => words(chance),
            1 => self.ids[0].to_uppercase(),
            2 => self.ids[0].replace('-', ""),
            3 => format!("{{{}}}", self.ids[0]),
            _ => self.ids[chance.index(self.ids.len())].clone(),
        }
    }
}

fn number(chance: &mut Chance) -> Value {
    serde_json::from_str(NUMBERS[chance.index(NUMBERS.len())]).unwrap()
}

fn words(chance: &mut Chance) -> String {
    let words = WORDS[chance.index(WORDS.len())];
    match chance.below(12) {
        // Around the limits of a note, a name, a password, a message.
        0 => "é".repeat(141),
        1 => "x".repeat(257),
        2 => "à".repeat(10_001),
        3 => format!("{words}{words}"),
        _ => words.to_owned(),
    }
}

/// A value that nobody has asked for.
fn junk(chance: &mut Chance) -> Value {
    match chance.below(8) {
        0 => Value::Null,
        1 => json!([]),
        2 => json!({}),
        3 => (0..100).fold(json!(0), |inner, _| json!([inner])),
        4 => Value::from(words(chance)),
        5 => Value::from(chance.percent(50)),
        6 => json!({ "a": { "b": [1, "c"] } }),
        _ => number(chance),
    }
}

/// An object as a query says it.
pub(crate) fn query(wish: &Value) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in wish.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::String(text) => drop(query.append_pair(name, text)),
            other => drop(query.append_pair(name, &other.to_string())),
        }
    }
    query.finish()
}
