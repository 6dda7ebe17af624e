//! The differences as JSON, for other programs.

use serde_json::{Value, json};

use crate::model::{
    Access, Action, Change, DataLoss, Diff, Direction, ElementChange, NetworkChange, Permission,
    PolicyKind, Reason, Replacement, ResourceChange, Section,
};

impl Diff {
    /// The differences as one document:
    ///
    /// ```json
    /// { "empty": false, "destructive": true, "broadening": false,
    ///   "resources": [ { "id": "Inbox", "oldId": null, "type": "AWS::SQS::Queue",
    ///       "action": "modify", "replacement": "yes", "because": ["QueueName"],
    ///       "dataLoss": "replaced", "kept": false,
    ///       "properties": [ { "path": "QueueName", "old": "a", "new": "b", "replacement": "yes" } ],
    ///       "attributes": [] } ],
    ///   "elements": [ { "section": "Outputs", "name": "Url", "action": "add", "changes": [] } ],
    ///   "permissions": [ { "access": "opened", "holder": "Role", "kind": "identity",
    ///       "reason": "actions", "denies": false, "actions": ["s3:PutObject"],
    ///       "resources": ["*"], "principals": [], "conditions": [] } ],
    ///   "network": [ { "access": "opened", "group": "Web", "direction": "in", "protocol": "tcp",
    ///       "ports": "22", "peer": "0.0.0.0/0" } ] }
    /// ```
    ///
    /// `action` is `add`, `remove`, `modify` or `rename`; `replacement` is `no`, `maybe`, `yes` or
    /// `impossible`; `dataLoss` is `null`, `deleted`, `replaced` or `maybe-replaced`; `kind` is
    /// `identity`, `resource`, `trust` or `managed`; `reason` is `statement`, `actions`,
    /// `resources`, `principals` or `conditions`. An absent `old` or `new` value is left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "empty": self.is_empty(),
            "destructive": self.is_destructive(),
            "broadening": self.is_broadening(),
            "resources": all(&self.resources, resource),
            "elements": all(&self.elements, element),
            "permissions": all(&self.permissions, permission),
            "network": all(&self.network, network),
        })
    }
}

fn all<T>(items: &[T], form: fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(form).collect()
}

fn resource(change: &ResourceChange) -> Value {
    json!({
        "id": change.id,
        "oldId": change.old_id,
        "type": change.kind,
        "action": change.action.name(),
        "replacement": change.replacement.name(),
        "because": change.because,
        "dataLoss": change.data_loss.map(DataLoss::name),
        "kept": change.is_kept,
        "properties": all(&change.properties, value),
        "attributes": all(&change.attributes, value),
    })
}

fn value(change: &Change) -> Value {
    let mut form = json!({ "path": change.path, "replacement": change.replacement.name() });
    for (name, value) in [("old", &change.old), ("new", &change.new)] {
        if let Some(value) = value {
            form[name] = value.clone();
        }
    }
    form
}

fn element(change: &ElementChange) -> Value {
    json!({
        "section": change.section.name(),
        "name": change.name,
        "action": change.action.name(),
        "changes": all(&change.changes, value),
    })
}

fn permission(change: &Permission) -> Value {
    json!({
        "access": change.access.name(),
        "holder": change.holder,
        "kind": change.kind.name(),
        "reason": change.reason.name(),
        "denies": change.denies,
        "actions": change.actions,
        "resources": change.resources,
        "principals": change.principals,
        "conditions": change.conditions,
    })
}

fn network(change: &NetworkChange) -> Value {
    json!({
        "access": change.access.name(),
        "group": change.group,
        "direction": change.direction.name(),
        "protocol": change.protocol,
        "ports": change.ports,
        "peer": change.peer,
    })
}

/// The names of the variants, as they are written.
macro_rules! names {
    ($($kind:ident { $($variant:ident $name:literal),* $(,)? })*) => {$(
        impl $kind {
            /// The name in [`Diff::to_json`].
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    )*};
}

names! {
    Action { Add "add", Remove "remove", Modify "modify", Rename "rename" }
    Replacement { No "no", Maybe "maybe", Yes "yes", Impossible "impossible" }
    DataLoss { Deleted "deleted", Replaced "replaced", MaybeReplaced "maybe-replaced" }
    Access { Opened "opened", Closed "closed" }
    PolicyKind { Identity "identity", Resource "resource", Trust "trust", Managed "managed" }
    Reason {
        Statement "statement", Actions "actions", Resources "resources",
        Principals "principals", Conditions "conditions",
    }
    Direction { In "in", Out "out" }
    Section {
        Description "Description", Transform "Transform", Metadata "Metadata",
        Parameters "Parameters", Rules "Rules", Mappings "Mappings", Conditions "Conditions",
        Outputs "Outputs", Other "Other",
    }
}
