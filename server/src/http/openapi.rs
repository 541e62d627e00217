//! The OpenAPI document, made from the table of operations and the types themselves.

mod files;

use app::api::{Method, Problem};
use app::attachments::FoundAttachment;
use app::conversations::ExportConversation;
use axum::Json;
use axum::extract::State;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::operations::{Access, Operations};
use super::{Doors, exports};

/// `GET /api/v1/openapi.json`.
pub(super) async fn serve(State(doors): State<Doors>) -> Json<Value> {
    Json(openapi_document(&doors.operations))
}

/// Describes every operation of the table.
pub fn openapi_document(operations: &Operations) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths = serde_json::Map::new();
    for (name, entry) in operations.iter() {
        let request = (entry.request_schema)(&mut generator);
        let answer = (entry.answer_schema)(&mut generator);
        let mut operation = json!({
            "operationId": name,
            "tags": [name.split('.').next().unwrap_or_default()],
            "responses": {
                "200": { "description": "Done.", "content": { "application/json": { "schema": answer } } },
                "default": {
                    "description": "Refused: `code` says why.",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
        });
        if entry.access != Access::Anyone {
            operation["security"] = json!([{ "session": [] }, { "token": [] }]);
        }
        let method = match entry.method {
            Method::Get => {
                operation["parameters"] = query_parameters(&request, &generator);
                "get"
            }
            Method::Post => {
                operation["requestBody"] =
                    json!({ "required": true, "content": { "application/json": { "schema": request } } });
                "post"
            }
        };
        paths.insert(format!("/api/v1/{name}"), json!({ method: operation }));
    }
    paths.insert("/api/v1/events".to_owned(), stream_path());
    let found = generator.subschema_for::<FoundAttachment>();
    paths.extend(files::paths(found.as_value(), problem.as_value()));
    let wish = generator.subschema_for::<ExportConversation>();
    paths.insert(
        exports::PATH.to_owned(),
        export_path(wish.as_value(), problem.as_value()),
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Pli",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Direct messages between friends. Times are milliseconds since the Unix epoch, UTC; ids are UUIDs.",
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-pli" },
                "token": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

/// The stream is not an operation: it is described by hand.
fn stream_path() -> Value {
    json!({ "get": {
        "operationId": "events.stream",
        "tags": ["events"],
        "description": "Server-Sent Events: the same events as `events.list_events`. The event id is the cursor; \
                        `Last-Event-ID` resumes after it, without that header the stream starts from now. It begins \
                        with `hello`, whose id is the cursor it starts after and whose `spread_ms` is the time over which \
                        to spread reconnections. It ends with `resync` for a device that does not keep up: ask \
                        `events.list_events` after its `cursor`.",
        "security": [{ "session": [] }, { "token": [] }],
        "parameters": [{ "name": "Last-Event-ID", "in": "header", "schema": { "type": "integer" } }],
        "responses": { "200": { "description": "The stream.", "content": { "text/event-stream": {} } } },
    } })
}

/// An export answers with no JSON: it is described by hand.
fn export_path(wish: &Value, problem: &Value) -> Value {
    json!({ "post": {
        "operationId": ExportConversation::NAME,
        "tags": ["conversations"],
        "description": "A conversation of the caller as a ZIP archive, sent while it is made: `conversation.html` or \
                        `conversation.json`, whose messages are those of `conversations.read_timeline`; the files below \
                        `fichiers/`; `manifest.json` with the SHA-256 of each part. It asks for a proof of who is there \
                        that is at most five minutes old, and leaves a row in the audit. An archive that has no end broke \
                        off: it is to be asked for again.",
        "security": [{ "session": [] }, { "token": [] }],
        "requestBody": { "required": true, "content": { "application/json": { "schema": wish } } },
        "responses": {
            "200": { "description": "The archive, to be kept: never to be opened as a page.",
                "content": { "application/zip": {} } },
            "default": {
                "description": "Refused: `code` says why.",
                "content": { "application/problem+json": { "schema": problem } },
            },
        },
    } })
}

/// A read's fields, as query parameters.
fn query_parameters(request: &schemars::Schema, generator: &schemars::SchemaGenerator) -> Value {
    let reference = request
        .as_value()
        .get("$ref")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let name = reference.rsplit('/').next().unwrap_or_default();
    let definition = generator.definitions().get(name).unwrap_or(request.as_value());
    let required: Vec<&str> = definition["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let parameters = definition["properties"].as_object().map(|properties| {
        properties
            .iter()
            .map(|(name, schema)| {
                json!({ "name": name, "in": "query", "required": required.contains(&name.as_str()), "schema": schema })
            })
            .collect::<Vec<_>>()
    });
    json!(parameters.unwrap_or_default())
}
