//! State machines.

use cloudwright::lambda::{Code, Function};
use cloudwright::logs::LogGroup;
use cloudwright::prelude::*;
use cloudwright::stepfunctions::{
    Catch, Choice, Each, Fail, Flow, Parallel, Pass, Retry, StateMachine, Succeed, Task, Wait, When,
};

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let charge = stack.add("Charge", Function::new(Code::s3("releases", "charge.zip")));
    let operators = stack.add("Operators", sns::Topic::new());
    let small = Flow::new().state("Call", Task::call(&charge).without_retries());
    let small = StateMachine::new(small).express();
    let small = stack.add(
        "Small",
        small.state_machine_name(format!("{}-small", stack.id())),
    );

    let role = iam::Role::assumed_by(Principal::service("states.amazonaws.com"));
    let role = stack.add("Actor", role);
    let logs = stack.add("Logs", LogGroup::new());
    let large = StateMachine::new(flow(stack, &charge, &small, &operators))
        .comment("handles orders")
        .timeout(days(30))
        .role(&role)
        .encrypted_with(&key)
        .log_group(&logs)
        .log_data();
    let large = stack.add("Large", large);
    large.alarm_on_failures(&operators);
    large.alarm_on_throttles(&operators);
    let metrics = [
        ("Started", large.metric_started()),
        ("Succeeded", large.metric_succeeded()),
        ("Aborted", large.metric_aborted()),
        ("Time", large.metric_time()),
    ];
    for (id, metric) in metrics {
        let above = cloudwatch::Comparison::Above(1000.0);
        stack.add(id, cloudwatch::Alarm::new(metric, above));
    }

    let nap = Flow::new().state("Nap", Wait::time(seconds(5)));
    let bare = stack.add("Bare", StateMachine::new(nap).unlogged().untraced());
    let old = "arn:aws:states:us-east-1:123456789012:stateMachine:old";
    let old = StateMachine::import(stack, "Old", old);
    let worker = iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com"));
    let worker = stack.add("Worker", worker);
    for machine in [&large, &small, &bare, &old] {
        machine.grant_start(&worker).grant_start_and_wait(&worker);
        machine.grant_read(&worker).grant_read_runs(&worker);
        machine.grant_stop(&worker);
        machine.grant_answer(&worker);
    }
    bare.acknowledge(Finding::NoStateMachineLog, "it only sleeps");
}

/// A flow with every kind of state.
fn flow(
    stack: &Stack,
    charge: &lambda::FunctionRef,
    small: &stepfunctions::StateMachineRef,
    operators: &sns::TopicRef,
) -> Flow {
    let shipments = stack.add("Shipments", sqs::Queue::new());
    let failed = Catch::all("Tell").result_path("$.error");
    let patient = Retry::on(["Throttled", "Busy"])
        .first_after(seconds(10))
        .times(6)
        .backoff(1.5)
        .longest_wait(minutes(5))
        .with_jitter();
    let call = Task::call(charge)
        .comment("takes the money")
        .input_path("$.order")
        .output_path("$")
        .parameters(json!({ "amount.$": "$.total" }))
        .result_selector(json!({ "receipt.$": "$.id" }))
        .result_path("$.receipt")
        .retry(patient)
        .retry(Retry::always())
        .catch(Catch::on(["Refused"], "Refused"))
        .catch(failed)
        .timeout(minutes(5))
        .heartbeat(minutes(1))
        .next("IsPaid");
    let unusual = When::any([
        When::text_like("$.country", "X*"),
        When::above("$.total", 1000.0),
        When::at_least("$.items", 100.0),
        When::not(When::present("$.customer")),
    ]);
    let plain = When::all([
        When::text_is("$.kind", "order"),
        When::below("$.total", 10.0),
        When::at_most("$.items", 1.0),
        When::number_is("$.discount", 0.5),
        When::null("$.note"),
        When::boolean_is("$.gift", false),
    ]);
    let sum = Task::action("aws-sdk:sqs:listQueues", json!({}))
        .allowed_by(Statement::allow(["sqs:ListQueues"]).on("*"))
        .result_path("$.queues")
        .next("Both");
    let one = Flow::new().state("Start", Task::start(small));
    let other = Flow::new().state("Publish", Task::publish(operators, json!("two ways")));
    let item = Flow::new().state("Ship", Task::send(&shipments, json!({ "id.$": "$.id" })));
    Flow::new()
        .state("Call", call)
        .state(
            "IsPaid",
            Choice::default()
                .when(unusual, "Wait")
                .when(plain, "Sum")
                .otherwise("Refused"),
        )
        .state("Wait", Wait::until("$.due").next("Call"))
        .state("Sum", sum)
        .state("Both", Parallel::new([one, other]).next("Each"))
        .state(
            "Each",
            Each::new(item).items("$.items").at_once(5).next("Rest"),
        )
        .state(
            "Rest",
            Pass::default().result(json!({ "done": true })).next("Done"),
        )
        .state("Done", Succeed::default())
        .state(
            "Tell",
            Task::publish(operators, json!({ "error.$": "$.error" })),
        )
        .state("Refused", Fail::new("Refused", "the card was refused"))
}
