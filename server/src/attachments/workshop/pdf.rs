//! PDF files. They are kept as they came: a signed one would not be the same otherwise. No page of Pli opens them: one in which
//! scripts are seen is handed out to be kept alone, and says so; the others may be shown by the browser's own viewer as well.

/// What begins an action that runs, as far as it is written in the clear.
const SCRIPTS: [&[u8]; 4] = [b"/JavaScript", b"/JS", b"/Launch", b"/RichMedia"];

/// Whether scripts are seen in it. Those that are packed away are not: this is a help, and no wall.
pub(super) fn has_scripts(bytes: &[u8]) -> bool {
    SCRIPTS.iter().any(|script| {
        bytes.windows(script.len() + 1).any(|window| {
            let (name, after) = window.split_at(script.len());
            // The name goes no further.
            name == *script && !after.iter().any(u8::is_ascii_alphanumeric)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::has_scripts;

    #[test]
    fn scripts_in_the_clear_are_seen() {
        assert!(has_scripts(
            b"%PDF-1.7 1 0 obj << /S /JavaScript /JS (app.alert(1)) >>"
        ));
        assert!(has_scripts(b"%PDF-1.7 << /JS 5 0 R >>"));
        assert!(!has_scripts(b"%PDF-1.7 << /JSummary 1 >> /Font"));
    }
}
