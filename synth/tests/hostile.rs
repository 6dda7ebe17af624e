//! Inputs that are meant badly or simply unlucky: each has a clear error or a right result.

mod support;

use cloudwright_synth::{
    App, Construct, Environment, Json, Output, Parameter, RawResource, ResourceRef, Scope, Stack,
    Test, Value, intrinsic, json,
};
use support::{assert_clean, assert_error, findings, findings_of, home, only, queue, template};

fn ids(ids: &[&'static str]) -> cloudwright_synth::Diagnostics {
    findings(|stack| {
        stack.add("Kept", queue());
        for id in ids {
            stack.add(*id, queue());
        }
    })
}

#[test]
fn ids_without_a_usable_letter_are_refused() {
    for id in ["", "漢字", "---", " ", "\u{0}", "\u{202e}"] {
        let found = ids(&[id]);
        assert!(
            found.iter().any(|finding| finding.rule.code == "CW0001"),
            "{id:?}: {found}"
        );
        assert!(found.iter().all(|finding| finding.location.is_some()));
    }
}

#[test]
fn ids_that_would_lose_letters_are_refused() {
    let found = ids(&["Über-Queue-漢字"]);
    assert_error(
        &found,
        "CW0001",
        &["'Ü'", "ASCII", "S/Über-Queue-漢字", "tests/hostile.rs:"],
    );
    assert_error(&ids(&["A\u{7}"]), "CW0001", &["'\\u{7}'"]);
    assert_clean(&ids(&["A b-c_d.e!"]));
}

#[test]
fn letters_that_look_the_same_are_told_apart_and_refused() {
    // Composed and decomposed: equal for a reader, two ids for a program.
    let found = ids(&["Caf\u{e9}", "Cafe\u{301}"]);
    assert_eq!(
        found
            .iter()
            .filter(|finding| finding.rule.code == "CW0001")
            .count(),
        2,
        "{found}"
    );
}

#[test]
fn ids_that_stripping_makes_equal_are_told() {
    assert_error(
        &ids(&["a-b", "ab"]),
        "CW0007",
        &["`S/a-b` and `S/ab`", "logical id ab"],
    );
    assert_error(
        &ids(&["a/b", "a.b"]),
        "CW0007",
        &["`S/a--b` and `S/a.b`", "logical id ab"],
    );
}

#[test]
fn ids_that_differ_in_case_only_are_two() {
    assert_clean(&ids(&["Inbox", "INBOX", "inbox"]));
}

#[test]
fn an_id_that_is_used_twice_is_told_with_both_lines() {
    let found = ids(&["Twice", "Twice"]);
    let finding = only(&found, "CW0002");
    assert!(
        finding
            .message
            .contains("already a construct called `Twice`"),
        "{found}"
    );
    assert!(finding.message.contains("tests/hostile.rs:"), "{found}");
}

#[test]
fn an_output_twice_is_an_id_twice() {
    let found = findings(|stack| {
        stack.add("Inbox", queue());
        stack.output("Out", "a");
        stack.output("Out", "b");
    });
    only(&found, "CW0002");
}

#[test]
fn a_template_language_in_an_id_is_only_letters() {
    let template = template(|stack| drop(stack.add("${AWS::Region}", queue())));
    assert!(template["Resources"].get("AWSRegion").is_some());
}

#[test]
fn long_ids_are_shortened_with_a_hash_and_kept_apart() {
    let (one, other) = ("x".repeat(400), format!("{}y", "x".repeat(399)));
    let template = template(|stack| {
        stack.add(one, queue());
        stack.add(other, queue());
    });
    let ids: Vec<_> = template["Resources"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| id.len() == 248));
}

#[test]
fn stack_names_are_checked() {
    for name in ["", "1st", "under_score", "ü", "a b", &"x".repeat(129)] {
        let app = App::new();
        app.stack("S", home())
            .stack_name(name.to_owned())
            .add("Inbox", queue());
        assert_error(&findings_of(app), "CW0010", &["a stack name is a letter"]);
    }
    let app = App::new();
    app.stack("S", home())
        .stack_name("x".repeat(128))
        .add("Inbox", queue());
    assert_clean(&findings_of(app));
}

#[test]
fn environments_are_checked() {
    for (account, region, part) in [
        ("12345678901", "eu-central-1", "got \"12345678901\""),
        ("123456789012x", "eu-central-1", "twelve digits"),
        ("123456789012", "europe", "got \"europe\""),
        ("123456789012", "", "got \"\""),
        ("123456789012", "EU-CENTRAL-1", "looks like"),
    ] {
        let app = App::new();
        app.stack("S", Environment::new(account, region))
            .add("Inbox", queue());
        assert_error(&findings_of(app), "CW0004", &[part, "tests/hostile.rs:"]);
    }
    for region in [
        "us-gov-west-1",
        "ap-southeast-5",
        "us-iso-east-1",
        "cn-northwest-1",
    ] {
        let app = App::new();
        app.stack("S", Environment::new("123456789012", region))
            .add("Inbox", queue());
        assert_clean(&findings_of(app));
    }
}

#[test]
fn a_region_that_is_misspelt_or_too_new_is_a_warning() {
    for (region, help) in [
        ("eu-centra-1", "did you mean \"eu-central-1\"?"),
        ("moon-base-1", "if it is new, all is well"),
    ] {
        let app = App::new();
        app.stack("S", Environment::new("123456789012", region))
            .add("Inbox", queue());
        let assembly = app.synth().unwrap();
        let found: Vec<_> = assembly.warnings().iter().collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule.code, "CW0111");
        assert_eq!(found[0].help, help);
    }
}

#[test]
fn dollar_signs_and_braces_in_literals_stay() {
    let text = "${not} ${!escaped} $ { } ${ {{x}}";
    let template = template(|stack| {
        let inbox = stack.add("Inbox", queue().property("Plain", text));
        let arn: Value<String> = inbox.attribute("Arn");
        stack.add("Mixed", queue().property("Text", arn + text));
    });
    assert_eq!(template["Resources"]["Inbox"]["Properties"]["Plain"], text);
    let mixed = &template["Resources"]["Mixed"]["Properties"]["Text"]["Fn::Sub"];
    assert_eq!(mixed, "${Inbox.Arn}${!not} ${!!escaped} $ { } ${! {{x}}");
}

#[test]
fn a_sub_of_literals_gives_back_what_its_escapes_say() {
    let template = template(|stack| {
        let text = intrinsic::sub("a ${!b} ${C}", [("C", "${d}")]);
        stack.add("Inbox", queue().property("Text", text));
    });
    assert_eq!(
        template["Resources"]["Inbox"]["Properties"]["Text"],
        "a ${b} ${d}"
    );
}

#[test]
fn keys_are_written_once() {
    let found = findings(|stack| {
        let twice = Json::map([("A", json!(1)), ("A", json!(2))]);
        stack.add("Inbox", queue().property("Map", twice));
    });
    assert_error(&found, "CW0311", &["the key \"A\" twice"]);
}

#[test]
fn keys_hold_no_control_characters() {
    let found = findings(|stack| {
        stack.add(
            "Inbox",
            queue().property("Map", Json::map([("A\u{0}", json!(1))])),
        );
    });
    assert_error(&found, "CW0302", &["control character"]);
}

#[test]
fn what_is_said_about_a_stack_holds_no_control_characters() {
    let say: [fn(Stack) -> Stack; 5] = [
        |stack| stack.description("a\0b"),
        |stack| stack.transform("a\0b"),
        |stack| stack.stack_tag("a\0b", "c"),
        |stack| stack.stack_tag("a", "b\0c"),
        |stack| stack.template_metadata("a\0b", "c"),
    ];
    for say in say {
        let found = findings(|stack| {
            say(stack.clone()).add("Inbox", queue());
        });
        assert_error(&found, "CW0302", &["control character '\\0'", "S"]);
    }
}

#[test]
fn values_of_another_app_are_refused() {
    let other = App::new();
    let foreign = other.stack("S", home()).add("Inbox", queue());
    let found = findings(|stack| {
        let inbox = stack.add("Inbox", queue());
        inbox.depends_on(&foreign);
        stack.add("Reader", queue().property("V", foreign.logical_id()));
        stack.output("Name", Value::<String>::from_json(foreign.reference()));
    });
    assert_eq!(
        found
            .iter()
            .filter(|finding| finding.rule.code == "CW0101")
            .count(),
        3,
        "{found}"
    );
}

#[test]
fn a_resource_outside_of_a_stack_is_told() {
    let app = App::new();
    app.scope().add("Lost", queue());
    app.scope().add("Out", Output::new("x"));
    let inner = app.scope().nested_stack("Nested");
    inner.add("Inside", queue());
    app.stack("S", home()).add("Inbox", queue());
    let found = findings_of(app);
    assert_eq!(
        found
            .iter()
            .filter(|finding| finding.rule.code == "CW0003")
            .count(),
        3,
        "{found}"
    );
    assert!(
        found.iter().all(|finding| finding.rule.code == "CW0003"),
        "{found}"
    );
}

#[test]
fn a_reference_to_a_resource_outside_of_a_stack_is_told_once_more_at_most() {
    let app = App::new();
    let lost = app.scope().add("Lost", queue());
    app.stack("S", home())
        .add("Reader", queue().property("V", lost.reference()));
    let found = findings_of(app);
    assert!(found.has_errors());
    assert!(
        found.iter().any(|finding| finding.rule.code == "CW0003"),
        "{found}"
    );
}

#[test]
fn values_nested_too_deep_are_refused() {
    let deep = |levels: usize| {
        findings(|stack| {
            let value = (0..levels).fold(json!(1), |inner, _| Json::List(vec![inner]));
            stack.add("Inbox", queue().property("Deep", value));
        })
    };
    assert_clean(&deep(95));
    assert_error(&deep(1_000), "CW0312", &["nested at most"]);
}

#[test]
fn functions_written_out_as_objects_cost_no_more_than_their_size() {
    // Each level once was resolved twice: thirty levels would not end.
    let template = template(|stack| {
        let value = (0..30).fold(json!("x"), |inner, _| json!({ "Fn::Join": ["", [inner]] }));
        stack.add("Inbox", queue().property("Deep", value));
    });
    assert!(template.to_string().matches("Fn::Join").count() == 30);
}

#[test]
fn numbers_keep_every_digit() {
    let document: serde_json::Value =
        serde_json::from_str("[9223372036854775807, -9223372036854775808, 0.1, 1e300]").unwrap();
    let template = template(|stack| {
        stack.add(
            "Inbox",
            queue().property("Numbers", Json::from(document.clone())),
        );
        let huge = serde_json::json!(u64::MAX);
        stack.add("Huge", queue().property("Number", Json::from(huge)));
    });
    assert_eq!(
        template["Resources"]["Inbox"]["Properties"]["Numbers"],
        document
    );
    assert_eq!(
        template["Resources"]["Huge"]["Properties"]["Number"],
        "18446744073709551615"
    );
}

#[test]
fn a_condition_of_another_stack_cannot_be_used() {
    let app = App::new();
    let (here, there) = (app.stack("Here", home()), app.stack("There", home()));
    there.add("Inbox", queue());
    let condition = there.add(
        "IsProd",
        cloudwright_synth::Condition::new(Test::equals("a", "b")),
    );
    here.add("Inbox", queue()).condition(&condition);
    assert_error(
        &findings_of(app),
        "CW0105",
        &["`There/IsProd` is in another stack", "Here/Inbox"],
    );
}

/// A construct whose children have the ids that the CDK hides.
struct Hidden;

impl Construct for Hidden {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        scope.add("Default", queue());
        scope.add("Resource", queue());
    }
}

#[test]
fn hidden_ids_stay_unique() {
    let template = template(|stack| {
        stack.add("A", Hidden);
        stack.add("B", Hidden);
    });
    let written: Vec<_> = template["Resources"].as_object().unwrap().keys().collect();
    assert_eq!(written, ["A", "ACCC8ACD5", "B", "B08E7C7AF"]);
    assert_error(&ids(&["Default"]), "CW0008", &["1 to 255", "\"\""]);
}

#[test]
fn parameters_and_resources_share_their_ids() {
    let found = findings(|stack| {
        stack.add("a-b", queue());
        let _: Value<String> = stack.add("ab", Parameter::string());
    });
    only(&found, "CW0007");
}

#[test]
fn text_of_every_script_arrives_unchanged() {
    let text = "naïve café 漢字 🦀 \u{200d} \" \\ / \t \n";
    let template = template(|stack| {
        stack.add(
            "Inbox",
            RawResource::new("AWS::SQS::Queue").property("Text", text),
        );
        stack.add("Out", Output::new(text).description(text));
    });
    assert_eq!(template["Resources"]["Inbox"]["Properties"]["Text"], text);
    assert_eq!(template["Outputs"]["Out"]["Description"], text);
}
