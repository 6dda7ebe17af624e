//! Who hears of a run that went wrong, also where everything is encrypted.

use cloudwright::prelude::*;
use serde_json::{Value, json as expected};

use crate::support::{Template, strict_template, template};
use crate::{QUEUE, content};

const RULE: &str = "AWS::Events::Rule";
const TOPIC: &str = "AWS::SNS::Topic";
const ALARM: &str = "AWS::CloudWatch::Alarm";
const EVENTS: &str = "events.amazonaws.com";
const CLOUDWATCH: &str = "cloudwatch.amazonaws.com";
const RULES: [&str; 3] = ["ContentFailed", "ContentTimedOut", "ContentUndeliverable"];

fn watched(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let content = stack.add("Content", content().status_events_to(&operators));
    assert!(content.lost_notices().is_some());
    content.alarms(&operators);
}

fn arn_of(template: &Template, kind: &str, start: &str) -> Value {
    expected!({ "Fn::GetAtt": [template.id(kind, start), "Arn"] })
}

/// Whether a service that tells nothing but these keys of a request may do all of this by a document.
fn may(document: &Value, service: &str, actions: &[&str], told: &[&str]) -> bool {
    let statements = document["Statement"].as_array().unwrap();
    let is_met = |statement: &&Value| {
        let operators = statement["Condition"].as_object().into_iter().flatten();
        let mut keys = operators.flat_map(|(_, keys)| keys.as_object().unwrap().keys());
        statement["Effect"] == "Allow"
            && statement["Principal"]["Service"] == service
            && keys.all(|key| told.contains(&key.as_str()))
    };
    let allowed: Vec<_> = statements.iter().filter(is_met).collect();
    actions.iter().all(|action| {
        let quoted = format!("\"{action}\"");
        let says = |one: &&Value| one["Action"].to_string().contains(&quoted);
        allowed.iter().any(says)
    })
}

/// EventBridge tells KMS the topic and no account, so the key may not ask for one.
#[test]
fn notices_and_alarms_reach_an_encrypted_topic() {
    let template = strict_template(watched);
    let key = arn_of(&template, "AWS::KMS::Key", "StrictKey");
    for (kind, start) in [(TOPIC, "Operators"), (QUEUE, "ContentLostNotices")] {
        let encrypted = &template.named(kind, start)["Properties"]["KmsMasterKeyId"];
        assert_eq!(*encrypted, key, "{start}");
    }
    let policy = &template.properties("AWS::KMS::Key")["KeyPolicy"];
    let writing = ["kms:Decrypt", "kms:GenerateDataKey*"];
    let topic = ["kms:EncryptionContext:aws:sns:topicArn"];
    let account = ["aws:SourceAccount"];
    assert!(may(policy, EVENTS, &writing, &topic), "{policy:#}");
    assert!(may(policy, EVENTS, &writing, &account), "{policy:#}");
    assert!(may(policy, CLOUDWATCH, &writing, &account), "{policy:#}");
    assert!(!may(policy, EVENTS, &writing, &[]), "a key for any topic");
}

#[test]
fn the_rules_alone_may_tell_the_topic_and_keep_what_it_does_not_take() {
    for template in [template(watched), strict_template(watched)] {
        let topic = expected!({ "Ref": template.id(TOPIC, "Operators") });
        let lost = arn_of(&template, QUEUE, "ContentLostNotices");
        let rules = RULES.map(|start| arn_of(&template, RULE, start));
        for start in RULES {
            let rule = template.named(RULE, start);
            let [target] = &rule["Properties"]["Targets"].as_array().unwrap()[..] else {
                panic!("one target: {rule}")
            };
            assert_eq!(target["Arn"], topic);
            assert_eq!(target["DeadLetterConfig"]["Arn"], lost);
            assert!(!rule["Metadata"].to_string().contains("EventBusDLQ"));
        }
        for (kind, action, on) in [
            ("AWS::SNS::TopicPolicy", "sns:Publish", &topic),
            ("AWS::SQS::QueuePolicy", "sqs:SendMessage", &lost),
        ] {
            let statements = template.statements(kind).into_iter();
            let of_events =
                |one: &&Value| one["Principal"]["Service"] == EVENTS && one["Resource"] == *on;
            let let_in: Vec<_> = statements.filter(of_events).collect();
            assert!(
                let_in.iter().all(|one| one["Action"] == action),
                "{let_in:?}"
            );
            let named = |rule: &Value| {
                let by_rule = |one: &&Value| {
                    let source = &one["Condition"]["ArnEquals"]["aws:SourceArn"];
                    source == rule || source.as_array().is_some_and(|all| all.contains(rule))
                };
                let_in.iter().any(by_rule)
            };
            assert!(rules.iter().all(named), "{kind}: {let_in:#?}");
        }
    }
}

#[test]
fn a_notice_that_was_not_taken_wakes_somebody_up() {
    let template = template(watched);
    let alarm = &template.named(ALARM, "ContentLostNoticesAlarm")["Properties"];
    let name = expected!({ "Fn::GetAtt": [template.id(QUEUE, "ContentLostNotices"), "QueueName"] });
    assert_eq!(alarm["Dimensions"][0]["Value"], name);
    assert_eq!(alarm["Threshold"], 0);
}

/// Alarms count the ends by themselves, so nobody has to be told of each for them.
#[test]
fn rules_without_a_topic_only_count() {
    let build = |stack: &Stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let content = stack.add("Content", content());
        assert!(content.lost_notices().is_none());
        content.alarms(&operators);
    };
    let counting = template(build);
    for start in RULES {
        let rule = counting.named(RULE, start);
        assert!(rule["Properties"]["Targets"].is_null(), "{rule}");
        let alarm = &counting.named(ALARM, &format!("{start}Alarm"))["Properties"];
        assert_eq!(alarm["MetricName"], "MatchedEvents");
        assert_eq!(alarm["Period"], 60);
    }
    let strict = strict_template(build);
    let said = strict.named(RULE, RULES[0])["Metadata"].to_string();
    assert!(said.contains("Serverless-EventBusDLQ"), "{said}");
}
