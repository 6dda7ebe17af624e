//! Values that no template can hold: nulls, secrets, impossible parameters, misused functions.

mod support;

use cloudwright_synth::{
    App, Json, Mapping, Output, Parameter, RawResource, ResourceRef, Severity, TagRule, Value,
    intrinsic, json,
};
use support::{assert_clean, assert_error, findings, findings_of, home, only, queue};

fn with(value: Json) -> cloudwright_synth::Diagnostics {
    findings(|stack| {
        stack.add("Inbox", queue().property("Text", value));
    })
}

#[test]
fn null_is_refused_with_its_place() {
    let found = with(json!({ "a": [1, null], "b": null }));
    assert_error(
        &found,
        "CW0307",
        &["`Properties.Text.a[1]`, `Properties.Text.b`", "S/Inbox"],
    );
}

#[test]
fn a_null_that_stands_for_another_mistake_is_told_once() {
    let other = App::new();
    let foreign = other.stack("S", home()).add("Inbox", queue());
    let found = with(foreign.reference());
    assert_eq!(found.len(), 1, "{found}");
    assert_error(&found, "CW0101", &["another app"]);
}

#[test]
fn nan_and_infinity_are_refused() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_error(&with(json!(number)), "CW0301", &["a number is wanted"]);
    }
    assert_clean(&with(json!(-0.0)));
}

#[test]
fn control_characters_are_refused() {
    for text in [
        "nul \u{0}",
        "escape \u{1b}",
        "delete \u{7f}",
        "next line \u{85}",
    ] {
        assert_error(&with(json!(text)), "CW0302", &["control character"]);
    }
    assert_clean(&with(json!("tab \t, line feed \n, return \r, 漢字 🦀")));
}

#[test]
fn secrets_stay_out_of_outputs() {
    let secret = || {
        intrinsic::SecretReference::new("db")
            .key("password")
            .value()
    };
    let secure = || intrinsic::ssm_secure_parameter("db", 1);
    for value in [
        secret(),
        secure(),
        intrinsic::join("", [secret(), literal("x")]),
    ] {
        let found = findings(|stack| {
            stack.add("Inbox", queue());
            stack.output("Password", value);
        });
        assert_error(&found, "CW0106", &["output Password", "S/Password"]);
    }
    assert_clean(&findings(|stack| {
        stack.add("Inbox", queue().property("Password", secret()));
        stack.output("Plain", intrinsic::ssm_parameter("db"));
    }));
}

fn literal(text: &'static str) -> Value<String> {
    Value::from_json(json!(text))
}

#[test]
fn the_value_of_a_hidden_parameter_is_not_shown() {
    let found = findings(|stack| {
        let password: Value<String> = stack.add("Password", Parameter::string().no_echo());
        let inbox = stack.add("Inbox", queue().property("Password", password.clone()));
        inbox.metadata("note", json!(password.clone()));
        stack.add("Out", Output::new(literal("pw=") + password));
    });
    let texts: Vec<_> = found
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "the metadata of Inbox shows the value of Password, a NoEcho parameter",
            "output Out shows the value of Password, a NoEcho parameter"
        ]
    );
}

#[test]
fn keys_in_a_template_are_warned_of() {
    let id = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let found = with(json!({ "Env": [id] }));
    let finding = only(&found, "CW0108");
    assert_eq!(finding.severity, Severity::Warning);
    assert!(
        finding.message.contains("`Properties.Text.Env[0]`"),
        "{found}"
    );
    let found = findings(|stack| {
        stack.add("Inbox", queue());
        let _: Value<String> = stack.add("P", Parameter::string().no_echo().default("hunter2"));
    });
    assert!(
        only(&found, "CW0108")
            .message
            .contains("its default is in the template")
    );
}

#[test]
fn defaults_keep_the_constraints_of_their_parameter() {
    let of = |parameter: Parameter<String>| {
        findings(|stack| {
            stack.add("Inbox", queue());
            let _: Value<String> = stack.add("P", parameter);
        })
    };
    let bad: [(Parameter<String>, &str); 7] = [
        (
            Parameter::string().allowed(["a", "b"]).default("c"),
            "one of a, b, got \"c\"",
        ),
        (
            Parameter::string().length(2, 3).default("abcd"),
            "2 to 3 characters, got 4",
        ),
        (
            Parameter::string().length(3, 2),
            "MinLength 3 is greater than MaxLength 2",
        ),
        (
            Parameter::string().pattern("[a-z]+").default("A"),
            "has to match [a-z]+, got \"A\"",
        ),
        (
            Parameter::string().allowed(Vec::<&str>::new()),
            "AllowedValues allows nothing",
        ),
        (
            Parameter::aws("AWS::EC2::Vpc::Id"),
            "did you mean \"AWS::EC2::VPC::Id\"",
        ),
        (
            Parameter::string().default(cloudwright_synth::Pseudo::Region.value()),
            "a literal without functions",
        ),
    ];
    for (parameter, part) in bad {
        let found = of(parameter);
        let text = found.to_string();
        assert!(
            text.contains("error[CW0309]") && text.contains(part),
            "{part}: {text}"
        );
    }
    let good = [
        Parameter::string().allowed(["a", "b"]).default("b"),
        Parameter::string().length(2, 3).default("äöü"),
        Parameter::string().pattern("(a|b)+").default("c"),
        Parameter::aws("List<AWS::EC2::VPC::Id>"),
        Parameter::aws("AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>"),
        Parameter::ssm().length(1, 2).default("/a/long/name"),
    ];
    for parameter in good {
        assert_clean(&of(parameter));
    }
}

#[test]
fn the_items_of_a_list_are_among_those_that_are_allowed() {
    let of = |default: [&'static str; 2]| {
        findings(|stack| {
            stack.add("Inbox", queue());
            let list = Parameter::list().allowed(["a", "b"]).default(default);
            let _: Value<Vec<String>> = stack.add("P", list);
        })
    };
    assert_clean(&of(["b", "a"]));
    assert_error(&of(["a", "c"]), "CW0309", &["one of a, b, got \"c\""]);
}

#[test]
fn mappings_have_rows_columns_and_plain_cells() {
    let of = |row: &'static str, column: &'static str, cell: Json| {
        findings(|stack| {
            stack.add("Inbox", queue());
            stack.add("M", Mapping::new().row(row, [(column, cell)]));
        })
    };
    assert_clean(&of("eu-central-1", "Size", json!([1, "b", true])));
    assert_clean(&of("v1.2", "Size", json!(2.5)));
    for (found, part) in [
        (
            of("a b", "C", json!(1)),
            "the key of a row has letters, digits, `.` and `-`, got \"a b\"",
        ),
        (of("", "C", json!(1)), "got \"\""),
        (
            of("a", "c.d", json!(1)),
            "the key of a column has letters and digits, got \"c.d\"",
        ),
        (
            of("a", "C", json!({ "D": 1 })),
            "column \"C\" holds an object",
        ),
        (of("a", "C", json!([[1]])), "column \"C\" holds an object"),
    ] {
        assert_error(&found, "CW0314", &["mapping M", part]);
    }
    for (mapping, part) in [
        (Mapping::new(), "it has no rows"),
        (
            Mapping::new().row("a", [] as [(&str, &str); 0]),
            "row \"a\" has no columns",
        ),
    ] {
        let found = findings(|stack| {
            stack.add("Inbox", queue());
            stack.add("M", mapping);
        });
        assert_error(&found, "CW0314", &["mapping M", part]);
    }
}

#[test]
fn numbers_keep_their_range() {
    let of = |default: i64| {
        findings(|stack| {
            stack.add("Inbox", queue());
            let _: Value<i64> = stack.add("P", Parameter::number().range(1, 10).default(default));
        })
    };
    assert_clean(&of(1));
    assert_clean(&of(10));
    assert_error(&of(0), "CW0309", &["from 1 to 10, got 0"]);
    assert_error(&of(11), "CW0309", &["got 11"]);
}

#[test]
fn functions_are_known_and_get_what_they_take() {
    for (value, part) in [
        (json!({ "Fn::Jion": ["", []] }), "did you mean \"Fn::Join\""),
        (
            json!({ "Fn::Join": ["", ["a"], "b"] }),
            "Fn::Join takes a list of 2, got a list of 3",
        ),
        (json!({ "Fn::If": "x" }), "Fn::If takes a list of 3"),
        (json!({ "Ref": ["x"] }), "Ref takes one text"),
        (
            json!({ "Fn::Equals": ["a", "b"] }),
            "for conditions and rules only",
        ),
        (
            json!({ "Fn::RefAll": "AWS::EC2::VPC::Id" }),
            "for rules only",
        ),
    ] {
        assert_error(&with(value), "CW0308", &[part]);
    }
}

#[test]
fn resource_types_have_three_words() {
    let found = findings(|stack| {
        stack.add("Inbox", RawResource::new("sqs.Queue"));
    });
    assert_error(&found, "CW0310", &["got \"sqs.Queue\""]);
}

#[test]
fn tag_rules_keep_the_limits_of_tags() {
    let app = App::new();
    let stack = app.stack("S", home());
    stack.add("Inbox", queue());
    stack.tag_where(TagRule::new("aws:mine", "x"));
    assert_error(&findings_of(app), "CW0206", &["aws:mine"]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let found = findings(|stack| {
        stack.add("A", queue().property("X", f64::NAN));
        stack.add("B", queue().property("X", json!({ "Ref": "Nothing" })));
        stack.add("C", queue().property("X", json!(null)));
        stack.add("D", RawResource::new("?"));
        stack.output("E", intrinsic::SecretReference::new("s").value());
    });
    let codes: Vec<_> = found.iter().map(|finding| finding.rule.code).collect();
    assert_eq!(
        codes,
        ["CW0301", "CW0102", "CW0307", "CW0310", "CW0106"],
        "{found}"
    );
}
