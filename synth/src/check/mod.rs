//! The check phase: what CloudFormation would refuse, found before anything is written.
//!
//! Every check looks at the finished templates and reports into a [`Report`]; none changes
//! anything. A check is a file of its own. Those that look at every value of a template share one
//! walk over it (`values`), and all of them take time linear in the templates.

mod condition_cycles;
pub(crate) mod custom;
mod cycle;
mod dangling;
mod early;
mod exports;
mod functions;
mod identifiers;
mod judge;
mod limits;
mod lookups;
mod mappings;
mod maybe;
mod nulls;
mod parameters;
mod parts;
mod pattern;
mod properties;
mod references;
mod report;
mod resource_cycles;
mod secrets;
mod stack_cycles;
pub(crate) mod stateful;
mod symbols;
mod tags;
mod texts;
mod types;
mod values;
mod walk;

use crate::accept;
use crate::naming::Names;
use crate::resolve::Draft;
use crate::tree::Tree;

use parts::parts;
use properties::Facts;
use report::Report;
use symbols::Symbols;

/// Runs every check over every stack, and adds the findings to the tree's.
pub(crate) fn run(tree: &mut Tree, names: &Names, stacks: &[Draft]) {
    let mut report = Report::new(tree);
    let mut facts = Facts::new(tree.every_pattern);
    for draft in stacks {
        check_stack(&mut report, names, &mut facts, draft);
    }
    exports::check(&mut report, names, stacks);
    stack_cycles::check(&mut report, stacks);
    stateful::check(&mut report, &mut facts, stacks);
    tags::check_rules(&mut report);
    report.close().hand_over(tree);
    accept::apply(tree);
}

fn check_stack(report: &mut Report<'_>, names: &Names, facts: &mut Facts, draft: &Draft) {
    let symbols = Symbols::of(&draft.template);
    let parts = parts(names, draft);
    limits::check(report, draft);
    texts::check(report, &parts, draft);
    types::check(report, draft);
    parameters::check(report, &parts);
    mappings::check(report, &parts);
    identifiers::check(report, draft);
    tags::check_stack(report, draft);
    condition_cycles::check(report, &parts);
    secrets::check_shown(report, &parts, &draft.template);
    properties::check_literals(report, facts, draft);
    let graph = values::check(report, facts, &symbols, &parts, draft);
    custom::check(report, &symbols, draft, &graph);
}
