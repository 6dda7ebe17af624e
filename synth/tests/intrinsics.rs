//! Every intrinsic function, as it stands in the template.

mod support;

use cloudwright_synth::intrinsic::{
    ForEach, SecretReference, StackOutput, azs, base64, cidr, import_value, join, length, select,
    split, ssm_parameter, ssm_secure_parameter, sub, to_json_string, transform,
};
use cloudwright_synth::{
    Condition, IntoValue, Json, Mapping, Parameter, Pseudo, Stack, Test, Value, json, no_value,
    notification_arns,
};
use serde_json::json as plain;
use support::{assert_error, findings, queue, template};

/// What a value becomes as the property of a resource, beside a queue called `Inbox`.
#[track_caller]
fn written(value: impl FnOnce(&Stack) -> Json) -> serde_json::Value {
    let mut written = template(|stack| {
        let value = value(stack);
        stack.add("Reader", queue().property("Value", value));
    });
    written["Resources"]["Reader"]["Properties"]["Value"].take()
}

fn inbox(stack: &Stack) -> Value<String> {
    Value::from_json(stack.add("Inbox", queue()).reference())
}

fn arn(stack: &Stack) -> Value<String> {
    stack.add("Inbox", queue()).attribute("Arn")
}

#[test]
fn references_and_attributes() {
    assert_eq!(
        written(|stack| json!(inbox(stack))),
        plain!({ "Ref": "Inbox" })
    );
    assert_eq!(
        written(|stack| json!(arn(stack))),
        plain!({ "Fn::GetAtt": ["Inbox", "Arn"] })
    );
    let list = written(|stack| {
        let list: Value<Vec<String>> = stack.add("Inbox", queue()).list_attribute("Names");
        json!(list)
    });
    assert_eq!(list, plain!({ "Fn::GetAtt": ["Inbox", "Names"] }));
}

#[test]
fn a_value_is_spelled_while_there_are_no_ids() {
    template(|stack| {
        let arn = arn(stack);
        let spelled = |value: Json| stack.spelled(&value);
        assert_eq!(spelled(json!(arn.clone())), "${S/Inbox.Arn}");
        let row = json!(arn + "/*/" + Pseudo::Region.value());
        assert_eq!(spelled(row), "${S/Inbox.Arn}/*/AWS::Region");
        // What has no order of its own is spelled in one, and what is there twice is there once.
        let set = |items: &[&Json]| Json::one_or_set_of(items.iter().copied().cloned().collect());
        let (one, other) = (json!("b"), json!({ "x": [1, true, null], "a": 0.5 }));
        let all = r#"["b",{"a":0.5,"x":[1,true,null]}]"#;
        assert_eq!(spelled(set(&[&one, &other])), all);
        assert_eq!(spelled(set(&[&other, &one, &other])), all);
        assert_eq!(spelled(set(&[&one, &one])), "\"b\"");
        let function = json!(import_value("x"));
        assert_eq!(spelled(function), "Fn::ImportValue\"x\"");
    });
}

#[test]
fn texts_in_a_row_become_one_substitution() {
    let row = |stack: &Stack| arn(stack) + "/*/" + Pseudo::Region.value() + "/${x}";
    let expected = plain!({ "Fn::Sub": "${Inbox.Arn}/*/${AWS::Region}/${!x}" });
    assert_eq!(written(|stack| json!(row(stack))), expected);
    let literal: Value<String> = "a".into_value();
    assert_eq!(written(|_| json!(literal + "b" + "")), plain!("ab"));
    let with_function = |stack: &Stack| inbox(stack) + import_value("x");
    let expected = plain!({ "Fn::Join": ["", [{ "Ref": "Inbox" }, { "Fn::ImportValue": "x" }]] });
    assert_eq!(written(|stack| json!(with_function(stack))), expected);
}

#[test]
fn sub_takes_values_in_and_keeps_escapes() {
    let text = written(|stack| {
        json!(sub(
            "a-${Q}-${R}-${!Stays}",
            [("Q", inbox(stack)), ("R", Pseudo::Region.value())]
        ))
    });
    assert_eq!(
        text,
        plain!({ "Fn::Sub": "a-${Inbox}-${AWS::Region}-${!Stays}" })
    );
    assert_eq!(
        written(|_| json!(sub("${A}-${!B}", [("A", "${C}")]))),
        plain!("${C}-${B}")
    );
    let kept = written(|_| json!(sub("${A}", [("A", import_value("x"))])));
    assert_eq!(
        kept,
        plain!({ "Fn::Sub": ["${A}", { "A": { "Fn::ImportValue": "x" } }] })
    );
    let nested = written(|stack| json!(sub("<${A}>", [("A", inbox(stack) + "/x")])));
    assert_eq!(nested, plain!({ "Fn::Sub": "<${Inbox}/x>" }));
}

/// A dollar sign and a brace that only meet in the template would open a placeholder, and an escape
/// without an end would take in the next one.
#[test]
fn dollar_signs_and_braces_of_different_values_never_meet() {
    let region = || Pseudo::Region.value();
    for text in ["{B}", "a$", "${"] {
        let kept = written(|_| json!(sub("$${A}{C}", [("A", text)])));
        assert_eq!(kept, plain!({ "Fn::Sub": ["$${A}{C}", { "A": text }] }));
    }
    let inner = written(|_| json!(sub("$${A}", [("A", sub("{${R}", [("R", region())]))])));
    let kept = plain!({ "A": { "Fn::Sub": "{${AWS::Region}" } });
    assert_eq!(inner, plain!({ "Fn::Sub": ["$${A}", kept] }));
    let joined = written(|_| json!(region() + "$" + sub("{${R}", [("R", region())])));
    let parts = plain!([{ "Ref": "AWS::Region" }, "$", { "Fn::Sub": "{${AWS::Region}" }]);
    assert_eq!(joined, plain!({ "Fn::Join": ["", parts] }));
    let open = written(|_| json!(region() + "${" + region()));
    let region = plain!({ "Ref": "AWS::Region" });
    assert_eq!(open, plain!({ "Fn::Join": ["", [region, "${", region]] }));
}

#[test]
fn sub_tells_placeholders_and_values_that_do_not_match() {
    let found = findings(|stack| {
        stack.add("Reader", queue().property("V", sub("a", [("A", "x")])));
    });
    assert_error(&found, "CW0306", &["no placeholder ${A}", "S/Reader"]);
    let found = findings(|stack| {
        stack.add("Reader", queue().property("V", sub("${B}", [("B2", "x")])));
    });
    assert!(found.has_errors());
}

#[test]
fn join_split_select() {
    assert_eq!(
        written(|stack| json!(join("-", [inbox(stack), "x".into_value()]))),
        plain!({ "Fn::Join": ["-", [{ "Ref": "Inbox" }, "x"]] })
    );
    assert_eq!(
        written(|stack| json!(select(1, split("/", arn(stack))))),
        plain!({ "Fn::Select": [1, { "Fn::Split": ["/", { "Fn::GetAtt": ["Inbox", "Arn"] }] }] })
    );
}

#[test]
fn conditions_choose() {
    let value = written(|stack| {
        let prod = stack.add(
            "IsProd",
            Condition::new(Test::equals(Pseudo::Region.value(), "x")),
        );
        let chosen: Value<String> = prod.choose("a", no_value::<String>());
        json!(chosen)
    });
    assert_eq!(
        value,
        plain!({ "Fn::If": ["IsProd", "a", { "Ref": "AWS::NoValue" }] })
    );
}

#[test]
fn mappings_are_looked_up() {
    let value = |default: bool| {
        template(|stack| {
            let sizes = stack.add(
                "Sizes",
                Mapping::new()
                    .row("dev", [("Size", 1)])
                    .row("prod", [("Size", 2)]),
            );
            let stage = stack.add("Stage", Parameter::string());
            let size: Value<i64> = if default {
                sizes.find_or(stage, "Size", 3)
            } else {
                sizes.find(stage, "Size")
            };
            stack.add("Reader", queue().property("Value", json!(size)));
        })
    };
    let found = value(false);
    assert_eq!(
        found["Mappings"]["Sizes"],
        plain!({ "dev": { "Size": 1 }, "prod": { "Size": 2 } })
    );
    let expected = plain!({ "Fn::FindInMap": ["Sizes", { "Ref": "Stage" }, "Size"] });
    assert_eq!(
        found["Resources"]["Reader"]["Properties"]["Value"],
        expected
    );
    assert!(found.get("Transform").is_none());
    let found = value(true);
    let expected =
        plain!({ "Fn::FindInMap": ["Sizes", { "Ref": "Stage" }, "Size", { "DefaultValue": 3 }] });
    assert_eq!(
        found["Resources"]["Reader"]["Properties"]["Value"],
        expected
    );
    assert_eq!(found["Transform"], "AWS::LanguageExtensions");
}

#[test]
fn other_stacks_are_read_by_name() {
    assert_eq!(
        written(|_| json!(import_value("Shared"))),
        plain!({ "Fn::ImportValue": "Shared" })
    );
    assert_eq!(
        written(|_| json!(
            StackOutput::new("Net", "Vpc")
                .region("us-east-1")
                .role("arn:x")
                .value()
        )),
        plain!({ "Fn::GetStackOutput": { "StackName": "Net", "OutputName": "Vpc", "Region": "us-east-1", "RoleArn": "arn:x" } })
    );
}

#[test]
fn the_small_functions() {
    assert_eq!(
        written(|_| json!(base64("x"))),
        plain!({ "Fn::Base64": "x" })
    );
    assert_eq!(
        written(|_| json!(cidr("10.0.0.0/16", 4, 8))),
        plain!({ "Fn::Cidr": ["10.0.0.0/16", 4, 8] })
    );
    assert_eq!(written(|_| json!(azs(""))), plain!({ "Fn::GetAZs": "" }));
    let macro_call: Value<String> = transform("Mine", [("Size", json!(1))]);
    assert_eq!(
        written(|_| json!(macro_call)),
        plain!({ "Fn::Transform": { "Name": "Mine", "Parameters": { "Size": 1 } } })
    );
}

#[test]
fn language_extensions_bring_their_transform() {
    let of =
        |value: Json| template(|stack| drop(stack.add("Reader", queue().property("Value", value))));
    let counted = of(json!(length::<String>(["a", "b"])));
    assert_eq!(
        counted["Resources"]["Reader"]["Properties"]["Value"],
        plain!({ "Fn::Length": ["a", "b"] })
    );
    assert_eq!(counted["Transform"], "AWS::LanguageExtensions");
    let text = of(json!(to_json_string(json!({ "a": 1 }))));
    assert_eq!(
        text["Resources"]["Reader"]["Properties"]["Value"],
        plain!({ "Fn::ToJsonString": { "a": 1 } })
    );
    assert_eq!(text["Transform"], "AWS::LanguageExtensions");
    assert!(of(json!("x")).get("Transform").is_none());
}

#[test]
fn loops_repeat_a_resource() {
    let found = template(|stack| {
        let names = stack.add("Names", Parameter::list());
        let body =
            json!({ "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Ref": "Name" } } });
        stack.add("Queues", ForEach::new("Name", names, "Queue${Name}", body));
    });
    let expected = plain!(["Name", { "Ref": "Names" }, {
        "Queue${Name}": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Ref": "Name" } } }
    }]);
    assert_eq!(found["Resources"]["Fn::ForEach::Queues"], expected);
    assert_eq!(found["Transform"], "AWS::LanguageExtensions");
}

#[test]
fn dynamic_references_never_hold_a_value() {
    let id = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db";
    assert_eq!(
        written(|_| json!(SecretReference::new(id).key("password").value())),
        plain!(format!(
            "{{{{resolve:secretsmanager:{id}:SecretString:password::}}}}"
        ))
    );
    assert_eq!(
        written(|stack| json!(SecretReference::new(inbox(stack)).value())),
        plain!({ "Fn::Sub": "{{resolve:secretsmanager:${Inbox}:SecretString:::}}" })
    );
    assert_eq!(
        written(|_| json!(ssm_parameter("/a/b"))),
        plain!("{{resolve:ssm:/a/b}}")
    );
    assert_eq!(
        written(|_| json!(ssm_secure_parameter("/a", 3))),
        plain!("{{resolve:ssm-secure:/a:3}}")
    );
}

#[test]
fn pseudo_parameters() {
    for (pseudo, name) in [
        (Pseudo::AccountId, "AWS::AccountId"),
        (Pseudo::Region, "AWS::Region"),
        (Pseudo::Partition, "AWS::Partition"),
        (Pseudo::UrlSuffix, "AWS::URLSuffix"),
        (Pseudo::StackName, "AWS::StackName"),
        (Pseudo::StackId, "AWS::StackId"),
    ] {
        assert_eq!(written(|_| json!(pseudo.value())), plain!({ "Ref": name }));
    }
    assert_eq!(
        written(|_| json!(notification_arns())),
        plain!({ "Ref": "AWS::NotificationARNs" })
    );
    let known = written(|stack| json!([stack.account(), stack.region(), stack.partition()]));
    assert_eq!(
        known,
        plain!(["123456789012", "eu-central-1", { "Ref": "AWS::Partition" }])
    );
    let arn = written(|stack| json!(stack.arn("sqs", "inbox")));
    assert_eq!(
        arn,
        plain!({ "Fn::Sub": "arn:${AWS::Partition}:sqs:eu-central-1:123456789012:inbox" })
    );
}

#[test]
fn functions_written_out_as_objects_are_functions() {
    let written_out =
        json!({ "Fn::Join": ["", [{ "Ref": "AWS::Region" }, { "Fn::Sub": "${AWS::Region}" }]] });
    let expected =
        plain!({ "Fn::Join": ["", [{ "Ref": "AWS::Region" }, { "Fn::Sub": "${AWS::Region}" }]] });
    assert_eq!(written(|_| written_out), expected);
}
