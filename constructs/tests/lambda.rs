//! Functions: what they are made of, who may call them, and which mistakes are found.

mod support;

use std::fs;
use std::path::PathBuf;

use cloudwright::lambda::{Architecture, Code, Function, LogLevel, Permission, Runtime};
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, findings, template};

const FUNCTION: &str = "AWS::Lambda::Function";
const PERMISSION: &str = "AWS::Lambda::Permission";
const POLICY: &str = "AWS::IAM::Policy";

fn code() -> Code {
    Code::s3("releases", "resize.zip")
}

fn function() -> Function {
    Function::new(code())
}

#[test]
fn a_function_is_secure_by_default() {
    let template = template(|stack| {
        stack.add("Resize", function());
    });
    let log_group = template.id("AWS::Logs::LogGroup", "Resize");
    let role = template.id("AWS::IAM::Role", "Resize");
    let expected = expected!({
        "Architectures": ["arm64"],
        "Code": { "S3Bucket": "releases", "S3Key": "resize.zip" },
        "Handler": "bootstrap",
        "LoggingConfig": { "LogFormat": "JSON", "LogGroup": { "Ref": log_group } },
        "MemorySize": 256,
        "Role": { "Fn::GetAtt": [role, "Arn"] },
        "Runtime": "provided.al2023",
        "Timeout": 30,
        "TracingConfig": { "Mode": "Active" },
    });
    assert_eq!(*template.properties(FUNCTION), expected);
}

#[test]
fn its_role_may_log_and_trace_and_nothing_else() {
    let template = template(|stack| {
        stack.add("Resize", function());
    });
    let log_group = template.id("AWS::Logs::LogGroup", "Resize");
    let statements = template.statements(POLICY);
    assert_eq!(statements.len(), 2);
    let traces = template.allowing(POLICY, "xray:PutTraceSegments")[0];
    assert_eq!(traces["Resource"], "*");
    assert_eq!(
        traces["Action"],
        expected!(["xray:PutTelemetryRecords", "xray:PutTraceSegments"])
    );
    let logs = template.allowing(POLICY, "logs:PutLogEvents")[0];
    assert_eq!(
        logs["Resource"],
        expected!({ "Fn::GetAtt": [log_group, "Arn"] })
    );
    let role = template.properties("AWS::IAM::Role");
    assert!(role.get("ManagedPolicyArns").is_none());
}

#[test]
fn it_waits_for_its_rights_and_logical_ids_are_those_of_the_cdk() {
    let template = template(|stack| {
        stack.add("Resize", function());
    });
    let policy = template.id(POLICY, "ResizeServiceRoleDefaultPolicy");
    assert_eq!(template.one(FUNCTION)["DependsOn"], policy);
    template.id("AWS::IAM::Role", "ResizeServiceRole");
    template.id("AWS::Logs::LogGroup", "ResizeLogGroup");
}

#[test]
fn a_bucket_may_notify_a_function_that_reads_it() {
    let template = template(|stack| {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let resize = stack.add("Resize", function().env("BUCKET", uploads.name()));
        uploads.grant_read_write(&resize);
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::prefix("in/"), &resize);
        uploads.notify(s3::Event::ObjectRemoved, s3::Filter::all(), &resize);
    });
    let function = template.id(FUNCTION, "Resize");
    let permission = template.properties(PERMISSION);
    let name = template.properties("AWS::S3::Bucket")["BucketName"]
        .as_str()
        .unwrap();
    assert_eq!(permission["Principal"], "s3.amazonaws.com");
    assert_eq!(permission["SourceAccount"], "123456789012");
    let arn = permission["SourceArn"].to_string();
    assert!(arn.contains(name) && !arn.contains("GetAtt"), "{arn}");
    assert_eq!(
        permission["FunctionName"],
        expected!({ "Fn::GetAtt": [function, "Arn"] })
    );
    let bucket = template.one("AWS::S3::Bucket");
    assert_eq!(bucket["DependsOn"], template.id(PERMISSION, "Resize"));
    let configurations = &bucket["Properties"]["NotificationConfiguration"]["LambdaConfigurations"];
    assert_eq!(configurations.as_array().unwrap().len(), 2);
}

#[test]
fn two_buckets_need_a_permission_each() {
    let template = template(|stack| {
        let resize = stack.add("Resize", function());
        for id in ["First", "Second"] {
            let bucket = stack.add(id, s3::Bucket::new());
            bucket.notify(s3::Event::ObjectCreated, s3::Filter::all(), &resize);
        }
    });
    assert_eq!(template.all(PERMISSION).len(), 2);
}

#[test]
fn every_setting_is_written() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let subnet = stack.add(
            "Subnet",
            cfn::ec2::Subnet::new("vpc-0123456789abcdef0").cidr_block("10.0.0.0/24"),
        );
        let group = stack.add("Group", cfn::ec2::SecurityGroup::new("functions"));
        let settings = Function::new(Code::s3("releases", "app.zip").version("3"))
            .runtime(Runtime::Python3_14, "app.handler")
            .architecture(Architecture::X86_64)
            .memory(MiB(512))
            .timeout(minutes(2))
            .ephemeral_storage(MiB(1024))
            .env("MODE", "fast")
            .encrypted_with(&key)
            .layer("arn:aws:lambda:eu-central-1:123456789012:layer:tools:3")
            .description("makes thumbnails")
            .function_name("resize")
            .reserved_concurrency(10)
            .vpc([&subnet], [&group])
            .file_system(
                "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-0123456789abcdef0",
                "/mnt/models",
            )
            .log_level(LogLevel::Debug)
            .untraced();
        stack.add("Resize", settings);
    });
    let properties = template.properties(FUNCTION);
    for (path, value) in [
        ("/Code/S3ObjectVersion", expected!("3")),
        ("/Runtime", expected!("python3.14")),
        ("/Handler", expected!("app.handler")),
        ("/Architectures", expected!(["x86_64"])),
        ("/MemorySize", expected!(512)),
        ("/Timeout", expected!(120)),
        ("/EphemeralStorage/Size", expected!(1024)),
        ("/Environment/Variables/MODE", expected!("fast")),
        ("/Description", expected!("makes thumbnails")),
        ("/FunctionName", expected!("resize")),
        ("/ReservedConcurrentExecutions", expected!(10)),
        (
            "/FileSystemConfigs/0/LocalMountPath",
            expected!("/mnt/models"),
        ),
        ("/LoggingConfig/ApplicationLogLevel", expected!("DEBUG")),
        ("/TracingConfig/Mode", expected!("PassThrough")),
    ] {
        assert_eq!(properties.pointer(path), Some(&value), "{path}");
    }
    let key = template.id("AWS::KMS::Key", "Key");
    assert_eq!(
        properties["KmsKeyArn"],
        expected!({ "Fn::GetAtt": [key, "Arn"] })
    );
    assert_eq!(template.allowing(POLICY, "kms:Decrypt").len(), 1);
    for (action, resource) in [
        ("ec2:CreateNetworkInterface", "\"*\""),
        ("elasticfilesystem:ClientMount", ":file-system/*"),
    ] {
        let [statement] = template.allowing(POLICY, action)[..] else {
            panic!("one statement for {action}")
        };
        let named = statement["Resource"].to_string();
        assert!(named.contains(resource), "{named}");
    }
    let mount = template.allowing(POLICY, "elasticfilesystem:ClientMount")[0];
    assert!(mount["Condition"]["ArnEquals"]["elasticfilesystem:AccessPointArn"].is_string());
    assert!(
        template
            .allowing(POLICY, "xray:PutTraceSegments")
            .is_empty()
    );
}

#[test]
fn variables_can_be_set_before_and_after() {
    let template = template(|stack| {
        let resize = stack.add("Resize", function().env("BEFORE", "1").env("BOTH", "same"));
        resize.env("AFTER", "2").env("BOTH", "same");
    });
    assert_eq!(
        template.properties(FUNCTION)["Environment"]["Variables"],
        expected!({ "AFTER": "2", "BEFORE": "1", "BOTH": "same" })
    );
}

#[test]
fn permissions_name_their_source() {
    let template = template(|stack| {
        let report = stack.add("Report", function());
        let rule = stack.add(
            "Nightly",
            cfn::events::Rule::new().schedule_expression("rate(1 day)"),
        );
        report.permit("Rule", Permission::service("events.amazonaws.com", &rule));
        report.permit("Partner", Permission::account("210987654321"));
    });
    let rule = &template.named(PERMISSION, "ReportRule")["Properties"];
    assert_eq!(rule["SourceAccount"], "123456789012");
    assert_eq!(rule["SourceArn"]["Fn::GetAtt"][1], "Arn");
    let partner = &template.named(PERMISSION, "ReportPartner")["Properties"];
    assert_eq!(partner["Principal"], "210987654321");
}

#[test]
fn an_imported_function_can_be_called_and_given_rights_through_its_role() {
    let template = template(|stack| {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:old";
        let role = iam::Role::import(stack, "OldRole", "arn:aws:iam::123456789012:role/old");
        let old = Function::import(stack, "Old", arn).acting_as(&role);
        let caller = stack.add("Caller", function());
        old.grant_invoke(&caller);
        let bucket = stack.add("Uploads", s3::Bucket::new());
        bucket.grant_read(&old);
        stack.output("Name", old.name());
    });
    let invoke = template.allowing(POLICY, "lambda:InvokeFunction")[0];
    assert_eq!(
        invoke["Resource"],
        "arn:aws:lambda:eu-central-1:123456789012:function:old"
    );
    assert_eq!(template.0["Outputs"]["Name"]["Value"], "old");
    let policy = template.named(POLICY, "OldRole");
    assert_eq!(policy["Properties"]["Roles"], expected!(["old"]));
}

/// A mistake: what it is, the program, the code of the finding, and what its text says.
type Mistake = (
    &'static str,
    fn(&Stack),
    &'static str,
    &'static [&'static str],
);

fn assert_found(mistakes: &[Mistake]) {
    for (what, build, code, parts) in mistakes {
        let found = findings(*build);
        assert!(found.has_errors(), "{what}");
        assert_error(&found, code, parts);
    }
}

#[test]
fn mistakes_in_the_settings_are_found() {
    assert_found(&[
        (
            "too little memory",
            |stack| drop(stack.add("F", function().memory(MiB(64)))),
            "CW1002",
            &["128 to 10240 MiB, got 64 MiB", "S/F", "lambda.rs"],
        ),
        (
            "too long a timeout",
            |stack| drop(stack.add("F", function().timeout(seconds(901)))),
            "CW1002",
            &["1 to 900 seconds, got 901 s"],
        ),
        (
            "half a second",
            |stack| {
                let half = std::time::Duration::from_millis(1500);
                drop(stack.add("F", function().timeout(half)));
            },
            "CW1001",
            &["whole seconds, got 1.5s"],
        ),
        (
            "too much storage",
            |stack| drop(stack.add("F", function().ephemeral_storage(MiB(20_000)))),
            "CW1002",
            &["512 to 10240 MiB, got 20000 MiB"],
        ),
        (
            "an impossible name",
            |stack| drop(stack.add("F", function().function_name("my function"))),
            "CW1004",
            &["letters, digits, `-` and `_`"],
        ),
    ]);
}

#[test]
fn mistakes_in_the_environment_are_found() {
    assert_found(&[
        (
            "a name of Lambda's own",
            |stack| drop(stack.add("F", function().env("AWS_REGION", "eu-central-1"))),
            "CW1302",
            &["Lambda sets the environment variable AWS_REGION itself"],
        ),
        (
            "a variable with a dash",
            |stack| drop(stack.add("F", function().env("LOG-LEVEL", "debug"))),
            "CW1302",
            &["got \"LOG-LEVEL\""],
        ),
        (
            "too many variables",
            |stack| drop(stack.add("F", function().env("BIG", "x".repeat(4094)))),
            "CW1302",
            &["4097 bytes, expected at most 4096"],
        ),
        (
            "a password in a variable",
            |stack| drop(stack.add("F", function().env("DB_PASSWORD", "hunter2"))),
            "CW1202",
            &["DB_PASSWORD", "Secrets Manager"],
        ),
        (
            "a variable with two values",
            |stack| {
                let function = stack.add("F", function().env("MODE", "fast"));
                function.env("MODE", "slow");
            },
            "CW1103",
            &["MODE is set twice"],
        ),
    ]);
}

#[test]
fn mistakes_about_others_are_found() {
    assert_found(&[
        (
            "a file system without a network",
            |stack| {
                let access_point = "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-0123456789abcdef0";
                drop(stack.add("F", function().file_system(access_point, "/mnt/models")));
            },
            "CW1103",
            &["has to be in a network"],
        ),
        (
            "rights for a function whose role is not known",
            |stack| {
                let arn = "arn:aws:lambda:eu-central-1:123456789012:function:old";
                let old = Function::import(stack, "Old", arn);
                stack.add("Uploads", s3::Bucket::new()).grant_read(&old);
            },
            "CW1303",
            &["`.acting_as(&role)`"],
        ),
        (
            "an ARN of something else",
            |stack| {
                let arn = "arn:aws:s3:::uploads";
                drop(Function::import(stack, "Old", arn));
            },
            "CW1003",
            &["got \"arn:aws:s3:::uploads\""],
        ),
    ]);
}

#[test]
fn the_largest_environment_is_accepted() {
    let found = findings(|stack| {
        stack.add("F", function().env("BIG", "x".repeat(4093)));
    });
    assert!(found.is_empty(), "{found}");
}

/// An archive of empty files with their Unix permissions, as `zip` writes it.
fn archive(folder: &tempfile::TempDir, files: &[(&str, u32)]) -> PathBuf {
    let mut content = Vec::new();
    let mut directory = Vec::new();
    for (name, mode) in files {
        let offset = u32::try_from(content.len()).unwrap();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        content.extend(b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0");
        content.extend([0; 12]);
        content.extend(length);
        content.extend([0, 0]);
        content.extend(name.as_bytes());
        directory.extend(b"PK\x01\x02\x1e\x03\x0a\0\0\0\0\0\0\0\0\0");
        directory.extend([0; 12]);
        directory.extend(length);
        directory.extend([0; 8]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = u32::try_from(content.len()).unwrap();
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    content.extend(&directory);
    content.extend(b"PK\x05\x06\0\0\0\0");
    content.extend(count);
    content.extend(count);
    content.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    content.extend(start.to_le_bytes());
    content.extend([0, 0]);
    let path = folder.path().join("handler.zip");
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn an_archive_becomes_an_asset() {
    let folder = tempfile::tempdir().unwrap();
    let zip = archive(
        &folder,
        &[("bootstrap", 0o100_755), ("data.bin", 0o100_644)],
    );
    let template = template(|stack| {
        stack.add("F", Function::new(Code::zip(zip)));
    });
    let code = &template.properties(FUNCTION)["Code"];
    assert_eq!(
        code["S3Bucket"],
        "cdk-hnb659fds-assets-123456789012-eu-central-1"
    );
    let key = code["S3Key"].as_str().unwrap();
    assert!(
        key.ends_with(".zip") && key.len() == 64 + ".zip".len(),
        "{key}"
    );
}

#[test]
fn an_archive_that_cannot_be_started_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let other = archive(&folder, &[("handler", 0o100_755), ("lib/x.so", 0o100_755)]);
    let found = findings(|stack| drop(stack.add("F", Function::new(Code::zip(other)))));
    assert_error(
        &found,
        "CW1301",
        &["\"handler.zip\" holds handler, lib/x.so"],
    );

    let locked = archive(&folder, &[("bootstrap", 0o100_644)]);
    let found = findings(|stack| drop(stack.add("F", Function::new(Code::zip(locked)))));
    assert_error(&found, "CW1301", &["is not executable", "chmod +x"]);

    let binary = folder.path().join("bootstrap");
    fs::write(&binary, b"\x7fELF\x02\x01\x01").unwrap();
    let found = findings(|stack| drop(stack.add("F", Function::new(Code::zip(binary)))));
    assert_error(&found, "CW1301", &["an executable that is not packed"]);

    let missing = folder.path().join("missing.zip");
    let found = findings(|stack| drop(stack.add("F", Function::new(Code::zip(missing)))));
    assert_error(&found, "CW0006", &["missing.zip"]);
}

#[test]
fn other_runtimes_start_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let zip = archive(&folder, &[("app.py", 0o100_644)]);
    let found = findings(|stack| {
        let function = Function::new(Code::zip(zip)).runtime(Runtime::Python3_14, "app.handler");
        stack.add("F", function);
    });
    assert!(found.is_empty(), "{found}");
}

#[test]
fn a_sixth_layer_is_found() {
    let layered = |count: u32| {
        findings(|stack| {
            let layers = 1..=count;
            let function = layers.fold(function(), |function, number| {
                function.layer(format!(
                    "arn:aws:lambda:eu-central-1:123456789012:layer:tools:{number}"
                ))
            });
            stack.add("F", function);
        })
    };
    assert!(layered(5).is_empty());
    assert_error(&layered(6), "CW1002", &["at most 5 layers, got 6"]);
}
