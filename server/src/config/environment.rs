//! The names of variables: one that nobody knows is an error, not a silence.

use clap::CommandFactory;

use super::{Cli, UsageError};

/// Checks that every `PLI_…` among these names of variables is a setting.
///
/// # Errors
/// `UnknownVariable` for the first that is not.
pub fn check_environment(names: impl Iterator<Item = String>) -> Result<(), UsageError> {
    let command = Cli::command();
    let mut known: Vec<String> = command
        .get_arguments()
        .filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()))
        .collect();
    known.push("PLI_LOG".to_owned());
    // What the browser journeys are told about the program reaches the program as well.
    known.push("PLI_PROGRAM".to_owned());
    for name in names.filter(|name| name.starts_with("PLI_")) {
        if !known.contains(&name) {
            let nearest = known.into_iter().min_by_key(|one| distance(one, &name));
            let nearest = nearest.filter(|one| distance(one, &name) <= 3);
            return Err(UsageError::UnknownVariable { name, nearest });
        }
    }
    Ok(())
}

/// How many characters to change, add or take away to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_variable_is_an_error_with_a_suggestion() {
        let check = |name: &str| check_environment(std::iter::once(name.to_owned()));

        assert_eq!(check("PLI_LISTEN"), Ok(()));
        assert_eq!(check("PLI_LOG"), Ok(()));
        assert_eq!(check("PATH"), Ok(()));
        assert_eq!(
            check("PLI_LISTN").map_err(|error| error.to_string()),
            Err("unknown setting `PLI_LISTN` in the environment; did you mean `PLI_LISTEN`?".to_owned())
        );
        assert!(check("PLI_SOMETHING_ELSE").is_err());
    }
}
