//! Streams that a function takes its work from: those of DynamoDB tables, and of Kinesis.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{Builder as _, Construct, IntoValue, Json, Scope, Text};

use super::{EventSourceRef, FunctionRef, pattern};
use crate::iam::Statement;
use crate::sqs::{Queue, QueueRef};
use crate::units::check_seconds;
use crate::{cfn, days, kms, rules};

/// How many records a batch may have.
const BATCH: RangeInclusive<u32> = 1..=10_000;
/// How many batches of one shard are worked on at once.
const PARALLEL: RangeInclusive<u32> = 1..=10;
/// How often a batch is tried again at most.
const RETRIES: u32 = 10_000;
/// How often it is tried again unless said; AWS tries until the record is gone from the stream.
const USUAL_RETRIES: u32 = 10;
/// How long a batch may be collected, in seconds.
const WINDOW: RangeInclusive<i64> = 0..=300;
/// How long a tumbling window is, in seconds.
const TUMBLING: RangeInclusive<i64> = 0..=900;
/// How old a record may get, in seconds.
const AGE: RangeInclusive<i64> = 60..=604_800;
/// What Lambda does to read a Kinesis stream.
const KINESIS_ACTIONS: [&str; 5] = [
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
];

/// A stream as the source of a function's work
/// ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html)).
///
/// A batch that fails is split in two and tried again, up to ten times and for a day; what is given up then is named in
/// a queue, with its place in the stream. The function reports which records failed (`batchItemFailures`).
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::dynamodb::{Attribute, StreamView, Table};
/// use cloudwright::lambda::Stream;
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let orders = Table::new(Attribute::string("id")).stream(StreamView::NewAndOldImages);
/// let orders = stack.add("Orders", orders);
/// let count = stack.add("Count", lambda::Function::new(lambda::Code::s3("releases", "count.zip")));
/// count.consume_stream(Stream::dynamodb(&orders).batch_size(100).batching_window(seconds(5)));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a stream does nothing until a function has it: `function.consume_stream(..)`"]
pub struct Stream {
    of: Of,
    key: Option<kms::KeyRef>,
    batch_size: Option<u32>,
    window: Option<Duration>,
    tumbling: Option<Duration>,
    parallel: Option<u32>,
    retries: u32,
    age: Duration,
    filters: Vec<Json>,
    lost: Lost,
    latest: bool,
    whole: bool,
    enabled: bool,
}

#[derive(Clone)]
enum Of {
    #[cfg(feature = "dynamodb")]
    Table(Box<crate::dynamodb::TableRef>),
    Kinesis(Json, Text),
}

#[derive(Clone)]
enum Lost {
    Own,
    Given(Box<QueueRef>),
    Nowhere,
}

impl Stream {
    /// The changes of a table, which has to have a stream.
    #[cfg(feature = "dynamodb")]
    pub fn dynamodb(table: &crate::dynamodb::TableRef) -> Self {
        Self::new(Of::Table(Box::new(table.clone())))
    }

    /// A stream of Kinesis, by ARN; `id` names it among the sources of the function.
    pub fn kinesis(id: impl Into<Text>, arn: impl IntoValue<String>) -> Self {
        Self::new(Of::Kinesis(arn.into_json(), id.into()))
    }

    const fn new(of: Of) -> Self {
        Self {
            of,
            key: None,
            batch_size: None,
            window: None,
            tumbling: None,
            parallel: None,
            retries: USUAL_RETRIES,
            age: days(1),
            filters: Vec::new(),
            lost: Lost::Own,
            latest: false,
            whole: false,
            enabled: true,
        }
    }

    /// The key of your own that a stream of Kinesis is encrypted with: the function may decrypt. That of a table is known.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// How many records one call gets at most: 1 to 10,000, and 100 unless said.
    pub const fn batch_size(mut self, records: u32) -> Self {
        self.batch_size = Some(records);
        self
    }

    /// How long records are collected to fill a batch: up to 5 minutes, and not at all unless said.
    pub const fn batching_window(mut self, duration: Duration) -> Self {
        self.window = Some(duration);
        self
    }

    /// Hands a state from call to call of the same window, up to 15 minutes.
    pub const fn tumbling_window(mut self, duration: Duration) -> Self {
        self.tumbling = Some(duration);
        self
    }

    /// How many batches of one shard are worked on at once: 1 to 10, and 1 unless said. Records of one key stay in order.
    pub const fn parallel_batches(mut self, count: u32) -> Self {
        self.parallel = Some(count);
        self
    }

    /// How often a batch that failed is tried again: 0 to 10,000, and 10 unless said.
    pub const fn retry_attempts(mut self, count: u32) -> Self {
        self.retries = count;
        self
    }

    /// How old a record may get before it is given up: 1 minute to 7 days, and a day unless said.
    pub const fn maximum_record_age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Only records that match a
    /// [pattern](https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html), or one of several.
    pub fn filter(mut self, pattern: impl IntoValue<Json>) -> Self {
        self.filters.push(pattern.into_json());
        self
    }

    /// Begins with what comes after the deployment; with the oldest record that is there unless said.
    pub const fn from_now_on(mut self) -> Self {
        self.latest = true;
        self
    }

    /// Tries a batch that failed as a whole again, without splitting it.
    pub const fn without_bisection(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Names what is given up in this queue, in place of one of its own.
    pub fn on_failure(mut self, queue: &QueueRef) -> Self {
        self.lost = Lost::Given(Box::new(queue.clone()));
        self
    }

    /// Names what is given up nowhere.
    pub fn without_failure_queue(mut self) -> Self {
        self.lost = Lost::Nowhere;
        self
    }

    /// Takes no records until it is switched on.
    pub const fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    fn check(&self, scope: &Scope) {
        let count = |what: &str, count: Option<u32>, range: RangeInclusive<u32>| {
            if let Some(count) = count.filter(|count| !range.contains(count)) {
                let (least, most) = (range.start(), range.end());
                let message = format!("{what} is {least} to {most}, got {count}");
                let help = "choose a number in this range";
                scope.error(&rules::OUT_OF_RANGE, message, help);
            }
        };
        count("the records of a batch", self.batch_size, BATCH);
        count("batches of a shard at once", self.parallel, PARALLEL);
        count(
            "how often a batch is tried again",
            Some(self.retries),
            0..=RETRIES,
        );
    }

    /// The ARN of the stream, once the function may read it.
    fn let_read(&self, function: &FunctionRef) -> Json {
        if let Some(key) = &self.key {
            key.grant_decrypt(function);
        }
        match &self.of {
            #[cfg(feature = "dynamodb")]
            Of::Table(table) => {
                table.grant_stream_read(function);
                // A table without one was reported by the grant.
                let arn = table.stream_arn().map(|arn| arn.as_json().clone());
                arn.unwrap_or_else(|| Json::Text("".into()))
            }
            Of::Kinesis(arn, _) => {
                let read = Statement::allow(KINESIS_ACTIONS).on_all([arn.clone()]);
                function.add_statement(read);
                arn.clone()
            }
        }
    }

    /// The queue that what is given up is named in.
    fn failures(&self, scope: &Scope) -> Option<QueueRef> {
        match &self.lost {
            Lost::Own => Some(scope.add("Failures", Queue::dead_letter())),
            Lost::Given(queue) => Some((**queue).clone()),
            Lost::Nowhere => None,
        }
    }

    fn l1(self, scope: &Scope, function: &FunctionRef) -> cfn::lambda::EventSourceMapping {
        let start = if self.latest {
            "LATEST"
        } else {
            "TRIM_HORIZON"
        };
        let report = Json::List(vec![Json::Text("ReportBatchItemFailures".into())]);
        let age = check_seconds(scope, "a record's maximum age", self.age, AGE);
        let number = |count: u32| Json::Int(i64::from(count));
        let arn = self.let_read(function);
        let mut l1 = cfn::lambda::EventSourceMapping::new(function.name())
            .raw("EventSourceArn", arn)
            .raw("FunctionResponseTypes", report)
            .raw("BisectBatchOnFunctionError", Json::Bool(!self.whole))
            .raw("MaximumRetryAttempts", number(self.retries))
            .raw("MaximumRecordAgeInSeconds", Json::Int(age))
            .raw("StartingPosition", Json::Text(start.into()));
        if let Some(queue) = self.failures(scope) {
            queue.grant_send(function);
            let place = Json::map([("Destination", queue.arn_json())]);
            l1 = l1.raw("DestinationConfig", Json::map([("OnFailure", place)]));
        }
        if let Some(window) = self.window {
            let window = check_seconds(scope, "a batching window", window, WINDOW);
            l1 = l1.maximum_batching_window_in_seconds(window);
        }
        if let Some(window) = self.tumbling {
            let window = check_seconds(scope, "a tumbling window", window, TUMBLING);
            l1 = l1.raw("TumblingWindowInSeconds", Json::Int(window));
        }
        for (name, count) in [
            ("BatchSize", self.batch_size),
            ("ParallelizationFactor", self.parallel),
        ] {
            if let Some(count) = count {
                l1 = l1.raw(name, number(count));
            }
        }
        if !self.filters.is_empty() {
            let filters = self.filters.iter().map(|filter| {
                let pattern = IntoValue::<Json>::into_json(pattern::render(scope, filter));
                Json::map([("Pattern", pattern)])
            });
            let filters = Json::List(filters.collect());
            l1 = l1.raw("FilterCriteria", Json::map([("Filters", filters)]));
        }
        if self.enabled { l1 } else { l1.enabled(false) }
    }

    fn id(&self) -> String {
        let of = match &self.of {
            #[cfg(feature = "dynamodb")]
            Of::Table(table) => table.scope().path().replace('/', "--"),
            Of::Kinesis(_, id) => id.to_string(),
        };
        format!("EventSource-{of}")
    }
}

impl FunctionRef {
    /// Takes work from a stream: Lambda reads it and calls the function with batches, in the order of each key. The
    /// function gets the right to read.
    #[track_caller]
    pub fn consume_stream(&self, stream: Stream) -> EventSourceRef {
        let function = self.clone();
        self.scope().add(stream.id(), Mapping { stream, function })
    }
}

struct Mapping {
    stream: Stream,
    function: FunctionRef,
}

impl Construct for Mapping {
    type Handle = EventSourceRef;

    fn construct(self, scope: &Scope) -> EventSourceRef {
        self.stream.check(scope);
        let l1 = self.stream.l1(scope, &self.function);
        EventSourceRef::new(scope, scope.add("Resource", l1))
    }
}
