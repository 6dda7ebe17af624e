//! Package indexes that follow their buckets.

use cloudwright::lambda::LogLevel;
use cloudwright::patterns::{CacheSync, PackageTables, RedisServer};
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let key = stack.add("Key", kms::Key::new());
    let lambda = Principal::service("lambda.amazonaws.com");
    let role = stack.add("Role", iam::Role::assumed_by(lambda));
    let of_tables = key.clone();
    let made = PackageTables::new()
        .namespace(format!("{}-", stack.id()))
        .names("Files", "Names")
        .with(move |table| table.encrypted_with(&of_tables));
    let made = CacheSync::tables(made)
        .bucket_with(|bucket| bucket.prefix("wheels"))
        .prefix("py/")
        .role(&role)
        .rebuild_every(hours(6))
        .timeout(minutes(2))
        .memory(MiB(512))
        .batch(500, seconds(30))
        .maximum_concurrency(5)
        .function_with(|function| function.log_level(LogLevel::Debug));
    let made = stack.add("Made", made);
    made.alarms(&operators);

    let old = s3::Bucket::import(stack, "Old", "wheels-of-old");
    let existing = CacheSync::tables(PackageTables::existing())
        .bucket(&old)
        .prefix("old/")
        .rebuild_at("cron(15 3 * * ? *)")
        .event_bridge();
    stack.add("Existing", existing);

    let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:redis-url-AbCdEf";
    let secret = secretsmanager::Secret::import(stack, "RedisUrl", secret);
    let server = RedisServer::of_secret(&secret)
        .secret_key(&key)
        .vpc(["subnet-0a1b2c3d", "subnet-0a1b2c3e"], ["sg-0a1b2c3d"]);
    let redis = CacheSync::redis(server).bucket(&old).prefix("redis/");
    stack.add("Redis", redis).alarms(&operators);

    let both = iam::Statement::allow(["sts:AssumeRole"])
        .by(Principal::service("states.amazonaws.com"))
        .by(Principal::service("events.amazonaws.com"));
    let reload = stack.add("ReloadRole", iam::Role::trusting(both));
    let rows = dynamodb::Table::new(dynamodb::Attribute::string("key"));
    let rows = stack.add("Rows", rows);
    let code = lambda::Code::s3("releases", "catalog.zip");
    let own = CacheSync::of(code, &rows)
        .tags()
        .rebuild_every(days(1))
        .reload_role(&reload);
    stack.add("Own", own).alarms(&operators);
}
