//! The description that the server gives of itself, and whether an answer is as it says.

use serde_json::{Map, Value, json};

/// The OpenAPI document, read.
pub(crate) struct Described(Value);

impl Described {
    pub(crate) fn new() -> Self {
        Self(server::http::openapi_document(&server::operations()))
    }

    /// What an operation takes, as one object: for those that only read, their parameters.
    pub(crate) fn request(&self, name: &str) -> Value {
        let path = &self.0["paths"][format!("/api/v1/{name}")];
        let Some(parameters) = path["get"]["parameters"].as_array() else {
            return path["post"]["requestBody"]["content"]["application/json"]["schema"].clone();
        };
        let mut properties = Map::new();
        let mut required = Vec::new();
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap();
            properties.insert(name.to_owned(), parameter["schema"].clone());
            if parameter["required"] == true {
                required.push(name);
            }
        }
        json!({ "type": "object", "properties": properties, "required": required })
    }

    /// What an operation answers when it has done its work.
    pub(crate) fn answer(&self, name: &str) -> &Value {
        let path = &self.0["paths"][format!("/api/v1/{name}")];
        let method = if path["get"].is_null() { "post" } else { "get" };
        &path[method]["responses"]["200"]["content"]["application/json"]["schema"]
    }

    /// What every refusal is.
    pub(crate) fn problem(&self) -> &Value {
        &self.0["components"]["schemas"]["Problem"]
    }

    /// The schema itself, where it is named elsewhere.
    pub(crate) fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(name) => {
                let name = name.rsplit('/').next().unwrap();
                &self.0["components"]["schemas"][name]
            }
            None => schema,
        }
    }

    /// What is not as described; the parts of a schema that the description uses are looked at.
    pub(crate) fn complaint(&self, schema: &Value, value: &Value) -> Option<String> {
        let schema = self.resolved(schema);
        if schema.is_null() {
            return Some("no schema".to_owned());
        }
        for choice in ["anyOf", "oneOf"] {
            if let Some(choices) = schema[choice].as_array() {
                let fits = choices.iter().any(|one| self.complaint(one, value).is_none());
                if !fits {
                    return Some(format!("{value} is none of its kinds"));
                }
            }
        }
        if let Some(only) = schema.get("const").filter(|only| *only != value) {
            return Some(format!("{value} instead of {only}"));
        }
        if !is_of_type(&schema["type"], value) {
            return Some(format!("{value} is not of type {}", schema["type"]));
        }
        if schema["format"] == "uuid" && value.as_str().is_some_and(|id| id.len() != 36) {
            return Some(format!("{value} is no id"));
        }
        if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
            && number < least
        {
            return Some(format!("{number} is below {least}"));
        }
        if let Value::Array(items) = value {
            return items
                .iter()
                .find_map(|item| self.complaint(&schema["items"], item));
        }
        self.complaint_of_object(schema, value.as_object()?)
    }

    fn complaint_of_object(&self, schema: &Value, object: &Map<String, Value>) -> Option<String> {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                return Some(format!("{name} is missing"));
            }
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(complaint) = object.get(name).and_then(|value| self.complaint(property, value)) {
                return Some(format!("{name}: {complaint}"));
            }
        }
        None
    }
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a type that no value has: {other}"),
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}
