//! Settings of a whole place: defaults, boundaries and names, and who wins.

mod support;

use cloudwright::lambda::{Code, Function};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use support::{Template, assert_error, home, refusal_of, template_of, templates_of};

fn function() -> Function {
    Function::new(Code::s3("releases", "app.zip"))
}

/// What an organisation's crate would have.
fn acme() -> Defaults {
    Defaults::new()
        .log_retention(days(90))
        .function_memory(MiB(512))
        .function_timeout(minutes(2))
        .removal_policy(RemovalPolicy::Destroy)
        .encrypted_with(|stack| stack.add("AcmeKey", kms::Key::new()))
        .permissions_boundary("team/Developers")
        .property("AWS::SQS::Queue", "KmsDataKeyReusePeriodSeconds", 600)
        .tag("owner", "shop")
}

/// A system without a setting.
fn plain(stack: &Stack) {
    stack.add("Bucket", s3::Bucket::new());
    stack.add("Queue", sqs::Queue::new());
    stack.add("Topic", sns::Topic::new());
    stack.add(
        "Table",
        dynamodb::Table::new(dynamodb::Attribute::string("id")),
    );
    stack.add("Secret", secretsmanager::Secret::new());
    stack.add("Function", function());
    stack.add("Audit", logs::LogGroup::new());
}

fn with_defaults(build: impl FnOnce(&Stack)) -> Template {
    let app = App::new();
    app.defaults(acme());
    build(&app.stack("S", home()));
    template_of(app, "S")
}

/// Asserts a member of the body of all resources of a type.
#[track_caller]
fn assert_all(template: &Template, kind: &str, pointer: &str, value: &Document) {
    let all = template.all(kind);
    assert!(!all.is_empty(), "no {kind}");
    for body in all {
        assert_eq!(body.pointer(pointer), Some(value), "{kind} {pointer}");
    }
}

const HELD: [&str; 6] = [
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::DynamoDB::Table",
    "AWS::SecretsManager::Secret",
    "AWS::Logs::LogGroup",
    "AWS::KMS::Key",
];

#[test]
fn what_is_not_told_gets_the_defaults_of_its_place() {
    let template = with_defaults(plain);
    let key = expected!({ "Fn::GetAtt": [template.id("AWS::KMS::Key", "AcmeKey"), "Arn"] });
    for (kind, pointer, value) in [
        (
            "AWS::Logs::LogGroup",
            "/Properties/RetentionInDays",
            expected!(90),
        ),
        ("AWS::Logs::LogGroup", "/Properties/KmsKeyId", key.clone()),
        (
            "AWS::Lambda::Function",
            "/Properties/MemorySize",
            expected!(512),
        ),
        (
            "AWS::Lambda::Function",
            "/Properties/Timeout",
            expected!(120),
        ),
        (
            "AWS::Lambda::Function",
            "/Properties/KmsKeyArn",
            key.clone(),
        ),
        ("AWS::SQS::Queue", "/Properties/KmsMasterKeyId", key.clone()),
        (
            "AWS::SQS::Queue",
            "/Properties/KmsDataKeyReusePeriodSeconds",
            expected!(600),
        ),
        ("AWS::SNS::Topic", "/Properties/KmsMasterKeyId", key.clone()),
        (
            "AWS::DynamoDB::Table",
            "/Properties/SSESpecification/KMSMasterKeyId",
            key.clone(),
        ),
        ("AWS::SecretsManager::Secret", "/Properties/KmsKeyId", key),
        (
            "AWS::SNS::Topic",
            "/Properties/Tags",
            expected!([{ "Key": "owner", "Value": "shop" }]),
        ),
    ] {
        assert_all(&template, kind, pointer, &value);
    }
    for kind in HELD {
        assert_all(&template, kind, "/DeletionPolicy", &expected!("Delete"));
    }
}

#[test]
fn what_a_construct_is_told_wins() {
    let keep = RemovalPolicy::Retain;
    let template = with_defaults(|stack| {
        let own = stack.add("OwnKey", kms::Key::new().removal_policy(keep));
        let managed = s3::Bucket::new().encryption(s3::Encryption::S3Managed);
        stack.add("Bucket", managed.removal_policy(keep));
        stack.add(
            "Queue",
            sqs::Queue::new().removal_policy(keep).encrypted_with(&own),
        );
        let audit = logs::LogGroup::new()
            .removal_policy(keep)
            .retention(days(7));
        stack.add("Audit", audit.encrypted_with(&own));
        let group = logs::LogGroup::new().removal_policy(keep).forever();
        let group = stack.add("Group", group.encrypted_with(&own));
        let told = function()
            .memory(MiB(256))
            .timeout(seconds(30))
            .encrypted_with(&own);
        stack.add("Function", told.log_group(&group));
        stack.add(
            "Raw",
            cfn::sqs::Queue::new().kms_data_key_reuse_period_seconds(60),
        );
    });
    // A stack that needs no key of the defaults has none.
    let key = expected!({ "Fn::GetAtt": [template.id("AWS::KMS::Key", ""), "Arn"] });
    let none = Document::Null;
    for (kind, id, pointer, value) in [
        (
            "AWS::Logs::LogGroup",
            "Audit",
            "/Properties/RetentionInDays",
            expected!(7),
        ),
        (
            "AWS::Logs::LogGroup",
            "Group",
            "/Properties/RetentionInDays",
            none,
        ),
        (
            "AWS::Logs::LogGroup",
            "Audit",
            "/Properties/KmsKeyId",
            key.clone(),
        ),
        (
            "AWS::Lambda::Function",
            "Function",
            "/Properties/MemorySize",
            expected!(256),
        ),
        (
            "AWS::Lambda::Function",
            "Function",
            "/Properties/Timeout",
            expected!(30),
        ),
        (
            "AWS::Lambda::Function",
            "Function",
            "/Properties/KmsKeyArn",
            key.clone(),
        ),
        (
            "AWS::SQS::Queue",
            "QueueDeadLetterQueue",
            "/Properties/KmsMasterKeyId",
            key,
        ),
        (
            "AWS::SQS::Queue",
            "Raw",
            "/Properties/KmsDataKeyReusePeriodSeconds",
            expected!(60),
        ),
    ] {
        let body = template.named(kind, id);
        assert_eq!(
            body.pointer(pointer).unwrap_or(&Document::Null),
            &value,
            "{id} {pointer}"
        );
    }
    for kind in ["AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::KMS::Key"] {
        assert_all(&template, kind, "/DeletionPolicy", &expected!("Retain"));
    }
}

#[test]
fn the_nearest_place_wins_setting_by_setting() {
    let app = App::new();
    app.defaults(acme());
    let dev = app.stage("Dev");
    dev.defaults(
        Defaults::new()
            .log_retention(days(3))
            .permissions_boundary("Trainees"),
    );
    let (near, far) = (dev.stack("S", home()), app.stack("S", home()));
    near.defaults(Defaults::new().property("AWS::SQS::Queue", "KmsDataKeyReusePeriodSeconds", 60));
    plain(&near);
    plain(&far);
    let [near, far] = templates_of(app, ["Dev-S", "S"]);
    let boundary = |name: &str| expected!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::123456789012:policy/{name}") });
    for (template, days, reuse, policy) in [
        (&near, 3, 60, "Trainees"),
        (&far, 90, 600, "team/Developers"),
    ] {
        assert_all(
            template,
            "AWS::Logs::LogGroup",
            "/Properties/RetentionInDays",
            &expected!(days),
        );
        assert_all(
            template,
            "AWS::Lambda::Function",
            "/Properties/MemorySize",
            &expected!(512),
        );
        let reused = "/Properties/KmsDataKeyReusePeriodSeconds";
        assert_all(template, "AWS::SQS::Queue", reused, &expected!(reuse));
        assert_all(
            template,
            "AWS::IAM::Role",
            "/Properties/PermissionsBoundary",
            &boundary(policy),
        );
    }
}

#[test]
fn a_default_beats_what_a_strict_stack_would_have() {
    let app = App::new();
    app.defaults(acme());
    plain(&app.stack("S", home()).strict());
    let template = template_of(app, "S");
    assert_all(
        &template,
        "AWS::Logs::LogGroup",
        "/Properties/RetentionInDays",
        &expected!(90),
    );
    assert_eq!(template.all("AWS::KMS::Key").len(), 1);
}

#[test]
fn without_defaults_nothing_changes() {
    let app = App::new();
    plain(&app.stack("S", home()));
    let template = template_of(app, "S");
    assert_all(
        &template,
        "AWS::Logs::LogGroup",
        "/Properties/RetentionInDays",
        &expected!(30),
    );
    assert_all(
        &template,
        "AWS::Lambda::Function",
        "/Properties/MemorySize",
        &expected!(256),
    );
    assert_all(
        &template,
        "AWS::Lambda::Function",
        "/Properties/Timeout",
        &expected!(30),
    );
    assert_all(
        &template,
        "AWS::SQS::Queue",
        "/DeletionPolicy",
        &expected!("RetainExceptOnCreate"),
    );
    assert!(template.all("AWS::KMS::Key").is_empty());
    assert_eq!(
        template
            .properties("AWS::Lambda::Function")
            .get("FunctionName"),
        None
    );
    assert_eq!(
        template
            .properties("AWS::IAM::Role")
            .get("PermissionsBoundary"),
        None
    );
}

#[test]
fn defaults_that_come_too_late_are_an_error() {
    for place in ["app", "stack"] {
        let app = App::new();
        let stack = app.stack("S", home());
        stack.add("Queue", sqs::Queue::new());
        if place == "app" {
            app.defaults(acme());
        } else {
            stack.naming(NamingScheme::new());
        }
        let parts = [
            "holds constructs already",
            "say them first",
            "tests/defaults.rs",
        ];
        assert_error(&refusal_of(app), "CW1103", &parts);
    }
}

/// Roles and users of all kinds, and what all but those with one of their own get.
fn identities(stack: &Stack) {
    stack.add("Function", function());
    stack.add("Queue", NotifiedQueue::new());
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "ecs.amazonaws.com" },
    }]});
    stack.add("L1", cfn::iam::Role::new(trust.clone()));
    stack.add(
        "Raw",
        RawResource::new("AWS::IAM::Role").property("AssumeRolePolicyDocument", trust),
    );
    stack.add("User", cfn::iam::User::new());
    let service = Principal::service("ecs-tasks.amazonaws.com");
    stack.add(
        "Own",
        iam::Role::assumed_by(service)
            .permissions_boundary("arn:aws:iam::aws:policy/ReadOnlyAccess"),
    );
}

fn boundaries(template: &Template) -> Vec<(String, Document)> {
    let bounded = |kind: &Document| kind == "AWS::IAM::Role" || kind == "AWS::IAM::User";
    let all = template
        .resources()
        .filter(|(_, body)| bounded(&body["Type"]));
    all.map(|(id, body)| {
        (
            id.to_owned(),
            body["Properties"]["PermissionsBoundary"].clone(),
        )
    })
    .collect()
}

#[test]
fn every_role_and_user_of_a_place_has_its_boundary() {
    let given = "arn:aws:iam::123456789012:policy/Given";
    let by_name =
        expected!({ "Fn::Sub": "arn:${AWS::Partition}:iam::123456789012:policy/Developers" });
    for (policy, expected) in [("Developers", by_name), (given, expected!(given))] {
        for place in ["app", "stage", "stack"] {
            let app = App::new();
            let stage = app.stage("Prod");
            let stack = stage.stack("S", home());
            identities(&stack);
            // Said after its roles are made, for it is a limit and no default.
            match place {
                "app" => app.permissions_boundary(policy),
                "stage" => stage.permissions_boundary(policy),
                _ => stack.permissions_boundary(policy),
            }
            let found = boundaries(&template_of(app, "Prod-S"));
            assert!(found.len() > 5, "{found:?}");
            for (id, boundary) in found {
                let own = expected!("arn:aws:iam::aws:policy/ReadOnlyAccess");
                assert_eq!(
                    boundary,
                    if id.starts_with("Own") {
                        own
                    } else {
                        expected.clone()
                    },
                    "{id}, {place}"
                );
            }
        }
    }
}

#[test]
fn a_boundary_may_be_a_policy_of_the_app_and_of_one_construct() {
    let app = App::new();
    let stack = app.stack("S", home());
    let limit =
        iam::ManagedPolicy::new([Statement::allow(["s3:GetObject"]).on("arn:aws:s3:::shop/*")]);
    let limit = stack.add("Limit", limit);
    let inside = stack.place("Inside");
    inside.permissions_boundary(limit.arn());
    inside.add("Function", function());
    stack.add("Outside", function());
    let template = template_of(app, "S");
    let id = template.id("AWS::IAM::ManagedPolicy", "Limit");
    let found = boundaries(&template);
    let [(inside, bounded), (outside, free)] = &found[..] else {
        panic!("{found:?}");
    };
    assert!(inside.starts_with("Inside") && outside.starts_with("Outside"));
    assert_eq!(
        (bounded, free),
        (&expected!({ "Ref": id }), &Document::Null)
    );
}

#[test]
fn a_boundary_that_is_no_policy_is_an_error() {
    for wrong in [
        "",
        "/team/Developers",
        "Develop ers",
        "arn:aws:iam::123456789012:role/Developers",
    ] {
        let app = App::new();
        app.stack("S", home());
        app.permissions_boundary(wrong);
        let parts = [
            "a managed policy, by its ARN or its name",
            &format!("got \"{wrong}\""),
            "tests/defaults.rs",
        ];
        assert_error(&refusal_of(app), "CW1004", &parts);
    }
}
