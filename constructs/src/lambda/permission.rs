//! Who may call a function on whose behalf.

use cloudwright_synth::{AnyArn, Construct, IntoValue, Json, Scope, Text, Value};

use super::FunctionRef;
use super::asynchronous::does_not_wait;
use crate::cfn;

/// The right of a service or an account to call a function
/// ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html)).
///
/// A service is let in for one source of one account only: without that, anybody's resource of the
/// same service could make it call the function.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::lambda::{Code, Permission};
/// # let app = App::new();
/// # let stack = app.stack("Jobs", Environment::agnostic());
/// let report = stack.add("Report", lambda::Function::new(Code::s3("releases", "report.zip")));
/// let orders = stack.add("Orders", cfn::sns::Topic::new());
/// report.permit("Orders", Permission::service("sns.amazonaws.com", orders.reference().cast::<String>()));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a permission does nothing until `FunctionRef::permit` takes it"]
pub struct Permission {
    principal: Json,
    source: Option<Json>,
    source_account: Option<Json>,
}

impl Permission {
    /// A service such as `events.amazonaws.com`, acting for one resource, by ARN. The resource has
    /// to be of the function's account unless [`source_account`](Self::source_account) says another.
    pub fn service(name: impl Into<Text>, source: impl IntoValue<AnyArn>) -> Self {
        Self {
            principal: Json::Text(name.into()),
            source: Some(source.into_json()),
            source_account: None,
        }
    }

    /// Identities of another account that its own policies allow; twelve digits.
    pub fn account(id: impl IntoValue<String>) -> Self {
        Self {
            principal: id.into_json(),
            source: None,
            source_account: None,
        }
    }

    /// A role or a user, by ARN.
    pub fn identity(arn: impl IntoValue<AnyArn>) -> Self {
        Self {
            principal: arn.into_json(),
            source: None,
            source_account: None,
        }
    }

    /// The account of the source; twelve digits.
    pub fn source_account(mut self, id: impl IntoValue<String>) -> Self {
        self.source_account = Some(id.into_json());
        self
    }

    fn l1(self, scope: &Scope, function: &FunctionRef) -> cfn::lambda::Permission {
        let principal = Value::<AnyArn>::from_json(self.principal);
        let permission =
            cfn::lambda::Permission::new("lambda:InvokeFunction", function.arn(), principal);
        let Some(source) = self.source else {
            return permission;
        };
        let account = self
            .source_account
            .unwrap_or_else(|| scope.account().as_json().clone());
        permission
            .source_arn(Value::<AnyArn>::from_json(source))
            .source_account(Value::<String>::from_json(account))
    }
}

/// A permission on its way into the tree.
pub(super) struct PermissionOf {
    pub(super) permission: Permission,
    pub(super) function: FunctionRef,
}

impl Construct for PermissionOf {
    type Handle = cfn::lambda::PermissionRef;

    fn construct(self, scope: &Scope) -> Self::Handle {
        let service = self.permission.principal.as_text();
        if service.is_some_and(does_not_wait) {
            self.function.called_asynchronously();
        }
        let permission = self.permission.l1(scope, &self.function);
        scope.add("Resource", permission)
    }
}
