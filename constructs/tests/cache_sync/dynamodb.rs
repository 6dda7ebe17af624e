//! An index in DynamoDB.

use cloudwright::dynamodb::Table;
use cloudwright::lambda::LogLevel;
use cloudwright::patterns::PackageTables;
use cloudwright::patterns::cache_sync::REBUILD;
use cloudwright::prelude::*;
use serde_json::json as expected;

use crate::support::{home, template, templates_of};
use crate::{CacheSync, FUNCTION, IDENTITY, MACHINE, TABLE, function, index, statements};

const BUCKET: &str = "s-index-bucket-9b444325-123456789012-eu-central-1-an";

fn table_arn(name: &str) -> serde_json::Value {
    expected!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:dynamodb:eu-central-1:123456789012:table/{name}") })
}

#[test]
fn the_tables_are_those_that_a_server_makes_and_reads() {
    let template = index(|_| CacheSync::dynamodb());
    let packages = &template.named(TABLE, "IndexPackages")["Properties"];
    assert_eq!(packages["TableName"], "DynamoPackage");
    let hash = |name: &str| expected!([{ "AttributeName": name, "KeyType": "HASH" }]);
    assert_eq!(packages["KeySchema"], hash("filename"));
    let text = |name: &str| expected!({ "AttributeName": name, "AttributeType": "S" });
    assert_eq!(
        packages["AttributeDefinitions"],
        expected!([text("filename"), text("name")])
    );
    let by_name = expected!([{ "IndexName": "name-index", "KeySchema": hash("name"),
        "Projection": { "ProjectionType": "ALL" } }]);
    assert_eq!(packages["GlobalSecondaryIndexes"], by_name);
    let summaries = &template.named(TABLE, "IndexSummaries")["Properties"];
    assert_eq!(summaries["TableName"], "PackageSummary");
    assert_eq!(summaries["KeySchema"], hash("name"));
    assert_eq!(summaries["AttributeDefinitions"], expected!([text("name")]));
    assert_eq!(summaries["GlobalSecondaryIndexes"], expected!(null));
    for table in template.all(TABLE) {
        let properties = &table["Properties"];
        assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
        let recovery = &properties["PointInTimeRecoverySpecification"];
        assert_eq!(recovery["PointInTimeRecoveryEnabled"], true);
        assert_eq!(table["DeletionPolicy"], "RetainExceptOnCreate");
    }
}

#[test]
fn what_happens_to_the_bucket_is_done_from_a_queue() {
    let template = index(|_| CacheSync::dynamodb().prefix("py/").timeout(minutes(2)));
    let queue = template.named("AWS::SQS::Queue", "IndexEvents7");
    assert_eq!(queue["Properties"]["VisibilityTimeout"], 720);
    let id = template.id("AWS::SQS::Queue", "IndexEvents7");
    let arn = expected!({ "Fn::GetAtt": [id, "Arn"] });
    let bucket = template.properties("AWS::S3::Bucket");
    assert_eq!(bucket["BucketName"], BUCKET);
    let told = &bucket["NotificationConfiguration"]["QueueConfigurations"];
    let filter = expected!({ "S3Key": { "Rules": [{ "Name": "prefix", "Value": "py/" }] } });
    let event = |name: &str| expected!({ "Event": name, "Filter": filter, "Queue": arn });
    let all = [
        event("s3:LifecycleExpiration:*"),
        event("s3:ObjectCreated:*"),
        event("s3:ObjectRemoved:*"),
    ];
    assert_eq!(*told, expected!(all));
    let source = template.properties("AWS::Lambda::EventSourceMapping");
    assert_eq!(source["EventSourceArn"], arn);
    let reports = expected!(["ReportBatchItemFailures"]);
    assert_eq!(source["FunctionResponseTypes"], reports);
    let worker = template.id(FUNCTION, "IndexFunction");
    assert_eq!(source["FunctionName"], expected!({ "Ref": worker }));
    assert_eq!(function(&template, "IndexFunction")["Timeout"], 120);
}

#[test]
fn both_functions_know_the_bucket_and_the_tables() {
    let template = index(|_| CacheSync::dynamodb().prefix("py/"));
    for start in ["IndexFunction", "IndexRebuild"] {
        let properties = function(&template, start);
        assert_eq!(properties["Handler"], "cache-sync");
        let variables = expected!({
            "PACKAGE_BUCKET": BUCKET, "PACKAGE_PREFIX": "py/",
            "PACKAGE_TABLE": "DynamoPackage", "SUMMARY_TABLE": "PackageSummary",
        });
        assert_eq!(properties["Environment"]["Variables"], variables);
    }
    assert_eq!(function(&template, "IndexRebuild")["Timeout"], 900);
}

#[test]
fn the_functions_may_do_what_they_do_and_no_more() {
    let template = index(|_| CacheSync::dynamodb().prefix("py/"));
    let arn = |of: &str| expected!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::{of}") });
    let table = |start: &str| expected!({ "Fn::GetAtt": [template.id(TABLE, start), "Arn"] });
    let tables = [table("IndexPackages"), table("IndexSummaries")];
    let by_name = template.id(TABLE, "IndexPackages");
    let by_name = expected!({ "Fn::Sub": format!("${{{by_name}.Arn}}/index/name-index") });
    let writes = [
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
    ];
    let scans = [&writes[..], &["dynamodb:Scan"]].concat();
    for (start, actions) in [("IndexFunction", &writes[..]), ("IndexRebuild", &scans[..])] {
        let looks = [
            expected!({ "Action": "s3:GetObject", "Effect": "Allow", "Resource": arn(&format!("{BUCKET}/py/*")) }),
            expected!({ "Action": "s3:ListBucket", "Effect": "Allow", "Resource": arn(BUCKET) }),
        ];
        let found = statements(&template, start, "s3");
        assert_eq!(found, looks.iter().collect::<Vec<_>>());
        // Rows of files alone are compared many at a time.
        let compare = expected!({ "Action": "dynamodb:BatchGetItem", "Effect": "Allow", "Resource": tables[0] });
        let mut keeps = vec![
            expected!({ "Action": "dynamodb:Query", "Effect": "Allow", "Resource": by_name }),
            expected!({ "Action": actions, "Effect": "Allow", "Resource": tables }),
        ];
        if start == "IndexRebuild" {
            keeps.insert(0, compare);
        }
        let found = statements(&template, start, "dynamodb");
        assert_eq!(found, keeps.iter().collect::<Vec<_>>());
    }
    assert!(statements(&template, "IndexRebuild", "sqs").is_empty());
}

#[test]
fn a_namespace_stands_before_both_names_as_a_server_has_it() {
    let tables = PackageTables::new()
        .names("Files", "Names")
        .namespace("prod-")
        .with(Table::deletion_protection);
    let template = index(|_| CacheSync::tables(tables));
    let properties = |start: &str| &template.named(TABLE, start)["Properties"];
    assert_eq!(properties("IndexPackages")["TableName"], "prod-Files");
    assert_eq!(properties("IndexSummaries")["TableName"], "prod-Names");
    assert_eq!(
        properties("IndexSummaries")["DeletionProtectionEnabled"],
        true
    );
}

#[test]
fn tables_that_exist_are_used_by_their_names() {
    let tables = PackageTables::existing().namespace("prod-");
    let template = index(|_| CacheSync::tables(tables));
    assert!(template.all(TABLE).is_empty());
    let variables = &function(&template, "IndexFunction")["Environment"]["Variables"];
    assert_eq!(variables["PACKAGE_TABLE"], "prod-DynamoPackage");
    assert_eq!(variables["SUMMARY_TABLE"], "prod-PackageSummary");
    assert_eq!(variables["TABLE_REGION"], expected!(null));
    let found = statements(&template, "IndexFunction", "dynamodb");
    let tables = ["prod-DynamoPackage", "prod-PackageSummary"].map(table_arn);
    assert_eq!(found[1]["Resource"], expected!(tables));
    let by_name = table_arn("prod-DynamoPackage/index/name-index");
    assert_eq!(found[0]["Resource"], by_name);
}

#[test]
fn given_tables_of_another_region_are_found_there() {
    let arn = |name: &str| format!("arn:aws:dynamodb:us-west-2:123456789012:table/{name}");
    let template = index(|stack| {
        let [packages, summaries] =
            ["P", "S"].map(|id| Table::import(stack, id, arn(&id.repeat(3))));
        CacheSync::tables(PackageTables::of(&packages, &summaries))
    });
    let variables = &function(&template, "IndexRebuild")["Environment"]["Variables"];
    assert_eq!(variables["PACKAGE_TABLE"], "PPP");
    assert_eq!(variables["TABLE_REGION"], "us-west-2");
    let found = statements(&template, "IndexRebuild", "dynamodb");
    assert_eq!(found[0]["Resource"], expected!(arn("PPP")));
    assert_eq!(found[2]["Resource"], expected!([arn("PPP"), arn("SSS")]));
}

#[test]
fn an_app_may_make_the_tables_and_the_bucket_elsewhere() {
    let app = App::new();
    let bucket = app.stack("Wheels", home()).add("Bucket", s3::Bucket::new());
    let data = app.stack("Data", home());
    let index = data.add("Tables", CacheSync::dynamodb());
    let (packages, summaries) = index.tables().unwrap();
    let tables = PackageTables::of(packages, summaries);
    let stack = app.stack("S", home());
    let second = CacheSync::tables(tables).bucket(&bucket).prefix("other/");
    let second = stack.add("Index", second);
    assert_eq!(second.bucket().scope().path(), "Wheels/Bucket");
    assert!(second.queue().dead_letter_queue().is_some());
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    // S3 asks the queue whether it may send.
    let needs = |stack: &str| assembly.stack(stack).unwrap().dependencies().to_vec();
    assert_eq!(
        (needs("S"), needs("Wheels")),
        (vec!["Data".into()], vec!["S".into()])
    );
}

#[test]
fn a_rebuild_runs_by_itself_when_it_is_said() {
    for (sync, expression) in [
        (
            CacheSync::dynamodb().rebuild_every(days(1)),
            "rate(1440 minutes)",
        ),
        (
            CacheSync::dynamodb().rebuild_every(minutes(1)),
            "rate(1 minute)",
        ),
        (
            CacheSync::dynamodb().rebuild_at("cron(15 3 * * ? *)"),
            "cron(15 3 * * ? *)",
        ),
    ] {
        let template = index(|_| sync);
        let rule = template.properties("AWS::Events::Rule");
        assert_eq!(rule["ScheduleExpression"], expression);
        let target = &rule["Targets"][0];
        let machine = expected!({ "Fn::GetAtt": [template.id(MACHINE, "IndexReload"), "Arn"] });
        assert_eq!(target["Arn"], machine);
        assert_eq!(target["Input"], "{}");
        // What could not be started is no event, and lies in a queue of its own.
        let letters = template.id("AWS::SQS::Queue", "IndexScheduleDeadLetters");
        let letters = expected!({ "Arn": { "Fn::GetAtt": [letters, "Arn"] } });
        assert_eq!(target["DeadLetterConfig"], letters);
        let start = expected!([{ "Action": "states:StartExecution", "Effect": "Allow", "Resource": machine }]);
        let starter = template.named(IDENTITY, "IndexReloadStarter");
        assert_eq!(starter["Properties"]["PolicyDocument"]["Statement"], start);
    }
    let unsaid = index(|_| CacheSync::dynamodb());
    assert!(unsaid.all("AWS::Events::Rule").is_empty());
    let event: serde_json::Value = serde_json::from_str(REBUILD).unwrap();
    let member = cloudwright_contract::Rebuild::MEMBER;
    assert_eq!(event, expected!({ member: {} }));
}

#[test]
fn a_rebuild_is_called_until_it_is_through() {
    let template = index(|_| CacheSync::dynamodb());
    let machine = template.properties(MACHINE);
    let states = &machine["Definition"]["States"];
    assert_eq!(
        states["Begin"]["Parameters"],
        expected!({ "rebuild.$": "$" })
    );
    let rebuild = expected!({ "Fn::GetAtt": [template.id(FUNCTION, "IndexRebuild"), "Arn"] });
    assert_eq!(states["Compare"]["Resource"], rebuild);
    let again = expected!([
        { "Variable": "$.rebuild", "IsPresent": true, "Next": "Compare" },
        { "Variable": "$.failed", "IsPresent": true, "Next": "SomeFailed" },
    ]);
    assert_eq!(states["IsThrough"]["Choices"], again);
    assert_eq!(states["IsThrough"]["Default"], "Done");
    let role = template.named(IDENTITY, "IndexReloadStateMachineRole");
    let [may] = role["Properties"]["PolicyDocument"]["Statement"]
        .as_array()
        .unwrap()
        .as_slice()
    else {
        panic!("{role:#}");
    };
    assert_eq!(may["Action"], "lambda:InvokeFunction");
}

#[test]
fn every_setting_reaches_the_functions() {
    let template = template(|stack| {
        let lambda = Principal::service("lambda.amazonaws.com");
        let role = stack.add("Role", iam::Role::assumed_by(lambda));
        let index = CacheSync::dynamodb()
            .role(&role)
            .memory(MiB(512))
            .batch(500, seconds(20))
            .maximum_concurrency(4)
            .bucket_with(|bucket| bucket.prefix("wheels"))
            .function_with(|function| function.log_level(LogLevel::Debug));
        stack.add("Index", index);
    });
    let role = template.id("AWS::IAM::Role", "Role");
    for start in ["IndexFunction", "IndexRebuild"] {
        let properties = function(&template, start);
        assert_eq!(properties["MemorySize"], 512);
        assert_eq!(properties["LoggingConfig"]["ApplicationLogLevel"], "DEBUG");
        assert_eq!(
            properties["Role"],
            expected!({ "Fn::GetAtt": [role, "Arn"] })
        );
    }
    // That of the functions, and that of the state machine.
    assert_eq!(template.all("AWS::IAM::Role").len(), 2);
    let source = template.properties("AWS::Lambda::EventSourceMapping");
    assert_eq!(source["BatchSize"], 500);
    assert_eq!(source["MaximumBatchingWindowInSeconds"], 20);
    assert_eq!(source["ScalingConfig"]["MaximumConcurrency"], 4);
    let queue = template.named("AWS::SQS::Queue", "IndexEvents7");
    assert_eq!(queue["Properties"]["VisibilityTimeout"], 380);
    let name = &template.properties("AWS::S3::Bucket")["BucketName"];
    assert_eq!(name, "wheels-123456789012-eu-central-1-an");
}

#[test]
fn keys_of_ones_own_are_for_the_functions_too() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let own = key.clone();
        let tables = PackageTables::new().with(move |table| table.encrypted_with(&own));
        let index =
            CacheSync::tables(tables).bucket_with(move |bucket| bucket.encrypted_with(&key));
        stack.add("Index", index);
    });
    for start in ["IndexFunction", "IndexRebuild"] {
        let [rights] = statements(&template, start, "kms")[..] else {
            panic!("{:#}", template.0);
        };
        let actions = [
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ];
        assert_eq!(rights["Action"], expected!(actions));
    }
}

#[test]
fn alarms_tell_of_everything_that_goes_wrong() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let index = stack.add("Index", CacheSync::dynamodb());
        assert_eq!(index.alarms(&operators).len(), 6);
    });
    let alarms = template.all("AWS::CloudWatch::Alarm");
    let of = |metric: &str| {
        let is = |alarm: &&&serde_json::Value| alarm["Properties"]["MetricName"] == metric;
        alarms.iter().filter(is).count()
    };
    for (metric, count) in [
        ("Errors", 1),
        ("Throttles", 1),
        ("Duration", 1),
        ("ExecutionsFailed", 1),
        ("ApproximateAgeOfOldestMessage", 1),
        ("ApproximateNumberOfMessagesVisible", 1),
    ] {
        assert_eq!(of(metric), count, "{metric}");
    }
    let age = template.named("AWS::CloudWatch::Alarm", "IndexEventsOldMessages");
    assert_eq!(age["Properties"]["Threshold"], 720);
}

#[test]
fn two_indexes_may_follow_one_bucket_below_prefixes_of_their_own() {
    let app = App::new();
    let stack = app.stack("S", home());
    let bucket = stack.add("Wheels", s3::Bucket::new());
    for (id, prefix) in [("One", "one/"), ("Two", "two/")] {
        let tables = PackageTables::new().namespace(id);
        let index = CacheSync::tables(tables).bucket(&bucket).prefix(prefix);
        stack.add(id, index);
    }
    let [template] = templates_of(app, ["S"]);
    let told = &template.properties("AWS::S3::Bucket")["NotificationConfiguration"];
    assert_eq!(told["QueueConfigurations"].as_array().unwrap().len(), 6);
}

#[test]
fn a_role_that_somebody_else_keeps_is_left_as_it_is_and_told_what_it_needs() {
    let app = App::new();
    let stack = app.stack("S", home());
    let role = iam::Role::import(&stack, "Role", "arn:aws:iam::123456789012:role/pypicloud");
    let reload = iam::Role::import(&stack, "Reload", "arn:aws:iam::123456789012:role/reload");
    let index = CacheSync::dynamodb()
        .role(&role.without_policy_updates())
        .reload_role(&reload.without_policy_updates())
        .rebuild_every(days(1));
    stack.add("Index", index);
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let all = "dynamodb:BatchGetItem, dynamodb:DeleteItem, dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query, dynamodb:Scan, \
        logs:CreateLogStream, logs:PutLogEvents, s3:GetObject, s3:ListBucket, \
        sqs:ChangeMessageVisibility, sqs:DeleteMessage, sqs:GetQueueAttributes, sqs:GetQueueUrl, \
        sqs:ReceiveMessage, ";
    let warnings = assembly.warnings().to_string();
    for said in [
        format!("warning[CW1112]: `S/Role` gets no policy here, and has to allow {all}"),
        "`S/Reload` gets no policy here, and has to allow lambda:InvokeFunction, states:StartExecution".to_owned(),
    ] {
        assert!(warnings.contains(&said), "{warnings}");
    }
    let template = assembly.stack("S").unwrap().template().to_json();
    let template = crate::Template(serde_json::from_str(&template).unwrap());
    assert!(template.all("AWS::IAM::Policy").is_empty());
    assert!(template.all("AWS::IAM::Role").is_empty());
    assert_eq!(
        template.properties(MACHINE)["RoleArn"],
        "arn:aws:iam::123456789012:role/reload"
    );
    for start in ["IndexFunction", "IndexRebuild"] {
        let function = template.named(FUNCTION, start);
        let role = "arn:aws:iam::123456789012:role/pypicloud";
        assert_eq!(function["Properties"]["Role"], role);
        let policy = &function["Metadata"]["cloudwright:RolePolicy"];
        let statements = policy["Statement"].as_array().unwrap();
        let looks = |one: &&serde_json::Value| one["Action"] == "s3:GetObject";
        assert_eq!(statements.iter().filter(looks).count(), 1, "{policy:#}");
    }
}
