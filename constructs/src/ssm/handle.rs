//! What a program holds of a document.

use cloudwright_synth::{Id, IntoValue, Json, ResourceRef, Scope, Value};

use crate::cfn;

/// What AWS's own documents are called.
const OF_AWS: [&str; 2] = ["AWS-", "AWSSupport-"];

/// The handle of a [`Document`](super::Document), or of one that exists already.
#[derive(Clone)]
pub struct DocumentRef {
    scope: Scope,
    cfn: Option<cfn::ssm::DocumentRef>,
    name: Value<Id<cfn::ssm::Document>>,
}

impl DocumentRef {
    pub(super) fn owned(scope: &Scope, cfn: cfn::ssm::DocumentRef, name: Option<Json>) -> Self {
        let known = name.filter(|name| name.as_text().is_some());
        Self {
            scope: scope.clone(),
            name: match known {
                Some(name) => cfn
                    .handle()
                    .known(&cfn.reference(), &Value::from_json(name)),
                None => cfn.reference(),
            },
            cfn: Some(cfn),
        }
    }

    pub(super) const fn imported(scope: Scope, name: Value<Id<cfn::ssm::Document>>) -> Self {
        Self {
            scope,
            cfn: None,
            name,
        }
    }

    /// The document's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported document.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::ssm::DocumentRef> {
        self.cfn.as_ref()
    }

    /// The document's name.
    #[must_use]
    pub fn name(&self) -> Value<Id<cfn::ssm::Document>> {
        self.name.clone()
    }

    /// The document's ARN. Those of AWS are of no account.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        let name = self.name.as_json().clone();
        let is_of_aws = |name: &str| OF_AWS.iter().any(|start| name.starts_with(start));
        if self.cfn.is_none() && self.name.literal().is_some_and(is_of_aws) {
            return Value::from_json(Json::concat(vec![
                Json::Text("arn:".into()),
                self.scope.partition().as_json().clone(),
                Json::Text(":ssm:".into()),
                self.scope.region().as_json().clone(),
                Json::Text("::document/".into()),
                name,
            ]));
        }
        let resource = Json::concat(vec![Json::Text("document/".into()), name]);
        self.scope.arn("ssm", Value::<String>::from_json(resource))
    }
}

impl IntoValue<Id<cfn::ssm::Document>> for &DocumentRef {
    fn into_json(self) -> Json {
        self.name.as_json().clone()
    }
}
