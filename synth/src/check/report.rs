//! Where checks put what they find, while the tree is only read.

use crate::diagnostic::{Diagnostic, Rule, Severity, SourceLocation};
use crate::rules;
use crate::tree::Tree;

/// Findings of the check phase, by node of the tree.
pub(crate) struct Report<'a> {
    /// The tree that the checked templates come from.
    pub(crate) tree: &'a Tree,
    found: Vec<Finding>,
}

struct Finding {
    node: u32,
    severity: Severity,
    rule: &'static Rule,
    message: String,
    help: String,
    /// Where it is not the line of the construct.
    line: Option<SourceLocation>,
}

/// The findings of a finished report, without the borrow of the tree.
pub(crate) struct Findings(Vec<Finding>);

impl<'a> Report<'a> {
    /// An empty report.
    pub(crate) const fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            found: Vec::new(),
        }
    }

    /// Reports what CloudFormation refuses.
    pub(crate) fn error(
        &mut self,
        node: u32,
        rule: &'static Rule,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.tell(node, Severity::Error, rule, (message.into(), help.into()));
    }

    /// Reports what CloudFormation takes, and the user may not want.
    pub(crate) fn warn(
        &mut self,
        node: u32,
        rule: &'static Rule,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.tell(node, Severity::Warning, rule, (message.into(), help.into()));
    }

    /// Reports a finding that says itself how bad it is.
    pub(crate) fn tell(
        &mut self,
        node: u32,
        severity: Severity,
        rule: &'static Rule,
        texts: (String, String),
    ) {
        self.tell_at(None, node, severity, rule, texts);
    }

    /// The same about what was said at a line of its own.
    pub(crate) fn tell_at(
        &mut self,
        line: Option<SourceLocation>,
        node: u32,
        severity: Severity,
        rule: &'static Rule,
        (message, help): (String, String),
    ) {
        self.found.push(Finding {
            node,
            severity,
            rule,
            message,
            help,
            line,
        });
    }

    /// Whether an earlier phase has already refused what stands at `node`: there, at the construct
    /// that the resource is a part of, or at the environment of its stack, whose account and region
    /// stand everywhere. A second finding would be the echo of the same mistake.
    pub(crate) fn is_known_bad(&self, node: u32) -> bool {
        let known = &self.tree.diagnostics;
        !known.is_empty() && {
            let path = self.tree.path(node);
            let whole = path.strip_suffix("/Resource").unwrap_or(&path);
            known.iter().any(|finding| {
                finding.severity == Severity::Error
                    && (finding.path == path || finding.path == whole || is_around(finding, &path))
            })
        }
    }

    /// Ends the reading of the tree.
    pub(crate) fn close(self) -> Findings {
        Findings(self.found)
    }
}

/// Whether a finding is about the environment of the stack around a path.
fn is_around(finding: &Diagnostic, path: &str) -> bool {
    let below = path.strip_prefix(&*finding.path);
    *finding.rule == rules::BAD_ENVIRONMENT && below.is_some_and(|below| below.starts_with('/'))
}

impl Findings {
    /// Adds the findings to the tree's, at their lines or those of their constructs.
    pub(crate) fn hand_over(self, tree: &mut Tree) {
        for finding in self.0 {
            let own = || tree.node(finding.node).location;
            let location = finding.line.unwrap_or_else(own);
            let texts = (finding.message, finding.help);
            tree.report(
                finding.node,
                finding.severity,
                finding.rule,
                texts,
                location,
            );
        }
    }
}
