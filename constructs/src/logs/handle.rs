//! What a program holds of a log group.

use cloudwright_synth::{Id, IntoValue, Json, Scope, Text, Value};

use crate::cfn::logs::metric_filter;
use crate::cloudwatch::{Metric, Statistic};
use crate::iam::{GrantRule, Grantee, OwnName, Subject, grant, table};
use crate::{cfn, kms, rules};

/// The handle of a [`LogGroup`](super::LogGroup), or of one that exists already.
#[derive(Clone)]
pub struct LogGroupRef {
    scope: Scope,
    cfn: Option<cfn::logs::LogGroupRef>,
    name: Value<Id<cfn::logs::LogGroup>>,
    streams: Value<String>,
    key: Option<kms::KeyRef>,
    standard: bool,
}

impl LogGroupRef {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::logs::LogGroupRef,
        key: Option<kms::KeyRef>,
        standard: bool,
    ) -> Self {
        Self {
            scope: scope.clone(),
            name: cfn.reference(),
            // The attribute ends in `:*`.
            streams: cfn.arn().cast(),
            cfn: Some(cfn),
            key,
            standard,
        }
    }

    pub(super) fn imported(scope: Scope, name: Value<String>) -> Self {
        let name: Value<Id<cfn::logs::LogGroup>> = name.cast();
        Self {
            streams: group_arn(&scope, &name) + ":*",
            scope,
            cfn: None,
            name,
            key: None,
            standard: true,
        }
    }

    /// The log group's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported log group.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::logs::LogGroupRef> {
        self.cfn.as_ref()
    }

    /// The log group's name.
    #[must_use]
    pub fn name(&self) -> Value<Id<cfn::logs::LogGroup>> {
        self.name.clone()
    }

    /// The log group's ARN, without the `:*` that stands for its streams.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        group_arn(&self.scope, &self.name)
    }

    /// The ARN with `:*` at its end: the log group and its streams, as policies name them.
    #[must_use]
    pub fn streams_arn(&self) -> Value<String> {
        self.streams.clone()
    }

    /// The key that events are encrypted with, when it is one of your own.
    #[must_use]
    pub const fn key(&self) -> Option<&kms::KeyRef> {
        self.key.as_ref()
    }

    /// Lets a grantee make streams and write events.
    #[track_caller]
    pub fn grant_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::LOGS_WRITE, grantee)
    }

    /// Lets a grantee list streams, and read and search events.
    #[track_caller]
    pub fn grant_read(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::LOGS_READ, grantee)
    }

    /// Counts in a metric what matches a
    /// [pattern](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html)
    /// such as `{ $.level = "ERROR" }`. `value` is what each match adds: a number such as `1`, or a
    /// field of the event such as `$.bytes`. The metric that comes back is the sum of all matches.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// use cloudwright::cloudwatch::{Alarm, Comparison};
    /// # let app = App::new();
    /// # let stack = app.stack("Jobs", Environment::agnostic());
    /// let operators = stack.add("Operators", sns::Topic::new());
    /// let audit = stack.add("Audit", logs::LogGroup::new());
    /// let errors = audit.metric_filter("Errors", "{ $.level = \"ERROR\" }", "Jobs", "Errors", "1");
    /// stack.add("ErrorsAlarm", Alarm::new(errors, Comparison::Above(10.0)).on_alarm(&operators));
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn metric_filter(
        &self,
        id: impl Into<Text>,
        pattern: impl IntoValue<String>,
        metric_namespace: impl IntoValue<String>,
        metric_name: impl IntoValue<String>,
        value: impl IntoValue<String>,
    ) -> Metric {
        if !self.standard {
            let message = "a metric filter reads log groups of the class STANDARD only";
            let help = "leave the class of the log group out";
            self.scope.error(&rules::CONTRADICTION, message, help);
        }
        let namespace: Value<String> = metric_namespace.into_value();
        let name: Value<String> = metric_name.into_value();
        let transformation = metric_filter::MetricTransformation::new(&name, &namespace, value);
        let filter = cfn::logs::MetricFilter::new(pattern, &self.name, [transformation]);
        self.scope.add(id, filter);
        Metric::new(namespace, name)
            .statistic(Statistic::Sum)
            .of(&self.scope)
    }

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: &self.scope,
            arn: self.streams.as_json().clone(),
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

fn group_arn(scope: &Scope, name: &Value<Id<cfn::logs::LogGroup>>) -> Value<String> {
    let resource = Json::concat(vec![
        Json::Text("log-group:".into()),
        name.as_json().clone(),
    ]);
    scope.arn("logs", Value::<String>::from_json(resource))
}

impl IntoValue<Id<cfn::logs::LogGroup>> for &LogGroupRef {
    fn into_json(self) -> Json {
        self.name.as_json().clone()
    }
}
