//! What a program holds of a repository.

use cloudwright_synth::{Arn, Json, Pseudo, ResourceRef as _, Scope, Text, Value};

use crate::cloudwatch::{Metric, Statistic};
use crate::iam::{GrantRule, Grantee, OwnName, ResourcePolicy, Statement, Subject, grant, table};
use crate::{arn, cfn, kms};

/// What an imported repository is known by.
const KIND: arn::Kind = arn::Kind {
    service: "ecr",
    prefix: "repository/",
    what: "a repository",
};

/// The handle of a [`Repository`](super::Repository), or of one that exists already.
#[derive(Clone)]
pub struct RepositoryRef {
    scope: Scope,
    cfn: Option<cfn::ecr::RepositoryRef>,
    arn: Value<Arn<cfn::ecr::Repository>>,
    known_arn: Option<Json>,
    name: Value<String>,
    uri: Value<String>,
    key: Option<kms::KeyRef>,
    policy: ResourcePolicy,
}

impl RepositoryRef {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::ecr::RepositoryRef,
        name: Option<Text>,
        key: Option<kms::KeyRef>,
    ) -> Self {
        let written = cfn.clone();
        // The policy is a property of the repository, not a resource beside it.
        let policy = ResourcePolicy::within(scope, "repository", move |_, document| {
            written.raw("RepositoryPolicyText", document);
        });
        let reference: Value<String> = cfn.reference().cast();
        let known = name.map(|name| Known::of(scope, &Value::from_json(Json::Text(name))));
        let (arn, reference, uri) = match &known {
            Some(Known { arn, name, uri }) => (
                cfn.handle()
                    .known(&cfn.arn(), &Value::from_json(arn.clone())),
                cfn.handle().known(&reference, name),
                cfn.handle().known(&cfn.repository_uri(), uri),
            ),
            None => (cfn.arn(), reference, cfn.repository_uri()),
        };
        Self {
            scope: scope.clone(),
            cfn: Some(cfn),
            arn,
            known_arn: known.map(|known| known.arn),
            name: reference,
            uri,
            key,
            policy,
        }
    }

    #[track_caller]
    pub(super) fn imported(scope: Scope, arn: Value<Arn<cfn::ecr::Repository>>) -> Self {
        let parts = arn::parts(&scope, &arn, &KIND);
        Self {
            policy: ResourcePolicy::of_owner(&scope, "repository"),
            uri: uri(&parts.account, &parts.region, &parts.name),
            name: parts.name,
            known_arn: Some(arn.as_json().clone()),
            arn,
            cfn: None,
            key: None,
            scope,
        }
    }

    /// A repository of the stack's account and region that is made elsewhere, by its name.
    #[cfg(feature = "queue-worker")]
    pub(crate) fn elsewhere(scope: Scope, name: &Value<String>) -> Self {
        let Known { arn, name, uri } = Known::of(&scope, name);
        Self {
            policy: ResourcePolicy::of_owner(&scope, "repository"),
            arn: Value::from_json(arn.clone()),
            known_arn: Some(arn),
            name,
            uri,
            cfn: None,
            key: None,
            scope,
        }
    }

    /// The repository's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported repository.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::ecr::RepositoryRef> {
        self.cfn.as_ref()
    }

    /// The repository's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::ecr::Repository>> {
        self.arn.clone()
    }

    /// The repository's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    /// Where images are pushed to and pulled from, such as `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop`.
    #[must_use]
    pub fn uri(&self) -> Value<String> {
        self.uri.clone()
    }

    /// The key that the images are encrypted with, when it is one of your own.
    #[must_use]
    pub const fn key(&self) -> Option<&kms::KeyRef> {
        self.key.as_ref()
    }

    /// Lets a grantee pull images.
    #[track_caller]
    pub fn grant_pull(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::ECR_PULL, grantee)
    }

    /// As [`grant_pull`](Self::grant_pull), of what every deployment has beside it: no line of a picture tells of that.
    #[cfg(feature = "ecs")]
    pub(crate) fn let_pull(&self, role: &crate::iam::RoleRef) {
        let rule = &table::ECR_PULL;
        let pull = Statement::allow(rule.on_itself.iter().copied());
        role.add_statement(pull.on(self.arn()));
        role.add_statement(Statement::allow(rule.on_everything.iter().copied()).on("*"));
    }

    /// Lets a grantee push images.
    #[track_caller]
    pub fn grant_push(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::ECR_PUSH, grantee)
    }

    /// Adds a statement to the repository's policy, which is about the repository alone and names no resource.
    #[track_caller]
    pub fn add_statement(&self, statement: Statement) {
        self.policy.add(statement.without_resource());
    }

    /// How often images were pulled: the sum over 5 minutes.
    pub fn metric_pulls(&self) -> Metric {
        Metric::new("AWS/ECR", "RepositoryPullCount")
            .dimension("RepositoryName", self.name())
            .statistic(Statistic::Sum)
            .of(&self.scope)
    }

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: &self.scope,
            arn: self.arn.as_json().clone(),
            content: "",
            // ECR itself uses the key.
            key: None,
            policy: Some(&self.policy),
            own_name: OwnName::Unsaid,
            known_arn: self.known_arn.clone(),
        };
        grant(rule, &subject, grantee);
        self
    }
}

/// What is known of a repository with a fixed name before it is there.
struct Known {
    arn: Json,
    name: Value<String>,
    uri: Value<String>,
}

impl Known {
    fn of(scope: &Scope, name: &Value<String>) -> Self {
        let text = |text: &'static str| Json::Text(text.into());
        let (account, region) = (scope.account(), scope.region());
        let arn = Json::concat(vec![
            text("arn:"),
            scope.partition().as_json().clone(),
            text(":ecr:"),
            region.as_json().clone(),
            text(":"),
            account.as_json().clone(),
            text(":repository/"),
            name.as_json().clone(),
        ]);
        let uri = uri(&account, &region, name);
        Self {
            arn,
            name: name.clone(),
            uri,
        }
    }
}

fn uri(account: &Value<String>, region: &Value<String>, name: &Value<String>) -> Value<String> {
    let text = |text: &'static str| Json::Text(text.into());
    Value::from_json(Json::concat(vec![
        account.as_json().clone(),
        text(".dkr.ecr."),
        region.as_json().clone(),
        text("."),
        Pseudo::UrlSuffix.value().as_json().clone(),
        text("/"),
        name.as_json().clone(),
    ]))
}
