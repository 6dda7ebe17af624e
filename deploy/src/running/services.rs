//! What work with a running system needs of AWS, as small traits: as in [`cloud`](crate::cloud), so that it
//! is tested with scripted answers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cloud::Call;

/// The services of one account and region.
pub struct Services {
    /// Its Lambda.
    pub functions: Box<dyn Functions>,
    /// Its SQS.
    pub queues: Box<dyn Queues>,
    /// Its Step Functions.
    pub machines: Box<dyn Machines>,
    /// Its CloudWatch.
    pub metrics: Box<dyn Metrics>,
    /// Its CloudWatch Logs.
    pub logs: Box<dyn Logs>,
    /// Its Secrets Manager.
    pub secrets: Box<dyn Secrets>,
}

/// Lambda.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
pub trait Functions {
    /// Calls a function by its name or ARN and waits for its answer.
    fn invoke<'a>(&'a self, function: &'a str, event: &'a Value) -> Call<'a, Answer>;
    /// Hands an event to a function that works on it later: it is kept until it is done or given up.
    fn invoke_later<'a>(&'a self, function: &'a str, event: &'a Value) -> Call<'a, ()>;
}

/// What a function answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Whether it is an error: `Handled` or `Unhandled`.
    pub error: Option<String>,
    /// What it returned, or the error as `{errorType, errorMessage, ..}`.
    pub payload: Value,
    /// The end of its log, at most 4 KB.
    pub log: String,
}

/// SQS.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>
pub trait Queues {
    /// Sends a message. A FIFO queue knows the group, and by the token a message that it has already.
    fn send<'a>(&'a self, queue: &'a str, body: &'a str, fifo: Option<Fifo<'a>>) -> Call<'a, ()>;
    /// What is in a queue, by its address. The numbers are approximate, as SQS says.
    fn state<'a>(&'a self, queue: &'a str) -> Call<'a, QueueState>;
    /// The addresses of the queues whose dead letters come here, of all pages.
    fn sources<'a>(&'a self, queue: &'a str) -> Call<'a, Vec<String>>;
    /// Takes at most ten messages, which nobody else sees for so many seconds.
    fn receive<'a>(&'a self, queue: &'a str, seconds: u32) -> Call<'a, Vec<Message>>;
    /// Lets others see a message again.
    fn give_back<'a>(&'a self, queue: &'a str, receipt: &'a str) -> Call<'a, ()>;
    /// Deletes a message.
    fn delete<'a>(&'a self, queue: &'a str, receipt: &'a str) -> Call<'a, ()>;
    /// Starts to move the messages of a dead-letter queue, by its ARN, to where they came from, so many a second at most.
    fn start_move<'a>(&'a self, arn: &'a str, rate: Option<i32>) -> Call<'a, ()>;
    /// The latest moves out of a queue, by its ARN, the newest first.
    fn moves<'a>(&'a self, arn: &'a str) -> Call<'a, Vec<Move>>;
}

/// What is in a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueState {
    /// The queue's ARN.
    pub arn: String,
    /// Messages that wait.
    pub waiting: usize,
    /// Messages that somebody has taken and not deleted yet.
    pub taken: usize,
}

/// A message that was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The message.
    pub id: String,
    /// What it is given back and deleted by.
    pub receipt: String,
    /// What it says.
    pub body: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent: u64,
    /// How often it was taken.
    pub taken: u32,
    /// The attributes that the sender gave it.
    pub attributes: Texts,
    /// The ARN of the queue that it is a dead letter of.
    pub source: Option<String>,
}

/// A move of messages to where they came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// `RUNNING`, `COMPLETED`, `CANCELLING`, `CANCELLED` or `FAILED`.
    pub status: String,
    /// How many are moved.
    pub moved: usize,
    /// How many there were when it began.
    pub all: Option<usize>,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub started: i64,
}

/// What a message in a FIFO queue has besides its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fifo<'a> {
    /// The messages of one group keep their order.
    pub group: &'a str,
    /// Messages with one token within five minutes are one message.
    pub token: &'a str,
}

/// Step Functions.
///
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html>
pub trait Machines {
    /// Starts an execution of a state machine by its ARN, and gives the execution's ARN.
    fn start<'a>(&'a self, machine: &'a str, input: &'a Value) -> Call<'a, String>;
    /// Looks at an execution.
    fn execution<'a>(&'a self, execution: &'a str) -> Call<'a, Execution>;
}

/// An execution of a state machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Execution {
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED` or `PENDING_REDRIVE`.
    pub status: String,
    /// What it ended with.
    pub output: Value,
    /// The error's name, of one that failed.
    pub error: Option<String>,
    /// What is said about it.
    pub cause: Option<String>,
}

/// Texts by name, such as the attributes of a queue.
pub type Texts = BTreeMap<String, String>;

/// CloudWatch.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html>
pub trait Metrics {
    /// The alarms of these names, of all pages.
    fn alarms<'a>(&'a self, names: &'a [String]) -> Call<'a, Vec<Alarm>>;
    /// The values of each query, the oldest first, between two times in seconds since 1970.
    fn values<'a>(&'a self, queries: &'a [Query], span: (i64, i64)) -> Call<'a, Vec<Vec<f64>>>;
}

/// An alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// Since when: an ISO 8601 time.
    pub since: String,
}

/// A metric with one dimension, and what of it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Such as `AWS/Lambda`.
    pub namespace: &'static str,
    /// Such as `Errors`.
    pub metric: &'static str,
    /// The dimension's name and value.
    pub dimension: (&'static str, String),
    /// Such as `Sum` or `p99`.
    pub statistic: &'static str,
    /// The seconds that are one value, a multiple of 60.
    pub period: i32,
}

/// CloudWatch Logs.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
pub trait Logs {
    /// A page of the events of a log group since a time, in milliseconds since 1970, that a filter pattern lets through.
    fn events<'a>(
        &'a self,
        group: &'a str,
        since: i64,
        filter: Option<&'a str>,
        page: Option<&'a str>,
    ) -> Call<'a, LogPage>;
}

/// A page of log events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The events.
    pub events: Vec<LogEvent>,
    /// What to ask the next page by.
    pub next: Option<String>,
}

/// Something that was logged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogEvent {
    /// What tells it from all others.
    pub id: String,
    /// When, in milliseconds since 1970.
    pub time: i64,
    /// The log stream: one for each instance of a function.
    pub stream: String,
    /// What is said.
    pub message: String,
}

/// Secrets Manager.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html>
pub trait Secrets {
    /// Looks at a secret, by its name or ARN, without reading what it holds.
    fn secret<'a>(&'a self, secret: &'a str) -> Call<'a, SecretState>;
    /// What a secret holds now; `None` for bytes.
    fn value<'a>(&'a self, secret: &'a str) -> Call<'a, Option<String>>;
    /// Fills a secret: from now on it holds this. The token, of 32 to 64 letters, tells a request that is made again.
    fn put<'a>(&'a self, secret: &'a str, value: &'a str, token: &'a str) -> Call<'a, ()>;
    /// Starts a rotation by the secret's own function, and gives the version that it makes.
    fn rotate<'a>(&'a self, secret: &'a str) -> Call<'a, String>;
}

/// A secret that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretState {
    /// The version that readers get; `None` of a secret that holds nothing.
    pub current: Option<String>,
    /// Whether a function rotates it.
    pub rotates: bool,
}
