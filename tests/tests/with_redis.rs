//! `cache-sync` on a real Redis server, with the bucket and the secrets of the local AWS: the index is
//! as a pypicloud server writes it.

use cloudwright_runtime::harness::{Function, Instance};
use serde_json::{Value, json};
use tests::engine::Engine;
use tests::pypicloud::{Demo, Pypicloud};
use tests::redis::Redis;
use tests::tools::bootstrap;

const HERE: &str = "eu-central-1";

struct World {
    bucket: &'static str,
    function: Instance,
}

impl World {
    /// A bucket of this name, and the handler with its index where the variable says.
    fn start(bucket: &'static str, variable: &str, value: &str) -> Self {
        let location = json!({"LocationConstraint": HERE});
        let created = json!({"Bucket": bucket, "CreateBucketConfiguration": location});
        call("s3", "CreateBucket", &created);
        let function = Function::new(bootstrap(), "cache-sync")
            .variable("AWS_ENDPOINT_URL", &Engine::shared().endpoint())
            .variable("PACKAGE_BUCKET", bucket)
            .variable(variable, value)
            .start();
        let function = function.unwrap_or_else(|error| panic!("{error}"));
        Self { bucket, function }
    }

    fn put(&mut self, key: &str, summary: &str) -> Result<Value, String> {
        let object = json!({
            "Bucket": self.bucket, "Key": key, "Body": "content", "Metadata": {"summary": summary, "hash-md5": "m"},
        });
        call("s3", "PutObject", &object);
        self.tell(key)
    }

    fn delete(&mut self, key: &str) -> Result<Value, String> {
        let object = json!({"Bucket": self.bucket, "Key": key});
        call("s3", "DeleteObject", &object);
        self.tell(key)
    }

    fn tell(&mut self, key: &str) -> Result<Value, String> {
        let key = key.replace('+', "%2B");
        let record = json!({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": HERE,
            "s3": {"bucket": {"name": self.bucket}, "object": {"key": key}}});
        let answer = self.function.invoke(&json!({"Records": [record]}));
        answer.map_err(|error| error.to_string())
    }
}

fn call(service: &str, operation: &str, parameters: &Value) -> Value {
    let aws = Engine::shared().client(HERE);
    aws.call(service, operation, parameters)
}

fn secret(name: &str, text: &str) -> String {
    let created = json!({"Name": name, "SecretString": text});
    let answer = call("secretsmanager", "CreateSecret", &created);
    answer["ARN"].as_str().unwrap().to_owned()
}

/// All keys of the server, sorted.
fn keys(redis: &Redis) -> Value {
    let mut keys = redis.ask(&["KEYS", "*"]);
    let list = keys.as_array_mut().unwrap();
    list.sort_by_key(ToString::to_string);
    keys
}

#[test]
fn an_index_in_redis_is_as_a_server_writes_it_and_goes_with_the_objects() {
    let redis = Redis::start("");
    let mut world = World::start("redis-plain", "REDIS_URL", &url(&redis, ""));
    assert_eq!(world.put("six/six-1.0+l.zip", "say \"x\""), Ok(Value::Null));
    let mut package = redis.ask(&["HGETALL", "pypicloud:package:six-1.0+l.zip"]);
    let modified = package["last_modified"].take();
    let seconds: f64 = modified.as_str().unwrap().parse().unwrap();
    assert!(
        seconds > 1.7e9 && modified.as_str().unwrap().ends_with(".0"),
        "{modified}"
    );
    let expected = json!({
        "name": "six", "version": "1.0+l", "filename": "six-1.0+l.zip", "last_modified": null,
        "summary": "say \"x\"", "path": "\"six/six-1.0+l.zip\"", "hash_md5": "\"m\"",
    });
    assert_eq!(package, expected);
    let said = json!({"name": "six", "summary": "say \"x\"", "last_modified": modified});
    assert_eq!(redis.ask(&["HGETALL", "pypicloud:summary:six"]), said);
    let expected = [
        "pypicloud:package:six-1.0+l.zip",
        "pypicloud:set",
        "pypicloud:set:six",
        "pypicloud:summary:six",
    ];
    assert_eq!(keys(&redis), json!(expected));
    assert_eq!(redis.ask(&["SMEMBERS", "pypicloud:set"]), json!(["six"]));
    assert_eq!(
        redis.ask(&["SMEMBERS", "pypicloud:set:six"]),
        json!(["six-1.0+l.zip"])
    );

    world.put("six-2.0.zip", "").unwrap();
    assert_eq!(redis.ask(&["SCARD", "pypicloud:set:six"]), 2);
    world.delete("six/six-1.0+l.zip").unwrap();
    assert_eq!(
        redis.ask(&["SMEMBERS", "pypicloud:set:six"]),
        json!(["six-2.0.zip"])
    );
    assert_eq!(redis.ask(&["HGET", "pypicloud:summary:six", "summary"]), "");
    world.delete("six-2.0.zip").unwrap();
    assert_eq!(keys(&redis), json!([]));
}

#[test]
fn an_unmodified_pypicloud_serves_what_is_in_redis() {
    let redis = Redis::start("");
    let mut world = World::start("redis-served", "REDIS_URL", &url(&redis, ""));
    let demo = Demo::new("py/");
    call("s3", "PutObject", &demo.object(world.bucket));
    world.tell(&demo.key).unwrap();
    world.put("py/6f8a/six/six-1.0.tar.gz", "one").unwrap();
    // S3 tells when an object was written in whole seconds: of two in one second either is the newest.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    world.put("py/7f8a/six/six-2.0+l.tar.gz", "two").unwrap();
    world.put("py/Six_Pack-1.tar.gz", "").unwrap();

    let address = url(&redis, "");
    let index = [("pypi.db", "redis"), ("db.url", &*address)];
    let server = Pypicloud::start(world.bucket, "py/", HERE, &index);
    demo.is_served_by(&server);
    assert_eq!(server.files("six"), ["six-1.0.tar.gz", "six-2.0+l.tar.gz"]);
    assert_eq!(server.files("six-pack"), ["Six_Pack-1.tar.gz"]);
    let said = |said: &[(&str, Value)]| {
        let owned = said
            .iter()
            .map(|(name, line)| ((*name).to_owned(), line.clone()));
        owned.collect::<std::collections::BTreeMap<_, _>>()
    };
    let (demo_says, two) = (json!(Demo::SUMMARY), json!("two"));
    let all = said(&[
        ("our-demo", demo_says.clone()),
        ("six", two),
        ("six-pack", Value::Null),
    ]);
    assert_eq!(server.summaries(), all);

    world.delete("py/7f8a/six/six-2.0+l.tar.gz").unwrap();
    world.delete("py/Six_Pack-1.tar.gz").unwrap();
    assert_eq!(server.files("six"), ["six-1.0.tar.gz"]);
    assert_eq!(
        server.summaries(),
        said(&[("our-demo", demo_says), ("six", json!("one"))])
    );
}

#[test]
fn a_rebuild_makes_an_index_in_redis_equal_to_the_bucket() {
    let redis = Redis::start("");
    let mut world = World::start("redis-rebuild", "REDIS_URL", &url(&redis, ""));
    world.put("a-1.zip", "").unwrap();
    let _ = redis.ask(&["FLUSHALL"]);
    let ghost = "pypicloud:package:ghost-1.zip";
    for command in [
        &[
            "HSET",
            ghost,
            "name",
            "ghost",
            "version",
            "1",
            "last_modified",
            "1.5",
        ][..],
        &["SADD", "pypicloud:set:ghost", "ghost-1.zip"],
        &["HSET", "pypicloud:summary:other", "last_modified", "1.0"],
        &["SADD", "pypicloud:set", "ghost", "other"],
    ] {
        let _ = redis.ask(command);
    }
    let answer = world.function.invoke(&json!({"rebuild": {}}));
    assert_eq!(answer.map(|answer| answer["changed"].clone()), Ok(json!(2)));
    assert_eq!(redis.ask(&["SMEMBERS", "pypicloud:set"]), json!(["a"]));
    assert_eq!(redis.ask(&["EXISTS", ghost]), 0);
    assert_eq!(redis.ask(&["EXISTS", "pypicloud:summary:other"]), 0);
    assert_eq!(redis.ask(&["EXISTS", "pypicloud:package:a-1.zip"]), 1);
}

#[test]
fn an_address_with_a_password_comes_from_a_secret_and_is_in_no_error() {
    let redis = Redis::start("hunter2");
    let arn = secret("redis-url", &url(&redis, "hunter2"));
    let mut world = World::start("redis-secret", "REDIS_URL_SECRET", &arn);
    world.put("a-1.zip", "").unwrap();
    assert_eq!(redis.ask(&["SMEMBERS", "pypicloud:set"]), json!(["a"]));

    let wrong = [
        (
            "redis-wrong-password",
            url(&redis, "hunter3"),
            "AccessDenied",
            "Password authentication failed",
        ),
        (
            "redis-no-address",
            "{\"password\": \"hunter3\"}".to_owned(),
            "Refused",
            "no address of a Redis server",
        ),
    ];
    for (bucket, held, kind, text) in wrong {
        let arn = secret(bucket, &held);
        let mut world = World::start(bucket, "REDIS_URL_SECRET", &arn);
        let error = world.put("a-1.zip", "").unwrap_err();
        assert!(error.starts_with(kind) && error.contains(text), "{error}");
        let logs = world.function.logs().join("\n");
        assert!(
            !error.contains("hunter3") && !logs.contains("hunter3"),
            "{error}\n{logs}"
        );
        // What is right again is read again.
        let mended = json!({"SecretId": arn, "SecretString": url(&redis, "hunter2")});
        call("secretsmanager", "PutSecretValue", &mended);
        assert_eq!(world.tell("a-1.zip"), Ok(Value::Null));
    }
}

#[test]
fn a_server_that_is_away_fails_the_invocation_and_the_next_one_heals() {
    let redis = Redis::start("");
    let address = url(&redis, "");
    let mut world = World::start("redis-away", "REDIS_URL", &address);
    world.put("a-1.zip", "").unwrap();
    // What the connection breaks by is told at once; a new one is made.
    let _ = redis.ask(&["CLIENT", "KILL", "TYPE", "normal"]);
    world.put("b-1.zip", "").unwrap();
    let port = redis.port();
    drop(redis);
    let error = world.put("c-1.zip", "").unwrap_err();
    assert!(
        error.starts_with("Unreachable: 1 of 1 failed; Redis HGETALL, bucket redis-away"),
        "{error}"
    );
    let redis = Redis::start_again(port);
    assert_eq!(world.tell("c-1.zip"), Ok(Value::Null));
    assert_eq!(redis.ask(&["SMEMBERS", "pypicloud:set"]), json!(["c"]));
}

#[test]
fn a_key_of_another_kind_is_told() {
    let redis = Redis::start("");
    let _ = redis.ask(&["SET", "pypicloud:package:a-1.zip", "text"]);
    let mut world = World::start("redis-kind", "REDIS_URL", &url(&redis, ""));
    let error = world.put("a-1.zip", "").unwrap_err();
    assert!(
        error.starts_with("Refused: 1 of 1 failed; Redis HGETALL"),
        "{error}"
    );
    assert!(error.contains("WRONGTYPE"), "{error}");
}

fn url(redis: &Redis, password: &str) -> String {
    let user = if password.is_empty() {
        String::new()
    } else {
        format!(":{password}@")
    };
    format!("redis://{user}127.0.0.1:{}", redis.port())
}
