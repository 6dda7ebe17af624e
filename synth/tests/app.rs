//! Apps, stages, stacks, scopes, aspects and the place of a mistake.

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use cloudwright_synth::{
    App, Construct, Environment, Fact, Handle, Recorded, Regions, ResourceRef, Scope, json,
    priority, rules,
};
use support::{
    ACCOUNT, REGION, assembly_of, assert_error, findings, findings_of, home, json_of, only, queue,
};

#[test]
fn stages_prefix_the_names_of_their_stacks() {
    let app = App::new();
    let prod = app.stage("Prod");
    let outer = prod.stack("Mail", home());
    let inner = prod.stage("Blue").stack("Mail", home());
    let plain = app.stack("Mail", home());
    for stack in [&outer, &inner, &plain] {
        stack.add("Inbox", queue());
    }
    assert_eq!(outer.physical_name(), "Prod-Mail");
    assert_eq!(inner.physical_name(), "Prod-Blue-Mail");
    assert_eq!(plain.physical_name(), "Mail");
    let assembly = assembly_of(app);
    let paths: Vec<_> = assembly.stacks().iter().map(|stack| stack.path()).collect();
    assert_eq!(paths, ["Mail", "Prod/Blue/Mail", "Prod/Mail"]);
    // The stage is no part of the ids, so that every stage has the same template.
    assert_eq!(json_of(&assembly, "Prod/Mail"), json_of(&assembly, "Mail"));
}

#[test]
fn two_stacks_cannot_deploy_under_one_name() {
    let app = App::new();
    for id in ["A", "B"] {
        app.stack(id, home())
            .stack_name("Same")
            .add("Inbox", queue());
    }
    assert_error(
        &findings_of(app),
        "CW0010",
        &["`A` already deploys a stack called Same"],
    );
    let app = App::new();
    for (id, region) in [("A", "eu-central-1"), ("B", "us-east-1")] {
        app.stack(id, Environment::new(ACCOUNT, region))
            .stack_name("Same")
            .add("Inbox", queue());
    }
    assembly_of(app);
}

#[test]
fn accounts_are_named_once() {
    let app = App::new();
    app.account("prod", ACCOUNT);
    let stack = app.stack("S", Environment::new("prod", REGION));
    stack.add("Inbox", queue().property("Account", json!(stack.account())));
    let template = json_of(&assembly_of(app), "S");
    assert_eq!(
        template["Resources"]["Inbox"]["Properties"]["Account"],
        ACCOUNT
    );
    let app = App::new();
    app.account("prod", ACCOUNT);
    app.stack("S", Environment::new("prd", REGION))
        .add("Inbox", queue());
    assert_error(
        &findings_of(app),
        "CW0004",
        &["got \"prd\"", "named are \"prod\""],
    );
    let app = App::new();
    app.account("prod", "1234");
    app.stack("S", home()).add("Inbox", queue());
    assert_error(
        &findings_of(app),
        "CW0004",
        &["account \"prod\" needs twelve digits, got \"1234\""],
    );
}

#[test]
fn active_regions_are_named_once() {
    let app = App::new();
    app.active_regions(["us-west-2", "ca-central-1"]);
    let stack = app.stack("S", home());
    stack.add("Inbox", queue());
    assert_eq!(
        stack.regions(&Regions::active()),
        ["us-west-2", "ca-central-1"]
    );
    assert_eq!(stack.regions(&["eu-west-1"].into()), ["eu-west-1"]);
    assembly_of(app);
    let found = findings(|stack| {
        stack.add("Inbox", queue());
        assert!(stack.regions(&Regions::active()).is_empty());
    });
    assert_error(&found, "CW0005", &["at least one region", "active_regions"]);
}

#[test]
fn the_nearest_context_value_wins() {
    let app = App::new();
    app.set_context("size", "small");
    let stage = app.stage("Prod");
    stage.set_context("size", "large");
    let (inside, outside) = (stage.stack("S", home()), app.stack("S", home()));
    inside.set_context("colour", "red");
    assert_eq!(inside.context("size").as_deref(), Some("large"));
    assert_eq!(inside.context("colour").as_deref(), Some("red"));
    assert_eq!(outside.context("size").as_deref(), Some("small"));
    assert_eq!(outside.context("colour"), None);
    assert_eq!(app.context("size").as_deref(), Some("small"));
    app.set_context("size", "medium");
    assert_eq!(outside.context("size").as_deref(), Some("medium"));
}

#[test]
fn a_scope_knows_its_place() {
    let app = App::new();
    let stack = app.stage("Prod").stack("S", home()).strict();
    let outer = stack.add("Outer", queue());
    let inner = outer.scope().add("Inner", queue());
    let scope = inner.scope();
    assert_eq!(scope.path(), "Prod/S/Outer/Inner");
    assert_eq!(scope.id(), "Inner");
    assert_eq!(scope.parent().path(), "Prod/S/Outer");
    assert_eq!(scope.stack().path(), "Prod/S");
    assert!(scope.is_strict());
    assert_eq!(stack.find("Outer").unwrap().path(), "Prod/S/Outer");
    assert!(stack.find("Nothing").is_none());
    assert!(scope.resource().is_some() && stack.resource().is_none());
    let below: Vec<_> = stack.descendants().iter().map(Scope::path).collect();
    assert_eq!(below, ["Prod/S", "Prod/S/Outer", "Prod/S/Outer/Inner"]);
    assert_eq!(inner.kind(), "AWS::SQS::Queue");
}

#[test]
fn aspects_run_once_by_priority_and_may_add_constructs() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let app = App::new();
    let stack = app.stack("S", home());
    stack.add("Inbox", queue());
    let log = |name: &'static str| {
        let seen = Rc::clone(&seen);
        move |construct: &Scope| {
            seen.borrow_mut()
                .push(format!("{name} {}", construct.path()));
        }
    };
    app.aspect(priority::READ_ONLY, log("last"));
    stack.aspect(priority::DEFAULT, log("then"));
    app.aspect(priority::MUTATING, |construct: &Scope| {
        if let Some(resource) = construct.resource()
            && construct.find("Extra").is_none()
            && construct.id() != "Extra"
        {
            resource.scope().add("Extra", queue());
            resource.raw("Seen", true);
        }
    });
    let template = json_of(&assembly_of(app), "S");
    assert_eq!(template["Resources"]["Inbox"]["Properties"]["Seen"], true);
    assert_eq!(template["Resources"].as_object().unwrap().len(), 2);
    assert_eq!(
        *seen.borrow(),
        [
            "then S",
            "then S/Inbox",
            "then S/Inbox/Extra",
            "last ",
            "last S",
            "last S/Inbox",
            "last S/Inbox/Extra",
        ]
    );
}

#[test]
fn an_aspect_adds_no_aspects() {
    let found = findings(|stack| {
        stack.add("Inbox", queue());
        stack.aspect(priority::DEFAULT, |construct: &Scope| {
            construct.aspect(priority::DEFAULT, |_: &Scope| {});
        });
    });
    assert_error(&found, "CW0009", &["an aspect added another aspect"]);
}

/// Two facts: the first merge records the second, which runs later.
struct First(Handle);
struct Second(Handle);

impl Fact for First {
    const ORDER: u16 = 1;

    fn merge(facts: Vec<Recorded<Self>>) {
        for recorded in facts {
            recorded
                .fact
                .0
                .scope()
                .record(Second(recorded.fact.0.clone()));
        }
    }
}

impl Fact for Second {
    const ORDER: u16 = 2;

    fn merge(facts: Vec<Recorded<Self>>) {
        let count = facts.len() as i64;
        for recorded in facts {
            recorded.fact.0.raw("Merged", count);
            recorded.scope.error(&rules::BAD_ID, "told in a merge", "");
        }
    }
}

#[test]
fn facts_are_merged_once_by_order_and_point_at_who_recorded_them() {
    let found = findings(|stack| {
        let (a, b) = (stack.add("A", queue()), stack.add("B", queue()));
        stack.record(First(b));
        stack.record(First(a));
    });
    let paths: Vec<_> = found.iter().map(|finding| finding.path.as_str()).collect();
    assert_eq!(paths, ["S/A", "S/B"], "{found}");
    assert!(found.to_string().contains("tests/app.rs:"));
}

/// A construct of the user's own crate that makes a mistake.
struct Mine;

impl Construct for Mine {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        scope.add("Bad", queue().property("X", f64::NAN));
    }
}

#[test]
fn a_mistake_in_a_construct_of_ones_own_is_shown_at_its_line_there() {
    let expected = line!() - 6;
    let found = findings(|stack| stack.add("Mine", Mine));
    let location = only(&found, "CW0301").location.unwrap();
    assert_eq!(
        (location.file(), location.line()),
        ("synth/tests/app.rs", expected)
    );
}

#[test]
fn findings_read_like_the_compiler_s() {
    let found = findings(|stack| drop(stack.add("Bad", queue().property("X", f64::NAN))));
    let line = line!() - 1;
    assert_eq!(
        found.to_string(),
        format!(
            "error[CW0301]: a number is wanted, got NaN\n  --> synth/tests/app.rs:{line}\n   \
             = construct: S/Bad\n   = help: check the arithmetic that made it"
        )
    );
}

#[test]
fn every_rule_has_its_own_code_and_explains_itself() {
    let mut codes: Vec<_> = rules::ALL.iter().map(|rule| rule.code).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count);
    for rule in rules::ALL {
        assert!(
            rule.code.len() == 6
                && ["CW0", "CW120"]
                    .iter()
                    .any(|start| rule.code.starts_with(start)),
            "{}",
            rule.code
        );
        assert!(
            !rule.title.is_empty() && rule.explanation.ends_with('.') && rule.fix.ends_with('.'),
            "{}",
            rule.code
        );
    }
}

#[test]
fn a_synthesized_app_leaves_its_handles_harmless() {
    let app = App::new();
    let stack = app.stack("S", home());
    let inbox = stack.add("Inbox", queue());
    assembly_of(app);
    assert!(inbox.property("X").is_none());
}

#[test]
fn the_nearest_provided_value_comes_first() {
    let app = App::new();
    app.scope().provide("app");
    let stage = app.stage("Prod");
    stage.scope().provide("stage");
    let stack = stage.stack("Data", Environment::agnostic());
    stack.provide("earlier");
    stack.provide("later");
    stack.provide(7_u32);
    let inside = stack.place("Inside");
    let texts =
        |scope: &Scope| -> Vec<&str> { scope.provided::<&str>().map(|text| *text).collect() };
    assert_eq!(texts(&inside), ["later", "earlier", "stage", "app"]);
    assert_eq!(texts(&app.stack("Other", Environment::agnostic())), ["app"]);
    assert_eq!(
        inside.provided::<u32>().map(|number| *number).sum::<u32>(),
        7
    );
    assert_eq!(inside.provided::<u64>().count(), 0);
}
