//! The side of the process: limits first, then the file, then the answer.

use std::io::{Read, Write};
use std::process::ExitCode;

use app::attachments::FileProblem;

use super::{Answer, Taken, limits, look};

/// A process that could not give up what it does not need.
pub(super) const UNLIMITED: u8 = 3;

/// Looks at the file on standard input; answers on standard output. The caller ends the process with what this returns.
pub fn run(extension: &str, size: u64) -> ExitCode {
    // What a decoder says when it breaks may hold bytes of the file.
    std::panic::set_hook(Box::new(|_| ()));
    if limits::give_up().is_err() {
        return ExitCode::from(UNLIMITED);
    }
    let taken = read(size).and_then(|bytes| {
        std::panic::catch_unwind(|| look::look(extension, bytes)).unwrap_or(Err(FileProblem::Unreadable))
    });
    match answer(&taken) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The whole file: it is bounded by what was announced.
fn read(size: u64) -> Result<Vec<u8>, FileProblem> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    std::io::stdin()
        .take(size)
        .read_to_end(&mut bytes)
        .map_err(|_| FileProblem::Damaged)?;
    if bytes.len() as u64 == size {
        Ok(bytes)
    } else {
        Err(FileProblem::Damaged)
    }
}

fn answer(taken: &Result<Taken, FileProblem>) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    let seen: Answer = taken.as_ref().map(Taken::seen).map_err(|problem| *problem);
    writeln!(output, "{}", serde_json::to_string(&seen)?)?;
    if let Ok(taken) = taken {
        for bytes in [&taken.content, &taken.thumbnail].into_iter().flatten() {
            output.write_all(bytes)?;
        }
    }
    output.flush()
}
