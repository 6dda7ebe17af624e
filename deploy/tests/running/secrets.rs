//! Secrets: which values are refused, and how a rotation ends.

use std::collections::BTreeSet;
use std::time::Duration;

use cloudwright_deploy::assembly::Stack;
use cloudwright_deploy::cloud::Clock as _;
use cloudwright_deploy::fault::Class;
use cloudwright_deploy::problem::Kind;
use cloudwright_deploy::running::secrets::{
    Needs, Rotated, check, declared_only, is_empty, keys, put, rotate,
};
use cloudwright_deploy::running::services::SecretState;
use serde_json::json;

use crate::fake::{Fast, World, soon};

fn state(current: &str, rotates: bool) -> SecretState {
    SecretState {
        current: Some(current.to_owned()),
        rotates,
    }
}

#[test]
fn values_without_what_is_needed_are_refused_and_never_shown() {
    let by = |names: &[&'static str]| names.iter().copied().collect::<BTreeSet<_>>();
    let needs = Needs::from([
        ("token", by(&["Prod/Shop"])),
        ("user", by(&["Prod/Shop", "Prod/Mail"])),
    ]);
    let large = "x".repeat(65_537);
    let table = [
        ("", "cannot be filled with nothing", ""),
        (&*large, "at most 65536 bytes, got 65537", ""),
        (
            "hidden",
            "a JSON object with token, user is needed",
            "read by Prod/Mail, Prod/Shop",
        ),
        (
            "[\"hidden\"]",
            "a JSON object with token, user is needed",
            "",
        ),
        (r#"{"user":"hidden"}"#, "the value lacks token", ""),
        (
            r#"{"usr":"hidden","token":"hidden"}"#,
            "the value lacks user",
            "is \"usr\" the key",
        ),
    ];
    for (value, said, helped) in table {
        let problem = check(value, &needs).unwrap_err();
        assert_eq!(problem.kind, Kind::Usage);
        assert!(problem.message.contains(said), "{problem:?}");
        assert!(problem.help.contains(helped), "{problem:?}");
        assert!(!format!("{problem:?}").contains("hidden"), "{problem:?}");
    }
    assert_eq!(
        check(r#"{"user":"a","token":"b","more":1}"#, &needs),
        Ok(())
    );
    assert_eq!(check("hidden", &Needs::new()), Ok(()));
    assert_eq!(
        keys(r#"{"b":1,"a":{}}"#),
        Some(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(keys("7"), None);
}

#[test]
fn secrets_with_a_value_in_the_template_are_nobodys_to_fill() {
    let secret =
        |properties| json!({ "Type": "AWS::SecretsManager::Secret", "Properties": properties });
    let template = json!({ "Resources": {
        "Empty": { "Type": "AWS::SecretsManager::Secret" },
        "Named": secret(json!({ "Name": "a" })),
        "Made": secret(json!({ "GenerateSecretString": {} })),
        "Written": secret(json!({ "SecretString": "a" })),
        "Queue": { "Type": "AWS::SQS::Queue" },
    } });
    let stack = Stack::of_template("Shop", ("000000000000", "eu-central-1"), "bucket", template);
    assert_eq!(declared_only(&stack), ["Empty", "Named"]);
}

#[test]
fn a_rotation_is_waited_for_and_not_made_twice() {
    let world = World::with(&[]);
    let secrets = world.services().secrets;
    let named = ("Prod/Payments", "arn");
    let turn = |clock: &Fast| soon(rotate(&*secrets, clock, named));
    *world.secrets.borrow_mut() = [state("v1", false)].into();
    let problem = turn(&Fast::default()).unwrap_err();
    assert_eq!(problem.message, "no function rotates Prod/Payments");
    assert!(world.acts().is_empty());

    let looks = [state("v1", true), state("v1", true), state("v2", true)];
    *world.secrets.borrow_mut() = looks.into();
    world.fail("rotate", &[Some(Class::Throttled)]);
    assert_eq!(turn(&Fast::default()), Ok(Rotated::Done));
    assert_eq!(world.acts(), ["rotate arn"]);

    *world.secrets.borrow_mut() = [state("v1", true)].into();
    world.fail("rotate", &[Some(Class::Unreachable)]);
    assert!(turn(&Fast::default()).is_err());
    assert_eq!(world.acts(), ["rotate arn"]);

    let clock = Fast::default();
    assert_eq!(turn(&clock), Ok(Rotated::GoesOn));
    let passed = clock.now();
    assert!(passed >= Duration::from_secs(600) && passed < Duration::from_secs(700));
}

#[test]
fn a_secret_without_a_current_version_holds_nothing() {
    let world = World::with(&[]);
    let secrets = world.services().secrets;
    assert_eq!(soon(is_empty(&*secrets, &Fast::default(), "arn")), Ok(true));
    *world.secrets.borrow_mut() = [state("v1", false)].into();
    world.fail("secret", &[Some(Class::Unreachable)]);
    assert_eq!(
        soon(is_empty(&*secrets, &Fast::default(), "arn")),
        Ok(false)
    );
}

#[test]
fn a_lost_answer_of_a_new_value_makes_no_second_version() {
    let world = World::with(&[]);
    let secrets = world.services().secrets;
    world.fail("put", &[Some(Class::Unreachable), Some(Class::Throttled)]);
    let filled = soon(put(&*secrets, &Fast::default(), ("arn", "hidden"), 7));
    assert_eq!(filled, Ok(()));
    let acts = world.acts();
    assert_eq!(acts.len(), 3);
    assert!(acts.iter().all(|act| *act == acts[0]), "{acts:?}");
    let token = acts[0].rsplit(' ').next().unwrap();
    assert!((32..=64).contains(&token.len()), "{token}");
}
