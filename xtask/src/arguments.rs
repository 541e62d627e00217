//! The command line: which command, and what is passed on to the program it starts.

use anyhow::{Context, Result, bail};

/// What `cargo xtask` was asked to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// The release artefact alone.
    Build,
    /// Release build, then the demonstration.
    Demo {
        /// Arguments for `pli demo`.
        passed_on: Vec<String>,
    },
    /// Release build, then the real service.
    Serve {
        /// Arguments for `pli serve`.
        passed_on: Vec<String>,
    },
    /// Debug build, rebuilt and restarted at each change.
    Dev {
        /// The command of `pli` to run and its arguments; `demo` when empty.
        passed_on: Vec<String>,
    },
    /// The debug front end alone.
    Site,
    /// The release front end alone, and what it weighs.
    Weigh,
    /// Learns in a browser which functions a page runs to come to life.
    Profile,
    /// Everything that CI checks.
    Test {
        /// Without browser and release builds.
        is_fast: bool,
    },
    /// The journeys in a browser alone.
    EndToEnd {
        /// On the debug build.
        is_debug: bool,
        /// Words for Playwright: files, `--grep`.
        filter: Vec<String>,
    },
    /// The benchmarks.
    Bench,
    /// The table of assurances, from the tests.
    Assurance,
    /// The list of leaked passwords, made anew.
    Passwords,
    /// Known weaknesses of the libraries.
    Advisories {
        /// A copy of the database: a folder, or where git clones it from.
        database: Option<String>,
    },
    /// The list of all parts.
    Sbom,
    /// Two builds in two folders, compared.
    Reproduce {
        /// The browser's half alone.
        is_browser_alone: bool,
    },
    /// Whether the tests notice changes of the rules.
    Mutants {
        /// A part of the path of the rule to try.
        rule: Option<String>,
    },
    /// The long proofs: kills, power cuts, bad lines, simulated time.
    Chaos {
        /// How long, about.
        minutes: f64,
        /// One part alone, and its first seed.
        passed_on: Vec<String>,
    },
    /// Pictures of the screens.
    Shots {
        /// Those of the documents, instead of every page at every size.
        is_for_docs: bool,
    },
}

const USAGE: &str = "\
usage: cargo xtask COMMAND

  build              the release artefact: one file, target/release/pli
  demo  [-- ARGS]    release build, then Pli with fictitious clinicians
  serve [-- ARGS]    release build, then Pli for real use, data in ./pli-data
  dev   [-- ARGS]    debug build of the demo, rebuilt and restarted at each change
  test  [--fast]     everything that CI checks; fast: without browser and release builds
  e2e   [--debug] [FILTER]
                     the journeys in a browser alone; on the debug build, what differs when a page comes alive is named
  bench              the benchmarks, each beside its limit
  chaos [--minutes N] [-- PART [SEED]]
                     the long proofs: power cuts, kills, bad lines, simulated hours; 10 minutes unless told;
                     PART runs one alone: power, disk, kills, lines, hours
  assurance          write `docs/assurance.md`: what is promised, and the tests that show it
  passwords          the list of leaked passwords, made anew from its source
  advisories [--database FOLDER|URL]
                     known weaknesses of the libraries; exceptions are in `xtask/advisories.toml`
  sbom               the list of all parts, as CycloneDX
  reproduce [--browser]
                     two builds from nothing in two folders, compared; the browser's half alone
  mutants [RULE]     whether the tests notice changes of the rules; RULE is a part of a path
  shots [--docs]     pictures of every page, or those of the documents
  site               the debug front end alone, for a debug server
  weigh              the release front end alone, and what it weighs
  profile            learn in a browser which code a page needs first";

/// Reads the words after `cargo xtask`.
///
/// # Errors
/// An unknown command or option; the text is the usage.
pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Command> {
    let mut words: Vec<String> = words.collect();
    let passed_on = match words.iter().position(|word| word == "--") {
        Some(at) => words.drain(at..).skip(1).collect(),
        None => Vec::new(),
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(match words.as_slice() {
        ["build"] => Command::Build,
        ["demo"] => Command::Demo { passed_on },
        ["serve"] => Command::Serve { passed_on },
        ["dev"] => Command::Dev { passed_on },
        ["site"] => Command::Site,
        ["profile"] => Command::Profile,
        ["weigh"] => Command::Weigh,
        ["test"] => Command::Test { is_fast: false },
        ["test", "--fast"] => Command::Test { is_fast: true },
        ["e2e", filter @ ..] => {
            let (is_debug, filter) = match filter {
                ["--debug", filter @ ..] => (true, filter),
                filter => (false, filter),
            };
            let filter = filter
                .iter()
                .map(|&word| word.to_owned())
                .chain(passed_on)
                .collect();
            Command::EndToEnd { is_debug, filter }
        }
        ["bench"] => Command::Bench,
        ["assurance"] => Command::Assurance,
        ["passwords"] => Command::Passwords,
        ["advisories"] => Command::Advisories { database: None },
        ["advisories", "--database", database] => Command::Advisories {
            database: Some((*database).to_owned()),
        },
        ["sbom"] => Command::Sbom,
        ["reproduce"] => Command::Reproduce {
            is_browser_alone: false,
        },
        ["reproduce", "--browser"] => Command::Reproduce {
            is_browser_alone: true,
        },
        ["mutants"] => Command::Mutants { rule: None },
        ["mutants", rule] => Command::Mutants {
            rule: Some((*rule).to_owned()),
        },
        ["chaos"] => Command::Chaos {
            minutes: 10.0,
            passed_on,
        },
        ["chaos", "--minutes", minutes] => Command::Chaos {
            minutes: minutes.parse().context("`--minutes` takes a number")?,
            passed_on,
        },
        ["shots"] => Command::Shots { is_for_docs: false },
        ["shots", "--docs"] => Command::Shots { is_for_docs: true },
        [] => bail!("{USAGE}"),
        words => bail!("unknown: `{}`\n{USAGE}", words.join(" ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_follows_the_dashes_is_passed_on() {
        let command = parsed("demo -- --listen 127.0.0.1:0").unwrap();

        assert_eq!(
            command,
            Command::Demo {
                passed_on: vec!["--listen".into(), "127.0.0.1:0".into()]
            }
        );
    }

    #[test]
    fn chaos_takes_minutes_and_passes_on_which_part() {
        assert_eq!(
            parsed("chaos --minutes 2.5 -- kills 21").unwrap(),
            Command::Chaos {
                minutes: 2.5,
                passed_on: vec!["kills".into(), "21".into()]
            }
        );
        assert!(parsed("chaos --minutes soon").is_err() && parsed("chaos --hours 1").is_err());
    }

    #[test]
    fn advisories_are_looked_up_in_the_copy_that_is_named() {
        assert_eq!(
            parsed("advisories --database /copy").unwrap(),
            Command::Advisories {
                database: Some("/copy".into())
            }
        );
        assert!(parsed("advisories /copy").is_err());
    }

    #[test]
    fn an_unknown_command_shows_the_usage() {
        let refusal = parsed("demmo").unwrap_err().to_string();

        assert!(refusal.contains("unknown: `demmo`") && refusal.contains("usage:"));
    }
}
