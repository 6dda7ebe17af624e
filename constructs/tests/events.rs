//! Rules of EventBridge: who is let in, and where lost events are.

mod support;

use cloudwright::events::{EventPattern, Rule, Target};
use cloudwright::lambda::{Code, Function, FunctionRef};
use cloudwright::prelude::*;
use serde_json::{Value, json as expected};
use support::{Template, assert_error, findings, home, strict_template, template, templates_of};

const RULE: &str = "AWS::Events::Rule";
const QUEUE: &str = "AWS::SQS::Queue";
const PERMISSION: &str = "AWS::Lambda::Permission";

fn report(stack: &Stack) -> FunctionRef {
    stack.add("Report", Function::new(Code::s3("releases", "report.zip")))
}

fn orders() -> EventPattern {
    EventPattern::source("shop.orders")
}

/// The ARN of a resource.
fn arn_of(template: &Template, kind: &str, start: &str) -> Value {
    expected!({ "Fn::GetAtt": [template.id(kind, start), "Arn"] })
}

/// The statements of the policies of a type that let EventBridge in.
fn let_in<'a>(template: &'a Template, kind: &str) -> Vec<&'a Value> {
    let statements = template.statements(kind).into_iter();
    let events = |one: &&Value| one["Principal"]["Service"] == "events.amazonaws.com";
    statements.filter(events).collect()
}

#[test]
fn a_pattern_is_written_as_it_is_said() {
    let template = template(|stack| {
        let pattern = orders()
            .account("123456789012")
            .detail_type("Placed")
            .detail_type("Paid")
            .detail(json!({ "total": [{ "numeric": [">=", 100] }] }))
            .detail(json!({ "customer": { "country": ["DE", { "prefix": "A" }] } }));
        stack.add(
            "Large",
            Rule::matching(pattern).description("of large orders"),
        );
    });
    let pattern = expected!({
        "source": ["shop.orders"],
        "detail-type": ["Placed", "Paid"],
        "account": ["123456789012"],
        "detail": {
            "customer": { "country": ["DE", { "prefix": "A" }] },
            "total": [{ "numeric": [">=", 100] }],
        },
    });
    let rule = template.properties(RULE);
    assert_eq!(rule["EventPattern"], pattern);
    assert_eq!(rule["Description"], "of large orders");
    assert!(rule.get("Targets").is_none() && rule.get("State").is_none());
}

#[test]
fn each_target_lets_in_this_rule_alone() {
    let template = template(|stack| {
        let jobs = stack.add("Jobs", sqs::Queue::new());
        let operators = stack.add("Operators", sns::Topic::new());
        let rule = Rule::matching(orders())
            .target(&report(stack))
            .target(&jobs)
            .target(&operators);
        stack.add("Orders", rule);
    });
    let rule = arn_of(&template, RULE, "Orders");
    let permission = template.properties(PERMISSION);
    assert_eq!(permission["Principal"], "events.amazonaws.com");
    assert_eq!(permission["SourceArn"], rule);
    assert_eq!(permission["SourceAccount"], "123456789012");
    let condition = expected!({ "ArnEquals": { "aws:SourceArn": rule } });
    let [topic] = let_in(&template, "AWS::SNS::TopicPolicy")[..] else {
        panic!("one statement");
    };
    assert_eq!(topic["Action"], "sns:Publish");
    assert_eq!(topic["Condition"], condition);
    let queues = let_in(&template, "AWS::SQS::QueuePolicy");
    // Jobs, its dead letters, those of the function, and those of the rule for the topic.
    assert_eq!(queues.len(), 4);
    assert!(
        queues
            .iter()
            .all(|one| one["Condition"] == condition && one["Action"] == "sqs:SendMessage")
    );
    let ids = template.properties(RULE)["Targets"]
        .as_array()
        .unwrap()
        .iter();
    let ids: Vec<_> = ids.map(|target| &target["Id"]).collect();
    assert_eq!(ids, ["Target1", "Target2", "Target3"]);
}

#[test]
fn a_fifo_queue_has_to_tell_duplicates_by_itself() {
    let refused = findings(|stack| {
        let orders_queue = stack.add("Queue", sqs::FifoQueue::new());
        let target = Target::fifo_queue(&orders_queue, "");
        stack.add("Orders", Rule::matching(orders()).target(target));
    });
    assert_error(&refused, "CW1103", &["deduplication id", "content_based"]);
    assert_error(&refused, "CW1002", &["1 to 128 characters, got \"\""]);
}

/// EventBridge tells KMS no account, so a condition about one would refuse it, without a word to anybody.
#[test]
fn an_encrypted_topic_hears_of_events() {
    let template = strict_template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let rule = Rule::matching(orders()).target(Target::topic(&operators));
        stack.add("Orders", rule);
    });
    let policy = template.properties("AWS::KMS::Key")["KeyPolicy"].clone();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let of_events = |one: &&Value| one["Principal"]["Service"] == "events.amazonaws.com";
    let conditions: Vec<_> = statements
        .filter(of_events)
        .map(|one| &one["Condition"])
        .collect();
    let topics = expected!({
        "ArnLike": {
            "kms:EncryptionContext:aws:sns:topicArn": {
                "Fn::Sub": "arn:${AWS::Partition}:sns:eu-central-1:123456789012:*"
            }
        }
    });
    assert!(conditions.contains(&&topics), "{conditions:#?}");
}

#[test]
fn lost_events_are_where_the_targets_own_failures_are() {
    let template = template(|stack| {
        let jobs = stack.add("Jobs", sqs::Queue::new());
        let other = stack.add("Other", sqs::Queue::dead_letter());
        let kept = Target::queue(&jobs).id("Kept").dead_letters(&other);
        let dropped = Target::queue(&jobs).id("Dropped").without_dead_letters();
        let rule = Rule::matching(orders())
            .target(Target::function(&report(stack)).id("Function"))
            .target(Target::queue(&jobs).id("Queue"))
            .target(kept)
            .target(dropped);
        stack.add("Orders", rule);
        let topic = stack.add("Operators", sns::Topic::new());
        stack.add("Told", Rule::every(minutes(1)).target(&topic));
    });
    let targets = template.named(RULE, "Orders")["Properties"]["Targets"]
        .as_array()
        .unwrap();
    let lost = |id: &str| {
        let target = targets.iter().find(|target| target["Id"] == id).unwrap();
        target["DeadLetterConfig"]["Arn"].clone()
    };
    assert_eq!(
        lost("Function"),
        arn_of(&template, QUEUE, "ReportFailureQueue")
    );
    assert_eq!(
        lost("Queue"),
        arn_of(&template, QUEUE, "JobsDeadLetterQueue")
    );
    assert_eq!(lost("Kept"), arn_of(&template, QUEUE, "Other"));
    assert_eq!(lost("Dropped"), Value::Null);
    let told = template.named(RULE, "Told");
    let own = arn_of(&template, QUEUE, "ToldDeadLetters");
    assert_eq!(
        told["Properties"]["Targets"][0]["DeadLetterConfig"]["Arn"],
        own
    );
    assert_eq!(
        template.named(QUEUE, "ToldDeadLetters")["Properties"]["MessageRetentionPeriod"],
        1_209_600
    );
}

#[test]
fn what_a_target_gets_and_how_often_is_said() {
    let template = template(|stack| {
        let report = report(stack);
        let fifo = sqs::FifoQueue::new().content_based_deduplication();
        let fifo = stack.add("Ordered", fifo);
        let made =
            Target::function(&report).input_made_of([("key", "$.detail.key")], "{\"is\": <key>}");
        let rule = Rule::matching(orders())
            .target(Target::function(&report).input(r#"{"all": true}"#))
            .target(Target::function(&report).input_path("$.detail"))
            .target(made)
            .target(
                Target::fifo_queue(&fifo, "orders")
                    .retry_attempts(0)
                    .maximum_event_age(hours(1)),
            );
        stack.add("Orders", rule.disabled());
    });
    let rule = template.properties(RULE);
    assert_eq!(rule["State"], "DISABLED");
    let targets = &rule["Targets"];
    assert_eq!(targets[0]["Input"], r#"{"all": true}"#);
    assert_eq!(targets[1]["InputPath"], "$.detail");
    let made = expected!({ "InputPathsMap": { "key": "$.detail.key" }, "InputTemplate": "{\"is\": <key>}" });
    assert_eq!(targets[2]["InputTransformer"], made);
    assert_eq!(
        targets[3]["SqsParameters"],
        expected!({ "MessageGroupId": "orders" })
    );
    let retry = expected!({ "MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 0 });
    assert_eq!(targets[3]["RetryPolicy"], retry);
    // One permission for the function, however often it is told.
    assert_eq!(template.all(PERMISSION).len(), 1);
}

#[test]
fn schedules_are_written_as_eventbridge_reads_them() {
    for (rule, expression) in [
        (Rule::every(minutes(1)), "rate(1 minute)"),
        (Rule::every(hours(6)), "rate(360 minutes)"),
        (Rule::at("cron(15 3 * * ? *)"), "cron(15 3 * * ? *)"),
    ] {
        let template = template(|stack| {
            stack.add("Nightly", rule.target(&report(stack)));
        });
        assert_eq!(template.properties(RULE)["ScheduleExpression"], expression);
    }
}

#[test]
fn rule_and_function_may_be_in_two_stacks() {
    let app = App::new();
    let functions = app.stack("Functions", home());
    let function = report(&functions);
    let rules = app.stack("Rules", home());
    rules.add("Nightly", Rule::every(days(1)).target(&function));
    let [_, template] = templates_of(app, ["Functions", "Rules"]);
    assert_eq!(template.all(PERMISSION).len(), 1);
    // In the other stack it would have to let this rule in, and each stack would wait for the other.
    let lost = &template.properties(RULE)["Targets"][0]["DeadLetterConfig"]["Arn"];
    assert_eq!(*lost, arn_of(&template, QUEUE, "NightlyDeadLetters"));
}

#[test]
fn a_rule_with_a_name_is_known_in_other_stacks() {
    let app = App::new();
    let queues = app.stack("Queues", home());
    let queue = queues.add("Jobs", sqs::Queue::new());
    let rules = app.stack("Rules", home());
    rules.add(
        "Orders",
        Rule::matching(orders()).rule_name("orders").target(&queue),
    );
    let [template, _] = templates_of(app, ["Queues", "Rules"]);
    let [jobs] = let_in(&template, "AWS::SQS::QueuePolicy")[..] else {
        panic!("one statement");
    };
    let arn = &jobs["Condition"]["ArnEquals"]["aws:SourceArn"];
    let text = arn.to_string();
    assert!(
        text.contains(":events:eu-central-1:123456789012:rule/orders"),
        "{text}"
    );
}

#[test]
fn metrics_are_those_of_the_rule() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let rule = Rule::matching(orders())
            .event_bus("shop")
            .target(&operators);
        stack.add("Orders", rule).alarm_on_failures(&operators);
        stack
            .add("Daily", Rule::every(days(1)))
            .alarm_on_failures(&operators);
    });
    let dimensions = |start: &str| {
        let alarm = &template.named("AWS::CloudWatch::Alarm", start)["Properties"];
        assert_eq!(alarm["MetricName"], "FailedInvocations");
        alarm["Dimensions"].clone()
    };
    let orders = expected!({ "Fn::GetAtt": [template.id(RULE, "Orders"), "RuleName"] });
    let named = |name: &str, value: &Value| expected!({ "Name": name, "Value": value });
    let both = [
        named("RuleName", &orders),
        named("EventBusName", &"shop".into()),
    ];
    assert_eq!(dimensions("Orders"), expected!(both));
    let daily = expected!({ "Ref": template.id(RULE, "Daily") });
    assert_eq!(dimensions("Daily"), expected!([named("RuleName", &daily)]));
}

#[test]
fn what_eventbridge_would_refuse_is_told() {
    let detail = |fields: Json| Rule::matching(orders().detail(fields));
    let on = |stack: &Stack| Target::function(&report(stack));
    for (rule, said) in [
        (
            detail(json!({ "state": "paid" })),
            "those at \"detail.state\" do not",
        ),
        (
            detail(json!({ "state": [] })),
            "one of no values at \"detail.state\"",
        ),
        (
            detail(json!({ "order": {} })),
            "at least one field of \"detail.order\"",
        ),
        (
            detail(json!(["paid"])),
            "\"detail\" of a pattern is an object",
        ),
        (Rule::at("every day"), "got \"every day\""),
        (
            Rule::at("cron(15 3 * * * *)"),
            "one of whose two days is `?`",
        ),
    ] {
        assert_error(
            &findings(|stack| {
                stack.add("It", rule);
            }),
            "CW1631",
            &[said, "S/It"],
        );
    }
    let refused = |code: &str, said: &str, make: &dyn Fn(&Stack) -> Rule| {
        let findings = findings(|stack| {
            stack.add("It", make(stack));
        });
        assert_error(&findings, code, &[said]);
    };
    refused("CW1631", "an input is JSON, got \"all\"", &|stack| {
        Rule::every(days(1)).target(on(stack).input("all"))
    });
    refused("CW1631", "at most 8192 characters, got 8194", &|stack| {
        let long = format!("\"{}\"", "x".repeat(8192));
        Rule::every(days(1)).target(on(stack).input(long))
    });
    refused("CW1631", "called \"One\"", &|stack| {
        let one = on(stack).id("One");
        Rule::every(days(1)).target(one.clone()).target(one)
    });
    refused("CW1002", "at most 5 targets, got 6", &|stack| {
        let one = on(stack);
        (0..6).fold(Rule::every(days(1)), |rule, _| rule.target(one.clone()))
    });
    refused("CW1002", "at most 185 times, got 186", &|stack| {
        Rule::every(days(1)).target(on(stack).retry_attempts(186))
    });
    refused("CW1002", "60 to 86400 seconds, got 30", &|stack| {
        Rule::every(days(1)).target(on(stack).maximum_event_age(seconds(30)))
    });
    refused("CW1001", "one or more whole minutes", &|_| {
        Rule::every(seconds(90))
    });
    refused("CW1103", "a schedule runs on the default bus", &|_| {
        Rule::every(days(1)).event_bus("shop")
    });
    refused("CW1109", "a rule and what it tells", &|stack| {
        let far = stack.sibling_stack("us-east-1");
        Rule::every(days(1)).target(&report(&far))
    });
}
