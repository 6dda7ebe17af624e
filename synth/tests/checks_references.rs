//! References: dangling ones, circles in and across stacks, look-ups.

mod support;

use cloudwright_synth::{
    App, Condition, Environment, Mapping, Output, Parameter, RawResource, ResourceRef, Severity,
    Test, Value, intrinsic, json,
};
use support::{assert_clean, assert_error, findings, findings_of, home, only, queue};

fn reading(value: cloudwright_synth::Json) -> RawResource {
    queue().property("QueueName", value)
}

#[test]
fn a_dangling_reference_is_told_with_the_name_that_was_meant() {
    for value in [
        json!({ "Ref": "Inbosx" }),
        json!({ "Fn::GetAtt": ["Inbosx", "Arn"] }),
        json!({ "Fn::GetAtt": "Inbosx.Arn" }),
        json!({ "Fn::Sub": "x-${Inbosx.Arn}" }),
        json!({ "Fn::Sub": "${Inbosx}" }),
        json!({ "Fn::Join": ["-", ["a", { "Ref": "Inbosx" }]] }),
    ] {
        let found = findings(|stack| {
            stack.add("Inbox", queue());
            stack.add("Reader", reading(value.clone()));
        });
        let parts = [
            "Properties.QueueName",
            "did you mean \"Inbox\"",
            "S/Reader",
            "tests/checks_references.rs:",
        ];
        assert_error(&found, "CW0102", &parts);
    }
}

#[test]
fn conditions_and_mappings_must_exist_too() {
    let missing = |value: cloudwright_synth::Json| {
        findings(|stack| {
            stack.add("IsProd", Condition::new(Test::equals("a", "b")));
            stack.add("Sizes", Mapping::new().row("dev", [("Size", "1")]));
            stack.add("Reader", reading(value));
        })
    };
    let found = missing(json!({ "Fn::If": ["IsPrid", "a", "b"] }));
    assert_error(
        &found,
        "CW0102",
        &["no condition IsPrid", "did you mean \"IsProd\""],
    );
    let found = missing(json!({ "Fn::FindInMap": ["Size", "dev", "Size"] }));
    assert_error(
        &found,
        "CW0102",
        &["no mapping Size", "did you mean \"Sizes\""],
    );
    assert_clean(&missing(
        json!({ "Fn::If": ["IsProd", { "Fn::FindInMap": ["Sizes", "dev", "Size"] }, "b"] }),
    ));
}

#[test]
fn a_pseudo_parameter_is_spelt_right() {
    let found = findings(|stack| {
        stack.add("Reader", reading(json!({ "Fn::Sub": "${AWS::Regoin}" })));
    });
    assert_error(
        &found,
        "CW0102",
        &["AWS::Regoin", "did you mean \"AWS::Region\""],
    );
    let known = [
        "AccountId",
        "NoValue",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    ];
    assert_clean(&findings(|stack| {
        for name in known {
            stack.add(name, reading(json!({ "Ref": format!("AWS::{name}") })));
        }
    }));
}

#[test]
fn local_values_of_sub_and_escapes_are_no_references() {
    assert_clean(&findings(|stack| {
        let text = json!({ "Fn::Sub": ["${Local}-${!Escaped}-${AWS::Region}", { "Local": { "Fn::GetAZs": "" } }] });
        stack.add("Reader", reading(text));
    }));
}

#[test]
fn conditions_cannot_read_resources() {
    let found = findings(|stack| {
        let queue = stack.add("Inbox", queue());
        let name: Value<String> = Value::from_json(queue.reference());
        stack.add("Bad", Condition::new(Test::equals(name, "x")));
    });
    assert_error(&found, "CW0102", &["Inbox is a resource", "S/Bad"]);
}

#[test]
fn a_parameter_has_no_attributes() {
    let found = findings(|stack| {
        let _: Value<String> = stack.add("Size", Parameter::string());
        stack.add("Reader", reading(json!({ "Fn::GetAtt": ["Size", "Arn"] })));
    });
    assert_error(&found, "CW0102", &["Size is a parameter", "\"Arn\""]);
}

#[test]
fn names_that_a_transform_or_a_loop_makes_are_let_through() {
    let app = App::new();
    let stack = app
        .stack("S", home())
        .transform("AWS::Serverless-2016-10-31");
    stack.add("Reader", reading(json!({ "Ref": "HandlerRole" })));
    assert_clean(&findings_of(app));
    let found = findings(|stack| {
        let body =
            json!({ "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Ref": "Name" } } });
        stack.add(
            "Loop",
            intrinsic::ForEach::new("Name", ["A", "B"], "Queue${Name}", body),
        );
        stack.add("Reader", reading(json!({ "Ref": "QueueA" })));
        stack.add("Lost", reading(json!({ "Ref": "TopicA" })));
    });
    assert_error(&found, "CW0102", &["TopicA", "S/Lost"]);
}

#[test]
fn a_resource_that_needs_itself_is_a_circle() {
    let found = findings(|stack| {
        stack.add("Loop", reading(json!({ "Fn::GetAtt": ["Loop", "Arn"] })));
    });
    let parts = [
        "needs itself",
        "`S/Loop` (Loop) needs `S/Loop` (Loop) for Properties.QueueName (Fn::GetAtt Arn)",
    ];
    assert_error(&found, "CW0103", &parts);
}

#[test]
fn a_circle_is_printed_whole_with_every_property() {
    let found = findings(|stack| {
        let a = stack.add("A", queue());
        let b = stack.add("B", reading(json!({ "Fn::Sub": "${A}-x" })));
        let c = stack.add("C", reading(b.reference()));
        c.metadata("note", json!({ "Ref": "Other" }));
        stack.add("Other", queue());
        a.depends_on(&c);
    });
    assert_error(
        &found,
        "CW0103",
        &[
            "3 resources need each other",
            "`S/A` (A) needs `S/C` (C) for DependsOn",
            "`S/C` (C) needs `S/B` (B) for Properties.QueueName (Ref)",
            "`S/B` (B) needs `S/A` (A) for Properties.QueueName (Ref)",
        ],
    );
}

#[test]
fn a_circle_of_five_hundred_is_printed_whole() {
    let found = findings(|stack| {
        for i in 0..500 {
            let next = format!("Q{}", (i + 1) % 500);
            stack.add(format!("Q{i}"), reading(json!({ "Ref": next })));
        }
    });
    let text = only(&found, "CW0103").to_string();
    assert!((0..500).all(|i| text.contains(&format!("`S/Q{i}` (Q{i}) needs"))));
}

#[test]
fn stacks_that_need_each_other_are_told_with_both_reasons() {
    let app = App::new();
    let (left, right) = (app.stack("Left", home()), app.stack("Right", home()));
    let from_left = left.add("Source", queue());
    let from_right = right.add("Source", queue());
    left.add("Reader", reading(from_right.reference()));
    right.add("Reader", reading(from_left.reference()));
    let found = findings_of(app);
    assert_error(
        &found,
        "CW0104",
        &[
            "2 stacks need each other",
            "`Left` needs `Right` because of `Left/Reader`",
            "`Right` needs `Left` because of `Right/Reader`",
        ],
    );
}

#[test]
fn conditions_that_define_each_other_are_told() {
    let found = findings(|stack| {
        let first = stack.add("First", Condition::new(Test::equals("a", "b")));
        stack.add("Second", Condition::new(!first.test()));
        stack.add("Inbox", queue());
    });
    assert_clean(&found);
    let found = findings(|stack| {
        stack.add("Inbox", queue());
        stack.add("Mine", circular("Mine"));
    });
    assert_error(&found, "CW0107", &["Mine -> Mine"]);
}

/// A condition that names itself, as only untyped values can.
fn circular(name: &'static str) -> Condition {
    let own: Value<String> =
        Value::from_json(cloudwright_synth::Json::function("Condition", json!(name)));
    Condition::new(Test::equals(own, "true"))
}

#[test]
fn lookups_find_something() {
    let found = findings(|stack| {
        let sizes = stack.add("Sizes", Mapping::new().row("dev", [("Size", "1")]));
        let size: Value<String> = sizes.find("dve", "Size");
        stack.add("Reader", reading(json!(size)));
    });
    assert_error(
        &found,
        "CW0109",
        &["no row \"dve\"", "did you mean \"dev\""],
    );
    let found = findings(|stack| {
        let sizes = stack.add("Sizes", Mapping::new().row("dev", [("Size", "1")]));
        let stage: Value<String> = stack.add("Stage", Parameter::string());
        let size: Value<String> = sizes.find(stage, "Sise");
        stack.add("Reader", reading(json!(size)));
    });
    assert_error(&found, "CW0109", &["no column \"Sise\""]);
    let found = findings(|stack| {
        stack.add("Reader", reading(json!({ "Fn::Select": [2, ["a", "b"]] })));
    });
    assert_error(&found, "CW0109", &["no item 2 in a list of 2"]);
}

#[test]
fn export_and_import_names_cannot_wait_for_resources() {
    let found = findings(|stack| {
        let inbox = stack.add("Inbox", queue());
        let name: Value<String> = Value::from_json(inbox.reference());
        stack.add("Bad", Output::new("x").export(name.clone()));
        let imported = intrinsic::import_value(name);
        stack.add("Reader", reading(json!(imported)));
    });
    let count = found
        .iter()
        .filter(|finding| finding.rule.code == "CW0105")
        .count();
    assert_eq!(count, 2, "{found}");
}

#[test]
fn a_stack_output_cannot_be_split_nor_decide_a_condition() {
    let found = findings(|stack| {
        let output = intrinsic::StackOutput::new("Other", "List").value();
        let pieces = intrinsic::split(",", output.clone());
        stack.add("Reader", reading(json!(intrinsic::select(0, pieces))));
        stack.add("Bad", Condition::new(Test::equals(output, "x")));
    });
    let texts: Vec<_> = found
        .iter()
        .map(|finding| finding.message.clone())
        .collect();
    assert_eq!(found.len(), 2, "{found}");
    assert!(
        texts
            .iter()
            .any(|text| text.contains("cannot stand in Fn::Split")),
        "{texts:?}"
    );
    assert!(
        texts
            .iter()
            .any(|text| text.contains("cannot stand in a condition")),
        "{texts:?}"
    );
}

#[test]
fn circles_of_nested_stacks_are_found_in_their_parent() {
    let app = App::new();
    let stack = app.stack("S", Environment::agnostic());
    let nested = stack.nested_stack("Inner");
    let inside = nested.add("Inside", queue());
    let outside = stack.add("Outside", reading(inside.reference()));
    nested.add("Reader", reading(outside.reference()));
    let found = findings_of(app);
    assert_error(&found, "CW0103", &["S/Outside", "Outputs.", "Parameters."]);
}

/// A stack with a condition, a queue under it, and what `read` adds.
fn under_condition(
    read: impl FnOnce(&cloudwright_synth::Stack, &cloudwright_synth::ConditionRef, Value<String>),
) -> cloudwright_synth::Diagnostics {
    findings(|stack| {
        let stage: Value<String> = stack.add("Stage", Parameter::string());
        let condition = stack.add("IsProd", Condition::new(Test::equals(stage, "prod")));
        let inbox = stack.add("Inbox", queue());
        inbox.condition(&condition);
        stack.add("Other", queue());
        read(stack, &condition, inbox.attribute("QueueName"));
    })
}

#[test]
fn a_resource_that_may_be_missing_is_told_where_it_is_needed_in_any_case() {
    let property = under_condition(|stack, _, name| {
        stack.add("Reader", queue().property("QueueName", name + "-copy"));
    });
    let finding = only(&property, "CW0112");
    assert_eq!(finding.severity, Severity::Warning);
    let part = "`Properties.QueueName` (Fn::GetAtt QueueName) refers to `S/Inbox`, which is there only when IsProd";
    assert!(finding.message.starts_with(part), "{}", finding.message);
    let output = under_condition(|stack, _, name| stack.output("Name", name));
    assert_eq!(only(&output, "CW0112").path, "S/Name");
}

#[test]
fn a_reader_that_may_be_missing_too_or_chooses_is_fine() {
    let found = under_condition(|stack, condition, name| {
        let reader = stack.add("Reader", queue().property("QueueName", name.clone()));
        reader.condition(condition);
        stack.add("Name", Output::new(name.clone()).condition(condition));
        let chosen = condition.choose::<String>(name + "-copy", "none");
        stack.add("Chooser", queue().property("QueueName", chosen));
    });
    assert_clean(&found);
}
