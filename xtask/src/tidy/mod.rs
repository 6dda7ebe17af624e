//! `cargo xtask tidy`: rules of this repository that no compiler holds.
//!
//! A rule is one function from the repository's files to findings. An error fails; a note is only
//! printed, for what should become better but is no reason to stop. The same rules run as tests of
//! this package, so `cargo test` fails where `cargo xtask tidy` does.

mod calls;
mod documents;
mod features;
mod generics;
mod guide;
mod handlers;
mod layers;
mod links;
mod names;
mod repository;
mod schemas;
mod sizes;
mod weight;
mod words;

use clap::{ArgMatches, Command};

use crate::{Outcome, workspace_root};
use repository::Repository;
pub(crate) use weight::{MOST_THIRD_PARTY, third_party_crates};

/// What a rule found.
#[derive(Debug, Default)]
struct Findings {
    errors: Vec<String>,
    notes: Vec<String>,
}

type Rule = (&'static str, fn(&Repository) -> Outcome<Findings>);

/// Every rule, in the order in which they are printed.
const RULES: &[Rule] = &[
    ("layers", layers::check),
    ("weight", weight::check),
    ("sizes", sizes::check),
    ("names", names::check),
    ("calls", calls::check),
    ("generics", generics::check),
    ("words", words::check),
    ("documents", documents::check),
    ("links", links::check),
    ("features", features::check),
    ("handlers", handlers::check),
    ("schemas", schemas::check),
    ("guide", guide::check),
];

/// The arguments of the verb.
pub(crate) fn command() -> Command {
    Command::new("tidy").about("Check the rules of this repository that no compiler holds")
}

/// Prints what every rule finds and fails if one found an error.
pub(crate) fn run(_: &ArgMatches) -> Outcome {
    everything()
}

/// As [`run`], for the test run.
pub(crate) fn everything() -> Outcome {
    let repository = Repository::read(&workspace_root())?;
    let mut errors = 0;
    for (name, rule) in RULES {
        let findings = rule(&repository)?;
        errors += findings.errors.len();
        findings.print(name);
    }
    match errors {
        0 => Ok(()),
        count => Err(format!("tidy: {count} to mend, see above")),
    }
}

/// Whether the attribute is `#[cfg(test)]`.
fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    let is_test = |condition: syn::Ident| condition == "test";
    attribute.path().is_ident("cfg") && attribute.parse_args().is_ok_and(is_test)
}

impl Findings {
    fn print(&self, rule: &str) {
        for note in &self.notes {
            eprintln!("{rule:<10} note   {note}");
        }
        for error in &self.errors {
            eprintln!("{rule:<10} ERROR  {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        assert_eq!(everything(), Ok(()));
    }
}
