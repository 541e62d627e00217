//! Watches a process write, call by call: what it wrote into a folder, what it made sure of, and what it said when.
//!
//! The kernel stops the process at each call it makes (`ptrace`), so the record holds the calls of the real SQLite, of
//! its real layer for files, in the order in which they took effect. Played back whole, it gives the very files that
//! the process left: the tests compare them byte by byte.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::IoSliceMut;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::registers;

/// One thing that a process did.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A name came to be.
    Create { file: String },
    /// Bytes were written.
    Write {
        file: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    /// A file got another length.
    SetLen { file: String, len: usize },
    /// A name is gone.
    Remove { file: String },
    /// What was written to the file before step `until` is on disk.
    Sync { file: String, until: usize },
    /// The names that came and went before step `until` are on disk.
    SyncNames { until: usize },
    /// The disk refused to make sure of what was written to the file before step `until`: the system has forgotten which
    /// of it is not there, and no later sync will bring it.
    SyncRefused { file: String, until: usize },
    /// The disk refused to take bytes.
    WriteRefused,
    /// A line on standard output began to leave.
    Say { line: String },
}

/// What a process did, and the files that it left.
pub(crate) struct Recording {
    /// In the order in which they took effect.
    pub(crate) steps: Vec<Step>,
    /// By name.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// What a disk is made to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// To sync (`fsync`, `fdatasync`).
    Sync,
    /// To write (`pwrite`).
    Write,
}

/// One such call: its number among those of its kind, from 0, and the error that it ends with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) refused: Refused,
    pub(crate) nth: usize,
    pub(crate) error: Errno,
}

/// A call that a thread is in.
struct Call {
    number: i64,
    arguments: [u64; 6],
    /// The error that it will end with.
    refused_with: Option<Errno>,
    /// Steps there were when it began.
    n_steps: usize,
}

struct Recorder {
    folder: PathBuf,
    steps: Vec<Step>,
    known: Vec<String>,
    calls: HashMap<Pid, Call>,
    fault: Option<Fault>,
    /// Calls so far of the kind that the fault is about.
    n_met: usize,
    /// The file whose sync was refused, and the descriptors that know of it.
    failed: Option<(String, HashSet<u64>)>,
}

/// Runs `program` to its end and records what it does in `folder`, which is empty. The fault, if there is one, happens to
/// the files there.
///
/// The calling thread is the one that watches: nothing else may wait for its children meanwhile.
pub(crate) fn record(program: &Command, folder: &Path, fault: Option<Fault>) -> Recording {
    let root = start_stopped(program, fault.is_some());
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(root, options).expect("this machine lets a process watch its child (ptrace)");
    kill(root, Signal::SIGCONT).expect("the child is there");
    let mut recorder = Recorder {
        folder: folder.canonicalize().expect("the folder is there"),
        steps: Vec::new(),
        known: Vec::new(),
        calls: HashMap::new(),
        fault,
        n_met: 0,
        failed: None,
    };
    recorder.watch();
    Recording {
        steps: recorder.steps,
        files: read_files(folder),
    }
}

/// Starts the program so that not one of its calls can be missed: a shell stops itself, then becomes the program.
#[expect(clippy::zombie_processes, reason = "the recorder waits for it by its number")]
///
/// `is_silent`: a program on a disk that refuses ends in any way, and what it says of that is of no interest.
fn start_stopped(program: &Command, is_silent: bool) -> Pid {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -STOP $$; exec \"$0\" \"$@\""]);
    shell.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.stdout(Stdio::null()).process_group(0);
    if is_silent {
        shell.stderr(Stdio::null());
    }
    let child = shell.spawn().expect("a shell starts");
    let root = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
    let stopped = waitpid(root, Some(WaitPidFlag::WUNTRACED)).expect("the child is ours");
    assert!(
        matches!(stopped, WaitStatus::Stopped(_, Signal::SIGSTOP)),
        "{stopped:?}"
    );
    root
}

impl Recorder {
    fn watch(&mut self) {
        let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let (thread, signal) = match waitpid(None, Some(flags)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    self.call(thread);
                    (thread, None)
                }
                Ok(WaitStatus::Stopped(thread, signal)) => (thread, Some(signal)),
                Ok(WaitStatus::PtraceEvent(thread, ..)) => (thread, None),
                Ok(WaitStatus::Exited(thread, _) | WaitStatus::Signaled(thread, ..)) => {
                    self.calls.remove(&thread);
                    continue;
                }
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(Errno::ECHILD) => return,
                Err(error) => panic!("cannot watch: {error}"),
            };
            // A thread that was ended in the meantime is reported later.
            let _ = ptrace::syscall(thread, signal);
        }
    }

    /// A thread stands at the beginning or at the end of a call.
    fn call(&mut self, thread: Pid) {
        let Ok(info) = ptrace::syscall_info(thread) else {
            return;
        };
        if info.op == libc::PTRACE_SYSCALL_INFO_ENTRY {
            let Some((number, arguments)) = registers::call(thread) else {
                return;
            };
            let call = Call {
                number,
                arguments,
                refused_with: self.must_refuse(thread, number, arguments[0]),
                n_steps: self.steps.len(),
            };
            if call.refused_with.is_some() {
                // The kernel looks in vain for the file, and does nothing.
                registers::set_first(thread, u64::MAX);
            }
            // What is said may be heard from here on; everything else counts when it is done.
            if number == libc::SYS_write && arguments[0] == 1 {
                let bytes = read_memory(thread, arguments[1], to_usize(arguments[2]));
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.steps.extend(text.lines().map(|line| Step::Say {
                    line: line.to_owned(),
                }));
            }
            // Without this the arguments of an `unlink` are read when the file is gone, which is no harm.
            self.calls.insert(thread, call);
        } else if let Some(call) = self.calls.remove(&thread) {
            if let Some(error) = call.refused_with {
                self.refuse(thread, &call, error);
            } else if let Some(error) = self.must_be_told(thread, &call) {
                self.refuse(thread, &call, error);
            } else if let Some(result) = registers::result(thread)
                && result >= 0
            {
                self.done(thread, &call, result);
            }
        }
    }

    /// The error that this call is to end with, if it is the one.
    fn must_refuse(&mut self, thread: Pid, number: i64, descriptor: u64) -> Option<Errno> {
        let fault = self.fault?;
        let is_of_its_kind = match fault.refused {
            Refused::Sync => number == libc::SYS_fsync || number == libc::SYS_fdatasync,
            Refused::Write => number == libc::SYS_pwrite64,
        };
        if !is_of_its_kind || self.file(thread, descriptor).is_none() {
            return None;
        }
        self.n_met += 1;
        (self.n_met == fault.nth + 1).then_some(fault.error)
    }

    /// The error that this sync is to end with because that of another descriptor was refused.
    ///
    /// Source: fsync(2): since Linux 4.13, an error is reported to all descriptors that might have written what was lost.
    fn must_be_told(&mut self, thread: Pid, call: &Call) -> Option<Errno> {
        let descriptor = call.arguments[0];
        if call.number != libc::SYS_fsync && call.number != libc::SYS_fdatasync {
            return None;
        }
        let file = self.file(thread, descriptor)?;
        let (failed, told) = self.failed.as_mut()?;
        (*failed == file && told.insert(descriptor)).then(|| self.fault.map(|fault| fault.error))?
    }

    fn refuse(&mut self, thread: Pid, call: &Call, error: Errno) {
        let [descriptor, ..] = call.arguments;
        registers::set_result(thread, descriptor, -i64::from(error as i32));
        let until = call.n_steps;
        self.steps.push(match self.file(thread, descriptor) {
            Some(file) if call.number != libc::SYS_pwrite64 => {
                let (_, told) = self.failed.get_or_insert_with(|| (file.clone(), HashSet::new()));
                told.insert(descriptor);
                Step::SyncRefused { file, until }
            }
            _ => Step::WriteRefused,
        });
    }

    fn done(&mut self, thread: Pid, call: &Call, result: i64) {
        let [first, second, third, fourth, ..] = call.arguments;
        match call.number {
            libc::SYS_pwrite64 => {
                if let Some(file) = self.file(thread, first) {
                    let bytes = read_memory(thread, second, to_usize(result.unsigned_abs()));
                    let offset = to_usize(fourth);
                    self.steps.push(Step::Write { file, offset, bytes });
                }
            }
            libc::SYS_write | libc::SYS_writev | libc::SYS_pwritev | libc::SYS_fallocate => {
                let file = self.file(thread, first);
                assert!(
                    file.is_none(),
                    "a way of writing that the model does not know: {file:?}"
                );
            }
            libc::SYS_ftruncate => {
                if let Some(file) = self.file(thread, first) {
                    self.steps.push(Step::SetLen {
                        file,
                        len: to_usize(second),
                    });
                }
            }
            libc::SYS_fsync | libc::SYS_fdatasync => {
                let until = call.n_steps;
                if let Some(file) = self.file(thread, first) {
                    self.steps.push(Step::Sync { file, until });
                } else if path(thread, first) == Some(self.folder.clone()) {
                    self.steps.push(Step::SyncNames { until });
                }
            }
            libc::SYS_openat if third & u64::from(libc::O_CREAT.unsigned_abs()) != 0 => {
                if let Some(file) = self.file(thread, result.unsigned_abs()) {
                    if !self.known.contains(&file) {
                        self.known.push(file.clone());
                        self.steps.push(Step::Create { file: file.clone() });
                    }
                    if third & u64::from(libc::O_TRUNC.unsigned_abs()) != 0 {
                        self.steps.push(Step::SetLen { file, len: 0 });
                    }
                }
            }
            libc::SYS_unlinkat => self.removed(&read_text(thread, second)),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_unlink => self.removed(&read_text(thread, first)),
            _ => {}
        }
    }

    fn removed(&mut self, path: &str) {
        let path = Path::new(path);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if path.parent() == Some(&self.folder)
            && let Some(file) = name.filter(|name| is_kept(name))
        {
            self.known.retain(|known| *known != file);
            self.failed.take_if(|(failed, _)| *failed == file);
            self.steps.push(Step::Remove { file });
        }
    }

    /// The name of an open file, if it lies in the folder and outlives the process.
    fn file(&self, thread: Pid, descriptor: u64) -> Option<String> {
        let path = path(thread, descriptor)?;
        let name = path.strip_prefix(&self.folder).ok()?.to_str()?;
        (!name.is_empty() && is_kept(name)).then(|| name.to_owned())
    }
}

fn path(thread: Pid, descriptor: u64) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{thread}/fd/{descriptor}")).ok()
}

/// The index of the log is memory that processes share: SQLite makes it anew after a crash. A file that only tries
/// whether there is room holds nothing.
fn is_kept(name: &str) -> bool {
    !name.ends_with("-shm") && name != "pli.room"
}

fn read_memory(thread: Pid, address: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    let place = RemoteIoVec {
        base: to_usize(address),
        len,
    };
    let n_read = process_vm_readv(thread, &mut [IoSliceMut::new(&mut bytes)], &[place]);
    assert_eq!(n_read, Ok(len), "the memory of a stopped thread can be read");
    bytes
}

/// A text that ends with a zero, and lies in one page or two.
fn read_text(thread: Pid, address: u64) -> String {
    let mut text = Vec::new();
    let mut address = address;
    loop {
        let len = to_usize(256 - address % 256);
        let bytes = read_memory(thread, address, len);
        if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
            text.extend_from_slice(&bytes[..end]);
            return String::from_utf8_lossy(&text).into_owned();
        }
        text.extend(bytes);
        address += len as u64;
    }
}

fn read_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    names
        .filter(|name| is_kept(name))
        .map(|name| (name.clone(), std::fs::read(folder.join(&name)).expect("a file")))
        .collect()
}

fn to_usize(value: u64) -> usize {
    usize::try_from(value).expect("a size of this machine")
}
