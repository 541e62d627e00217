//! What a message carries, as it travels. In a browser it stays text until it is drawn: the code that reads it comes with
//! the code that draws it, and a page without files needs neither (docs/decisions/0006-what-a-page-needs-first.md).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Attachment;

/// The files of a message, in their order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Attachments(Inner);

#[cfg(not(feature = "hydrate"))]
type Inner = Vec<Attachment>;
/// Their JSON; empty without any.
#[cfg(feature = "hydrate")]
type Inner = String;

impl Attachments {
    /// No files.
    pub const fn none() -> Self {
        Self(Inner::new())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Attachments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attachments(…)")
    }
}

#[cfg(not(feature = "hydrate"))]
mod typed {
    use super::{Attachment, Attachments, Deserialize, Deserializer, Serialize, Serializer};

    impl Attachments {
        /// The files.
        pub fn list(&self) -> Vec<Attachment> {
            self.0.clone()
        }
    }

    impl From<Vec<Attachment>> for Attachments {
        fn from(list: Vec<Attachment>) -> Self {
            Self(list)
        }
    }

    impl Serialize for Attachments {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Attachments {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Vec::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(feature = "ssr")]
impl schemars::JsonSchema for Attachments {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Attachments".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Attachment>::json_schema(generator)
    }
}

#[cfg(feature = "hydrate")]
mod text {
    use wasm_bindgen::JsValue;

    use super::{Attachment, Attachments, Deserialize, Deserializer, Serialize, Serializer};
    use crate::api::json;

    impl Attachments {
        /// The files.
        pub fn list(&self) -> Vec<Attachment> {
            json::read(&self.0).unwrap_or_default()
        }
    }

    impl Serialize for Attachments {
        /// As text: what one page says to another.
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Attachments {
        /// From what the server says, or another page.
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let value: JsValue = serde_wasm_bindgen::preserve::deserialize(deserializer)?;
            let text = value
                .as_string()
                .or_else(|| js_sys::JSON::stringify(&value).ok()?.as_string());
            Ok(Self(text.unwrap_or_default()))
        }
    }
}
