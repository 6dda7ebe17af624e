//! Which stacks a command line means.

use cloudwright_synth::stacks::{Stack, chosen};
use cloudwright_synth::{Assembly, StackArtifact};

use crate::cli::stop::Stop;

/// The stacks that the patterns name, each once, in the order of the construct tree; all stacks if
/// there are no patterns.
pub(crate) fn select<'a>(
    assembly: &'a Assembly,
    patterns: &[String],
) -> Result<Vec<&'a StackArtifact>, Stop> {
    let stacks = assembly.all_stacks();
    let called: Vec<_> = stacks.iter().map(called).collect();
    let chosen = chosen(&called, patterns)?;
    let wanted = stacks.iter().zip(chosen);
    Ok(wanted
        .filter_map(|(stack, is_chosen)| is_chosen.then_some(stack))
        .collect())
}

fn called(stack: &StackArtifact) -> Stack<'_> {
    Stack {
        path: stack.path(),
        name: stack.name(),
        id: stack.path(),
        is_nested: stack.is_nested(),
    }
}
