//! The operation `status`: where the files are.
//!
//! A state machine hands the question to a function together with what there is to know of all stages: that has room
//! for long pipelines, which the environment of a function has not. The function may list the places, read the
//! tables and look into the queues.

use std::time::Duration;

use cloudwright_contract::{Handler, PipelineStatus, StatusAsk};
use cloudwright_synth::sorted::Map;
use cloudwright_synth::{Json, Scope, Text, Verb};

use super::check::{self, Step};
use super::handle::StageRef;
use super::place::Settled;
use super::stage::HandOver;
use crate::iam::Statement;
use crate::lambda::{Code, Function, FunctionRef};
use crate::s3::Event;
use crate::stepfunctions::{Flow, StateMachine, Task};
use crate::{MiB, Operation, hours, minutes, sqs};

/// The longest that an answer may take: as long as a function may run, for places of millions of objects.
const TIMEOUT: Duration = minutes(15);
/// What is kept of a million results fits in.
const MEMORY: MiB = MiB(512);
/// What the operation does.
const SUMMARY: &str = "tells where the files are, and which are stuck or lost";
/// How long Lambda waits between its attempts, all together.
const BETWEEN_CALLS: Duration = minutes(3);
/// How long EventBridge tries to hand over an event.
const BY_BRIDGE: Duration = hours(24);
/// What else may take its time.
const SLACK: Duration = minutes(5);

/// Adds the operation, on what answers it.
pub(super) fn add(scope: &Scope, steps: &[(Step, StageRef)]) {
    let place = scope.place(check::STATUS);
    let function = Function::new(Code::bundled(Handler::PipelineStatus));
    let function = place.add("Function", function.timeout(TIMEOUT).memory(MEMORY));
    // The objects of others are gone when their stage is told.
    let seen = steps.iter().filter(|(step, _)| tells_of_new(step));
    let stages = seen.map(|(step, stage)| plan(step, stage));
    let stages = Json::List(stages.collect());
    let_look(steps, &function);
    // It only calls a function, which logs what it does and is traced.
    let machine = StateMachine::new(flow(&function, stages))
        .unlogged()
        .untraced();
    let machine = place.add("StateMachine", machine);
    let mut status = Operation::start(&machine).read_only().summary(SUMMARY);
    if let Ok(schema) = serde_json::from_str::<serde_json::Value>(StatusAsk::SCHEMA) {
        status = status.payload(Json::from(schema)).argument("key");
    }
    scope.add("status", status);
}

fn text(text: &Text) -> Json {
    Json::Text(text.clone())
}

/// What there is to know of a stage, as [`StagePlan`](cloudwright_contract::StagePlan) has it.
fn plan(step: &Step, stage: &StageRef) -> Json {
    let mut plan = vec![
        ("name", text(&step.name)),
        ("input", place_of(&step.input)),
        ("suffix", text(&step.stage.suffix)),
        ("late", seconds(late(stage))),
        ("over", seconds(over(step, stage))),
    ];
    if !step.stage.events.contains(&Event::ObjectCreated) {
        plan.push(("partial", Json::Bool(true)));
    }
    plan.extend(step.output.as_ref().map(|to| ("output", place_of(to))));
    let product = step.stage.product.as_ref();
    plan.extend(product.map(|product| ("product", text(product))));
    let table = stage.deliveries.as_ref();
    plan.extend(table.map(|table| ("table", table.name().as_json().clone())));
    let queue = stage.queue.as_ref();
    plan.extend(queue.map(|queue| ("queue", queue.url().as_json().clone())));
    let failures = stage.failures();
    plan.extend(failures.map(|queue| ("failures", queue.url().as_json().clone())));
    Json::map(plan)
}

fn place_of(place: &Settled) -> Json {
    let bucket = place.bucket.name().as_json().clone();
    Json::map([("bucket", bucket), ("prefix", text(&place.prefix))])
}

/// Whether something that is written starts the stage.
fn tells_of_new(step: &Step) -> bool {
    let mut events = step.stage.events.iter();
    events.any(|event| event.overlaps(Event::ObjectCreated))
}

fn seconds(duration: Duration) -> Json {
    Json::Int(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

/// After how long an object has been tried as often as it is, unless it had to wait.
fn late(stage: &StageRef) -> Duration {
    let tried = match &stage.queue {
        Some(queue) => {
            let hidden = queue.visibility_timeout().unwrap_or_default();
            hidden.saturating_mul(sqs::MAX_RECEIVES)
        }
        None => {
            let call = stage.function.timeout().unwrap_or_default();
            let tries = stage.function.tries().count;
            call.saturating_mul(tries).saturating_add(BETWEEN_CALLS)
        }
    };
    tried.saturating_add(SLACK)
}

/// After how long nothing tries an object any more. What waits in a queue is counted there; Lambda keeps what it has
/// no room for, and nobody can count that.
fn over(step: &Step, stage: &StageRef) -> Duration {
    let waits = match step.stage.hand_over {
        HandOver::Queue => Duration::ZERO,
        HandOver::Call | HandOver::Topic => stage.function.tries().age,
        HandOver::EventBridge => stage.function.tries().age.saturating_add(BY_BRIDGE),
    };
    late(stage).saturating_add(waits)
}

/// Lets the function list, read and look, and nothing else.
fn let_look(steps: &[(Step, StageRef)], function: &FunctionRef) {
    let mut buckets = Map::new();
    let edge = |verb: Verb, to: &Scope, what: &str| function.scope().edge(verb, to, what);
    for (step, stage) in steps {
        for place in [Some(&step.input), step.output.as_ref()]
            .into_iter()
            .flatten()
        {
            buckets.or_insert_with(place.bucket.scope().path(), || place.bucket.clone());
        }
        if let Some(table) = &stage.deliveries {
            let read = Statement::allow(["dynamodb:Query", "dynamodb:Scan"]);
            function.add_statement(read.on_all([table.arn().as_json().clone()]));
            edge(Verb::MayRead, table.scope(), "status");
            if let Some(key) = table.key() {
                key.grant_decrypt(function);
            }
        }
        if let Some(queue) = &stage.queue {
            let count = Statement::allow(["sqs:GetQueueAttributes"]);
            function.add_statement(count.on_all([queue.arn().as_json().clone()]));
            edge(Verb::MayUse, queue.scope(), "count");
        }
        if let Some(failures) = stage.failures() {
            let look = Statement::allow(["sqs:GetQueueAttributes", "sqs:ReceiveMessage"]);
            function.add_statement(look.on_all([failures.arn().as_json().clone()]));
            edge(Verb::MayRead, failures.scope(), "status");
            if let Some(key) = failures.key() {
                key.grant_decrypt(function);
            }
        }
    }
    for bucket in buckets.values() {
        function.add_statement(Statement::allow(["s3:ListBucket"]).on(bucket.arn()));
        edge(Verb::MayUse, bucket.scope(), "list");
    }
}

/// One call with the stages and the question. A call that fails is not made again: somebody waits for the answer.
fn flow(function: &FunctionRef, stages: Json) -> Flow {
    let question = Json::map([("stages", stages), ("ask.$", Json::Text("$".into()))]);
    let look = Task::call(function).without_retries();
    let look = look.parameters(Json::map([(PipelineStatus::MEMBER, question)]));
    Flow::new().state("Look", look)
}
