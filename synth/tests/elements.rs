//! Parameters, conditions, rules, mappings, outputs, and what a stack says of itself.

mod support;

use cloudwright_synth::{
    App, Condition, Environment, Mapping, Output, Parameter, ParameterRule, Test, Value, json,
    ref_all, value_of, value_of_all,
};
use serde_json::json as plain;
use support::{assembly_of, home, json_of, queue, template};

#[test]
fn parameters_of_all_types() {
    let found = template(|stack| {
        stack.add("Inbox", queue());
        let _: Value<String> = stack.add("Text", Parameter::string());
        let _: Value<String> = stack.add("Vpc", Parameter::aws("AWS::EC2::VPC::Id"));
        let _: Value<String> = stack.add("Stored", Parameter::ssm());
        let _: Value<i64> = stack.add("Size", Parameter::number());
        let _: Value<Vec<String>> = stack.add("Names", Parameter::list().default(["a", "b"]));
        let _: Value<Vec<String>> =
            stack.add("Subnets", Parameter::aws_list("AWS::EC2::Subnet::Id"));
        let _: Value<Vec<i64>> = stack.add("Sizes", Parameter::number_list().default([1_i64, 2]));
    });
    assert_eq!(
        found["Parameters"],
        plain!({
            "Text": { "Type": "String" },
            "Vpc": { "Type": "AWS::EC2::VPC::Id" },
            "Stored": { "Type": "AWS::SSM::Parameter::Value<String>" },
            "Size": { "Type": "Number" },
            "Names": { "Type": "CommaDelimitedList", "Default": "a,b" },
            "Subnets": { "Type": "List<AWS::EC2::Subnet::Id>" },
            "Sizes": { "Type": "List<Number>", "Default": "1,2" },
        })
    );
}

#[test]
fn parameters_have_constraints() {
    let found = template(|stack| {
        stack.add("Inbox", queue());
        let text = Parameter::string()
            .description("d")
            .default("ab")
            .allowed(["ab", "cd"]);
        let text = text
            .constraint_description("c")
            .length(1, 4)
            .pattern("[a-d]+");
        let _: Value<String> = stack.add("Text", text);
        let _: Value<i64> = stack.add("Size", Parameter::number().default(5).range(1, 9));
        let _: Value<String> = stack.add("Secret", Parameter::string().no_echo());
    });
    assert_eq!(
        found["Parameters"],
        plain!({
            "Text": {
                "Type": "String", "Description": "d", "Default": "ab", "AllowedValues": ["ab", "cd"],
                "ConstraintDescription": "c", "MinLength": 1, "MaxLength": 4, "AllowedPattern": "[a-d]+",
            },
            "Size": { "Type": "Number", "Default": 5, "MinValue": 1, "MaxValue": 9 },
            "Secret": { "Type": "String", "NoEcho": true },
        })
    );
}

#[test]
fn a_parameter_is_a_value() {
    let found = template(|stack| {
        let size: Value<i64> = stack.add("Size", Parameter::number());
        stack.add("Inbox", queue().property("DelaySeconds", json!(size)));
    });
    assert_eq!(
        found["Resources"]["Inbox"]["Properties"]["DelaySeconds"],
        plain!({ "Ref": "Size" })
    );
}

#[test]
fn conditions_combine_tests() {
    let found = template(|stack| {
        stack.add("Inbox", queue());
        let stage: Value<String> = stack.add("Stage", Parameter::string());
        let prod = stack.add("IsProd", Condition::new(Test::equals(stage, "prod")));
        stack.add("IsNot", Condition::new(!prod.test()));
        stack.add(
            "All",
            Condition::new(Test::all([prod.test(), Test::equals("a", "b")])),
        );
        stack.add(
            "Any",
            Condition::new(Test::any([prod.test(), Test::equals("a", "b")])),
        );
    });
    let is_prod = plain!({ "Condition": "IsProd" });
    let equals = plain!({ "Fn::Equals": ["a", "b"] });
    assert_eq!(
        found["Conditions"],
        plain!({
            "IsProd": { "Fn::Equals": [{ "Ref": "Stage" }, "prod"] },
            "IsNot": { "Fn::Not": [is_prod] },
            "All": { "Fn::And": [is_prod, equals] },
            "Any": { "Fn::Or": [is_prod, equals] },
        })
    );
}

#[test]
fn rules_check_parameters() {
    let found = template(|stack| {
        stack.add("Inbox", queue());
        let stage: Value<String> = stack.add("Stage", Parameter::string());
        let vpc: Value<String> = stack.add("Vpc", Parameter::aws("AWS::EC2::VPC::Id"));
        let test = Test::contains(["a", "b"], stage.clone());
        let rule = ParameterRule::assert(test, "a or b").when(Test::equals(stage.clone(), "prod"));
        stack.add(
            "StageRule",
            rule.and_assert(
                Test::each_equals(ref_all("AWS::EC2::VPC::Id"), vpc.clone()),
                "one",
            ),
        );
        let tagged = Test::equals(value_of(&vpc, "Tags.Stage"), stage);
        stack.add("VpcRule", ParameterRule::assert(tagged, "tagged"));
        let all = Test::each_in(value_of_all("AWS::EC2::VPC::Id", "Tags.Stage"), ["a"]);
        stack.add("AllRule", ParameterRule::assert(all, "all"));
    });
    assert_eq!(
        found["Rules"],
        plain!({
            "StageRule": {
                "RuleCondition": { "Fn::Equals": [{ "Ref": "Stage" }, "prod"] },
                "Assertions": [
                    { "Assert": { "Fn::Contains": [["a", "b"], { "Ref": "Stage" }] }, "AssertDescription": "a or b" },
                    { "Assert": { "Fn::EachMemberEquals": [{ "Fn::RefAll": "AWS::EC2::VPC::Id" }, { "Ref": "Vpc" }] },
                      "AssertDescription": "one" },
                ],
            },
            "VpcRule": { "Assertions": [{
                "Assert": { "Fn::Equals": [{ "Fn::ValueOf": ["Vpc", "Tags.Stage"] }, { "Ref": "Stage" }] },
                "AssertDescription": "tagged",
            }] },
            "AllRule": { "Assertions": [{
                "Assert": { "Fn::EachMemberIn": [{ "Fn::ValueOfAll": ["AWS::EC2::VPC::Id", "Tags.Stage"] }, ["a"]] },
                "AssertDescription": "all",
            }] },
        })
    );
}

#[test]
fn mappings_hold_scalars_and_lists() {
    let found = template(|stack| {
        stack.add("Inbox", queue());
        let zones = Mapping::new().row(
            "eu-central-1",
            [("Zones", json!(["a", "b"])), ("Count", json!(2))],
        );
        stack.add("Regions", zones);
    });
    let expected = plain!({ "Regions": { "eu-central-1": { "Zones": ["a", "b"], "Count": 2 } } });
    assert_eq!(found["Mappings"], expected);
}

#[test]
fn outputs_have_a_description_a_condition_and_an_export() {
    let found = template(|stack| {
        let inbox = stack.add("Inbox", queue());
        let condition = stack.add("IsProd", Condition::new(Test::equals("a", "b")));
        let value: Value<String> = inbox.attribute("Arn");
        let output = Output::new(value)
            .description("d")
            .export("shared")
            .condition(&condition);
        stack.add("Arn", output);
        stack.output("Short", "x");
    });
    assert_eq!(
        found["Outputs"],
        plain!({
            "Arn": {
                "Value": { "Fn::GetAtt": ["Inbox", "Arn"] }, "Description": "d", "Condition": "IsProd",
                "Export": { "Name": "shared" },
            },
            "Short": { "Value": "x" },
        })
    );
}

#[test]
fn a_template_has_description_transforms_and_metadata() {
    let app = App::new();
    let stack = app
        .stack("S", Environment::agnostic())
        .description("what it is for");
    let stack = stack
        .transform("First")
        .transform("Second")
        .template_metadata("Owner", "me");
    stack.add("Inbox", queue());
    let found = json_of(&assembly_of(app), "S");
    assert_eq!(found["AWSTemplateFormatVersion"], "2010-09-09");
    assert_eq!(found["Description"], "what it is for");
    assert_eq!(found["Transform"], plain!(["First", "Second"]));
    assert_eq!(found["Metadata"], plain!({ "Owner": "me" }));
}

#[test]
fn one_transform_is_written_as_text() {
    let app = App::new();
    app.stack("S", home())
        .transform("Mine")
        .add("Inbox", queue());
    assert_eq!(json_of(&assembly_of(app), "S")["Transform"], "Mine");
}
