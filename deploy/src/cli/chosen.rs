//! Which stacks of an assembly a command line means.

use std::path::Path;

use crate::assembly::{Assembly, Stack};
use crate::problem::Problem;

/// Who else comes along with the stacks that are named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Along {
    /// Nobody.
    Nobody,
    /// The stacks that they need.
    Needed,
    /// The stacks that need them.
    Needing,
}

/// The assembly in a folder.
pub(super) fn assembly(app: &Path) -> Result<Assembly, Problem> {
    let assembly = Assembly::read(app)?;
    if assembly.stacks.is_empty() {
        let message = format!("the assembly in \"{}\" has no stack", app.display());
        return Err(Problem::usage(
            message,
            "add a stack to the program, then `synth`",
        ));
    }
    Ok(assembly)
}

/// The stacks that the patterns name, and those that come along; all stacks if there are no patterns.
pub(super) fn choose<'a>(
    assembly: &'a Assembly,
    patterns: &[String],
    along: Along,
) -> Result<Vec<&'a Stack>, Problem> {
    let stacks = &assembly.stacks;
    if let Some(pattern) = patterns
        .iter()
        .find(|pattern| !stacks.iter().any(|stack| names(pattern, stack)))
    {
        let known: Vec<_> = stacks.iter().take(12).map(|stack| &*stack.path).collect();
        let message = format!("no stack matches \"{pattern}\"");
        return Err(Problem::usage(
            message,
            format!("the stacks are {}", known.join(", ")),
        ));
    }
    let is_named =
        |stack: &Stack| patterns.is_empty() || patterns.iter().any(|pattern| names(pattern, stack));
    let mut chosen: Vec<bool> = stacks.iter().map(is_named).collect();
    // At most as many rounds as a chain of stacks is long.
    while along != Along::Nobody && grow(stacks, &mut chosen, along) {}
    Ok(stacks
        .iter()
        .zip(chosen)
        .filter_map(|(stack, chosen)| chosen.then_some(stack))
        .collect())
}

/// Adds the stacks next to the chosen ones; whether there were any.
fn grow(stacks: &[Stack], chosen: &mut [bool], along: Along) -> bool {
    let needs = |stack: &Stack, other: &Stack| stack.needs.contains(&other.id);
    let joins = |stack: &Stack, chosen: &[bool]| {
        stacks.iter().zip(chosen).any(|(other, chosen)| {
            *chosen
                && if along == Along::Needed {
                    needs(other, stack)
                } else {
                    needs(stack, other)
                }
        })
    };
    let new: Vec<usize> = (0..stacks.len())
        .filter(|index| !chosen[*index] && joins(&stacks[*index], chosen))
        .collect();
    for index in &new {
        chosen[*index] = true;
    }
    !new.is_empty()
}

fn names(pattern: &str, stack: &Stack) -> bool {
    [&stack.path, &stack.name, &stack.id]
        .into_iter()
        .any(|text| matches(pattern, text))
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
