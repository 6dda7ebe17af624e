//! Grants: statements recorded where they are said, merged once at synthesis.

use cloudwright_synth::sorted::Map;

use cloudwright_synth::{Fact, Json, Recorded, Scope};

use super::role::differ;
use super::{GrantRule, KeyUse, PolicyDocument, Principal, ResourcePolicy, RoleRef, Statement};
use crate::{kms, order};

/// Whoever can be given a right: a role, or a construct that acts with one, or a principal.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be given a right",
    label = "not a grantee",
    note = "grant to a role (`iam::RoleRef`), to a construct that has one (`lambda::FunctionRef`), or to an `iam::Principal`"
)]
pub trait Grantee {
    /// Who acts, and as whom.
    fn identity(&self) -> Identity;
}

/// What a grant is made to.
#[derive(Clone)]
pub enum Identity {
    /// A role of this app, and the construct that acts with it.
    Role {
        /// The role whose policy receives the statements.
        role: RoleRef,
        /// The construct that is shown as the one who may.
        actor: Scope,
    },
    /// Somebody outside: only the resource's own policy can let them in.
    Outside(Principal),
    /// A construct that exists already, and whose role was not said.
    Unknown(Scope),
}

impl Grantee for RoleRef {
    fn identity(&self) -> Identity {
        Identity::Role {
            role: self.clone(),
            actor: self.scope().clone(),
        }
    }
}

impl Grantee for Principal {
    fn identity(&self) -> Identity {
        Identity::Outside(self.clone())
    }
}

#[cfg(feature = "secretsmanager")]
impl Identity {
    /// Whether it is known to be of another account than a resource.
    pub(crate) fn is_abroad(&self, resource: &Scope) -> bool {
        match self {
            Self::Role { role, .. } => is_other_account(role, resource),
            Self::Outside(principal) => {
                differ(principal.account_id(), resource.environment().account_id())
            }
            Self::Unknown(_) => false,
        }
    }
}

/// What a resource is called in a policy of its own.
#[derive(Clone, Copy)]
pub(crate) enum OwnName {
    /// Its ARN.
    Arn,
    /// `*`, where the ARN would be a reference to itself.
    Star,
    /// Nothing: the policy of a repository names no resource.
    #[cfg_attr(not(feature = "ecr"), expect(dead_code, reason = "of repositories"))]
    Unsaid,
}

/// What a grant is about.
pub(crate) struct Subject<'a> {
    /// The construct.
    pub(crate) scope: &'a Scope,
    /// Its ARN.
    pub(crate) arn: Json,
    /// What follows the ARN for the things inside, such as `/*` for objects.
    pub(crate) content: &'a str,
    /// The key that it is encrypted with.
    pub(crate) key: Option<&'a kms::KeyRef>,
    /// Its resource policy, when it can have one.
    pub(crate) policy: Option<&'a ResourcePolicy>,
    /// What it is called in that policy.
    pub(crate) own_name: OwnName,
    /// Its ARN made of a known name alone, so that a role's policy with it waits for nothing.
    pub(crate) known_arn: Option<Json>,
}

/// Grants the actions of a rule on a subject: to a role by its policy, to anybody else (and to the
/// account of a role that is in another one, too) by the subject's own policy.
#[track_caller]
pub(crate) fn grant(rule: &'static GrantRule, subject: &Subject<'_>, grantee: &dyn Grantee) {
    let statements = |arn: &Json| statements(rule, subject, arn);
    match grantee.identity() {
        Identity::Role { role, actor } => {
            actor.edge(rule.verb, subject.scope, rule.name);
            if rule.reads_too() {
                actor.edge(cloudwright_synth::Verb::MayRead, subject.scope, rule.name);
            }
            let mut arn = &subject.arn;
            if is_other_account(&role, subject.scope) {
                hold_for_role(subject, &statements(arn), &role);
                // Else the role's stack would wait for the resource's, which waits for the role.
                arn = subject.known_arn.as_ref().unwrap_or(arn);
            }
            // The rights of a role that takes none from here are its own account's matter.
            let own = role.takes_policies().then(|| statements(arn));
            let everywhere = everywhere(rule).filter(|_| role.takes_policies());
            for statement in own.into_iter().flatten().chain(everywhere) {
                role.scope().record(IdentityStatement {
                    role: role.clone(),
                    statement,
                });
            }
        }
        Identity::Outside(principal) => hold(subject, &statements(&subject.arn), &principal),
        Identity::Unknown(actor) => return report_unknown(&actor),
    }
    if let Some(key) = subject.key {
        match rule.key {
            KeyUse::None => {}
            KeyUse::DataKeys => key.grant_data_keys(grantee),
            KeyUse::Decrypt => key.grant_decrypt(grantee),
            KeyUse::Encrypt => key.grant_encrypt(grantee),
            KeyUse::Both => key.grant_encrypt_decrypt(grantee),
        }
    }
}

fn statements(rule: &GrantRule, subject: &Subject<'_>, arn: &Json) -> Vec<Statement> {
    let content = Json::concat(vec![
        arn.clone(),
        Json::Text(subject.content.to_owned().into()),
    ]);
    let itself = Statement::allow(rule.on_itself.iter().copied()).on_all([arn.clone()]);
    let content = Statement::allow(rule.on_content.iter().copied()).on_all([content]);
    let parts = [(itself, rule.on_itself), (content, rule.on_content)];
    parts
        .into_iter()
        .filter(|(_, actions)| !actions.is_empty())
        .map(|(part, _)| part)
        .collect()
}

/// What a grantee needs that no resource narrows: only its own policy can say it.
fn everywhere(rule: &GrantRule) -> Option<Statement> {
    let actions = rule.on_everything;
    (!actions.is_empty()).then(|| Statement::allow(actions.iter().copied()).on("*"))
}

#[track_caller]
fn hold(subject: &Subject<'_>, statements: &[Statement], principal: &Principal) {
    let Some(policy) = subject.policy.filter(|policy| policy.is_ours()) else {
        let message = "this resource has no policy that could let an outside principal in";
        let help =
            "grant to a role of the app, or put the statement where the principal is managed";
        subject
            .scope
            .error(&crate::rules::NO_RESOURCE_POLICY, message, help);
        return;
    };
    for statement in statements {
        let statement = match subject.own_name {
            OwnName::Arn => statement.clone(),
            OwnName::Star => statement.clone().only_on("*"),
            OwnName::Unsaid => statement.clone().without_resource(),
        };
        policy.hold(statement.by(principal.clone()));
    }
}

#[track_caller]
fn report_unknown(actor: &Scope) {
    let message = "the role that this imported construct acts as is not known";
    let help = "say it where you import the construct, such as `.acting_as(&role)`";
    actor.error(&crate::rules::UNKNOWN_ROLE, message, help);
}

/// Lets a role of another account in.
///
/// By its fixed name, when it has one: the statement names the account, and of that only this role,
/// so that nothing waits for anything and a role that is made anew is let in again. Else by its ARN,
/// for which the resource waits; the role's policy then must not wait for the resource.
#[track_caller]
fn hold_for_role(subject: &Subject<'_>, statements: &[Statement], role: &RoleRef) {
    if let Some(arn) = role.known_arn() {
        let narrow = |statement: &Statement| {
            let statement = statement.clone();
            statement.when("ArnEquals", "aws:PrincipalArn", arn)
        };
        let statements: Vec<_> = statements.iter().map(narrow).collect();
        let account = role.account_id().map(str::to_owned).unwrap_or_default();
        hold(subject, &statements, &Principal::account(account));
    } else if subject.known_arn.is_some() {
        hold(subject, statements, &Principal::role(role.arn()));
    } else {
        report_unnamed(subject, role);
    }
}

/// Without the name, only the whole account could be let in, or the two stacks would wait for each
/// other.
#[track_caller]
fn report_unnamed(subject: &Subject<'_>, role: &RoleRef) {
    let (role, resource) = (role.scope().path(), subject.scope.path());
    let message = format!(
        "`{role}` is in another account, and has no fixed name by which the policy of `{resource}` could let it in"
    );
    let help = "give the role a name, `.role_name(\"worker\")`, or the resource one";
    let rule = &crate::rules::UNNAMED_ROLE;
    subject.scope.error(rule, message, help);
}

fn is_other_account(role: &RoleRef, resource: &Scope) -> bool {
    differ(role.account_id(), resource.environment().account_id())
}

/// A statement for the policy of a role.
pub(crate) struct IdentityStatement {
    pub(crate) role: RoleRef,
    pub(crate) statement: Statement,
}

impl Fact for IdentityStatement {
    const ORDER: u16 = order::IDENTITY_POLICY;

    fn merge(facts: Vec<Recorded<Self>>) {
        let mut by_role: Map<String, (RoleRef, Vec<Statement>)> = Map::new();
        for Recorded { fact, .. } in facts {
            let path = fact.role.scope().path();
            let (_, statements) = by_role.or_insert_with(path, || (fact.role, Vec::new()));
            statements.push(fact.statement);
        }
        for (_, (role, statements)) in by_role {
            role.attach_default_policy(PolicyDocument::new(statements));
        }
    }
}
