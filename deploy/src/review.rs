//! What a deployment is going to do, put together for the person who approves it.
//!
//! Two sources tell it: the comparison of the templates, which knows what each changed property means,
//! and CloudFormation's change set, which knows the real resources. Where they disagree the worse one
//! counts: a replacement that CloudFormation calls conditional is a possible loss.

use std::collections::BTreeSet;

use cloudwright_diff::{Action, DataLoss, Diff, ResourceChange, compare, holds_data, keeps_data};
use serde_json::Value;

use crate::assembly::Stack;
use crate::cloud::PlannedChange;

/// The facts about a resource type, in the notation of the spec files; `None` for one that is not known.
pub type Facts = fn(&str) -> Option<&'static str>;

/// The changes of one stack.
#[derive(Clone, Debug)]
pub struct Review {
    /// What happens to the stack.
    pub operation: Operation,
    /// The differences of the templates.
    pub diff: Diff,
    /// CloudFormation's own list of changes; empty for a deletion, which has none.
    pub changes: Vec<PlannedChange>,
    /// What holds data and is, or may be, deleted.
    pub losses: Vec<Loss>,
    /// Resources that exist already under their fixed names and become part of the stack.
    pub adopted: Vec<Adopted>,
    /// The capabilities that are sent.
    pub capabilities: Vec<&'static str>,
}

/// What happens to a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It is created.
    Create,
    /// It is updated.
    Update,
    /// It is deleted.
    Delete,
    /// Resources that exist become part of it, and nothing else happens.
    Import,
}

/// Data that is lost, or may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The logical id: what `--allow-data-loss` names.
    pub id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// The construct path.
    pub path: String,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// How it is lost.
    pub how: DataLoss,
}

/// A resource that becomes part of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The logical id that it gets.
    pub id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// The physical id that it has.
    pub physical_id: String,
}

/// From which changes on a person is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// Nobody is asked.
    Never,
    /// For every change.
    AnyChange,
    /// When a policy or a security group lets through more, or data may be lost.
    #[default]
    Broadening,
    /// When data may be lost, or a resource is deleted or replaced.
    Destructive,
}

impl Approval {
    /// The level of a name on the command line.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "never" => Some(Self::Never),
            "any-change" => Some(Self::AnyChange),
            "broadening" => Some(Self::Broadening),
            "destructive" => Some(Self::Destructive),
            _ => None,
        }
    }
}

impl Review {
    /// The review of a change set: `before` is the deployed template, `Null` for a new stack, and
    /// `after` the one that is to be.
    #[must_use]
    pub fn of_changes(
        stack: &Stack,
        (before, after): (&Value, &Value),
        changes: Vec<PlannedChange>,
        facts: Facts,
    ) -> Self {
        let operation = if before.is_null() {
            Operation::Create
        } else {
            Operation::Update
        };
        let diff = compare(before, after, &|kind| facts(kind));
        let mut losses = told_by_templates(stack, before, &diff, facts);
        let known: BTreeSet<String> = losses.iter().map(|loss| loss.id.clone()).collect();
        let more = changes.iter().filter(|change| !known.contains(&change.id));
        losses.extend(more.filter_map(|change| told_by_change_set(stack, before, change, facts)));
        losses.sort_by(|a, b| a.id.cmp(&b.id));
        let imports = changes.iter().filter(|change| change.action == "Import");
        let adopted = imports.map(|change| Adopted {
            id: change.id.clone(),
            kind: change.kind.clone(),
            physical_id: change.physical_id.clone(),
        });
        Self {
            operation,
            adopted: adopted.collect(),
            capabilities: crate::capabilities::needed(&stack.template),
            diff,
            changes,
            losses,
        }
    }

    /// The review of the deletion of a stack with the deployed template `before`.
    #[must_use]
    pub fn of_deletion(stack: &Stack, before: &Value, facts: Facts) -> Self {
        let diff = compare(before, &Value::Null, &|kind| facts(kind));
        let losses = told_by_templates(stack, before, &diff, facts);
        Self {
            operation: Operation::Delete,
            diff,
            changes: Vec::new(),
            losses,
            adopted: Vec::new(),
            capabilities: Vec::new(),
        }
    }

    /// Whether a person is asked.
    #[must_use]
    pub fn needs_approval(&self, level: Approval) -> bool {
        let destructive = !self.losses.is_empty();
        let replaces = |change: &PlannedChange| {
            change.action == "Remove" || !matches!(&*change.replacement, "" | "False")
        };
        match level {
            Approval::Never => false,
            Approval::AnyChange => true,
            Approval::Broadening => destructive || self.diff.is_broadening(),
            Approval::Destructive => destructive || self.changes.iter().any(replaces),
        }
    }
}

/// The losses between two templates.
pub(crate) fn losses(stack: &Stack, (before, after): (&Value, &Value), facts: Facts) -> Vec<Loss> {
    let diff = compare(before, after, &|kind| facts(kind));
    told_by_templates(stack, before, &diff, facts)
}

/// The loss of what is within a nested stack.
pub(crate) fn within(stack: &Stack, id: &str, is_removed: bool) -> Loss {
    let how = if is_removed {
        DataLoss::Deleted
    } else {
        DataLoss::MaybeReplaced
    };
    loss(stack, id, "AWS::CloudFormation::Stack", how)
}

fn told_by_templates(stack: &Stack, before: &Value, diff: &Diff, facts: Facts) -> Vec<Loss> {
    let lost = diff.resources.iter().filter_map(|change| {
        let id = change.old_id.as_ref().unwrap_or(&change.id);
        let how = change
            .data_loss
            .or_else(|| unknown(before, id, change, facts))?;
        Some(loss(stack, id, &change.kind, how))
    });
    lost.collect()
}

/// The loss of a resource of a type without facts: nobody knows that it holds no data.
fn unknown(before: &Value, id: &str, change: &ResourceChange, facts: Facts) -> Option<DataLoss> {
    let leaves = matches!(change.action, Action::Remove | Action::Rename);
    let policy = before["Resources"][id]["DeletionPolicy"].as_str();
    let is_lost = leaves && facts(&change.kind).is_none() && may_hold_data(&change.kind, facts);
    (is_lost && !policy.is_some_and(keeps_data)).then_some(DataLoss::Deleted)
}

/// Whether a type holds data, as far as is known. What is within nested stacks is looked at by itself.
fn may_hold_data(kind: &str, facts: Facts) -> bool {
    let plain = ["AWS::CloudFormation::", "AWS::CDK::"]
        .iter()
        .any(|service| kind.starts_with(service));
    holds_data(kind, &|kind| facts(kind))
        || (facts(kind).is_none() && kind.starts_with("AWS::") && !plain)
}

/// What the change set knows beyond the templates: that a value behind a reference changes, say.
fn told_by_change_set(
    stack: &Stack,
    before: &Value,
    change: &PlannedChange,
    facts: Facts,
) -> Option<Loss> {
    if !may_hold_data(&change.kind, facts) {
        return None;
    }
    let how = match (&*change.action, &*change.policy, &*change.replacement) {
        (_, "Retain" | "Snapshot" | "ReplaceAndRetain" | "ReplaceAndSnapshot", _) => return None,
        (_, "Delete", _) => DataLoss::Deleted,
        ("Remove", _, _) if !stays(before, change) => DataLoss::Deleted,
        (_, "ReplaceAndDelete", "True" | "") => DataLoss::Replaced,
        (_, "ReplaceAndDelete", _) => DataLoss::MaybeReplaced,
        ("Modify", _, "True") if !is_kept(stack, before, change) => DataLoss::Replaced,
        ("Modify", _, "Conditional") if !is_kept(stack, before, change) => DataLoss::MaybeReplaced,
        _ => return None,
    };
    Some(loss(stack, &change.id, &change.kind, how))
}

/// Whether a resource stays, or a snapshot of it, when it leaves the template.
fn stays(before: &Value, change: &PlannedChange) -> bool {
    let policy = before["Resources"][&change.id]["DeletionPolicy"].as_str();
    policy.is_some_and(keeps_data)
}

/// Whether the old resource stays, or a snapshot of it, when it is replaced.
fn is_kept(stack: &Stack, before: &Value, change: &PlannedChange) -> bool {
    let policy = |template: &Value| {
        template["Resources"][&change.id]["UpdateReplacePolicy"]
            .as_str()
            .map(str::to_owned)
    };
    let policy = policy(&stack.template).or_else(|| policy(before));
    policy.is_some_and(|policy| keeps_data(&policy))
}

fn loss(stack: &Stack, id: &str, kind: &str, how: DataLoss) -> Loss {
    Loss {
        id: id.to_owned(),
        kind: kind.to_owned(),
        path: stack.path_of(id).to_owned(),
        line: stack.line_of(id).map(str::to_owned),
        how,
    }
}
