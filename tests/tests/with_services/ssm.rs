//! Documents and parameters.

use cloudwright::prelude::*;
use cloudwright::ssm::{Document, DocumentParameter, Parameter, Servers, Step};

pub fn fill(stack: &Stack) {
    let folder = DocumentParameter::new("Folder")
        .description("what is emptied")
        .pattern("^/[A-Za-z0-9._/-]{1,255}$")
        .length(2..=256)
        .default_value("/var/cache/shop");
    let how = DocumentParameter::new("How").one_of(["quick", "careful"]);
    let empty = Document::command("Empties a folder")
        .document_name(format!("{}.empty", stack.id()))
        .version_name("1.0")
        .parameter(folder)
        .parameter(how)
        .step(
            Step::shell(
                "Empty",
                ["#!/bin/bash", "cd \"$SSM_Folder\" && echo \"$SSM_How\""],
            )
            .timeout(minutes(2))
            .working_directory("/tmp"),
        )
        .step(Step::power_shell(
            "EmptyWindows",
            ["Write-Output $env:SSM_Folder"],
        ))
        .step(Step::shell("Tell", ["echo done"]).always())
        .removal_policy(RemovalPolicy::Retain);
    let empty = stack.add("Empty", empty);
    let limit = Parameter::string("250")
        .parameter_name(format!("/shop/{}/limit", stack.id()))
        .description("how much fits into a basket")
        .pattern("^[0-9]+$")
        .advanced()
        .removal_policy(RemovalPolicy::Retain);
    let limit = stack.add("Limit", limit);
    let countries = stack.add("Countries", Parameter::string_list(["DE", "FR"]));
    let old = Parameter::import(stack, "Old", "/shop/old");
    stack.add("Copy", Parameter::string(old.value()));
    let role = stack.add(
        "Worker",
        iam::Role::assumed_by(Principal::service("lambda.amazonaws.com")),
    );
    for parameter in [&limit, &countries, &old] {
        parameter.grant_read(&role).grant_write(&role);
    }
    let of_aws = Document::import(stack, "Run", "AWS-RunShellScript");
    let servers = [
        Servers::tagged("role", "shop"),
        Servers::tagged_one_of("stage", ["test", "prod"]),
    ];
    for document in [&empty, &of_aws] {
        document.grant_run(&role, &servers);
    }
}
