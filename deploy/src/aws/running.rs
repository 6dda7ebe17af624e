//! Lambda and Step Functions by the SDK's clients; those of SQS and of what watches are in files of their own.

mod queues;
mod secrets;
mod updates;
mod watch;

use aws_config::SdkConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use aws_smithy_types::base64;
use futures_util::FutureExt;
use serde_json::Value;

use super::faults;
use crate::cloud::{self, Call};
use crate::fault::Fault;
use crate::running::services::{Answer, Execution, Functions, Logs, Machines, Services};

/// The clients of an account and a region. Whether a request is made again is decided where it is made.
pub(super) fn connect(sdk: &SdkConfig) -> Services {
    Services {
        functions: Box::new(Lambda::new(sdk)),
        queues: Box::new(queues::Sqs(aws_sdk_sqs::Client::new(sdk))),
        machines: Box::new(StepFunctions(aws_sdk_sfn::Client::new(sdk))),
        metrics: Box::new(watch::CloudWatch(aws_sdk_cloudwatch::Client::new(sdk))),
        logs: logs(sdk),
        secrets: Box::new(secrets::SecretsManager::new(sdk)),
    }
}

/// CloudWatch Logs alone, for what functions of custom resources say.
pub(super) fn logs(sdk: &SdkConfig) -> Box<dyn Logs> {
    let client = aws_sdk_cloudwatchlogs::Client::new(sdk);
    Box::new(watch::CloudWatchLogs(client))
}

/// Lambda alone, for updates of functions.
pub(super) fn lambda(sdk: &SdkConfig) -> Box<dyn cloud::Lambda> {
    Box::new(Lambda::new(sdk))
}

struct Lambda(aws_sdk_lambda::Client);

impl Lambda {
    /// A client that waits for as long as a function may work.
    fn new(sdk: &SdkConfig) -> Self {
        let settings = aws_sdk_lambda::config::Builder::from(sdk);
        let settings = settings.timeout_config(super::waits(super::LONG));
        Self(aws_sdk_lambda::Client::from_conf(settings.build()))
    }
}

impl Functions for Lambda {
    fn invoke<'a>(&'a self, function: &'a str, event: &'a Value) -> Call<'a, Answer> {
        async move {
            let call = self.0.invoke().function_name(function);
            let call = call
                .payload(Blob::new(event.to_string()))
                .log_type(LogType::Tail);
            let answer = call.send().await;
            let answer = answer.map_err(|error| faults::of("Invoke", &error))?;
            let bytes = answer.payload().map(Blob::as_ref).unwrap_or_default();
            let log = answer.log_result().and_then(|log| base64::decode(log).ok());
            Ok(Answer {
                error: answer.function_error().map(str::to_owned),
                payload: json_or_text(&String::from_utf8_lossy(bytes)),
                log: String::from_utf8_lossy(&log.unwrap_or_default()).into_owned(),
            })
        }
        .boxed_local()
    }

    fn invoke_later<'a>(&'a self, function: &'a str, event: &'a Value) -> Call<'a, ()> {
        async move {
            let call = self.0.invoke().function_name(function);
            let call = call.payload(Blob::new(event.to_string()));
            let answer = call.invocation_type(InvocationType::Event).send().await;
            answer
                .map(drop)
                .map_err(|error| faults::of("Invoke", &error))
        }
        .boxed_local()
    }
}

struct StepFunctions(aws_sdk_sfn::Client);

impl Machines for StepFunctions {
    fn start<'a>(&'a self, machine: &'a str, input: &'a Value) -> Call<'a, String> {
        async move {
            let call = self.0.start_execution().state_machine_arn(machine);
            let answer = call.input(input.to_string()).send().await;
            let answer = answer.map_err(|error| faults::of("StartExecution", &error))?;
            Ok(answer.execution_arn().to_owned())
        }
        .boxed_local()
    }

    fn execution<'a>(&'a self, execution: &'a str) -> Call<'a, Execution> {
        async move { self.look(execution).await }.boxed_local()
    }
}

impl StepFunctions {
    async fn look(&self, execution: &str) -> Result<Execution, Fault> {
        let answer = self
            .0
            .describe_execution()
            .execution_arn(execution)
            .send()
            .await;
        let answer = answer.map_err(|error| faults::of("DescribeExecution", &error))?;
        Ok(Execution {
            status: answer.status().as_str().to_owned(),
            output: answer.output().map(json_or_text).unwrap_or_default(),
            error: answer.error().map(str::to_owned),
            cause: answer.cause().map(str::to_owned),
        })
    }
}

/// What an answer holds: JSON, or else text.
fn json_or_text(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    }
}
