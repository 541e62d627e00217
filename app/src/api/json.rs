//! JSON, read and written the same way on both sides. In a browser its own parser reads, which spares the page a parser
//! compiled anew for each type.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ApiError;

/// Reads a value.
///
/// # Errors
/// `Malformed` when the text is no JSON, or JSON of another shape. The text is not told: it may hold a person's words.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    #[cfg(feature = "hydrate")]
    return js_sys::JSON::parse(text)
        .ok()
        .and_then(|value| serde_wasm_bindgen::from_value(value).ok())
        .ok_or(ApiError::Malformed);
    #[cfg(not(feature = "hydrate"))]
    serde_json::from_str(text).map_err(|_| ApiError::Malformed)
}

/// Writes a value.
///
/// # Errors
/// `Malformed` for a value that JSON cannot hold, such as a map whose keys are no strings.
pub fn write<T: Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|_| ApiError::Malformed)
}

/// The fields of a JSON object that hold texts, numbers or flags, as a form or a query sends them.
pub fn fields(object: &str) -> Vec<(String, String)> {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;

        let Some(object) = js_sys::JSON::parse(object)
            .ok()
            .and_then(|value| value.dyn_into::<js_sys::Object>().ok())
        else {
            return Vec::new();
        };
        let one = |value: wasm_bindgen::JsValue| match value.as_bool() {
            Some(flag) => Some(flag.to_string()),
            None => value.as_string().or_else(|| {
                value
                    .as_f64()
                    .and_then(|_| js_sys::JSON::stringify(&value).ok()?.as_string())
            }),
        };
        js_sys::Object::entries(&object)
            .iter()
            .filter_map(|pair| {
                let pair = js_sys::Array::from(&pair);
                Some((pair.get(0).as_string()?, one(pair.get(1))?))
            })
            .collect()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        use serde_json::Value;
        let Ok(Value::Object(fields)) = serde_json::from_str(object) else {
            return Vec::new();
        };
        let one = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        };
        let mut all = Vec::new();
        for (name, value) in fields {
            let values = match value {
                // In a plain form; a live page sends no list in a query.
                Value::Array(values) => values,
                value => vec![value],
            };
            let texts = values.into_iter().filter_map(one);
            all.extend(texts.map(|text| (name.clone(), text)));
        }
        all
    }
}
