//! What `--skip` names: resources that a deletion leaves behind, or that a rollback goes on without.
//!
//! An entry is `STACK:LOGICAL_ID`, or `LOGICAL_ID` in a run about one stack. One that is about no stack of the run is
//! refused before anything is done: what was to stay must not be deleted for a slip of the pen.

use super::Work;
use crate::assembly::Stack;
use crate::problem::Problem;

/// Refuses what names no stack of the run.
///
/// # Errors
/// The first entry that does.
pub fn require_stacks(skip: &[String], chosen: &[&Stack]) -> Result<(), Problem> {
    for entry in skip {
        let Some((name, _)) = entry.split_once(':') else {
            continue;
        };
        if !chosen.iter().any(|stack| is_called(stack, name)) {
            let message = format!("`--skip {entry}`: this run is about no stack \"{name}\"");
            let paths: Vec<_> = chosen.iter().map(|stack| &*stack.path).collect();
            return Err(Problem::usage(
                message,
                format!("it is about {}", paths.join(", ")),
            ));
        }
    }
    Ok(())
}

fn is_called(stack: &Stack, name: &str) -> bool {
    [&stack.path, &stack.name, &stack.id]
        .into_iter()
        .any(|own| own == name)
}

impl Work<'_> {
    /// The logical ids of this stack that are named.
    pub(super) fn skipped(&self) -> Result<Vec<String>, Problem> {
        let mut skipped = Vec::new();
        for entry in &self.options.skip {
            match entry.split_once(':') {
                Some((stack, id)) if is_called(self.stack, stack) => skipped.push(id.to_owned()),
                Some(_) => {}
                None if self.options.sole => skipped.push(entry.clone()),
                None => {
                    let message = format!("`--skip {entry}` does not say of which stack");
                    let help = format!("say it: `--skip {}`", self.name_of(entry));
                    return Err(Problem::usage(message, help));
                }
            }
        }
        Ok(skipped)
    }
}
