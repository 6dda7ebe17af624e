//! From program to assembly: the phases of synthesis, in order.

use crate::aspect;
use crate::assembly::{self, Assembly};
use crate::check;
use crate::context;
use crate::diagnostic::Diagnostics;
use crate::facts;
use crate::naming;
use crate::resolve;
use crate::scope::Scope;
use crate::tags;

/// Runs every phase, whatever the ones before found, and returns all findings at once.
pub(crate) fn synthesize(app: &Scope) -> Result<Assembly, Diagnostics> {
    aspect::run(app);
    facts::merge(app);
    let mut tree = app.tree.take();
    tags::apply(&mut tree);
    let names = naming::assign(&mut tree);
    let mut stacks = resolve::run(&mut tree, &names);
    assembly::embed(&mut tree, &mut stacks);
    check::run(&mut tree, &names, &stacks);
    context::check(&mut tree);
    let diagnostics = Diagnostics::new(std::mem::take(&mut tree.diagnostics));
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    Ok(Assembly::new(tree, names, stacks, diagnostics))
}
