//! The check phase: what CloudFormation would refuse, found before anything is written.

use crate::resolve::Draft;
use crate::tree::Tree;

/// Runs every check over every stack.
pub(crate) fn run(tree: &mut Tree, stacks: &mut [Draft]) {
    let _ = (tree, stacks);
}
