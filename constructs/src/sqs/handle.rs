//! What a program holds of a queue.

use std::marker::PhantomData;
use std::time::Duration;

use cloudwright_synth::{AnyArn, Arn, Id, IntoValue, Json, ResourceRef, Scope, Value};

use crate::delivery::{Delivery, Fifo, Standard};
use crate::iam::{ResourcePolicy, Statement};
use crate::{arn, cfn, kms};

/// The handle of a standard queue: see [`QueueRefOf`].
pub type QueueRef = QueueRefOf<Standard>;
/// The handle of a FIFO queue: see [`QueueRefOf`].
pub type FifoQueueRef = QueueRefOf<Fifo>;

/// The handle of a queue, or of one that exists already: [`QueueRef`] or [`FifoQueueRef`].
#[derive(Clone)]
pub struct QueueRefOf<K> {
    scope: Scope,
    cfn: Option<cfn::sqs::QueueRef>,
    arn: Value<Arn<cfn::sqs::Queue>>,
    url: Value<String>,
    name: Value<String>,
    key: Option<kms::KeyRef>,
    policy: ResourcePolicy,
    /// The ARN by a fixed name, which refers to nothing.
    known_arn: Option<Json>,
    visibility: Option<Duration>,
    dead_letters: Option<Box<Self>>,
    is_dead_letter: bool,
    delivery: PhantomData<K>,
}

impl<K: Delivery> QueueRefOf<K> {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::sqs::QueueRef,
        name: Option<Json>,
        key: Option<kms::KeyRef>,
        visibility: Duration,
        dead_letters: Option<Self>,
    ) -> Self {
        let handle = cfn.handle();
        let (mut arn, mut url) = (cfn.arn(), cfn.reference().cast());
        let mut queue_name = cfn.queue_name();
        let mut known_arn = None;
        if let Some(name) = name.filter(|name| name.as_text().is_some()) {
            let name = Value::<String>::from_json(name);
            let known = scope.arn("sqs", &name);
            known_arn = Some(known.as_json().clone());
            arn = handle.known(&arn, &known.cast());
            url = handle.known(
                &url,
                &known_url(scope, &scope.region(), &scope.account(), &name),
            );
            queue_name = handle.known(&queue_name, &name);
        }
        Self {
            scope: scope.clone(),
            policy: policy(scope, &cfn),
            known_arn,
            cfn: Some(cfn),
            arn,
            url,
            name: queue_name,
            key,
            visibility: Some(visibility),
            dead_letters: dead_letters.map(Box::new),
            is_dead_letter: false,
            delivery: PhantomData,
        }
    }

    pub(super) const fn for_dead_letters(mut self) -> Self {
        self.is_dead_letter = true;
        self
    }

    pub(super) fn imported(
        scope: Scope,
        arn: Value<Arn<cfn::sqs::Queue>>,
        parts: arn::Parts,
    ) -> Self {
        Self {
            url: known_url(&scope, &parts.region, &parts.account, &parts.name),
            name: parts.name,
            known_arn: None,
            policy: ResourcePolicy::of_owner(&scope, "queue"),
            scope,
            cfn: None,
            arn,
            key: None,
            visibility: None,
            dead_letters: None,
            is_dead_letter: false,
            delivery: PhantomData,
        }
    }

    /// The queue's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported queue.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::sqs::QueueRef> {
        self.cfn.as_ref()
    }

    /// The queue's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::sqs::Queue>> {
        self.arn.clone()
    }

    /// The URL that programs send to and receive from.
    #[must_use]
    pub fn url(&self) -> Value<String> {
        self.url.clone()
    }

    /// The queue's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    /// The key that messages are encrypted with, when it is one of your own.
    #[must_use]
    pub const fn key(&self) -> Option<&kms::KeyRef> {
        self.key.as_ref()
    }

    /// How long a received message is hidden; `None` for an imported queue.
    #[must_use]
    pub const fn visibility_timeout(&self) -> Option<Duration> {
        self.visibility
    }

    /// The queue that messages are given up to, if there is one.
    #[must_use]
    pub fn dead_letter_queue(&self) -> Option<&Self> {
        self.dead_letters.as_deref()
    }

    pub(super) fn known_arn(&self) -> Option<Json> {
        self.known_arn.clone()
    }

    pub(super) const fn is_dead_letter(&self) -> bool {
        self.is_dead_letter
    }

    /// Adds a statement to the queue's policy; an imported queue has none to add to.
    #[track_caller]
    pub fn add_statement(&self, statement: Statement) -> &Self {
        self.policy.add(statement);
        self
    }

    /// Lets an AWS service send messages for one source of an account, such as a topic, by ARN;
    /// `more` narrows it further. The owner of an imported queue has to have let it in already.
    pub(crate) fn let_in(
        &self,
        service: &'static str,
        source: Json,
        account: Value<String>,
        more: impl FnOnce(Statement) -> Statement,
    ) {
        let statement = Statement::allow(["sqs:SendMessage"])
            .by(crate::iam::Principal::service(service))
            .on_all([self.arn_json()])
            .when("ArnEquals", "aws:SourceArn", source);
        self.policy.hold(more(statement));
        if let Some(key) = &self.key {
            key.allow_service_of(service, account);
        }
    }

    pub(crate) const fn policy(&self) -> &ResourcePolicy {
        &self.policy
    }

    pub(crate) fn arn_json(&self) -> Json {
        self.arn.as_json().clone()
    }
}

fn policy(scope: &Scope, cfn: &cfn::sqs::QueueRef) -> ResourcePolicy {
    let url = Value::<String>::from_json(cfn.handle().reference());
    ResourcePolicy::beside(scope, "queue", move |place, document| {
        place.add("Resource", cfn::sqs::QueuePolicy::new(document, [&url]));
    })
}

/// The URL of a queue by its name, in an account and a region.
fn known_url(
    scope: &Scope,
    region: &Value<String>,
    account: &Value<String>,
    name: &Value<String>,
) -> Value<String> {
    let suffix = scope.pseudo(cloudwright_synth::Pseudo::UrlSuffix);
    let slash = || Json::Text("/".into());
    Value::from_json(Json::concat(vec![
        Json::Text("https://sqs.".into()),
        region.as_json().clone(),
        Json::Text(".".into()),
        suffix.as_json().clone(),
        slash(),
        account.as_json().clone(),
        slash(),
        name.as_json().clone(),
    ]))
}

impl<K: Delivery> IntoValue<Arn<cfn::sqs::Queue>> for &QueueRefOf<K> {
    fn into_json(self) -> Json {
        self.arn_json()
    }
}

impl<K: Delivery> IntoValue<AnyArn> for &QueueRefOf<K> {
    fn into_json(self) -> Json {
        self.arn_json()
    }
}

impl<K: Delivery> IntoValue<Id<cfn::sqs::Queue>> for &QueueRefOf<K> {
    fn into_json(self) -> Json {
        self.url.as_json().clone()
    }
}
