//! Policies that resources keep of themselves: who may do what with them.

use cloudwright_synth::sorted::Map;
use std::rc::Rc;

use cloudwright_synth::{Fact, Recorded, Scope};

use super::{PolicyDocument, Statement};
use crate::{order, rules};

/// The child that holds the policy of a resource; its place gives the policy its logical id.
const POLICY: &str = "Policy";

/// Writes a finished policy at its place.
type Attach = Rc<dyn Fn(&Scope, PolicyDocument)>;

/// The policy of a resource. Statements are facts; once all are known, one document is attached.
#[derive(Clone)]
pub(crate) struct ResourcePolicy {
    place: Scope,
    /// What the resource is called in messages, such as `queue`.
    what: &'static str,
    /// `None` for a resource that exists already: its owner keeps its policy.
    attach: Option<Attach>,
}

impl ResourcePolicy {
    /// A policy beside the resource, added at its place by `attach`.
    pub(crate) fn beside(
        resource: &Scope,
        what: &'static str,
        attach: impl Fn(&Scope, PolicyDocument) + 'static,
    ) -> Self {
        Self::within(&resource.place(POLICY), what, attach)
    }

    /// A policy that is a property of the resource, written by `attach`.
    pub(crate) fn within(
        resource: &Scope,
        what: &'static str,
        attach: impl Fn(&Scope, PolicyDocument) + 'static,
    ) -> Self {
        Self {
            place: resource.clone(),
            what,
            attach: Some(Rc::new(attach)),
        }
    }

    /// The policy of a resource that exists already, which is its owner's to change.
    pub(crate) fn of_owner(resource: &Scope, what: &'static str) -> Self {
        Self {
            place: resource.clone(),
            what,
            attach: None,
        }
    }

    /// Whether the app writes this policy.
    pub(crate) const fn is_ours(&self) -> bool {
        self.attach.is_some()
    }

    /// What has to wait for the policy waits for this place.
    pub(crate) const fn place(&self) -> &Scope {
        &self.place
    }

    /// Adds a statement that the user asked for; a policy that is not ours is reported.
    #[track_caller]
    pub(crate) fn add(&self, statement: Statement) {
        if self.is_ours() {
            statement.said_at(&self.place);
            self.hold(statement);
        } else {
            let message = format!(
                "the policy of an imported {} belongs to its owner",
                self.what
            );
            let help = "add the statement there";
            self.place.error(&rules::NO_RESOURCE_POLICY, message, help);
        }
    }

    /// Adds a statement; the owner of a resource that exists already has to have said it there.
    #[track_caller]
    pub(crate) fn hold(&self, statement: Statement) {
        if self.is_ours() {
            self.place.record(ResourceStatement {
                policy: self.clone(),
                statement,
            });
        }
    }
}

/// A statement for the policy of a resource.
struct ResourceStatement {
    policy: ResourcePolicy,
    statement: Statement,
}

impl Fact for ResourceStatement {
    const ORDER: u16 = order::RESOURCE_POLICY;

    fn merge(facts: Vec<Recorded<Self>>) {
        let mut by_place: Map<String, (ResourcePolicy, Vec<Statement>)> = Map::new();
        for Recorded { fact, .. } in facts {
            let path = fact.policy.place.path();
            let (_, statements) = by_place.or_insert_with(path, || (fact.policy, Vec::new()));
            statements.push(fact.statement);
        }
        for (_, (policy, statements)) in by_place {
            if let Some(attach) = &policy.attach {
                attach(&policy.place, PolicyDocument::new(statements));
            }
        }
    }
}
