//! Who is told, of what, and how.

use std::marker::PhantomData;

use cloudwright_synth::{Arn, Construct, IntoValue, Json, ResourceRef, Scope, Text, Value, Verb};

use super::endpoint::{AnyQueue, Endpoint, Protocol, SNS};
use super::{FilterPolicy, TopicRefOf};
use crate::delivery::{Delivery, Fifo, Standard};
use crate::iam::RoleRef;
use crate::lambda::{FunctionRef, Permission};
use crate::sqs::QueueRefOf;
use crate::{cfn, reach, rules};

/// A subscription to a standard topic: see [`SubscriptionOf`].
pub type Subscription = SubscriptionOf<Standard>;
/// A subscription to a FIFO topic: see [`SubscriptionOf`].
pub type FifoSubscription = SubscriptionOf<Fifo>;

/// A subscription to a topic ([AWS](https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html)):
/// [`Subscription`] or [`FifoSubscription`].
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::sns::{FifoSubscription, Subscription};
/// # let app = App::new();
/// # let stack = app.stack("Orders", Environment::agnostic());
/// let failures = stack.add("Failures", sqs::Queue::dead_letter());
/// let orders = stack.add("Orders", sns::Topic::new());
/// orders.subscribe(Subscription::https("https://example.com/orders").dead_letter_queue(&failures));
///
/// let ledger = stack.add("Ledger", sqs::FifoQueue::new());
/// let payments = stack.add("Payments", sns::FifoTopic::new().content_based_deduplication());
/// payments.subscribe(FifoSubscription::queue(&ledger).raw());
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a subscription does nothing until a topic has it: `topic.subscribe(..)`"]
pub struct SubscriptionOf<K> {
    endpoint: Endpoint,
    id: Option<Text>,
    raw: bool,
    filter: Option<FilterPolicy>,
    dead_letters: Option<AnyQueue>,
    delivery: PhantomData<K>,
}

impl<K: Delivery> SubscriptionOf<K> {
    const fn to(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            id: None,
            raw: false,
            filter: None,
            dead_letters: None,
            delivery: PhantomData,
        }
    }

    /// Only messages that pass the filter.
    pub fn filter(mut self, policy: FilterPolicy) -> Self {
        self.filter = Some(policy);
        self
    }

    /// Delivers the message as it was published, without the envelope of SNS: to queues, streams and
    /// URLs.
    pub const fn raw(mut self) -> Self {
        self.raw = true;
        self
    }

    /// What the subscription is called in the tree. Needed when the endpoint is a token; else the
    /// endpoint names it.
    pub fn id(mut self, id: impl Into<Text>) -> Self {
        self.id = Some(id.into());
        self
    }
}

impl SubscriptionOf<Standard> {
    /// A standard queue.
    pub fn queue(queue: &QueueRefOf<Standard>) -> Self {
        Self::to(Endpoint::Queue(AnyQueue::Standard(queue.clone())))
    }

    /// A function.
    pub fn function(function: &FunctionRef) -> Self {
        Self::to(Endpoint::Function(function.clone()))
    }

    /// A Firehose stream, by ARN, written to as a role that has to be allowed to.
    pub fn stream(
        arn: impl IntoValue<Arn<cfn::kinesisfirehose::DeliveryStream>>,
        role: &RoleRef,
    ) -> Self {
        Self::to(Endpoint::Stream {
            arn: arn.into_json(),
            role: role.clone(),
        })
    }

    /// An e-mail address, which has to confirm that it wants this.
    pub fn email(address: impl IntoValue<String>) -> Self {
        Self::text(Protocol::Email, address.into_json())
    }

    /// An e-mail address that gets JSON, for programs that read mail.
    pub fn email_json(address: impl IntoValue<String>) -> Self {
        Self::text(Protocol::EmailJson, address.into_json())
    }

    /// A mobile phone, by its number in E.164 form such as `+4915112345678`.
    pub fn sms(number: impl IntoValue<String>) -> Self {
        Self::text(Protocol::Sms, number.into_json())
    }

    /// A URL that messages are posted to, and that has to confirm the subscription.
    pub fn https(url: impl IntoValue<String>) -> Self {
        Self::text(Protocol::Https, url.into_json())
    }

    /// A URL without encryption: everybody on the way can read the messages.
    pub fn http(url: impl IntoValue<String>) -> Self {
        Self::text(Protocol::Http, url.into_json())
    }

    /// An app on a mobile device, by the ARN of its platform endpoint.
    pub fn application(endpoint: impl IntoValue<String>) -> Self {
        Self::text(Protocol::Application, endpoint.into_json())
    }

    /// Keeps what could not be delivered in a queue.
    pub fn dead_letter_queue(mut self, queue: &QueueRefOf<Standard>) -> Self {
        self.dead_letters = Some(AnyQueue::Standard(queue.clone()));
        self
    }

    const fn text(protocol: Protocol, endpoint: Json) -> Self {
        Self::to(Endpoint::Text { protocol, endpoint })
    }
}

impl SubscriptionOf<Fifo> {
    /// A FIFO queue, which gets the messages in order.
    pub fn queue(queue: &QueueRefOf<Fifo>) -> Self {
        Self::to(Endpoint::Queue(AnyQueue::Fifo(queue.clone())))
    }

    /// A standard queue, in which order may be lost.
    pub fn standard_queue(queue: &QueueRefOf<Standard>) -> Self {
        Self::to(Endpoint::Queue(AnyQueue::Standard(queue.clone())))
    }

    /// Keeps what could not be delivered in a queue, in order.
    pub fn dead_letter_queue(mut self, queue: &QueueRefOf<Fifo>) -> Self {
        self.dead_letters = Some(AnyQueue::Fifo(queue.clone()));
        self
    }
}

impl<K: Delivery> SubscriptionOf<K> {
    /// Adds the subscription beside its subscriber, or below the topic when the app does not know
    /// the subscriber.
    #[track_caller]
    pub(super) fn add_to(self, topic: &TopicRefOf<K>) {
        let id = self.id.clone().or_else(|| self.default_id(topic));
        let Some(id) = id else {
            let message = "this subscription needs an id, because its endpoint is a token";
            let help = "name it: `Subscription::email(&address).id(\"Operators\")`";
            let rule = &rules::UNNAMED_SUBSCRIPTION;
            return topic.scope().error(rule, message, help);
        };
        let place = self
            .endpoint
            .place()
            .unwrap_or_else(|| topic.scope())
            .clone();
        place.add(
            id,
            Subscribed {
                subscription: self,
                topic: topic.clone(),
            },
        );
    }

    fn default_id(&self, topic: &TopicRefOf<K>) -> Option<Text> {
        let name = match &self.endpoint {
            Endpoint::Queue(_) | Endpoint::Function(_) => topic.scope().path(),
            Endpoint::Stream { arn: endpoint, .. } | Endpoint::Text { endpoint, .. } => {
                endpoint.as_text()?.to_owned()
            }
        };
        Some(Text::Owned(format!(
            "Subscription-{}",
            name.replace('/', "--")
        )))
    }
}

/// A subscription with the topic that it is to.
struct Subscribed<K> {
    subscription: SubscriptionOf<K>,
    topic: TopicRefOf<K>,
}

impl<K: Delivery> Construct for Subscribed<K> {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        let Self {
            subscription,
            topic,
        } = self;
        subscription.check(scope);
        let detail = if subscription.filter.is_some() {
            "filtered"
        } else {
            ""
        };
        let (l1, mut waits_for) = subscription.l1(&topic);
        let mut l1 = subscription.settings(scope, &topic, l1);
        if let Some(queue) = &subscription.dead_letters {
            let what = "a subscription and its dead-letter queue";
            reach::same_environment(scope, queue.scope(), what);
            waits_for.push(queue.let_in(&topic));
            scope.edge(Verb::DeadLettersTo, queue.scope(), "");
            l1 = l1.redrive_policy(Json::map([("deadLetterTargetArn", queue.arn())]));
        }
        let cfn = scope.add("Resource", l1);
        // Else messages that come before the topic is let in would be lost.
        for place in waits_for {
            cfn.handle().scope().depends_on(&place);
        }
        let to = subscription.endpoint.place().unwrap_or(scope);
        topic.scope().edge(Verb::SendsTo, to, detail);
    }
}

impl<K: Delivery> SubscriptionOf<K> {
    fn check(&self, scope: &Scope) {
        let enveloped = match &self.endpoint {
            Endpoint::Queue(_) | Endpoint::Stream { .. } => false,
            Endpoint::Function(_) => true,
            Endpoint::Text { protocol, endpoint } => {
                protocol.check(scope, endpoint);
                !matches!(protocol, Protocol::Http | Protocol::Https)
            }
        };
        if self.raw && enveloped {
            let message = "this protocol delivers messages in the envelope of SNS only";
            let help = "take `.raw()` away: only queues, streams and URLs get raw messages";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }

    /// The L1 value with protocol and endpoint, and what it has to wait for.
    fn l1(&self, topic: &TopicRefOf<K>) -> (cfn::sns::Subscription, Vec<Scope>) {
        let new = |protocol: &'static str, endpoint: Json| {
            cfn::sns::Subscription::new(protocol, topic.arn())
                .endpoint(Value::<String>::from_json(endpoint))
        };
        match &self.endpoint {
            Endpoint::Queue(queue) => {
                let open = queue.let_in(topic);
                (new("sqs", queue.arn()), vec![open])
            }
            Endpoint::Function(function) => {
                let id = format!("AllowTopic{}", topic.scope().path().replace('/', "--"));
                let permission =
                    Permission::service(SNS, topic.arn()).source_account(topic.account());
                let open = function.permit_once(id, permission);
                (new("lambda", function.arn().as_json().clone()), vec![open])
            }
            Endpoint::Stream { arn, role } => {
                let l1 = new("firehose", arn.clone()).subscription_role_arn(role);
                (l1, vec![role.scope().clone()])
            }
            Endpoint::Text { protocol, endpoint } => {
                (new(protocol.name(), endpoint.clone()), Vec::new())
            }
        }
    }

    fn settings(
        &self,
        scope: &Scope,
        topic: &TopicRefOf<K>,
        mut l1: cfn::sns::Subscription,
    ) -> cfn::sns::Subscription {
        if self.raw {
            l1 = l1.raw_message_delivery(true);
        }
        if let Some(filter) = &self.filter {
            l1 = l1
                .filter_policy(filter.render(scope))
                .filter_policy_scope(filter.scope());
        }
        match topic.region() {
            Some(region) if scope.environment().region_name() != Some(region) => {
                l1.region(region.clone())
            }
            _ => l1,
        }
    }
}
