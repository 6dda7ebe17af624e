//! Which stacks of an assembly a command line means.

use std::path::Path;

use cloudwright_spec::stacks::{self, chosen};

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
    let called: Vec<_> = stacks.iter().map(called).collect();
    let mut chosen = chosen(&called, patterns)
        .map_err(|problem| Problem::usage(problem.message, problem.help))?;
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

fn called(stack: &Stack) -> stacks::Stack<'_> {
    stacks::Stack {
        path: &stack.path,
        name: &stack.name,
        id: &stack.id,
        is_nested: false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn stacks_are_named_by_path_name_or_id_and_bring_others_along() {
        let stack = |path: &str, needs: &[&str]| {
            let place = ("000000000000", "eu-central-1");
            let name = path.replace('/', "-");
            let mut stack = Stack::of_template(&name, place, "files", json!({}));
            stack.path = path.to_owned();
            stack.id = format!("id-{name}");
            stack.needs = needs.iter().map(|need| format!("id-{need}")).collect();
            stack
        };
        let stacks = vec![
            stack("Prod/Net", &[]),
            stack("Prod/Mail", &["Prod-Net"]),
            stack("Prod/Web", &["Prod-Mail"]),
            stack("Test/Net", &[]),
        ];
        let assembly = Assembly {
            stacks,
            ..Assembly::default()
        };
        let chosen = |pattern: &[&str], along| {
            let patterns: Vec<_> = pattern.iter().map(|one| (*one).to_owned()).collect();
            let chosen = choose(&assembly, &patterns, along).unwrap();
            chosen.iter().map(|stack| &*stack.path).collect::<Vec<_>>()
        };
        for mail in ["Prod/Mail", "Prod-Mail", "id-Prod-Mail", "*Ma*"] {
            assert_eq!(chosen(&[mail], Along::Nobody), ["Prod/Mail"]);
            assert_eq!(chosen(&[mail], Along::Needed), ["Prod/Net", "Prod/Mail"]);
            assert_eq!(chosen(&[mail], Along::Needing), ["Prod/Mail", "Prod/Web"]);
        }
        assert_eq!(
            chosen(&["Test*", "*Web"], Along::Nobody),
            ["Prod/Web", "Test/Net"]
        );
        assert_eq!(chosen(&[], Along::Nobody).len(), 4);
    }
}
