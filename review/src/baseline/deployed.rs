//! What is deployed. Who runs the verb reads it: this crate knows neither AWS nor credentials.

use cloudwright_graph::{Source, Stack};

use super::{Baseline, Before, DEPLOYED};
use crate::cli::{Host, Stop};

/// A stack whose deployed template is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// What it is to be.
    pub stack: &'a Stack,
    /// The path of the stack that deploys it, and the logical id there, of a nested one.
    pub within: Option<(&'a str, &'a str)>,
}

/// Has the templates of the chosen stacks read.
pub(super) fn read(
    (chosen, source): (&[String], &Source),
    host: &Host<'_>,
) -> Result<Baseline, Stop> {
    let stacks = source.stacks.iter();
    let stacks = stacks.filter(|stack| chosen.contains(&stack.path));
    let sought: Vec<_> = stacks
        .map(|stack| Sought {
            stack,
            within: around(source, stack),
        })
        .collect();
    let templates = (host.deployed)(&sought)?;
    let paths = sought.iter().map(|one| one.stack.path.clone());
    Ok(Baseline {
        name: DEPLOYED.to_owned(),
        before: Before::Deployed(paths.zip(templates).collect()),
    })
}

/// What deploys a nested stack: `Shop` and the logical id of `Shop/X.NestedStack/X.NestedStackResource`, for `Shop/X`.
fn around<'a>(source: &'a Source, stack: &Stack) -> Option<(&'a str, &'a str)> {
    if !stack.is_nested {
        return None;
    }
    let name = stack.path.rsplit('/').next()?;
    let deployer = format!("{}.NestedStack/{name}.NestedStackResource", stack.path);
    let (_, id) = source.resource(&deployer)?;
    Some((&source.stack_of(&deployer)?.path, id))
}
