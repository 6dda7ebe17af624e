//! Roles: what a service or a construct acts as.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use cloudwright_synth::Builder as _;
use cloudwright_synth::{Arn, Construct, Id, IntoValue, Json, ResourceRef, Scope, Text, Value};

use super::policy::attach;
use super::{PolicyDocument, Principal, Statement};
use crate::units::whole_seconds;
use crate::{cfn, defaults, rules};

/// The longest name of a role.
const NAME_LIMIT: usize = 64;
/// The child that holds a role's merged grants; its place gives the policy its logical id.
const DEFAULT_POLICY: &str = "DefaultPolicy";
/// Where the policy is written that a role has to have and does not get.
const POLICY: &str = "cloudwright:RolePolicy";

/// An IAM role ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html)).
///
/// It starts without any right. Grants and statements become one inline policy; under
/// [`strict`](crate::Stack::strict) a managed one. What IAM does not take in one goes on in managed policies,
/// `OverflowPolicy1` and so on. When rights come and go, none of the others is away meanwhile: the policies are changed
/// in an order in which a right is in its new one first. Only a role that comes near ten managed policies
/// has them filled anew, and so does one whose list of actions for one resource gets very long (1,500 characters).
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Jobs", Environment::agnostic());
/// let role = stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// let jobs = stack.add("Jobs", sqs::Queue::new());
/// jobs.grant_consume(&role);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Role {
    cfn: cfn::iam::Role,
    trust: Vec<Statement>,
    statements: Vec<Statement>,
    managed: Vec<Json>,
    name: Option<Text>,
    path: Option<Text>,
    max_session: Option<Duration>,
}

impl Role {
    /// A role that a principal may assume.
    pub fn assumed_by(principal: Principal) -> Self {
        Self::trusting(Statement::allow(["sts:AssumeRole"]).by(principal))
    }

    /// A role with a trust statement of your own, for conditions and web identities.
    pub fn trusting(statement: Statement) -> Self {
        Self {
            cfn: cfn::iam::Role::new(Json::Null),
            trust: vec![statement],
            statements: Vec::new(),
            managed: Vec::new(),
            name: None,
            path: None,
            max_session: None,
        }
    }

    /// Adds a trust statement.
    pub fn and_trusting(mut self, statement: Statement) -> Self {
        self.trust.push(statement);
        self
    }

    /// Adds a statement to the role's policy.
    pub fn statement(mut self, statement: Statement) -> Self {
        self.statements.push(statement);
        self
    }

    /// Attaches a managed policy, by ARN.
    pub fn managed_policy(mut self, arn: impl IntoValue<Arn<cfn::iam::ManagedPolicy>>) -> Self {
        let arn = arn.into_json();
        if !self.managed.contains(&arn) {
            self.managed.push(arn);
        }
        self
    }

    /// Says what the role is for; at most 1,000 characters.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.cfn = self.cfn.description(text.into());
        self
    }

    /// The path in front of the role's name, such as `/service/`.
    pub fn path(mut self, path: impl Into<Text>) -> Self {
        let path = path.into();
        self.cfn = self.cfn.path(path.clone());
        self.path = Some(path);
        self
    }

    /// A fixed name, at most 64 characters. Without one CloudFormation makes a unique name.
    ///
    /// A role with a known name can be referred to from any account and region.
    pub fn role_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// A managed policy that limits what the role's policies can give.
    pub fn permissions_boundary(
        mut self,
        arn: impl IntoValue<Arn<cfn::iam::ManagedPolicy>>,
    ) -> Self {
        self.cfn = self.cfn.permissions_boundary(arn.into_value());
        self
    }

    /// How long a session may last: 1 to 12 hours.
    pub const fn max_session(mut self, duration: Duration) -> Self {
        self.max_session = Some(duration);
        self
    }

    /// A role that exists already, by ARN. Grants become a policy of this app attached to it; a role of
    /// another account than the stack's can be given no policy here, so that grants to it are written
    /// into the resource's policy alone, and its own account has to allow them as well.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::iam::Role>>,
    ) -> RoleRef {
        scope.add(
            id,
            ImportedRole {
                arn: arn.into_value(),
            },
        )
    }
}

impl Construct for Role {
    type Handle = RoleRef;

    fn construct(mut self, scope: &Scope) -> RoleRef {
        self.name = self.name.or_else(|| defaults::name(scope, NAME_LIMIT));
        let trust = PolicyDocument::new(self.trust);
        let mut role = self.cfn.raw("AssumeRolePolicyDocument", trust);
        if let Some(name) = &self.name {
            role = role.role_name(name.clone());
        }
        if let Some(duration) = self.max_session {
            role =
                role.max_session_duration(whole_seconds(scope, "a session's duration", duration));
        }
        let attached = self.managed.len();
        if !self.managed.is_empty() {
            role = role.managed_policy_arns(Value::from_json(Json::set_of(self.managed)));
        }
        let cfn = scope.add("Resource", role);
        let known = |name: &Text| known_arn(scope, self.path.as_deref(), name);
        let known = self.name.as_ref().map(known);
        let (arn, name) = match self.name.as_ref().zip(known.as_ref()) {
            Some((name, known)) => (
                cfn.handle().known(&cfn.arn(), known),
                cfn.handle().known(
                    &cfn.reference(),
                    &Value::from_json(Json::Text(name.clone())),
                ),
            ),
            None => (cfn.arn(), cfn.reference()),
        };
        let role = RoleRef {
            scope: scope.clone(),
            arn,
            known_arn: known,
            name,
            account: scope.environment().account_id().map(str::to_owned),
            cfn: Some(cfn),
            attached,
            untouched: None,
        };
        self.statements
            .into_iter()
            .for_each(|statement| role.add_statement(statement));
        role
    }
}

/// The ARN of a role of this stack's account by its name.
fn known_arn(scope: &Scope, path: Option<&str>, name: &str) -> Value<Arn<cfn::iam::Role>> {
    Value::from_json(Json::concat(vec![
        Json::Text("arn:".into()),
        scope.partition().as_json().clone(),
        Json::Text(":iam::".into()),
        scope.account().as_json().clone(),
        Json::Text(format!(":role{}{name}", path.unwrap_or("/")).into()),
    ]))
}

struct ImportedRole {
    arn: Value<Arn<cfn::iam::Role>>,
}

impl Construct for ImportedRole {
    type Handle = RoleRef;

    fn construct(self, scope: &Scope) -> RoleRef {
        let name = match self.arn.literal() {
            Some(arn) => Value::from_json(Json::Text(literal_name(scope, arn))),
            None => cloudwright_synth::intrinsic::select(
                1,
                cloudwright_synth::intrinsic::split("/", &self.arn),
            )
            .cast(),
        };
        RoleRef {
            scope: scope.clone(),
            cfn: None,
            account: literal_account(&self.arn)
                .or(scope.environment().account_id())
                .map(str::to_owned),
            known_arn: Some(self.arn.clone()),
            arn: self.arn,
            name,
            // What its owner has attached is not known here.
            attached: 0,
            untouched: None,
        }
    }
}

/// The account in a role's ARN, when it is said in figures.
fn literal_account(arn: &Value<Arn<cfn::iam::Role>>) -> Option<&str> {
    let account = arn.literal()?.split(':').nth(4)?;
    (!account.is_empty()).then_some(account)
}

/// The name at the end of a role's ARN.
fn literal_name(scope: &Scope, arn: &str) -> Text {
    match arn.split_once(":role/") {
        Some((_, path)) => Text::Owned(path.rsplit('/').next().unwrap_or(path).to_owned()),
        None => {
            let message = format!(
                "a role's ARN looks like \"arn:aws:iam::123456789012:role/name\", got \"{arn}\""
            );
            scope.error(
                &rules::BAD_ARN,
                message,
                "copy the ARN from `aws iam get-role`",
            );
            "".into()
        }
    }
}

/// The handle of a [`Role`], or of one that exists already.
#[derive(Clone)]
pub struct RoleRef {
    scope: Scope,
    cfn: Option<cfn::iam::RoleRef>,
    arn: Value<Arn<cfn::iam::Role>>,
    known_arn: Option<Value<Arn<cfn::iam::Role>>>,
    name: Value<Id<cfn::iam::Role>>,
    account: Option<String>,
    /// How many managed policies it has by itself.
    attached: usize,
    /// The functions that act as a role which gets no policy here; `None` for a role that does.
    untouched: Option<Rc<RefCell<Vec<cfn::lambda::FunctionRef>>>>,
}

impl RoleRef {
    /// The role's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported role.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::iam::RoleRef> {
        self.cfn.as_ref()
    }

    /// The role's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::iam::Role>> {
        self.arn.clone()
    }

    /// The role's ARN by its fixed name, which refers to nothing: for conditions that do not need the
    /// role to exist.
    pub(super) const fn known_arn(&self) -> Option<&Value<Arn<cfn::iam::Role>>> {
        self.known_arn.as_ref()
    }

    /// The id of the account that the role is in, when it is known.
    pub(super) fn account_id(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// How many managed policies it has beside those of its grants, as far as that is known.
    pub(super) const fn attached(&self) -> usize {
        self.attached
    }

    /// Whether this app's policies can be attached to it: IAM attaches policies of its own account only.
    pub(crate) fn takes_policies(&self) -> bool {
        !differ(self.account_id(), self.scope.environment().account_id())
    }

    /// The role's name.
    #[must_use]
    pub fn name(&self) -> Value<Id<cfn::iam::Role>> {
        self.name.clone()
    }

    /// Adds a statement to the role's policy: what no grant of a resource gives, such as `queue.grant_send(&role)`.
    #[doc(alias = "grant")]
    #[track_caller]
    pub fn add_statement(&self, statement: Statement) {
        if !self.takes_policies() && self.untouched.is_none() {
            return self.report_foreign();
        }
        statement.said_at(&self.scope);
        let fact = super::grant::IdentityStatement {
            role: self.clone(),
            statement,
        };
        self.scope.record(fact);
    }

    #[track_caller]
    fn report_foreign(&self) {
        let account = self.account_id().unwrap_or_default();
        let message = format!(
            "`{}` is a role of account {account}, where this stack cannot attach a policy",
            self.scope.path()
        );
        let help = "add the statement where the role is made, or grant it on a resource that has a policy of its own";
        self.scope.error(&rules::FOREIGN_ROLE, message, help);
    }

    /// Leaves the role as it is, for one whose policies somebody else keeps: what it is granted here is
    /// attached to nothing. A warning names the actions that its owner has to allow, and the policy is in
    /// the `Metadata` of the functions that act as the role, under `cloudwright:RolePolicy`.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// use cloudwright::lambda::Code;
    /// # let app = App::new();
    /// # let stack = app.stack("Jobs", Environment::agnostic());
    /// let role = iam::Role::import(&stack, "Role", "arn:aws:iam::111111111111:role/jobs");
    /// let role = role.without_policy_updates();
    /// stack.add("Work", lambda::Function::new(Code::s3("releases", "work.zip")).role(&role));
    /// # app.synth().unwrap();
    /// ```
    #[must_use = "the role itself still gets policies"]
    pub fn without_policy_updates(mut self) -> Self {
        self.untouched = Some(Rc::default());
        self
    }

    /// Says that a function acts as this role.
    pub(crate) fn acts_for(&self, function: &cfn::lambda::FunctionRef) {
        if let Some(functions) = &self.untouched {
            functions.borrow_mut().push(function.clone());
        }
    }

    /// Attaches the merged statements, one policy beside the role; or tells what they are.
    pub(crate) fn attach_default_policy(&self, document: PolicyDocument) {
        let Some(functions) = &self.untouched else {
            return attach(&self.scope, DEFAULT_POLICY, document, self);
        };
        let message = format!(
            "`{}` gets no policy here, and has to allow {}",
            self.scope.path(),
            document.actions().join(", ")
        );
        let help = "see the whole policy in the template: `cloudwright:RolePolicy` in the `Metadata` of the function";
        self.scope.warn(&rules::UNTOUCHED_ROLE, message, help);
        for function in &*functions.borrow() {
            function.metadata(POLICY, IntoValue::<Json>::into_json(document.clone()));
        }
    }
}

/// Whether two accounts are known, and not the same.
pub(super) fn differ(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

impl IntoValue<Arn<cfn::iam::Role>> for &RoleRef {
    fn into_json(self) -> Json {
        IntoValue::<Arn<cfn::iam::Role>>::into_json(self.arn())
    }
}
