//! What is compared with.

mod deployed;
mod files;
mod git;
mod program;

use cloudwright_graph::Source;
use cloudwright_spec::sorted::Map;
use serde_json::Value;

use crate::cli::{Host, Stop};

pub use deployed::Sought;
pub use program::Program;

/// What stands for the stacks that are deployed.
pub(crate) const DEPLOYED: &str = "deployed";

/// What begins the name of a revision.
const GIT: &str = "git:";

/// Reads what a command line names.
pub(crate) fn read(
    what: &str,
    (chosen, source): (&[String], &Source),
    host: &Host<'_>,
) -> Result<Baseline, Stop> {
    if what == DEPLOYED {
        return deployed::read((chosen, source), host);
    }
    let found = match what.strip_prefix(GIT) {
        Some(revision) => git::read(revision, host)?,
        None => files::read(what, host.folder)?,
    };
    match found {
        Found::Assembly(source) => Ok(Baseline::assembly(what, *source)),
        Found::Template(template) => {
            let own = source.stacks.iter().filter(|stack| !stack.is_nested);
            let own: Vec<_> = own.filter(|stack| chosen.contains(&stack.path)).collect();
            match own[..] {
                [one] => Ok(Baseline::template_of(what, &one.path, template)),
                _ => {
                    let paths: Vec<_> = own.iter().map(|stack| stack.path.as_str()).collect();
                    let message = format!(
                        "a template is compared with one stack, got {}",
                        paths.join(", ")
                    );
                    let first = paths.first().unwrap_or(&"STACK");
                    let help = format!("name the stack: `review {first} --baseline {what}`");
                    Err(Stop::usage(message, help))
                }
            }
        }
    }
}

/// What a name led to.
enum Found {
    Assembly(Box<Source>),
    Template(Value),
}

/// What an assembly is compared with.
#[derive(Debug)]
pub struct Baseline {
    pub(crate) name: String,
    pub(crate) before: Before,
}

#[derive(Debug)]
pub(crate) enum Before {
    Assembly(Box<Source>),
    /// The template of the stack at a path, or of the only one.
    Template(Option<String>, Value),
    /// The templates of deployed stacks by their paths; `null` for one that is not deployed.
    Deployed(Map<String, Value>),
}

impl Before {
    /// The assembly, where there is a whole one.
    pub(crate) fn source(&self) -> Option<&Source> {
        match self {
            Self::Assembly(source) => Some(source),
            _ => None,
        }
    }
}

impl Baseline {
    /// Another assembly.
    #[must_use]
    pub fn assembly(name: &str, source: Source) -> Self {
        Self {
            name: name.to_owned(),
            before: Before::Assembly(Box::new(source)),
        }
    }

    /// The template of an app's only stack.
    #[must_use]
    pub fn template(name: &str, template: Value) -> Self {
        Self {
            name: name.to_owned(),
            before: Before::Template(None, template),
        }
    }

    /// The template that the stack at a path had.
    #[must_use]
    pub fn template_of(name: &str, stack: &str, template: Value) -> Self {
        Self {
            name: name.to_owned(),
            before: Before::Template(Some(stack.to_owned()), template),
        }
    }
}
