//! The locales: `fr/<feature>.json` and `en/<feature>.json`, nested objects of texts, become nested modules of functions.
//!
//! - a text: `"empty": "Aucun message"` → `words::conversations::empty(language) -> &'static str`
//! - with variables: `"write_to": "Écrire à {name}"` → `write_to(language, name: &str) -> String`
//! - a plural, an object with exactly `one` and `other`: → `unread(language, count: u64, …) -> String`, where `{count}`
//!   is the number; French says `one` for 0 and 1, English for 1 (Unicode CLDR plural rules, cardinals).
//!
//! Texts are typed with plain apostrophes and spaces; typographic ones are put in here, so that no author forgets them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// One key, in one language.
enum Entry {
    Text(String),
    Plural { one: String, other: String },
}

type Texts = BTreeMap<Vec<String>, Entry>;

/// Reads both languages and answers the Rust source, or everything that is wrong.
pub(crate) fn generate(folder: &Path) -> Result<String, Vec<String>> {
    let mut problems = Vec::new();
    let french = read(&folder.join("fr"), true, &mut problems);
    let english = read(&folder.join("en"), false, &mut problems);
    for key in french.keys().filter(|key| !english.contains_key(*key)) {
        problems.push(format!("locales: `{}` is missing in English", key.join(".")));
    }
    for key in english.keys().filter(|key| !french.contains_key(*key)) {
        problems.push(format!("locales: `{}` is missing in French", key.join(".")));
    }
    let mut tree = Module::default();
    for (key, fr) in &french {
        let Some(en) = english.get(key) else { continue };
        match function(key, fr, en) {
            Ok(source) => tree.insert(key, source),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(tree.source(0))
    } else {
        Err(problems)
    }
}

fn read(folder: &Path, is_french: bool, problems: &mut Vec<String>) -> Texts {
    let mut texts = Texts::new();
    let Ok(files) = fs::read_dir(folder) else {
        problems.push(format!("locales: no folder {}", folder.display()));
        return texts;
    };
    for file in files.flatten() {
        let path = file.path();
        let Some(feature) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        let parsed = fs::read_to_string(&path)
            .ok()
            .and_then(|text| serde_json::from_str::<Map<String, Value>>(&text).ok());
        match parsed {
            Some(map) => collect(vec![feature.to_owned()], &map, is_french, &mut texts, problems),
            None => problems.push(format!("locales: {} is not a JSON object", path.display())),
        }
    }
    texts
}

fn collect(
    at: Vec<String>,
    map: &Map<String, Value>,
    is_french: bool,
    texts: &mut Texts,
    problems: &mut Vec<String>,
) {
    for (name, value) in map {
        let mut key = at.clone();
        key.push(name.clone());
        let mut set = |text: &str| {
            if is_french {
                lint(&key, text, problems);
            }
            typography(text, is_french)
        };
        match value {
            Value::String(text) => {
                let text = set(text);
                texts.insert(key, Entry::Text(text));
            }
            Value::Object(inner) => {
                if let (2, Some(Value::String(one)), Some(Value::String(other))) =
                    (inner.len(), inner.get("one"), inner.get("other"))
                {
                    let (one, other) = (set(one), set(other));
                    texts.insert(key, Entry::Plural { one, other });
                } else {
                    collect(key, inner, is_french, texts, problems);
                }
            }
            _ => problems.push(format!(
                "locales: `{}` is neither a text nor an object",
                key.join(".")
            )),
        }
    }
}

/// Typographic apostrophes and no-break spaces (Office québécois de la langue française, « Espacement »).
fn typography(text: &str, is_french: bool) -> String {
    let text = text.replace('\'', "’").replace("...", "…");
    if !is_french {
        return text;
    }
    text.replace(" :", "\u{a0}:")
        .replace("« ", "«\u{a0}")
        .replace(" »", "\u{a0}»")
        .replace(" %", "\u{a0}%")
}

/// What a rule can see of bad French typography.
fn lint(key: &[String], text: &str, problems: &mut Vec<String>) {
    for bad in [" ?", " !", " ;", "SVP", "\""] {
        if text.contains(bad) {
            problems.push(format!("locales: French `{}` holds `{bad}`", key.join(".")));
        }
    }
}

/// The names of the variables in `{}`, in order of appearance.
fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in text.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

fn function(key: &[String], fr: &Entry, en: &Entry) -> Result<String, String> {
    let name = key.last().map(String::as_str).unwrap_or_default();
    let shown = key.join(".");
    let same = |fr: &str, en: &str| {
        let (mut a, mut b) = (variables(fr), variables(en));
        a.retain(|name| name != "count");
        b.retain(|name| name != "count");
        let ordered = a.clone();
        a.sort();
        b.sort();
        if a == b {
            Ok(ordered)
        } else {
            Err(format!("locales: `{shown}` has other variables in English"))
        }
    };
    match (fr, en) {
        (Entry::Text(fr), Entry::Text(en)) => {
            let names = same(fr, en)?;
            if names.is_empty() {
                return Ok(format!(
                    "/// {doc}\npub fn {name}(language: Language) -> &'static str {{\n    match language {{ Language::French => {fr:?}, Language::English => {en:?} }}\n}}\n",
                    doc = doc(fr)
                ));
            }
            let parameters = parameters(&names);
            Ok(format!(
                "/// {doc}\npub fn {name}(language: Language{parameters}) -> String {{\n    match language {{ Language::French => format!({fr:?}), Language::English => format!({en:?}) }}\n}}\n",
                doc = doc(fr)
            ))
        }
        (Entry::Plural { one: fr1, other: fr2 }, Entry::Plural { one: en1, other: en2 }) => {
            let names = same(&format!("{fr1}{fr2}"), &format!("{en1}{en2}"))?;
            let parameters = parameters(&names);
            Ok(format!(
                "/// {doc}\npub fn {name}(language: Language, count: u64{parameters}) -> String {{\n    match (language, count) {{\n        (Language::French, 0 | 1) => format!({fr1:?}), (Language::French, _) => format!({fr2:?}),\n        (Language::English, 1) => format!({en1:?}), (Language::English, _) => format!({en2:?}),\n    }}\n}}\n",
                doc = doc(fr2)
            ))
        }
        _ => Err(format!("locales: `{shown}` is a plural in one language only")),
    }
}

fn doc(text: &str) -> String {
    text.replace('\n', " ")
        .replace('<', "‹")
        .replace('[', "(")
        .replace(']', ")")
}

fn parameters(names: &[String]) -> String {
    names.iter().fold(String::new(), |mut text, name| {
        let _ = write!(text, ", {name}: &str");
        text
    })
}

/// Functions and the modules below.
#[derive(Default)]
struct Module {
    functions: Vec<String>,
    modules: BTreeMap<String, Module>,
}

impl Module {
    fn insert(&mut self, key: &[String], source: String) {
        match key {
            [_] | [] => self.functions.push(source),
            [module, rest @ ..] => self
                .modules
                .entry(module.clone())
                .or_default()
                .insert(rest, source),
        }
    }

    fn source(&self, depth: usize) -> String {
        let mut text = String::new();
        if depth > 0 && !self.functions.is_empty() {
            text.push_str("use crate::accounts::Language;\n");
        }
        for function in &self.functions {
            text.push_str(function);
        }
        for (name, module) in &self.modules {
            let _ = write!(
                text,
                "/// Words under `{name}`.\npub mod {name} {{\n{}}}\n",
                module.source(depth + 1)
            );
        }
        text
    }
}
