//! Tables: what is safe unless said otherwise, how items are found, and who may use them.

mod support;

use cloudwright::dynamodb::{Attribute, Index, StreamView, Table};
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{
    ABROAD, Template, assert_error, findings, home, strict_template, template, templates_of, worker,
};

const TABLE: &str = "AWS::DynamoDB::Table";
const IDENTITY: &str = "AWS::IAM::Policy";

fn packages() -> Table {
    Table::new(Attribute::string("filename"))
}

fn by_name() -> Index {
    Index::new("name-index", Attribute::string("name"))
}

#[test]
fn a_table_is_paid_by_request_and_can_be_restored() {
    let template = template(|stack| {
        stack.add("Packages", packages());
    });
    let properties = template.properties(TABLE);
    assert_eq!(
        *properties,
        expected!({
            "AttributeDefinitions": [{ "AttributeName": "filename", "AttributeType": "S" }],
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "filename", "KeyType": "HASH" }],
            "PointInTimeRecoverySpecification": {
                "PointInTimeRecoveryEnabled": true,
                "RecoveryPeriodInDays": 35
            }
        })
    );
    assert_eq!(
        template.one(TABLE)["DeletionPolicy"],
        "RetainExceptOnCreate"
    );
    assert_eq!(template.one(TABLE)["UpdateReplacePolicy"], "Retain");
}

#[test]
fn a_strict_stack_encrypts_tables_with_its_own_key() {
    let template = strict_template(|stack| {
        stack.add("Packages", packages());
    });
    let encryption = &template.properties(TABLE)["SSESpecification"];
    assert_eq!(encryption["SSEType"], "KMS");
    let key = template.id("AWS::KMS::Key", "StrictKey");
    assert_eq!(
        encryption["KMSMasterKeyId"],
        expected!({ "Fn::GetAtt": [key, "Arn"] })
    );
}

#[test]
fn every_attribute_of_a_key_is_defined_once() {
    let table = packages()
        .sort_by(Attribute::number("uploaded"))
        .index(by_name().sort_by(Attribute::number("uploaded")))
        .index(Index::local("by-size", Attribute::number("size")).attributes(["summary"]));
    let template = template(|stack| {
        stack.add("Packages", table);
    });
    let properties = template.properties(TABLE);
    let attribute =
        |name: &str, kind: &str| expected!({ "AttributeName": name, "AttributeType": kind });
    let mut defined = properties["AttributeDefinitions"]
        .as_array()
        .unwrap()
        .clone();
    defined.sort_by_key(|one| one["AttributeName"].to_string());
    assert_eq!(
        defined,
        [
            attribute("filename", "S"),
            attribute("name", "S"),
            attribute("size", "N"),
            attribute("uploaded", "N"),
        ]
    );
    assert_eq!(
        properties["GlobalSecondaryIndexes"],
        expected!([{
            "IndexName": "name-index",
            "KeySchema": [
                { "AttributeName": "name", "KeyType": "HASH" },
                { "AttributeName": "uploaded", "KeyType": "RANGE" }
            ],
            "Projection": { "ProjectionType": "ALL" }
        }])
    );
    assert_eq!(
        properties["LocalSecondaryIndexes"],
        expected!([{
            "IndexName": "by-size",
            "KeySchema": [
                { "AttributeName": "filename", "KeyType": "HASH" },
                { "AttributeName": "size", "KeyType": "RANGE" }
            ],
            "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["summary"] }
        }])
    );
}

fn refused(table: Table, code: &str, parts: &[&str]) {
    let found = findings(|stack| {
        stack.add("Packages", table);
    });
    assert_error(&found, code, parts);
}

#[test]
fn what_dynamodb_refuses_is_told() {
    let twice = packages().index(Index::new("by-name", Attribute::number("filename")));
    refused(twice, "CW1103", &["\"filename\"", "strings and numbers"]);
    let unsorted = packages().index(Index::local("by-size", Attribute::number("size")));
    refused(unsorted, "CW1103", &["sort_by"]);
    let empty = packages().index(by_name().attributes(Vec::<String>::new()));
    refused(empty, "CW1002", &["\"name-index\"", "got 0", "keys_only"]);
    let long = packages().recovery_period(days(36));
    refused(long, "CW1002", &["got 36", "without_recovery"]);
    let local = |count: u32| Index::local(format!("by-{count}"), Attribute::number("size"));
    let many = (0..6).map(local);
    let many = many.fold(packages().sort_by(Attribute::number("at")), Table::index);
    refused(many, "CW1002", &["5 local", "got 6"]);
    let global = |count: u32| Index::new(format!("by-{count}"), Attribute::string("name"));
    let many = (0..21).map(global).fold(packages(), Table::index);
    refused(many, "CW1002", &["20 global", "got 21"]);
}

#[test]
fn indexes_are_granted_where_there_are_some() {
    let resources = |table: Table| {
        let template = template(|stack| {
            stack.add("Packages", table).grant_read(&worker(stack));
        });
        let read = template.allowing(IDENTITY, "dynamodb:Query").into_iter();
        read.map(|statement| statement["Resource"].to_string())
            .collect::<String>()
    };
    assert!(!resources(packages()).contains("/index/*"));
    assert!(resources(packages().index(by_name())).contains("/index/*"));
}

#[test]
fn the_key_is_granted_with_the_table() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let table = stack.add("Packages", packages().encrypted_with(&key));
        table.grant_write(&worker(stack));
    });
    for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
        assert_eq!(template.allowing(IDENTITY, action).len(), 1, "{action}");
    }
}

#[test]
fn an_outsider_comes_in_by_the_policy_of_the_table() {
    let template = template(|stack| {
        let table = stack.add("Packages", packages());
        table.grant_read(&Principal::account(ABROAD));
    });
    let policy = &template.properties(TABLE)["ResourcePolicy"]["PolicyDocument"];
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1, "{policy:#}");
    assert_eq!(statements[0]["Resource"], "*");
    assert!(statements[0]["Principal"].to_string().contains(ABROAD));
}

#[test]
fn a_role_of_another_account_reads_a_table_with_a_name() {
    let app = App::new();
    let stack = app.stack("S", home());
    let table = stack.add("Packages", packages().table_name("packages"));
    let away = app.stack("Away", Environment::new(ABROAD, "eu-central-1"));
    table.grant_read(&worker(&away));
    let [home, away]: [Template; 2] = templates_of(app, ["S", "Away"]);
    let read = away.allowing(IDENTITY, "dynamodb:GetItem")[0];
    let arn = read["Resource"].to_string();
    assert!(arn.contains("123456789012:table/packages"), "{arn}");
    assert!(home.properties(TABLE)["ResourcePolicy"].is_object());
}

#[test]
fn the_stream_is_read_by_its_own_arn() {
    let template = template(|stack| {
        let table = packages().stream(StreamView::NewAndOldImages);
        stack
            .add("Packages", table)
            .grant_stream_read(&worker(stack));
    });
    let read = template.allowing(IDENTITY, "dynamodb:GetRecords")[0];
    let id = template.id(TABLE, "Packages");
    assert_eq!(
        read["Resource"],
        expected!({ "Fn::GetAtt": [id, "StreamArn"] })
    );
    let without = findings(|stack| {
        stack
            .add("Packages", packages())
            .grant_stream_read(&worker(stack));
    });
    assert_error(&without, "CW1103", &["no stream", ".stream("]);
}

#[test]
fn an_imported_table_knows_its_name() {
    let template = template(|stack| {
        let arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/packages";
        let table = Table::import(stack, "Packages", arn);
        stack.output("Name", table.name());
        table.grant_read(&worker(stack));
    });
    assert_eq!(template.0["Outputs"]["Name"]["Value"], "packages");
    let read = template.allowing(IDENTITY, "dynamodb:Query").into_iter();
    let resources: Vec<_> = read.map(|statement| &statement["Resource"]).collect();
    let arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/packages";
    assert_eq!(
        resources,
        [&expected!(arn), &expected!(format!("{arn}/index/*"))]
    );
    let wrong = findings(|stack| {
        Table::import(stack, "Packages", "packages");
    });
    assert_error(&wrong, "CW1003", &[":table/name\"", "got \"packages\""]);
}

#[test]
fn throttles_raise_alarms() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let table = stack.add("Packages", packages());
        table.alarm_on_read_throttles(&operators);
        table.alarm_on_write_throttles(&operators);
    });
    let metrics: Vec<_> = template
        .all("AWS::CloudWatch::Alarm")
        .iter()
        .map(|alarm| alarm["Properties"]["MetricName"].as_str().unwrap())
        .collect();
    assert_eq!(metrics, ["ReadThrottleEvents", "WriteThrottleEvents"]);
}

#[test]
fn global_indexes_of_a_provisioned_table_are_provisioned_too() {
    let template = template(|stack| {
        let own = Index::new("state-index", Attribute::string("state")).provisioned(1, 2);
        let size = Index::local("size-index", Attribute::number("size"));
        let packages = packages().sort_by(Attribute::string("version"));
        let packages = packages
            .provisioned(5, 6)
            .index(by_name())
            .index(own)
            .index(size);
        stack.add("Packages", packages);
    });
    let properties = template.properties(TABLE);
    let capacity = |reads: u32, writes: u32| expected!({ "ReadCapacityUnits": reads, "WriteCapacityUnits": writes });
    assert_eq!(properties["ProvisionedThroughput"], capacity(5, 6));
    let indexes = &properties["GlobalSecondaryIndexes"];
    assert_eq!(indexes[0]["ProvisionedThroughput"], capacity(5, 6));
    assert_eq!(indexes[1]["ProvisionedThroughput"], capacity(1, 2));
    assert!(properties["LocalSecondaryIndexes"][0]["ProvisionedThroughput"].is_null());
}

#[test]
fn capacity_that_dynamodb_refuses_is_reported() {
    for (table, code, said) in [
        (packages().provisioned(0, 1), "CW1002", "got 0 and 1"),
        (
            packages()
                .provisioned(1, 1)
                .index(by_name().provisioned(1, 0)),
            "CW1002",
            "an index is provisioned with at least one read and one write a second, got 1 and 0",
        ),
        (
            packages().index(by_name().provisioned(1, 1)),
            "CW1103",
            "its table is paid by request",
        ),
        (
            packages()
                .provisioned(1, 1)
                .sort_by(Attribute::string("version"))
                .index(Index::local("size-index", Attribute::number("size")).provisioned(1, 1)),
            "CW1103",
            "with the capacity of its table",
        ),
    ] {
        let found = findings(|stack| {
            stack.add("Packages", table);
        });
        assert_error(&found, code, &[said]);
    }
}

#[test]
fn the_stream_of_a_table_that_exists_already_is_said() {
    let old = "arn:aws:dynamodb:eu-central-1:123456789012:table/old";
    let stream =
        "arn:aws:dynamodb:eu-central-1:123456789012:table/old/stream/2026-01-31T12:00:00.000";
    let template = template(|stack| {
        let table = Table::import(stack, "Old", old).with_stream(stream);
        table.grant_stream_read(&worker(stack));
    });
    let read = template.allowing(IDENTITY, "dynamodb:GetRecords");
    assert_eq!(read[0]["Resource"], stream);
    let found = findings(|stack| {
        Table::import(stack, "Old", old).grant_stream_read(&worker(stack));
    });
    assert_error(&found, "CW1103", &["exists already", ".with_stream("]);
    let found = findings(|stack| {
        let _table = Table::import(stack, "Old", old).with_stream(old);
        let _ours = stack.add("Packages", packages()).with_stream(stream);
    });
    assert_error(&found, "CW1003", &["/stream/2026-01-31"]);
    assert_error(&found, "CW1103", &["knows its stream itself"]);
}
