//! Who publishes to a topic: roles, outsiders, buckets and alarms.

use cloudwright::cloudwatch::{Alarm, Comparison, Metric};
use cloudwright::s3::{Event, Filter};

use super::*;

fn alarm() -> Alarm {
    Alarm::new(Metric::new("Shop", "Errors"), Comparison::Above(0.0))
}

#[test]
fn a_role_may_publish_to_an_encrypted_topic() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let orders = stack.add("Orders", Topic::new().encrypted_with(&key));
        orders.grant_publish(&worker(stack));
    });
    let publish = template.allowing(IDENTITY, "sns:Publish")[0];
    let topic = template.id(TOPIC, "Orders");
    assert_eq!(publish["Resource"], expected!({ "Ref": topic }));
    assert_eq!(template.allowing(IDENTITY, "kms:GenerateDataKey").len(), 1);
    assert_eq!(template.statements(POLICY).len(), 1);
}

#[test]
fn outsiders_come_in_by_the_topics_policy() {
    let template = template(|stack| {
        let orders = stack.add("Orders", Topic::new());
        orders.grant_publish(&Principal::account(ABROAD));
        let statement = Statement::allow(["sns:Subscribe"]).by(Principal::account(ABROAD));
        orders.add_statement(statement.on(orders.arn()));
    });
    let both = template.allowing(POLICY, "sns:Subscribe")[0];
    assert_eq!(both["Action"], expected!(["sns:Publish", "sns:Subscribe"]));
    assert!(both["Principal"].to_string().contains(ABROAD), "{both}");
    assert!(template.all(IDENTITY).is_empty());
}

#[test]
fn a_role_of_another_account_is_let_in_by_both_sides() {
    let app = App::new();
    let orders = Topic::new().topic_name("orders");
    let orders = app.stack("S", home()).add("Orders", orders);
    let away = app.stack("Away", Environment::new(ABROAD, "eu-central-1"));
    orders.grant_publish(&worker(&away));
    let [home, away] = templates_of(app, ["S", "Away"]);
    let publish = home.statements(POLICY).into_iter();
    let allowed: Vec<_> = publish.filter(|one| one["Effect"] == "Allow").collect();
    assert_eq!(allowed.len(), 1);
    assert!(allowed[0]["Principal"].to_string().contains(ABROAD));
    let identity = away.allowing(IDENTITY, "sns:Publish")[0];
    let arn = identity["Resource"].to_string();
    assert!(
        arn.contains(":sns:eu-central-1:123456789012:orders"),
        "{arn}"
    );
}

/// The one statement of the topic's policy that lets a service in.
fn of_service<'a>(template: &'a Template, service: &str) -> &'a serde_json::Value {
    let statements = template.statements(POLICY).into_iter();
    let mut found = statements.filter(|one| one["Principal"]["Service"] == service);
    let statement = found.next().unwrap_or_else(|| panic!("{:#}", template.0));
    assert!(found.next().is_none());
    statement
}

#[test]
fn buckets_and_alarms_publish_to_an_encrypted_topic() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let orders = stack.add("Orders", Topic::new().encrypted_with(&key));
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.notify(Event::ObjectCreated, Filter::all(), &orders);
        stack.add("First", alarm().on_alarm(&orders).on_ok(&orders));
        stack.add("Second", alarm().on_alarm(&orders));
    });
    let bucket = template.one("AWS::S3::Bucket");
    let name = bucket["Properties"]["BucketName"].as_str().unwrap();
    let from_bucket = of_service(&template, "s3.amazonaws.com");
    let source = from_bucket["Condition"]["ArnEquals"]["aws:SourceArn"].to_string();
    assert!(source.contains(name), "{source}");
    let waits = bucket["DependsOn"].to_string();
    assert!(
        waits.contains(template.id(POLICY, "OrdersPolicy")),
        "{waits}"
    );
    of_service(&template, "cloudwatch.amazonaws.com");
    for service in ["s3.amazonaws.com", "cloudwatch.amazonaws.com"] {
        for statement in [
            of_service(&template, service),
            template.allowing_key(service),
        ] {
            let account = &statement["Condition"]["StringEquals"]["aws:SourceAccount"];
            assert_eq!(account, "123456789012", "{statement}");
        }
        let actions = expected!(["kms:Decrypt", "kms:GenerateDataKey*"]);
        assert_eq!(template.allowing_key(service)["Action"], actions);
    }
}

#[test]
fn an_alarm_tells_a_topic_of_another_stack() {
    let app = App::new();
    let operators = app.stack("S", home()).add("Operators", Topic::new());
    app.stack("Api", home())
        .add("Errors", alarm().on_alarm(&operators));
    let [home, api] = templates_of(app, ["S", "Api"]);
    of_service(&home, "cloudwatch.amazonaws.com");
    let actions = &api.properties("AWS::CloudWatch::Alarm")["AlarmActions"];
    assert!(actions[0]["Fn::ImportValue"].is_string(), "{actions}");
}

#[test]
fn an_alarm_tells_an_encrypted_topic_of_another_account() {
    let app = App::new();
    let stack = app.stack("S", home());
    let key = stack.add("Key", kms::Key::new());
    let operators = Topic::new().topic_name("operators").encrypted_with(&key);
    let operators = stack.add("Operators", operators);
    let away = app.stack("Api", Environment::new(ABROAD, "eu-central-1"));
    away.add("Errors", alarm().on_alarm(&operators));
    let [home, api] = templates_of(app, ["S", "Api"]);
    let service = "cloudwatch.amazonaws.com";
    for statement in [of_service(&home, service), home.allowing_key(service)] {
        let account = &statement["Condition"]["StringEquals"]["aws:SourceAccount"];
        assert_eq!(account, ABROAD);
    }
    let action = api.properties("AWS::CloudWatch::Alarm")["AlarmActions"][0].to_string();
    assert!(
        action.contains(":sns:eu-central-1:123456789012:operators"),
        "{action}"
    );
}

#[test]
fn alarms_and_buckets_tell_topics_of_their_own_region_only() {
    let app = App::new();
    let away = app.stack("Away", Environment::new("123456789012", "eu-west-1"));
    let operators = away.add("Operators", Topic::new().topic_name("operators"));
    let stack = app.stack("S", home());
    stack.add("Errors", alarm().on_alarm(&operators));
    let parts = [
        "an alarm and whom it tells are in one region",
        "expected eu-central-1, got \"Away/Operators\" in eu-west-1",
        "add one of the two",
    ];
    assert_error(&refusal_of(app), "CW1109", &parts);
}
