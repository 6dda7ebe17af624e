//! States that do something, and the rights for it.

use std::time::Duration;

use cloudwright_synth::{IntoValue, Json, Scope, Text};

use super::state::{After, State, settings, time_limits};
use super::{Catch, Retry, StateMachineRef};
use crate::delivery::Delivery;
use crate::iam::{RoleRef, Statement};
use crate::lambda::FunctionRef;
use crate::seconds;
use crate::sns::TopicRefOf;
use crate::sqs::QueueRefOf;

/// Errors of Lambda itself, after which AWS
/// [advises](https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html) to try again.
const LAMBDA_ERRORS: [&str; 4] = [
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
];
/// How often, and after how long first.
const LAMBDA_TRIES: u32 = 6;
const LAMBDA_WAIT: Duration = seconds(2);

/// Does something, and hands on its result
/// ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html)). The machine's role gets the right to.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::stepfunctions::{Flow, StateMachine, Task};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let charge = stack.add("Charge", lambda::Function::new(lambda::Code::s3("releases", "charge.zip")));
/// let table = stack.add("Orders", cfn::sqs::Queue::new());
/// let count = Task::action("aws-sdk:sqs:getQueueAttributes", json!({ "QueueUrl": table.reference().cast::<String>(), "AttributeNames": ["All"] }))
///     .allowed_by(Statement::allow(["sqs:GetQueueAttributes"]).on(table.arn().cast::<String>()))
///     .result_path("$.queue");
/// let flow = Flow::new().state("Count", count.next("Charge")).state("Charge", Task::call(&charge));
/// stack.add("Payment", StateMachine::new(flow));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct Task(State);
settings!(Task: next result failing);

/// What a task does.
#[derive(Clone)]
pub(super) struct Doing {
    what: What,
    needs: Vec<Need>,
    /// Whether errors of Lambda itself are tried again, when nothing else is said.
    tries_again: bool,
}

#[derive(Clone)]
enum What {
    /// Calls a function, by ARN.
    Call(Json),
    /// An integration by its name, with what it is given.
    Action(Text, Json),
}

/// A right of the machine's role.
#[derive(Clone)]
enum Need {
    Call(FunctionRef),
    Start(StateMachineRef),
    Statement(Box<Statement>),
    /// A grant of a queue or a topic, whose kinds differ.
    Grant(std::rc::Rc<dyn Fn(&RoleRef)>),
}

impl Task {
    fn of(what: What, need: Need) -> Self {
        let doing = Doing {
            what,
            needs: vec![need],
            tries_again: true,
        };
        Self(State::new("Task", After::End).doing(doing))
    }

    /// Calls a function with the input; the result is what it answers. Errors of Lambda itself are tried again unless
    /// something else is said.
    pub fn call(function: &FunctionRef) -> Self {
        let arn = IntoValue::<Json>::into_json(function.arn());
        Self::of(What::Call(arn), Need::Call(function.clone()))
    }

    /// Sends a message to a queue: a document in which members such as `"id.$": "$.order.id"` are taken from the input.
    pub fn send<K: Delivery>(queue: &QueueRefOf<K>, message: impl IntoValue<Json>) -> Self {
        let given = [
            ("QueueUrl", queue.url().as_json().clone()),
            ("MessageBody", message.into_json()),
        ];
        let queue = queue.clone();
        let grant = move |role: &RoleRef| {
            queue.grant_send(role);
        };
        let what = What::Action("sqs:sendMessage".into(), Json::map(given));
        Self::of(what, Need::Grant(std::rc::Rc::new(grant)))
    }

    /// Publishes to a topic; the message is like that of [`send`](Self::send).
    pub fn publish<K: Delivery>(topic: &TopicRefOf<K>, message: impl IntoValue<Json>) -> Self {
        let given = [
            ("TopicArn", topic.arn().as_json().clone()),
            ("Message", message.into_json()),
        ];
        let topic = topic.clone();
        let grant = move |role: &RoleRef| {
            topic.grant_publish(role);
        };
        let what = What::Action("sns:publish".into(), Json::map(given));
        Self::of(what, Need::Grant(std::rc::Rc::new(grant)))
    }

    /// Starts a run of another state machine with the whole input, and does not wait for its end.
    pub fn start(machine: &StateMachineRef) -> Self {
        let given = [
            ("StateMachineArn", machine.arn().as_json().clone()),
            ("Input.$", Json::Text("$".into())),
        ];
        let what = What::Action("states:startExecution".into(), Json::map(given));
        Self::of(what, Need::Start(machine.clone()))
    }

    /// Any other [integration](https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html) by what follows
    /// `states:::` in its ARN, such as `aws-sdk:dynamodb:putItem`, with what it is given. What it may do is said by
    /// [`allowed_by`](Self::allowed_by).
    pub fn action(name: impl Into<Text>, parameters: impl IntoValue<Json>) -> Self {
        let doing = Doing {
            what: What::Action(name.into(), parameters.into_json()),
            needs: Vec::new(),
            tries_again: false,
        };
        Self(State::new("Task", After::End).doing(doing))
    }

    /// Adds a statement to the policy of the machine's role.
    pub fn allowed_by(mut self, statement: Statement) -> Self {
        if let Some(mut doing) = self.0.task().cloned() {
            doing.needs.push(Need::Statement(Box::new(statement)));
            self.0 = self.0.doing(doing);
        }
        self
    }

    /// Tries nothing again, not even after errors of Lambda itself.
    pub fn without_retries(mut self) -> Self {
        if let Some(mut doing) = self.0.task().cloned() {
            doing.tries_again = false;
            self.0 = self.0.doing(doing);
        }
        self
    }

    /// Fails when it takes longer, in whole seconds.
    pub fn timeout(self, duration: Duration) -> Self {
        Self(time_limits(self.0, "TimeoutSeconds", duration))
    }

    /// Fails when it gives no sign of life for so long, in whole seconds.
    pub fn heartbeat(self, duration: Duration) -> Self {
        Self(time_limits(self.0, "HeartbeatSeconds", duration))
    }
}

impl Doing {
    /// Writes the resource, and what it is given.
    pub(super) fn write(&self, scope: &Scope, state: &mut Json) {
        match &self.what {
            What::Call(arn) => state.set("Resource", arn.clone()),
            What::Action(name, given) => {
                let arn = Json::concat(vec![
                    Json::Text("arn:".into()),
                    scope.partition().as_json().clone(),
                    Json::Text(format!(":states:::{name}").into()),
                ]);
                state.set("Resource", arn);
                if state.get("Parameters").is_none() {
                    state.set("Parameters", given.clone());
                }
            }
        }
    }

    /// What is done about errors when nothing is said.
    pub(super) fn usual_retry(&self) -> Option<Retry> {
        let retry = || Retry::on(LAMBDA_ERRORS).first_after(LAMBDA_WAIT);
        let is_usual = self.tries_again && matches!(self.what, What::Call(_));
        is_usual.then(|| retry().times(LAMBDA_TRIES))
    }

    /// Gives a machine's role the rights.
    pub(super) fn allow(&self, role: &RoleRef) {
        for need in &self.needs {
            match need {
                Need::Call(function) => {
                    function.grant_invoke(role);
                }
                Need::Start(machine) => {
                    machine.grant_start(role);
                }
                Need::Statement(statement) => role.add_statement((**statement).clone()),
                Need::Grant(grant) => grant(role),
            }
        }
    }
}
