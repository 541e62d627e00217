//! A small file system in memory, which can be full; gone with the test.

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// One that is mounted.
pub(crate) struct Mount(tempfile::TempDir);

impl Mount {
    /// None where nobody may mount one: the test named so says loudly that it was skipped.
    pub(crate) fn new(size: &str, test: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "pli-proof"]);
        let is_mounted = mount
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !is_mounted {
            // Past the test program, which would keep it to itself.
            let words =
                format!("\n==== SKIPPED: {test}: this user may not mount a file system in memory ====\n");
            let _ = std::io::stderr().write_all(words.as_bytes());
        }
        is_mounted.then(|| Self(folder))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// Fills what is left of a file system; answers how much it was.
pub(crate) fn fill(path: &Path) -> u64 {
    let mut file = std::fs::File::create(path).unwrap();
    let mut size = 0;
    while let Ok(n_written @ 1..) = file.write(&[1; 8_192]) {
        size += n_written as u64;
    }
    size
}
