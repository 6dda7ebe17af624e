//! The documents of verbs that work with what runs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

/// What can be asked of the constructs of an app.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Operations {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// In the order of the constructs' paths.
    pub operations: Vec<Operation>,
}

/// What can be asked of a construct.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Operation {
    /// The path of the construct.
    pub construct: String,
    /// What it is called.
    pub name: String,
    /// What it does.
    pub summary: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// The CloudFormation type of what does it.
    pub r#type: String,
    /// The JSON Schema of what is handed over; `null` where nothing is.
    pub payload: Value,
}

/// What an operation came to.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Ran {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The path of the construct.
    pub construct: String,
    /// The operation.
    pub operation: String,
    /// The path of the stack.
    pub stack: String,
    /// What did it.
    pub resource: Target,
    /// How it ended.
    pub outcome: CallOutcome,
    /// What was answered; the execution of a state machine that goes on by itself.
    pub answer: Value,
    /// The error of the function or the state machine.
    pub error: Option<Error>,
}

/// The resource that does an operation.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Target {
    /// The logical ids that lead to it, those of nested stacks first.
    pub logical_ids: Vec<String>,
    /// The CloudFormation type.
    pub r#type: String,
    /// The physical id.
    pub physical_id: String,
}

/// What a function answered.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Called {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The name of the function.
    pub function: String,
    /// The path of the stack.
    pub stack: String,
    /// How it ended.
    pub outcome: CallOutcome,
    /// What it answered.
    pub answer: Value,
    /// Its error.
    pub error: Option<Error>,
    /// The end of its log; `null` where it was not waited for.
    pub log: Option<String>,
}

/// How a call ended.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum CallOutcome {
    /// It answered.
    Done,
    /// It failed: see `error`.
    Failed,
    /// It was handed over, and not waited for.
    Sent,
    /// It goes on by itself.
    Started,
}

/// An error of a function or a state machine.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Error {
    /// Its type.
    pub r#type: String,
    /// Its text.
    pub message: String,
}

/// A line of a log; each is a document of its own, on a line of its own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LogLine {
    /// When, in UTC.
    pub time: String,
    /// The path of the function.
    pub path: String,
    /// The path of the stack.
    pub stack: String,
    /// The log group.
    pub group: String,
    /// The log stream.
    pub stream: String,
    /// What was said.
    pub message: String,
}

/// The queues of what was given up.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Queues {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The queues.
    pub queues: Vec<Queue>,
}

/// A queue of what was given up.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Queue {
    /// The path of its construct.
    pub path: String,
    /// The path of the stack.
    pub stack: String,
    /// The logical id.
    pub id: String,
    /// Its URL.
    pub url: String,
    /// About how many messages wait in it.
    pub waiting: u64,
    /// About how many were taken and are not deleted yet.
    pub taken: u64,
    /// What gives up to it.
    pub feeds: Vec<Feed>,
}

/// What gives up to a queue.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Feed {
    /// Messages of a queue, records of a function's calls, or events of a rule.
    #[schemars(extend("enum" = ["messages", "records", "events"]))]
    pub what: String,
    /// The path of the construct.
    pub path: String,
}

/// Messages that were given up.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Letters {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The URL of the queue.
    pub queue: String,
    /// The messages; they stay where they are.
    pub messages: Vec<Letter>,
}

/// A message that was given up.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Letter {
    /// Its id.
    pub id: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent: u64,
    /// How often it was taken.
    pub taken: u32,
    /// What it says.
    pub body: String,
    /// The attributes that the sender gave it.
    pub attributes: BTreeMap<String, String>,
    /// What it says of a call, where it is the record of one.
    pub record: Option<Record>,
}

/// The record of a call that was given up.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Record {
    /// The ARN of the function, with its qualifier.
    pub function: String,
    /// Why it was given up.
    pub condition: String,
    /// How often it was called.
    pub calls: u64,
    /// Its error.
    pub error: Option<Error>,
    /// What it was handed.
    pub event: Value,
}

/// What became of messages that were moved back.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Redriven {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The URL of the queue that they were in.
    pub queue: String,
    /// How many were moved.
    pub moved: u64,
    /// Those that stay.
    pub kept: Vec<KeptLetter>,
}

/// A message that stays.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct KeptLetter {
    /// Its id.
    pub id: String,
    /// Why.
    pub why: String,
}

/// What was done with a secret.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SecretDone {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The path of the secret.
    pub secret: String,
    /// The path of the stack.
    pub stack: String,
    /// `rotating` goes on by itself, and ends with 1.
    #[schemars(extend("enum" = ["filled", "unchanged", "rotated", "rotating"]))]
    pub outcome: String,
}

/// What a secret holds, without its values.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SecretKeys {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The path of the secret.
    pub secret: String,
    /// The path of the stack.
    pub stack: String,
    /// What it holds.
    #[schemars(extend("enum" = ["nothing", "bytes", "text", "object"]))]
    pub holds: String,
    /// The keys that it has.
    pub keys: Vec<String>,
    /// The keys that are read.
    pub needed: Vec<NeededKey>,
    /// The keys that are read, and that it has not.
    pub missing: Vec<String>,
}

/// A key that is read.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NeededKey {
    /// The key.
    pub key: String,
    /// The paths of who reads it.
    pub by: Vec<String>,
}

/// The alarms of an app.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Alarms {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The alarms.
    pub alarms: Vec<Alarm>,
}

/// An alarm.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Alarm {
    /// The path of its construct.
    pub path: String,
    /// The path of the stack.
    pub stack: String,
    /// Its name.
    pub name: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`; `MISSING` where somebody deleted it.
    pub state: String,
    /// Since when, in UTC; empty where that is not known.
    pub since: String,
    /// Why.
    pub reason: String,
}

/// How functions did.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Functions {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// How far back, in seconds.
    pub since: i64,
    /// The functions.
    pub functions: Vec<Function>,
}

/// How a function did. A number is `null` where nothing was measured.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Function {
    /// The path of its construct.
    pub path: String,
    /// The path of the stack.
    pub stack: String,
    /// Its name.
    pub name: String,
    /// How often it was called.
    pub invocations: Option<f64>,
    /// How many calls failed.
    pub errors: Option<f64>,
    /// How many calls were turned away.
    pub throttles: Option<f64>,
    /// Half of the calls took at most so many milliseconds.
    #[schemars(rename = "durationP50")]
    pub duration_p50: Option<f64>,
    /// 99 % of the calls took at most so many milliseconds.
    #[schemars(rename = "durationP99")]
    pub duration_p99: Option<f64>,
    /// The longest time that an event waited for its call, in milliseconds.
    pub async_age: Option<f64>,
    /// The most calls at once.
    pub concurrency: Option<f64>,
}
