//! Which stacks a command line means.

use cloudwright_graph::Source;
use cloudwright_spec::nearest;

use crate::cli::Stop;
use crate::model::Review;

/// The paths of the stacks that patterns name, all of them if there are none. Who names a stack, names those nested in
/// it.
pub(crate) fn choose(source: &Source, patterns: &[String]) -> Result<Vec<String>, Stop> {
    let stacks = &source.stacks;
    if stacks.is_empty() {
        let help = "add a stack: `app.stack(\"Name\", Environment::new(..))`";
        return Err(Stop::usage(
            "the assembly has no stack, so there is nothing to review",
            help,
        ));
    }
    let mut chosen: Vec<String> = Vec::new();
    for pattern in patterns {
        let named = stacks
            .iter()
            .filter(|stack| matches(pattern, &stack.path) || matches(pattern, &stack.name));
        let before = chosen.len();
        for around in named {
            let below = format!("{}/", around.path);
            let within = stacks.iter().filter(|stack| {
                stack.path == around.path || stack.is_nested && stack.path.starts_with(&below)
            });
            chosen.extend(within.map(|stack| stack.path.clone()));
        }
        if chosen.len() == before {
            let paths = || stacks.iter().map(|stack| stack.path.as_str());
            let meant = nearest(pattern, paths());
            let meant =
                meant.map_or_else(String::new, |meant| format!("; did you mean \"{meant}\"?"));
            let known: Vec<_> = paths().take(12).collect();
            return Err(Stop::usage(
                format!("no stack matches \"{pattern}\"{meant}"),
                format!("there are {}", known.join(", ")),
            ));
        }
    }
    match patterns.is_empty() {
        true => Ok(stacks.iter().map(|stack| stack.path.clone()).collect()),
        false => Ok(chosen),
    }
}

/// Whether a pattern fits the whole text; `*` stands for any letters.
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

impl Review {
    /// The review of these stacks alone; the picture stays whole. Stacks that are no more belong to a review of all.
    pub(crate) fn only(mut self, chosen: &[String]) -> Self {
        let is_of = |path: &String| chosen.contains(path);
        let all = self
            .stacks
            .iter()
            .filter(|stack| !stack.template.is_null())
            .count();
        if chosen.len() < all {
            self.stacks.retain(|stack| is_of(&stack.path));
            self.findings.retain(|finding| {
                let of = |path: &String| finding.construct.starts_with(path.as_str());
                finding.construct.is_empty() || chosen.iter().any(of)
            });
        }
        self
    }
}
