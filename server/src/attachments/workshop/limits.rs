//! What the process gives up before it reads a byte: memory, time, files, the network, other processes. It cannot have them
//! back.
//!
//! Limits of the system come first, and then the program once more, from its beginning: whoever gives out its memory has
//! taken a gigabyte for later by the time that anything can be said, and would work within that. Behind the limits stands a
//! list of what it may ask of the system; whatever else it asks ends it. On other systems than Linux there is neither.
//!
//! Source: assurance ATT-02.

#[cfg(target_os = "linux")]
pub(super) use linux::give_up;

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux it may fail")]
pub(super) fn give_up() -> Result<(), ()> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch, apply_filter,
    };

    /// The most memory that it may write to.
    const MEMORY_BYTES: u64 = 256 * 1024 * 1024;
    /// How long it may compute.
    const CPU_SECONDS: u64 = 5;
    /// Its three lines to the server are open; another file, or a line to anywhere, would be the fourth.
    const N_OPEN: u64 = 3;

    /// Gives everything up that looking at a file does not need. The first time it does not return: the program begins anew.
    pub(in super::super) fn give_up() -> Result<(), ()> {
        let had = getrlimit(Resource::Data).maximum;
        if had.is_none_or(|most| most > MEMORY_BYTES) {
            limit(&[
                (Resource::Core, 0),
                (Resource::Fsize, 0),
                (Resource::Cpu, CPU_SECONDS),
                (Resource::Data, MEMORY_BYTES),
            ])?;
            let _why = Command::new("/proc/self/exe")
                .args(std::env::args_os().skip(1))
                .env_clear()
                // Else it takes half of all for later, and what is large fits into neither half.
                .env("MIMALLOC_ARENA_RESERVE", "0")
                .exec();
            return Err(());
        }
        limit(&[(Resource::Nproc, 0), (Resource::Nofile, N_OPEN)])?;
        apply_filter(&list()?).map_err(|_| ())
    }

    fn limit(limits: &[(Resource, u64)]) -> Result<(), ()> {
        for (resource, most) in limits {
            let at_most = Rlimit {
                current: Some(*most),
                maximum: Some(*most),
            };
            setrlimit(*resource, at_most).map_err(|_| ())?;
        }
        Ok(())
    }

    /// What it may ask of the system: its lines, memory, the time, its end.
    fn list() -> Result<BpfProgram, ()> {
        let allowed = [
            libc::SYS_read,
            libc::SYS_write,
            libc::SYS_writev,
            libc::SYS_close,
            libc::SYS_fstat,
            libc::SYS_lseek,
            libc::SYS_brk,
            libc::SYS_munmap,
            libc::SYS_mremap,
            libc::SYS_madvise,
            libc::SYS_futex,
            libc::SYS_sched_yield,
            libc::SYS_getpid,
            libc::SYS_gettid,
            libc::SYS_getrandom,
            libc::SYS_clock_gettime,
            libc::SYS_rt_sigaction,
            libc::SYS_rt_sigprocmask,
            libc::SYS_rt_sigreturn,
            libc::SYS_sigaltstack,
            libc::SYS_exit,
            libc::SYS_exit_group,
        ];
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            allowed.into_iter().map(|call| (call, Vec::new())).collect();
        // Memory, but none that could be run.
        let runs = u64::try_from(libc::PROT_EXEC).map_err(|_| ())?;
        for call in [libc::SYS_mmap, libc::SYS_mprotect] {
            let is_not_run =
                SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(runs), 0);
            let rule = SeccompRule::new(vec![is_not_run.map_err(|_| ())?]).map_err(|_| ())?;
            rules.insert(call, vec![rule]);
        }
        // It may end itself, and nobody else.
        let itself = u64::from(std::process::id());
        let is_itself = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, itself);
        let rule = SeccompRule::new(vec![is_itself.map_err(|_| ())?]).map_err(|_| ())?;
        rules.insert(libc::SYS_tgkill, vec![rule]);
        // Memory is given a name for those who look at the process.
        let names = u64::try_from(libc::PR_SET_VMA).map_err(|_| ())?;
        let is_a_name = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, names);
        let rule = SeccompRule::new(vec![is_a_name.map_err(|_| ())?]).map_err(|_| ())?;
        rules.insert(libc::SYS_prctl, vec![rule]);
        let here = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| ())?;
        let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, here);
        filter.map_err(|_| ())?.try_into().map_err(|_| ())
    }
}
