//! The description of what travels beside the operations: the bytes of files.

use serde_json::{Value, json};

const DOWN: &str = "/api/v1/attachments/{id}";
const UP: &str = "/api/v1/uploads/{id}";

/// The addresses of files, each with what it takes and answers. `answer` describes a finished attachment, `problem` a refusal.
pub(super) fn paths(answer: &Value, problem: &Value) -> Vec<(String, Value)> {
    let security = json!([{ "session": [] }, { "token": [] }]);
    let refused = json!({
        "description": "Refused: `code` says why.",
        "content": { "application/problem+json": { "schema": problem } },
    });
    let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } });
    let head = |name: &str, kind: &str, about: &str| {
        json!({
            "name": name, "in": "header", "required": true, "description": about, "schema": { "type": kind },
        })
    };
    let version = head("Tus-Resumable", "string", "`1.0.0`.");
    let bytes = json!({ "description": "The bytes, to be kept: never to be opened as a page.", "content": { "*/*": {} } });
    let get = |name: &str, about: &str| {
        json!({ "get": {
            "operationId": name, "tags": ["attachments"], "description": about, "security": security,
            "parameters": [id, { "name": "Range", "in": "header", "schema": { "type": "string" } }],
            "responses": {
                "200": bytes, "206": bytes, "416": { "description": "No such range." }, "default": refused,
            },
        } })
    };
    let tus = |name: &str, about: &str, parameters: Value, success: (&str, &str)| {
        json!({
            "operationId": name, "tags": ["attachments"], "description": about, "security": security,
            "parameters": parameters,
            "responses": { success.0: { "description": success.1 }, "default": refused },
        })
    };
    vec![
        (
            "/api/v1/attachments.upload_attachment".to_owned(),
            json!({ "post": {
                "operationId": "attachments.upload_attachment",
                "tags": ["attachments"],
                "description": "A file in one request. The fields stand in this order: `conversation`, `key` (a UUID made by \
                                the client: sent again, the same file is found) and `description` if any, `file`. For large \
                                files and bad lines, `/api/v1/uploads`.",
                "security": security,
                "requestBody": { "required": true, "content": { "multipart/form-data": { "schema": {
                    "type": "object",
                    "required": ["conversation", "file"],
                    "properties": {
                        "conversation": { "type": "string", "format": "uuid" },
                        "key": { "type": "string", "format": "uuid" },
                        "description": { "type": "string" },
                        "file": { "type": "string", "format": "binary" },
                    },
                } } } },
                "responses": {
                    "200": { "description": "Done.", "content": { "application/json": { "schema": answer } } },
                    "default": refused,
                },
            } }),
        ),
        (
            "/api/v1/uploads".to_owned(),
            json!({ "post": tus(
                "uploads.create",
                "Begins an upload (tus 1.0, creation). The same as `attachments.begin_upload`: the same key finds the same \
                 upload again.",
                json!([
                    version,
                    head("Upload-Length", "integer", "How many bytes the file has."),
                    head("Upload-Metadata", "string", "`filename`, `conversation`, `key`, and `description` if any, in base64."),
                ]),
                ("201", "`Location` is where the parts go, `Upload-Offset` where they go on."),
            ) }),
        ),
        (
            UP.to_owned(),
            json!({
                "head": tus("uploads.look", "Where an upload has come to.", json!([id, version]),
                    ("200", "`Upload-Offset` says how many bytes are on disk, `Upload-Length` how many there are.")),
                "patch": tus(
                    "uploads.part",
                    "Takes bytes from `Upload-Offset` on, as `application/offset+octet-stream`. When all are there, \
                     `attachments.finish_upload` makes an attachment of them.",
                    json!([id, version, head("Upload-Offset", "integer", "Where these bytes belong.")]),
                    ("204", "`Upload-Offset` says how many bytes are on disk by now."),
                ),
                "delete": tus("uploads.discard", "Gives an upload up.", json!([id, version]), ("204", "Nothing of it is left.")),
            }),
        ),
        (
            DOWN.to_owned(),
            get(
                "attachments.download",
                "The bytes of a file, as they are handed out.",
            ),
        ),
        (
            format!("{DOWN}/thumbnail"),
            get(
                "attachments.thumbnail",
                "A small picture of a picture: WebP, at most 640 pixels wide and high.",
            ),
        ),
        (
            format!("{DOWN}/view"),
            get(
                "attachments.view",
                "A PDF, for the browser's own viewer: the same bytes, `inline`. Of one with scripts, and of anything else, \
                 `not_found`.",
            ),
        ),
    ]
}
