//! A signed AWS client for tests, without an SDK in the build: any operation of any service by its
//! name, with JSON in and JSON out.
//!
//! The requests are made by the botocore that ministack's environment holds, in one helper process
//! per client.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::tools::{isolated, require, support};

/// How long a deployment or an event may take on the engine, which needs well under a second: long, for a machine that
/// is busy with something else.
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(100);

/// A client for one region and one caller of an engine.
#[derive(Debug)]
pub struct Aws {
    helper: Mutex<Helper>,
    region: String,
    caller: Caller,
}

/// Who signs the requests.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The access key id. On the engine a 12-digit one is the root of that account.
    pub key: String,
    /// The secret access key.
    pub secret: String,
    /// The session token of temporary credentials.
    pub token: Option<String>,
}

/// A refused or failed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsError {
    /// The error code, such as `AccessDenied`.
    pub code: String,
    /// What the service says about it.
    pub message: String,
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for AwsError {}

#[derive(Debug)]
struct Helper {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Aws {
    /// Starts a client with all rights in the default account.
    ///
    /// # Panics
    /// If the helper process cannot be started.
    #[must_use]
    pub fn start(endpoint: &str, region: &str) -> Self {
        let root = Caller {
            key: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
        };
        Self::with_caller(endpoint, region, root)
    }

    /// Starts a client that signs as `caller`.
    ///
    /// # Panics
    /// If the helper process cannot be started.
    #[must_use]
    pub fn with_caller(endpoint: &str, region: &str, caller: Caller) -> Self {
        let mut process = isolated(&require("ministack", "bin/python"))
            .arg(support("aws.py"))
            .arg(endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter of the ministack environment starts");
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("its output is piped"));
        let helper = Mutex::new(Helper {
            process,
            requests,
            answers,
        });
        Self {
            helper,
            region: region.to_owned(),
            caller,
        }
    }

    /// Signs as another caller from now on.
    pub fn act_as(&mut self, caller: Caller) {
        self.caller = caller;
    }

    /// Calls `operation` (such as `ListObjectsV2`) of `service` (its name in botocore, such as
    /// `s3`) and gives the members of its answer.
    ///
    /// # Panics
    /// If the service refuses the call.
    #[track_caller]
    pub fn call(&self, service: &str, operation: &str, params: &Value) -> Value {
        match self.try_call(service, operation, params) {
            Ok(value) => value,
            Err(error) => panic!("{service} {operation} failed: {error}"),
        }
    }

    /// As [`Aws::call`], for calls that may be refused.
    ///
    /// # Errors
    /// The error code and message of the service or of the client library.
    ///
    /// # Panics
    /// If the helper process is gone.
    pub fn try_call(
        &self,
        service: &str,
        operation: &str,
        params: &Value,
    ) -> Result<Value, AwsError> {
        let Caller { key, secret, token } = &self.caller;
        let mut answer = self.ask(&json!({
            "service": service, "operation": operation, "params": params,
            "region": self.region, "key": key, "secret": secret, "token": token,
        }));
        if answer["error"].is_object() {
            let text = |name: &str| {
                answer["error"][name]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            };
            return Err(AwsError {
                code: text("code"),
                message: text("message"),
            });
        }
        Ok(answer["value"].take())
    }

    fn ask(&self, request: &Value) -> Value {
        // A test that panicked between two requests leaves the helper in order.
        let mut helper = self.helper.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = helper
            .requests
            .as_mut()
            .expect("requests stay open until the client drops");
        writeln!(requests, "{request}").expect("the AWS helper reads requests");
        let mut line = String::new();
        helper
            .answers
            .read_line(&mut line)
            .expect("the AWS helper answers");
        serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("the AWS helper is gone (its error is above): {e}"))
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}

/// What a deployed stack gave.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The final status, such as `CREATE_COMPLETE`.
    pub status: String,
    /// The outputs by their logical id.
    pub outputs: BTreeMap<String, String>,
    /// The physical ids of the resources by their logical id.
    pub resources: BTreeMap<String, String>,
}

impl Aws {
    /// Deploys a template through a change set, as the tools of the field do, and waits for the end.
    ///
    /// # Panics
    /// If the change set is refused or the stack does not end in `*_COMPLETE` without a rollback;
    /// the message holds the events that failed.
    #[track_caller]
    pub fn deploy(&self, stack: &str, template: &Value) -> Deployed {
        let status = self.attempt(stack, template);
        let succeeded = status.ends_with("_COMPLETE") && !status.contains("ROLLBACK");
        assert!(
            succeeded,
            "{stack} ended in {status}:\n{}",
            self.failures(stack)
        );
        Deployed {
            outputs: self.outputs(stack),
            resources: self.physical_ids(stack),
            status,
        }
    }

    /// Deploys a template, and gives the status in which the stack ends, also after a rollback.
    ///
    /// # Panics
    /// If the change set is refused.
    #[track_caller]
    pub fn attempt(&self, stack: &str, template: &Value) -> String {
        let exists = self.try_call(
            "cloudformation",
            "DescribeStacks",
            &json!({"StackName": stack}),
        );
        let kind = if exists.is_ok() { "UPDATE" } else { "CREATE" };
        let named = json!({"StackName": stack, "ChangeSetName": "deploy"});
        if exists.is_ok() {
            // AWS deletes a change set when it is executed, the engine keeps it.
            let _ = self.try_call("cloudformation", "DeleteChangeSet", &named);
        }
        let change_set = json!({
            "StackName": stack, "ChangeSetName": "deploy", "ChangeSetType": kind,
            "TemplateBody": template.to_string(),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        });
        self.call("cloudformation", "CreateChangeSet", &change_set);
        self.call("cloudformation", "ExecuteChangeSet", &named);
        self.settled(stack)
    }

    /// The outputs of a stack by their logical id.
    ///
    /// # Panics
    /// If there is no such stack.
    #[track_caller]
    #[must_use]
    pub fn outputs(&self, stack: &str) -> BTreeMap<String, String> {
        let answer = self.call(
            "cloudformation",
            "DescribeStacks",
            &json!({"StackName": stack}),
        );
        pairs(&answer["Stacks"][0]["Outputs"], "OutputKey", "OutputValue")
    }

    #[track_caller]
    fn physical_ids(&self, stack: &str) -> BTreeMap<String, String> {
        let named = json!({"StackName": stack});
        let answer = self.call("cloudformation", "DescribeStackResources", &named);
        pairs(
            &answer["StackResources"],
            "LogicalResourceId",
            "PhysicalResourceId",
        )
    }

    #[track_caller]
    fn settled(&self, stack: &str) -> String {
        let named = json!({"StackName": stack});
        wait_for(
            &format!("{stack} to leave its *_IN_PROGRESS status"),
            || {
                let answer = self.call("cloudformation", "DescribeStacks", &named);
                let status = answer["Stacks"][0]["StackStatus"].as_str()?.to_owned();
                (!status.ends_with("_IN_PROGRESS")).then_some(status)
            },
        )
    }

    fn failures(&self, stack: &str) -> String {
        let named = json!({"StackName": stack});
        let events = self.try_call("cloudformation", "DescribeStackEvents", &named);
        let Ok(events) = events else {
            return "its events cannot be read".to_owned();
        };
        let failed = events["StackEvents"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|event| {
                event["ResourceStatus"]
                    .as_str()
                    .is_some_and(|status| status.contains("FAILED"))
            });
        let line = |event: &Value| {
            format!(
                "  {} {}\n",
                event["LogicalResourceId"], event["ResourceStatusReason"]
            )
        };
        failed.map(line).collect()
    }

    /// Stores an object.
    ///
    /// # Panics
    /// If S3 refuses it.
    #[track_caller]
    pub fn put_object(&self, bucket: &str, key: &str, body: &str) {
        self.call(
            "s3",
            "PutObject",
            &json!({"Bucket": bucket, "Key": key, "Body": body}),
        );
    }

    /// Subscribes a queue of its own to a topic and gives the queue's URL. What is published arrives
    /// there as it is, without SNS's envelope.
    ///
    /// # Panics
    /// If SNS or SQS refuses it.
    #[track_caller]
    #[must_use]
    pub fn listen(&self, topic_arn: &str) -> String {
        let name = topic_arn.rsplit(':').next().unwrap_or(topic_arn);
        let created = json!({"QueueName": format!("{name}-listener")});
        let url = self.call("sqs", "CreateQueue", &created)["QueueUrl"].take();
        let wanted = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
        let queue =
            self.call("sqs", "GetQueueAttributes", &wanted)["Attributes"]["QueueArn"].take();
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
        }]});
        let attributes = json!({"QueueUrl": url, "Attributes": {"Policy": policy.to_string()}});
        self.call("sqs", "SetQueueAttributes", &attributes);
        self.call(
            "sns",
            "Subscribe",
            &json!({
                "TopicArn": topic_arn, "Protocol": "sqs", "Endpoint": queue,
                "Attributes": {"RawMessageDelivery": "true"},
            }),
        );
        url.as_str().unwrap_or_default().to_owned()
    }

    /// Takes the messages that a queue holds now, in the shape of SQS's `ReceiveMessage`, and
    /// deletes them.
    ///
    /// # Panics
    /// If SQS refuses it.
    #[track_caller]
    pub fn take_messages(&self, queue_url: &str) -> Vec<Value> {
        let mut taken = Vec::new();
        loop {
            let request = json!({
                "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0,
            });
            let answer = self.call("sqs", "ReceiveMessage", &request);
            let Some(messages) = answer["Messages"].as_array() else {
                return taken;
            };
            for message in messages {
                let receipt = &message["ReceiptHandle"];
                let handled = json!({"QueueUrl": queue_url, "ReceiptHandle": receipt});
                self.call("sqs", "DeleteMessage", &handled);
            }
            taken.extend(messages.iter().cloned());
        }
    }

    /// Waits until a queue holds messages and takes them as [`Aws::take_messages`] does.
    ///
    /// # Panics
    /// If none arrives in time.
    #[track_caller]
    pub fn await_messages(&self, queue_url: &str) -> Vec<Value> {
        wait_for(&format!("a message in {queue_url}"), || {
            Some(self.take_messages(queue_url)).filter(|messages| !messages.is_empty())
        })
    }
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// If there is none in time.
#[track_caller]
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "waited {} s for {what}",
            PATIENCE.as_secs()
        );
        sleep(PAUSE);
    }
}

fn pairs(list: &Value, name: &str, value: &str) -> BTreeMap<String, String> {
    let text = |item: &Value, member: &str| item[member].as_str().unwrap_or_default().to_owned();
    let items = list.as_array().into_iter().flatten();
    items
        .map(|item| (text(item, name), text(item, value)))
        .collect()
}
