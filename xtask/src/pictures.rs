//! Pictures of the pages, taken in a real browser.

use anyhow::Result;

use crate::workspace::{root, run, step, target};
use crate::{node, server};

/// Takes pictures: every page at every size, or those of the documents.
///
/// # Errors
/// A build fails, or a page cannot be reached.
pub(crate) fn take(is_for_docs: bool) -> Result<()> {
    let program = server::build_release()?;
    let project = if is_for_docs {
        "--project=pictures"
    } else {
        "--project=shots"
    };
    let folder = if is_for_docs {
        "docs/pictures and public/aide"
    } else {
        "target/shots"
    };
    step("pictures", || {
        let mut command = node::playwright(&["test", project])?;
        run(command
            .env("PLI_PROGRAM", &program)
            .env("PLI_E2E_REPORT", target().join("shots.json")))
    })?;
    println!("  {}", root().join(folder).display());
    Ok(())
}
