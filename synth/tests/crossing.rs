//! References and dependencies that leave their stack.

mod support;

use cloudwright_synth::{
    App, Assembly, Environment, IntoValue, Output, Parameter, Pseudo, ResourceRef, Stack, Value,
    json,
};
use serde_json::{Value as Plain, json as plain};
use support::{ACCOUNT, assembly_of, assert_error, findings_of, home, json_of, queue};

fn elsewhere() -> Environment {
    Environment::new("210987654321", "us-east-1")
}

/// A queue in the stack `Source`, and what a property that reads it in `Reader` becomes.
fn crossing<V: IntoValue<cloudwright_synth::Json>>(
    there: Environment,
    here: Environment,
    read: impl FnOnce(&cloudwright_synth::Handle) -> V,
) -> (Assembly, Plain) {
    let app = App::new();
    let (source, reader) = (app.stack("Source", there), app.stack("Reader", here));
    let inbox = source.add("Inbox", queue());
    reader.add("Copy", queue().property("V", read(&inbox)));
    let assembly = assembly_of(app);
    let value = json_of(&assembly, "Reader")["Resources"]["Copy"]["Properties"]["V"].take();
    (assembly, value)
}

fn arn(handle: &cloudwright_synth::Handle) -> Value<String> {
    handle.attribute("Arn")
}

#[test]
fn the_same_environment_exports_and_imports_under_the_names_of_the_cdk() {
    let (assembly, value) = crossing(home(), home(), arn);
    assert_eq!(
        value,
        plain!({ "Fn::ImportValue": "Source:ExportsOutputFnGetAttInboxArnDF39F16A" })
    );
    assert_eq!(
        json_of(&assembly, "Source")["Outputs"],
        plain!({ "ExportsOutputFnGetAttInboxArnDF39F16A": {
            "Value": { "Fn::GetAtt": ["Inbox", "Arn"] },
            "Export": { "Name": "Source:ExportsOutputFnGetAttInboxArnDF39F16A" },
        } })
    );
    assert_eq!(assembly.stack("Reader").unwrap().dependencies(), ["Source"]);
    assert!(assembly.stack("Source").unwrap().dependencies().is_empty());
}

#[test]
fn agnostic_stacks_share_an_environment() {
    let (_, value) = crossing(Environment::agnostic(), Environment::agnostic(), arn);
    assert!(value.get("Fn::ImportValue").is_some());
}

#[test]
fn one_value_is_exported_once() {
    let app = App::new();
    let source = app.stack("Source", home());
    let inbox = source.add("Inbox", queue());
    for name in ["A", "B"] {
        let reader = app.stack(name, home());
        reader.add("One", queue().property("V", arn(&inbox)));
        reader.add("Two", queue().property("V", arn(&inbox) + "/*"));
    }
    let outputs = json_of(&assembly_of(app), "Source")["Outputs"].take();
    assert_eq!(outputs.as_object().unwrap().len(), 1);
}

#[test]
fn a_parameter_that_is_a_list_crosses_as_one() {
    let app = App::new();
    let (source, reader) = (app.stack("Source", home()), app.stack("Reader", home()));
    source.add("Inbox", queue());
    let names: Value<Vec<String>> = source.add("Names", Parameter::list());
    let nested = source.nested_stack("Inner");
    for stack in [&reader, &nested] {
        stack.add("Copy", queue().property("V", names.clone()));
    }
    let assembly = assembly_of(app);
    let source = json_of(&assembly, "Source");
    let outputs = source["Outputs"].as_object().unwrap();
    let (output, body) = outputs.iter().next().unwrap();
    assert_eq!(
        body["Value"],
        plain!({ "Fn::Join": ["||", { "Ref": "Names" }] })
    );
    assert_eq!(
        json_of(&assembly, "Reader")["Resources"]["Copy"]["Properties"]["V"],
        plain!({ "Fn::Split": ["||", { "Fn::ImportValue": format!("Source:{output}") }] })
    );
    let resources = source["Resources"].as_object().unwrap();
    let deployer = resources
        .values()
        .find(|resource| resource["Type"] == "AWS::CloudFormation::Stack");
    let arguments = deployer.unwrap()["Properties"]["Parameters"]
        .as_object()
        .unwrap();
    let (name, argument) = arguments.iter().next().unwrap();
    assert_eq!(*argument, plain!({ "Fn::Join": [",", { "Ref": "Names" }] }));
    let stacks = assembly.all_stacks();
    let inner = stacks.iter().find(|stack| stack.is_nested()).unwrap();
    let inner: Plain = serde_json::from_str(&inner.template().to_json()).unwrap();
    assert_eq!(inner["Parameters"][name]["Type"], "CommaDelimitedList");
}

#[test]
fn a_list_crosses_as_one_text() {
    let (assembly, value) = crossing(home(), home(), |inbox| {
        inbox.list_attribute::<String>("Names")
    });
    let split = &value["Fn::Split"];
    assert_eq!(split[0], "||");
    assert!(split[1].get("Fn::ImportValue").is_some());
    let outputs = json_of(&assembly, "Source")["Outputs"].take();
    let output = outputs.as_object().unwrap().values().next().unwrap();
    assert_eq!(
        output["Value"],
        plain!({ "Fn::Join": ["||", { "Fn::GetAtt": ["Inbox", "Names"] }] })
    );
}

#[test]
fn a_weak_reference_locks_nobody() {
    let (assembly, value) = crossing(home(), home(), |inbox| arn(inbox).weak());
    let output = &value["Fn::GetStackOutput"];
    assert_eq!(output["StackName"], "Source");
    assert_eq!(output.as_object().unwrap().len(), 2, "{output}");
    let outputs = json_of(&assembly, "Source")["Outputs"].take();
    let (id, made) = outputs.as_object().unwrap().iter().next().unwrap();
    assert_eq!(output["OutputName"], id.as_str());
    assert!(made.get("Export").is_none());
}

#[test]
fn a_stack_can_make_all_its_references_weak() {
    let app = App::new();
    let source = app.stack("Source", home());
    let inbox = source.add("Inbox", queue());
    let reader = app.stack("Reader", home()).weak_references();
    reader.add("Copy", queue().property("V", inbox.reference()));
    let value = json_of(&assembly_of(app), "Reader")["Resources"]["Copy"]["Properties"]["V"].take();
    assert!(value.get("Fn::GetStackOutput").is_some(), "{value}");
}

#[test]
fn another_region_is_read_by_its_name() {
    let (assembly, value) = crossing(Environment::new(ACCOUNT, "us-east-1"), home(), arn);
    assert_eq!(value["Fn::GetStackOutput"]["Region"], "us-east-1");
    assert!(value["Fn::GetStackOutput"].get("RoleArn").is_none());
    assert_eq!(assembly.stack("Reader").unwrap().dependencies(), ["Source"]);
}

#[test]
fn another_account_is_read_by_a_role() {
    let (_, value) = crossing(elsewhere(), home(), arn);
    assert_eq!(
        value["Fn::GetStackOutput"]["RoleArn"],
        plain!({ "Fn::Sub": "arn:${AWS::Partition}:iam::210987654321:role/cdk-hnb659fds-lookup-role-210987654321-us-east-1" })
    );
}

#[test]
fn what_cannot_cross_is_told() {
    let app = App::new();
    let source = app.stack("Source", elsewhere());
    let inbox = source.add("Inbox", queue());
    let list: Value<Vec<String>> = inbox.list_attribute("Names");
    app.stack("Reader", home())
        .add("Copy", queue().property("V", list));
    assert_error(
        &findings_of(app),
        "CW0105",
        &["`Names` of `Source/Inbox`", "Reader/Copy"],
    );
    let app = App::new();
    let inbox = app
        .stack("Source", Environment::agnostic())
        .add("Inbox", queue());
    app.stack("Reader", home())
        .add("Copy", queue().property("V", inbox.reference()));
    let found = findings_of(app);
    assert!(
        found.iter().all(|finding| finding.rule.code == "CW0105"),
        "{found}"
    );
    assert!(
        found
            .to_string()
            .contains("the environment of `Source` is not known"),
        "{found}"
    );
}

#[test]
fn names_that_are_known_cross_as_text() {
    let app = App::new();
    let source = app.stack("Source", elsewhere());
    source.add("Inbox", queue());
    let value = source.arn("sqs", "inbox");
    let name = source.pseudo(Pseudo::StackName);
    app.stack("Reader", home())
        .add("Copy", queue().property("V", value).property("N", name));
    let assembly = assembly_of(app);
    let copy = json_of(&assembly, "Reader")["Resources"]["Copy"]["Properties"].take();
    assert_eq!(
        copy["V"],
        plain!({ "Fn::Sub": "arn:${AWS::Partition}:sqs:us-east-1:210987654321:inbox" })
    );
    assert_eq!(copy["N"], "Source");
    assert!(assembly.stack("Reader").unwrap().dependencies().is_empty());
}

#[test]
fn stacks_wait_for_stacks() {
    let app = App::new();
    let (first, second, third) = (
        app.stack("First", home()),
        app.stack("Second", home()),
        app.stack("Third", elsewhere()),
    );
    let resources: Vec<_> = [&first, &second, &third]
        .map(|stack| stack.add("Inbox", queue()))
        .into();
    second.depends_on(&first);
    resources[2].depends_on(&resources[1]);
    let assembly = assembly_of(app);
    assert_eq!(assembly.stack("Second").unwrap().dependencies(), ["First"]);
    assert_eq!(assembly.stack("Third").unwrap().dependencies(), ["Second"]);
    assert!(
        json_of(&assembly, "Third")["Resources"]["Inbox"]
            .get("DependsOn")
            .is_none()
    );
}

#[test]
fn a_parameter_of_another_stack_crosses_like_a_resource() {
    let app = App::new();
    let source = app.stack("Source", home());
    source.add("Inbox", queue());
    let size: Value<i64> = source.add("Size", cloudwright_synth::Parameter::number().default(1));
    app.stack("Reader", home())
        .add("Copy", queue().property("V", json!(size)));
    let value = json_of(&assembly_of(app), "Reader")["Resources"]["Copy"]["Properties"]["V"].take();
    assert!(
        value["Fn::ImportValue"]
            .as_str()
            .unwrap()
            .starts_with("Source:ExportsOutputRefSize")
    );
}

fn nested() -> (App, Stack, Stack) {
    let app = App::new();
    let outer = app.stack("Outer", home());
    let inner = outer.nested_stack("Inner");
    (app, outer, inner)
}

const DEPLOYER: &str = "InnerNestedStackInnerNestedStackResource24EEB2E7";

#[test]
fn a_nested_stack_is_deployed_by_a_resource_of_its_parent() {
    let (app, _, inner) = nested();
    inner.add("Inside", queue());
    let assembly = assembly_of(app);
    let outer = json_of(&assembly, "Outer");
    let (id, deployer) = outer["Resources"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    assert!(
        id.starts_with("InnerNestedStackInnerNestedStackResource"),
        "{id}"
    );
    assert_eq!(deployer["Type"], "AWS::CloudFormation::Stack");
    let url = deployer["Properties"]["TemplateURL"]["Fn::Sub"]
        .as_str()
        .unwrap();
    assert!(url.starts_with("https://s3.${AWS::Region}.${AWS::URLSuffix}/cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/"));
    let nested = assembly
        .all_stacks()
        .iter()
        .find(|stack| stack.is_nested())
        .unwrap();
    assert_eq!(nested.template().resources().count(), 1);
    assert_eq!(assembly.stacks().len(), 1);
}

#[test]
fn values_go_into_a_nested_stack_as_parameters() {
    let (app, outer, inner) = nested();
    let inbox = outer.add("Inbox", queue());
    let names: Value<Vec<String>> = inbox.list_attribute("Names");
    inner.add(
        "Copy",
        queue()
            .property("V", inbox.reference())
            .property("L", names),
    );
    let assembly = assembly_of(app);
    let nested = assembly
        .all_stacks()
        .iter()
        .find(|stack| stack.is_nested())
        .unwrap();
    let template: Plain = serde_json::from_str(&nested.template().to_json()).unwrap();
    let copy = &template["Resources"]["Copy"]["Properties"];
    let one = copy["V"]["Ref"].as_str().unwrap();
    let many = copy["L"]["Ref"].as_str().unwrap();
    assert_eq!(template["Parameters"][one], plain!({ "Type": "String" }));
    assert_eq!(
        template["Parameters"][many],
        plain!({ "Type": "CommaDelimitedList" })
    );
    let outer = json_of(&assembly, "Outer");
    let deployer = outer["Resources"]
        .as_object()
        .unwrap()
        .values()
        .find(|r| r["Type"] == "AWS::CloudFormation::Stack");
    let passed = &deployer.unwrap()["Properties"]["Parameters"];
    assert_eq!(passed[one], plain!({ "Ref": "Inbox" }));
    assert_eq!(
        passed[many],
        plain!({ "Fn::Join": [",", { "Fn::GetAtt": ["Inbox", "Names"] }] })
    );
}

#[test]
fn values_come_out_of_a_nested_stack_as_outputs() {
    let (app, outer, inner) = nested();
    let inside = inner.add("Inside", queue());
    outer.add("Copy", queue().property("V", inside.reference()));
    let assembly = assembly_of(app);
    let found = json_of(&assembly, "Outer");
    let value = &found["Resources"]["Copy"]["Properties"]["V"]["Fn::GetAtt"];
    assert!(
        value[0]
            .as_str()
            .unwrap()
            .starts_with(&DEPLOYER[..DEPLOYER.len() - 8]),
        "{value}"
    );
    let output = value[1].as_str().unwrap().strip_prefix("Outputs.").unwrap();
    let nested = assembly
        .all_stacks()
        .iter()
        .find(|stack| stack.is_nested())
        .unwrap();
    assert!(nested.template().output(output).is_some());
}

#[test]
fn values_go_from_one_nested_stack_to_another_and_out_to_another_stack() {
    let (app, outer, inner) = nested();
    let sister = outer.nested_stack("Sister");
    let deep = sister.nested_stack("Deep");
    let inside = inner.add("Inside", queue());
    sister.add("Own", queue());
    deep.add("Copy", queue().property("V", inside.reference()));
    let other = app.stack("Other", home());
    other.add("Copy", queue().property("V", inside.reference()));
    let assembly = assembly_of(app);
    let value = json_of(&assembly, "Other")["Resources"]["Copy"]["Properties"]["V"].take();
    assert!(
        value["Fn::ImportValue"]
            .as_str()
            .unwrap()
            .starts_with("Outer:"),
        "{value}"
    );
    let deep = assembly.stack("Outer/Sister/Deep").unwrap();
    let template: Plain = serde_json::from_str(&deep.template().to_json()).unwrap();
    let parameter = template["Resources"]["Copy"]["Properties"]["V"]["Ref"]
        .as_str()
        .unwrap();
    assert!(template["Parameters"].get(parameter).is_some());
    assert_eq!(assembly.all_stacks().len(), 5);
}

#[test]
fn a_dependency_on_what_is_nested_is_one_on_its_deployer() {
    let (app, outer, inner) = nested();
    let inside = inner.add("Inside", queue());
    outer.add("Waits", queue()).depends_on(&inside);
    let waits = json_of(&assembly_of(app), "Outer")["Resources"]["Waits"]["DependsOn"].take();
    assert!(
        waits
            .as_str()
            .unwrap()
            .starts_with("InnerNestedStackInnerNestedStackResource"),
        "{waits}"
    );
}

#[test]
fn siblings_are_made_once_and_named_by_their_region() {
    let app = App::new();
    let stack = app.stack("Main", home());
    stack.add("Inbox", queue());
    let sibling = stack.sibling_stack("us-west-2");
    sibling.add("Copy", queue());
    let inner = stack.add("Group", queue()).scope().clone();
    assert_eq!(inner.sibling_stack("us-west-2").path(), sibling.path());
    assert_eq!(inner.sibling_stack("eu-central-1").path(), "Main");
    assert_eq!(sibling.physical_name(), "Regional-us-west-2");
    assert_eq!(sibling.environment().account_id(), Some(ACCOUNT));
    assert_eq!(assembly_of(app).stacks().len(), 2);
}

#[test]
fn siblings_of_two_stages_and_of_two_apps_have_different_names() {
    let app = App::new();
    let names = ["Dev", "Prod"].map(|stage| {
        let stack = app.stage(stage).stack("Main", home());
        stack.add("Inbox", queue());
        let sibling = stack.sibling_stack("us-west-2");
        sibling.add("Copy", queue());
        sibling.physical_name()
    });
    assert_eq!(names, ["Dev-Regional-us-west-2", "Prod-Regional-us-west-2"]);
    assembly_of(app);
    let named = App::new();
    named.name("Shop");
    let sibling = named.stack("Main", home()).sibling_stack("us-west-2");
    assert_eq!(sibling.physical_name(), "Shop-Regional-us-west-2");
}

#[test]
fn a_sibling_is_never_the_stack_of_another_account() {
    let app = App::new();
    for (name, environment) in [("Main", home()), ("Other", elsewhere())] {
        let stack = app.stack(name, environment);
        stack.add("Inbox", queue());
        stack.sibling_stack("us-west-2").add(name, queue());
    }
    let parts = [
        "`Regional-us-west-2` is a stack in aws://123456789012/us-west-2",
        "wanted for one in aws://210987654321/us-west-2",
        "stage",
        "crossing.rs",
    ];
    assert_error(&findings_of(app), "CW0002", &parts);
}

#[test]
fn a_sibling_in_another_account_names_it() {
    let app = App::new();
    app.account("archive", "210987654321");
    let stack = app.stack("Main", home());
    let sibling = stack.sibling_stack_in(Environment::new("archive", "us-west-2"));
    assert_eq!(sibling.physical_name(), "Regional-210987654321-us-west-2");
    assert_eq!(sibling.environment().account_id(), Some("210987654321"));
}

#[test]
fn physical_names_fit_and_differ() {
    let app = App::new();
    let mut names = Vec::new();
    for stage in ["Dev", "Prod"] {
        for region in ["us-west-2", "ap-southeast-2"] {
            let stack = app
                .stage(format!("{stage}{region}"))
                .stack("Main", home())
                .sibling_stack(region);
            let long = stack.add("AVeryLongConstructNameThatGoesOnAndOn".repeat(3), queue());
            names.push(
                long.scope()
                    .physical_name(63 - "-123456789012-ap-southeast-2-an".len()),
            );
        }
    }
    for name in &names {
        assert!(
            name.len() <= 32
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        );
    }
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), 4, "{names:?}");
}

#[test]
fn an_export_of_ones_own_stays_beside_those_that_references_make() {
    let app = App::new();
    let source = app.stack("Source", home());
    let inbox = source.add("Inbox", queue());
    source.add("Mine", Output::new(arn(&inbox)).export("mine"));
    app.stack("Reader", home())
        .add("Copy", queue().property("V", arn(&inbox)));
    let outputs = json_of(&assembly_of(app), "Source")["Outputs"].take();
    assert_eq!(outputs.as_object().unwrap().len(), 2);
}
