//! State machines with secure defaults.

use std::time::Duration;

use cloudwright_synth::{
    Arn, Builder as _, Construct, IntoValue, Json, ResourceRef as _, Scope, Text, Verb,
};

use super::{Flow, StateMachineRef};
use crate::acknowledge::{Finding, residuals};
use crate::iam::{Principal, Role, RoleRef, Statement};
use crate::logs::{LogGroup, LogGroupRef};
use crate::units::check_seconds;
use crate::{cfn, defaults, kms, rules};

/// The service that runs state machines.
const STATES: &str = "states.amazonaws.com";
/// The longest name.
const NAME: usize = 80;
/// How long a run may take, in seconds.
const TIMEOUT: std::ops::RangeInclusive<i64> = 1..=31_536_000;
/// How long a data key is used again, in seconds.
const KEY_REUSE: i64 = 300;
/// What the service does to write logs, on no narrower resource
/// ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html)).
const LOG_ACTIONS: [&str; 8] = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
];
const TRACE_ACTIONS: [&str; 4] = [
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// A state machine ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/welcome.html)).
///
/// It is a standard one, acts as a role of its own that may do what its tasks do, writes every step of every run to a log
/// group of its own without the data, and is traced by X-Ray.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::stepfunctions::{Choice, Fail, Flow, StateMachine, Succeed, Task, Wait, When};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let charge = stack.add("Charge", lambda::Function::new(lambda::Code::s3("releases", "charge.zip")));
/// let shipments = stack.add("Shipments", sqs::Queue::new());
/// let operators = stack.add("Operators", sns::Topic::new());
///
/// let flow = Flow::new()
///     .state("Charge", Task::call(&charge).catch("Refused").next("IsPaid"))
///     .state("IsPaid", Choice::new().when(When::boolean_is("$.paid", true), "Ship").otherwise("Wait"))
///     .state("Wait", Wait::time(hours(1)).next("Charge"))
///     .state("Ship", Task::send(&shipments, json!({ "order.$": "$.order" })))
///     .state("Refused", Fail::new("Refused", "the card was refused"));
/// let payment = stack.add("Payment", StateMachine::new(flow));
/// payment.alarm_on_failures(&operators);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct StateMachine {
    flow: Flow,
    role: Option<RoleRef>,
    name: Option<Text>,
    key: Option<kms::KeyRef>,
    timeout: Option<Duration>,
    comment: Option<Text>,
    logs: Logs,
    logs_data: bool,
    traced: bool,
    express: bool,
}

/// Where a machine writes its logs.
#[derive(Clone)]
enum Logs {
    Own,
    Given(Box<LogGroupRef>),
    Nowhere,
}

impl StateMachine {
    /// A state machine that runs a flow.
    pub const fn new(flow: Flow) -> Self {
        Self {
            flow,
            role: None,
            name: None,
            key: None,
            timeout: None,
            comment: None,
            logs: Logs::Own,
            logs_data: false,
            traced: true,
            express: false,
        }
    }

    /// Runs for at most five minutes, at least once, many and cheap; standard ones run for up to a year, exactly once.
    /// A change replaces the machine.
    pub const fn express(mut self) -> Self {
        self.express = true;
        self
    }

    /// A fixed name: at most 80 letters, digits, `-` and `_`. Without one CloudFormation makes a unique name. A change
    /// replaces the machine.
    pub fn state_machine_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says what the machine is for.
    pub fn comment(mut self, text: impl Into<Text>) -> Self {
        self.comment = Some(text.into());
        self
    }

    /// Ends a run that takes longer as a failure: whole seconds, at most a year. Unless said, only a state can take too
    /// long.
    pub const fn timeout(mut self, duration: Duration) -> Self {
        self.timeout = Some(duration);
        self
    }

    /// Acts as this role in place of one of its own; what the tasks need is added to it.
    pub fn role(mut self, role: &RoleRef) -> Self {
        self.role = Some(role.clone());
        self
    }

    /// Encrypts the definition and the data of runs with a key of your own.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Writes its logs to this group in place of one of its own.
    pub fn log_group(mut self, group: &LogGroupRef) -> Self {
        self.logs = Logs::Given(Box::new(group.clone()));
        self
    }

    /// Writes the data of each step to the logs, too. Whoever may read them reads it.
    pub const fn log_data(mut self) -> Self {
        self.logs_data = true;
        self
    }

    /// Writes no logs; Step Functions keeps the history of each run of a standard machine for 90 days.
    pub fn unlogged(mut self) -> Self {
        self.logs = Logs::Nowhere;
        self
    }

    /// Sends no traces to X-Ray.
    pub const fn untraced(mut self) -> Self {
        self.traced = false;
        self
    }

    /// A state machine that exists already, by ARN.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::stepfunctions::StateMachine>>,
    ) -> StateMachineRef {
        StateMachineRef::imported(scope.place(id), arn.into_value())
    }

    fn check(&self, scope: &Scope) {
        self.flow.check(scope);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_name = |name: &Text| (1..=NAME).contains(&name.len()) && name.bytes().all(allowed);
        if let Some(name) = self.name.as_ref().filter(|name| !is_name(name)) {
            let message = format!(
                "a state machine's name has 1 to {NAME} letters, digits, `-` and `_`, got \"{name}\""
            );
            let help = "choose another name, or leave it out";
            scope.error(&rules::BAD_NAME, message, help);
        }
        if self.express && matches!(self.logs, Logs::Nowhere) {
            let message = "an express machine keeps no history, and logs nothing either";
            let help = "take `.unlogged()` away: without logs nobody can see what a run did";
            scope.warn(&rules::CONTRADICTION, message, help);
        }
    }

    fn definition(&self, scope: &Scope) -> Json {
        let mut definition = self.flow.document(scope);
        if let Some(comment) = &self.comment {
            definition.set("Comment", Json::Text(comment.clone()));
        }
        if let Some(timeout) = self.timeout {
            let seconds = check_seconds(scope, "the time of a run", timeout, TIMEOUT);
            definition.set("TimeoutSeconds", Json::Int(seconds));
        }
        definition
    }
}

impl Construct for StateMachine {
    type Handle = StateMachineRef;

    fn construct(mut self, scope: &Scope) -> StateMachineRef {
        self.name = self.name.or_else(|| defaults::name(scope, NAME));
        self.check(scope);
        let own = self.role.is_none().then(|| own_role(scope));
        let role = match (&self.role, &own) {
            (Some(role), _) | (None, Some(role)) => role.clone(),
            (None, None) => own_role(scope),
        };
        self.flow.allow(&role);
        let mut l1 =
            cfn::stepfunctions::StateMachine::new(&role).raw("Definition", self.definition(scope));
        if self.express {
            l1 = l1.state_machine_type("EXPRESS");
        }
        if let Some(name) = &self.name {
            l1 = l1.state_machine_name(name.clone());
        }
        if self.traced {
            let traces = Statement::allow(TRACE_ACTIONS).on("*");
            role.add_statement(traces);
            l1 = l1.raw(
                "TracingConfiguration",
                Json::map([("Enabled", Json::Bool(true))]),
            );
        }
        if let Some(group) = self.log_place(scope) {
            role.add_statement(Statement::allow(LOG_ACTIONS).on("*"));
            scope.edge(Verb::LogsTo, group.scope(), "");
            l1 = l1.raw("LoggingConfiguration", logging(&group, self.logs_data));
        }
        if let Some(key) = &self.key {
            key.grant_data_keys(&role);
            scope.edge(Verb::EncryptsWith, key.scope(), "");
            l1 = l1.raw("EncryptionConfiguration", encryption(key));
        }
        let cfn = scope.add("Resource", l1);
        // Else a run could start before the rights that it needs. The policy of a given role may name the machine.
        if let Some(own) = &own {
            cfn.handle().scope().depends_on(own.scope());
            residuals(own.scope(), &[Finding::WildcardResource]);
        }
        residuals(scope, &self.residuals());
        StateMachineRef::owned(scope, cfn, self.name, role)
    }
}

impl StateMachine {
    /// What it leaves open in a strict stack, because the program says so.
    fn residuals(&self) -> Vec<Finding> {
        let unlogged = matches!(self.logs, Logs::Nowhere).then_some(Finding::NoStateMachineLog);
        let untraced = (!self.traced).then_some(Finding::NoStateMachineTrace);
        unlogged.into_iter().chain(untraced).collect()
    }

    fn log_place(&self, scope: &Scope) -> Option<LogGroupRef> {
        match &self.logs {
            Logs::Own => Some(scope.add("Logs", LogGroup::new())),
            Logs::Given(group) => Some((**group).clone()),
            Logs::Nowhere => None,
        }
    }
}

fn logging(group: &LogGroupRef, data: bool) -> Json {
    let place = Json::map([("LogGroupArn", group.streams_arn().as_json().clone())]);
    let place = Json::map([("CloudWatchLogsLogGroup", place)]);
    Json::map([
        ("Destinations", Json::List(vec![place])),
        ("IncludeExecutionData", Json::Bool(data)),
        ("Level", Json::Text("ALL".into())),
    ])
}

fn encryption(key: &kms::KeyRef) -> Json {
    let key = key.arn().as_json().clone();
    Json::map([
        ("KmsDataKeyReusePeriodSeconds", Json::Int(KEY_REUSE)),
        ("KmsKeyId", key),
        ("Type", Json::Text("CUSTOMER_MANAGED_KMS_KEY".into())),
    ])
}

/// A role that Step Functions assumes for machines of this account only.
fn own_role(scope: &Scope) -> RoleRef {
    let trust = Statement::allow(["sts:AssumeRole"])
        .by(Principal::service(STATES))
        .when("StringEquals", "aws:SourceAccount", scope.account());
    scope.add("Role", Role::trusting(trust))
}
