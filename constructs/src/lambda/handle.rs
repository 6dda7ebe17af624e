//! What a program holds of a function.

use std::rc::Rc;
use std::time::Duration;

use cloudwright_synth::intrinsic::{select, split};
use cloudwright_synth::{AnyArn, Arn, Construct, Id, IdOrArn, IntoValue, Json, Scope, Text, Value};

use super::asynchronous::{Asynchronous, Settings};
use super::environment::Variable;
use super::permission::{Permission, PermissionOf};
use crate::iam::{Grantee, Identity, OwnName, RoleRef, Statement, Subject, grant, table};
use crate::{cfn, rules};

/// The handle of a [`Function`](super::Function), or of one that exists already.
#[derive(Clone)]
pub struct FunctionRef {
    pub(super) scope: Scope,
    pub(super) cfn: Option<cfn::lambda::FunctionRef>,
    pub(super) arn: Value<Arn<cfn::lambda::Function>>,
    pub(super) name: Value<Id<cfn::lambda::Function>>,
    pub(super) role: Option<RoleRef>,
    pub(super) timeout: Option<Duration>,
    /// `None` for an imported function.
    pub(super) asynchronous: Option<Rc<Asynchronous>>,
}

impl FunctionRef {
    /// The function's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported function.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::lambda::FunctionRef> {
        self.cfn.as_ref()
    }

    /// The function's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::lambda::Function>> {
        self.arn.clone()
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> Value<Id<cfn::lambda::Function>> {
        self.name.clone()
    }

    /// The role that the function acts as; `None` for an imported function whose role was not said.
    #[must_use]
    pub const fn role(&self) -> Option<&RoleRef> {
        self.role.as_ref()
    }

    /// How long one call may take; `None` for an imported function.
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Sets an environment variable: for what is made after the function.
    #[track_caller]
    pub fn env(&self, name: impl Into<Text>, value: impl IntoValue<String>) -> &Self {
        self.scope.record(Variable {
            function: self.clone(),
            name: name.into(),
            value: value.into_json(),
        });
        self
    }

    /// Adds a statement to the policy of the function's role.
    #[track_caller]
    pub fn add_statement(&self, statement: Statement) -> &Self {
        match &self.role {
            Some(role) => role.add_statement(statement),
            None => self.report_unknown_role(),
        }
        self
    }

    /// Lets a grantee call the function.
    #[track_caller]
    pub fn grant_invoke(&self, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: &self.scope,
            arn: IntoValue::<Json>::into_json(self.arn()),
            content: "",
            key: None,
            policy: None,
            own_name: OwnName::Arn,
            known_arn: None,
        };
        grant(&table::LAMBDA_INVOKE, &subject, grantee);
        self
    }

    /// Lets a service or another account call the function. `id` names the permission among those
    /// of the function.
    #[track_caller]
    pub fn permit(&self, id: impl Into<Text>, permission: Permission) -> &Self {
        self.scope.add(id, self.bound(permission));
        self
    }

    /// The place of a permission that is there once, whoever asks for it.
    pub(crate) fn permit_once(&self, id: String, permission: Permission) -> Scope {
        self.scope.find(&id).unwrap_or_else(|| {
            let place = self.scope.place(id);
            self.bound(permission).construct(&place);
            place
        })
    }

    /// Lets a caller in by a permission that stands beside the caller, in its stack: that refers to the function
    /// anyway, and the function's stack need not refer back.
    #[cfg(any(feature = "apigatewayv2", feature = "events", feature = "logs-more"))]
    pub(crate) fn permit_beside(&self, caller: &Scope, permission: Permission) -> Option<Scope> {
        let id = format!("Allow{}", self.scope.path().replace('/', "--"));
        if caller.find(&id).is_none() {
            caller.add(id.clone(), self.bound(permission));
        }
        caller.find(&id)
    }

    fn bound(&self, permission: Permission) -> PermissionOf {
        PermissionOf {
            permission,
            function: self.clone(),
        }
    }

    #[track_caller]
    fn report_unknown_role(&self) {
        let message = "the role of this imported function is not known";
        let help = "import it with its role: `Function::import(..).acting_as(&role)`";
        self.scope.error(&rules::UNKNOWN_ROLE, message, help);
    }
}

impl FunctionRef {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::lambda::FunctionRef,
        role: RoleRef,
        timeout: Duration,
        asynchronous: Settings,
    ) -> Self {
        Self {
            scope: scope.clone(),
            arn: cfn.arn(),
            name: cfn.reference(),
            cfn: Some(cfn),
            role: Some(role),
            timeout: Some(timeout),
            asynchronous: Some(Rc::new(Asynchronous::new(asynchronous))),
        }
    }

    pub(super) fn imported(scope: Scope, arn: Value<Arn<cfn::lambda::Function>>) -> Self {
        let name = match arn.literal() {
            Some(text) => Value::from_json(Json::Text(literal_name(&scope, text))),
            None => select(6, split(":", &arn)).cast(),
        };
        Self {
            scope,
            cfn: None,
            arn,
            name,
            role: None,
            timeout: None,
            asynchronous: None,
        }
    }

    /// The role of an imported function, so that it can be given rights.
    #[must_use]
    pub fn acting_as(mut self, role: &RoleRef) -> Self {
        self.role = Some(role.clone());
        self
    }
}

/// The name in a function's ARN.
fn literal_name(scope: &Scope, arn: &str) -> Text {
    match arn.split_once(":function:") {
        Some((_, name)) if arn.starts_with("arn:") => {
            Text::Owned(name.split(':').next().unwrap_or(name).to_owned())
        }
        _ => {
            let message = format!(
                "a function's ARN looks like \"arn:aws:lambda:eu-central-1:123456789012:function:name\", got \"{arn}\""
            );
            let help = "copy the ARN from `aws lambda get-function`";
            scope.error(&rules::BAD_ARN, message, help);
            "".into()
        }
    }
}

impl Grantee for FunctionRef {
    fn identity(&self) -> Identity {
        match &self.role {
            Some(role) => Identity::Role {
                role: role.clone(),
                actor: self.scope.clone(),
            },
            None => Identity::Unknown(self.scope.clone()),
        }
    }
}

impl IntoValue<Arn<cfn::lambda::Function>> for &FunctionRef {
    fn into_json(self) -> Json {
        IntoValue::<Arn<cfn::lambda::Function>>::into_json(self.arn())
    }
}

impl IntoValue<AnyArn> for &FunctionRef {
    fn into_json(self) -> Json {
        IntoValue::<AnyArn>::into_json(self.arn())
    }
}

impl IntoValue<Id<cfn::lambda::Function>> for &FunctionRef {
    fn into_json(self) -> Json {
        IntoValue::<Id<cfn::lambda::Function>>::into_json(self.name())
    }
}

impl IntoValue<IdOrArn<cfn::lambda::Function>> for &FunctionRef {
    fn into_json(self) -> Json {
        IntoValue::<IdOrArn<cfn::lambda::Function>>::into_json(self.name())
    }
}
