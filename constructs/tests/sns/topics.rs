//! Topics, and topics that exist already.

use super::*;

#[test]
fn a_topic_signs_with_sha_256_and_lets_nobody_in_without_tls() {
    let template = template(|stack| {
        stack.add("Orders", Topic::new());
    });
    let topic = template.id(TOPIC, "Orders");
    let properties = template.properties(TOPIC);
    assert_eq!(*properties, expected!({ "SignatureVersion": "2" }));
    let policy = template.properties(POLICY);
    assert_eq!(policy["Topics"], expected!([{ "Ref": topic }]));
    let expected = expected!([{
        "Action": "sns:Publish",
        "Condition": { "Bool": { "aws:SecureTransport": false } },
        "Effect": "Deny",
        "Principal": "*",
        "Resource": { "Ref": topic },
    }]);
    assert_eq!(policy["PolicyDocument"]["Statement"], expected);
}

#[test]
fn a_fifo_topic_is_fast() {
    let template = template(|stack| {
        stack.add("Payments", FifoTopic::new());
    });
    let expected = expected!({ "FifoThroughputScope": "MessageGroup", "FifoTopic": true });
    assert_eq!(*template.properties(TOPIC), expected);
}

#[test]
fn a_strict_stack_encrypts_topics_with_its_key() {
    let template = strict_template(|stack| {
        stack.add("Orders", Topic::new());
    });
    let key = template.id("AWS::KMS::Key", "StrictKey");
    let arn = expected!({ "Fn::GetAtt": [key, "Arn"] });
    assert_eq!(template.properties(TOPIC)["KmsMasterKeyId"], arn);
}

#[test]
fn every_setting_is_written() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let payments = FifoTopic::new()
            .topic_name("payments")
            .display_name("Payments")
            .encrypted_with(&key)
            .traced()
            .content_based_deduplication()
            .deduplicated_across_groups()
            .archive_days(365);
        stack.add("Payments", payments);
    });
    let key = template.id("AWS::KMS::Key", "Key");
    let expected = expected!({
        "ArchivePolicy": { "MessageRetentionPeriod": "365" },
        "ContentBasedDeduplication": true,
        "DisplayName": "Payments",
        "FifoThroughputScope": "Topic",
        "FifoTopic": true,
        "KmsMasterKeyId": { "Fn::GetAtt": [key, "Arn"] },
        "TopicName": "payments.fifo",
        "TracingConfig": "Active",
    });
    assert_eq!(*template.properties(TOPIC), expected);
}

#[test]
fn names_have_a_form_and_a_length() {
    let long = "t".repeat(257);
    for name in ["", "my topic", "orders.fifo", &long] {
        let found = findings(|stack| {
            stack.add("Orders", Topic::new().topic_name(name.to_owned()));
        });
        let got = format!("got \"{name}\"");
        let parts = [
            "a standard topic's name has 1 to 256 letters",
            &got,
            "leave it out",
        ];
        assert_error(&found, "CW1004", &parts);
    }
    let found = findings(|stack| {
        stack.add("Payments", FifoTopic::new().topic_name("t".repeat(252)));
    });
    assert_error(
        &found,
        "CW1004",
        &["a FIFO topic's name has 1 to 251 letters"],
    );
    for name in ["payments", "payments.fifo"] {
        let template = template(|stack| {
            stack.add("Payments", FifoTopic::new().topic_name(name));
        });
        assert_eq!(template.properties(TOPIC)["TopicName"], "payments.fifo");
    }
}

#[test]
fn display_names_and_archives_have_limits() {
    let found = findings(|stack| {
        stack.add("Orders", Topic::new().display_name("ü".repeat(101)));
    });
    let parts = [
        "a display name has at most 100 characters, got 101",
        "shorten it",
    ];
    assert_error(&found, "CW1004", &parts);
    template(|stack| {
        stack.add("Orders", Topic::new().display_name("ü".repeat(100)));
    });
    for days in [0, 366] {
        let found = findings(|stack| {
            stack.add("Payments", FifoTopic::new().archive_days(days));
        });
        let got = format!("for 1 to 365 days, got {days}");
        assert_error(&found, "CW1002", &[&got, "subscribe a stream"]);
    }
}

const ARN: &str = "arn:aws:sns:eu-west-1:210987654321:orders";

#[test]
fn an_imported_topic_knows_its_name() {
    let template = template(|stack| {
        let orders = Topic::import(stack, "Orders", ARN);
        assert!(orders.cfn().is_none());
        stack.output("Name", orders.name());
        orders.grant_publish(&worker(stack));
    });
    assert_eq!(template.0["Outputs"]["Name"]["Value"], "orders");
    let publish = template.allowing(IDENTITY, "sns:Publish")[0];
    assert_eq!(publish["Resource"], ARN);
    assert!(template.all(POLICY).is_empty());
}

#[test]
fn a_token_arn_is_taken_apart_by_the_deployment() {
    let template = template(|stack| {
        let arn = stack.add("OrdersArn", Parameter::string());
        let orders = Topic::import(stack, "Orders", arn);
        orders.subscribe(Subscription::function(&stack.add("Tell", function())));
        stack.output("Name", orders.name());
    });
    let part = |index: u8| expected!({ "Fn::Select": [index, { "Fn::Split": [":", { "Ref": "OrdersArn" }] }] });
    assert_eq!(template.0["Outputs"]["Name"]["Value"], part(5));
    let permission = template.properties("AWS::Lambda::Permission");
    assert_eq!(permission["SourceAccount"], part(4));
    let subscription = template.properties(SUBSCRIPTION);
    assert_eq!(subscription["TopicArn"], expected!({ "Ref": "OrdersArn" }));
    assert!(subscription.get("Region").is_none());
}

#[test]
fn texts_that_are_no_arns_of_such_topics_are_refused() {
    for text in [
        "orders",
        "arn:aws:sqs:eu-west-1:210987654321:orders",
        "arn:aws:sns:::orders",
    ] {
        let found = findings(|stack| {
            let _: FifoTopicRef = FifoTopic::import(stack, "Orders", text);
        });
        let got = format!("got \"{text}\"");
        let parts = [
            "a topic's ARN looks like \"arn:aws:sns:",
            &got,
            "copy the ARN",
        ];
        assert_error(&found, "CW1003", &parts);
    }
    let found = findings(|stack| {
        FifoTopic::import(stack, "Orders", ARN);
    });
    let parts = [
        "expected the ARN of a FIFO topic, got that of \"orders\"",
        "`sns::Topic::import`",
    ];
    assert_error(&found, "CW1003", &parts);
    let found = findings(|stack| {
        let _: TopicRef = Topic::import(stack, "Orders", format!("{ARN}.fifo"));
    });
    assert_error(
        &found,
        "CW1003",
        &["a standard topic", "`sns::FifoTopic::import`"],
    );
}

#[test]
fn the_policy_of_an_imported_topic_is_its_owners() {
    let found = findings(|stack| {
        let orders = Topic::import(stack, "Orders", ARN);
        orders.add_statement(Statement::deny(["sns:Publish"]).by(Principal::everyone()));
    });
    let parts = [
        "policy of an imported topic belongs to its owner",
        "add the statement there",
    ];
    assert_error(&found, "CW1005", &parts);
    let found = findings(|stack| {
        Topic::import(stack, "Orders", ARN).grant_publish(&Principal::account(ABROAD));
    });
    assert_error(
        &found,
        "CW1005",
        &["outside principal", "grant to a role of the app"],
    );
}

#[test]
fn metrics_are_of_the_topic_and_sums() {
    use cloudwright::cloudwatch::{Alarm, Comparison};
    let template = template(|stack| {
        let orders = stack.add("Orders", Topic::new());
        let alarm = |metric| Alarm::new(metric, Comparison::Above(0.0));
        stack.add("Failed", alarm(orders.metric_failed()));
        stack.add("Published", alarm(orders.metric_published()));
    });
    let name = expected!({ "Fn::GetAtt": [template.id(TOPIC, "Orders"), "TopicName"] });
    for (id, metric) in [
        ("Failed", "NumberOfNotificationsFailed"),
        ("Published", "NumberOfMessagesPublished"),
    ] {
        let alarm = &template.named("AWS::CloudWatch::Alarm", id)["Properties"];
        assert_eq!(alarm["Namespace"], "AWS/SNS");
        assert_eq!(alarm["MetricName"], metric);
        assert_eq!(alarm["Statistic"], "Sum");
        assert_eq!(
            alarm["Dimensions"],
            expected!([{ "Name": "TopicName", "Value": name }])
        );
    }
}
