//! Functions.

use cloudwright::lambda::{
    Alias, Architecture, Code, EventSource, Function, Layer, LogLevel, Permission, Runtime, Stream,
    Url,
};
use cloudwright::logs::LogGroup;
use cloudwright::prelude::*;
use tests::tools::support;

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let role = stack.add(
        "Actor",
        iam::Role::assumed_by(Principal::service("lambda.amazonaws.com")),
    );
    let logs = stack.add("Logs", LogGroup::new());
    let failures = stack.add("Failures", sqs::Queue::dead_letter());
    let resize = Function::new(Code::s3("releases", "app.zip").version("3"))
        .runtime(Runtime::Python3_14, "app.handler")
        .architecture(Architecture::X86_64)
        .memory(MiB(512))
        .timeout(minutes(2))
        .ephemeral_storage(MiB(1024))
        .env("MODE", "fast")
        .encrypted_with(&key)
        .layer("arn:aws:lambda:us-east-1:123456789012:layer:tools:3")
        .layer(
            Layer::new("arn:aws:lambda:us-east-1:123456789012:layer:fonts:1")
                .architectures([Architecture::X86_64])
                .runtimes([Runtime::Python3_13, Runtime::Python3_14]),
        )
        .description("makes thumbnails")
        .function_name(stack.id())
        .reserved_concurrency(10)
        .role(&role)
        .log_level(LogLevel::Debug)
        .log_group(&logs)
        .on_failure(&failures)
        .maximum_event_age(hours(1))
        .retry_attempts(1)
        .untraced();
    let resize = stack.add("Resize", in_network(stack, resize));
    resize.env("AFTER", "1");
    resize.add_statement(Statement::allow(["ssm:GetParameter"]).on(parameter(stack)));
    let plain = Function::new(Code::s3("releases", "plain.zip")).handler("plain");
    let plain = stack.add("Plain", plain);
    let old = "arn:aws:lambda:us-east-1:123456789012:function:old";
    let old = Function::import(stack, "Old", old).acting_as(&role);
    resize.grant_invoke(&plain);
    old.grant_invoke(&plain);
    permit(stack, &plain);
    let news = stack.add("News", sns::Topic::new());
    let careless = Function::new(Code::s3("releases", "careless.zip")).without_failure_queue();
    news.subscribe(sns::Subscription::function(
        &stack.add("Careless", careless),
    ));
    let careful = Function::new(Code::s3("releases", "careful.zip")).with_dead_letter_queue();
    news.subscribe(sns::Subscription::function(&stack.add("Careful", careful)));
    consume(stack, &plain);
    watch(stack, &plain);
    made(stack);
    published(stack, &key);
    streams(stack, &key, &failures);
}

/// The function behind aliases and URLs.
fn published(stack: &Stack, key: &kms::KeyRef) {
    let caller = Principal::service("ecs-tasks.amazonaws.com");
    let caller = stack.add("Caller", iam::Role::assumed_by(caller));
    let price = Function::new(Code::s3("releases", "price.zip")).encrypted_with(key);
    let price = stack.add("Price", price.env("CURRENCY", "EUR"));
    let live = Alias::new("live").description("what is sold by");
    price
        .alias(live.provisioned_concurrency(5))
        .grant_invoke(&caller);
    price.alias(Alias::new("also"));
    price.url(Url::default().streamed()).grant_invoke(&caller);
    let open = Function::new(Code::s3("releases", "open.zip"));
    let open = stack.add("Open", open);
    let pages = Url::new().public().cors(["https://shop.example"], ["GET"]);
    open.url(pages.cors_headers(["Authorization"]).cors_max_age(hours(1)));
}

/// The function takes work from streams.
fn streams(stack: &Stack, key: &kms::KeyRef, failures: &sqs::QueueRef) {
    let changes = dynamodb::StreamView::NewAndOldImages;
    let items = dynamodb::Table::new(dynamodb::Attribute::string("id")).stream(changes);
    let items = stack.add("Items", items.encrypted_with(key));
    let count = stack.add("Count", Function::new(Code::s3("releases", "count.zip")));
    let source = Stream::dynamodb(&items)
        .batch_size(1000)
        .batching_window(seconds(5))
        .parallel_batches(4)
        .retry_attempts(3)
        .maximum_record_age(hours(6))
        .filter(json!({ "eventName": ["INSERT"] }))
        .on_failure(failures);
    count.consume_stream(source);
    let clicks = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks";
    let clicks = Stream::kinesis("clicks", clicks)
        .encrypted_with(key)
        .tumbling_window(minutes(1))
        .from_now_on()
        .without_bisection()
        .disabled();
    count.consume_stream(clicks);
    let views = "arn:aws:kinesis:us-east-1:123456789012:stream/views";
    count.consume_stream(Stream::kinesis("views", views).without_failure_queue());
}

/// Code that is made when it is deployed, from sources among the fixtures.
fn made(stack: &Stack) {
    let rust = Code::cargo(support("fixtures/handler"))
        .bin("rotate")
        .profile("small")
        .without_default_features()
        .features(["webp"]);
    stack.add("Rotate", Function::new(rust));
    let python = Code::python(support("fixtures/thumbnails")).requirements("requirements.txt");
    let python = Function::new(python).runtime(Runtime::Python3_14, "app.handler");
    stack.add("Thumbnails", python);
    let image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/thumbnails:1";
    stack.add("Image", Function::new(Code::image(image)));
}

/// The function takes work from queues of both kinds.
fn consume(stack: &Stack, function: &lambda::FunctionRef) {
    let orders = sqs::Queue::new().visibility_timeout(minutes(5));
    let orders = stack.add("Orders", orders);
    let source = EventSource::new(&orders)
        .batch_size(1000)
        .batching_window(seconds(30))
        .maximum_concurrency(20)
        .filter(json!({ "body": { "kind": ["order"], "total": [{ "numeric": [">", 10] }] } }))
        .filter(json!({ "body": { "urgent": [true] } }));
    function.consume(source);
    let payments = stack.add("Payments", sqs::FifoQueue::new());
    function.consume(EventSource::new(&payments).disabled());
}

/// Every metric of the function has an alarm.
fn watch(stack: &Stack, function: &lambda::FunctionRef) {
    use cloudwright::cloudwatch::{Alarm, Comparison};
    let operators = stack.add("Operators", sns::Topic::new());
    function.alarm_on_errors(&operators);
    function.alarm_on_failures(&operators);
    function.alarm_on_throttles(&operators);
    function.alarm_near_timeout(&operators);
    let metrics = [
        ("Invocations", function.metric_invocations()),
        ("Concurrent", function.metric_concurrent_executions()),
        ("IteratorAge", function.metric_iterator_age()),
        ("Urls", function.metric("UrlRequestCount")),
    ];
    for (id, metric) in metrics {
        let alarm = Alarm::new(metric, Comparison::Above(1000.0)).on_alarm(&operators);
        stack.add(format!("{id}Alarm"), alarm);
    }
    if let Some(failures) = function.failure_queue() {
        failures.alarm_on_dead_letters(&operators);
    }
}

/// The function in a network, with a file system.
fn in_network(stack: &Stack, function: Function) -> Function {
    let subnet = cfn::ec2::Subnet::new("vpc-0123456789abcdef0").cidr_block("10.0.0.0/24");
    let subnet = stack.add("Subnet", subnet);
    let group = cfn::ec2::SecurityGroup::new("functions").vpc_id("vpc-0123456789abcdef0");
    let group = stack.add("Group", group);
    let files =
        "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0";
    function
        .vpc([&subnet], [&group])
        .file_system(files, "/mnt/models")
}

fn parameter(stack: &Stack) -> Value<String> {
    stack.arn("ssm", "parameter/app/mode")
}

fn permit(stack: &Stack, function: &lambda::FunctionRef) {
    let nightly = cfn::events::Rule::new().schedule_expression("rate(1 day)");
    let nightly = stack.add("Nightly", nightly);
    let rule = Permission::service("events.amazonaws.com", &nightly);
    function.permit("Rule", rule.source_account(stack.account()));
    function.permit("Partner", Permission::account("210987654321"));
    let operator = "arn:aws:iam::123456789012:role/operator";
    function.permit("Operator", Permission::identity(operator));
}
