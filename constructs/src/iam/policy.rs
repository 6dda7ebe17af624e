//! Policies that stand beside the roles they are attached to.

use cloudwright_synth::{Arn, Construct, IntoValue, Json, ResourceRef, Scope, Text, Value};

use super::{PolicyDocument, RoleRef, Statement, split};
use crate::{cfn, rules};

/// The longest name of an inline policy.
const NAME_LIMIT: usize = 128;

/// A policy that can be attached to many roles
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html)).
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Jobs", Environment::agnostic());
/// let policy = stack.add("ReadConfig", iam::ManagedPolicy::new([
///     Statement::allow(["ssm:GetParameter"]).on("arn:aws:ssm:*:*:parameter/app/*"),
/// ]));
/// stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com"))
///     .managed_policy(policy.arn()));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct ManagedPolicy {
    document: PolicyDocument,
    description: Option<Text>,
    roles: Vec<Json>,
}

impl ManagedPolicy {
    /// A policy of the given statements.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self {
            document: PolicyDocument::new(statements),
            description: None,
            roles: Vec::new(),
        }
    }

    /// Says what the policy is for. A change replaces the policy.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Attaches the policy to a role.
    pub fn attached_to(mut self, role: &RoleRef) -> Self {
        self.roles.push(IntoValue::<String>::into_json(role.name()));
        self
    }
}

impl Construct for ManagedPolicy {
    type Handle = ManagedPolicyRef;

    fn construct(self, scope: &Scope) -> ManagedPolicyRef {
        let mut policy = cfn::iam::ManagedPolicy::new(self.document);
        if let Some(text) = self.description {
            policy = policy.description(text);
        }
        if !self.roles.is_empty() {
            policy = policy.roles(Value::from_json(Json::set_of(self.roles)));
        }
        ManagedPolicyRef {
            cfn: scope.add("Resource", policy),
        }
    }
}

/// The handle of a [`ManagedPolicy`].
#[derive(Clone)]
pub struct ManagedPolicyRef {
    cfn: cfn::iam::ManagedPolicyRef,
}

impl ManagedPolicyRef {
    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::iam::ManagedPolicyRef {
        &self.cfn
    }

    /// The policy's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::iam::ManagedPolicy>> {
        self.cfn.reference().cast()
    }
}

/// Attaches a document to a role: inline, or as a managed policy in a strict stack, where
/// compliance rules forbid inline ones. What IAM does not take of it there goes on in more managed policies.
pub(crate) fn attach(scope: &Scope, id: &'static str, document: PolicyDocument, role: &RoleRef) {
    let managed = |document| ManagedPolicy::new([]).of(document).attached_to(role);
    // In a strict stack the first one is managed, too.
    let inline = usize::from(!scope.is_strict());
    let limits = split::Limits {
        first: [split::MANAGED, split::INLINE][inline],
        count: inline + split::ATTACHED.saturating_sub(role.attached()),
    };
    let mut parts = document.in_parts(scope, limits).into_iter();
    let document = parts.next().unwrap_or_default();
    if scope.is_strict() {
        scope.add(id, managed(document));
    } else {
        scope.add(
            id,
            InlinePolicy {
                document,
                role: role.clone(),
            },
        );
    }
    let more = parts.len();
    let mut before: Vec<_> = scope.find(id).into_iter().collect();
    for (index, document) in parts.enumerate() {
        let overflow = format!("OverflowPolicy{}", index + 1);
        scope.add(overflow.clone(), managed(document));
        // What moves here is here before it is gone there.
        if let Some(overflow) = scope.find(&overflow) {
            before
                .iter()
                .for_each(|policy| policy.depends_on(&overflow));
            before.push(overflow);
        }
    }
    let made = more + 1 - inline;
    let all = made + role.attached();
    if made > 0 && all > split::ATTACHED {
        let message = format!(
            "{all} managed policies would be attached to `{}`, AWS takes {} unless asked for more",
            scope.path(),
            split::ATTACHED
        );
        let help = "grant what several resources have in common, such as a prefix of their names, or share the work between two roles";
        scope.warn(&rules::OVER_QUOTA, message, help);
    }
}

impl ManagedPolicy {
    fn of(mut self, document: PolicyDocument) -> Self {
        self.document = document;
        self
    }
}

struct InlinePolicy {
    document: PolicyDocument,
    role: RoleRef,
}

impl Construct for InlinePolicy {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        let policy = cfn::iam::Policy::new(self.document, "").roles([self.role.name()]);
        let policy = scope.add("Resource", policy);
        // The logical id is unique in the stack, and the stack's roles are its own.
        if logical_id_below(scope).len() > NAME_LIMIT {
            policy.raw("PolicyName", scope.physical_name(NAME_LIMIT));
        } else {
            policy.raw("PolicyName", policy.handle().logical_id());
        }
    }
}

/// The logical id that the resource of this place gets by its path.
fn logical_id_below(scope: &Scope) -> String {
    let (path, stack) = (scope.path(), scope.stack().path());
    let below = path[stack.len()..].split('/').filter(|id| !id.is_empty());
    cloudwright_synth::logical_id(below.chain(["Resource"]))
}
