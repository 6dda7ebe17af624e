//! Warnings that a program has looked at and accepts, each with its reason.

use std::panic::Location;

use crate::diagnostic::{Diagnostic, Rule, Severity, SourceLocation};
use crate::json::Text;
use crate::rules;
use crate::scope::Scope;
use crate::tree::Tree;

/// A rule whose warnings are accepted at a place and below.
pub(crate) struct Entry {
    pub(crate) node: u32,
    pub(crate) rule: &'static Rule,
    pub(crate) location: SourceLocation,
    /// Whether it is a mistake when there is nothing to accept.
    pub(crate) expected: bool,
}

impl Scope {
    /// Accepts the warnings of a rule here and below, with the reason why that is right.
    ///
    /// A rule that warns of nothing here is an error, and so an exception cannot outlive what it
    /// was said for. Errors cannot be accepted.
    #[track_caller]
    pub fn accept(&self, rule: &'static Rule, reason: impl Into<Text>) {
        self.reasoned(rule.title, &reason.into());
        let caller = SourceLocation(Location::caller());
        let location = self.tree.read(|tree| tree.user_location(self.node, caller));
        self.accept_at(location, rule, true);
    }

    /// As [`accept`](Self::accept), said at another line; where it is not `expected`, there may be
    /// nothing to accept.
    #[doc(hidden)]
    pub fn accept_at(&self, location: SourceLocation, rule: &'static Rule, expected: bool) {
        let entry = Entry {
            node: self.node,
            rule,
            location,
            expected,
        };
        self.tree.write(|tree| tree.accepted.push(entry));
    }

    /// Reports an exception without a reason.
    #[doc(hidden)]
    #[track_caller]
    pub fn reasoned(&self, what: &str, reason: &str) {
        if reason.trim().is_empty() {
            let message = format!("an exception for {what} has no reason");
            let help = "say why it is safe here, for those who review the template";
            self.error(&rules::EMPTY_REASON, message, help);
        }
    }
}

/// Takes away what is accepted, and reports what was accepted and is not there.
pub(crate) fn apply(tree: &mut Tree) {
    for entry in std::mem::take(&mut tree.accepted) {
        let place = tree.path(entry.node);
        let before = tree.diagnostics.len();
        tree.diagnostics
            .retain(|finding| !(finding.rule == entry.rule && is_accepted(finding, &place)));
        if tree.diagnostics.len() == before && entry.expected {
            let Rule { code, title, .. } = entry.rule;
            let message = format!("nothing here or below is told of {code} ({title})");
            let help = "take the exception away, or say it where the finding is";
            tree.report(
                entry.node,
                Severity::Error,
                &rules::IDLE_EXCEPTION,
                (message, help.to_owned()),
                entry.location,
            );
        }
    }
}

/// Whether a warning is at a place or below it. Errors cannot be accepted: AWS would not.
fn is_accepted(finding: &Diagnostic, place: &str) -> bool {
    let below = finding.path.strip_prefix(place);
    finding.severity == Severity::Warning
        && (place.is_empty() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}
