//! Policy documents: typed statements, merged into as few as say the same.

use cloudwright_synth::sorted::Set;
use cloudwright_synth::{IntoValue, Json, Scope, Text};

use super::Principal;

/// The policy language that every document is written in.
const LANGUAGE: &str = "2012-10-17";

/// Whether a statement permits or forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Permits, unless another statement forbids.
    Allow,
    /// Forbids, whatever other statements permit.
    Deny,
}

/// One [statement](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html)
/// of a policy.
///
/// ```
/// use cloudwright::iam::Statement;
/// let statement = Statement::allow(["ssm:GetParameter"])
///     .on("arn:aws:ssm:eu-central-1:123456789012:parameter/app/*")
///     .when("StringEquals", "aws:ResourceTag/team", "uploads");
/// ```
#[derive(Clone, PartialEq)]
#[must_use = "a statement does nothing until it is part of a policy"]
pub struct Statement {
    pub(super) effect: Effect,
    pub(super) sid: Option<Text>,
    principals: Vec<Principal>,
    pub(super) actions: Vec<Text>,
    pub(super) resources: Vec<Json>,
    pub(super) conditions: Vec<(Text, Text, Json)>,
}

impl Statement {
    fn new<A: Into<Text>>(effect: Effect, actions: impl IntoIterator<Item = A>) -> Self {
        Self {
            effect,
            sid: None,
            principals: Vec::new(),
            actions: actions.into_iter().map(Into::into).collect(),
            resources: Vec::new(),
            conditions: Vec::new(),
        }
    }

    /// Permits actions such as `s3:GetObject`.
    pub fn allow<A: Into<Text>>(actions: impl IntoIterator<Item = A>) -> Self {
        Self::new(Effect::Allow, actions)
    }

    /// Forbids actions.
    pub fn deny<A: Into<Text>>(actions: impl IntoIterator<Item = A>) -> Self {
        Self::new(Effect::Deny, actions)
    }

    /// Names the statement: ASCII letters and digits. Named statements are never merged.
    pub fn sid(mut self, sid: impl Into<Text>) -> Self {
        self.sid = Some(sid.into());
        self
    }

    /// Applies to a resource, by ARN; call it again for more. `*` is every resource.
    pub fn on(mut self, resource: impl IntoValue<String>) -> Self {
        self.resources.push(resource.into_json());
        self
    }

    /// Applies to all of these resources.
    pub fn on_all(mut self, resources: impl IntoIterator<Item = Json>) -> Self {
        self.resources.extend(resources);
        self
    }

    pub(crate) fn only_on(mut self, resource: &'static str) -> Self {
        self.resources = vec![Json::Text(resource.into())];
        self
    }

    pub(crate) fn without_resource(mut self) -> Self {
        self.resources.clear();
        self
    }

    /// Applies to a principal, in trust and resource policies; call it again for more.
    pub fn by(mut self, principal: Principal) -> Self {
        self.principals.push(principal);
        self
    }

    /// Applies only when a [condition](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html)
    /// holds; several conditions all have to hold.
    pub fn when(
        mut self,
        operator: impl Into<Text>,
        key: impl Into<Text>,
        value: impl IntoValue<Json>,
    ) -> Self {
        self.conditions
            .push((operator.into(), key.into(), value.into_json()));
        self
    }

    /// Remembers where the actions were said, for a check that finds fault with one.
    #[track_caller]
    pub(super) fn said_at(&self, place: &Scope) {
        // A closure would be the caller in place of whoever called this.
        for action in &self.actions {
            place.said(action.clone());
        }
    }

    /// Whether two statements differ in their actions or in their resources alone.
    fn says_alike(&self, other: &Self) -> bool {
        self.sid.is_none()
            && other.sid.is_none()
            && self.effect == other.effect
            && same_set(&self.principals, &other.principals)
            && same_set(&self.conditions, &other.conditions)
    }

    pub(super) fn into_json(self) -> Json {
        let actions = self.actions.into_iter().map(Json::Text).collect();
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let mut statement = Json::map([
            ("Action", Json::one_or_set_of(actions)),
            ("Effect", Json::Text(effect.into())),
        ]);
        if let Some(sid) = self.sid {
            statement.set("Sid", Json::Text(sid));
        }
        if !self.resources.is_empty() {
            statement.set("Resource", Json::one_or_set_of(self.resources));
        }
        if !self.principals.is_empty() {
            statement.set("Principal", Principal::element(&self.principals));
        }
        if !self.conditions.is_empty() {
            statement.set("Condition", condition_element(self.conditions));
        }
        statement
    }
}

fn condition_element(conditions: Vec<(Text, Text, Json)>) -> Json {
    let mut element = Json::default();
    for (operator, key, value) in conditions {
        element.merge(Json::map([(operator, Json::map([(key, value)]))]));
    }
    element
}

fn same_set<T: PartialEq>(left: &[T], right: &[T]) -> bool {
    left.iter().all(|item| right.contains(item)) && right.iter().all(|item| left.contains(item))
}

fn join_sets<T: PartialEq>(into: &mut Vec<T>, from: Vec<T>) {
    for item in from {
        if !into.contains(&item) {
            into.push(item);
        }
    }
}

/// A policy document: a set of statements.
///
/// ```
/// use cloudwright::iam::{PolicyDocument, Statement};
/// let parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/app";
/// let document = PolicyDocument::new([
///     Statement::allow(["ssm:GetParameter"]).on(parameter),
///     Statement::allow(["ssm:GetParameterHistory"]).on(parameter),
/// ]);
/// assert!(!document.is_empty()); // one statement with two actions
/// ```
#[derive(Clone, Default, PartialEq)]
#[must_use = "a document does nothing until it is part of a policy"]
pub struct PolicyDocument {
    pub(super) statements: Vec<Statement>,
}

impl PolicyDocument {
    /// A document of the given statements, minimised.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        let by_resource = merge(statements, |into, from| {
            same_set(&into.resources, &from.resources)
                .then(|| join_sets(&mut into.actions, from.actions.clone()))
        });
        let by_action = merge(by_resource, |into, from| {
            same_set(&into.actions, &from.actions)
                .then(|| join_sets(&mut into.resources, from.resources.clone()))
        });
        Self {
            statements: by_action,
        }
    }

    /// All actions that are allowed, sorted.
    pub(super) fn actions(&self) -> Vec<Text> {
        let allowed = self.statements.iter();
        let allowed = allowed.filter(|statement| matches!(statement.effect, Effect::Allow));
        let mut actions = Set::new();
        for action in allowed.flat_map(|statement| &statement.actions) {
            actions.insert(action.clone());
        }
        actions.into_vec()
    }

    /// Whether the document says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }
}

/// Merges each statement into the first one that it says alike and that `join` accepts.
fn merge(
    statements: impl IntoIterator<Item = Statement>,
    join: impl Fn(&mut Statement, &Statement) -> Option<()>,
) -> Vec<Statement> {
    let mut merged: Vec<Statement> = Vec::new();
    for statement in statements {
        let alike = merged
            .iter_mut()
            .filter(|other| other.says_alike(&statement));
        let joined = alike.into_iter().find_map(|other| join(other, &statement));
        if joined.is_none() && !merged.contains(&statement) {
            merged.push(statement);
        }
    }
    merged
}

impl IntoValue<Json> for PolicyDocument {
    fn into_json(self) -> Json {
        let statements = self.statements.into_iter().map(Statement::into_json);
        Json::map([
            ("Statement", Json::set_of(statements.collect())),
            ("Version", Json::Text(LANGUAGE.into())),
        ])
    }
}

/// The statement that every bucket, queue and topic carries: nothing over an unencrypted connection.
pub(crate) fn tls_only(actions: &'static str, resources: Vec<Json>) -> Statement {
    Statement::deny([actions])
        .by(Principal::everyone())
        .on_all(resources)
        .when("Bool", "aws:SecureTransport", false)
}
