//! What a construct writes, as the handler reads it, and what is wrong in it.

use std::collections::BTreeMap;

use super::*;

fn text(text: &str) -> String {
    text.to_owned()
}

fn plain() -> Command {
    Command::new(text("s3sync"), vec![Target::tag("s3sync", text("true"))])
}

fn full() -> SsmSync {
    let mut command = plain();
    command.document = text("arn:aws:ssm:eu-central-1:123456789012:document/s3sync");
    command.document_version = Some(text("$LATEST"));
    command.bucket = Some(text("uploads"));
    let stages = Target {
        tag: text("stage"),
        values: vec![text("prod"), text("canary")],
    };
    command.targets.push(stages);
    command.bucket_parameter = None;
    let parameter = |name: &str, values: &[&str]| Parameter {
        name: text(name),
        values: values.iter().map(|value| text(value)).collect(),
    };
    command.parameters = vec![
        parameter("Directory", &["/srv/s3sync"]),
        parameter("Skip", &["*.tmp", "*.part"]),
    ];
    command.max_concurrency = Some(Limit::Percent(25));
    command.max_errors = Some(Limit::Count(3));
    command.delivery_seconds = 60;
    command.comment = text("sync");
    command.output = Output {
        bucket: Some(text("s3synclogs")),
        prefix: text("sync/"),
        log_group: Some(text("s3syncSSM")),
    };
    let mut other = plain();
    other.bucket_parameter = Some(text("Source"));
    other.marker = Some(Marker {
        prefix: text("orders/"),
        name: text("done.txt"),
    });
    let mut plan = SsmSync::new(vec![command, other]);
    plan.window = Some(Window {
        seconds: 5,
        queue_url: text("https://sqs.eu-central-1.amazonaws.com/123456789012/events"),
    });
    plan.ledger = Some(text("ledger"));
    plan
}

fn written(sync: SsmSync) -> BTreeMap<String, String> {
    sync.variables(|literal| literal).into_iter().collect()
}

#[test]
fn what_a_construct_writes_the_handler_reads() {
    assert_eq!(SsmSync::read(&written(full())), Ok(full()));
}

#[test]
fn defaults_are_not_written() {
    let names: Vec<_> = written(SsmSync::new(vec![plain()])).into_keys().collect();
    let expected = [
        "COMMAND_1_DOCUMENT",
        "COMMAND_1_TARGET_1_TAG",
        "COMMAND_1_TARGET_1_VALUE_1",
    ];
    assert_eq!(names, expected);
}

#[test]
fn every_variable_that_is_written_is_documented() {
    for name in written(full()).keys() {
        let general = name.replace(['1', '2'], "<n>");
        let is_known = |known: &Variable| known.name == general;
        assert!(SsmSync::VARIABLES.iter().any(is_known), "{name}");
    }
}

fn wrong(name: &str, value: &str) -> String {
    let mut variables = written(full());
    variables.insert(name.to_owned(), value.to_owned());
    SsmSync::read(&variables).unwrap_err().to_string()
}

#[test]
fn what_systems_manager_would_refuse_is_named() {
    let limit = "a number of servers from 1 to 9999999, or a part of them from 1% to 100%";
    for held in [
        "0", "0%", "101%", "+5", "05", "10 %", "12345678", "%", "many",
    ] {
        let expected = format!(
            "environment variable COMMAND_1_MAX_CONCURRENCY: got {held:?}, expected {limit}"
        );
        assert_eq!(wrong("COMMAND_1_MAX_CONCURRENCY", held), expected);
    }
    let table = [
        ("COMMAND_2_DOCUMENT", "s3 sync"),
        ("COMMAND_2_DOCUMENT", "ab"),
        ("COMMAND_1_DOCUMENT_VERSION", "newest"),
        ("COMMAND_1_DOCUMENT_VERSION", "007"),
        ("COMMAND_1_DELIVERY_SECONDS", "29"),
        ("COMMAND_1_MAX_ERRORS", "-1"),
        ("COMMAND_2_MARKER", "orders/done.txt"),
        ("WINDOW_SECONDS", "0"),
        ("WINDOW_SECONDS", "901"),
    ];
    for (name, held) in table {
        let start = format!("environment variable {name}: got {held:?}, expected ");
        let error = wrong(name, held);
        assert!(error.starts_with(&start), "{error}");
    }
    let long = "x".repeat(101);
    assert!(wrong("COMMAND_1_COMMENT", &long).ends_with("expected at most 100 characters"));
    assert_eq!("0%".parse(), Ok(Limit::Percent(0)));
}

#[test]
fn what_is_missing_is_named() {
    for name in [
        "COMMAND_1_DOCUMENT",
        "COMMAND_1_TARGET_1_TAG",
        "COMMAND_1_TARGET_2_VALUE_1",
        "COMMAND_1_PARAMETER_2_VALUE_1",
        "LEDGER_TABLE",
        "WINDOW_QUEUE_URL",
    ] {
        let start = format!("environment variable {name} is not set, expected ");
        let error = wrong(name, "");
        assert!(error.starts_with(&start), "{error}");
    }
}

#[test]
fn there_are_at_most_five_targets_with_fifty_values() {
    let mut many = full();
    let target = many.commands[1].targets[0].clone();
    many.commands[1].targets = vec![target; 6];
    let error = SsmSync::read(&written(many)).unwrap_err();
    assert_eq!(error.variable, "COMMAND_2_TARGET_6_TAG");
    let mut many = full();
    many.commands[0].targets[0].values = vec![text("v"); 51];
    let error = SsmSync::read(&written(many)).unwrap_err();
    assert_eq!(error.variable, "COMMAND_1_TARGET_1_VALUE_51");
}

#[test]
fn a_marker_is_an_object_of_exactly_this_name() {
    let marker = |prefix: &str| Marker {
        prefix: text(prefix),
        name: text("done.txt"),
    };
    for (prefix, key, is) in [
        ("", "done.txt", true),
        ("", "a/b/done.txt", true),
        ("orders/", "orders/7/done.txt", true),
        ("orders/", "orders/done.txt", true),
        ("orders/", "done.txt", false),
        ("", "not-done.txt", false),
        ("", "done.txt/", false),
        ("", "done.txt/part", false),
        ("", "DONE.TXT", false),
        ("orders/done", "orders/done.txt", true),
    ] {
        assert_eq!(marker(prefix).is(key), is, "{prefix} {key}");
    }
}
