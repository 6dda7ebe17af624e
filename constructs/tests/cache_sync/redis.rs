//! An index in Redis.

use cloudwright::patterns::RedisServer;
use cloudwright::prelude::*;
use cloudwright::secretsmanager::Secret;
use serde_json::json as expected;

use crate::support::{assert_error, home, refusal_of, template};
use crate::{CacheSync, TABLE, function, index, statements};

const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:redis-AbCdEf";

#[test]
fn an_address_without_a_password_is_a_setting() {
    let template = index(|_| CacheSync::redis(RedisServer::at("rediss://cache:6379/1")));
    assert!(template.all(TABLE).is_empty());
    for start in ["IndexFunction", "IndexRebuild"] {
        let properties = function(&template, start);
        let variables = &properties["Environment"]["Variables"];
        assert_eq!(variables["REDIS_URL"], "rediss://cache:6379/1");
        assert_eq!(properties["VpcConfig"], expected!(null));
        assert!(statements(&template, start, "secretsmanager").is_empty());
        assert!(statements(&template, start, "dynamodb").is_empty());
    }
}

#[test]
fn an_address_of_the_same_app_is_joined_by_cloudformation() {
    let template = template(|stack| {
        let cache = stack.add("Cache", RawResource::new("AWS::ElastiCache::CacheCluster"));
        let scheme = Value::<String>::from_json(json!("redis://"));
        let url = scheme + cache.attribute::<String>("RedisEndpoint.Address") + ":6379";
        stack.add("Index", CacheSync::redis(RedisServer::at(url)));
    });
    let variables = &function(&template, "IndexFunction")["Environment"]["Variables"];
    assert_eq!(
        variables["REDIS_URL"],
        expected!({ "Fn::Sub": "redis://${Cache.RedisEndpoint.Address}:6379" })
    );
}

#[test]
fn an_address_with_a_password_is_read_from_its_secret_inside_the_network() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let secret = Secret::import(stack, "Url", SECRET);
        let server = RedisServer::of_secret(&secret)
            .secret_key(&key)
            .vpc(["subnet-0a1b2c3d", "subnet-0a1b2c3e"], ["sg-0a1b2c3d"]);
        let index = CacheSync::redis(server).prefix("py/");
        assert!(stack.add("Index", index).tables().is_none());
    });
    for start in ["IndexFunction", "IndexRebuild"] {
        let properties = function(&template, start);
        let variables = &properties["Environment"]["Variables"];
        assert_eq!(variables["REDIS_URL_SECRET"], SECRET);
        let network = expected!({ "SubnetIds": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"], "SecurityGroupIds": ["sg-0a1b2c3d"] });
        assert_eq!(properties["VpcConfig"], network);
        let read = expected!({ "Action": "secretsmanager:GetSecretValue", "Effect": "Allow", "Resource": SECRET });
        assert_eq!(statements(&template, start, "secretsmanager"), [&read]);
        let [decrypt] = statements(&template, start, "kms")[..] else {
            panic!("{:#}", template.0);
        };
        assert_eq!(decrypt["Action"], "kms:Decrypt");
    }
}

#[test]
fn a_password_is_refused_and_not_repeated() {
    for (server, code, said) in [
        (
            RedisServer::at("rediss://user:hunter2@cache:6379"),
            "CW1202",
            "RedisServer::of_secret(&secret)",
        ),
        (
            RedisServer::at("cache:6379"),
            "CW1411",
            "got \"cache:6379\"",
        ),
        (
            RedisServer::at("http://cache"),
            "CW1411",
            "got \"http://cache\"",
        ),
        (RedisServer::at("redis://"), "CW1411", "got \"redis://\""),
    ] {
        let app = App::new();
        let stack = app.stack("S", home());
        let line = line!() + 1;
        stack.add("Index", CacheSync::redis(server));
        let place = format!("tests/cache_sync/redis.rs:{line}");
        let findings = refusal_of(app);
        assert_error(&findings, code, &[said, &place]);
        assert!(!findings.to_string().contains("hunter2"), "{findings}");
    }
}

#[test]
fn the_key_of_a_secret_of_the_app_is_known() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let secret = stack.add("Url", Secret::new().encrypted_with(&key));
        stack.add("Index", CacheSync::redis(RedisServer::of_secret(&secret)));
    });
    let secret = template.id("AWS::SecretsManager::Secret", "Url");
    let secret = expected!({ "Fn::GetAtt": [secret, "Id"] });
    let found = statements(&template, "IndexFunction", "secretsmanager");
    assert_eq!(found[0]["Resource"], secret);
    let found = statements(&template, "IndexFunction", "kms");
    assert_eq!(found[0]["Action"], "kms:Decrypt");
}
