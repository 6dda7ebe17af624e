//! `alarms` and `metrics` in front of answers that no engine gives: throttling, pages, an alarm that is gone.

use cloudwright_runtime::harness::http::Reply;
use serde_json::{Value, json};

use crate::script::{Script, answer, stack};

/// A document in CBOR, as CloudWatch answers ([RFC 8949](https://www.rfc-editor.org/rfc/rfc8949)).
fn cbor(value: &Value) -> Vec<u8> {
    let head = |major: u8, length: usize| {
        let length = u16::try_from(length).unwrap().to_be_bytes();
        vec![major << 5 | 25, length[0], length[1]]
    };
    let text = |text: &str| [head(3, text.len()), text.as_bytes().to_vec()].concat();
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| [text(name), cbor(value)].concat();
            let members: Vec<_> = [head(5, members.len())]
                .into_iter()
                .chain(members.iter().map(member))
                .collect();
            members.concat()
        }
        Value::Array(items) => {
            let items: Vec<_> = [head(4, items.len())]
                .into_iter()
                .chain(items.iter().map(cbor))
                .collect();
            items.concat()
        }
        Value::String(word) => text(word),
        number => {
            let number = number.as_f64().unwrap();
            [vec![7 << 5 | 27], number.to_be_bytes().to_vec()].concat()
        }
    }
}

fn reply(status: u16, document: &Value) -> (&'static str, Reply) {
    let reply = Reply::new(status, cbor(document))
        .with("smithy-protocol", "rpc-v2-cbor")
        .with("content-type", "application/cbor");
    ("POST", reply)
}

fn throttled() -> (&'static str, Reply) {
    let refusal = json!({ "__type": "com.amazonaws.cloudwatch#ThrottlingException", "message": "Rate exceeded" });
    reply(400, &refusal)
}

/// The resources of the stack: logical id and type.
fn resources(all: &[(&str, &str)]) -> (&'static str, Reply) {
    let member = |(id, kind): &(&str, &str)| {
        format!(
            "<member><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>real-{id}</PhysicalResourceId>\
             <ResourceType>{kind}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
             <LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>"
        )
    };
    let all: String = all.iter().map(member).collect();
    let inner = format!("<StackResourceSummaries>{all}</StackResourceSummaries>");
    ("ListStackResources", answer("ListStackResources", &inner))
}

/// CloudWatch asks for patience before it answers so.
fn scripted(all: &[(&str, &str)], answers: Vec<(&'static str, Reply)>) -> Script {
    let first = vec![stack("CREATE_COMPLETE"), resources(all), throttled()];
    Script::of([first, answers].concat())
}

fn template(all: &[(&str, &str)]) -> Value {
    let mut template = json!({ "Resources": {} });
    for (id, kind) in all {
        template["Resources"][id] = json!({ "Type": kind });
    }
    template
}

#[test]
fn an_alarm_that_somebody_deleted_is_told_with_those_of_all_pages() {
    const ALARM: &str = "AWS::CloudWatch::Alarm";
    let all = [("Errors", ALARM), ("Gone", ALARM), ("Late", ALARM)];
    let alarm = |name: &str, state: &str| json!({ "AlarmName": name, "StateValue": state, "StateReason": "so it is" });
    let script = scripted(
        &all,
        vec![
            reply(
                200,
                &json!({ "MetricAlarms": [alarm("real-Errors", "OK")], "NextToken": "more" }),
            ),
            reply(
                200,
                &json!({ "MetricAlarms": [alarm("real-Late", "INSUFFICIENT_DATA")] }),
            ),
        ],
    );
    let run = script
        .run(template(&all), &["alarms", "--fail", "--json"])
        .ended(1);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let states = document["alarms"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|one| (&one["path"], &one["state"])).collect();
    assert_eq!(
        states,
        [
            (&json!("Mail/Errors"), &json!("OK")),
            (&json!("Mail/Gone"), &json!("MISSING")),
            (&json!("Mail/Late"), &json!("INSUFFICIENT_DATA")),
        ]
    );
}

#[test]
fn numbers_of_all_pages_are_added_up_though_cloudwatch_asks_for_patience() {
    let all = [("Echo", "AWS::Lambda::Function")];
    let values = |id: &str, values: &[f64]| json!({ "Id": id, "Values": values });
    let script = scripted(
        &all,
        vec![
            reply(
                200,
                &json!({ "MetricDataResults": [values("q0", &[2.0])], "NextToken": "more" }),
            ),
            reply(
                200,
                &json!({ "MetricDataResults": [values("q0", &[3.0]), values("q1", &[1.0])] }),
            ),
        ],
    );
    let run = script.run(template(&all), &["metrics", "--json"]).ended(0);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let echo = &document["functions"][0];
    assert_eq!(
        (&echo["invocations"], &echo["errors"], &echo["throttles"]),
        (&json!(5.0), &json!(1.0), &Value::Null)
    );
}
