//! The registry of checks: every rule with a program that it refuses and one that it accepts.
//!
//! The examples are real: they run here, what the failing ones print is in the reference of the guide,
//! and the passing ones are told of nothing by the same rule. So the reference
//! (`docs/src/reference/checks.md`) is also the one file in which every message of the library can be
//! read as a newcomer meets it. `cargo xtask checks` writes it anew; review it like code.

mod accepted;
mod clean;
mod constructs;
mod limits;
mod mutations;
mod page;
mod panics;
mod references;
mod templates;
mod tree;
mod values;

use cloudwright::{App, Diagnostic, Diagnostics, Environment, Rule, Stack, rules};

/// A rule's two examples, by its code.
pub(crate) struct Example {
    pub(crate) code: &'static str,
    pub(crate) fails: Program,
    pub(crate) passes: Program,
}

/// What an example fills.
pub(crate) enum Program {
    /// An app, whose stacks are a part of the example.
    App(fn(&App)),
    /// The stack `Shop`, in an account and a region.
    Stack(fn(&Stack)),
}

/// Makes examples of blocks of code. The page shows the blocks as they stand in the file.
macro_rules! examples {
    ($($code:ident {
        fails($failing:ident: $fails_kind:ident) $fails:block
        passes($passing:ident: $passes_kind:ident) $passes:block
    })*) => {
        pub(crate) const ALL: &[crate::Example] = &[$(crate::Example {
            code: stringify!($code),
            fails: crate::Program::$fails_kind(|$failing| $fails),
            passes: crate::Program::$passes_kind(|$passing| $passes),
        }),*];
    };
}
pub(crate) use examples;

/// An account and a region.
pub(crate) fn home() -> Environment {
    Environment::new("123456789012", "eu-central-1")
}

/// All rules of the library, by code.
pub(crate) fn rules() -> Vec<&'static Rule> {
    rules::all()
}

/// The files of examples, each with its text: the page shows the code.
pub(crate) const FILES: [(&[Example], &str); 6] = [
    (tree::ALL, include_str!("tree.rs")),
    (references::ALL, include_str!("references.rs")),
    (limits::ALL, include_str!("limits.rs")),
    (values::ALL, include_str!("values.rs")),
    (constructs::ALL, include_str!("constructs.rs")),
    (templates::ALL, include_str!("templates.rs")),
];

/// The examples of all rules.
pub(crate) fn all_examples() -> Vec<&'static Example> {
    let mut all: Vec<&Example> = FILES.iter().flat_map(|(examples, _)| *examples).collect();
    all.sort_by_key(|example| example.code);
    all
}

/// What the library says about an example.
pub(crate) fn findings(program: &Program) -> Diagnostics {
    let app = App::new();
    match program {
        Program::App(fill) => fill(&app),
        Program::Stack(fill) => fill(&app.stack("Shop", home())),
    }
    match app.synth() {
        Ok(assembly) => assembly.warnings().clone(),
        Err(findings) => findings,
    }
}

#[test]
fn every_rule_has_its_examples() {
    let codes: Vec<_> = rules().iter().map(|rule| rule.code).collect();
    let examples: Vec<_> = all_examples().iter().map(|example| example.code).collect();
    assert_eq!(codes, examples);
}

#[test]
fn failing_examples_fail_by_their_rule() {
    let mut wrong = String::new();
    for example in all_examples() {
        let found = findings(&example.fails);
        let mut told = found.iter().filter(|one| one.rule.code == example.code);
        let as_registered =
            |one: &Diagnostic| one.severity == one.rule.severity && !one.help.is_empty();
        if !told.any(as_registered) {
            wrong += &format!("{}:\n{found}\n\n", example.code);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn passing_examples_are_told_of_nothing() {
    let mut wrong = String::new();
    for example in all_examples() {
        let found = findings(&example.passes);
        if !found.is_empty() {
            wrong += &format!("{}:\n{found}\n\n", example.code);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
