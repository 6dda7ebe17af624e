//! Topics and subscribers in several stacks, accounts and regions.

use super::*;

#[test]
fn a_subscription_stands_in_the_stack_of_the_queue() {
    let app = App::new();
    let orders = app.stack("S", home()).add("Orders", Topic::new());
    let jobs = app.stack("Work", home()).add("Jobs", queue());
    orders.subscribe(Subscription::queue(&jobs));
    let [home, work] = templates_of(app, ["S", "Work"]);
    assert!(home.all(SUBSCRIPTION).is_empty());
    let properties = work.properties(SUBSCRIPTION);
    assert!(properties["TopicArn"]["Fn::ImportValue"].is_string());
    assert!(properties.get("Region").is_none());
    let send = work.allowing(QUEUE_POLICY, "sqs:SendMessage")[0];
    let source = &send["Condition"]["ArnEquals"]["aws:SourceArn"];
    assert_eq!(*source, properties["TopicArn"]);
}

#[test]
fn a_known_name_is_subscribed_to_from_another_account_and_region() {
    let app = App::new();
    let orders = Topic::new().topic_name("orders");
    let orders = app.stack("S", home()).add("Orders", orders);
    let work = app.stack("Work", Environment::new(ABROAD, "us-east-1"));
    let key = work.add("Key", kms::Key::new());
    let jobs = work.add("Jobs", queue().encrypted_with(&key));
    orders.subscribe(Subscription::queue(&jobs));
    orders.subscribe(Subscription::function(&work.add("Tell", function())));
    let work = template_of(app, "Work");
    for subscription in work.all(SUBSCRIPTION) {
        let properties = &subscription["Properties"];
        assert_eq!(properties["Region"], "eu-central-1");
        let arn = properties["TopicArn"].to_string();
        assert!(
            arn.contains(":sns:eu-central-1:123456789012:orders"),
            "{arn}"
        );
    }
    let permission = work.properties("AWS::Lambda::Permission");
    assert_eq!(permission["SourceAccount"], "123456789012");
    let key = work.allowing_key("sns.amazonaws.com");
    let account = &key["Condition"]["StringEquals"]["aws:SourceAccount"];
    assert_eq!(account, "123456789012");
}

#[test]
fn an_imported_topic_is_where_its_arn_says() {
    let template = template(|stack| {
        let arn = "arn:aws:sns:eu-west-1:210987654321:orders";
        let orders = Topic::import(stack, "Orders", arn);
        let key = stack.add("Key", kms::Key::new());
        let jobs = stack.add("Jobs", queue().encrypted_with(&key));
        orders.subscribe(Subscription::queue(&jobs));
        orders.subscribe(Subscription::function(&stack.add("Tell", function())));
        orders.subscribe(Subscription::email("ops@example.com"));
    });
    assert_eq!(template.all(SUBSCRIPTION).len(), 3);
    for subscription in template.all(SUBSCRIPTION) {
        assert_eq!(subscription["Properties"]["Region"], "eu-west-1");
    }
    let permission = template.properties("AWS::Lambda::Permission");
    assert_eq!(permission["SourceAccount"], ABROAD);
    let key = template.allowing_key("sns.amazonaws.com");
    assert_eq!(
        key["Condition"]["StringEquals"]["aws:SourceAccount"],
        ABROAD
    );
}

#[test]
fn a_topic_of_an_unknown_environment_is_subscribed_to_there() {
    let app = App::new();
    let stack = app.stack("S", Environment::agnostic());
    let orders = stack.add("Orders", Topic::new().topic_name("orders"));
    orders.subscribe(Subscription::function(&stack.add("Tell", function())));
    let template = template_of(app, "S");
    assert!(template.properties(SUBSCRIPTION).get("Region").is_none());
    let account = &template.properties("AWS::Lambda::Permission")["SourceAccount"];
    assert_eq!(*account, expected!({ "Ref": "AWS::AccountId" }));
}
