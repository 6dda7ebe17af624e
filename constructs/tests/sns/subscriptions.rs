//! Who is told: every protocol, its endpoints, and what a subscription waits for.

use super::*;

#[test]
fn a_queue_lets_the_topic_in_before_it_is_subscribed() {
    let template = template(|stack| {
        let orders = stack.add("Orders", Topic::new());
        let key = stack.add("Key", kms::Key::new());
        let jobs = stack.add("Jobs", queue().encrypted_with(&key));
        orders.subscribe(Subscription::queue(&jobs).raw());
    });
    let topic = expected!({ "Ref": template.id(TOPIC, "Orders") });
    let queue = expected!({ "Fn::GetAtt": [template.id(QUEUE, "Jobs"), "Arn"] });
    let subscription = template.named(SUBSCRIPTION, "JobsSubscription");
    let expected = expected!({
        "Endpoint": queue,
        "Protocol": "sqs",
        "RawMessageDelivery": true,
        "TopicArn": topic,
    });
    assert_eq!(subscription["Properties"], expected);
    let policy = template.id(QUEUE_POLICY, "JobsPolicy");
    assert_eq!(subscription["DependsOn"], policy);
    let send = template.allowing(QUEUE_POLICY, "sqs:SendMessage")[0];
    assert_eq!(
        send["Principal"],
        expected!({ "Service": "sns.amazonaws.com" })
    );
    assert_eq!(
        send["Condition"],
        expected!({ "ArnEquals": { "aws:SourceArn": topic } })
    );
    let key = template.allowing_key("sns.amazonaws.com");
    assert_eq!(
        key["Action"],
        expected!(["kms:Decrypt", "kms:GenerateDataKey*"])
    );
}

#[test]
fn a_function_permits_each_topic_once() {
    let template = template(|stack| {
        let tell = stack.add("Tell", function());
        for id in ["Orders", "Refunds"] {
            let topic = stack.add(id, Topic::new());
            topic.subscribe(Subscription::function(&tell));
        }
        let orders = stack.add("Returns", Topic::new());
        let first = FilterPolicy::attributes().key("kind", Match::any(["a"]));
        let second = FilterPolicy::attributes().key("kind", Match::any(["b"]));
        orders.subscribe(Subscription::function(&tell).filter(first));
        orders.subscribe(Subscription::function(&tell).filter(second).id("Second"));
    });
    assert_eq!(template.all(SUBSCRIPTION).len(), 4);
    let permissions = template.all("AWS::Lambda::Permission");
    assert_eq!(permissions.len(), 3);
    for permission in permissions {
        let properties = &permission["Properties"];
        assert_eq!(properties["Principal"], "sns.amazonaws.com");
        assert_eq!(properties["SourceAccount"], "123456789012");
        assert!(properties["SourceArn"]["Ref"].is_string());
    }
    for subscription in template.all(SUBSCRIPTION) {
        let waits = subscription["DependsOn"].as_str().unwrap();
        assert_eq!(
            template.0["Resources"][waits]["Type"],
            "AWS::Lambda::Permission"
        );
    }
}

#[test]
fn streams_are_written_to_as_a_role() {
    let template = template(|stack| {
        let orders = stack.add("Orders", Topic::new());
        let role = iam::Role::assumed_by(Principal::service("sns.amazonaws.com"));
        let role = stack.add("Writer", role);
        for name in ["audit", "lake"] {
            let arn = format!("arn:aws:firehose:eu-central-1:123456789012:deliverystream/{name}");
            orders.subscribe(Subscription::stream(arn, &role).raw());
        }
    });
    let role = template.id("AWS::IAM::Role", "Writer");
    let subscriptions = template.all(SUBSCRIPTION);
    assert_eq!(subscriptions.len(), 2);
    for subscription in subscriptions {
        let properties = &subscription["Properties"];
        assert_eq!(properties["Protocol"], "firehose");
        let arn = expected!({ "Fn::GetAtt": [role, "Arn"] });
        assert_eq!(properties["SubscriptionRoleArn"], arn);
        assert_eq!(properties["RawMessageDelivery"], true);
    }
}

const PHONE: &str = "arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/app/1";

/// A subscription by an endpoint that is a text.
type ByText = fn(&'static str) -> Subscription;

#[test]
fn every_protocol_takes_its_endpoints_and_refuses_others() {
    let urls = [
        "",
        "example.com",
        "ftp://example.com",
        "https://",
        "https:///x",
        "https://a b",
    ];
    let cases: [(&str, ByText, &[&str], &[&str]); 6] = [
        (
            "https",
            |text| Subscription::https(text),
            &["https://example.com/x?y=1"],
            &urls,
        ),
        (
            "http",
            |text| Subscription::http(text),
            &["http://example.com"],
            &["https://example.com", "http://"],
        ),
        (
            "email",
            |text| Subscription::email(text),
            &["ops+sns@mail.example.com", "o'b@example.com"],
            &[
                "ops",
                "@example.com",
                "ops@",
                "ops@example",
                "ops@.com",
                "ops@example.",
                "a@b@c.de",
                "o ps@example.com",
                "jörg@example.com",
            ],
        ),
        (
            "email-json",
            |text| Subscription::email_json(text),
            &["ops@example.com"],
            &["ops"],
        ),
        (
            "sms",
            |text| Subscription::sms(text),
            &["+4915112345678", "+1234567"],
            &[
                "015112345678",
                "+049151123456",
                "+49 151 12345",
                "+",
                "+123456",
                "+1234567890123456",
            ],
        ),
        (
            "application",
            |text| Subscription::application(text),
            &[PHONE],
            &["1", "arn:aws:sns:eu-central-1:123456789012:orders"],
        ),
    ];
    for (protocol, subscription, good, bad) in cases {
        for endpoint in good {
            let template = template(|stack| {
                let orders = stack.add("Orders", Topic::new());
                orders.subscribe(subscription(endpoint));
            });
            let properties = template.properties(SUBSCRIPTION);
            assert_eq!(properties["Protocol"], protocol);
            assert_eq!(properties["Endpoint"], *endpoint);
        }
        for endpoint in bad {
            let found = findings(|stack| {
                let orders = stack.add("Orders", Topic::new());
                orders.subscribe(subscription(endpoint).id("Told"));
            });
            let expected = format!("a subscription by {protocol} wants ");
            let got = format!("got \"{endpoint}\"");
            assert_error(&found, "CW1106", &[&expected, &got, "fix the endpoint"]);
        }
    }
}

#[test]
fn an_endpoint_that_is_a_token_needs_an_id() {
    let tell = |id: Option<&'static str>| {
        move |stack: &Stack| {
            let address = stack.add("Address", Parameter::string());
            let subscription = Subscription::email(address);
            let subscription = match id {
                Some(id) => subscription.id(id),
                None => subscription,
            };
            stack.add("Orders", Topic::new()).subscribe(subscription);
        }
    };
    let parts = [
        "needs an id, because its endpoint is a token",
        ".id(\"Operators\")",
    ];
    assert_error(&findings(tell(None)), "CW1107", &parts);
    let template = template(tell(Some("Operators")));
    let endpoint = &template.named(SUBSCRIPTION, "OrdersOperators")["Properties"]["Endpoint"];
    assert_eq!(*endpoint, expected!({ "Ref": "Address" }));
}

#[test]
fn raw_messages_go_to_queues_streams_and_urls_only() {
    let cases: [fn() -> Subscription; 4] = [
        || Subscription::email("ops@example.com"),
        || Subscription::email_json("ops@example.com"),
        || Subscription::sms("+4915112345678"),
        || Subscription::application(PHONE),
    ];
    let parts = ["in the envelope of SNS only", "take `.raw()` away"];
    for subscription in cases {
        let found = findings(|stack| {
            stack
                .add("Orders", Topic::new())
                .subscribe(subscription().raw());
        });
        assert_error(&found, "CW1103", &parts);
    }
    let found = findings(|stack| {
        let tell = stack.add("Tell", function());
        let orders = stack.add("Orders", Topic::new());
        orders.subscribe(Subscription::function(&tell).raw());
    });
    assert_error(&found, "CW1103", &parts);
    let template = template(|stack| {
        let orders = stack.add("Orders", Topic::new());
        orders.subscribe(Subscription::https("https://example.com").raw());
        orders.subscribe(Subscription::http("http://example.com").raw());
    });
    let raw = |one: &&serde_json::Value| one["Properties"]["RawMessageDelivery"] == true;
    assert_eq!(
        template.all(SUBSCRIPTION).into_iter().filter(raw).count(),
        2
    );
}

#[test]
fn what_cannot_be_delivered_goes_to_a_queue_that_lets_the_topic_in() {
    let template = template(|stack| {
        let failures = stack.add("Failures", sqs::Queue::dead_letter());
        let orders = stack.add("Orders", Topic::new());
        let url = Subscription::https("https://example.com/orders");
        orders.subscribe(url.dead_letter_queue(&failures));
    });
    let subscription = template.one(SUBSCRIPTION);
    let failures = template.id(QUEUE, "Failures");
    let redrive = &subscription["Properties"]["RedrivePolicy"];
    let arn = expected!({ "Fn::GetAtt": [failures, "Arn"] });
    assert_eq!(*redrive, expected!({ "deadLetterTargetArn": arn }));
    assert_eq!(
        subscription["DependsOn"],
        template.id(QUEUE_POLICY, "FailuresPolicy")
    );
    assert_eq!(template.allowing(QUEUE_POLICY, "sqs:SendMessage").len(), 1);
}

#[test]
fn a_dead_letter_queue_stands_where_the_subscription_does() {
    let app = App::new();
    let away = app.stack("Away", Environment::new("123456789012", "eu-west-1"));
    let failures = away.add("Failures", sqs::Queue::dead_letter().queue_name("failures"));
    let orders = app.stack("S", home()).add("Orders", Topic::new());
    let email = Subscription::email("ops@example.com");
    orders.subscribe(email.dead_letter_queue(&failures));
    let parts = [
        "a subscription and its dead-letter queue",
        "\"Away/Failures\" in eu-west-1",
    ];
    assert_error(&refusal_of(app), "CW1109", &parts);
}

#[test]
fn a_fifo_topic_tells_queues_of_both_kinds() {
    let template = template(|stack| {
        let failures = stack.add("Failures", sqs::FifoQueue::dead_letter());
        let payments = stack.add("Payments", FifoTopic::new());
        let ledger = sqs::FifoQueue::new().dead_letter_queue(&failures);
        let ledger = FifoSubscription::queue(&stack.add("Ledger", ledger));
        payments.subscribe(ledger.raw().dead_letter_queue(&failures));
        let search = stack.add("Search", queue());
        payments.subscribe(FifoSubscription::standard_queue(&search));
    });
    let ledger = &template.named(SUBSCRIPTION, "Ledger")["Properties"];
    assert_eq!(ledger["RawMessageDelivery"], true);
    assert!(ledger["RedrivePolicy"].is_object());
    let search = template.named(SUBSCRIPTION, "Search");
    assert_eq!(search["Properties"]["Protocol"], "sqs");
    let waits = template.named(SUBSCRIPTION, "Ledger")["DependsOn"].to_string();
    for policy in ["LedgerPolicy", "FailuresPolicy"] {
        assert!(waits.contains(template.id(QUEUE_POLICY, policy)), "{waits}");
    }
}

#[test]
fn the_same_subscriber_twice_needs_an_id() {
    let twice = |id: Option<&'static str>| {
        move |stack: &Stack| {
            let orders = stack.add("Orders", Topic::new());
            let jobs = stack.add("Jobs", queue());
            orders.subscribe(Subscription::queue(&jobs));
            let again = Subscription::queue(&jobs);
            orders.subscribe(match id {
                Some(id) => again.id(id),
                None => again,
            });
        }
    };
    let found = findings(twice(None)).to_string();
    assert!(found.contains("Subscription-S--Orders"), "{found}");
    let template = template(twice(Some("Again")));
    assert_eq!(template.all(SUBSCRIPTION).len(), 2);
    assert_eq!(template.allowing(QUEUE_POLICY, "sqs:SendMessage").len(), 1);
}
