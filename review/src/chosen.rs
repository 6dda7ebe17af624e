//! Which stacks a command line means.

use cloudwright_graph::Source;
use cloudwright_spec::stacks::{ADD_A_STACK, Stack, chosen};

use crate::cli::Stop;
use crate::model::Review;

/// The paths of the stacks that patterns name, all of them if there are none.
pub(crate) fn choose(source: &Source, patterns: &[String]) -> Result<Vec<String>, Stop> {
    let stacks = &source.stacks;
    if stacks.is_empty() {
        return Err(Stop::usage(
            "the assembly has no stack, so there is nothing to review",
            ADD_A_STACK,
        ));
    }
    let called: Vec<_> = (stacks.iter())
        .map(|stack| Stack {
            path: &stack.path,
            name: &stack.name,
            id: &stack.path,
            is_nested: stack.is_nested,
        })
        .collect();
    let chosen =
        chosen(&called, patterns).map_err(|problem| Stop::usage(problem.message, problem.help))?;
    let wanted = stacks.iter().zip(chosen);
    Ok(wanted
        .filter(|(_, is_chosen)| *is_chosen)
        .map(|(stack, _)| stack.path.clone())
        .collect())
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
