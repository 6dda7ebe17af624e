//! Which stacks a command line means.

use cloudwright_synth::{Assembly, StackArtifact};

use crate::cli::stop::{ADD_A_STACK, Stop};
use crate::nearest::nearest;

/// The stacks that the patterns name, each once, in the order of the construct tree; all stacks if
/// there are no patterns. A pattern that names a stack also means the stacks nested in it.
pub(crate) fn select<'a>(
    assembly: &'a Assembly,
    patterns: &[String],
) -> Result<Vec<&'a StackArtifact>, Stop> {
    let stacks = assembly.all_stacks();
    if let Some(pattern) = patterns
        .iter()
        .find(|pattern| !stacks.iter().any(|stack| names(pattern, stack)))
    {
        return Err(unknown(pattern, stacks));
    }
    let wanted = |stack: &&StackArtifact| {
        patterns.is_empty()
            || stacks.iter().any(|around| {
                is_within(stack, around) && patterns.iter().any(|pattern| names(pattern, around))
            })
    };
    Ok(stacks.iter().filter(wanted).collect())
}

fn names(pattern: &str, stack: &StackArtifact) -> bool {
    matches(pattern, stack.path()) || matches(pattern, stack.name())
}

fn is_within(stack: &StackArtifact, around: &StackArtifact) -> bool {
    let rest = stack.path().strip_prefix(around.path());
    rest.is_some_and(|rest| rest.is_empty() || (stack.is_nested() && rest.starts_with('/')))
}

/// Whether `pattern` fits the whole text; `*` stands for any letters, none and slashes included.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(start) else {
        return false;
    };
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    starts.into_iter().any(|at| matches(rest, &text[at..]))
}

/// How many stacks a message lists.
const LISTED: usize = 12;

fn unknown(pattern: &str, stacks: &[StackArtifact]) -> Stop {
    let message = match meant(pattern, stacks) {
        Some(meant) => format!("no stack matches \"{pattern}\"; did you mean \"{meant}\"?"),
        None => format!("no stack matches \"{pattern}\""),
    };
    let known: Vec<&str> = stacks.iter().map(StackArtifact::path).collect();
    let help = match known.len().checked_sub(LISTED) {
        _ if known.is_empty() => ADD_A_STACK.to_owned(),
        None | Some(0) => format!("the program's stacks are {}", known.join(", ")),
        Some(more) => format!(
            "the program's stacks are {} and {more} more; `ls` lists all",
            known[..LISTED].join(", ")
        ),
    };
    Stop::usage(message, help)
}

/// What a pattern without a match was most likely to say: a stage, or a stack spelt right.
fn meant(pattern: &str, stacks: &[StackArtifact]) -> Option<String> {
    let stage = format!("{}/", pattern.trim_end_matches('/'));
    if stacks.iter().any(|stack| stack.path().starts_with(&stage)) {
        return Some(stage + "*");
    }
    let names = stacks.iter().flat_map(|stack| [stack.path(), stack.name()]);
    nearest(pattern, names).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for pattern in ["*", "Prod/*", "*/Uploads", "P*d/*s", "**", "Prod/Uploads*"] {
            assert!(matches(pattern, "Prod/Uploads"), "{pattern}");
        }
        for pattern in ["", "Prod", "Uploads", "prod/*", "*x", "Prod/Uploads/*"] {
            assert!(!matches(pattern, "Prod/Uploads"), "{pattern}");
        }
        assert!(matches("*é*", "déjà"));
    }
}
