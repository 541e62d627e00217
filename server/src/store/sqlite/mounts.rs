//! Which folders lie on another machine, by the list of mounts that Linux keeps.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// File systems whose files are on another machine.
const NETWORK: &[&str] = &[
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "orangefs",
    "pvfs2",
    "smb2",
    "smb3",
    "smbfs",
];

/// The same, and others, as programs: `fuse.NAME`.
const NETWORK_PROGRAMS: &[&str] = &[
    "ceph-fuse",
    "curlftpfs",
    "davfs2",
    "gcsfuse",
    "goofys",
    "mergerfs-nfs",
    "rclone",
    "s3fs",
    "smbnetfs",
    "sshfs",
];

/// The kind of the network file system on which `path` lies; `None` when it is local or unknown.
///
/// `mountinfo` is the text of `/proc/self/mountinfo`; `path` is absolute, without links.
pub(super) fn network_file_system(mountinfo: &str, path: &Path) -> Option<String> {
    let holds = |mount: &(PathBuf, String)| path.starts_with(&mount.0);
    // The deepest mount counts; of two at one place the later one, which hides the earlier.
    let (_, kind) = mountinfo
        .lines()
        .filter_map(parse)
        .filter(holds)
        .max_by_key(|(place, _)| place.components().count())?;
    is_network(&kind).then_some(kind)
}

fn is_network(kind: &str) -> bool {
    let program = kind.strip_prefix("fuse.");
    NETWORK.contains(&program.unwrap_or(kind)) || program.is_some_and(|name| NETWORK_PROGRAMS.contains(&name))
}

/// Where a line's mount stands, and its kind.
///
/// Source: Linux, `proc_pid_mountinfo(5)`: the fifth field is the place; the kind follows a lone hyphen.
fn parse(line: &str) -> Option<(PathBuf, String)> {
    let (before, after) = line.split_once(" - ")?;
    let place = before.split(' ').nth(4)?;
    let kind = after.split(' ').next()?;
    Some((unescape(place), kind.to_owned()))
}

/// White space and backslashes stand there as three octal digits.
fn unescape(field: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let octal = others
            .get(..3)
            .filter(|_| *first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(octal.unwrap_or(*first));
        rest = if octal.is_some() { &others[3..] } else { others };
    }
    PathBuf::from(os_string(bytes))
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = r"22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 0:50 / /srv rw,relatime shared:7 master:1 - nfs4 files:/srv rw,vers=4.2
41 40 254:1 / /srv/local rw - xfs /dev/vdb rw
42 27 0:51 / /mnt/the\040share rw - cifs //files/share rw
43 27 0:52 / /home/anne/far rw - fuse.sshfs anne@far: rw
44 27 0:53 / /media/stick rw - fuse.exfat /dev/sdb1 rw
45 27 0:54 / /twice rw - nfs files:/a rw
46 45 254:2 / /twice rw - ext4 /dev/vdc rw
47 27 0:55 / /gluster rw - fuse.glusterfs files:/vol rw
48 27 0:56 / /host rw - 9p host rw";

    fn kind(path: &str) -> Option<String> {
        network_file_system(MOUNTS, Path::new(path))
    }

    /// Assurance REL-20.
    #[test]
    fn a_folder_on_another_machine_is_told_by_its_mount() {
        assert_eq!(kind("/srv/pli").as_deref(), Some("nfs4"));
        assert_eq!(kind("/mnt/the share/pli").as_deref(), Some("cifs"));
        assert_eq!(kind("/home/anne/far").as_deref(), Some("fuse.sshfs"));
        assert_eq!(kind("/gluster/data").as_deref(), Some("fuse.glusterfs"));
        assert_eq!(kind("/host/data").as_deref(), Some("9p"));
    }

    /// Assurance REL-20.
    #[test]
    fn the_deepest_mount_counts_and_of_two_the_later() {
        assert_eq!(kind("/srv/local/pli"), None);
        assert_eq!(kind("/srv/locally").as_deref(), Some("nfs4"), "another folder");
        assert_eq!(kind("/twice/pli"), None);
        assert_eq!(kind("/home/anne"), None);
        assert_eq!(kind("/media/stick"), None);
    }

    #[test]
    fn what_is_not_such_a_list_tells_nothing() {
        assert_eq!(network_file_system("", Path::new("/srv")), None);
        assert_eq!(
            network_file_system("27 1 254:0 /\nnonsense - ", Path::new("/srv")),
            None
        );
    }
}
