//! Where a processor keeps the number of a call, its arguments and its result.

use nix::sys::ptrace;
use nix::unistd::Pid;

#[cfg(target_arch = "x86_64")]
pub(super) fn call(thread: Pid) -> Option<(i64, [u64; 6])> {
    let at = ptrace::getregs(thread).ok()?;
    Some((
        at.orig_rax.cast_signed(),
        [at.rdi, at.rsi, at.rdx, at.r10, at.r8, at.r9],
    ))
}

#[cfg(target_arch = "x86_64")]
pub(super) fn result(thread: Pid) -> Option<i64> {
    Some(ptrace::getregs(thread).ok()?.rax.cast_signed())
}

/// Puts another first argument before a call that begins.
#[cfg(target_arch = "x86_64")]
pub(super) fn set_first(thread: Pid, first: u64) {
    let mut at = ptrace::getregs(thread).expect("a stopped thread has registers");
    at.rdi = first;
    ptrace::setregs(thread, at).expect("a stopped thread takes registers");
}

/// Puts another result behind a call that has ended, and its first argument back where the program left it.
#[cfg(target_arch = "x86_64")]
pub(super) fn set_result(thread: Pid, first: u64, result: i64) {
    let mut at = ptrace::getregs(thread).expect("a stopped thread has registers");
    at.rdi = first;
    at.rax = result.cast_unsigned();
    ptrace::setregs(thread, at).expect("a stopped thread takes registers");
}

/// One register holds both, first the argument, then the result.
#[cfg(target_arch = "aarch64")]
pub(super) fn set_first(thread: Pid, first: u64) {
    let mut at = ptrace::getregs(thread).expect("a stopped thread has registers");
    at.regs[0] = first;
    ptrace::setregs(thread, at).expect("a stopped thread takes registers");
}

#[cfg(target_arch = "aarch64")]
pub(super) fn set_result(thread: Pid, _first: u64, result: i64) {
    set_first(thread, result.cast_unsigned());
}

#[cfg(target_arch = "aarch64")]
pub(super) fn call(thread: Pid) -> Option<(i64, [u64; 6])> {
    let at = ptrace::getregs(thread).ok()?.regs;
    Some((at[8].cast_signed(), [at[0], at[1], at[2], at[3], at[4], at[5]]))
}

#[cfg(target_arch = "aarch64")]
pub(super) fn result(thread: Pid) -> Option<i64> {
    Some(ptrace::getregs(thread).ok()?.regs[0].cast_signed())
}
