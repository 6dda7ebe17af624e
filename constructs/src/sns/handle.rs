//! What a program holds of a topic.

use std::marker::PhantomData;

use cloudwright_synth::{AnyArn, Arn, Id, IntoValue, Json, ResourceRef, Scope, Text, Value};

use super::subscription::SubscriptionOf;
use crate::cloudwatch::{Metric, Statistic};
use crate::delivery::{Delivery, Fifo, Standard};
use crate::iam::{Grantee, OwnName, Principal, ResourcePolicy, Statement, Subject, grant, table};
use crate::{arn, cfn, kms};

/// The namespace of the metrics.
const NAMESPACE: &str = "AWS/SNS";

/// The handle of a standard topic: see [`TopicRefOf`].
pub type TopicRef = TopicRefOf<Standard>;
/// The handle of a FIFO topic: see [`TopicRefOf`].
pub type FifoTopicRef = TopicRefOf<Fifo>;

/// The handle of a topic, or of one that exists already: [`TopicRef`] or [`FifoTopicRef`].
#[derive(Clone)]
pub struct TopicRefOf<K> {
    scope: Scope,
    cfn: Option<cfn::sns::TopicRef>,
    arn: Value<Arn<cfn::sns::Topic>>,
    name: Value<String>,
    region: Option<Text>,
    account: Value<String>,
    key: Option<kms::KeyRef>,
    policy: ResourcePolicy,
    /// The ARN by a fixed name, which refers to nothing.
    known_arn: Option<Json>,
    delivery: PhantomData<K>,
}

impl<K: Delivery> TopicRefOf<K> {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::sns::TopicRef,
        name: Option<Json>,
        key: Option<kms::KeyRef>,
    ) -> Self {
        let (mut arn, mut topic_name) = (cfn.reference().cast(), cfn.topic_name());
        let mut known_arn = None;
        if let Some(name) = name.filter(|name| name.as_text().is_some()) {
            let name = Value::<String>::from_json(name);
            let handle = cfn.handle();
            let known = scope.arn("sns", &name);
            known_arn = Some(known.as_json().clone());
            arn = handle.known(&arn, &known.cast());
            topic_name = handle.known(&topic_name, &name);
        }
        Self {
            scope: scope.clone(),
            policy: policy(scope, &arn),
            known_arn,
            cfn: Some(cfn),
            arn,
            name: topic_name,
            region: known_region(scope),
            account: scope.account(),
            key,
            delivery: PhantomData,
        }
    }

    pub(super) fn imported(
        scope: Scope,
        arn: Value<Arn<cfn::sns::Topic>>,
        parts: arn::Parts,
    ) -> Self {
        Self {
            known_arn: None,
            policy: ResourcePolicy::of_owner(&scope, "topic"),
            scope,
            cfn: None,
            arn,
            name: parts.name,
            region: parts
                .region
                .literal()
                .map(|name| Text::Owned(name.to_owned())),
            account: parts.account,
            key: None,
            delivery: PhantomData,
        }
    }

    /// The topic's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported topic.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::sns::TopicRef> {
        self.cfn.as_ref()
    }

    /// The topic's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::sns::Topic>> {
        self.arn.clone()
    }

    /// The topic's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    /// The key that messages are encrypted with, when it is one of your own.
    #[must_use]
    pub const fn key(&self) -> Option<&kms::KeyRef> {
        self.key.as_ref()
    }

    /// Subscribes to the topic. The subscription stands beside its subscriber, and is named by it.
    #[track_caller]
    pub fn subscribe(&self, subscription: SubscriptionOf<K>) -> &Self {
        subscription.add_to(self);
        self
    }

    /// Lets a grantee publish messages.
    #[track_caller]
    pub fn grant_publish(&self, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: &self.scope,
            arn: self.arn_json(),
            content: "",
            key: self.key.as_ref(),
            policy: Some(&self.policy),
            own_name: OwnName::Arn,
            known_arn: self.known_arn.clone(),
        };
        grant(&table::SNS_PUBLISH, &subject, grantee);
        self
    }

    /// Adds a statement to the topic's policy; an imported topic has none to add to.
    #[track_caller]
    pub fn add_statement(&self, statement: Statement) -> &Self {
        self.policy.add(statement);
        self
    }

    /// A metric of the topic by its name, such as `NumberOfMessagesPublished`
    /// ([all of them](https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html)),
    /// as a sum.
    pub fn metric(&self, name: &'static str) -> Metric {
        Metric::new(NAMESPACE, name)
            .dimension("TopicName", self.name())
            .statistic(Statistic::Sum)
            .of(&self.scope)
    }

    /// How many messages were published.
    pub fn metric_published(&self) -> Metric {
        self.metric("NumberOfMessagesPublished")
    }

    /// How many messages a subscriber did not take in the end.
    pub fn metric_failed(&self) -> Metric {
        self.metric("NumberOfNotificationsFailed")
    }

    /// Lets an AWS service publish for sources of an account; `more` narrows it further. The owner of
    /// an imported topic has to have let it in already.
    pub(super) fn let_in(
        &self,
        service: &'static str,
        account: Value<String>,
        more: impl FnOnce(Statement) -> Statement,
    ) {
        let statement = Statement::allow(["sns:Publish"])
            .by(Principal::service(service))
            .on_all([self.arn_json()])
            .when("StringEquals", "aws:SourceAccount", account.clone());
        self.policy.hold(more(statement));
        if let Some(key) = &self.key {
            key.allow_service_of(service, account);
        }
    }

    /// Lets an AWS service publish for one source of an account, such as a rule, by ARN. The owner of an imported
    /// topic has to have let it in already.
    #[cfg(feature = "events")]
    pub(crate) fn let_in_for(&self, service: &'static str, source: Json) {
        let statement = Statement::allow(["sns:Publish"])
            .by(Principal::service(service))
            .on_all([self.arn_json()])
            .when("ArnEquals", "aws:SourceArn", source);
        self.policy.hold(statement);
        if let Some(key) = &self.key {
            key.allow_service_for_topics(service, self.scope.arn("sns", "*"));
        }
    }

    pub(super) const fn policy(&self) -> &ResourcePolicy {
        &self.policy
    }

    /// The region of the topic, when it is known: for an imported one, as its ARN says.
    pub(super) const fn region(&self) -> Option<&Text> {
        self.region.as_ref()
    }

    /// Whose the topic is: for an imported one, as its ARN says.
    pub(super) fn account(&self) -> Value<String> {
        self.account.clone()
    }

    pub(crate) fn arn_json(&self) -> Json {
        self.arn.as_json().clone()
    }
}

fn policy(scope: &Scope, arn: &Value<Arn<cfn::sns::Topic>>) -> ResourcePolicy {
    let arn = arn.clone();
    ResourcePolicy::beside(scope, "topic", move |place, document| {
        place.add("Resource", cfn::sns::TopicPolicy::new(document, [&arn]));
    })
}

fn known_region(scope: &Scope) -> Option<Text> {
    let environment = scope.environment();
    environment
        .region_name()
        .map(|name| Text::Owned(name.to_owned()))
}

impl<K: Delivery> IntoValue<Arn<cfn::sns::Topic>> for &TopicRefOf<K> {
    fn into_json(self) -> Json {
        self.arn_json()
    }
}

impl<K: Delivery> IntoValue<AnyArn> for &TopicRefOf<K> {
    fn into_json(self) -> Json {
        self.arn_json()
    }
}

impl<K: Delivery> IntoValue<Id<cfn::sns::Topic>> for &TopicRefOf<K> {
    fn into_json(self) -> Json {
        self.arn_json()
    }
}
