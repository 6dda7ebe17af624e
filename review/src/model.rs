//! What a review says, before it is a page, a comment or data.

use std::sync::Arc;

use cloudwright_diff::{Access, Diff, ResourceChange};
use cloudwright_graph::Graph;
use serde_json::Value;

/// A review of all stacks of an assembly.
#[derive(Clone, Debug)]
pub struct Review {
    /// What it is compared with, as it was asked for; `None` where a system is shown as it is.
    pub baseline: Option<String>,
    /// In the order of their paths.
    pub stacks: Vec<StackReview>,
    /// The warnings of the checks.
    pub findings: Vec<Finding>,
    /// The picture; what became of boxes and lines is marked where the baseline is known well enough.
    pub picture: Graph,
    /// Types of changed resources whose facts this program does not have: whether they are replaced is not known.
    pub unknown: Vec<String>,
}

/// What became of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its template means the same.
    Unchanged,
    /// Its template is another.
    Changed,
    /// It is new.
    Added,
    /// The program no longer has it. Nobody deletes it, so its resources stay.
    Removed,
}

impl Status {
    /// The name in [`Review::to_json`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// The review of one stack.
#[derive(Clone, Debug)]
pub struct StackReview {
    /// Its path in the program.
    pub path: String,
    /// The name that it is deployed under.
    pub name: String,
    /// Account and region, as far as they are known.
    pub place: String,
    /// What became of it.
    pub status: Status,
    /// Its resources, each after the constructs around it.
    pub resources: Vec<Resource>,
    /// What differs.
    pub diff: Diff,
    /// Who may do what, and what comes in and goes out: openings first. Without a baseline, everything that is allowed.
    pub access: Vec<Sentence>,
    /// The template.
    pub template: Arc<Value>,
}

/// A resource of a stack, or one that was.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The path of its construct.
    pub path: String,
    /// The logical id.
    pub id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// The place of its change in [`Diff::resources`].
    pub change: Option<usize>,
}

/// A warning of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// Such as `CW0202`.
    pub code: String,
    /// What the code means.
    pub title: String,
    /// What was found.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The path of the construct.
    pub construct: String,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// Why it matters.
    pub explanation: String,
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Words of ours.
    Said(String),
    /// What the program or AWS calls something.
    Name(String),
}

/// A right or a network rule in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Whether it is an opening.
    pub access: Access,
    /// The sentence, without a final stop.
    pub parts: Vec<Part>,
    /// The same as the template has it: actions, resources and conditions.
    pub exactly: String,
    /// Whether it lets in anybody, or lets do anything.
    pub is_wide: bool,
}

impl Sentence {
    /// The sentence as plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let text = |part: &Part| match part {
            Part::Said(text) | Part::Name(text) => text.clone(),
        };
        self.parts.iter().map(text).collect()
    }
}

impl Review {
    /// Whether anything differs from the baseline.
    #[must_use]
    pub fn is_any_change(&self) -> bool {
        self.stacks
            .iter()
            .any(|stack| stack.status != Status::Unchanged)
    }

    /// Whether data is lost, or may be.
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        self.stacks.iter().any(|stack| stack.diff.is_destructive())
    }

    /// Whether somebody may do more than before.
    #[must_use]
    pub fn is_broadening(&self) -> bool {
        self.baseline.is_some() && self.stacks.iter().any(|stack| stack.diff.is_broadening())
    }
}

impl StackReview {
    /// The changes that a reader has to see first, those of rank 0 to 3: impossible, lost, replaced, perhaps replaced.
    pub(crate) fn grave(&self) -> Vec<&ResourceChange> {
        self.ranked(|rank| rank <= 3)
    }

    /// All other changes.
    pub(crate) fn mild(&self) -> Vec<&ResourceChange> {
        self.ranked(|rank| rank > 3)
    }

    fn ranked(&self, wanted: impl Fn(u8) -> bool) -> Vec<&ResourceChange> {
        let changes = self.diff.resources.iter();
        let mut found: Vec<_> = changes.filter(|change| wanted(change.rank())).collect();
        cloudwright_spec::sorted::sort_by(&mut found, |a, b| a.rank().cmp(&b.rank()));
        found
    }

    /// The resource of a change.
    pub(crate) fn resource(&self, change: &ResourceChange) -> Option<&Resource> {
        let place = |resource: &&Resource| {
            let found = resource.change.map(|place| &self.diff.resources[place]);
            found.is_some_and(|found| std::ptr::eq(found, change))
        };
        self.resources.iter().find(place)
    }
}

/// What happens to a resource, in words.
pub(crate) fn fate(change: &ResourceChange) -> String {
    use cloudwright_diff::{Action, DataLoss, Replacement};
    let what = match (change.replacement, change.data_loss, change.action) {
        (Replacement::Impossible, ..) => "cannot be changed like this",
        (_, Some(DataLoss::Deleted), _) => "is deleted with its data",
        (_, Some(DataLoss::Replaced), _) => "is replaced, and the old one is deleted with its data",
        (_, Some(DataLoss::MaybeReplaced), _) => {
            "may be replaced, and the old one would be deleted with its data"
        }
        (Replacement::Yes, None, _) => "is replaced",
        (Replacement::Maybe, None, _) => "may be replaced",
        (_, _, Action::Remove) if change.is_kept => "leaves the stack, and stays in the account",
        (_, _, Action::Remove) => "is deleted",
        (_, _, Action::Add) => "is new",
        _ => "changes",
    };
    let renamed = change.old_id.as_ref();
    let renamed = renamed.map(|old| format!(" (its logical id was {old})"));
    let kept = match change.is_kept && change.action != Action::Remove {
        true => "; the old one stays in the account",
        false => "",
    };
    format!("{what}{}{kept}", renamed.unwrap_or_default())
}
