//! Topics and subscriptions.

use cloudwright::prelude::*;
use cloudwright::sns::{FifoSubscription, FifoTopic, FilterPolicy, Match, Subscription, Topic};

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let orders = Topic::new()
        .topic_name(format!("{}-orders", stack.id()))
        .display_name("Orders")
        .encrypted_with(&key)
        .traced();
    let orders = stack.add("Orders", orders);
    let role = stack.add(
        "Writer",
        iam::Role::assumed_by(Principal::service("sns.amazonaws.com")),
    );
    orders.grant_publish(&role);
    orders.grant_publish(&Principal::account("210987654321"));
    let old = Topic::import(stack, "Old", "arn:aws:sns:us-east-1:123456789012:old");
    old.grant_publish(&role);
    let uploads = stack.add("Uploads", s3::Bucket::new());
    uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &orders);
    orders.add_statement(
        Statement::deny(["sns:Subscribe"])
            .by(Principal::everyone())
            .on(orders.arn())
            .when("StringEquals", "sns:Protocol", "http"),
    );
    subscribe(stack, &orders, &role);
    subscribe_queues(stack);
    let jobs = stack.add("OldJobs", sqs::Queue::new());
    old.subscribe(Subscription::queue(&jobs));
}

/// By every protocol, with every condition of a filter.
fn subscribe(stack: &Stack, orders: &sns::TopicRef, role: &iam::RoleRef) {
    let failures = stack.add("Failures", sqs::Queue::dead_letter());
    let jobs = stack.add("Jobs", sqs::Queue::new());
    let attributes = FilterPolicy::attributes()
        .key("kind", Match::any(["order"]).or(Match::absent()))
        .key("country", Match::any_but(["DE"]))
        .key("source", Match::network("10.0.0.0/24"))
        .key("name", Match::ignoring_case("jobs"));
    let jobs = Subscription::queue(&jobs).raw().filter(attributes);
    orders.subscribe(jobs.dead_letter_queue(&failures));
    let body = FilterPolicy::body()
        .at(["Records", "s3", "object", "size"], Match::at_least(1e6))
        .at(["Records", "s3", "object", "key"], Match::prefix("in/"))
        .key("total", Match::between(0.5, 10.0).or(Match::at_most(-1.0)))
        .key("file", Match::suffix(".jpg"))
        .key("id", Match::present());
    let code = lambda::Code::s3("releases", "tell.zip");
    let tell = stack.add("Tell", lambda::Function::new(code));
    orders.subscribe(Subscription::function(&tell).filter(body).id("Told"));
    let stream = "arn:aws:firehose:us-east-1:123456789012:deliverystream/audit";
    orders.subscribe(Subscription::stream(stream, role));
    orders.subscribe(Subscription::email("ops@example.com"));
    orders.subscribe(Subscription::email_json("robot@example.com"));
    orders.subscribe(Subscription::sms("+4915112345678"));
    orders.subscribe(Subscription::https("https://example.com/orders"));
    orders.subscribe(Subscription::http("http://example.com/orders"));
    let phone = "arn:aws:sns:us-east-1:123456789012:endpoint/GCM/app/1";
    orders.subscribe(Subscription::application(phone));
}

fn subscribe_queues(stack: &Stack) {
    let payments = FifoTopic::new()
        .content_based_deduplication()
        .deduplicated_across_groups()
        .archive_days(30);
    let payments = stack.add("Payments", payments);
    let failures = stack.add("FifoFailures", sqs::FifoQueue::dead_letter());
    let ledger = stack.add("Ledger", sqs::FifoQueue::new());
    let ledger = FifoSubscription::queue(&ledger).raw();
    payments.subscribe(ledger.dead_letter_queue(&failures));
    let search = stack.add("Search", sqs::Queue::new());
    payments.subscribe(FifoSubscription::standard_queue(&search));
}
