//! What a program holds of a table.

use cloudwright_synth::{Arn, Id, IntoValue, Json, ResourceRef, Scope, Value};

use crate::iam::{ResourcePolicy, Statement};
use crate::{arn, cfn, kms, rules};

/// What an imported table is known by.
const KIND: arn::Kind = arn::Kind {
    service: "dynamodb",
    prefix: "table/",
    what: "a table",
};

/// The handle of a [`Table`](super::Table), or of one that exists already.
#[derive(Clone)]
pub struct TableRef {
    scope: Scope,
    cfn: Option<cfn::dynamodb::TableRef>,
    arn: Value<Arn<cfn::dynamodb::Table>>,
    name: Value<Id<cfn::dynamodb::Table>>,
    key: Option<kms::KeyRef>,
    policy: ResourcePolicy,
    /// The ARN by a fixed name, which refers to nothing.
    known_arn: Option<Json>,
    indexed: bool,
    stream: Option<Box<Value<String>>>,
}

impl TableRef {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::dynamodb::TableRef,
        name: Option<Json>,
        key: Option<kms::KeyRef>,
    ) -> Self {
        let (mut arn, mut table_name) = (cfn.arn(), cfn.reference());
        let mut known_arn = None;
        if let Some(name) = name.filter(|name| name.as_text().is_some()) {
            let name = Value::<String>::from_json(name);
            let known = scope.arn("dynamodb", resource(&name));
            known_arn = Some(known.as_json().clone());
            arn = cfn.handle().known(&arn, &known.cast());
            table_name = cfn.handle().known(&table_name, &name.cast());
        }
        let written = cfn.clone();
        // A table's policy is a property of the table, not a resource beside it.
        let policy = ResourcePolicy::within(scope, "table", move |_, document| {
            let document = IntoValue::<Json>::into_json(document);
            written.raw("ResourcePolicy", Json::map([("PolicyDocument", document)]));
        });
        Self {
            scope: scope.clone(),
            arn,
            name: table_name,
            key,
            policy,
            known_arn,
            cfn: Some(cfn),
            indexed: false,
            stream: None,
        }
    }

    #[track_caller]
    pub(super) fn imported(scope: Scope, arn: Value<Arn<cfn::dynamodb::Table>>) -> Self {
        Self {
            name: arn::parts(&scope, &arn, &KIND).name.cast(),
            policy: ResourcePolicy::of_owner(&scope, "table"),
            known_arn: None,
            scope,
            cfn: None,
            arn,
            key: None,
            indexed: true,
            stream: None,
        }
    }

    pub(super) fn with(mut self, indexed: bool, streams: bool) -> Self {
        self.indexed = indexed;
        let of_ours = self.cfn.as_ref().filter(|_| streams);
        self.stream = of_ours.map(|table| Box::new(table.stream_arn()));
        self
    }

    /// Says the stream of a table that exists already, by ARN:
    /// `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/TIME`. A table that gets another stream has another ARN for it.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Orders", Environment::agnostic());
    /// let worker = stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
    /// let table = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders";
    /// let orders = dynamodb::Table::import(&stack, "Orders", table)
    ///     .with_stream(format!("{table}/stream/2026-01-31T12:00:00.000"));
    /// orders.grant_stream_read(&worker);
    /// # app.synth().unwrap();
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_stream(mut self, arn: impl IntoValue<String>) -> Self {
        let arn = arn.into_value();
        if self.cfn.is_some() {
            let message = "a table of the app knows its stream itself";
            let help = "say `.stream(StreamView::NewAndOldImages)` of the table";
            self.scope.error(&rules::CONTRADICTION, message, help);
        } else if let Some(text) = arn.literal()
            && !(text.starts_with("arn:") && text.contains("/stream/"))
        {
            let message = format!(
                "a stream's ARN looks like \"arn:aws:dynamodb:eu-central-1:123456789012:table/name/stream/2026-01-31T12:00:00.000\", got \"{text}\""
            );
            let help = "see `LatestStreamArn` of `aws dynamodb describe-table`";
            self.scope.error(&rules::BAD_ARN, message, help);
        }
        self.stream = Some(Box::new(arn));
        self
    }

    /// The table's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported table.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::dynamodb::TableRef> {
        self.cfn.as_ref()
    }

    /// The table's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::dynamodb::Table>> {
        self.arn.clone()
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> Value<Id<cfn::dynamodb::Table>> {
        self.name.clone()
    }

    /// The ARN of the stream that tells of every change; `None` for a table without one, and for an
    /// imported table of which it was not [said](Self::with_stream).
    #[must_use]
    pub fn stream_arn(&self) -> Option<Value<String>> {
        self.stream.as_deref().cloned()
    }

    /// The key that items are encrypted with, when it is one of your own.
    #[must_use]
    pub const fn key(&self) -> Option<&kms::KeyRef> {
        self.key.as_ref()
    }

    /// Adds a statement to the table's policy. The resource of a table's own policy is `*`.
    #[track_caller]
    pub fn add_statement(&self, statement: Statement) {
        self.policy.add(statement.only_on("*"));
    }

    pub(super) const fn policy(&self) -> &ResourcePolicy {
        &self.policy
    }

    pub(super) fn known_arn(&self) -> Option<Json> {
        self.known_arn.clone()
    }

    pub(super) const fn is_indexed(&self) -> bool {
        self.indexed
    }
}

/// How an ARN names a table.
fn resource(name: &Value<String>) -> Value<String> {
    let kind = Json::Text("table/".into());
    Value::from_json(Json::concat(vec![kind, name.as_json().clone()]))
}

impl IntoValue<Arn<cfn::dynamodb::Table>> for &TableRef {
    fn into_json(self) -> Json {
        self.arn.as_json().clone()
    }
}

impl IntoValue<Id<cfn::dynamodb::Table>> for &TableRef {
    fn into_json(self) -> Json {
        self.name.as_json().clone()
    }
}
