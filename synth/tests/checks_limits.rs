//! Limits, each at one below, at, and one above.

mod support;

use cloudwright_synth::{
    App, Condition, Environment, Mapping, Output, Parameter, RawResource, Severity, Test, Value,
    json,
};
use support::{assert_clean, assert_error, findings, findings_of, home, only, queue};

/// How a count that has a limit is judged: nothing, a warning or an error.
#[track_caller]
fn judge(found: &cloudwright_synth::Diagnostics) -> Option<Severity> {
    let mut about = found
        .iter()
        .filter(|finding| finding.rule.code.starts_with("CW02"));
    let severity = about.next().map(|finding| finding.severity);
    assert!(about.next().is_none(), "{found}");
    severity
}

#[test]
fn five_hundred_resources_fit() {
    let of = |count: usize| {
        judge(&findings(|stack| {
            for i in 0..count {
                stack.add(format!("Q{i}"), queue());
            }
        }))
    };
    assert_eq!(of(399), None);
    assert_eq!(of(400), Some(Severity::Warning));
    assert_eq!(of(500), Some(Severity::Warning));
    assert_eq!(of(501), Some(Severity::Error));
}

#[test]
fn too_many_resources_are_told_by_type_and_construct() {
    struct Many(usize);
    impl cloudwright_synth::Construct for Many {
        type Handle = ();
        fn construct(self, scope: &cloudwright_synth::Scope) {
            for i in 0..self.0 {
                scope.add(format!("T{i}"), RawResource::new("AWS::SNS::Topic"));
            }
        }
    }
    let found = findings(|stack| {
        stack.add("Crowd", Many(450));
        for i in 0..60 {
            stack.add(format!("Q{i}"), queue());
        }
    });
    let parts = [
        "at most 500 resources, got 510",
        "450 AWS::SNS::Topic, 60 AWS::SQS::Queue",
        "450 `S/Crowd`",
    ];
    assert_error(&found, "CW0201", &parts);
}

#[test]
fn two_hundred_parameters_outputs_and_mappings_fit() {
    type Add = fn(&cloudwright_synth::Stack, String);
    let parameter: Add = |stack, id| drop::<Value<String>>(stack.add(id, Parameter::string()));
    let output: Add = |stack, id| stack.output(id, "x");
    let mapping: Add = |stack, id| {
        let _ = stack.add(id, Mapping::new().row("a", [("b", "c")]));
    };
    for add in [parameter, output, mapping] {
        let of = |count: usize| {
            judge(&findings(|stack| {
                stack.add("Inbox", queue());
                (0..count).for_each(|i| add(stack, format!("E{i}")));
            }))
        };
        assert_eq!(of(159), None);
        assert_eq!(of(160), Some(Severity::Warning));
        assert_eq!(of(200), Some(Severity::Warning));
        assert_eq!(of(201), Some(Severity::Error));
    }
}

#[test]
fn a_template_has_a_million_bytes_at_most() {
    let padded = |padding: usize| {
        let app = App::new();
        let stack = app.stack("S", home());
        stack.add("Inbox", queue().property("Text", "x".repeat(padding)));
        app.synth()
    };
    let base = padded(0).unwrap().stacks()[0].template().to_json().len();
    let of = |bytes: usize| match padded(bytes - base) {
        Ok(assembly) => {
            assert_eq!(assembly.stacks()[0].template().to_json().len(), bytes);
            judge(assembly.warnings())
        }
        Err(found) => judge(&found),
    };
    assert_eq!(of(51_199), None);
    assert_eq!(of(51_200), None);
    assert_eq!(of(51_201), Some(Severity::Warning));
    assert_eq!(of(1_000_000), Some(Severity::Warning));
    assert_eq!(of(1_000_001), Some(Severity::Error));
}

#[test]
fn descriptions_are_counted_in_bytes() {
    let stack_with = |text: String| {
        let app = App::new();
        app.stack("S", home())
            .description(text)
            .add("Inbox", queue());
        judge(&findings_of(app))
    };
    assert_eq!(stack_with("x".repeat(1_023)), None);
    assert_eq!(stack_with("x".repeat(1_024)), None);
    assert_eq!(stack_with("x".repeat(1_025)), Some(Severity::Error));
    assert_eq!(stack_with("ä".repeat(512)), None);
    assert_eq!(stack_with("ä".repeat(513)), Some(Severity::Error));
    let output_with = |length: usize| {
        judge(&findings(|stack| {
            stack.add("Inbox", queue());
            stack.add("Out", Output::new("x").description("x".repeat(length)));
        }))
    };
    assert_eq!(output_with(1_024), None);
    assert_eq!(output_with(1_025), Some(Severity::Error));
}

#[test]
fn a_parameter_value_has_4096_bytes_at_most() {
    let of = |length: usize| {
        judge(&findings(|stack| {
            stack.add("Inbox", queue());
            let _: Value<String> = stack.add("P", Parameter::string().default("x".repeat(length)));
        }))
    };
    assert_eq!(
        (of(4_095), of(4_096), of(4_097)),
        (None, None, Some(Severity::Error))
    );
}

#[test]
fn ids_have_255_characters_at_most() {
    let of = |length: usize| {
        findings(|stack| {
            let handle = stack.add("Inbox", queue());
            cloudwright_synth::ResourceRef::override_logical_id(&handle, "x".repeat(length));
        })
    };
    assert_clean(&of(254));
    assert_clean(&of(255));
    assert_error(&of(256), "CW0008", &["1 to 255"]);
    let long = findings(|stack| {
        stack.add("y".repeat(256), queue());
    });
    assert_clean(&long);
}

#[test]
fn names_of_exports_are_unique_in_an_environment() {
    let exporting = |there: Environment| {
        let app = App::new();
        for (id, environment) in [("A", home()), ("B", there)] {
            let stack = app.stack(id, environment);
            stack.add("Inbox", queue());
            stack.add("Out", Output::new("x").export("Shared"));
        }
        findings_of(app)
    };
    assert_clean(&exporting(Environment::new(support::ACCOUNT, "us-east-1")));
    let parts = ["`A` exports \"Shared\" already, as output Out", "B/Out"];
    assert_error(&exporting(home()), "CW0110", &parts);
    let of = |length: usize| {
        findings(|stack| {
            stack.add("Inbox", queue());
            stack.add("Out", Output::new("x").export("x".repeat(length)));
        })
    };
    assert_clean(&of(255));
    assert_error(&of(256), "CW0203", &["255"]);
    assert_error(&of(0), "CW0110", &["empty"]);
}

#[test]
fn a_stack_holds_something() {
    let found = findings(|stack| {
        stack.output("Out", "x");
    });
    assert_error(&found, "CW0204", &["at least one resource"]);
}

#[test]
fn stack_tags_have_limits() {
    let tagged = |tags: Vec<(String, String)>| {
        let app = App::new();
        let mut stack = app.stack("S", home());
        for (key, value) in tags {
            stack = stack.stack_tag(key, value);
        }
        stack.add("Inbox", queue());
        findings_of(app)
    };
    let many = |count: usize| {
        (0..count)
            .map(|i| (format!("k{i}"), String::new()))
            .collect()
    };
    assert_clean(&tagged(many(50)));
    assert_error(&tagged(many(51)), "CW0206", &["at most 50 tags, got 51"]);
    assert_clean(&tagged(vec![("k".repeat(128), "v".repeat(256))]));
    assert_error(
        &tagged(vec![("k".repeat(129), String::new())]),
        "CW0206",
        &["129"],
    );
    assert_error(
        &tagged(vec![(String::new(), String::new())]),
        "CW0206",
        &["got 0"],
    );
    assert_error(
        &tagged(vec![("k".into(), "v".repeat(257))]),
        "CW0206",
        &["257"],
    );
    assert_error(
        &tagged(vec![("Aws:x".into(), String::new())]),
        "CW0206",
        &["Aws:x"],
    );
}

#[test]
fn and_takes_two_to_ten_tests() {
    let of = |count: usize| {
        findings(|stack| {
            stack.add("Inbox", queue());
            stack.add(
                "C",
                Condition::new(Test::all((0..count).map(|_| Test::equals("a", "a")))),
            );
        })
    };
    assert_error(
        &of(1),
        "CW0308",
        &["Fn::And takes a list of 2 to 10, got a list of 1"],
    );
    assert_clean(&of(2));
    assert_clean(&of(10));
    assert_error(&of(11), "CW0308", &["got a list of 11"]);
    let found = findings(|stack| {
        stack.add("Inbox", queue());
        stack.add("C", Condition::new(Test::any([])));
    });
    assert_error(&found, "CW0308", &["Fn::Or", "got a list of 0"]);
}

#[test]
fn one_warning_names_the_stack_and_its_line() {
    let found = findings(|stack| {
        stack.add("Inbox", queue().property("Text", json!("x".repeat(60_000))));
    });
    let finding = only(&found, "CW0205");
    assert_eq!(finding.path, "S");
    assert!(finding.location.is_some());
}
