//! Documents that run what they say and nothing else, and parameters.

mod support;

use cloudwright::prelude::*;
use cloudwright::ssm::{Document, DocumentParameter, Parameter, Servers, Step};
use serde_json::json as expected;
use support::{assert_error, findings, template, worker};

const DOCUMENT: &str = "AWS::SSM::Document";
const PARAMETER: &str = "AWS::SSM::Parameter";
const IDENTITY: &str = "AWS::IAM::Policy";

fn sub(text: &str) -> serde_json::Value {
    expected!({ "Fn::Sub": text })
}

fn document() -> Document {
    Document::command("Empties a folder")
}

fn folder() -> DocumentParameter {
    DocumentParameter::new("Folder").pattern("^/[A-Za-z0-9._/-]{1,255}$")
}

fn empty() -> Step {
    Step::shell("Empty", ["rm -r \"$SSM_Folder\""])
}

/// The lines of the only step of a document.
fn lines(document: Document) -> serde_json::Value {
    let template = template(|stack| {
        stack.add("Empty", document);
    });
    template.properties(DOCUMENT)["Content"]["mainSteps"][0]["inputs"]["runCommand"].clone()
}

#[test]
fn a_document_is_written_in_the_newest_form_and_updated_in_place() {
    let template = template(|stack| {
        let step = empty().timeout(minutes(2)).working_directory("/tmp");
        stack.add("Empty", document().parameter(folder()).step(step));
    });
    assert_eq!(
        *template.properties(DOCUMENT),
        expected!({
            "Content": {
                "schemaVersion": "2.2",
                "description": "Empties a folder",
                "parameters": { "Folder": {
                    "type": "String",
                    "interpolationType": "ENV_VAR",
                    "allowedPattern": "^/[A-Za-z0-9._/-]{1,255}$"
                } },
                "mainSteps": [{
                    "action": "aws:runShellScript",
                    "name": "Empty",
                    "precondition": { "StringEquals": ["platformType", "Linux"] },
                    "inputs": {
                        "onFailure": "exit",
                        "runCommand": [
                            "if [ -z \"${SSM_Folder+x}\" ]; then export SSM_Folder='{{Folder}}'; fi",
                            "rm -r \"$SSM_Folder\""
                        ],
                        "timeoutSeconds": "120",
                        "workingDirectory": "/tmp"
                    }
                }]
            },
            "DocumentFormat": "JSON",
            "DocumentType": "Command",
            "TargetType": "/AWS::EC2::Instance",
            "UpdateMethod": "NewVersion"
        })
    );
}

#[test]
fn a_value_that_may_hold_quotes_is_never_written_into_a_script() {
    let any = DocumentParameter::new("Folder");
    let guard = &lines(document().parameter(any).step(empty()))[0];
    assert!(!guard.to_string().contains("{{"), "{guard}");
    assert!(guard.to_string().contains("exit 1"), "{guard}");
    let one_of = DocumentParameter::new("Folder").one_of(["a", "it's"]);
    let guard = &lines(document().parameter(one_of).step(empty()))[0];
    assert!(!guard.to_string().contains("{{"), "{guard}");
    let one_of = DocumentParameter::new("Folder").one_of(["a", "b"]);
    let guard = &lines(document().parameter(one_of).step(empty()))[0];
    assert!(guard.to_string().contains("'{{Folder}}'"), "{guard}");
}

#[test]
fn the_shell_is_named_first_and_unused_parameters_are_not_looked_at() {
    let other = DocumentParameter::new("Other");
    let step = Step::shell("Empty", ["#!/bin/bash", "ls $SSM_Folder"]);
    let lines = lines(document().parameter(folder()).parameter(other).step(step));
    assert_eq!(lines[0], "#!/bin/bash");
    assert!(lines[1].as_str().unwrap().starts_with("if [ -z"));
    assert_eq!(lines[2], "ls $SSM_Folder");
}

#[test]
fn windows_has_its_own_action_and_variables() {
    let step = Step::power_shell("Empty", ["Remove-Item $env:SSM_Folder"]).always();
    let template = template(|stack| {
        stack.add("Empty", document().parameter(folder()).step(step));
    });
    let step = &template.properties(DOCUMENT)["Content"]["mainSteps"][0];
    assert_eq!(step["action"], "aws:runPowerShellScript");
    assert_eq!(step["precondition"]["StringEquals"][1], "Windows");
    assert_eq!(step["inputs"]["finallyStep"], true);
    assert_eq!(
        step["inputs"]["runCommand"][0],
        "if (-not (Test-Path Env:SSM_Folder)) { $env:SSM_Folder = '{{Folder}}' }"
    );
}

fn refused(document: Document, code: &str, parts: &[&str]) {
    let found = findings(|stack| {
        stack.add("Empty", document);
    });
    assert_error(&found, code, parts);
}

#[test]
fn text_between_braces_is_refused() {
    let pasted = Step::shell("Empty", ["rm -r {{ Folder }}"]);
    refused(
        document().parameter(folder()).step(pasted),
        "CW1601",
        &["can become a command", "\"$SSM_Folder\""],
    );
    let unknown = Step::shell("Empty", ["docker ps --format {{.Names}}"]);
    refused(
        document().step(unknown),
        "CW1601",
        &["\".Names\"", "no parameter"],
    );
    let stored = Step::shell("Empty", ["ls {{ssm:folder}}"]);
    assert!(
        lines(document().step(stored))
            .to_string()
            .contains("ssm:folder")
    );
}

#[test]
fn what_systems_manager_refuses_is_told() {
    refused(document(), "CW1601", &["at least one step"]);
    let long = "x".repeat(1000);
    let script = Step::shell("Empty", vec![long; 70]);
    refused(
        document().step(script),
        "CW1601",
        &["65536 bytes", "got 70"],
    );
    let nothing = Step::shell("Empty", Vec::<String>::new());
    refused(
        document().step(nothing),
        "CW1601",
        &["\"Empty\" has no lines"],
    );
    refused(
        document().step(empty()).step(empty()),
        "CW1601",
        &["two steps", "\"Empty\""],
    );
    let twice = document().parameter(folder()).parameter(folder());
    refused(
        twice.step(empty()),
        "CW1601",
        &["two parameters", "\"Folder\""],
    );
    let early = Step::shell("First", ["ls"]).always();
    refused(
        document().step(early).step(empty()),
        "CW1601",
        &["only the last step"],
    );
    let spaced = Step::shell("Empty it", ["ls"]);
    refused(document().step(spaced), "CW1004", &["\"Empty it\""]);
    let slow = Step::shell("Empty", ["ls"]).timeout(days(3));
    refused(
        document().step(slow),
        "CW1002",
        &["172800 seconds, got 259200"],
    );
    let dashed = DocumentParameter::new("the-folder");
    refused(
        document().parameter(dashed).step(empty()),
        "CW1004",
        &["\"the-folder\""],
    );
    let other = DocumentParameter::new("How")
        .one_of(["a"])
        .default_value("b");
    refused(
        document().parameter(other).step(empty()),
        "CW1103",
        &["\"How\"", "\"b\""],
    );
}

#[test]
fn who_runs_a_document_may_do_that_on_the_tagged_servers_alone() {
    let template = template(|stack| {
        let document = stack.add("Empty", document().step(empty()));
        let servers = [
            Servers::tagged("role", "shop"),
            Servers::tagged_one_of("stage", ["test", "prod"]),
        ];
        document.grant_run(&worker(stack), &servers);
    });
    let statements = template.allowing(IDENTITY, "ssm:SendCommand");
    let [on_servers, on_document] = statements[..] else {
        panic!("two statements, got {statements:#?}")
    };
    let (on_servers, on_document) = match on_servers.get("Condition") {
        Some(_) => (on_servers, on_document),
        None => (on_document, on_servers),
    };
    let id = template.id(DOCUMENT, "Empty");
    let start = "arn:${AWS::Partition}:ssm:eu-central-1:123456789012:document/";
    assert_eq!(
        on_document["Resource"],
        expected!({ "Fn::Sub": format!("{start}${{{id}}}") })
    );
    assert_eq!(
        on_servers["Resource"],
        sub("arn:${AWS::Partition}:ec2:eu-central-1:123456789012:instance/*")
    );
    assert_eq!(
        on_servers["Condition"],
        expected!({ "StringEquals": {
            "aws:ResourceTag/role": "shop",
            "aws:ResourceTag/stage": ["prod", "test"]
        } })
    );
}

#[test]
fn documents_of_aws_belong_to_no_account() {
    let template = template(|stack| {
        let run = Document::import(stack, "Run", "AWS-RunShellScript");
        run.grant_run(&worker(stack), &[]);
    });
    let statements = template.allowing(IDENTITY, "ssm:SendCommand");
    assert_eq!(statements.len(), 1, "no server without a tag");
    assert_eq!(
        statements[0]["Resource"],
        sub("arn:${AWS::Partition}:ssm:eu-central-1::document/AWS-RunShellScript")
    );
}

#[test]
fn a_parameter_is_looked_up_by_its_name() {
    let template = template(|stack| {
        let limit = Parameter::string("250").parameter_name("/shop/limit");
        let limit = stack.add("Limit", limit);
        let plain = stack.add("Plain", Parameter::string_list(["a", "b"]));
        let old = Parameter::import(stack, "Old", "old");
        stack.add("Copy", Parameter::string(old.value()));
        let worker = worker(stack);
        for parameter in [&limit, &plain, &old] {
            parameter.grant_read(&worker);
        }
    });
    let id = |start| template.id(PARAMETER, start);
    let arn = |rest: &str| {
        sub(&format!(
            "arn:${{AWS::Partition}}:ssm:eu-central-1:123456789012:parameter{rest}"
        ))
    };
    let read = &template.allowing(IDENTITY, "ssm:GetParameter")[0]["Resource"];
    // The name of a folder begins with the slash that stands before other names.
    let expected_arns = [
        arn(&format!("${{{}}}", id("Limit"))),
        arn("/old"),
        arn(&format!("/${{{}}}", id("Plain"))),
    ];
    for arn in expected_arns {
        assert!(read.as_array().unwrap().contains(&arn), "{arn} in {read}");
    }
    let plain = &template.named(PARAMETER, "Plain")["Properties"];
    assert_eq!(*plain, expected!({ "Type": "StringList", "Value": "a,b" }));
    let copy = &template.named(PARAMETER, "Copy")["Properties"];
    assert_eq!(copy["Value"], "{{resolve:ssm:old}}");
}

#[test]
fn what_no_parameter_can_be_is_told() {
    let found = |parameter: Parameter| {
        findings(|stack| {
            stack.add("Limit", parameter);
        })
    };
    for name in ["shop/limit", "/shop/", "aws.limit", "/ssm/limit", "a b", ""] {
        let named = Parameter::string("1").parameter_name(name);
        assert_error(&found(named), "CW1004", &[&format!("got \"{name}\"")]);
    }
    assert_error(
        &found(Parameter::string("")),
        "CW1002",
        &["1 to 4096 bytes, got 0"],
    );
    let split = Parameter::string_list(["a,b"]);
    assert_error(&found(split), "CW1002", &["\"a,b\" has one"]);
    let long = Parameter::string("x".repeat(8193)).advanced();
    assert_error(&found(long), "CW1002", &["1 to 8192 bytes, got 8193"]);
}
