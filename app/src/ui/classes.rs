//! The class attribute of a piece that lets its caller add to it.

/// The piece's own classes, then the caller's.
pub(super) fn joined(own: &str, callers: &str) -> String {
    if callers.is_empty() {
        own.to_owned()
    } else {
        format!("{own} {callers}")
    }
}
