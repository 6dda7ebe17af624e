//! What a program holds of a parameter.

use cloudwright_synth::intrinsic::ssm_parameter;
use cloudwright_synth::{Id, IntoValue, Json, ResourceRef, Scope, Text, Value};

use crate::cfn;
use crate::iam::{GrantRule, Grantee, OwnName, Subject, grant, table};

/// The handle of a [`Parameter`](super::Parameter), or of one that exists already.
#[derive(Clone)]
pub struct ParameterRef {
    scope: Scope,
    cfn: Option<cfn::ssm::ParameterRef>,
    name: Value<Id<cfn::ssm::Parameter>>,
    /// The name as the program says it.
    known: Option<Text>,
}

impl ParameterRef {
    pub(super) fn owned(scope: &Scope, cfn: cfn::ssm::ParameterRef, name: Option<Text>) -> Self {
        let reference = cfn.reference();
        let known = |name: &Text| {
            let name = Value::from_json(Json::Text(name.clone()));
            cfn.handle().known(&reference, &name)
        };
        Self {
            scope: scope.clone(),
            name: name.as_ref().map_or_else(|| reference.clone(), known),
            known: name,
            cfn: Some(cfn),
        }
    }

    pub(super) fn imported(scope: Scope, name: Text) -> Self {
        Self {
            scope,
            cfn: None,
            name: Value::from_json(Json::Text(name.clone())),
            known: Some(name),
        }
    }

    /// The parameter's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported parameter.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::ssm::ParameterRef> {
        self.cfn.as_ref()
    }

    /// The parameter's name: what a program looks it up by.
    #[must_use]
    pub fn name(&self) -> Value<Id<cfn::ssm::Parameter>> {
        self.name.clone()
    }

    /// The parameter's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        // A name that begins with `/` has no second one before it.
        let in_folder = self
            .known
            .as_ref()
            .is_some_and(|name| name.starts_with('/'));
        let start = if in_folder { "parameter" } else { "parameter/" };
        let parts = vec![Json::Text(start.into()), self.name.as_json().clone()];
        let resource = Value::<String>::from_json(Json::concat(parts));
        self.scope.arn("ssm", resource)
    }

    /// What it holds, for a property. Of a parameter that exists already, it is read at deployment.
    #[must_use]
    pub fn value(&self) -> Value<String> {
        match &self.cfn {
            Some(cfn) => cfn.value(),
            None => ssm_parameter(self.name.clone()),
        }
    }

    /// Lets a grantee look the parameter up.
    #[track_caller]
    pub fn grant_read(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::SSM_READ, grantee)
    }

    /// Lets a grantee give the parameter another value. The next deployment that changes it gives it the
    /// program's again.
    #[track_caller]
    pub fn grant_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::SSM_WRITE, grantee)
    }

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: &self.scope,
            arn: self.arn().as_json().clone(),
            content: "",
            key: None,
            policy: None,
            own_name: OwnName::Arn,
            known_arn: None,
        };
        grant(rule, &subject, grantee);
        self
    }
}

impl IntoValue<Id<cfn::ssm::Parameter>> for &ParameterRef {
    fn into_json(self) -> Json {
        self.name.as_json().clone()
    }
}
