//! What a comparison yields, as plain data.

use serde_json::Value;

/// All differences between two templates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// Resources that are added, removed or changed, by logical id.
    pub resources: Vec<ResourceChange>,
    /// Changes of all other sections, in the order of the sections and then by name.
    pub elements: Vec<ElementChange>,
    /// What IAM policies allow or deny differently: openings first.
    pub permissions: Vec<Permission>,
    /// What security groups let through differently: openings first.
    pub network: Vec<NetworkChange>,
}

impl Diff {
    /// Whether the templates mean the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.elements.is_empty()
    }

    /// Whether data is lost, or may be.
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        self.resources
            .iter()
            .any(|change| change.data_loss.is_some())
    }

    /// Whether a policy or a security group lets through what it did not before.
    #[must_use]
    pub fn is_broadening(&self) -> bool {
        let permissions = self.permissions.iter().map(|change| change.access);
        let network = self.network.iter().map(|change| change.access);
        permissions
            .chain(network)
            .any(|access| access == Access::Opened)
    }
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is created.
    Add,
    /// It leaves the template.
    Remove,
    /// It is updated.
    Modify,
    /// The same resource stands under another logical id: it is created anew, and the one with the
    /// old id leaves the template.
    Rename,
}

/// Whether an update makes a new resource in place of the old one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Replacement {
    /// It is updated in place.
    #[default]
    No,
    /// It depends on values that are not known yet.
    Maybe,
    /// It is replaced.
    Yes,
    /// CloudFormation would have to replace it, and cannot.
    Impossible,
}

/// How data gets lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataLoss {
    /// The resource leaves the template and is deleted.
    Deleted,
    /// The resource is replaced, and the old one is deleted.
    Replaced,
    /// The resource may be replaced, and the old one would be deleted.
    MaybeReplaced,
}

/// The change of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceChange {
    /// The logical id in the new template, or in the old one when it is removed.
    pub id: String,
    /// The logical id in the old template, when it was another.
    pub old_id: Option<String>,
    /// The CloudFormation type.
    pub kind: String,
    /// What happens.
    pub action: Action,
    /// Whether the real resource is replaced.
    pub replacement: Replacement,
    /// Why it is replaced, or cannot be: property paths and sentences.
    pub because: Vec<String>,
    /// How data gets lost, when it does.
    pub data_loss: Option<DataLoss>,
    /// Whether the real resource stays behind, no longer managed.
    pub is_kept: bool,
    /// The changed properties.
    pub properties: Vec<Change>,
    /// The changed attributes: `DependsOn`, `DeletionPolicy`, `Metadata`, ...
    pub attributes: Vec<Change>,
}

impl ResourceChange {
    /// A change of which nothing is known yet.
    pub(crate) fn new(id: &str, kind: &str, action: Action) -> Self {
        Self {
            id: id.to_owned(),
            old_id: None,
            kind: kind.to_owned(),
            action,
            replacement: Replacement::No,
            because: Vec::new(),
            data_loss: None,
            is_kept: false,
            properties: Vec::new(),
            attributes: Vec::new(),
        }
    }
}

/// The change of one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where, such as `Tags[Key=team].Value` or `Rules[0].Id`.
    pub path: String,
    /// The value before; `None` when it is added.
    pub old: Option<Value>,
    /// The value after; `None` when it is removed.
    pub new: Option<Value>,
    /// Whether this change by itself replaces the resource.
    pub replacement: Replacement,
}

/// A section of a template other than `Resources`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// `Description`.
    Description,
    /// `Transform`.
    Transform,
    /// `Metadata`.
    Metadata,
    /// `Parameters`.
    Parameters,
    /// `Rules`.
    Rules,
    /// `Mappings`.
    Mappings,
    /// `Conditions`.
    Conditions,
    /// `Outputs`.
    Outputs,
    /// Anything else, such as a loop of the language extensions.
    Other,
}

/// The change of an element of another section.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementChange {
    /// The section.
    pub section: Section,
    /// The element's name; empty for sections that are one value.
    pub name: String,
    /// Whether the element is added, removed or modified.
    pub action: Action,
    /// What changed in it.
    pub changes: Vec<Change>,
}

/// Whether something may be done now that could not be before, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// More is let through.
    Opened,
    /// Less is let through.
    Closed,
}

/// The kind of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyKind {
    /// What a role, user or group may do.
    Identity,
    /// Who may use a resource.
    Resource,
    /// Who may become a role.
    Trust,
    /// A policy that AWS or the account keeps, by ARN.
    Managed,
}

/// Why a permission differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The whole statement.
    Statement,
    /// Actions.
    Actions,
    /// Resources.
    Resources,
    /// Principals.
    Principals,
    /// Conditions.
    Conditions,
}

/// A permission that one of the two templates has and the other has not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// Whether it is an opening.
    pub access: Access,
    /// Whose policy it is: a logical id, or the target of a resource policy.
    pub holder: String,
    /// The kind of the policy.
    pub kind: PolicyKind,
    /// What about it is new or gone.
    pub reason: Reason,
    /// Whether the statement denies.
    pub denies: bool,
    /// The actions, or the ARNs of managed policies.
    pub actions: Vec<String>,
    /// The resources; `${Id.Arn}` stands for what only the deployment knows.
    pub resources: Vec<String>,
    /// The principals; empty in identity policies.
    pub principals: Vec<String>,
    /// The conditions, one sentence each.
    pub conditions: Vec<String>,
}

impl Permission {
    /// Whether the new template has the statement: a permission that opens, or a denial that closes.
    #[must_use]
    pub fn is_added(&self) -> bool {
        self.denies == (self.access == Access::Closed)
    }

    /// Who may, or may not: the principals, or else the holder, whose own policy it is.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        let of_holder = matches!(self.kind, PolicyKind::Identity | PolicyKind::Managed);
        if of_holder || self.principals.is_empty() {
            vec![self.holder.clone()]
        } else {
            self.principals.clone()
        }
    }

    /// On what. In the policy of a resource, which names principals, `*` is that resource.
    #[must_use]
    pub fn objects(&self) -> Vec<String> {
        let is_own = !self.principals.is_empty() && self.resources == ["*"];
        match self.kind {
            PolicyKind::Managed => Vec::new(),
            PolicyKind::Trust => vec![self.holder.clone()],
            PolicyKind::Resource if is_own => vec![self.holder.clone()],
            _ if self.resources.is_empty() => vec![self.holder.clone()],
            PolicyKind::Identity | PolicyKind::Resource => self.resources.clone(),
        }
    }
}

/// Whether traffic comes in or goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Ingress.
    In,
    /// Egress.
    Out,
}

/// A rule of a security group that one of the two templates has and the other has not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NetworkChange {
    /// Whether it is an opening.
    pub access: Access,
    /// The group: a logical id, or what the rule names.
    pub group: String,
    /// The direction.
    pub direction: Direction,
    /// The protocol: `tcp`, `udp`, `icmp`, a number, or `all`.
    pub protocol: String,
    /// The ports: `443`, `8000-8080` or `all`.
    pub ports: String,
    /// The other side: an address range, a prefix list or a group.
    pub peer: String,
}
