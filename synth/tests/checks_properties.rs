//! Literals against the facts about their resource type.

mod support;

use cloudwright_synth::{
    Condition, Diagnostics, Handle, Json, Parameter, Props, Resource, ResourceRef, Stack, Test,
    Value, json, no_value,
};
use support::{assert_clean, assert_error, findings, only};

/// A type with a bit of everything.
struct Box(Props);

crate::support::builder!(Box);

impl Resource for Box {
    const TYPE: &'static str = "AWS::Test::Box";
    const SPEC: &'static str = "resource AWS::Test::Box\n  id Name\n  Colour (red|green|blue)\n  Left string\n  Name string 2..5 replace\n  Right string\n  Size! int 1..10\n  xor Left|Right\n  =Arn string\n  =Lid.Arn string\n";
    type Ref = Handle;
}

/// A type whose facts nobody can read.
struct Broken(Props);

crate::support::builder!(Broken);

impl Resource for Broken {
    const TYPE: &'static str = "AWS::Test::Broken";
    const SPEC: &'static str = "nonsense";
    type Ref = Handle;
}

fn full() -> Props {
    Props::new().with("Size", json!(1)).with("Left", json!("x"))
}

fn of(props: Props) -> Diagnostics {
    findings(|stack| drop(stack.add("Box", Box(props))))
}

fn with(name: &'static str, value: Json) -> Diagnostics {
    of(full().with(name, value))
}

#[test]
fn a_value_out_of_bounds_is_told_with_its_place_and_line() {
    let found = with("Size", json!(11));
    assert_error(
        &found,
        "CW0303",
        &[
            "`Properties.Size`",
            "got 11",
            "S/Box",
            "tests/checks_properties.rs:",
        ],
    );
    assert_error(
        &with("Name", json!("x")),
        "CW0303",
        &["`Properties.Name`", "got"],
    );
    assert_error(
        &with("Colour", json!("pink")),
        "CW0303",
        &["\"pink\"", "red"],
    );
    assert_error(&with("Size", json!({})), "CW0303", &["an object"]);
    assert_clean(&with("Size", json!(10)));
}

#[test]
fn unknown_and_missing_properties_are_told() {
    let found = with("Colur", json!("red"));
    assert_error(
        &found,
        "CW0304",
        &["unknown property Colur", "did you mean Colour?"],
    );
    let found = of(Props::new().with("Left", json!("x")));
    assert_error(&found, "CW0305", &["the required property Size"]);
}

#[test]
fn exclusive_properties_are_told_unless_a_condition_decides() {
    assert_error(
        &with("Right", json!("y")),
        "CW0303",
        &["exactly one of Left, Right"],
    );
    let chosen = |build: fn(&Stack) -> (Json, Json)| {
        findings(|stack| {
            let (left, right) = build(stack);
            let props = Props::new()
                .with("Size", json!(1))
                .with("Left", left)
                .with("Right", right);
            stack.add("Box", Box(props));
        })
    };
    assert_clean(&chosen(|stack| {
        let prod = stack.add("IsProd", Condition::new(Test::equals("a", "b")));
        let left: Value<String> = prod.choose("x", no_value::<String>());
        let right: Value<String> = prod.choose(no_value::<String>(), "y");
        (json!(left), json!(right))
    }));
}

#[test]
fn tokens_are_left_to_the_deployment() {
    let found = findings(|stack| {
        let size: Value<i64> = stack.add("Size", Parameter::number());
        stack.add("Box", Box(full().with("Size", json!(size))));
    });
    assert_clean(&found);
}

#[test]
fn null_is_told_once() {
    let found = with("Name", json!(null));
    only(&found, "CW0307");
    assert_eq!(found.len(), 1, "{found}");
}

#[test]
fn attributes_exist() {
    let reading = |attribute: &'static str| {
        findings(|stack| {
            let made = stack.add("Box", Box(full()));
            stack.output("Out", made.attribute::<String>(attribute));
            stack.add(
                "Other",
                Box(full().with("Left", json!(made.attribute::<String>("Arn")))),
            );
        })
    };
    assert_clean(&reading("Arn"));
    assert_clean(&reading("Lid.Arn"));
    let parts = [
        "Box (AWS::Test::Box) has no attribute \"ARN\"",
        "did you mean \"Arn\"",
    ];
    assert_error(&reading("ARN"), "CW0102", &parts);
}

#[test]
fn raw_properties_are_checked_too() {
    let found = findings(|stack| {
        stack.add("Box", Box(full())).raw("Size", 99);
    });
    assert_error(&found, "CW0303", &["got 99"]);
}

#[test]
fn unreadable_facts_are_told() {
    let found = findings(|stack| {
        stack.add("One", Broken(Props::new()));
        stack.add("Two", Broken(Props::new()));
    });
    assert_error(&found, "CW0313", &["AWS::Test::Broken", "line 1"]);
}

#[test]
fn two_resources_of_one_type_cannot_have_one_name() {
    let two = |one: Json, other: Json| {
        findings(|stack| {
            stack.add("One", Box(full().with("Name", one)));
            stack.add("Other", Box(full().with("Name", other)));
        })
    };
    let found = two(json!("abc"), json!("abc"));
    let parts = [
        "`S/One` is a AWS::Test::Box called \"abc\" already",
        "S/Other",
    ];
    assert_error(&found, "CW0315", &parts);
    assert_clean(&two(json!("abc"), json!("abd")));
    let region = || json!(cloudwright_synth::Pseudo::Region.value());
    assert_clean(&two(region(), region()));
    assert_clean(&findings(|stack| {
        stack.add("One", Box(full()));
        stack.add("Other", Box(full()));
    }));
}

#[test]
fn one_of_two_resources_under_conditions_can_have_the_name_of_the_other() {
    let found = findings(|stack| {
        let stage: Value<String> = stack.add("Stage", Parameter::string());
        let is_prod = stack.add("IsProd", Condition::new(Test::equals(stage, "prod")));
        let is_dev = stack.add("IsDev", Condition::new(!is_prod.test()));
        for (id, condition) in [("One", is_prod), ("Other", is_dev)] {
            let named = full().with("Name", json!("abc"));
            stack.add(id, Box(named)).condition(&condition);
        }
    });
    assert_clean(&found);
}
