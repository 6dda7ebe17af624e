//! The comparison of one stack with what it was, and its form as JSON.

use cloudwright_diff::{
    Access, Action, Change, DataLoss, Diff, Direction, ElementChange, NetworkChange, Permission,
    PolicyKind, Reason, Replacement, ResourceChange, Section,
};
use cloudwright_synth::StackArtifact;
use serde_json::{Value, json};

/// What became of a stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Unchanged,
    Changed,
    Added,
    Removed,
}

/// A stack, now and before.
pub(crate) struct Comparison {
    pub(crate) path: String,
    pub(crate) status: Status,
    pub(crate) diff: Diff,
    name: String,
}

impl Comparison {
    pub(crate) fn of(stack: &StackArtifact, status: Status, diff: Diff) -> Self {
        Self {
            path: stack.path().to_owned(),
            name: stack.name().to_owned(),
            status,
            diff,
        }
    }

    /// A stack that the program no longer has. Nobody deletes it, so its resources stay.
    pub(crate) fn removed(path: &str, name: &str) -> Self {
        Self {
            path: path.to_owned(),
            name: name.to_owned(),
            status: Status::Removed,
            diff: Diff::default(),
        }
    }

    pub(crate) fn is_broadening(&self) -> bool {
        self.diff.is_broadening()
    }

    pub(crate) fn is_destructive(&self) -> bool {
        self.diff.is_destructive()
    }

    /// Whether there is a change of the kind that `--fail-on` names.
    pub(crate) fn has(&self, change: &str) -> bool {
        match change {
            "broadening" => self.is_broadening(),
            "destructive" => self.is_destructive(),
            _ => self.status != Status::Unchanged,
        }
    }

    pub(crate) fn json(&self) -> Value {
        let diff = &self.diff;
        json!({
            "path": self.path,
            "name": self.name,
            "status": match self.status {
                Status::Unchanged => "unchanged",
                Status::Changed => "changed",
                Status::Added => "added",
                Status::Removed => "removed",
            },
            "broadening": self.is_broadening(),
            "destructive": self.is_destructive(),
            "resources": list(&diff.resources, resource),
            "elements": list(&diff.elements, element),
            "permissions": list(&diff.permissions, permission),
            "network": list(&diff.network, network),
        })
    }
}

fn list<T>(items: &[T], json: fn(&T) -> Value) -> Value {
    items.iter().map(json).collect()
}

fn resource(change: &ResourceChange) -> Value {
    json!({
        "id": change.id,
        "oldId": change.old_id,
        "type": change.kind,
        "action": action(change.action),
        "replacement": replacement(change.replacement),
        "because": change.because,
        "dataLoss": change.data_loss.map(|loss| match loss {
            DataLoss::Deleted => "deleted",
            DataLoss::Replaced => "replaced",
            DataLoss::MaybeReplaced => "maybeReplaced",
        }),
        "kept": change.is_kept,
        "properties": list(&change.properties, value),
        "attributes": list(&change.attributes, value),
    })
}

fn value(change: &Change) -> Value {
    json!({
        "path": change.path,
        "old": change.old,
        "new": change.new,
        "replacement": replacement(change.replacement),
    })
}

fn element(change: &ElementChange) -> Value {
    let section = match change.section {
        Section::Description => "Description",
        Section::Transform => "Transform",
        Section::Metadata => "Metadata",
        Section::Parameters => "Parameters",
        Section::Rules => "Rules",
        Section::Mappings => "Mappings",
        Section::Conditions => "Conditions",
        Section::Outputs => "Outputs",
        Section::Other => "Other",
    };
    json!({
        "section": section,
        "name": change.name,
        "action": action(change.action),
        "changes": list(&change.changes, value),
    })
}

fn permission(change: &Permission) -> Value {
    json!({
        "access": access(change.access),
        "holder": change.holder,
        "kind": match change.kind {
            PolicyKind::Identity => "identity",
            PolicyKind::Resource => "resource",
            PolicyKind::Trust => "trust",
            PolicyKind::Managed => "managed",
        },
        "reason": match change.reason {
            Reason::Statement => "statement",
            Reason::Actions => "actions",
            Reason::Resources => "resources",
            Reason::Principals => "principals",
            Reason::Conditions => "conditions",
        },
        "denies": change.denies,
        "actions": change.actions,
        "resources": change.resources,
        "principals": change.principals,
        "conditions": change.conditions,
    })
}

fn network(change: &NetworkChange) -> Value {
    json!({
        "access": access(change.access),
        "group": change.group,
        "direction": match change.direction {
            Direction::In => "in",
            Direction::Out => "out",
        },
        "protocol": change.protocol,
        "ports": change.ports,
        "peer": change.peer,
    })
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::Add => "add",
        Action::Remove => "remove",
        Action::Modify => "modify",
        Action::Rename => "rename",
    }
}

const fn replacement(replacement: Replacement) -> &'static str {
    match replacement {
        Replacement::No => "no",
        Replacement::Maybe => "maybe",
        Replacement::Yes => "yes",
        Replacement::Impossible => "impossible",
    }
}

const fn access(access: Access) -> &'static str {
    match access {
        Access::Opened => "opened",
        Access::Closed => "closed",
    }
}
