//! Who a statement is about.

use cloudwright_synth::{Arn, IntoValue, Json, Pseudo, Scope, Text};

use crate::cfn;

/// A [principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
/// of a trust policy or a resource policy.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Records", Environment::agnostic());
/// let records = stack.add("Records", s3::Bucket::new());
/// records.grant_read(&Principal::account("210987654321"));
/// # app.synth().unwrap();
/// ```
#[derive(Clone, PartialEq)]
pub struct Principal {
    kind: &'static str,
    name: Json,
    /// The account it belongs to, where that is known.
    account: Option<Text>,
}

/// The kind of the principal that is everyone; it has no name.
const EVERYONE: &str = "*";

impl Principal {
    /// An AWS service, such as `lambda.amazonaws.com`.
    pub fn service(name: impl Into<Text>) -> Self {
        Self {
            kind: "Service",
            name: Json::Text(name.into()),
            account: None,
        }
    }

    /// An AWS service that acts under a name of its own in each region, such as
    /// `logs.eu-central-1.amazonaws.com`.
    pub(crate) fn regional_service(scope: &Scope, service: &'static str) -> Self {
        let name = vec![
            Json::Text(format!("{service}.").into()),
            scope.region().as_json().clone(),
            Json::Text(".".into()),
            scope.pseudo(Pseudo::UrlSuffix).as_json().clone(),
        ];
        Self {
            kind: "Service",
            name: Json::concat(name),
            account: None,
        }
    }

    /// An IAM role.
    pub fn role(arn: impl IntoValue<Arn<cfn::iam::Role>>) -> Self {
        Self::named(arn.into_json())
    }

    /// Whatever the ARN names: a role, a user, an account's root.
    pub fn arn(arn: impl IntoValue<String>) -> Self {
        Self::named(arn.into_json())
    }

    /// An identity by its ARN.
    fn named(arn: Json) -> Self {
        let account = arn.as_text().and_then(|text| text.split(':').nth(4));
        Self {
            kind: "AWS",
            account: account.map(|account| Text::Owned(account.to_owned())),
            name: arn,
        }
    }

    /// All identities of an account that the account's own policies allow; twelve digits.
    pub fn account(id: impl IntoValue<String>) -> Self {
        let partition = cloudwright_synth::Pseudo::Partition.value();
        let id = id.into_json();
        let account = id.as_text().map(|id| Text::Owned(id.to_owned()));
        let parts = vec![
            Json::Text("arn:".into()),
            IntoValue::<String>::into_json(partition),
            Json::Text(":iam::".into()),
            id,
            Json::Text(":root".into()),
        ];
        Self {
            kind: "AWS",
            name: Json::concat(parts),
            account,
        }
    }

    /// A federated identity provider, by ARN or name.
    pub fn federated(provider: impl IntoValue<String>) -> Self {
        Self {
            kind: "Federated",
            name: provider.into_json(),
            account: None,
        }
    }

    /// Anyone: only for statements that deny, or that conditions narrow down.
    #[must_use]
    pub const fn everyone() -> Self {
        Self {
            kind: EVERYONE,
            name: Json::Null,
            account: None,
        }
    }

    /// The account it belongs to, where that is known.
    #[cfg(feature = "secretsmanager")]
    pub(super) fn account_id(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The `Principal` element for several principals.
    pub(crate) fn element(principals: &[Self]) -> Json {
        if principals
            .iter()
            .any(|principal| principal.kind == EVERYONE)
        {
            return Json::Text(EVERYONE.into());
        }
        let kinds = ["AWS", "Federated", "Service"]
            .into_iter()
            .filter_map(|kind| {
                let of_kind = principals.iter().filter(|principal| principal.kind == kind);
                let names: Vec<Json> = of_kind.map(|principal| principal.name.clone()).collect();
                (!names.is_empty()).then(|| (kind, Json::one_or_set_of(names)))
            });
        Json::map(kinds)
    }
}
