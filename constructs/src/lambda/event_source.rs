//! Queues that a function takes its work from.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{Construct, IntoValue, Json, Scope, Value};

use super::{FunctionRef, pattern};
use crate::acknowledge::{Finding, residuals};
use crate::cfn::lambda::event_source_mapping as mapping;
use crate::sqs::{Delivery, QueueRefOf, Standard};
use crate::units::check_seconds;
use crate::{cfn, rules};

/// How many messages a batch may have; a FIFO queue has smaller ones.
const BATCH: RangeInclusive<u32> = 1..=10_000;
const FIFO_BATCH: RangeInclusive<u32> = 1..=10;
/// The largest batch that is not waited for.
const UNCOLLECTED: u32 = 10;
/// How long a batch may be collected, in seconds.
const WINDOW: RangeInclusive<i64> = 0..=300;
/// How many batches may be worked on at once.
const CONCURRENCY: RangeInclusive<u32> = 2..=1000;
/// How many times as long as a function may run its messages stay hidden, as
/// [AWS](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html) wants it.
const VISIBILITY_FACTOR: i64 = 6;

/// A queue as the source of a function's work, with settings
/// ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html)).
///
/// A function that fails for some messages of a batch reports which
/// (`batchItemFailures`); only those come back.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::lambda::{Code, EventSource};
/// # let app = App::new();
/// # let stack = app.stack("Orders", Environment::agnostic());
/// let orders = stack.add("Orders", sqs::Queue::new().visibility_timeout(minutes(4)));
/// let book = stack.add("Book", lambda::Function::new(Code::s3("releases", "book.zip")));
/// book.consume(EventSource::new(&orders)
///     .batch_size(100)
///     .batching_window(seconds(5))
///     .maximum_concurrency(20)
///     .filter(json!({ "body": { "kind": ["order"] } })));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "an event source does nothing until a function has it: `function.consume(..)`"]
pub struct EventSource<K> {
    queue: QueueRefOf<K>,
    batch_size: Option<u32>,
    window: Option<Duration>,
    concurrency: Option<u32>,
    filters: Vec<Json>,
    enabled: bool,
}

impl<K: Delivery> EventSource<K> {
    /// A queue, in batches of at most ten messages.
    pub fn new(queue: &QueueRefOf<K>) -> Self {
        Self {
            queue: queue.clone(),
            batch_size: None,
            window: None,
            concurrency: None,
            filters: Vec::new(),
            enabled: true,
        }
    }

    /// How many messages one call gets at most: 1 to 10,000, or 1 to 10 of a FIFO queue, and 10
    /// unless said. More than 10 need a [window](EventSource::batching_window).
    pub const fn batch_size(mut self, messages: u32) -> Self {
        self.batch_size = Some(messages);
        self
    }

    /// How many batches of this queue are worked on at once: 2 to 1,000. More messages wait in the
    /// queue, without being received.
    pub const fn maximum_concurrency(mut self, batches: u32) -> Self {
        self.concurrency = Some(batches);
        self
    }

    /// Only messages that match a
    /// [pattern](https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html), or one
    /// of several; at most five unless AWS raised the limit. Lambda *deletes* messages that match
    /// none.
    pub fn filter(mut self, pattern: impl IntoValue<Json>) -> Self {
        self.filters.push(pattern.into_json());
        self
    }

    /// Takes no messages until it is switched on.
    pub const fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }
}

impl EventSource<Standard> {
    /// How long messages are collected to fill a batch: up to 5 minutes, and not at all unless said.
    pub const fn batching_window(mut self, duration: Duration) -> Self {
        self.window = Some(duration);
        self
    }
}

/// What a function can take its work from.
#[diagnostic::on_unimplemented(
    message = "a function cannot take its work from `{Self}`",
    label = "not an event source",
    note = "a function consumes a queue: `function.consume(&queue)`, or with settings `function.consume(lambda::EventSource::new(&queue).batch_size(5))`"
)]
pub trait IntoEventSource {
    /// How the queue delivers.
    type Delivery: Delivery;

    /// The queue with its settings.
    fn into_event_source(self) -> EventSource<Self::Delivery>;
}

impl<K: Delivery> IntoEventSource for EventSource<K> {
    type Delivery = K;

    fn into_event_source(self) -> Self {
        self
    }
}

impl<K: Delivery> IntoEventSource for &QueueRefOf<K> {
    type Delivery = K;

    fn into_event_source(self) -> EventSource<K> {
        EventSource::new(self)
    }
}

impl FunctionRef {
    /// Takes work from a queue: Lambda polls it, calls the function with batches, and deletes what
    /// the function did not report as failed. The function gets the right to consume.
    #[track_caller]
    pub fn consume(&self, source: impl IntoEventSource) -> EventSourceRef {
        let source = source.into_event_source();
        source.queue.grant_consume(self);
        let id = format!(
            "EventSource-{}",
            source.queue.scope().path().replace('/', "--")
        );
        let function = self.clone();
        self.scope.add(id, Mapping { source, function })
    }
}

/// An event source with the function that it calls.
struct Mapping<K> {
    source: EventSource<K>,
    function: FunctionRef,
}

impl<K: Delivery> Construct for Mapping<K> {
    type Handle = EventSourceRef;

    fn construct(self, scope: &Scope) -> EventSourceRef {
        let Self { source, function } = self;
        source.check(scope);
        source.check_visibility(scope, &function);
        residuals(scope, &[Finding::NoSourceDestination]);
        EventSourceRef {
            scope: scope.clone(),
            cfn: scope.add("Resource", source.l1(scope, &function)),
        }
    }
}

impl<K: Delivery> EventSource<K> {
    fn check(&self, scope: &Scope) {
        let range = if K::FIFO { FIFO_BATCH } else { BATCH };
        if let Some(size) = self.batch_size {
            let queue = K::NAME;
            check_count(
                scope,
                &format!("a batch of a {queue} queue"),
                size,
                "messages",
                range,
            );
        }
        if let Some(batches) = self.concurrency {
            let what = "an event source's maximum concurrency";
            check_count(scope, what, batches, "batches", CONCURRENCY);
        }
        let collects = self.window.is_some_and(|window| !window.is_zero());
        if let Some(size) = self.batch_size.filter(|size| *size > UNCOLLECTED)
            && !K::FIFO
            && !collects
        {
            let message = format!(
                "a batch of more than {UNCOLLECTED} messages has to be collected for at least a second, got {size} without a window"
            );
            scope.error(
                &rules::CONTRADICTION,
                message,
                "say `.batching_window(seconds(1))`",
            );
        }
    }

    /// Reports messages that would come back while they are still being worked on.
    fn check_visibility(&self, scope: &Scope, function: &FunctionRef) {
        let (Some(timeout), Some(visibility)) =
            (function.timeout(), self.queue.visibility_timeout())
        else {
            return;
        };
        let in_seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        let window = in_seconds(self.window.unwrap_or_default());
        let least = in_seconds(timeout)
            .saturating_mul(VISIBILITY_FACTOR)
            .saturating_add(window);
        if in_seconds(visibility) < least {
            let message = format!(
                "the queue \"{}\" hides a received message for {} s, expected at least {least} s: {VISIBILITY_FACTOR} times the function's timeout of {} s{}",
                self.queue.scope().path(),
                visibility.as_secs(),
                timeout.as_secs(),
                if window > 0 {
                    format!(" and the batching window of {window} s")
                } else {
                    String::new()
                },
            );
            let help = format!(
                "give the queue `.visibility_timeout(seconds({least}))`, or the function a shorter timeout"
            );
            // Lambda refuses the mapping only below the timeout itself.
            if visibility < timeout {
                scope.error(&rules::SHORT_VISIBILITY, message, help);
            } else {
                scope.warn(&rules::SHORT_VISIBILITY, message, help);
            }
        }
    }

    fn l1(self, scope: &Scope, function: &FunctionRef) -> cfn::lambda::EventSourceMapping {
        let mut l1 = cfn::lambda::EventSourceMapping::new(function.name())
            .event_source_arn(&self.queue)
            .function_response_types([mapping::FunctionResponseTypes::ReportBatchItemFailures]);
        if let Some(size) = self.batch_size {
            l1 = l1.batch_size(size);
        }
        if let Some(window) = self.window {
            let window = check_seconds(scope, "a batching window", window, WINDOW);
            l1 = l1.maximum_batching_window_in_seconds(window);
        }
        if let Some(batches) = self.concurrency {
            l1 = l1.scaling_config(mapping::ScalingConfig::new().maximum_concurrency(batches));
        }
        if !self.filters.is_empty() {
            let filters = self
                .filters
                .iter()
                .map(|pattern| mapping::Filter::new().pattern(pattern::render(scope, pattern)));
            let filters: Vec<_> = filters.collect();
            l1 = l1.filter_criteria(mapping::FilterCriteria::new().filters(filters));
        }
        if self.enabled { l1 } else { l1.enabled(false) }
    }
}

fn check_count(scope: &Scope, what: &str, count: u32, unit: &str, range: RangeInclusive<u32>) {
    if !range.contains(&count) {
        let (least, most) = (range.start(), range.end());
        let message = format!("{what} is {least} to {most} {unit}, got {count}");
        scope.error(
            &rules::OUT_OF_RANGE,
            message,
            "choose a number in this range",
        );
    }
}

/// The handle of an event source of a function.
#[derive(Clone)]
pub struct EventSourceRef {
    scope: Scope,
    cfn: cfn::lambda::EventSourceMappingRef,
}

impl EventSourceRef {
    #[cfg(feature = "lambda-more")]
    pub(super) fn new(scope: &Scope, cfn: cfn::lambda::EventSourceMappingRef) -> Self {
        Self {
            scope: scope.clone(),
            cfn,
        }
    }

    /// The event source's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::lambda::EventSourceMappingRef {
        &self.cfn
    }

    /// The UUID by which the Lambda API knows it.
    #[must_use]
    pub fn uuid(&self) -> Value<String> {
        self.cfn.id()
    }
}
